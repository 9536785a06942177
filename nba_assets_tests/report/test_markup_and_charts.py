"""Nothing from a source becomes markup; charts stand on their own."""

from __future__ import annotations

import base64
import re
import subprocess
import sys
import xml.etree.ElementTree as ElementTree
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from nba_assets.evaluation.moments import Moments
from nba_assets.evaluation.slices import LEVELS, Slice
from nba_assets.figures import charts
from nba_assets.report.markup import Html, breakable, days_as_ranges, join, table, tag

NASTY = '<b>"O\'Neal" & co</b>'


def slice_of(system: str, month: str, count: int, total: float, squared: float, inside: int = 0, **more: Any) -> Slice:
    """Of so many forecasts, with the sum of their absolute errors and its squares; half are below each quantile."""
    measures = {
        "error": Moments(count, total, squared),
        "inside": Moments(count, inside, inside),
        **{f"below_{level}": Moments(count, count / 2, count / 2) for level in LEVELS},
    }
    return Slice("points", "pregame", system, month, {**measures, **more.pop("measures", {})}, **more)


SLICES = [
    slice_of(system, month, 200, 900 + 10 * n, 6000, inside=160 + n)
    for n, (system, month) in enumerate((s, m) for s in ("ensemble", "lightgbm") for m in ("2021-12", "2022-01"))
]
LINED = slice_of(
    "ensemble",
    "all",
    30,
    100,
    700,
    bins={4: (Moments(10, 4.5), Moments(10, 3)), 6: (Moments(20, 12.4), Moments(20, 14))},
)


def all_charts():
    return {
        "error": charts.error_chart(SLICES),
        "inside": charts.inside_chart(SLICES),
        "below": charts.below_chart(LINED),
        "reliability": charts.reliability_chart(LINED),
    }


def test_children_and_attributes_are_escaped():
    made = tag("td", NASTY, title=NASTY)
    assert "<b>" not in made
    element = ElementTree.fromstring(made)  # noqa: S314 - made above
    assert element.text == element.get("title") == NASTY


def test_markup_is_not_escaped_twice():
    assert tag("p", tag("i", "a & b"), " < ", Html("<br>")) == "<p><i>a &amp; b</i> &lt; <br></p>"
    assert join(["<", None, 3]) == "&lt;3"
    assert breakable("a.b_<") == "a.<wbr>b_<wbr>&lt;"


def test_every_cell_of_a_table_is_escaped():
    made = table((NASTY,), [(NASTY, NASTY)], NASTY, numbers=(1,))
    assert "<b>" not in made
    assert made.count("&lt;b&gt;") == 4


def test_days_are_ranges_and_the_rest_of_many_unfolds():
    first = date(2022, 1, 1)
    few = days_as_ranges([first, first + timedelta(days=1), first + timedelta(days=3)])
    assert re.sub("<.*?>", "", few) == "2022-01-01..2022-01-02, 2022-01-043 days"
    assert "<details>" not in few
    many = days_as_ranges([first + timedelta(days=2 * n) for n in range(6)])
    assert "<details><summary>and 3 more, 6 days</summary>" in many
    assert re.findall(r"2022-01-\d\d", many) == [f"2022-01-{n:02}" for n in (1, 3, 5, 7, 9, 11)]


@pytest.mark.parametrize("name", ["error", "inside", "below", "reliability"])
def test_a_chart_as_svg_refers_to_nothing_outside(name):
    svg = charts.as_svg(all_charts()[name], name)
    assert svg.startswith("<svg ")
    assert "http" not in svg
    assert "<style" not in svg
    assert charts.INK not in svg
    element = ElementTree.fromstring(svg)  # noqa: S314 - made above
    ids = {e.get("id") for e in element.iter()} - {None}
    assert ids
    assert all(i.startswith(f"{name}-") for i in ids)
    referred = set(re.findall(r'href="#([^"]*)"|url\(#([^)]*)\)', svg))
    assert {a or b for a, b in referred} <= ids


def test_charts_on_one_page_share_no_id():
    drawn = [re.findall(r'\bid="([^"]*)"', charts.as_svg(figure, name)) for name, figure in all_charts().items()]
    ids = [i for of_chart in drawn for i in of_chart]
    assert len(ids) == len(set(ids))


