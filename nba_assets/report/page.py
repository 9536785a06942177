"""The report as one HTML file: head, style, the sections in their order. Nothing in it is fetched from anywhere."""

from __future__ import annotations

from nba_assets.report import forecasts, sections
from nba_assets.report.gather import Report
from nba_assets.report.markup import Html, join, tag

_PARTS = (
    sections.failing_checks,
    sections.calendar,
    sections.gaps,
    forecasts.error,
    forecasts.calibration,
    forecasts.edges,
)
_LINKS = {
    "checks": "Failing checks",
    "coverage": "Coverage",
    "gaps": "Gaps",
    "error": "Error",
    "calibration": "Calibration",
    "edges": "Edges",
}
# Blocks every request that a browser could make for this page.
_POLICY = "default-src 'none'; style-src 'unsafe-inline'"
_STYLE = """
:root { color-scheme: light dark; --ink: #1d2127; --quiet: #5c6672; --paper: #fff; --card: #f4f6f8; --line: #d9dee4;
  --good: #1b7f4b; --some: #b26a00; --bad: #c0322b; --idle: #eceff2; }
@media (prefers-color-scheme: dark) { :root { --ink: #e4e8ed; --quiet: #9aa5b1; --paper: #14171b; --card: #1e2329;
  --line: #343b44; --good: #2a9160; --some: #c27c14; --bad: #d9534b; --idle: #242a31; } }
* { box-sizing: border-box; }
body { margin: 0 auto; padding: 1.5rem clamp(1rem, 4vw, 3rem) 4rem; max-width: 76rem; background: var(--paper);
  color: var(--ink); font: 15px/1.5 system-ui, sans-serif; overflow-wrap: break-word; }
h1 { font-size: clamp(1.25rem, 5vw, 1.7rem); line-height: 1.2; margin: 0 0 .3rem; }
h1 span { white-space: nowrap; }
h2 { font-size: 1.25rem; margin: 2.6rem 0 .6rem; padding-top: .9rem; border-top: 1px solid var(--line); }
h3 { font-size: 1rem; margin: 1.4rem 0 .4rem; }
h3 small { font-weight: 400; color: var(--quiet); margin-left: .6rem; }
.side-by-side { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, 20rem), 1fr)); gap: 0 2rem; }
.side-by-side h3 small { display: block; margin: 0; }
h4 { font-size: .85rem; font-weight: 600; margin: 1rem 0 .3rem; }
p { margin: .3rem 0 .7rem; max-width: 48rem; }
.quiet, figcaption { color: var(--quiet); font-size: .87rem; }
nav { display: flex; flex-wrap: wrap; gap: .3rem 1.1rem; margin-top: 1rem; }
a { color: inherit; text-underline-offset: .2em; }
dl { display: grid; grid-template-columns: repeat(auto-fit, minmax(9.2rem, 1fr)); gap: .7rem; margin: 1rem 0; }
dl div { background: var(--card); border-radius: .5rem; padding: .7rem .9rem; }
dt { color: var(--quiet); font-size: .8rem; }
dd { margin: 0; font-size: 1.45rem; font-weight: 650; line-height: 1.3; }
dd small { display: block; font-size: .8rem; font-weight: 400; color: var(--quiet); }
.scroll { overflow-x: auto; max-width: 100%; margin: .4rem 0 1rem; }
.scroll:focus-visible { outline: 2px solid var(--quiet); }
table { border-collapse: collapse; font-size: .87rem; font-variant-numeric: tabular-nums; }
th, td { text-align: left; vertical-align: top; padding: .35rem .9rem .35rem 0; border-bottom: 1px solid var(--line); }
thead th { color: var(--quiet); font-weight: 500; white-space: nowrap; }
tbody th { font-weight: 500; white-space: nowrap; }
.wordy table { min-width: 50rem; }
td { min-width: 3.2rem; max-width: 30rem; }
td.n, th.n { text-align: right; white-space: nowrap; }
td small { display: block; color: var(--quiet); font-size: .78rem; }
.range { white-space: nowrap; }
details { color: var(--quiet); min-width: 12rem; }
summary { cursor: pointer; }
details.part { color: inherit; border-bottom: 1px solid var(--line); }
.part > summary h3 { display: inline-block; margin: .7rem 0; }
.severity { border: 1px solid currentColor; border-radius: .3rem; padding: 0 .35rem; font-size: .75rem;
  font-weight: 650; }
.error { color: var(--bad); } .warn { color: var(--some); }
.legend { list-style: none; padding: 0; display: flex; flex-wrap: wrap; gap: .3rem 1.3rem; font-size: .87rem; }
.legend li { display: flex; align-items: center; gap: .45rem; }
.months { display: flex; flex-wrap: wrap; gap: .2rem .75rem; }
.months h4 { margin: .2rem 0; font-weight: 400; font-size: .78rem; color: var(--quiet); }
.month { display: grid; grid-template-columns: repeat(7, 13px); gap: 2px; }
.month i:first-child { grid-column-start: var(--first); }
i { font: 700 9px/11px system-ui, sans-serif; width: 13px; height: 13px; flex: none; text-align: center;
  border-radius: 3px; border: 1px solid transparent; }
i.complete { background: var(--good); color: #fff; }
i.short { background: var(--paper); color: var(--some); border-color: var(--some); }
i.nothing { background: var(--bad); color: #fff; }
i.unbuilt { color: var(--quiet); border: 1px dashed var(--quiet); }
i.idle { background: var(--idle); color: var(--quiet); }
figure { margin: .6rem 0 1.4rem; }
svg { display: block; width: 100%; height: auto; }
.chart > div { width: min(var(--wide), max(100%, var(--wide) * .7)); }
wbr { display: none; }
@media (max-width: 40rem) { h3 small { display: block; margin: 0; }
  wbr { display: inline; }
  .wordy tbody th { white-space: normal; min-width: 8.5rem; } }
"""


def as_html(report: Report) -> str:
    """The whole page."""
    title = f"NBA assets, {report.days.first} to {report.days.last}"
    head = tag(
        "head",
        tag("meta", charset="utf-8"),
        tag("meta", name="viewport", content="width=device-width, initial-scale=1"),
        tag("meta", http_equiv="Content-Security-Policy", content=_POLICY),
        tag("title", title),
        tag("style", Html(_STYLE)),
    )
    links = tag("nav", *(tag("a", text, href=f"#{name}") for name, text in _LINKS.items()), aria_label="Sections")
    main = tag("main", *(part(report) for part in _PARTS))
    return join(
        [Html("<!doctype html>\n"), tag("html", head, tag("body", sections.headline(report), links, main), lang="en")]
    )
