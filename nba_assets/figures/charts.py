"""Charts of slices of graded forecasts as matplotlib figures, and figures as inline SVG or as an image in Markdown.

matplotlib takes half a second to load and is imported in the functions. `pyplot` and its global state are not used.
"""

from __future__ import annotations

import base64
import io
import math
import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from nba_assets.evaluation.moments import Interval
from nba_assets.evaluation.slices import LEVELS, TARGET_INSIDE, Slice, in_order

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

INK = "#3a3b3c"
"""Colour of text and axes; in SVG it becomes that of the text around the chart."""
FEWEST_DRAWN = 100
"""A system's month with fewer graded forecasts is left out of the lines."""
MOST_LABELS = 10
"""More months than this are not all labelled."""
_HEIGHT = 3.2
"""Of every chart, in inches."""
_LEGEND_COLUMNS = 3
_PANEL_COLUMNS = 2
_STYLES = {
    "ensemble": ("#1f78c8", "o"),
    "lightgbm": ("#d9730d", "s"),
    "network": ("#c2334d", "P"),
    "moving_average": ("#2a9d62", "^"),
    "zone_matchup": ("#b452b0", "D"),
    "similarity": ("#a08a1c", "v"),
}
_OTHER = ("#808080", "x")
_EVEN = "#909090"

_Points = Mapping[tuple[str, str], tuple[float, Interval | None]]
"""System and month -> a value with its interval."""


def error_chart(*subjects: Sequence[Slice]) -> Figure:
    """Mean absolute error by month: a panel for each subject, a line for each system, 95 % confidence intervals."""
    figure, panels = _canvas(len(subjects))
    for axes, slices in zip(panels, subjects, strict=True):
        _lines(axes, {(one.system_id, one.part): (one.error, one.error_interval) for one in _large_enough(slices)})
        axes.set_ylabel(f"mean absolute error, {slices[0].market}")
    return _finished(figure, panels)


def inside_chart(*subjects: Sequence[Slice]) -> Figure:
    """Share of results between p10 and p90 by month: a panel for each subject, a line for each system, the target."""
    figure, panels = _canvas(len(subjects))
    for axes, slices in zip(panels, subjects, strict=True):
        shares = {(one.system_id, one.part): one.inside for one in _large_enough(slices)}
        points = {key: (share.mean, share.share_interval) for key, share in shares.items() if share.mean is not None}
        axes.axhline(TARGET_INSIDE, color=_EVEN, linewidth=1, linestyle="--", label=f"target {TARGET_INSIDE:.0%}")
        _lines(axes, points)
        axes.set_ylabel(f"share between p10 and p90, {slices[0].market}")
        axes.yaxis.set_major_formatter(lambda value, _: f"{100 * value:.3g}%")
    return _finished(figure, panels)


def below_chart(one: Slice) -> Figure:
    """Bars: share of results below each quantile, with the share that there should be as a line across."""
    figure, (axes,) = _canvas(width=4.6)
    places = range(len(LEVELS))
    shares = [one.below(level) or 0.0 for level in LEVELS]
    colour, _ = _STYLES.get(one.system_id, _OTHER)
    axes.bar(places, shares, width=0.62, color=colour, label=f"results, {one.system_id}")
    for place, level, share in zip(places, LEVELS, shares, strict=True):
        axes.plot([place - 0.42, place + 0.42], [level / 100] * 2, color=INK, linewidth=2)
        axes.text(place, share + 0.035 if share >= level / 100 else level / 100 + 0.035, f"{share:.1%}", **_centred())
    axes.plot([], [], color=INK, linewidth=2, label="calibrated")
    axes.set_xticks(list(places), [f"p{level}" for level in LEVELS])
    axes.set_ylim(0, 1.08)
    axes.set_ylabel("share of results below, ties half")
    axes.yaxis.set_major_formatter(lambda value, _: f"{100 * value:.3g}%")
    return _finished(figure, [axes])


def reliability_chart(one: Slice) -> Figure:
    """How often the result went over, against the probability that was given for it; the larger, the more forecasts."""
    figure, (axes,) = _canvas(width=4.6)
    found = one.reliability
    axes.plot([0, 1], [0, 1], color=_EVEN, linewidth=1, linestyle="--", label="calibrated")
    most = max(b.count for b in found)
    axes.plot([b.mean_probability for b in found], [b.over_share for b in found], color="#1f78c8", linewidth=1)
    axes.scatter(
        [b.mean_probability for b in found],
        [b.over_share for b in found],
        s=[12 + 90 * b.count / most for b in found],
        color="#1f78c8",
        label="results, by tenths",
        zorder=3,
    )
    axes.set_xlim(0, 1)
    axes.set_ylim(-0.03, 1.03)
    axes.set_xlabel("over probability given")
    axes.set_ylabel("share of results over")
    return _finished(figure, [axes])


