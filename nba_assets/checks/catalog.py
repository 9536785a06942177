"""Every check: its question, the tables it is asked of, how bad a failure is and why, whether it stops a run.

How a check judges is in the module that its judge comes from. `docs/checks.md` is made from this list.
"""

from __future__ import annotations

from nba_assets.checks import forecasts, history, keys, leakage, reconciliation, schedule, skill, structure, values
from nba_assets.checks.check import Check
from nba_assets.checks.verdict import Severity
from nba_assets.expected import EXPECTED
from nba_assets.tables import TABLES, Table
from nba_assets.tables.record import SAME_DAY

_ALL = frozenset(TABLES)
_LOOKING_BACK = frozenset(n for n, t in TABLES.items() if any(back != SAME_DAY for back in t.reads.values()))
_AS_OF = frozenset(n for n, t in TABLES.items() if {"last_game_date", "training_cutoff"} & set(t.column_names))
_OF_GAMES = frozenset({"player_game_summary", "team_offense_game_summary", "team_defense_game_summary"})
_PREDICTIONS = frozenset({"player_prop_predictions"})
_GRADES = frozenset({"prediction_accuracy"})

CHECKS: tuple[Check, ...] = (
    Check(
        name="schema",
        question="Are columns, types and required values those of the table's record?",
        why="every reader downstream would read something else than it thinks, on all days.",
        severity=Severity.ERROR,
        is_blocking=True,
        judge=structure.schema,
        tables=_ALL,
        sees_absence=True,
    ),
    Check(
        name="unique_key",
        question="Is there one row per key?",
        why="a row that stands twice is counted twice by everything downstream, on later days too.",
        severity=Severity.ERROR,
        is_blocking=True,
        judge=structure.unique_key,
        tables=_ALL,
    ),
    Check(
        name="row_count",
        question="Are there the rows that were written, for both sides of every game on the schedule and for no other?",
        why="the day is short or has too much; other days are not touched by it.",
        severity=Severity.ERROR,
        judge=schedule.row_count,
        tables=_ALL,
        sees_absence=True,
        needs_schedule=True,
    ),
    Check(
        name="coverage",
        question="Are enough of the expected keys there, and the others absent for a stated reason?",
        why="the day is short; what depends on it is said by `inputs` there.",
        severity=Severity.ERROR,
        judge=keys.coverage,
        tables=frozenset(EXPECTED),
        sees_absence=True,
        needs_schedule=True,
    ),
    Check(
        name="history",
        question="Is every day that the table looks back at built?",
        why="averages over half a history look like averages, and all days of the run would be wrong.",
        severity=Severity.ERROR,
        is_blocking=True,
        judge=history.history,
        tables=_LOOKING_BACK,
        sees_absence=True,
    ),
    Check(
        name="inputs",
        question="Are the games that the day's rows rest on whole: box scores that add up, known shots?",
        why="the rows are right as far as they go; what is missing in them is unknown, and said to be.",
        severity=Severity.WARN,
        judge=history.inputs,
        tables=_OF_GAMES
        | _LOOKING_BACK - {"prop_model", "player_availability", "upcoming_team_game_context"}
        | {"ml_feature_store_v2"},
        needs_schedule=True,
    ),
    Check(
        name="no_leakage",
        question="Does every row rest on days strictly before its own?",
        why="a forecast that has seen the answer is worse than none, and a leak is a fault of the code, on all days.",
        severity=Severity.ERROR,
        is_blocking=True,
        judge=leakage.no_leakage,
        tables=_AS_OF,
    ),
    Check(
        name="reconciles",
        question="Do sums and facts agree with the tables that they come from?",
        why="one of the two is wrong. A warning only where a few attempts differ by one, as after a late correction.",
        severity=Severity.ERROR,
        judge=reconciliation.reconciles,
        tables=frozenset(reconciliation.RECONCILED),
        needs_schedule=True,
    ),
    Check(
        name="values_in_range",
        question="Is every value one that its column can have at all?",
        why="a value out of bounds is a fault of the source or of a formula; the other rows stand.",
        severity=Severity.ERROR,
        judge=values.values_in_range,
        tables=_ALL,
    ),
    Check(
        name="null_share",
        question="Is no column unknown more often than declared?",
        why="an error for facts that are always known, such as minutes; a warning for what can be unknown.",
        severity=Severity.ERROR,
        judge=values.null_share,
        tables=frozenset(n for n in TABLES if values.judged_columns(n)),
    ),
    Check(
        name="not_constant",
        question="Does every measure differ from row to row?",
        why="a feature that is the same for everybody says nothing; forecasts go on without it.",
        severity=Severity.WARN,
        judge=values.not_constant,
        tables=frozenset(n for n in TABLES if values.varying_columns(n) and "player_id" in TABLES[n].column_names)
        - {"shots", "player_props", "injuries"},
    ),
    Check(
        name="drift",
        question="Are the day's feature means where the trailing month's were?",
        why="the league does change, at the trade deadline for one; a person should look.",
        severity=Severity.WARN,
        judge=skill.drift,
        tables=frozenset({"ml_feature_store_v2"}),
    ),
    Check(
        name="lines_before_tipoff",
        question="Was every line that is used quoted before tip-off?",
        why="a line from after tip-off knows the game. Raw ones are kept and used for nothing, which is a warning.",
        severity=Severity.ERROR,
        judge=forecasts.lines_before_tipoff,
        tables=frozenset({"game_lines", "player_props", "player_prop_predictions"}),
        needs_schedule=True,
    ),
    Check(
        name="model_freshness",
        question="Does a model of the latest cut-off serve the day, trained up to the games before it?",
        why="an older model still forecasts, less well; in the first season there is none yet.",
        severity=Severity.WARN,
        judge=skill.model_freshness,
        tables=frozenset({"prop_model"}),
    ),
    Check(
        name="model_skill",
        question="Does the model beat the last-10 mean on held-out days?",
        why="the ensemble goes on with the other systems.",
        severity=Severity.WARN,
        judge=skill.model_skill,
        tables=frozenset({"prop_model"}),
    ),
    Check(
        name="systems_answer",
        question="Does each system have a prediction, or a reason for none, for every feature row and market?",
        why="a silence without a reason is a loss that nobody would notice.",
        severity=Severity.ERROR,
        judge=forecasts.systems_answer,
        tables=_PREDICTIONS,
        needs_schedule=True,
        sees_absence=True,
    ),
    Check(
        name="quantiles_ordered",
        question="Do p10 to p90 rise?",
        why="ranges that cross cannot be acted on.",
        severity=Severity.ERROR,
        judge=forecasts.quantiles_ordered,
        tables=_PREDICTIONS,
    ),
    Check(
        name="probabilities",
        question="Are probabilities 0 to 1, and recommendations what they say?",
        why="a recommendation that does not follow from its probability must not go out.",
        severity=Severity.ERROR,
        judge=forecasts.probabilities,
        tables=_PREDICTIONS,
    ),
    Check(
        name="calibration",
        question="Do about 80 % of the trailing month's results lie between p10 and p90?",
        why="the ranges are too wide or too narrow; forecasts stand.",
        severity=Severity.WARN,
        judge=skill.calibration,
        tables=_GRADES,
    ),
    Check(
        name="not_too_good",
        question="Is the error as large as players' own ups and downs leave it?",
        why="an error far below them means that the answer was seen.",
        severity=Severity.ERROR,
        judge=skill.not_too_good,
        tables=_GRADES,
    ),
)
"""In the order in which they are listed."""


def checks_of(table: Table) -> tuple[Check, ...]:
    """The checks that are asked of a table."""
    return tuple(check for check in CHECKS if table.name in check.tables)
