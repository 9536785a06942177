"""The parts of the report on how good the forecasts are: error, calibration, probabilities against lines, edges.

Every information set and market is evaluated by itself. A table of all of them comes first; each unfolds below it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from nba_assets.figures import charts
from nba_assets.figures.grades import (
    LEVELS,
    TARGET_INSIDE,
    Below,
    Bin,
    Grades,
    Subject,
    in_order,
    of_subject,
    subjects,
    total,
)
from nba_assets.report.edges import SYSTEM, Edges
from nba_assets.report.gather import Report
from nba_assets.report.markup import Html, figure, fold, join, section, table, tag

_NOT_GRADED = "No forecast is graded in this range."
_DRAWN = f"Months with fewer than {charts.FEWEST_DRAWN} forecasts of a system are in the table only."
_SETS = "pregame: from the projected roster, before tip-off. lineup: knowing who plays as well."
ALL = "all"
"""Heads the row of all months together."""


def error(report: Report) -> Html:
    """Mean absolute error and bias by system: of every subject, and of each by month."""
    found = subjects(report.grades)
    if not found:
        return section("error", "Forecast error", tag("p", _NOT_GRADED))
    note = (
        "Mean absolute error ± half of its 95 % confidence interval, worked out from the forecasts as if they were "
        "independent; bias is forecast minus result; n is how many were graded. Systems are silent on different "
        "players, so that columns with different n are not of the same forecasts; nor are the information sets. "
    )
    parts: list[Html] = []
    for subject in found:
        grades, name = of_subject(report.grades, subject), _name(subject)
        caption = f"Mean absolute error of {name} forecasts by month, with 95 % confidence intervals. {_DRAWN}"
        chart = charts.as_svg(charts.error_chart(grades, subject[1]), f"error-{_slug(subject)}")
        by_month = _by_month(grades, _error_cell, f"Forecast error, {name}")
        parts.append(fold(name, by_month, figure(chart, caption), is_open=subject == found[0]))
    overview = _overview(report, _error_cell, "Forecast error")
    return section("error", "Forecast error", tag("p", f"{note}{_SETS}", class_="quiet"), overview, *parts)


def calibration(report: Report) -> Html:
    """Do results lie where the forecasts' ranges and probabilities say?"""
    found = subjects(report.grades)
    if not found:
        return section("calibration", "Calibration", tag("p", _NOT_GRADED))
    parts: list[Html] = []
    for subject in found:
        body = _inside(of_subject(report.grades, subject), subject)
        body += _below({s: b for (of, s), b in report.below.items() if of == subject}, subject)
        body += _reliability(report.reliability.get(subject, []), subject)
        parts.append(fold(_name(subject), *body, is_open=subject == found[0]))
    note = f"Share of results between p10 and p90; {TARGET_INSIDE:.0%} should be. {_SETS}"
    overview = _overview(report, _inside_cell, "Results between p10 and p90")
    return section("calibration", "Calibration", tag("p", note, class_="quiet"), overview, *parts)


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


def _overview(report: Report, cell: Callable[[Grades | None], object], label: str) -> Html:
    """A row per subject over all months, a column per system."""
    systems = in_order(system for _, system, _ in report.grades)
    rows = []
    for subject in subjects(report.grades):
        of_all = of_subject(report.grades, subject)
        cells = (_all_months(of_all, system) for system in systems)
        rows.append((*subject, *(cell(grades) for grades in cells)))
    return table(("information set", "market", *systems), rows, label, numbers=range(2, len(systems) + 2))


def _all_months(grades: Mapping[tuple[str, str], Grades], system: str) -> Grades | None:
    mine = [g for (of, _), g in grades.items() if of == system]
    return total(mine) if mine else None


def _by_month(grades: Mapping[tuple[str, str], Grades], cell: Callable[[Grades | None], object], label: str) -> Html:
    """A row per month and one for all of them, a column per system."""
    systems, months = in_order(s for s, _ in grades), sorted({month for _, month in grades})
    rows = [[month, *(cell(grades.get((system, month))) for system in systems)] for month in months]
    rows.append([ALL, *(cell(_all_months(grades, system)) for system in systems)])
    return table(("month", *systems), rows, label, numbers=range(1, len(systems) + 1))


def _error_cell(grades: Grades | None) -> object:
    if grades is None:
        return "-"
    margin = "" if grades.error_margin is None else f" ± {grades.error_margin:.2f}"
    return tag("span", f"{grades.error:.2f}{margin}", tag("small", f"bias {grades.bias:+.2f}, n {grades.count:,}"))


def _inside_cell(grades: Grades | None) -> object:
    if grades is None or grades.inside_share is None:
        return "-"
    margin = f"± {100 * (grades.inside_margin or 0):.1f}, n {grades.ranged:,}"
    return tag("span", f"{grades.inside_share:.1%}", tag("small", margin))


def _inside(grades: Mapping[tuple[str, str], Grades], subject: Subject) -> list[Html]:
    if not any(g.ranged for g in grades.values()):
        return [tag("p", "No graded forecast has quantiles.")]
    caption = (
        f"Share of {_name(subject)} results between p10 and p90 by month, with 95 % confidence intervals. {_DRAWN}"
    )
    return [
        _by_month(grades, _inside_cell, f"Results between p10 and p90, {_name(subject)}"),
        figure(charts.as_svg(charts.inside_chart(grades), f"inside-{_slug(subject)}"), caption),
    ]


def _below(below: Mapping[str, Below], subject: Subject) -> list[Html]:
    if not below:
        return []
    note = (
        "Share of results below each quantile of their forecast: 10 % should be below p10, and so on. A quantile is "
        "never below zero and a result is a whole number, so that few results lie below the low quantiles of those who "
        "score little."
    )
    systems = in_order(below)
    rows = [(s, *(f"{below[s].share(level):.1%}" for level in LEVELS), f"{below[s].count:,}") for s in systems]
    headings = ("system", *(f"p{level}" for level in LEVELS), "n")
    parts = [tag("h4", "Below each quantile"), tag("p", note, class_="quiet")]
    parts.append(table(headings, rows, "Results below each quantile", numbers=range(1, len(headings))))
    first = systems[0]
    caption = (
        f"Share of {_name(subject)} results below each quantile of {first}; the lines across are where it should be."
    )
    chart = charts.as_svg(charts.below_chart(below[first], first), f"below-{_slug(subject)}")
    return [*parts, figure(chart, caption)]


def _reliability(bins: list[Bin], subject: Subject) -> list[Html]:
    heading = tag("h4", "Over probabilities")
    if not bins:
        return [heading, tag("p", "No graded forecast has a line in this range.")]
    note = f"Over probabilities of {SYSTEM} against what came of them, in tenths; pushes are left out."
    rows = [
        (
            f"{b.tenth / 10:.1f} to {(b.tenth + 1) / 10:.1f}",
            f"{b.mean_probability:.1%}",
            f"{b.over_share:.1%}",
            f"{b.count:,}",
        )
        for b in bins
    ]
    grid = table(("over probability", "mean", "went over", "n"), rows, "Over probabilities", numbers=(1, 2, 3))
    caption = f"Share of {_name(subject)} results over the line, by the probability that {SYSTEM} gave."
    chart = figure(charts.as_svg(charts.reliability_chart(bins), f"reliability-{_slug(subject)}"), caption)
    return [heading, tag("p", note, class_="quiet"), grid, chart]
