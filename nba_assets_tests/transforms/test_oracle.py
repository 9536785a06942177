"""The rolling tables against the oracle, on the small league and on a sample of the real archive."""

from __future__ import annotations

import functools
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from nba_assets.days import DayRange, season_year_of
from nba_assets.sources.archive import ArchiveSource
from nba_assets.tables import TABLES
from nba_assets.teams import TEAMS
from nba_assets_tests.factories import compute_chain, rows
from nba_assets_tests.transforms.league import LAST_DAY, OPENING_NIGHT, TRADE_DAY, league
from nba_assets_tests.transforms.oracle import Oracle

ROLLING = (
    "player_game_summary",
    "team_offense_game_summary",
    "team_defense_game_summary",
    "upcoming_player_game_context",
    "upcoming_team_game_context",
    "team_defense_zone_analysis",
    "player_shot_zone_analysis",
    "player_daily_cache",
)
Made = tuple[Oracle, dict[str, pd.DataFrame]]


@functools.cache
def _of_league() -> Made:
    days = DayRange(OPENING_NIGHT, LAST_DAY)
    return Oracle(league()), compute_chain(league(), days, ROLLING)


ARCHIVE_DAYS = (date(2021, 10, 19), date(2021, 10, 21), date(2021, 11, 3), date(2022, 1, 7))


@functools.cache
def _of_archive(folder: Path, day: date) -> Made:
    source, history = ArchiveSource(folder), DayRange(date(2020, 12, 22), day)
    raw = {}
    for name in ("games", "player_boxscores", "shots", "injuries", "game_lines", "active_players"):
        columns = TABLES[name].column_names
        raw[name] = source.fetch(name, history).select(columns).cast(rows(name).schema)
    raw["player_props"] = rows("player_props")
    injuries = raw["injuries"].to_pandas().dropna(subset="player_id").drop_duplicates(["game_date", "player_id"])
    raw["injuries"] = rows("injuries", injuries.to_dict("records"))
    return Oracle(raw), compute_chain(raw, DayRange(day, day), ROLLING)


def assert_same(found: pd.Series, expected: dict[str, Any], where: object) -> None:
    """Every expected column, NULL for None, numbers to nine digits."""
    for name, value in expected.items():
        if value is None:
            assert pd.isna(found[name]), f"{where}: {name} is {found[name]}, expected NULL"
        elif isinstance(value, float):
            assert found[name] == pytest.approx(value, rel=1e-9, abs=1e-9), f"{where}: {name}"
        else:
            assert found[name] == value, f"{where}: {name} is {found[name]}, expected {value}"


def check_players(made: Made, sample: int | None = None) -> int:
    """Load and form of the players (all, or a seeded sample); returns how many were compared."""
    oracle, tables = made
    context, cache = tables["upcoming_player_game_context"], tables["player_daily_cache"]
    assert len(context) == len(cache) > 0
    positions = context.index if sample is None else context.sample(sample, random_state=7).index
    for n in positions:
        day, player, team, season = (context.iloc[n][c] for c in ("game_date", "player_id", "team_id", "season_year"))
        assert_same(context.iloc[n], oracle.player_load(player, day, season), (player, day))
        assert_same(cache.iloc[n], oracle.player_form(player, team, day, season), (player, day))
    return len(positions)


def check_rosters(made: Made) -> None:
    """Who is projected, how many are out and what they leave, for every team that plays."""
    oracle, tables = made
    context = tables["upcoming_player_game_context"]
    for (day, team), players in context.groupby(["game_date", "team_id"]):
        expected, out, share = oracle.projected(team, day, players.season_year.iloc[0])
        appeared = {p: g["team_id"] for p, games in oracle.by_player.items() for g in games if g["game_date"] == day}
        expected = {p for p in expected if appeared.get(p, team) == team}
        assert set(players.player_id[players.roster_source == "projected"]) == expected, (day, team)
        team_appeared = {p for p, t in appeared.items() if t == team}
        hindsight = team_appeared - expected
        assert set(players.player_id[players.is_active.fillna(False)]) == team_appeared, (day, team)
        assert players.is_active.notna().all() == bool(team_appeared), (day, team)
        assert set(players.player_id[players.roster_source == "active_list"]) == hindsight, (day, team)
        for _, row in players.iterrows():
            assert_same(row, {"teammates_out": len(out), "missing_usage_share": share}, (day, team))


