"""Coverage of a few simulated days, whole and then damaged behind the ledger's back."""

from __future__ import annotations

import json
import os
import shutil
from collections import Counter
from datetime import date, datetime
from pathlib import Path

import duckdb
import ibis
import pyarrow as pa
import pytest

from nba_assets.absence import EXAMPLES, INCOMPLETE, LOST, NOT_BUILT, NOT_DELIVERED, UPSTREAM_NOT_BUILT, Absent
from nba_assets.coverage import DayCoverage, coverage
from nba_assets.days import DayRange
from nba_assets.markets import MARKETS
from nba_assets.models import untrained_forecasts
from nba_assets.models.systems import similarity
from nba_assets.sources.archive import ArchiveSource
from nba_assets.sources.simulated import SimulatedSource
from nba_assets.tables import TABLES
from nba_assets.tables.arrow import arrow_schema
from nba_assets.tables.raw import RAW_TABLES
from nba_assets.teams import TEAMS
from nba_assets.transforms import predictions as prediction_transforms
from nba_assets.warehouse.duckdb import DuckDBWarehouse
from nba_assets.warehouse.protocol import Session
from nba_assets_tests.factories import arrow_frame, likely, transform_module

DAYS = DayRange(date(2019, 11, 26), date(2019, 11, 28))
"""Two days with games, and Thanksgiving without any."""
FULL, HOLIDAY = DAYS.first, DAYS.last
ARCHIVE = os.environ.get("NBA_ASSETS_TEST_ARCHIVE")


def build_raw(session: Session, source: SimulatedSource | ArchiveSource, days: DayRange) -> None:
    for table in RAW_TABLES:
        session.ingest(table, days, source.fetch(table.name, days))


def build(session: Session, name: str, days: DayRange) -> None:
    table, module = TABLES[name], transform_module(name)
    assert module is not None
    read = {upstream: session.read(TABLES[upstream], back.days_for(days)) for upstream, back in table.reads.items()}
    session.replace_days(table, days, module.build(**read, days=days))


def availability(session: Session) -> None:
    """How likely each of the roster is to play, without a model's help."""
    roster = arrow_frame(session.frame(session.read(TABLES["upcoming_roster"], DAYS)))
    table = TABLES["player_availability"]
    session.replace_days(table, DAYS, session.attach("likely", likely(roster)))


def untrained(session: Session) -> None:
    """The answers of the systems that need no training."""
    table = TABLES["untrained_forecasts"]
    read = {name: session.read(TABLES[name], back.days_for(DAYS)) for name, back in table.reads.items()}
    features = read.pop("ml_feature_store_v2")
    similar = session.attach("similar_games", similarity.similar_games(features, MARKETS, *read.values()))
    session.replace_days(table, DAYS, untrained_forecasts.build(features, similar))


def predict(session: Session) -> None:
    """An ensemble's prediction for every second feature row and market; for the others a reason."""
    table = TABLES["player_prop_predictions"]
    players = session.frame(session.read(TABLES["ml_feature_store_v2"], DAYS)).to_pylist()
    players.sort(key=lambda row: [row[k] for k in TABLES["ml_feature_store_v2"].key])
    asked = [{**row, "market": market.name, "system_id": "ensemble"} for row in players for market in MARKETS]
    said = [
        {
            **{c: row.get(c) for c in table.column_names},
            "predicted_value": 10.0,
            "line_source": "none",
            "recommendation": "NO_LINE",
            "confidence_score": 0.5,
            "created_at": datetime(2020, 1, 1),
        }
        for row in asked[::2]
    ]
    unsaid = [{**{k: row[k] for k in table.key}, "reason": "no earlier game"} for row in asked[1::2]]
    session.replace_days(
        table,
        DAYS,
        session.attach("said", pa.Table.from_pylist(said, schema=arrow_schema(table))),
        session.attach("unsaid", pa.Table.from_pylist(unsaid)),
    )


