"""One season put together, each part made when it is first asked for.

The order of the parts is the only thing decided here; rows for the raw tables are made in `tables.py`.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from nba_assets.sources.protocol import player_lookup
from nba_assets.sources.simulated.boxscores import BoxScores, season_box_scores
from nba_assets.sources.simulated.injuries import Absences, season_absences
from nba_assets.sources.simulated.league import League, Skills, skills_of
from nba_assets.sources.simulated.minutes import projected_minutes
from nba_assets.sources.simulated.names import player_names
from nba_assets.sources.simulated.nights import Nights, season_nights
from nba_assets.sources.simulated.numerics import Ints
from nba_assets.sources.simulated.rates import Expectation, expectation, night_rates
from nba_assets.sources.simulated.rosters import daily_rosters
from nba_assets.sources.simulated.schedule import Schedule, season_schedule


@dataclass(frozen=True)
class Season:
    """A season of the simulated league."""

    seed: int
    league: League

    @cached_property
    def schedule(self) -> Schedule:
        """Days, opponents and tip-offs."""
        return season_schedule(self.seed, self.league.season_year)

    @cached_property
    def skills(self) -> Skills:
        """Every player's skills."""
        return skills_of(self.league.players)

    @cached_property
    def rosters(self) -> Ints:
        """Player number by (day of the season, team, roster spot)."""
        return daily_rosters(self.league, self.schedule.day_count)

    @cached_property
    def absences(self) -> Absences:
        """Reported absences."""
        return season_absences(self.seed, self.league, self.schedule, self.rosters)

    @cached_property
    def nights(self) -> Nights:
        """Every team-game."""
        return season_nights(self.seed, self.league, self.schedule, self.rosters, self.absences)

    @cached_property
    def expected(self) -> Expectation:
        """What the model expects before the games, knowing the injury report."""
        minutes = projected_minutes(self.nights, self.skills)
        return expectation(night_rates(self.nights, self.league, self.skills, minutes), minutes)

    @cached_property
    def box_scores(self) -> BoxScores:
        """Every game played."""
        return season_box_scores(self.seed, self.nights, self.league, self.skills, self.expected)

    @cached_property
    def player_names(self) -> list[str]:
        """Name by player number."""
        return player_names(self.seed, len(self.league.players))

    @cached_property
    def player_lookups(self) -> list[str]:
        """Name for joining, by player number."""
        return [player_lookup(name) for name in self.player_names]
