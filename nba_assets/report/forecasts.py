"""The parts of the report on how good the forecasts are: error, calibration, probabilities against lines, edges.

Every information set and market is evaluated by itself. A table of all of them comes first; each unfolds below it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from nba_assets.evaluation.moments import plus_minus
from nba_assets.evaluation.slices import LEVELS, TARGET_INSIDE, WHOLE, Slice, Subject, in_order, totals
from nba_assets.figures import charts
from nba_assets.report.edges import SYSTEM, Edges
from nba_assets.report.gather import Report
from nba_assets.report.markup import Html, figure, fold, join, section, table, tag

_NOT_GRADED = "No forecast is graded in this range."
_DRAWN = f"Months with fewer than {charts.FEWEST_DRAWN} forecasts of a system are in the table only."
_SETS = "pregame: from the projected roster, before tip-off. lineup: knowing who plays as well."


def error(report: Report) -> Html:
    """Mean absolute error and bias by system: of every subject, and of each by month."""
    if not report.graded:
        return section("error", "Forecast error", tag("p", _NOT_GRADED))
    note = (
        "Mean absolute error ± half of its 95 % confidence interval, worked out from the forecasts as if they were "
        "independent; bias is forecast minus result; n is how many were graded. Systems are silent on different "
        "players, so that columns with different n are not of the same forecasts; nor are the information sets. "
    )
    parts: list[Html] = []
    for subject, slices in report.graded.items():
        name = _name(subject)
        caption = f"Mean absolute error of {name} forecasts by month, with 95 % confidence intervals. {_DRAWN}"
        chart = charts.as_svg(charts.error_chart(slices), f"error-{_slug(subject)}")
        by_month = _by_month(slices, _error_cell, f"Forecast error, {name}")
        parts.append(fold(name, by_month, figure(chart, caption), is_open=not parts))
    overview = _overview(report, _error_cell, "Forecast error")
    return section("error", "Forecast error", tag("p", f"{note}{_SETS}", class_="quiet"), overview, *parts)


def calibration(report: Report) -> Html:
    """Do results lie where the forecasts' ranges and probabilities say?"""
    if not report.graded:
        return section("calibration", "Calibration", tag("p", _NOT_GRADED))
    parts: list[Html] = []
    for subject, slices in report.graded.items():
        whole = totals(slices)
        body = [*_inside(slices, subject), *_below(whole, subject), *_reliability(whole, subject)]
        parts.append(fold(_name(subject), *body, is_open=not parts))
    note = f"Share of results between p10 and p90, its 95 % confidence interval and n; {TARGET_INSIDE:.0%} should be. "
    overview = _overview(report, _inside_cell, "Results between p10 and p90")
    return section("calibration", "Calibration", tag("p", f"{note}{_SETS}", class_="quiet"), overview, *parts)


def edges(report: Report) -> Html:
    """Where the ensemble differs most from the lines, by information set."""
    if not report.edges:
        return section("edges", "Strongest edges", tag("p", "No line is known in this range."))
    first = next(iter(report.edges))
    parts = [fold(name, *_edges(found), is_open=name == first) for name, found in report.edges.items()]
    return section("edges", "Strongest edges", tag("p", _SETS, class_="quiet"), *parts)


def _edges(found: Edges) -> list[Html]:
    note = (
        f"The {len(found.strongest)} of {found.count:,} forecasts with a line of {found.day} whose over probability is "
        f"furthest from even ({SYSTEM}). Edge is forecast minus line."
    )
    why = "Why: what moved the trained model's forecast most, away from what it says of the player's usual night. "
    why += " ".join(f"{market} has no reasons: {reason.rstrip('.')}." for market, reason in found.unexplained.items())
    rows = [
        (
            edge.player,
            edge.team,
            edge.opponent,
            edge.market,
            f"{edge.line:.1f}",
            f"{edge.forecast:.1f}",
            "-" if edge.over_probability is None else f"{edge.over_probability:.0%}",
            f"{edge.edge:+.1f}",
            edge.recommendation,
            join(tag("small", reason) for reason in edge.reasons) if edge.reasons else "-",
        )
        for edge in found.strongest
    ]
    headings = ("player", "team", "opponent", "market", "line", "forecast", "P(over)", "edge", "recommendation", "why")
    grid = table(headings, rows, "Strongest edges", numbers=(4, 5, 6, 7))
    return [tag("p", note, class_="quiet"), tag("p", why, class_="quiet"), grid]


def _name(subject: Subject) -> str:
    return " ".join(subject)


def _slug(subject: Subject) -> str:
    return "-".join(subject)


