"""No result of a day, nor of any later day, can be seen in the rows of that day."""

from __future__ import annotations

import functools
from datetime import date, timedelta

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from nba_assets.days import DayRange
from nba_assets.tables.raw import BOX_COUNTS
from nba_assets_tests.factories import compute_chain, rows, transformed_tables
from nba_assets_tests.transforms.league import LAST_DAY, OPENING_NIGHT, league

RESULTS = ("player_game_summary", "team_offense_game_summary", "team_defense_game_summary", "prediction_accuracy")
"""Their rows of a day are what happened on it."""
PREGAME = tuple(name for name in transformed_tables() if name not in RESULTS)
DAYS = (OPENING_NIGHT, OPENING_NIGHT + timedelta(days=9), LAST_DAY)
Frames = dict[str, pd.DataFrame]


def frames() -> Frames:
    return {name: data.to_pandas(date_as_object=True) for name, data in league().items()}


def tables(given: Frames) -> dict[str, pa.Table]:
    made = {}
    for name, frame in given.items():
        target = rows(name).schema
        made[name] = pa.Table.from_pandas(frame[target.names], schema=target, preserve_index=False)
    return made


@functools.cache
def truth(day: date) -> Frames:
    return compute_chain(league(), DayRange(day, day))


def with_garbage_from(day: date) -> Frames:
    """Results of the day replaced by nonsense (who appeared stays), and nothing at all after it."""
    rng = np.random.default_rng(3)
    given = {name: frame[frame.game_date <= day].copy() for name, frame in frames().items()}
    box, shots, games = given["player_boxscores"], given["shots"], given["games"]
    of_day = box.game_date == day
    for column in (*(c.name for c in BOX_COUNTS), "minutes"):
        box.loc[of_day, column] = rng.integers(40, 90, int(of_day.sum()))
    of_day = shots.game_date == day
    shots.loc[of_day, "is_made"] = rng.random(int(of_day.sum())) < 0.5
    shots.loc[of_day, "is_three"] = rng.random(int(of_day.sum())) < 0.5
    shots.loc[of_day, "shot_distance_feet"] = rng.integers(0, 90, int(of_day.sum()))
    of_day = games.game_date == day
    games.loc[of_day, "home_points"] = rng.integers(0, 50, int(of_day.sum()))
    games.loc[of_day, "away_points"] = rng.integers(50, 99, int(of_day.sum()))
    return given


def before_tipoff_of(day: date) -> Frames:
    """What there is on the morning of the day: its games are scheduled, nobody has played."""
    given = {name: frame[frame.game_date <= day].copy() for name, frame in frames().items()}
    for name in ("player_boxscores", "shots", "active_players"):
        given[name] = given[name][given[name].game_date < day]
    games = given["games"]
    of_day = (games.game_date == day) & (games.status == "final")
    games.loc[of_day, "status"] = "scheduled"
    games.loc[of_day, ["home_points", "away_points"]] = None
    return given


@pytest.mark.parametrize("day", DAYS, ids=str)
def test_garbage_results_from_the_day_on_change_no_row_of_the_day(day):
    garbage = compute_chain(tables(with_garbage_from(day)), DayRange(day, day))
    with pytest.raises(AssertionError):  # the garbage did arrive
        pd.testing.assert_frame_equal(truth(day)["player_game_summary"], garbage["player_game_summary"])
    for name in PREGAME:
        assert len(truth(day)[name]) > 0 or day < LAST_DAY
        pd.testing.assert_frame_equal(truth(day)[name], garbage[name], obj=f"{name} on {day}")


@pytest.mark.parametrize("day", [OPENING_NIGHT, LAST_DAY], ids=str)
def test_projected_rows_are_the_same_before_the_games_as_after_them(day):
    before, after = compute_chain(tables(before_tipoff_of(day)), DayRange(day, day)), truth(day)
    context = after["upcoming_player_game_context"]
    projected = set(context.player_id[context.roster_source == "projected"])
    expected = before["upcoming_player_game_context"]
    assert set(expected.roster_source) == {"projected"}
    assert set(expected.player_id) == projected
    for name in PREGAME:
        made, known = before[name], after[name]
        if "player_id" in known and name not in ("player_shot_zone_analysis", "upcoming_roster"):
            known = known[known.player_id.isin(projected)].reset_index(drop=True)
        if "information_set" in known:
            known = known[known.information_set == "pregame"].reset_index(drop=True)
        for column in {"has_appeared", "is_active"} & {*known}:
            assert made[column].isna().all()
            made, known = made.drop(columns=column), known.drop(columns=column)
        pd.testing.assert_frame_equal(made, known, obj=f"{name} on {day}")


def test_who_else_appears_changes_rows_of_the_lineup_only():
    given, context = frames(), truth(LAST_DAY)["upcoming_player_game_context"]
    absent = context[(context.roster_source == "projected") & context.is_active].iloc[0]
    for name in ("player_boxscores", "active_players"):
        of_name = given[name]
        given[name] = of_name[(of_name.game_date != LAST_DAY) | (of_name.player_id != absent.player_id)]
    made, known = compute_chain(tables(given), DayRange(LAST_DAY, LAST_DAY)), truth(LAST_DAY)
    for name in ("upcoming_roster", "player_lineup_context"):
        before, after = (
            frame[frame.information_set == "pregame"].reset_index(drop=True) if "information_set" in frame else frame
            for frame in (known[name], made[name])
        )
        before, after = (
            frame.drop(columns=["has_appeared", "is_active"], errors="ignore") for frame in (before, after)
        )
        pd.testing.assert_frame_equal(before, after, obj=name)
    before, after = (
        frame["player_lineup_context"].query("information_set == 'lineup'").set_index("player_id").teammates_minutes
        for frame in (known, made)
    )
    of_team = context[(context.team_id == absent.team_id) & context.player_id.isin(after.index)].player_id
    others = after.index.difference(of_team)
    assert absent.player_id not in after.index
    assert (after[of_team] < before[of_team]).all()
    pd.testing.assert_series_equal(after[others], before[others])