def grade(session: Session) -> None:
    table = TABLES["prediction_accuracy"]
    read = {name: session.read(TABLES[name], DAYS) for name in table.reads}
    graded = prediction_transforms.prediction_accuracy.build(**read, days=DAYS)
    known = {name: read[name] for name in ("games", "player_prop_predictions", "player_game_summary")}
    session.replace_days(table, DAYS, graded, prediction_transforms.prediction_accuracy.absent(**known, days=DAYS))


@pytest.fixture(scope="module")
def whole(tmp_path_factory) -> Path:
    """A warehouse of the three days with every table but prop_model. Not to be changed."""
    file = tmp_path_factory.mktemp("coverage") / "warehouse.duckdb"
    with DuckDBWarehouse(file).session() as session:
        build_raw(session, SimulatedSource(seed=7), DAYS)
        for name, table in TABLES.items():
            if name == "player_availability":
                availability(session)
            elif table not in RAW_TABLES and table.dataset != "nba_predictions":
                build(session, name, DAYS)
        build(session, "ml_feature_store_v2", DAYS)
        untrained(session)
        predict(session)
        grade(session)
    return file


@pytest.fixture
def file(whole, tmp_path) -> Path:
    return Path(shutil.copy(whole, tmp_path / "warehouse.duckdb"))


def damage(file: Path, *statements: str) -> None:
    """Change the file without the warehouse, so that the ledger does not know."""
    with duckdb.connect(str(file)) as connection:
        for statement in statements:
            connection.execute(statement)


def found(file: Path, *tables: str, days: DayRange = DAYS) -> dict[tuple[str, date], DayCoverage]:
    with DuckDBWarehouse(file).session(read_only=True) as session:
        return {(day.table, day.day): day for day in coverage(session, days, tables or None)}


def test_whole_days_are_complete_in_every_table_that_was_built(whole):
    incomplete = {table for (table, _), day in found(whole).items() if not day.is_complete}
    assert incomplete == {"prop_model", "player_prop_predictions"}


def test_every_table_is_reported_on_every_day(whole):
    assert set(found(whole)) == {(name, day) for name in TABLES for day in DAYS}


def test_present_and_missing_keys_add_up_to_the_expected_ones(whole):
    for day in found(whole).values():
        if day.expected is not None:
            assert day.present + sum(absent.count for absent in day.missing.values()) == day.expected


def test_expected_keys_are_those_of_the_slate(whole):
    with DuckDBWarehouse(whole).session(read_only=True) as session:
        games = session.frame(session.read(TABLES["games"], DayRange(FULL, FULL))).num_rows
        boxes = session.frame(session.read(TABLES["player_boxscores"], DayRange(FULL, FULL))).num_rows
    expected = {name: day.expected for (name, on), day in found(whole).items() if on == FULL}
    assert expected["shots"] == expected["game_lines"] == games
    assert expected["team_offense_game_summary"] == expected["upcoming_team_game_context"] == 2 * games
    assert expected["team_defense_zone_analysis"] == len(TEAMS)
    assert expected["player_game_summary"] == boxes
    assert expected["games"] is expected["player_props"] is expected["injuries"] is None


def test_a_day_without_games_expects_nothing_and_is_complete(whole):
    on_holiday = [day for (name, on), day in found(whole).items() if on == HOLIDAY and name != "prop_model"]
    assert {day.expected for day in on_holiday} == {0, None}
    assert all(day.is_complete for day in on_holiday)


