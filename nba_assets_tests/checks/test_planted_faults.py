"""Each fault, planted behind the back of a warehouse that was sound, turns the check meant for it red: on its day, with
its severity, and no other day of the tables that it touches."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import duckdb
import pytest

from nba_assets.checks.catalog import CHECKS, checks_of
from nba_assets.checks.evaluate import evaluate
from nba_assets.checks.verdict import Severity
from nba_assets.days import DayRange
from nba_assets.tables import TABLES
from nba_assets.warehouse.protocol import WarehouseError
from nba_assets_tests.graph import OPENING, make_platform, materialize

DAY = date(2019, 12, 3)
"""The last day of the opening weeks that are built: a model serves it, and a month lies behind it."""
WINDOW = DayRange(date(2019, 11, 27), DAY)
ERROR, WARN = Severity.ERROR, Severity.WARN

Red = dict[tuple[str, str, date], Severity]
"""(table, check, day) -> severity of what did not pass."""


@pytest.fixture(scope="module")
def sound(tmp_path_factory) -> Path:
    """A folder with the opening weeks of the simulated league, every table built."""
    folder = tmp_path_factory.mktemp("sound")
    materialize(make_platform(folder), OPENING)
    return folder


@pytest.fixture(scope="module")
def red_when_sound(sound) -> Red:
    return red(sound, TABLES)


@pytest.fixture
def damaged(sound, tmp_path) -> Path:
    """A copy to plant a fault in."""
    shutil.copy(sound / "warehouse.duckdb", tmp_path / "warehouse.duckdb")
    return tmp_path


def plant(folder: Path, *statements: str) -> None:
    with duckdb.connect(str(folder / "warehouse.duckdb")) as connection:
        for statement in statements:
            connection.execute(statement.replace("$day", f"DATE '{DAY}'"))


def red(folder: Path, tables) -> Red:
    found = {}
    with make_platform(folder).warehouse.session(read_only=True) as session:
        for name in tables:
            results = evaluate(session, TABLES[name], WINDOW, checks_of(TABLES[name]))
            severities = {check.name: check.severity for check in checks_of(TABLES[name])}
            found.update(
                {
                    (name, check, day): verdict.severity or severities[check]
                    for check, verdicts in results.items()
                    for day, verdict in verdicts.items()
                    if not verdict.is_passed
                }
            )
    return found


@dataclass(frozen=True)
class Fault:
    """What is done to the stored tables, and which checks are meant to say so on the day."""

    name: str
    statements: tuple[str, ...]
    caught: dict[tuple[str, str], Severity]


ONE_GAME = "(SELECT min(game_id) FROM nba_raw.games WHERE game_date = $day)"
LAST_GAME = "(SELECT max(game_id) FROM nba_raw.games WHERE game_date = $day)"
ONE_PLAYER = "(SELECT min(player_id) FROM nba_raw.player_boxscores WHERE game_date = $day)"
# As a source that never delivered them would leave it: the ledger counts what is there.
RECOUNT = (
    "UPDATE nba_assets.day_ledger SET row_count = (SELECT count(*) FROM {table} WHERE game_date = $day) "
    "WHERE table_name = '{name}' AND game_date = $day"
)


def recount(table: str) -> str:
    return RECOUNT.format(table=table, name=table.partition(".")[2])


FAULTS = [
    Fault(
        "a game without box scores",
        (
            f"DELETE FROM nba_raw.player_boxscores WHERE game_id = {ONE_GAME}",
            recount("nba_raw.player_boxscores"),
        ),
        {("player_boxscores", "row_count"): ERROR, ("player_boxscores", "coverage"): ERROR},
    ),
    Fault(
        "a game missing from the schedule",
        (f"DELETE FROM nba_raw.games WHERE game_id = {ONE_GAME}", recount("nba_raw.games")),
        {("player_boxscores", "row_count"): ERROR, ("team_offense_game_summary", "row_count"): ERROR},
    ),
    Fault(
        "rows lost after they were written",
        (f"DELETE FROM nba_raw.games WHERE game_id = {ONE_GAME}",),
        {("games", "row_count"): ERROR},
    ),
    Fault(
        "a duplicated player row",
        (
            "INSERT INTO nba_analytics.player_game_summary SELECT * FROM nba_analytics.player_game_summary "
            f"WHERE game_date = $day AND player_id = {ONE_PLAYER}",
        ),
        {("player_game_summary", "unique_key"): ERROR},
    ),
    Fault(
        "half of the day's players gone from the source",
        (
            "DELETE FROM nba_raw.player_boxscores WHERE game_date = $day AND player_id % 2 = 0",
            recount("nba_raw.player_boxscores"),
        ),
        {("player_boxscores", "reconciles"): ERROR, ("player_boxscores", "coverage"): ERROR},
    ),
    Fault(
        "half of the day's players gone from a table",
        (
            "DELETE FROM nba_analytics.player_game_summary WHERE game_date = $day AND player_id % 2 = 0",
            recount("nba_analytics.player_game_summary"),
        ),
        {("player_game_summary", "coverage"): ERROR, ("player_game_summary", "reconciles"): ERROR},
    ),
    Fault(
        "half of the day's expected players without features",
        (
            "DELETE FROM nba_predictions.ml_feature_store_v2 WHERE game_date = $day AND player_id % 2 = 0",
            recount("nba_predictions.ml_feature_store_v2"),
        ),
        {("ml_feature_store_v2", "coverage"): ERROR},
    ),
    Fault(
        "the rows of the line-up gone, those before tip-off there",
        (
            "DELETE FROM nba_predictions.ml_feature_store_v2 WHERE game_date = $day AND information_set = 'lineup'",
            recount("nba_predictions.ml_feature_store_v2"),
        ),
        {("ml_feature_store_v2", "coverage"): ERROR, ("ml_feature_store_v2", "row_count"): ERROR},
    ),
    Fault(
        "minutes null",
        ("UPDATE nba_raw.player_boxscores SET minutes = NULL WHERE game_date = $day",),
        {("player_boxscores", "null_share"): ERROR},
    ),
    Fault(
        "a feature turned constant",
        ("UPDATE nba_predictions.ml_feature_store_v2 SET usage_rate_last_10 = 0.2 WHERE game_date = $day",),
        {("ml_feature_store_v2", "not_constant"): WARN},
    ),
    Fault(
        "a feature in another unit",
        (
            "UPDATE nba_predictions.ml_feature_store_v2 SET points_avg_last_10 = 6 * points_avg_last_10 "
            "WHERE game_date = $day",
        ),
        {("ml_feature_store_v2", "drift"): WARN},
    ),
    Fault(
        "shots cut off in the middle of a game",
        (
            f"DELETE FROM nba_raw.shots WHERE game_id = {LAST_GAME} AND shot_number > 60",
            recount("nba_raw.shots"),
        ),
        {("shots", "reconciles"): ERROR},
    ),
    Fault(
        "shots cut off before a game",
        (f"DELETE FROM nba_raw.shots WHERE game_id = {LAST_GAME}", recount("nba_raw.shots")),
        {("shots", "coverage"): ERROR, ("shots", "row_count"): ERROR},
    ),
    Fault(
        "a line stamped after tip-off",
        (
            "UPDATE nba_raw.player_props SET snapshot_utc = tipoff_utc + INTERVAL 30 MINUTE WHERE game_date = $day "
            "AND player_id = (SELECT min(player_id) FROM nba_raw.player_props WHERE game_date = $day)",
        ),
        {("player_props", "lines_before_tipoff"): WARN, ("player_prop_predictions", "lines_before_tipoff"): ERROR},
    ),
    Fault(
        "a result of the day in an average of the day",
        (
            "UPDATE nba_predictions.ml_feature_store_v2 AS f SET points_avg_season = "
            "(f.points_avg_season * f.games_played_season + p.points) / (f.games_played_season + 1) "
            "FROM nba_analytics.player_game_summary AS p "
            "WHERE f.game_date = $day AND p.game_date = $day AND p.player_id = f.player_id",
        ),
        {("ml_feature_store_v2", "no_leakage"): ERROR},
    ),
    Fault(
        "the day itself among the games that a row rests on",
        ("UPDATE nba_precompute.player_composite_factors SET last_game_date = $day WHERE game_date = $day",),
        {("player_composite_factors", "no_leakage"): ERROR},
    ),
    Fault(
        "a model that was trained past its cut-off",
        ("UPDATE nba_predictions.prop_model SET training_last_day = training_cutoff WHERE game_date = $day",),
        {("prop_model", "no_leakage"): ERROR},
    ),
    Fault(
        "points that do not add up",
        (
            "UPDATE nba_raw.player_boxscores SET points = points + 1, free_throws_made = free_throws_made + 1, "
            f"free_throws_attempted = free_throws_attempted + 1 WHERE game_date = $day AND player_id = {ONE_PLAYER}",
        ),
        {("player_boxscores", "reconciles"): ERROR},
    ),
    Fault(
        "a value that cannot be",
        ("UPDATE nba_precompute.player_daily_cache SET paint_rate_last_10 = 1.2 WHERE game_date = $day",),
        {("player_daily_cache", "values_in_range"): ERROR},
    ),
    Fault(
        "a value that is no number",
        ("UPDATE nba_precompute.player_daily_cache SET minutes_avg_last_5 = 'nan' WHERE game_date = $day",),
        {("player_daily_cache", "schema"): ERROR},
    ),
    Fault(
        "minutes of a line-up that are more than the game has",
        (
            "UPDATE nba_precompute.player_lineup_context SET projected_minutes = 1.5 * projected_minutes "
            "WHERE game_date = $day AND information_set = 'lineup' AND expected_minutes >= 20",
        ),
        {("player_lineup_context", "reconciles"): ERROR},
    ),
    Fault(
        "minutes shared out unevenly among those who are sure to play",
        (
            "UPDATE nba_precompute.player_lineup_context SET projected_minutes = 0.9 * projected_minutes "
            "WHERE game_date = $day AND information_set = 'lineup' AND player_id = (SELECT max(player_id) "
            "FROM nba_precompute.player_lineup_context WHERE game_date = $day AND information_set = 'lineup' "
            "AND expected_minutes >= 20)",
        ),
        {("player_lineup_context", "reconciles"): ERROR},
    ),
    Fault(
        "more minutes for those who may not play",
        (
            "UPDATE nba_precompute.player_lineup_context SET projected_minutes = 2 * projected_minutes "
            "WHERE game_date = $day AND information_set = 'lineup' AND expected_minutes < 15",
        ),
        {("player_lineup_context", "reconciles"): ERROR},
    ),
    Fault(
        "a system that fell silent without a reason",
        ("DELETE FROM nba_predictions.player_prop_predictions WHERE game_date = $day AND system_id = 'similarity'",),
        {("player_prop_predictions", "systems_answer"): ERROR, ("player_prop_predictions", "row_count"): ERROR},
    ),
    Fault(
        "a system silent in one market before tip-off",
        (
            "DELETE FROM nba_predictions.player_prop_predictions WHERE game_date = $day "
            "AND system_id = 'moving_average' AND market = 'assists' AND information_set = 'pregame'",
            recount("nba_predictions.player_prop_predictions"),
        ),
        {("player_prop_predictions", "systems_answer"): ERROR},
    ),
    Fault(
        "quantiles that cross",
        (
            "UPDATE nba_predictions.player_prop_predictions SET p10 = 1, p25 = 5, p50 = 6, p75 = 4, p90 = 9 "
            "WHERE game_date = $day AND system_id = 'lightgbm'",
        ),
        {("player_prop_predictions", "quantiles_ordered"): ERROR},
    ),
    Fault(
        "a recommendation that its probability does not carry",
        (
            "UPDATE nba_predictions.player_prop_predictions SET recommendation = 'OVER' "
            "WHERE game_date = $day AND recommendation = 'NO_LINE'",
        ),
        {("player_prop_predictions", "probabilities"): ERROR},
    ),
    Fault(
        "a recommendation of the less likely side of a whole line",
        (
            "UPDATE nba_predictions.player_prop_predictions SET line = 20, over_probability = 0.3, "
            "recommendation = 'OVER' WHERE game_date = $day AND system_id = 'ensemble'",
        ),
        {("player_prop_predictions", "probabilities"): ERROR},
    ),
    Fault(
        "a pass where the probability and the price advise a bet",
        (
            "UPDATE nba_predictions.player_prop_predictions SET line = 20.5, over_probability = 0.7, "
            "over_price_american = NULL, under_price_american = NULL, recommendation = 'PASS' "
            "WHERE game_date = $day AND system_id = 'ensemble'",
        ),
        {("player_prop_predictions", "probabilities"): ERROR},
    ),
    Fault(
        "a bet at a price that does not pay",
        (
            "UPDATE nba_predictions.player_prop_predictions SET line = 20.5, over_probability = 0.7, "
            "over_price_american = -400, under_price_american = 300, recommendation = 'OVER' "
            "WHERE game_date = $day AND system_id = 'ensemble'",
        ),
        {("player_prop_predictions", "probabilities"): ERROR},
    ),
    Fault(
        "a probability that is none",
        (
            "UPDATE nba_predictions.player_prop_predictions SET confidence_score = 1.2 "
            "WHERE game_date = $day AND system_id = 'ensemble'",
        ),
        {("player_prop_predictions", "probabilities"): ERROR, ("player_prop_predictions", "values_in_range"): ERROR},
    ),
    Fault(
        "a line that somebody quotes, but not the one that most do",
        (
            "UPDATE nba_predictions.player_prop_predictions SET line = line + 1 "
            "WHERE game_date = $day AND line IS NOT NULL",
        ),
        {("player_prop_predictions", "lines_before_tipoff"): ERROR},
    ),
    Fault(
        "an ensemble outside its members",
        (
            "UPDATE nba_predictions.player_prop_predictions SET predicted_value = predicted_value + 40 "
            "WHERE game_date = $day AND system_id = 'ensemble'",
        ),
        {("player_prop_predictions", "reconciles"): ERROR},
    ),
    Fault(
        "grades that are not what happened",
        ("UPDATE nba_predictions.prediction_accuracy SET actual_value = actual_value + 1 WHERE game_date = $day",),
        {("prediction_accuracy", "reconciles"): ERROR},
    ),
    Fault(
        "forecasts that have seen the answer",
        (
            "UPDATE nba_predictions.prediction_accuracy SET predicted_value = actual_value + 0.5, signed_error = 0.5, "
            "absolute_error = 0.5 WHERE game_date = $day",
        ),
        {("prediction_accuracy", "not_too_good"): ERROR},
    ),
    Fault(
        "forecasts that have seen the answer in one market, knowing the line-up",
        (
            "UPDATE nba_predictions.prediction_accuracy SET predicted_value = actual_value + 0.2, signed_error = 0.2, "
            "absolute_error = 0.2 WHERE game_date = $day AND market = 'threes' AND information_set = 'lineup'",
        ),
        {("prediction_accuracy", "not_too_good"): ERROR},
    ),
    Fault(
        "no model for one market and information set",
        (
            "UPDATE nba_predictions.prop_model SET model_id = NULL, reason = 'lost' "
            "WHERE game_date = $day AND market = 'rebounds' AND information_set = 'pregame'",
        ),
        {("prop_model", "model_freshness"): WARN},
    ),
    Fault(
        "a market that the untrained systems said nothing about",
        (
            "DELETE FROM nba_predictions.untrained_forecasts WHERE game_date = $day AND market = 'threes'",
            recount("nba_predictions.untrained_forecasts"),
        ),
        {("untrained_forecasts", "row_count"): ERROR, ("untrained_forecasts", "coverage"): ERROR},
    ),
    Fault(
        "half of the players without an answer of the untrained systems",
        (
            "DELETE FROM nba_predictions.untrained_forecasts WHERE game_date = $day AND player_id % 2 = 0",
            recount("nba_predictions.untrained_forecasts"),
        ),
        {("untrained_forecasts", "coverage"): ERROR},
    ),
    Fault(
        "a model that was last trained long before its cut-off",
        ("UPDATE nba_predictions.prop_model SET training_last_day = DATE '2019-11-10' WHERE game_date = $day",),
        {("prop_model", "model_freshness"): WARN},
    ),
    Fault(
        "a December model that has seen nothing of the autumn",
        ("UPDATE nba_predictions.prop_model SET training_last_day = DATE '2019-04-10' WHERE game_date = $day",),
        {("prop_model", "model_freshness"): WARN},
    ),
    Fault(
        "a model of the cut-off before the day's own",
        ("UPDATE nba_predictions.prop_model SET training_cutoff = DATE '2019-10-01' WHERE game_date = $day",),
        {("prop_model", "model_freshness"): WARN},
    ),
    Fault(
        "a model that is no better than a mean",
        (
            "UPDATE nba_predictions.prop_model SET validation_mae = 5, validation_mae_last_10 = 5 "
            "WHERE game_date = $day",
        ),
        {("prop_model", "model_skill"): WARN},
    ),
]

ECHOES = {"inputs", "drift", "not_constant"}
"""Checks that look at more than one day, or at the whole slate: what they say besides is theirs to say."""


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
def test_the_check_meant_for_a_fault_turns_red_on_its_day_and_no_other(fault, damaged, red_when_sound):
    plant(damaged, *fault.statements)
    tables = {table for table, _ in fault.caught}
    found = {place: s for place, s in red(damaged, tables).items() if place not in red_when_sound}
    for (table, check), severity in fault.caught.items():
        assert found.get((table, check, DAY)) == severity
    assert {(t, c, d) for t, c, d in found if d != DAY and c not in ECHOES} == set()


def test_a_day_never_built_fails_every_check_of_its_table_on_that_day(damaged, red_when_sound):
    plant(
        damaged,
        "DELETE FROM nba_precompute.player_daily_cache WHERE game_date = $day",
        "DELETE FROM nba_assets.day_ledger WHERE table_name = 'player_daily_cache' AND game_date = $day",
    )
    found = {place: s for place, s in red(damaged, ["player_daily_cache"]).items() if place not in red_when_sound}
    assert found == {
        ("player_daily_cache", check.name, DAY): ERROR for check in checks_of(TABLES["player_daily_cache"])
    }


def test_a_look_back_day_never_built_fails_history_on_the_days_after_it(damaged, red_when_sound):
    hole = DAY - timedelta(days=2)
    plant(
        damaged,
        f"DELETE FROM nba_assets.day_ledger WHERE table_name = 'player_game_summary' AND game_date = DATE '{hole}'",
    )
    found = {place: s for place, s in red(damaged, ["player_daily_cache"]).items() if place not in red_when_sound}
    days = {day for _, check, day in found if check == "history"}
    assert days == {day for day in WINDOW if day >= hole}
    assert {s for (_, check, _), s in found.items() if check == "history"} == {ERROR}


def test_results_outside_the_ranges_for_a_month_fail_calibration(damaged, red_when_sound):
    plant(damaged, "UPDATE nba_predictions.prediction_accuracy SET is_in_80_interval = false")
    found = {place: s for place, s in red(damaged, ["prediction_accuracy"]).items() if place not in red_when_sound}
    assert found[("prediction_accuracy", "calibration", DAY)] == WARN


def test_one_markets_ranges_are_not_made_up_for_by_the_others(damaged, red_when_sound):
    plant(
        damaged,
        "UPDATE nba_predictions.prediction_accuracy SET is_in_80_interval = (player_id % 5 > 0)",
        "UPDATE nba_predictions.prediction_accuracy SET is_in_80_interval = (player_id % 5 > 2) "
        "WHERE market = 'assists' AND information_set = 'pregame'",
    )
    with make_platform(damaged).warehouse.session(read_only=True) as session:
        table = TABLES["prediction_accuracy"]
        verdict = evaluate(session, table, WINDOW, checks_of(table))["calibration"][DAY]
    assert not verdict.is_passed
    assert "assists pregame" in verdict.text
    assert "points" not in verdict.text
    assert "lineup" not in verdict.text


@pytest.mark.parametrize(
    "statement",
    [
        "ALTER TABLE nba_raw.shots ADD COLUMN smuggled BIGINT",
        "ALTER TABLE nba_raw.shots ALTER COLUMN period TYPE DOUBLE",
    ],
)
def test_another_shape_than_the_records_fails_schema_on_every_day(statement, damaged):
    plant(damaged, statement)
    assert {day for table, check, day in red(damaged, ["shots"]) if check == "schema"} == set(WINDOW)


@pytest.mark.parametrize("name", TABLES)
def test_no_check_passes_on_a_game_day_whose_rows_are_gone(name, damaged):
    with duckdb.connect(str(damaged / "warehouse.duckdb")) as connection:
        written = connection.execute(
            "SELECT game_date FROM nba_assets.day_ledger WHERE table_name = ? AND row_count > 0", [name]
        ).fetchall()
    plant(damaged, f"DELETE FROM {TABLES[name].full_name}")
    found = red(damaged, [name])
    exempt = {"schema", "history"}  # These look at the columns, and at other days.
    for (day,) in written:
        if day in WINDOW:
            assert {check for _, check, d in found if d == day} >= {
                c.name for c in checks_of(TABLES[name])
            } - exempt - {"coverage" if name == "games" else ""}


@pytest.mark.parametrize("name", TABLES)
def test_no_check_can_look_at_a_table_that_was_removed(name, damaged):
    plant(damaged, f"DROP TABLE {TABLES[name].full_name}")
    with pytest.raises(WarehouseError, match="lacks"):
        red(damaged, [name])


def test_every_check_has_a_fault_that_it_catches(red_when_sound):
    caught = {check for fault in FAULTS for _, check in fault.caught}
    told_elsewhere = {"history", "calibration", "schema", "inputs"}
    assert {check.name for check in CHECKS} == caught | told_elsewhere


def test_a_sound_warehouse_has_nothing_red_but_what_a_first_season_lacks(red_when_sound):
    assert {(table, check) for table, check, _ in red_when_sound} == {("prop_model", "model_freshness")}
