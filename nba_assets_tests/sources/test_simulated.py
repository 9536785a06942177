"""The simulated league: what every row promises, and that the levels are those of a real season."""

from __future__ import annotations

from datetime import date, timedelta

import duckdb
import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from nba_assets.days import DayRange
from nba_assets.sources.protocol import SourceError, player_lookup
from nba_assets.sources.simulated import SimulatedSource
from nba_assets.tables.raw import BOX_COUNTS, RAW_TABLES
from nba_assets.tables.record import Table

SEASON = DayRange(date(2021, 10, 1), date(2022, 9, 30))
NEXT_SEASON = DayRange(date(2022, 10, 1), date(2023, 9, 30))
TODAY = date(2022, 1, 4)
TABLE_NAMES = [record.name for record in RAW_TABLES]
ARROW_TYPES = {
    "int64": pa.int64(),
    "float64": pa.float64(),
    "string": pa.string(),
    "boolean": pa.bool_(),
    "date": pa.date32(),
    "timestamp": pa.timestamp("us"),
}


@pytest.fixture(scope="module")
def source() -> SimulatedSource:
    return SimulatedSource()


@pytest.fixture(scope="module")
def rows(source: SimulatedSource) -> dict[str, pa.Table]:
    return {name: source.fetch(name, SEASON) for name in TABLE_NAMES}


@pytest.fixture(scope="module")
def frames(rows: dict[str, pa.Table]) -> dict[str, pd.DataFrame]:
    return {name: table.to_pandas() for name, table in rows.items()}


@pytest.fixture(scope="module")
def rows_midway() -> dict[str, pa.Table]:
    source = SimulatedSource(today=TODAY)
    return {name: source.fetch(name, SEASON) for name in TABLE_NAMES}


@pytest.fixture(scope="module")
def frames_midway(rows_midway: dict[str, pa.Table]) -> dict[str, pd.DataFrame]:
    return {name: table.to_pandas() for name, table in rows_midway.items()}


def team_days(games: pd.DataFrame) -> pd.DataFrame:
    """One row per team and game, with the days since opening night."""
    sides = [
        games[["game_id", "game_date", f"{side}_team_id"]].set_axis(["game_id", "date", "team"], axis=1)
        for side in ("home", "away")
    ]
    both = pd.concat(sides)
    return both.assign(day=(pd.to_datetime(both["date"]) - pd.Timestamp(games["game_date"].min())).dt.days)


# Shape and contract


@pytest.mark.parametrize("record", RAW_TABLES, ids=TABLE_NAMES)
def test_columns_are_those_of_the_record(rows: dict[str, pa.Table], record: Table):
    assert rows[record.name].schema == pa.schema([(c.name, ARROW_TYPES[c.type]) for c in record.columns])


@pytest.mark.parametrize("record", RAW_TABLES, ids=TABLE_NAMES)
@pytest.mark.parametrize("season", ["rows", "rows_midway"])
def test_every_row_meets_the_contract(season: str, record: Table, request: pytest.FixtureRequest):
    fetched = request.getfixturevalue(season)[record.name]
    with duckdb.connect() as connection:
        connection.register("fetched", fetched)
        broken = []
        for rule in record.rules:
            ((count,),) = connection.sql(f"SELECT count(*) FROM fetched WHERE NOT ({rule.sql})").fetchall()
            broken += [rule.name] if count else []
    assert fetched.num_rows > 0
    assert broken == []


@pytest.mark.parametrize("record", RAW_TABLES, ids=TABLE_NAMES)
def test_keys_are_unique_and_required_columns_filled(frames: dict[str, pd.DataFrame], record: Table):
    frame = frames[record.name]
    assert not frame.duplicated(list(record.key)).any()
    assert frame[[c.name for c in record.columns if c.required]].notna().all(axis=None)


