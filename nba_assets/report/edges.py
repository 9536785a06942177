"""Where the forecasts differ most from the bookmakers' lines, on the latest day of a range that has a line."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import Any

from nba_assets.days import DayRange
from nba_assets.explained import explain_day
from nba_assets.information import INFORMATION_SETS
from nba_assets.tables.predictions import PLAYER_PROP_PREDICTIONS
from nba_assets.teams import TEAMS
from nba_assets.warehouse.protocol import Session

MOST = 20
SYSTEM = "ensemble"


@dataclass(frozen=True)
class Edge:
    """A forecast with a line. reasons: what moved the trained model's forecast most, in words."""

    player_id: int
    player: str
    team: str
    opponent: str
    market: str
    line: float
    forecast: float
    over_probability: float | None
    edge: float
    recommendation: str
    reasons: tuple[str, ...] = ()

    @property
    def strength(self) -> tuple[float, float]:
        """How far the over probability is from even, and then how far the forecast is from the line."""
        return (abs((0.5 if self.over_probability is None else self.over_probability) - 0.5), abs(self.edge))


@dataclass(frozen=True)
class Edges:
    """The strongest edges of a day, and how many forecasts of that day have a line.

    unexplained: market -> why none of its edges has reasons.
    """

    day: date
    count: int
    strongest: tuple[Edge, ...]
    unexplained: Mapping[str, str] = field(default_factory=dict)


def read_edges(
    session: Session, days: DayRange, most: int = MOST, models_folder: Path | None = None
) -> dict[str, Edges]:
    """Information set -> the ensemble's edges of the latest day that has a line, the strongest first.

    Sets without any forecast that has a line are left out. models_folder: where the models are that give the reasons;
    without it there are none.
    """
    rows = session.read(PLAYER_PROP_PREDICTIONS, days)
    lined = rows.filter(rows.line.notnull() & (rows.system_id == SYSTEM))
    day = session.frame(lined.agg(day=lined.game_date.max()))["day"][0].as_py()
    if day is None:
        return {}
    rows = session.read(PLAYER_PROP_PREDICTIONS, DayRange(day, day))
    lined = rows.filter(rows.line.notnull() & (rows.system_id == SYSTEM)).order_by("player_id", "market")
    teams = {team.team_id: team.abbreviation for team in TEAMS}
    found: dict[str, list[Edge]] = {name: [] for name in INFORMATION_SETS}
    for row in session.frame(lined).to_pylist():
        found[row["information_set"]].append(_edge(row, teams))
    for edges in found.values():
        edges.sort(key=lambda edge: edge.strength, reverse=True)
    strongest = {name: Edges(day, len(edges), tuple(edges[:most])) for name, edges in found.items() if edges}
    if models_folder is None:
        return strongest
    return {name: _explained(session, models_folder, name, edges) for name, edges in strongest.items()}


def _explained(session: Session, models_folder: Path, information_set: str, edges: Edges) -> Edges:
    """The same with reasons. A model that cannot be read is told of, and keeps nothing else from being reported."""
    players: dict[str, list[int]] = {}
    for edge in edges.strongest:
        players.setdefault(edge.market, []).append(edge.player_id)
    explained = explain_day(session, models_folder, edges.day, information_set, players)
    strongest = []
    for edge in edges.strongest:
        of_edge = explained.found.get((edge.market, edge.player_id))
        strongest.append(replace(edge, reasons=tuple(r.text for r in of_edge.reasons)) if of_edge else edge)
    told = {**explained.unexplained, **explained.broken}
    return replace(edges, strongest=tuple(strongest), unexplained=told)


def _edge(row: Mapping[str, Any], teams: Mapping[int, str]) -> Edge:
    return Edge(
        player_id=row["player_id"],
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