@pytest.mark.parametrize(
    ("table", "column"),
    [
        ("player_game_summary", "player_id"),
        ("team_defense_zone_analysis", "team_id"),
        ("player_daily_cache", "player_id"),
        ("upcoming_player_game_context", "player_id"),
    ],
)
def test_a_row_deleted_behind_the_ledgers_back_is_named(file, table, column):
    full_name = TABLES[table].full_name
    with duckdb.connect(str(file)) as connection:
        (key,) = connection.execute(
            f"SELECT min({column}) FROM {full_name} JOIN nba_raw.player_boxscores USING (game_date, {column}) "
            f"WHERE game_date = ?",
            [FULL],
        ).fetchone()
        connection.execute(f"DELETE FROM {full_name} WHERE game_date = ? AND {column} = ?", [FULL, key])
    days = found(file, table)
    assert [k[column] for k in days[table, FULL].missing[LOST].first] == [key]
    assert (days[table, FULL].gaps, days[table, FULL].is_built, days[table, FULL].is_complete) == (1, True, False)
    assert days[table, FULL].present == days[table, FULL].expected - 1
    assert all(day.is_complete for (_, on), day in days.items() if on != FULL)


def test_a_player_missing_on_one_day_is_a_gap_though_he_is_there_on_another(file):
    with duckdb.connect(str(file)) as connection:
        (player,) = connection.execute(
            "SELECT min(player_id) FROM (SELECT player_id FROM nba_precompute.player_daily_cache "
            "GROUP BY 1 HAVING count(*) > 1)"
        ).fetchone()
    damage(file, f"DELETE FROM nba_precompute.player_daily_cache WHERE player_id = {player} AND game_date = '{FULL}'")
    assert found(file, "player_daily_cache")["player_daily_cache", FULL].gaps == 1


def test_duplicates_do_not_hide_gaps(file):
    full_name = "nba_analytics.player_game_summary"
    of_day = f"game_date = '{FULL}'"
    damage(
        file,
        f"CREATE TEMP TABLE kept AS SELECT * FROM {full_name} WHERE {of_day} ORDER BY player_id LIMIT 1",
        f"CREATE TEMP TABLE lost AS SELECT * FROM {full_name} WHERE {of_day} ORDER BY player_id DESC LIMIT 1",
        f"DELETE FROM {full_name} WHERE player_id IN (SELECT player_id FROM lost) AND {of_day}",
        f"INSERT INTO {full_name} SELECT * FROM kept",
    )
    day = found(file, "player_game_summary")["player_game_summary", FULL]
    assert (day.gaps, day.present) == (1, day.expected - 1)


def test_games_without_shots_are_not_delivered(file):
    damage(
        file,
        "DELETE FROM nba_raw.shots WHERE game_id IN "
        f"(SELECT game_id FROM nba_raw.games WHERE game_date = '{FULL}' ORDER BY game_id LIMIT 2)",
        "UPDATE nba_assets.day_ledger SET row_count = "
        f"(SELECT count(*) FROM nba_raw.shots WHERE game_date = '{FULL}') "
        f"WHERE table_name = 'shots' AND game_date = '{FULL}'",
    )
    missing = found(file, "shots")["shots", FULL].missing
    assert {reason: absent.count for reason, absent in missing.items()} == {NOT_DELIVERED: 2}
    assert set(missing[NOT_DELIVERED].first[0]) == {"game_id"}


def test_a_day_that_was_never_built_says_so_whatever_is_in_the_table(file):
    damage(file, f"DELETE FROM nba_assets.day_ledger WHERE table_name = 'games' AND game_date = '{HOLIDAY}'")
    day = found(file, "games")["games", HOLIDAY]
    assert (day.is_built, day.is_complete, day.rows) == (False, False, 0)


def test_the_keys_of_a_day_that_was_never_built_are_missing_for_that_reason(whole):
    days = found(whole, "prop_model")
    (missing,) = days["prop_model", FULL].missing.items()
    served = {(m.name, name) for m in MARKETS for name in ("pregame", "lineup")}
    assert missing[0] == NOT_BUILT
    assert {(key["market"], key["information_set"]) for key in missing[1].first} < served
    assert (missing[1].count, len(missing[1].first)) == (len(served), EXAMPLES)
    assert not days["prop_model", FULL].is_complete
    assert not days["prop_model", HOLIDAY].missing


