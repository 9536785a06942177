"""nba-assets report: write what a range of days holds, lacks and forecasts into one HTML file."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from nba_assets.cli.arguments import as_range, day_range

if TYPE_CHECKING:
    from nba_assets.report.gather import Report


@click.command()
@day_range
@click.option(
    "--output",
    type=click.Path(dir_okay=False, path_type=Path),
    help="The file to write. Default: reports/report_START_END.html under NBA_ASSETS_HOME.",
)
@click.option("--json", "as_json", is_flag=True, help="Print the report's figures as JSON instead of the file's path.")
def report(start: date, end: date, output: Path | None, as_json: bool) -> None:
    """Write a report on START to END (YYYY-MM-DD, both included) as one HTML file, and print its path.

    It lists failing checks, coverage, gaps by reason, forecast error, calibration and the strongest edges. Exit status
    0 when it is written, whatever it says.
    """
    days = as_range(start, end)

    from datetime import datetime

    from nba_assets.files import write_whole
    from nba_assets.platform import build_warehouse
    from nba_assets.report.gather import NothingBuilt, gather
    from nba_assets.report.page import as_html
    from nba_assets.settings import load_settings

    settings = load_settings()
    try:
        with build_warehouse(settings).session(read_only=True) as session:
            found = gather(session, days, datetime.now().astimezone(), settings.models_folder)
    except NothingBuilt as error:
        raise click.ClickException(str(error)) from error
    file = output or settings.home / "reports" / f"report_{days.first}_{days.last}.html"
    write_whole(file, as_html(found))
    click.echo(json.dumps({"file": str(file), **_figures(found)}) if as_json else str(file))


def _figures(found: Report) -> dict[str, Any]:
    from nba_assets.evaluation.slices import totals
    from nba_assets.report.failures import by_severity

    return {
        "first": str(found.days.first),
        "last": str(found.days.last),
        "written": found.written.isoformat(timespec="seconds"),
        "sources": list(found.sources),
        "days": len(found.days),
        "days_built": {name: len(days) for name, days in found.built.items()},
        "checks_asked": found.checks_asked,
        "failing_checks": {str(severity): count for severity, count in by_severity(found.failing).items()},
        "keys_absent": sum(gap.keys for gap in found.gaps if not gap.is_accepted),
        "forecast_error": [
            {
                "information_set": information_set,
                "market": market,
                "system": one.system_id,
                "graded": one.count,
                "mean_absolute_error": one.error,
                "bias": one.bias,
                "inside_80_pct": one.inside.mean,
            }
            for (information_set, market), slices in found.graded.items()
            for one in totals(slices)
        ],
    }
