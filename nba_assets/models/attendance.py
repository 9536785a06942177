"""What the roster's earlier rows and the rest of the team say of a player's chance to play: features of `availability`.

Not here: what one row says by itself, which are columns of upcoming_roster.
"""

from __future__ import annotations

import pandas as pd

from nba_assets.transforms.as_of import mean_before

FEATURES = (
    "missed_after_playing_share",
    "second_nights_played_share",
    "season_played_share",
    "minutes_rank",
    "previous_game_players",
    "previous_game_expected_minutes",
)
"""Columns that `with_attendance` adds. The shares that look back are means with weights halving every 20 games that
count.

missed_after_playing_share: of the team's games right after one that he played, those that he missed.
second_nights_played_share: of the team's games without a day of rest, those that he played.
season_played_share: games of the season that he played, for any team, over those of his team.
minutes_rank: his place in the team's roster of the day by expected_minutes; 1 is the most.
previous_game_players, previous_game_expected_minutes: how many of the roster played the team's previous game, and the
    sum of their expected minutes.
"""
_HALF_LIFE = 20


def with_attendance(roster: pd.DataFrame) -> pd.DataFrame:
    """The rows, in order of player and day, with `FEATURES`; NULL where nothing is known.

    roster: rows of upcoming_roster, whole teams of each day. A row is told of has_appeared of earlier days only.
    """
    rows = roster.sort_values(["player_id", "game_date"], kind="stable", ignore_index=True)

    def share(counted: pd.Series) -> pd.Series:
        return mean_before(counted, rows["player_id"], _HALF_LIFE)

    has_appeared = rows["has_appeared"].astype("float64")
    played_previous = rows["games_missed"] == 0
    expected = rows["expected_minutes"].astype("float64")
    team = [rows["game_date"], rows["team_id"]]
    return rows.assign(
        missed_after_playing_share=share((1 - has_appeared).where(played_previous)),
        second_nights_played_share=share(has_appeared.where(rows["team_rest_days"] == 0)),
        season_played_share=rows["games_played_season"] / rows["team_games_played_season"].where(lambda n: n > 0),
        minutes_rank=expected.groupby(team).rank(ascending=False),
        previous_game_players=played_previous.astype("float64").groupby(team).transform("sum"),
        previous_game_expected_minutes=expected.where(played_previous, 0.0).groupby(team).transform("sum"),
    )
