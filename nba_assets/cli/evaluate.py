"""nba-assets evaluate: how good the graded forecasts of a range of days were, as a table, as JSON or as a page."""

from __future__ import annotations

import json
import sys
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from nba_assets.cli.arguments import as_range, day_range, information_set_type, json_option, market_type, system_type
from nba_assets.visible import visible

if TYPE_CHECKING:
    from nba_assets.days import DayRange
    from nba_assets.evaluation.contents import Contents
    from nba_assets.evaluation.measures import Evaluation
    from nba_assets.evaluation.slices import Slice

_LIMITS = (
    "Graded are players who appeared only: that a projected player sits out is neither forecast nor counted.",
    "Intervals take forecasts as independent; those of one game are not quite, so that they are somewhat too narrow.",
)


@click.command()
@day_range
@click.option("--by", type=click.Choice(["month", "season", "minutes", "confidence"]), help="Slice further.")
@click.option("--market", type=market_type, help="Only this market.")
@click.option("--set", "information_set", type=information_set_type, help="Only this information set.")
@click.option(
    "--system", "systems", type=system_type, multiple=True, help="Only this system; may be given more than once."
)
@click.option("--same-rows", is_flag=True, help="Only players and days of which all the systems spoke.")
@click.option(
    "--minimum-games",
    type=click.IntRange(min=0),
    default=5,
    show_default=True,
    help="Games that a player must have behind him that season; 0 for everybody.",
)
@click.option("--page", type=click.Path(dir_okay=False, path_type=Path), help="Write the model page to this file.")
@json_option
def evaluate(
    start: date,
    end: date,
    by: str | None,
    market: str | None,
    information_set: str | None,
    systems: tuple[str, ...],
    same_rows: bool,
    minimum_games: int,
    page: Path | None,
    as_json: bool,
) -> None:
    """Measure the graded forecasts from START to END (YYYY-MM-DD, both included): error, baselines, calibration.

    Exit status 0 only if something was evaluated and nothing is too good to be true.
    """
    days = as_range(start, end)
    if page is not None and (by or market or information_set or systems or same_rows or as_json):
        raise click.UsageError("--page is about everything: of the other options it takes --minimum-games only.")

    from nba_assets.evaluation.measures import Selection
    from nba_assets.evaluation.measures import evaluate as evaluated
    from nba_assets.platform import build_warehouse
    from nba_assets.settings import load_settings

    with build_warehouse(load_settings()).session(read_only=True) as session:
        if page is None:
            chosen = Selection(market, information_set, systems, minimum_games, same_rows)
            found = evaluated(session, days, by, chosen)
            slices = list(found.slices)
        else:
            from nba_assets.evaluation.contents import read_contents

            contents = read_contents(session, days, minimum_games)
            found = contents.whole
            slices = [*found.slices, *contents.by_season, *contents.by_month, *contents.by_minutes]
    suspect = _suspect(slices)
    if as_json:
        click.echo(json.dumps({**_counts(found), "slices": [figures(one) for one in slices], "suspect": suspect}))
    elif slices and page is not None:
        _write(page, contents)
        click.echo(str(page))
    elif slices:
        _print(found, days)
    if not slices:
        click.echo(f"No forecast was evaluated on {days}: {_why_none(found, days)}", err=True)
    for line in suspect:
        click.echo(f"Too good to be true: {line}", err=True)
    sys.exit(0 if slices and not suspect else 1)


def figures(one: Slice) -> dict[str, Any]:
    """A slice as JSON: errors in the market's own unit, shares 0..1 (a tie counts half below), what is unknown null."""
    from nba_assets.evaluation.slices import BASELINES, LEVELS

    baselines: dict[str, Any] = {}
    for name in BASELINES:
        versus = one.versus(name)
        baselines[name] = None if versus is None else {**vars(versus), "gain_pct": versus.gain_pct}
    return {
        "market": one.market,
        "information_set": one.information_set,
        "system": one.system_id,
        "part": one.part,
        "graded": one.count,
        "mean_absolute_error": one.error,
        "error_interval": one.error_interval,
        "bias": one.bias,
        "baselines": baselines,
        "inside_80": {"graded": one.inside.count, "share": one.inside.mean, "interval": one.inside.share_interval},
        "below": {f"p{level}": one.below(level) for level in LEVELS},
        "lines": {"graded": one.lined, "calibration_error": one.calibration_error, "brier": one.brier},
        "bets": {"graded": one.hits.count, "won_share": one.hits.mean, "interval": one.hits.share_interval},
        "own_spread": one.spread,
    }