def test_a_recorded_reason_is_reported_for_the_key_it_was_recorded_for(whole):
    day = found(whole, "player_prop_predictions")["player_prop_predictions", FULL]
    assert set(day.missing) == {"no earlier game"}
    assert day.gaps == day.set_aside == day.expected // 2
    assert set(day.missing["no earlier game"].first[0]) == {"player_id", "market", "system_id", "information_set"}


@pytest.mark.parametrize("lost", ["pregame", "lineup"])
def test_a_lost_row_of_one_information_set_is_not_made_up_for_by_the_others(file, lost):
    table = "nba_predictions.ml_feature_store_v2"
    with duckdb.connect(str(file)) as connection:
        day, player = connection.execute(
            f"SELECT game_date, player_id FROM {table} GROUP BY 1, 2 HAVING count(*) = 2 ORDER BY 1, 2 LIMIT 1"
        ).fetchone()
    damage(
        file, f"DELETE FROM {table} WHERE game_date = '{day}' AND player_id = {player} AND information_set = '{lost}'"
    )
    missing = found(file, "ml_feature_store_v2")["ml_feature_store_v2", day].missing
    assert missing == {LOST: Absent(1, ({"player_id": player, "information_set": lost},))}


def test_pregame_rows_are_expected_of_the_projected_and_lineup_rows_of_those_who_appeared(whole):
    with DuckDBWarehouse(whole).session(read_only=True) as session:
        context = session.frame(session.read(TABLES["upcoming_player_game_context"], DAYS)).to_pylist()
        boxes = session.frame(session.read(TABLES["player_boxscores"], DAYS)).to_pylist()
    projected = Counter(row["game_date"] for row in context if row["roster_source"] == "projected")
    assert projected
    appeared = Counter(row["game_date"] for row in boxes)
    covered = found(whole)
    for day in DAYS:
        expected = projected[day] + appeared[day]
        assert covered["ml_feature_store_v2", day].expected == expected
        for name in ("untrained_forecasts", "player_prop_predictions"):
            assert covered[name, day].expected == expected * len(MARKETS)
        assert covered["untrained_forecasts", day].present == expected * len(MARKETS)


def test_a_lost_answer_of_one_market_is_not_made_up_for_by_the_others(file):
    damage(
        file,
        "DELETE FROM nba_predictions.untrained_forecasts WHERE information_set = 'lineup' AND market = 'rebounds' "
        f"AND game_date = '{FULL}'",
    )
    day = found(file, "untrained_forecasts")["untrained_forecasts", FULL]
    assert set(day.missing) == {LOST}
    assert {(row["information_set"], row["market"]) for row in day.missing[LOST].first} == {("lineup", "rebounds")}
    assert day.gaps == day.rows - day.present > 0


def test_who_did_not_play_is_accepted_but_still_told(whole):
    days = found(whole, "prediction_accuracy")
    absent = [day.missing["did not play"].count for day in days.values() if "did not play" in day.missing]
    assert sum(absent) > 0
    assert all(day.gaps == 0 and day.is_complete for day in days.values())


def test_of_many_absent_keys_of_a_reason_all_are_counted_and_the_first_told(whole):
    columns = ("player_id", "market", "system_id", "information_set")
    with DuckDBWarehouse(whole).session(read_only=True) as session:
        aside = session.frame(session.set_aside(DAYS).filter(ibis._.table_name == "prediction_accuracy")).to_pylist()
    for day, covered in ((day, c) for (_, day), c in found(whole, "prediction_accuracy").items()):
        keys = [json.loads(row["row"]) for row in aside if row["game_date"] == day]
        assert sum(absent.count for absent in covered.missing.values()) == len(keys)
        for reason, absent in covered.missing.items():
            of_reason = sorted(
                tuple(json.loads(row["row"])[c] for c in columns)
                for row in aside
                if (row["game_date"], row["reason"]) == (day, reason)
            )
            assert absent.count == len(of_reason) > EXAMPLES
            assert [tuple(key[c] for c in columns) for key in absent.first] == of_reason[:EXAMPLES]