def check_teams(made: Made) -> None:
    """Rest, form and streaks of every team that plays; the defence of all thirty teams."""
    oracle, tables = made
    context = tables["upcoming_team_game_context"]
    assert len(context) > 0
    for _, row in context.iterrows():
        assert_same(row, oracle.team_context(row.team_id, row.game_date, row.season_year), (row.team_id, row.game_date))
        opponent = oracle.team_context(row.opponent_team_id, row.game_date, row.season_year)
        assert_same(row, {"opponent_rest_days": opponent["rest_days"]}, (row.team_id, row.game_date))
    for day, found in tables["team_defense_zone_analysis"].groupby("game_date"):
        expected = oracle.team_defense([t.team_id for t in TEAMS], day, season_year_of(day))
        assert set(found.team_id) == set(expected)
        for _, row in found.iterrows():
            assert_same(row, expected[row.team_id], (row.team_id, day))


def check_shot_zones(made: Made, days: list[date]) -> None:
    """Every player with ten games, and nobody else."""
    oracle, tables = made
    found = tables["player_shot_zone_analysis"]
    for day in days:
        expected = {p: oracle.shot_zones(p, day, season_year_of(day)) for p in list(oracle.by_player)}
        expected = {p: row for p, row in expected.items() if row is not None}
        of_day = found[found.game_date == day].set_index("player_id")
        assert set(of_day.index) == set(expected), day
        for player, row in expected.items():
            assert_same(of_day.loc[player], row, (player, day))


def test_players_of_the_league_agree_with_the_oracle():
    assert check_players(_of_league()) > 500


def test_rosters_of_the_league_agree_with_the_oracle():
    check_rosters(_of_league())


def test_teams_of_the_league_agree_with_the_oracle():
    check_teams(_of_league())


def test_shot_zones_of_the_league_agree_with_the_oracle():
    days = sorted(set(_of_league()[1]["player_shot_zone_analysis"].game_date))
    assert len(days) > 5
    check_shot_zones(_of_league(), days)


def test_the_league_holds_the_cases_that_it_is_there_for():
    _, tables = _of_league()
    context = tables["upcoming_player_game_context"]
    assert set(context.roster_source) == {"projected", "active_list"}
    assert set(context.context_source) == {"current_season", "previous_season", "none"}
    assert context.is_back_to_back.any()
    assert (context.teammates_out > 0).any()
    assert not tables["player_game_summary"].has_shot_zones.all()
    assert (tables["team_offense_game_summary"].overtime_periods > 0).any()
    assert set(tables["player_daily_cache"].quality_tier) == {"high", "medium", "low", "previous_season", "no_history"}


def test_a_range_of_days_equals_the_union_of_its_days():
    _, at_once = _of_league()
    days = [TRADE_DAY, LAST_DAY - timedelta(days=2)]
    for day in days:
        alone = compute_chain(league(), DayRange(day, day), ROLLING)
        for name, frame in alone.items():
            same = at_once[name][at_once[name].game_date == day].reset_index(drop=True)
            pd.testing.assert_frame_equal(frame, same, obj=f"{name} on {day}")


@pytest.mark.archive
@pytest.mark.parametrize("day", ARCHIVE_DAYS, ids=str)
def test_real_days_agree_with_the_oracle(archive_folder, day):
    made = _of_archive(archive_folder, day)
    check_players(made, sample=20)
    check_rosters(made)
    check_teams(made)
    check_shot_zones(made, [day])


@pytest.mark.archive
def test_a_known_day_has_the_known_number_of_rows(archive_folder):
    _, tables = _of_archive(archive_folder, date(2022, 1, 7))
    assert len(tables["player_game_summary"]) == 213
    assert len(tables["player_shot_zone_analysis"]) == 426  # players with ten or more earlier games that season
    assert len(tables["team_defense_zone_analysis"]) == 30
