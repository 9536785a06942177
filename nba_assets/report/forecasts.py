"""The parts of the report on how good the forecasts are: error, calibration, probabilities against lines, edges."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from nba_assets.figures import charts
from nba_assets.figures.grades import LEVELS, TARGET_INSIDE, Below, Bin, Grades, in_order, of_market, total
from nba_assets.report.edges import SYSTEM, Edges
from nba_assets.report.gather import Report
from nba_assets.report.markup import Html, figure, section, table, tag

_NOT_GRADED = "No forecast is graded in this range."
_DRAWN = f"Months with fewer than {charts.FEWEST_DRAWN} forecasts of a system are in the table only."
ALL = "all"
"""Heads the row of all months together."""


def error(report: Report) -> Html:
    """Mean absolute error and bias by system and month."""
    parts: list[Html] = []
    for market in _markets(report):
        grades = of_market(report.grades, market)
        caption = f"Mean absolute error of {market} forecasts by month, with 95 % confidence intervals. {_DRAWN}"
        chart = charts.as_svg(charts.error_chart(grades, market), f"error-{market}")
        note = (
            "Mean absolute error ± half of its 95 % confidence interval, worked out from the forecasts as if they were "
            "independent; bias is forecast minus result; n is how many were graded. Systems are silent on different "
            "players, so that columns with different n are not of the same forecasts."
        )
        parts += [tag("h3", market), tag("p", note, class_="quiet"), _by_month(grades, _error_cell, "Forecast error")]
        parts.append(figure(chart, caption))
    return section("error", "Forecast error", *(parts or [tag("p", _NOT_GRADED)]))


def calibration(report: Report) -> Html:
    """Do results lie where the forecasts' ranges and probabilities say?"""
    parts: list[Html] = []
    for market in _markets(report):
        grades = of_market(report.grades, market)
        parts += [tag("h3", market), *_inside(grades, market)]
        parts += _below({s: b for (of, s), b in report.below.items() if of == market}, market)
        parts += _reliability(report.reliability.get(market, []), market)
    return section("calibration", "Calibration", *(parts or [tag("p", _NOT_GRADED)]))


def edges(report: Report) -> Html:
    """Where the ensemble differs most from the lines."""
    found: Edges | None = report.edges
    if found is None:
        return section("edges", "Strongest edges", tag("p", "No line is known in this range."))
    note = (
        f"The {len(found.strongest)} of {found.count:,} forecasts with a line of {found.day} whose over probability is "
        f"furthest from even ({SYSTEM}). Edge is forecast minus line."
    )
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
        )
        for edge in found.strongest
    ]
    headings = ("player", "team", "opponent", "market", "line", "forecast", "P(over)", "edge", "recommendation")
    grid = table(headings, rows, "Strongest edges", numbers=(4, 5, 6, 7))
    return section("edges", "Strongest edges", tag("p", note, class_="quiet"), grid)


def _markets(report: Report) -> list[str]:
    return list(dict.fromkeys(market for market, _, _ in report.grades))


def _by_month(grades: Mapping[tuple[str, str], Grades], cell: Callable[[Grades | None], object], label: str) -> Html:
    """A row per month and one for all of them, a column per system."""
    systems, months = in_order(s for s, _ in grades), sorted({month for _, month in grades})
    rows = [[month, *(cell(grades.get((system, month))) for system in systems)] for month in months]
    rows.append([ALL, *(cell(total(g for (s, _), g in grades.items() if s == system)) for system in systems)])
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


def _inside(grades: Mapping[tuple[str, str], Grades], market: str) -> list[Html]:
    if not any(g.ranged for g in grades.values()):
        return [tag("p", "No graded forecast has quantiles.")]
    note = f"Share of results between p10 and p90; {TARGET_INSIDE:.0%} should be."
    caption = f"Share of {market} results between p10 and p90 by month, with 95 % confidence intervals. {_DRAWN}"
    return [
        tag("p", note, class_="quiet"),
        _by_month(grades, _inside_cell, "Results between p10 and p90"),
        figure(charts.as_svg(charts.inside_chart(grades), f"inside-{market}"), caption),
    ]


def _below(below: Mapping[str, Below], market: str) -> list[Html]:
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
    caption = f"Share of {market} results below each quantile of {systems[0]}; the lines across are where it should be."
    return [
        *parts,
        figure(charts.as_svg(charts.below_chart(below[systems[0]], systems[0]), f"below-{market}"), caption),
    ]


def _reliability(bins: list[Bin], market: str) -> list[Html]:
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
    caption = f"Share of {market} results over the line, by the probability that {SYSTEM} gave."
    chart = figure(charts.as_svg(charts.reliability_chart(bins), f"reliability-{market}"), caption)
    return [heading, tag("p", note, class_="quiet"), grid, chart]