def as_svg(figure: Figure, name: str) -> str:
    """The figure as an SVG element for an HTML page: no reference to anywhere, ids that begin with `name`."""
    import matplotlib

    stream = io.StringIO()
    with matplotlib.rc_context({"svg.fonttype": "none", "svg.hashsalt": name}):
        nothing = dict.fromkeys(("Date", "Creator", "Format", "Type"))
        figure.savefig(stream, format="svg", transparent=True, metadata=nothing)
    text = stream.getvalue()
    text = text[text.index("<svg") :]
    text = re.sub(r"<defs>\s*<style.*?</style>\s*</defs>", "", text, count=1, flags=re.DOTALL)
    text = re.sub(r' xmlns(:xlink)?="[^"]*"', "", text).replace("xlink:href=", "href=")
    text = re.sub(r'\bid="', f'id="{name}-', text)
    text = re.sub(r'(href="#|url\(#)', rf"\g<1>{name}-", text)
    text = re.sub(r"font-family: [^;\"]*", "font-family: inherit", text)
    return text.replace(INK, "currentColor").strip()


def as_markdown_image(figure: Figure, title: str) -> str:
    """The figure as Markdown with the image inside."""
    stream = io.BytesIO()
    figure.savefig(stream, format="png", dpi=90, facecolor="white")
    return f"![{title}](data:image/png;base64,{base64.b64encode(stream.getvalue()).decode()})"


def _large_enough(slices: Sequence[Slice]) -> Sequence[Slice]:
    """Those of FEWEST_DRAWN forecasts or more, unless there is none: a few would stretch the scale for all others."""
    return [one for one in slices if one.count >= FEWEST_DRAWN] or slices


def _canvas(panels: int = 1, width: float = 6.4) -> tuple[Figure, Sequence[Axes]]:
    """A figure with so many panels, each of this width in inches."""
    from matplotlib.figure import Figure

    columns = min(panels, _PANEL_COLUMNS)
    rows = math.ceil(panels / columns)
    figure = Figure(figsize=(columns * width, rows * _HEIGHT))
    return figure, [figure.add_subplot(rows, columns, place + 1) for place in range(panels)]


def _lines(axes: Axes, points: _Points) -> None:
    """A line for each system over the months, each a little aside so that intervals do not cover one another."""
    months = sorted({month for _, month in points})
    systems = in_order(system for system, _ in points)
    for number, system in enumerate(systems):
        aside = (number - (len(systems) - 1) / 2) * 0.08
        colour, marker = _STYLES.get(system, _OTHER)
        mine = [
            (place + aside, *points[system, month]) for place, month in enumerate(months) if (system, month) in points
        ]
        # Of no length where there is no interval, nor below zero by rounding.
        whiskers = [
            (max(value - interval[0], 0.0), max(interval[1] - value, 0.0)) if interval else (0.0, 0.0)
            for _, value, interval in mine
        ]
        axes.errorbar(
            [x for x, _, _ in mine],
            [value for _, value, _ in mine],
            yerr=list(zip(*whiskers, strict=True)),
            color=colour,
            marker=marker,
            markersize=4.5,
            linewidth=2.2 if system == "ensemble" else 1.2,
            elinewidth=0.8,
            label=system,
            zorder=4 if system == "ensemble" else 3,
        )
    step = max(1, math.ceil(len(months) / MOST_LABELS))
    axes.set_xticks(range(0, len(months), step), months[::step])
    axes.set_xlim(-0.6, len(months) - 0.4)


def _centred() -> dict[str, Any]:
    return {"ha": "center", "fontsize": 8.5, "color": INK}


def _finished(figure: Figure, panels: Sequence[Axes]) -> Figure:
    for axes in panels:
        axes.grid(axis="y", color=_EVEN, alpha=0.3, linewidth=0.6)
        axes.set_axisbelow(True)
        for side in ("top", "right"):
            axes.spines[side].set_visible(False)
        for side in ("left", "bottom"):
            axes.spines[side].set_color(INK)
        axes.tick_params(colors=INK, labelsize=9)
        for label in (axes.xaxis.label, axes.yaxis.label):
            label.set_color(INK)
            label.set_fontsize(9.5)
    named = {name: drawn for axes in panels for drawn, name in zip(*axes.get_legend_handles_labels(), strict=True)}
    figure.legend(
        list(named.values()),
        list(named),
        loc="upper center",
        ncols=_LEGEND_COLUMNS,
        frameon=False,
        fontsize=9,
        labelcolor=INK,
    )
    # Margins that hold what stands in them: to let matplotlib find them takes as long as to draw.
    width, height = figure.get_size_inches()
    below = 0.48 if panels[0].get_xlabel() else 0.28
    figure.subplots_adjust(
        left=0.68 / width,
        right=1 - 0.1 / width,
        bottom=below / height,
        top=1 - (0.16 + 0.19 * math.ceil(len(named) / _LEGEND_COLUMNS)) / height,
        wspace=0.15,
        hspace=0.15,
    )
    return figure