@pytest.mark.parametrize("name", TABLE_NAMES)
def test_every_number_is_finite(frames: dict[str, pd.DataFrame], name: str):
    numbers = frames[name].select_dtypes("number").drop(columns=["team_id"] if name == "injuries" else [])
    assert np.isfinite(numbers.to_numpy(dtype=float)).all()


def test_an_unknown_table_is_refused(source: SimulatedSource):
    with pytest.raises(SourceError, match="no table 'standings'"):
        source.fetch("standings", SEASON)


# Determinism


@pytest.mark.parametrize("name", TABLE_NAMES)
def test_a_range_equals_its_days(source: SimulatedSource, name: str):
    days = DayRange(date(2021, 12, 22), date(2022, 1, 3))
    assert source.fetch(name, days).equals(pa.concat_tables([source.fetch(name, DayRange(d, d)) for d in days]))


def test_the_same_seed_gives_the_same_rows_in_any_order_of_calls(rows: dict[str, pa.Table]):
    fresh = SimulatedSource()
    fresh.fetch("shots", NEXT_SEASON)
    for name in reversed(TABLE_NAMES):
        assert fresh.fetch(name, SEASON).equals(rows[name])


def test_seeds_differ(rows: dict[str, pa.Table]):
    other = SimulatedSource(seed=8)
    assert all(not other.fetch(name, SEASON).equals(rows[name]) for name in TABLE_NAMES)


def test_a_range_may_span_seasons_and_start_before_the_league(source: SimulatedSource, rows: dict[str, pa.Table]):
    assert source.fetch("games", DayRange(date(2010, 1, 1), date(2019, 9, 30))).num_rows == 0
    both = source.fetch("games", DayRange(SEASON.first, NEXT_SEASON.last))
    assert both.num_rows == 2460
    assert both.slice(0, 1230).equals(rows["games"])


# Schedule


