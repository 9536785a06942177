"""The parts of the report that say what is there: headline, failing checks, calendar, gaps. The parts on how good
the forecasts are stand in `forecasts.py`."""

from __future__ import annotations

from nba_assets.checks.verdict import Severity
from nba_assets.coverage import DayCoverage
from nba_assets.figures.calendar import State, in_words, months_of, state_of
from nba_assets.report.failures import Failing, by_severity
from nba_assets.report.gaps import Gap
from nba_assets.report.gather import Report
from nba_assets.report.markup import Html, breakable, days_as_ranges, section, table, tag
from nba_assets.tables import TABLES

_CLASSES = {
    State.COMPLETE: "complete",
    State.SHORT: "short",
    State.NOTHING: "nothing",
    State.NOT_BUILT: "unbuilt",
    State.IDLE: "idle",
}

_SIDE_BY_SIDE = 62
"""Calendars of no more days than this stand beside each other."""


def headline(report: Report) -> Html:
    """The range, when it was written and from what, and the figures that a reader wants first."""
    built = report.built
    whole = sum(len(days) == len(report.days) for days in built.values())
    some = sum(0 < len(days) < len(report.days) for days in built.values())
    severities = by_severity(report.failing)
    absent = sum(gap.keys for gap in report.gaps if not gap.is_accepted)
    figures = [
        ("days", f"{len(report.days):,}", f"{len(report.game_days):,} with games"),
        ("tables built on every day", f"{whole} of {len(built)}", f"{some} on some days only" if some else None),
        ("failing checks: errors", f"{severities[Severity.ERROR]:,}", f"of {report.checks_asked:,} asked"),
        ("failing checks: warnings", f"{severities[Severity.WARN]:,}", f"of {report.checks_asked:,} asked"),
        ("keys absent", f"{absent:,}", "that could be there"),
    ]
    cards = [
        tag("div", tag("dt", name), tag("dd", value, tag("small", note) if note else None))
        for name, value, note in figures
    ]
    source = ", ".join(report.sources) or "no games in this range"
    return tag(
        "header",
        tag("h1", tag("span", report.days.first), " to ", tag("span", report.days.last)),
        tag("p", f"Written {report.written:%Y-%m-%d %H:%M %Z}. Source: {source}.", class_="quiet"),
        tag("dl", *cards),
    )


def failing_checks(report: Report) -> Html:
    """Every check that fails on some day, by table."""
    if not report.failing:
        text = f"All {report.checks_asked:,} checks (each of a table) pass on every day."
        return section("checks", "Failing checks", tag("p", text))
    rows = [
        (
            breakable(entry.table.full_name),
            _check_name(entry),
            _severity(entry.severity),
            days_as_ranges(entry.days),
            entry.text,
        )
        for entry in report.failing
    ]
    note = "Each text is about the first of its days."
    if any(entry.is_unbuilt for entry in report.failing):
        note += " Days on which a table was never built are one line for all of its checks, and are not counted above."
    grid = table(("table", "check", "severity", "days", "what it says"), rows, "Failing checks", is_wordy=True)
    return section("checks", "Failing checks", tag("p", note, class_="quiet"), grid)


def calendar(report: Report) -> Html:
    """Each table's days as cells, by month."""
    signs = (tag("li", _cell(state, None), state.value.words) for state in State)
    tables = [_table_calendar(name, days) for name, days in report.by_table.items()]
    is_short = len(report.days) <= _SIDE_BY_SIDE
    blocks = tag("div", *tables, class_="side-by-side" if is_short else None)
    return section("coverage", "Coverage", tag("ul", *signs, class_="legend"), blocks)


def gaps(report: Report) -> Html:
    """Absent keys by table and reason, those that are rightly absent apart."""
    missing = [gap for gap in report.gaps if not gap.is_accepted]
    accepted = [gap for gap in report.gaps if gap.is_accepted]
    parts = [_gap_table(missing, "Gaps") if missing else tag("p", "Nothing that could be there is absent.")]
    if accepted:
        parts += [tag("h3", "Rightly absent"), tag("p", "Nothing could be there.", class_="quiet")]
        parts.append(_gap_table(accepted, "Rightly absent"))
    return section("gaps", "Gaps by reason", *parts)


def _check_name(entry: Failing) -> object:
    if not entry.is_unbuilt:
        return entry.checks[0]
    return tag("span", f"all {len(entry.checks)} checks", title=", ".join(entry.checks))


def _severity(severity: Severity) -> Html:
    return tag("span", str(severity), class_=f"severity {severity.lower()}")


def _table_calendar(name: str, days: list[DayCoverage]) -> Html:
    by_day = {day.day: day for day in days}
    months = []
    for month, of_month in months_of(by_day):
        cells = [_cell(state_of(by_day[day]), by_day[day]) for day in of_month]
        # The first cell goes to its weekday's column; the others follow it.
        place = f"--first:{of_month[0].weekday() + 1}"
        months.append(tag("div", tag("h4", month), tag("div", *cells, class_="month", style=place)))
    return tag(
        "div",
        tag("h3", breakable(TABLES[name].full_name), tag("small", _summary(days))),
        tag("div", *months, class_="months"),
    )


def _summary(days: list[DayCoverage]) -> str:
    built = sum(day.is_built for day in days)
    text = f"{built:,} of {len(days):,} days built"
    if all(day.expected is None for day in days):
        return f"{text}, {sum(day.rows for day in days):,} rows"
    present, gaps = sum(day.present or 0 for day in days), sum(day.gaps for day in days)
    share = f" ({present / (present + gaps):.1%})" if present + gaps else ""
    return f"{text}, {present:,} of {present + gaps:,} keys{share}"


def _cell(state: State, day: DayCoverage | None) -> Html:
    words = in_words(day) if day else None
    role = "img" if day else None
    return tag("i", state.value.symbol, class_=_CLASSES[state], role=role, title=words, aria_label=words)


def _gap_table(found: list[Gap], label: str) -> Html:
    rows = [
        (
            breakable(TABLES[gap.table].full_name),
            gap.reason,
            f"{gap.keys:,}" if gap.keys else "whole days",
            days_as_ranges(gap.days),
            ", ".join(f"{name}={value}" for name, value in gap.example.items()),
        )
        for gap in found
    ]
    return table(("table", "reason", "keys", "days", "example"), rows, label, numbers=(2,), is_wordy=True)