def test_a_grade_that_is_lost_is_a_gap_beside_who_did_not_play(file):
    table = "nba_predictions.prediction_accuracy"
    (day,) = (day for (_, day), c in found(file, "prediction_accuracy").items() if "did not play" in c.missing)
    before = found(file, "prediction_accuracy")["prediction_accuracy", day].missing["did not play"]
    damage(
        file,
        f"DELETE FROM {table} WHERE player_id = (SELECT min(player_id) FROM {table} WHERE game_date = '{day}') "
        f"AND game_date = '{day}' AND market = 'points' AND information_set = 'lineup'",
    )
    covered = found(file, "prediction_accuracy")["prediction_accuracy", day]
    assert covered.gaps == covered.missing[LOST].count == 1
    assert covered.missing["did not play"] == before


def test_a_box_score_set_aside_for_a_whole_team_is_missing_with_the_contracts_reason(tmp_path):
    rows = SimulatedSource(seed=7).fetch("player_boxscores", DayRange(FULL, FULL))
    team = rows["team_id"][0].as_py()
    points = [p + (t == team) for p, t in zip(rows["points"].to_pylist(), rows["team_id"].to_pylist(), strict=True)]
    broken = rows.set_column(rows.schema.get_field_index("points"), "points", pa.array(points, pa.int64()))
    with DuckDBWarehouse(tmp_path / "w.duckdb").session() as session:
        day = DayRange(FULL, FULL)
        session.ingest(TABLES["games"], day, SimulatedSource(seed=7).fetch("games", day))
        session.ingest(TABLES["player_boxscores"], day, broken)
        (covered,) = coverage(session, day, ("player_boxscores",))
    assert [key["team_id"] for key in covered.missing["points add up"].first] == [team]
    assert covered.gaps == 1 + covered.set_aside
    assert covered.set_aside > 5


def test_a_player_whose_row_the_contract_refused_is_absent_for_that_reason_downstream_too(tmp_path):
    day, source = DayRange(FULL, FULL), SimulatedSource(seed=7)
    rows = source.fetch("player_boxscores", day)
    points = pa.array([p + (n == 0) for n, p in enumerate(rows["points"].to_pylist())], pa.int64())
    broken = rows.set_column(rows.schema.get_field_index("points"), "points", points)
    with DuckDBWarehouse(tmp_path / "w.duckdb").session() as session:
        build_raw(session, source, day)
        session.ingest(TABLES["player_boxscores"], day, broken)
        build(session, "player_game_summary", day)
        box, summary = coverage(session, day, ("player_boxscores", "player_game_summary"))
    reason = "contract violation in nba_raw.player_boxscores: points add up"
    key = {"game_id": rows["game_id"][0].as_py(), "player_id": rows["player_id"][0].as_py()}
    assert summary.missing == {reason: Absent(1, (key,))}
    assert box.missing[reason] == Absent(1, (key,))
    assert [side["team_id"] for side in box.missing[INCOMPLETE].first] == [rows["team_id"][0].as_py()]
    assert (summary.expected, summary.present) == (len(rows), len(rows) - 1)


def test_a_duplicate_that_was_refused_is_no_absent_player(tmp_path):
    day, source = DayRange(FULL, FULL), SimulatedSource(seed=7)
    rows = source.fetch("player_boxscores", day)
    with DuckDBWarehouse(tmp_path / "w.duckdb").session() as session:
        build_raw(session, source, day)
        session.ingest(TABLES["player_boxscores"], day, pa.concat_tables([rows, rows.slice(0, 1)]))
        (box,) = coverage(session, day, ("player_boxscores",))
    assert (box.set_aside, box.gaps) == (1, 0)