def _suspect(slices: list[Slice]) -> list[str]:
    from nba_assets.evaluation.alarm import too_good

    return [
        f"{one.market}, {one.information_set}, {one.system_id}, {one.part}: {reason}"
        for one in slices
        if (reason := too_good(one))
    ]


def _counts(found: Evaluation) -> dict[str, int]:
    return {
        "graded": found.graded,
        "evaluated": found.count,
        "too_few_games": found.too_few_games,
        "games_unknown": found.games_unknown,
        "not_shared": found.not_shared,
    }


def _why_none(found: Evaluation, days: DayRange) -> str:
    if not found.graded:
        return f"none is graded. Build them with: nba-assets backfill {days.first} {days.last}"
    left_out = {name: count for name, count in _counts(found).items() if name not in ("graded", "evaluated") and count}
    return "; ".join(f"{name.replace('_', ' ')}: {count:,}" for name, count in left_out.items()) + "."


def _write(file: Path, contents: Contents) -> None:
    from nba_assets.evaluation.measures import MINIMUM_GAMES
    from nba_assets.files import write_whole
    from nba_assets.model_page import Training, page, parameters_of
    from nba_assets.models import regression, training
    from nba_assets.tables.predictions import PROP_MODEL

    # Rows of models that were trained before parameters were kept with them say nothing; then it is those of today.
    parameters = parameters_of(contents.models) or {"all": regression.PARAMETERS}
    told = Training(
        cadence=PROP_MODEL.formula,
        weights=f"A row weighs {training.SEASON_WEIGHT:g} for each season between it and the cut-off.",
        parameters=parameters,
    )
    # A path may be bytes that are no text; the page is text.
    shown = visible(file.name if file.is_absolute() else file.as_posix())
    games = "" if contents.minimum_games == MINIMUM_GAMES else f" --minimum-games {contents.minimum_games}"
    command = f"nba-assets evaluate {contents.days.first} {contents.days.last}{games} --page {shown}"
    write_whole(file, page(contents, told, _LIMITS, command))


def _print(found: Evaluation, days: DayRange) -> None:
    from rich.console import Console
    from rich.table import Table

    is_sliced = any(one.part != "all" for one in found.slices)
    grid = Table(title=f"Graded forecasts, {days}", title_justify="left")
    for heading in ("market", "set", *(("part",) if is_sliced else ()), "system"):
        grid.add_column(heading, no_wrap=True)
    for heading in ("n", "error", "bias", "over last 10", "over blend", "unknown", "80 % holds", "lines", "ECE"):
        grid.add_column(heading, justify="right")
    for one in found.slices:
        part = (one.part,) if is_sliced else ()
        grid.add_row(one.market, one.information_set, *part, one.system_id, *_cells(one))
    left_out = "; ".join(f"{name.replace('_', ' ')} {count:,}" for name, count in _counts(found).items())
    console = Console(width=None if sys.stdout.isatty() else 160)
    console.print(grid)
    console.print(
        f"Forecasts: {left_out}. Gains are paired, in the error's unit, with 95 % intervals.", highlight=False
    )


def _cells(one: Slice) -> list[str]:
    from nba_assets.evaluation.moments import plus_minus

    gains, unknown = [], []
    for name in ("last_10", "blend"):
        versus = one.versus(name)
        unknown.append(f"{one.count if versus is None else versus.unknown:,}")
        if versus is None:
            gains.append("-")
            continue
        pct = "" if versus.gain_pct is None else f" ({versus.gain_pct:+.1%})"
        gains.append(f"{versus.gain:+.2f}{plus_minus(versus.gain_interval, sign=' ±')}{pct}")
    inside, calibration = one.inside.mean, one.calibration_error
    return [
        f"{one.count:,}",
        f"{one.error:.2f}{plus_minus(one.error_interval, sign=' ±')}",
        f"{one.bias:+.2f}",
        *gains,
        "/".join(unknown),
        "-" if inside is None else f"{inside:.1%}",
        f"{one.lined:,}",
        "-" if calibration is None else f"{calibration:.3f}",
    ]
