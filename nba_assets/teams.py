"""The thirty teams: NBA.com's ids, three-letter codes and where they play at home. Constants only."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Team:
    """A team; latitude and longitude are of its home arena, in degrees."""

    team_id: int
    abbreviation: str
    latitude: float
    longitude: float


TEAMS = (
    Team(1610612737, "ATL", 33.757, -84.396),
    Team(1610612738, "BOS", 42.366, -71.062),
    Team(1610612739, "CLE", 41.496, -81.688),
    Team(1610612740, "NOP", 29.949, -90.082),
    Team(1610612741, "CHI", 41.881, -87.674),
    Team(1610612742, "DAL", 32.790, -96.810),
    Team(1610612743, "DEN", 39.749, -105.008),
    Team(1610612744, "GSW", 37.768, -122.388),
    Team(1610612745, "HOU", 29.751, -95.362),
    Team(1610612746, "LAC", 34.043, -118.267),
    Team(1610612747, "LAL", 34.043, -118.267),
    Team(1610612748, "MIA", 25.781, -80.187),
    Team(1610612749, "MIL", 43.045, -87.917),
    Team(1610612750, "MIN", 44.979, -93.276),
    Team(1610612751, "BKN", 40.683, -73.975),
    Team(1610612752, "NYK", 40.751, -73.994),
    Team(1610612753, "ORL", 28.539, -81.384),
    Team(1610612754, "IND", 39.764, -86.156),
    Team(1610612755, "PHI", 39.901, -75.172),
    Team(1610612756, "PHX", 33.446, -112.071),
    Team(1610612757, "POR", 45.532, -122.667),
    Team(1610612758, "SAC", 38.580, -121.500),
    Team(1610612759, "SAS", 29.427, -98.437),
    Team(1610612760, "OKC", 35.463, -97.515),
    Team(1610612761, "TOR", 43.643, -79.379),
    Team(1610612762, "UTA", 40.768, -111.901),
    Team(1610612763, "MEM", 35.138, -90.051),
    Team(1610612764, "WAS", 38.898, -77.021),
    Team(1610612765, "DET", 42.341, -83.055),
    Team(1610612766, "CHA", 35.225, -80.839),
)
