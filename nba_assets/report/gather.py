"""Everything that the report says of a range of days, read through one session. How it looks is not known here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

from nba_assets.checks.catalog import checks_of
from nba_assets.checks.evaluate import judge
from nba_assets.checks.look import Look, Surroundings
from nba_assets.coverage import DayCoverage
from nba_assets.days import DayRange
from nba_assets.evaluation.measures import Selection, evaluate
from nba_assets.evaluation.slices import Slice, Subject, by_subject
from nba_assets.report.edges import Edges, read_edges
from nba_assets.report.failures import Failing, failing_checks
from nba_assets.report.gaps import Gap, gaps_of
from nba_assets.tables import TABLES
from nba_assets.tables.raw import GAMES
from nba_assets.transforms.as_of import game_days
from nba_assets.warehouse.protocol import Session


class NothingBuilt(Exception):
    """No table is built on any day of the range: there is nothing to report on."""


@dataclass(frozen=True)
class Report:
    """The contents of a report.

    sources: where the schedule's rows come from. game_days: days with a game that is or will be played.
    checks_asked: pairs of a table and a check. coverage: every table on every day, in graph order. graded: by month.
    """

    days: DayRange
    written: datetime
    sources: tuple[str, ...]
    game_days: tuple[date, ...]
    checks_asked: int
    failing: tuple[Failing, ...]
    coverage: tuple[DayCoverage, ...]
    gaps: tuple[Gap, ...]
    graded: Mapping[Subject, list[Slice]]
    edges: Mapping[str, Edges]

    @property
    def built(self) -> dict[str, list[date]]:
        """Table -> the days on which it is built."""
        days: dict[str, list[date]] = {name: [] for name in TABLES}
        for day in self.coverage:
            if day.is_built:
                days[day.table].append(day.day)
        return days

    @property
    def by_table(self) -> dict[str, list[DayCoverage]]:
        """Table -> its coverage, day by day."""
        found: dict[str, list[DayCoverage]] = {}
        for day in self.coverage:
            found.setdefault(day.table, []).append(day)
        return found


def gather(session: Session, days: DayRange, written: datetime, models_folder: Path) -> Report:
    """Evaluate every check, count coverage and read the forecasts of the days.

    models_folder: where the trained models are that give the reasons for the strongest edges.

    Raises:
        NothingBuilt: no table is built on any of the days.
    """
    states = session.day_states(days)
    if not states:
        raise NothingBuilt(
            f"Nothing is built from {days.first} to {days.last}. "
            f"Build it first: nba-assets backfill {days.first} {days.last}"
        )
    built: dict[str, set[date]] = {}
    for state in states:
        built.setdefault(state.table, set()).add(state.day)
    failing: list[Failing] = []
    covered: list[DayCoverage] = []
    around = Surroundings(session, TABLES.values(), days)
    for name, table in TABLES.items():
        checks = checks_of(table)
        look = Look(session, table, days, around)
        failing += failing_checks(table, checks, judge(look, checks), built.get(name, set()))
        covered += look.coverage.values()
    games = session.read(GAMES, days)
    played = game_days(games, days).order_by("game_date")
    return Report(
        days=days,
        written=written,
        sources=tuple(sorted(session.frame(games.select("source").distinct())["source"].to_pylist())),
        game_days=tuple(session.frame(played)["game_date"].to_pylist()),
        checks_asked=sum(len(checks_of(table)) for table in TABLES.values()),
        failing=tuple(failing),
        coverage=tuple(covered),
        gaps=tuple(gaps_of(covered)),
        graded=by_subject(evaluate(session, days, "month", Selection(minimum_games=0)).slices),
        edges=read_edges(session, days, models_folder=models_folder),
    )
