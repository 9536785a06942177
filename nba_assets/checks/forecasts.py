"""Can the predictions be taken at their word: every system answers, quantiles and probabilities hang together, and no
line comes from after tip-off."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from itertools import pairwise
from typing import Any

import ibis
import ibis.expr.types as ir

from nba_assets.absence import recorded
from nba_assets.checks.look import Look
from nba_assets.checks.verdict import Severity, Verdict, counted, failed, passed
from nba_assets.markets import MARKETS
from nba_assets.systems import SYSTEMS
from nba_assets.tables.features import ML_FEATURE_STORE_V2
from nba_assets.tables.predictions import PLAYER_PROP_PREDICTIONS
from nba_assets.transforms.as_of import before_tipoff, made_before_tipoff
from nba_assets.transforms.joins import add_columns
from nba_assets.transforms.odds import decimal_odds
from nba_assets.transforms.predictions.lines import consensus_lines

_EXAMPLES = 5
_TINY = 1e-9
_KEY = PLAYER_PROP_PREDICTIONS.key


def systems_answer(look: Look) -> dict[date, Verdict]:
    """Each system has a prediction, or a reason on record for having none, for every feature row and market."""
    answers = ibis.memtable(
        [(m.name, s) for m in MARKETS for s in SYSTEMS], schema={"market": "string", "system_id": "string"}
    )
    expected = look.read("ml_feature_store_v2").select(*ML_FEATURE_STORE_V2.key).cross_join(answers)
    said = look.rows.select(*_KEY)
    unsaid = recorded(look.session, look.table, look.days)
    total = look.by_day(expected.group_by("game_date").agg(expected=expected.count()))
    silent = look.lists_by_day(expected.anti_join(said, _KEY).anti_join(unsaid, _KEY).order_by(*_KEY))
    verdicts = {}
    for day in look.days:
        count, bad = total.get(day, {"expected": 0})["expected"], silent.get(day, [])
        if bad:
            systems = sorted({row["system_id"] for row in bad})
            text = f"{counted(len(bad), 'answer')} of {count:,} are neither there nor explained ({', '.join(systems)})."
            verdicts[day] = failed(text, details=bad[:_EXAMPLES], expected=count, unexplained=len(bad))
        else:
            verdicts[day] = passed(f"All {count:,} answers are there or explained.", expected=count, unexplained=0)
    return verdicts


def quantiles_ordered(look: Look) -> dict[date, Verdict]:
    """p10 to p90 never fall, and are all known or all unknown."""
    from nba_assets.models.distribution import QUANTILES

    rows = look.rows
    levels = [rows[f"p{level}"] for level in QUANTILES]
    falls = ibis.or_(*(low > high for low, high in pairwise(levels)))
    known = sum((level.notnull().cast("int64") for level in levels), ibis.literal(0))
    wrong = ibis.coalesce(falls, False) | ~known.isin([0, len(levels)])
    return _none_wrong(look, wrong, "quantiles that fall or are half known", *(f"p{level}" for level in QUANTILES))


def probabilities(look: Look) -> dict[date, Verdict]:
    """Probabilities and confidence are 0 to 1, and the recommendation is what they say."""
    from nba_assets.models.odds import MINIMUM_PROBABILITY

    rows = look.rows
    over = rows.over_probability
    recommended = ibis.cases((rows.recommendation == "OVER", over), (rows.recommendation == "UNDER", 1 - over))
    advised = ibis.coalesce(_advised(rows), rows.recommendation)
    wrong = (
        ~ibis.coalesce(over.between(0, 1), True)
        | ~ibis.coalesce(rows.confidence_score.between(0, 1), True)
        | (over.notnull() & rows.line.isnull())
        | (rows.recommendation != advised)
        | ibis.coalesce(recommended < MINIMUM_PROBABILITY - _TINY, False)
    )
    columns = ("line", "over_probability", "confidence_score", "recommendation")
    return _none_wrong(look, wrong, "probabilities that do not hang together", *columns)


def _advised(rows: ir.Table) -> ir.StringValue:
    """What the probability and the prices advise; NULL on a whole line, where it takes knowing how likely a push is."""
    from nba_assets.models.odds import ASSUMED_PRICE_AMERICAN, MINIMUM_EXPECTED_VALUE, MINIMUM_PROBABILITY

    is_unpriced = rows.over_price_american.isnull() & rows.under_price_american.isnull()
    is_bet = {}
    for side, probability in (("over", rows.over_probability), ("under", 1 - rows.over_probability)):
        price = is_unpriced.ifelse(ASSUMED_PRICE_AMERICAN, rows[f"{side}_price_american"])
        value = probability * decimal_odds(price) - 1
        is_bet[side] = (probability >= MINIMUM_PROBABILITY - _TINY) & (value >= MINIMUM_EXPECTED_VALUE - _TINY)
    return ibis.cases(
        (rows.line.isnull(), "NO_LINE"),
        (rows.line == rows.line.floor(), ibis.null("string")),
        (ibis.coalesce(is_bet["over"], False), "OVER"),
        (ibis.coalesce(is_bet["under"], False), "UNDER"),
        else_="PASS",
    )


def _none_wrong(look: Look, wrong: ir.BooleanValue, what: str, *columns: str) -> dict[date, Verdict]:
    bad = look.lists_by_day(look.rows.filter(wrong).select(*_KEY, *columns).order_by(*_KEY))
    return {day: _verdict(bad.get(day, []), look.row_count(day), what) for day in look.days}


def _verdict(bad: list[dict[str, Any]], rows: int, what: str) -> Verdict:
    if bad:
        return failed(f"{counted(len(bad), 'row')} of {rows:,} with {what}.", details=bad[:_EXAMPLES], wrong=len(bad))
    return passed(f"{counted(rows, 'row')} without {what}.", wrong=0)


def lines_before_tipoff(look: Look) -> dict[date, Verdict]:
    """Of lines: none is stamped from tip-off on. Of predictions: each line is the one chosen among the others."""
    if look.table.name == "player_prop_predictions":
        return _predicted_against_late_lines(look)
    rows, key = look.rows, list(look.table.key)
    late = rows.anti_join(before_tipoff(rows, look.read("games")), key)
    bad = look.lists_by_day(late.select(*dict.fromkeys(("game_date", *key)), "snapshot_utc").order_by(*key))
    what = "a stamp from tip-off on, or of a game whose start is unknown; they are used for nothing"
    verdicts = {day: _verdict(bad.get(day, []), look.row_count(day), what) for day in look.days}
    return {day: replace(v, severity=Severity.WARN) for day, v in verdicts.items()}


def _predicted_against_late_lines(look: Look) -> dict[date, Verdict]:
    lines = consensus_lines(look.read("player_props"), look.read("games"))
    chosen = lines.select("game_date", "player_id", "market", line_before_tipoff="line")
    rows = add_columns(look.rows, chosen, "game_date", "player_id", "market")
    is_same = ibis.coalesce((rows.line - rows.line_before_tipoff).abs() < 1e-6, False)
    wrong = rows.filter(rows.line.notnull() & ~is_same)
    # What was said before tip-off stands with the line of its time, which may have moved since.
    wrong = wrong.anti_join(made_before_tipoff(wrong, look.read("games")), _KEY)
    wrong = wrong.select(*_KEY, "line", "line_before_tipoff")
    bad = look.lists_by_day(wrong.order_by(*_KEY))
    what = "a line that no bookmaker quoted before tip-off"
    return {day: _verdict(bad.get(day, []), look.row_count(day), what) for day in look.days}
