"""Where the forecasts differ most from the bookmakers' lines, on the latest day of a range that has a line."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from nba_assets.days import DayRange
from nba_assets.tables.predictions import PLAYER_PROP_PREDICTIONS
from nba_assets.teams import TEAMS
from nba_assets.warehouse.protocol import Session

MOST = 20
SYSTEM = "ensemble"


@dataclass(frozen=True)
class Edge:
    """A forecast with a line."""

    player: str
    team: str
    opponent: str
    market: str
    line: float
    forecast: float
    over_probability: float | None
    edge: float
    recommendation: str

    @property
    def strength(self) -> tuple[float, float]:
        """How far the over probability is from even, and then how far the forecast is from the line."""
        return (abs((0.5 if self.over_probability is None else self.over_probability) - 0.5), abs(self.edge))


@dataclass(frozen=True)
class Edges:
    """The strongest edges of a day, and how many forecasts of that day have a line."""

    day: date
    count: int
    strongest: tuple[Edge, ...]


def read_edges(session: Session, days: DayRange, most: int = MOST) -> Edges | None:
    """The ensemble's edges of the latest day that has a line, the strongest first; None if no line is known."""
    rows = session.read(PLAYER_PROP_PREDICTIONS, days)
    lined = rows.filter(rows.line.notnull() & (rows.system_id == SYSTEM))
    day = session.frame(lined.agg(day=lined.game_date.max()))["day"][0].as_py()
    if day is None:
        return None
    rows = session.read(PLAYER_PROP_PREDICTIONS, DayRange(day, day))
    lined = rows.filter(rows.line.notnull() & (rows.system_id == SYSTEM)).order_by("player_id", "market")
    teams = {team.team_id: team.abbreviation for team in TEAMS}
    found = [_edge(row, teams) for row in session.frame(lined).to_pylist()]
    found.sort(key=lambda edge: edge.strength, reverse=True)
    return Edges(day, len(found), tuple(found[:most]))


def _edge(row: Mapping[str, Any], teams: Mapping[int, str]) -> Edge:
    return Edge(
        player=row["player_name"],
        team=teams.get(row["team_id"], str(row["team_id"])),
        opponent=teams.get(row["opponent_team_id"], str(row["opponent_team_id"])),
        market=row["market"],
        line=row["line"],
        forecast=row["predicted_value"],
        over_probability=row["over_probability"],
        edge=row["predicted_value"] - row["line"] if row["edge"] is None else row["edge"],
        recommendation=row["recommendation"],
    )