def test_a_team_that_lost_half_of_its_players_at_the_source_is_missing_and_so_is_the_reason(tmp_path):
    day, source = DayRange(FULL, FULL), SimulatedSource(seed=7)
    rows = source.fetch("player_boxscores", day)
    team = rows["team_id"][0].as_py()
    kept = rows.filter(
        pa.array(
            [
                t != team or p % 2 == 0
                for t, p in zip(rows["team_id"].to_pylist(), rows["player_id"].to_pylist(), strict=True)
            ]
        )
    )
    with DuckDBWarehouse(tmp_path / "w.duckdb").session() as session:
        build_raw(session, source, day)
        session.ingest(TABLES["player_boxscores"], day, kept)
        (box,) = coverage(session, day, ("player_boxscores",))
    assert [side["team_id"] for side in box.missing[INCOMPLETE].first] == [team]


def test_what_a_missing_box_score_leaves_out_downstream_has_its_reason(tmp_path):
    day, source = DayRange(FULL, FULL), SimulatedSource(seed=7)
    rows = source.fetch("player_boxscores", day)
    game = rows["game_id"][0].as_py()
    kept = rows.filter(pa.array([g != game for g in rows["game_id"].to_pylist()]))
    with DuckDBWarehouse(tmp_path / "w.duckdb").session() as session:
        build_raw(session, source, day)
        session.ingest(TABLES["player_boxscores"], day, kept)
        for name in ("player_game_summary", "team_offense_game_summary"):
            build(session, name, day)
        (teams,) = coverage(session, day, ("team_offense_game_summary",))
    reason = f"{NOT_DELIVERED} in nba_raw.player_boxscores"
    assert {key["game_id"] for key in teams.missing[reason].first} == {game}
    assert set(teams.missing) == {reason}


def test_a_day_that_lacks_an_upstream_day_says_so(file):
    tables = "('player_game_summary', 'player_boxscores')"
    damage(file, f"DELETE FROM nba_assets.day_ledger WHERE table_name IN {tables} AND game_date = '{FULL}'")
    days = found(file, "player_boxscores", "player_game_summary")
    assert set(days["player_boxscores", FULL].missing) <= {NOT_BUILT}
    assert set(days["player_game_summary", FULL].missing) == {UPSTREAM_NOT_BUILT}


def test_players_with_ten_earlier_games_are_expected_in_the_zone_analysis_even_if_they_do_not_play(tmp_path):
    season = DayRange(date(2019, 10, 22), date(2019, 11, 20))
    source = SimulatedSource(seed=7)
    with DuckDBWarehouse(tmp_path / "w.duckdb").session() as session:
        build_raw(session, source, season)
        for name in ("player_game_summary", "player_shot_zone_analysis"):
            build(session, name, season)
        last = DayRange(season.last, season.last)
        (day,) = coverage(session, last, ("player_shot_zone_analysis",))
        earlier = source.fetch("player_boxscores", DayRange(season.first, date(2019, 11, 19)))
    games = earlier.group_by("player_id").aggregate([("game_id", "count")])["game_id_count"].to_pylist()
    assert day.expected == sum(count >= 10 for count in games) > 100
    assert day.is_complete


@pytest.mark.archive
@pytest.mark.skipif(not ARCHIVE, reason="NBA_ASSETS_TEST_ARCHIVE is not set")
def test_the_archives_hole_in_the_shots_of_january_2022_is_found(tmp_path):
    days = DayRange(date(2022, 1, 5), date(2022, 1, 7))
    with DuckDBWarehouse(tmp_path / "w.duckdb").session() as session:
        build_raw(session, ArchiveSource(Path(str(ARCHIVE))), days)
        build(session, "player_game_summary", days)
        counted = {(day.table, day.day.day): day for day in coverage(session, days)}
    assert [counted["shots", n].gaps for n in (5, 6, 7)] == [0, 1, counted["shots", 7].expected]
    assert set(counted["shots", 7].missing) == {NOT_DELIVERED}
    assert [counted["player_game_summary", n].present for n in (5, 6, 7)] == [223, 87, 213]
    assert all(counted["player_game_summary", n].is_complete for n in (5, 6, 7))