def _overview(report: Report, cell: Callable[[Slice], Html], label: str) -> Html:
    """A row per subject over all months, a column per system."""
    systems = in_order(one.system_id for slices in report.graded.values() for one in slices)
    rows = [(*subject, *_cells(totals(slices), systems, cell)) for subject, slices in report.graded.items()]
    return table(("information set", "market", *systems), rows, label, numbers=range(2, len(systems) + 2))


def _by_month(slices: Sequence[Slice], cell: Callable[[Slice], Html], label: str) -> Html:
    """A row per month and one for all of them, a column per system."""
    systems = in_order(one.system_id for one in slices)
    months = sorted({one.part for one in slices})
    rows = [(month, *_cells([s for s in slices if s.part == month], systems, cell)) for month in months]
    rows.append((WHOLE, *_cells(totals(slices), systems, cell)))
    return table(("month", *systems), rows, label, numbers=range(1, len(systems) + 1))


def _cells(slices: Sequence[Slice], systems: Sequence[str], cell: Callable[[Slice], Html]) -> list[object]:
    """A cell for each system, in their order; those of which there is no slice have a dash."""
    told = {one.system_id: cell(one) for one in slices}
    return [told.get(system, "-") for system in systems]


def _error_cell(one: Slice) -> Html:
    small = tag("small", f"bias {one.bias:+.2f}, n {one.count:,}")
    return tag("span", f"{one.error:.2f}{plus_minus(one.error_interval)}", small)


def _inside_cell(one: Slice) -> Html:
    interval = one.inside.share_interval
    if interval is None:
        return Html("-")
    small = tag("small", f"{100 * interval[0]:.1f} to {100 * interval[1]:.1f}, n {one.inside.count:,}")
    return tag("span", f"{one.inside.mean:.1%}", small)


def _inside(slices: Sequence[Slice], subject: Subject) -> list[Html]:
    if not any(one.inside.count for one in slices):
        return [tag("p", "No graded forecast has quantiles.")]
    caption = (
        f"Share of {_name(subject)} results between p10 and p90 by month, with 95 % confidence intervals. {_DRAWN}"
    )
    return [
        _by_month(slices, _inside_cell, f"Results between p10 and p90, {_name(subject)}"),
        figure(charts.as_svg(charts.inside_chart(slices), f"inside-{_slug(subject)}"), caption),
    ]


def _below(whole: Sequence[Slice], subject: Subject) -> list[Html]:
    ranged = [one for one in whole if one.inside.count]
    if not ranged:
        return []
    note = (
        "Share of results below each quantile of their forecast, a result that equals it counting half: 10 % should be "
        "below p10, and so on. Such ties are at zero, below which no quantile is: where a low one is zero for many, "
        "half of their nights without any count as below it, and the share is above its level."
    )
    rows = [(s.system_id, *(f"{s.below(level):.1%}" for level in LEVELS), f"{s.inside.count:,}") for s in ranged]
    headings = ("system", *(f"p{level}" for level in LEVELS), "n")
    parts = [tag("h4", "Below each quantile"), tag("p", note, class_="quiet")]
    parts.append(table(headings, rows, "Results below each quantile", numbers=range(1, len(headings))))
    first = ranged[0]
    caption = (
        f"Share of {_name(subject)} results below each quantile of {first.system_id}, ties counting half; the lines "
        "across are where it should be."
    )
    chart = charts.as_svg(charts.below_chart(first), f"below-{_slug(subject)}")
    return [*parts, figure(chart, caption)]


def _reliability(whole: Sequence[Slice], subject: Subject) -> list[Html]:
    heading = tag("h4", "Over probabilities")
    one = next((one for one in whole if one.system_id == SYSTEM and one.lined), None)
    if one is None:
        return [heading, tag("p", "No graded forecast has a line in this range.")]
    note = f"Over probabilities of {SYSTEM} against what came of them, in tenths; pushes are left out."
    rows = [
        (
            f"{b.tenth / 10:.1f} to {(b.tenth + 1) / 10:.1f}",
            f"{b.mean_probability:.1%}",
            f"{b.over_share:.1%}",
            f"{b.count:,}",
        )
        for b in one.reliability
    ]
    grid = table(("over probability", "mean", "went over", "n"), rows, "Over probabilities", numbers=(1, 2, 3))
    caption = f"Share of {_name(subject)} results over the line, by the probability that {SYSTEM} gave."
    chart = figure(charts.as_svg(charts.reliability_chart(one), f"reliability-{_slug(subject)}"), caption)
    return [heading, tag("p", note, class_="quiet"), grid, chart]