@pytest.mark.parametrize(
    ("season_year", "games", "first", "last"),
    [
        (2019, 1230, date(2019, 10, 22), date(2020, 4, 12)),
        (2020, 1080, date(2020, 12, 22), date(2021, 5, 16)),
        (2021, 1230, date(2021, 10, 19), date(2022, 4, 10)),
        (2026, 1230, date(2026, 10, 20), date(2027, 4, 11)),
    ],
)
def test_a_season_has_its_length(season_year: int, games: int, first: date, last: date):
    schedule = SimulatedSource(today=date(2019, 1, 1)).fetch("games", DayRange(first, last)).to_pandas()
    assert len(schedule) == games
    assert (schedule["game_date"].min(), schedule["game_date"].max()) == (first, last)
    assert (team_days(schedule).groupby("team").size() == games * 2 // 30).all()
    assert (schedule.groupby("home_team_id").size() == games // 30).all()
    assert date(season_year, 12, 24) not in set(schedule["game_date"])


def test_game_days_are_as_many_and_as_full_as_real_ones(frames: dict[str, pd.DataFrame]):
    by_day = frames["games"].groupby("game_date").size()
    assert 160 <= len(by_day) <= 170
    assert by_day.between(2, 13).all()
    new_year = [date(2022, 1, 1) + timedelta(days=n) for n in range(7)]
    assert (by_day.reindex(new_year, fill_value=0) >= 3).all()


def test_no_team_plays_twice_on_a_day_or_three_days_in_a_row(frames: dict[str, pd.DataFrame]):
    days = team_days(frames["games"])
    assert not days.duplicated(["team", "day"]).any()
    ordered = days.sort_values(["team", "day"]).groupby("team")["day"]
    assert ((ordered.diff(2) == 2).sum()) == 0
    assert 0.10 < (ordered.diff() == 1).mean() < 0.20


def test_game_ids_are_numbered_in_date_order(frames: dict[str, pd.DataFrame]):
    games = frames["games"]
    assert games["game_id"].tolist() == [f"00221{n:05d}" for n in range(1, 1231)]
    assert games["game_date"].is_monotonic_increasing


def test_tipoffs_are_in_the_eastern_evening(frames: dict[str, pd.DataFrame]):
    games = frames["games"]
    eastern = games["tipoff_utc"].dt.tz_localize("UTC").dt.tz_convert("America/New_York")
    minutes = eastern.dt.hour * 60 + eastern.dt.minute
    assert minutes.between(19 * 60, 22 * 60 + 30).all()
    assert (eastern.dt.date == games["game_date"]).all()


# Box scores


def test_team_points_are_the_players_points(frames: dict[str, pd.DataFrame]):
    points = frames["player_boxscores"].groupby(["game_id", "team_id"])["points"].sum()
    games = frames["games"]
    for side in ("home", "away"):
        keys = pd.MultiIndex.from_frame(games[["game_id", f"{side}_team_id"]])
        assert (points.loc[keys].to_numpy() == games[f"{side}_points"].to_numpy()).all()


def test_minutes_sum_to_regulation_plus_overtime(frames: dict[str, pd.DataFrame]):
    teams = frames["player_boxscores"].groupby(["game_id", "team_id"])["minutes"].agg(["sum", "size"])
    overtimes = (teams["sum"] - 240.0) / 25.0
    assert np.abs(overtimes - overtimes.round()).max() < 1e-9
    assert (overtimes.round().groupby("game_id").nunique() == 1).all()
    assert 0.03 < (overtimes.round() > 0).mean() < 0.09
    assert teams["size"].between(8, 13).all()


def test_plus_minus_sums_to_five_times_the_margin(frames: dict[str, pd.DataFrame]):
    box = frames["player_boxscores"].groupby(["game_id", "is_home"])[["plus_minus", "points"]].sum().unstack()
    margin = box["points"][True] - box["points"][False]
    assert (box["plus_minus"][True] == 5 * margin).all()
    assert (box["plus_minus"][False] == -5 * margin).all()


def test_players_play_for_one_team_a_day_and_some_change_teams(frames: dict[str, pd.DataFrame]):
    box = frames["player_boxscores"]
    assert not box.duplicated(["game_date", "player_id"]).any()
    assert 5 <= (box.groupby("player_id")["team_id"].nunique() > 1).sum() <= 40


def test_names_are_unique_and_match_their_lookups(frames: dict[str, pd.DataFrame]):
    players = frames["player_boxscores"][["player_id", "player_name", "player_lookup"]].drop_duplicates()
    assert players["player_id"].is_unique
    assert players["player_lookup"].is_unique
    assert (players["player_name"].map(player_lookup) == players["player_lookup"]).all()
    assert players["player_name"].str.contains("Jr.", regex=False).any()
    assert (~players["player_name"].map(str.isascii)).any()
    assert players["player_id"].min() >= 9_000_001


def test_most_players_return_the_next_season_and_some_are_new(source: SimulatedSource, frames: dict[str, pd.DataFrame]):
    before = set(frames["player_boxscores"]["player_id"])
    after = set(source.fetch("player_boxscores", NEXT_SEASON)["player_id"].to_pylist())
    assert 0.6 < len(before & after) / len(before) < 0.95
    assert len(after - before) > 30


# Shots


def test_shots_sum_to_the_box_score(frames: dict[str, pd.DataFrame]):
    shots, box = frames["shots"], frames["player_boxscores"]
    counted = (
        shots.assign(made_three=shots["is_three"] & shots["is_made"])
        .groupby(["game_id", "player_id"])
        .agg(
            field_goals_attempted=("is_made", "size"),
            field_goals_made=("is_made", "sum"),
            three_pointers_attempted=("is_three", "sum"),
            three_pointers_made=("made_three", "sum"),
        )
    )
    expected = box.set_index(["game_id", "player_id"])[counted.columns.tolist()]
    assert counted.reindex(expected.index, fill_value=0).astype("int64").equals(expected)
    assert len(shots) == expected["field_goals_attempted"].sum()


def test_places_agree_with_distance_and_shot_type(frames: dict[str, pd.DataFrame]):
    shots = frames["shots"]
    distance = np.hypot(shots["loc_x"], shots["loc_y"])
    assert (shots["shot_distance_feet"] == np.floor(distance / 10.0)).all()
    corner = shots["loc_y"] < 90
    threes, twos = shots["is_three"], ~shots["is_three"]
    assert (shots["loc_x"].abs()[threes & corner] >= 220).all()
    assert (distance[threes & ~corner] >= 237.5).all()
    assert (distance[twos] < 220).all()
    assert (shots["loc_x"].abs() <= 250).all()
    assert (shots["loc_y"] >= -52).all()


def test_shots_are_numbered_in_order_of_time(frames: dict[str, pd.DataFrame]):
    shots = frames["shots"]
    assert (shots["shot_number"] == shots.groupby("game_id").cumcount() + 1).all()
    elapsed = shots["period"] * 1000 - shots["seconds_remaining"]
    assert (elapsed.groupby(shots["game_id"]).diff().dropna() >= 0).all()
    assert (shots.loc[shots["period"] > 4, "seconds_remaining"] <= 300).all()


# Today


def test_scheduled_games_have_no_results(frames_midway: dict[str, pd.DataFrame]):
    games = frames_midway["games"]
    ahead = games["game_date"] >= TODAY
    assert (games["status"] == np.where(ahead, "scheduled", "final")).all()
    assert (games["home_points"].isna() == ahead).all()
    assert games.loc[ahead, "tipoff_utc"].notna().all()
    for name in ("player_boxscores", "shots"):
        assert frames_midway[name]["game_date"].max() == TODAY - timedelta(days=1)


def test_lines_and_reports_reach_as_far_as_they_are_published(frames_midway: dict[str, pd.DataFrame]):
    assert frames_midway["game_lines"]["game_date"].max() == frames_midway["games"]["game_date"].max()
    assert frames_midway["player_props"]["game_date"].max() == TODAY
    assert frames_midway["injuries"]["game_date"].max() <= TODAY
    ahead = frames_midway["game_lines"].query("game_date > @TODAY")
    assert (ahead["snapshot_utc"].dt.date == TODAY).all()
    assert (ahead["total"] == ahead["opening_total"]).all()


def test_what_was_known_does_not_change_as_days_pass(rows: dict[str, pa.Table], rows_midway: dict[str, pa.Table]):
    for name in TABLE_NAMES:
        past = [
            table[name].to_pandas().query("game_date < @TODAY").reset_index(drop=True) for table in (rows, rows_midway)
        ]
        pd.testing.assert_frame_equal(*past, check_dtype=False)


# Lines, props and injuries


def test_lines_are_read_before_tipoff(frames: dict[str, pd.DataFrame]):
    tipoff = frames["games"].set_index("game_id")["tipoff_utc"]
    for name in ("game_lines", "player_props"):
        frame = frames[name]
        assert (frame["snapshot_utc"] < frame["game_id"].map(tipoff)).all()
    assert (frames["player_props"]["tipoff_utc"] == frames["player_props"]["game_id"].map(tipoff)).all()


def test_game_lines_predict_results_as_well_as_real_ones(frames: dict[str, pd.DataFrame]):
    lines = frames["game_lines"].groupby("game_id")[["home_spread", "total"]].mean()
    games = frames["games"].set_index("game_id").join(lines)
    margin, total = games["home_points"] - games["away_points"], games["home_points"] + games["away_points"]
    assert 0.3 < np.corrcoef(margin, -games["home_spread"])[0, 1] < 0.55
    assert abs((margin + games["home_spread"]).mean()) < 1.0
    assert abs((total - games["total"]).mean()) < 1.5


def test_props_are_fair_and_sometimes_push(frames: dict[str, pd.DataFrame]):
    counts = {"points": "points", "rebounds": "rebounds", "assists": "assists", "threes": "three_pointers_made"}
    props = (
        frames["player_props"]
        .query("side == 'over'")
        .merge(frames["player_boxscores"][["game_id", "player_id", *counts.values()]], on=["game_id", "player_id"])
    )
    for market, column in counts.items():
        offered = props[props["market"] == market]
        actual = offered[column]
        decided = actual != offered["line"]
        assert 0.46 < (actual[decided] > offered["line"][decided]).mean() < 0.54
        assert 0.001 < (~decided).mean() < 0.05


def test_props_name_only_players_who_are_not_out(frames: dict[str, pd.DataFrame]):
    out = frames["injuries"].query("status == 'out'")[["game_date", "player_id"]]
    assert frames["player_props"].merge(out, on=["game_date", "player_id"]).empty


def test_nobody_plays_while_reported_out_and_some_miss_games_unreported(frames: dict[str, pd.DataFrame]):
    reports = frames["injuries"].sort_values("game_date")
    played = frames["player_boxscores"][["game_date", "player_id"]].sort_values("game_date")
    for frame in (reports, played):
        frame["on"] = pd.to_datetime(frame["game_date"])
    latest = pd.merge_asof(played, reports[["on", "player_id", "status"]], on="on", by="player_id")
    assert not (latest["status"] == "out").any()
    offered = frames["player_props"][["game_id", "player_id"]].drop_duplicates()
    missed = offered.merge(frames["player_boxscores"], on=["game_id", "player_id"], how="left")["points"].isna()
    assert 0.005 < missed.mean() < 0.12


def test_statuses_alternate_and_every_absence_ends(frames: dict[str, pd.DataFrame]):
    reports = frames["injuries"].sort_values(["player_id", "game_date"])
    number = reports.groupby("player_id").cumcount()
    assert (reports["status"] == np.where(number % 2 == 0, "out", "available")).all()
    assert (reports.groupby("player_id")["status"].last() == "available").all()
    assert (reports["reason"] == "Rest").sum() > 50


# Levels


def test_levels_are_realistic(frames: dict[str, pd.DataFrame]):
    box, games = frames["player_boxscores"], frames["games"]
    team = box.groupby(["game_id", "team_id"])[[c.name for c in BOX_COUNTS]].sum()
    total = team.sum()
    bands = {
        "team points": (team["points"].mean(), 109, 116),
        "team points deviation": (team["points"].std(), 11, 14.5),
        "field goal share": (total["field_goals_made"] / total["field_goals_attempted"], 0.45, 0.48),
        "three-point share": (total["three_pointers_attempted"] / total["field_goals_attempted"], 0.37, 0.41),
        "three-point accuracy": (total["three_pointers_made"] / total["three_pointers_attempted"], 0.34, 0.375),
        "rebounds": (team["rebounds"].mean(), 42, 46.5),
        "assists": (team["assists"].mean(), 23, 27),
        "turnovers": (team["turnovers"].mean(), 12, 14.5),
        "free throws": (team["free_throws_attempted"].mean(), 20, 24),
        "player points deviation": (box["points"].std(), 7.6, 9.0),
        "home margin": ((games["home_points"] - games["away_points"]).mean(), 1.0, 4.0),
        "margin deviation": ((games["home_points"] - games["away_points"]).std(), 13.5, 16.5),
    }
    outside = {name: value for name, (value, low, high) in bands.items() if not low <= value <= high}
    assert outside == {}


def test_the_last_ten_games_predict_points_as_well_as_in_reality(frames: dict[str, pd.DataFrame]):
    box = frames["player_boxscores"].sort_values(["player_id", "game_date"])
    points = box.groupby("player_id")["points"]
    last_ten = points.transform(lambda past: past.shift().rolling(10, min_periods=5).mean())
    season = points.transform(lambda past: past.shift().expanding(5).mean())
    assert 4.5 <= (box["points"] - last_ten).abs().mean() <= 4.9
    assert (box["points"] - season).abs().mean() < (box["points"] - last_ten).abs().mean()