def test_a_chart_is_the_same_each_time():
    assert charts.as_svg(all_charts()["error"], "error") == charts.as_svg(all_charts()["error"], "error")


def test_the_lines_drawn_are_the_errors_with_their_intervals():
    axes = charts.error_chart(SLICES).axes[0]
    drawn = {c.get_label(): c for c in axes.containers}
    assert list(drawn) == ["ensemble", "lightgbm"]
    line = drawn["lightgbm"].lines[0]
    assert list(line.get_ydata()) == [one.error for one in SLICES[2:]]
    assert tuple(drawn["lightgbm"].lines[2][0].get_segments()[0][:, 1]) == pytest.approx(SLICES[2].error_interval)


def test_the_shares_drawn_have_wilsons_interval_which_is_not_even():
    axes = charts.inside_chart(SLICES).axes[0]
    drawn = {c.get_label(): c for c in axes.containers}["ensemble"]
    assert list(drawn.lines[0].get_ydata()) == [0.8, 0.805]
    low, high = drawn.lines[2][0].get_segments()[0][:, 1]
    assert (low, high) == pytest.approx(SLICES[0].inside.share_interval)
    assert high - 0.8 < 0.8 - low


def test_subjects_in_one_figure_have_panels_of_their_own_and_one_legend():
    others = [replace(one, market=market, system_id="network") for market in ("assists", "threes") for one in SLICES]
    figure = charts.error_chart(SLICES, others[:4], others[4:])
    labels = [axes.get_ylabel().split(", ")[1] for axes in figure.axes]
    assert labels == ["points", "assists", "threes"]
    drawn = [[c.get_label() for c in axes.containers] for axes in figure.axes]
    assert drawn == [["ensemble", "lightgbm"], ["network"], ["network"]]
    (legend,) = figure.legends
    assert [text.get_text() for text in legend.get_texts()] == ["ensemble", "lightgbm", "network"]
    corners = {(round(axes.get_position().x0, 3), round(axes.get_position().y0, 3)) for axes in figure.axes}
    assert len(corners) == 3


def test_a_month_of_a_few_forecasts_does_not_stretch_the_scale_unless_there_is_no_other():
    few = slice_of("similarity", "2022-01", 5, 100, 4000)
    axes = charts.error_chart([*SLICES, few]).axes[0]
    assert "similarity" not in {c.get_label() for c in axes.containers}
    alone = charts.error_chart([few]).axes[0]
    assert [c.get_label() for c in alone.containers] == ["similarity"]


def test_bars_are_as_high_as_the_shares_below():
    shares = dict(zip(LEVELS, (8, 40, 110, 150, 181), strict=True))
    below = {f"below_{level}": Moments(200, share, share) for level, share in shares.items()}
    bars = charts.below_chart(slice_of("ensemble", "all", 200, 900, 6000, measures=below)).axes[0].patches
    assert [bar.get_height() for bar in bars] == [0.04, 0.2, 0.55, 0.75, 0.905]


def test_the_points_drawn_are_over_shares_against_probabilities():
    (line,) = [one for one in charts.reliability_chart(LINED).axes[0].lines if len(one.get_xdata()) == 2][1:]
    assert list(line.get_xdata()) == pytest.approx([0.45, 0.62])
    assert list(line.get_ydata()) == pytest.approx([0.3, 0.7])


def test_a_chart_in_markdown_is_an_image_without_a_reference():
    text = charts.as_markdown_image(all_charts()["error"], "error")
    found = re.fullmatch(r"!\[error\]\(data:image/png;base64,([A-Za-z0-9+/=]+)\)", text)
    assert found
    assert base64.b64decode(found[1]).startswith(b"\x89PNG")


def test_drawing_leaves_pyplot_alone():
    code = (
        "import sys\nfrom nba_assets.figures import charts\nfrom nba_assets.evaluation.moments import Moments\n"
        "from nba_assets.evaluation.slices import Slice\n"
        "assert 'matplotlib' not in sys.modules\n"
        "one = Slice('points', 'pregame', 'ensemble', '2022-01', {'error': Moments(3, 9.0, 30.0)})\n"
        "charts.as_svg(charts.error_chart([one]), 'x')\n"
        "assert 'matplotlib' in sys.modules and 'matplotlib.pyplot' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)
