"""nba_precompute.player_lineup_context: who plays beside a player tonight, and what that leaves him."""

from __future__ import annotations

import ibis
import ibis.expr.types as ir

from nba_assets.days import DayRange
from nba_assets.information import LINEUP, PREGAME
from nba_assets.markets import STATISTICS
from nba_assets.tables.lineups import PLAYER_LINEUP_CONTEXT, ROTATION_MINUTES, TEAMMATES_SUMS
from nba_assets.transforms.as_of import as_of, last_n, on_days, season_frames
from nba_assets.transforms.joins import add_columns
from nba_assets.transforms.player_form import form, rate
from nba_assets.transforms.precompute.similar_lineups import with_similar_lineups
from nba_assets.transforms.precompute.teammates import RATES, known, teammates, usual_teammates

_KEY = ("information_set", "game_date", "player_id")
_TONIGHT = ("information_set", "game_date", "team_id")
_TEAM_MINUTES = 240
_TEAM_GAMES = 15


def _candidates(context: ir.Table, roster: ir.Table, availability: ir.Table) -> ir.Table:
    """Whoever may play, by information set; `is_row` for whom the table has a row.

    chance: his probability to play, before tip-off. listed: 1 or 0 by the active list, NULL where the set has none.
    """
    identity = ("game_date", "player_id", "game_id", "season_year", "team_id")
    projected = context.filter(context.roster_source == "projected").select("game_date", "player_id", is_row=True)
    chances = availability.select("game_date", "player_id", chance="active_probability")
    pregame = roster.select(*identity).pipe(add_columns, projected, "game_date", "player_id")
    unknown = ibis.null("float64")
    pregame = pregame.mutate(is_row=ibis.coalesce(pregame.is_row, False), listed=unknown)
    listed = context.filter(context.is_active).select(*identity, is_row=True, listed=ibis.literal(1.0))
    absent = roster.semi_join(listed, ["game_date", "team_id"])
    # By day and not by team: whoever was traded overnight is on the roster of his old team and listed by the new one.
    absent = absent.anti_join(listed, ["game_date", "player_id"])
    absent = absent.select(*identity, is_row=False, listed=ibis.literal(0.0))
    lineup = listed.union(absent.cast(listed.schema()))
    pregame = pregame.mutate(information_set=ibis.literal(PREGAME))
    lineup = lineup.mutate(information_set=ibis.literal(LINEUP)).select(*pregame.columns)
    both = pregame.union(lineup.cast(pregame.schema()))
    return both.pipe(add_columns, chances, "game_date", "player_id")


def _weight(rows: ir.Table) -> ir.FloatingValue:
    """How much of a player is counted as there: by his chance to play, in lineup the less so the more he is expected to
    (see ROTATION_MINUTES). Of whom nothing is known beforehand counts whether he is listed."""
    first, last = ROTATION_MINUTES
    minutes = rows.expected_minutes
    told = ibis.cases(
        (rows.listed.isnull() | (minutes <= first), 0.0),
        (minutes >= last, 1.0),
        else_=(minutes - first) / (last - first),
    )
    listed = ibis.coalesce(rows.listed, 0.0)
    return told * listed + (1 - told) * ibis.coalesce(rows.chance, listed)


def _team_means(team_offense_game_summary: ir.Table) -> ir.Table:
    history = season_frames(team_offense_game_summary)
    window = last_n(("team_id", "frame"), _TEAM_GAMES)
    return history.select(
        "team_id", "frame", "game_date", "game_id", **{f"team_{s}": history[s].mean().over(window) for s in STATISTICS}
    )


def _if_active(rows: ir.Table) -> ir.FloatingValue:
    """Minutes if he plays: recent means and games with a similar line-up. The mix was fitted to minutes played."""

    def part(name: str) -> ir.FloatingValue:
        return ibis.coalesce(rows[name], rows.expected_minutes)

    return (
        0.25 * part("minutes_ewma_2")
        + 0.2 * part("minutes_ewma_12")
        + 0.3 * part("minutes_with_similar_lineup_wide")
        + 0.25 * part("minutes_with_similar_lineup_narrow")
    )


def _projected(rows: ir.Table) -> ir.Table:
    """The rows with their shares of the line-up, in which the player himself is counted as playing."""
    lineup = ibis.window(group_by=_TONIGHT)
    own = rows.minutes_if_active

    def share(rated: ir.FloatingValue) -> ir.FloatingValue:
        others = (rows.weight * rated).sum().over(lineup) - rows.weight * rated
        return rated / (rated + others).nullif(0)

    shares = {
        f"projected_{name}_share": share(own * rows[rate(statistic)])
        for name, statistic in (("usage", "usage_plays"), *((s, s) for s in STATISTICS))
    }
    return rows.mutate(projected_minutes=_TEAM_MINUTES * share(own), **shares)


def build(
    upcoming_player_game_context: ir.Table,
    upcoming_team_game_context: ir.Table,
    upcoming_roster: ir.Table,
    player_availability: ir.Table,
    player_game_summary: ir.Table,
    team_offense_game_summary: ir.Table,
    days: DayRange,
) -> ir.Table:
    """One row per day, player and information set."""
    candidates = _candidates(
        on_days(upcoming_player_game_context, days), on_days(upcoming_roster, days), player_availability
    )
    candidates = candidates.mutate(frame=candidates.season_year)
    forms = form(player_game_summary)
    players = candidates.select("game_date", "player_id", "frame").distinct()
    columns = ("minutes_ewma_2", "minutes_ewma_12", "expected_minutes", *(rate(name) for name in RATES))
    now = as_of(players, forms, on=("player_id", "frame")).select("game_date", "player_id", *columns, "last_game_date")
    rows = candidates.pipe(add_columns, now, "game_date", "player_id")
    rows = rows.mutate(**known(rows))
    rows = rows.mutate(weight=_weight(rows), active_probability=rows.listed.isnull().ifelse(rows.chance, None))
    rows = rows.pipe(add_columns, with_similar_lineups(rows, player_game_summary), *_KEY)
    rows = _projected(rows.mutate(minutes_if_active=_if_active(rows)))
    ahead = (ibis._.other_minutes_if_active > ibis._.minutes_if_active).ifelse(ibis._.other_weight, 0.0).sum()
    beside = teammates(
        rows.select(*_TONIGHT, "player_id", "weight", "minutes_if_active", "expected_minutes", *map(rate, RATES)),
        _TONIGHT,
        teammates_ahead=ahead,
    )
    usual = as_of(players, usual_teammates(forms), on=("player_id", "frame")).select(
        "game_date", "player_id", *(f"usual_{name}" for name in TEAMMATES_SUMS)
    )
    slate = upcoming_team_game_context.select("game_date", "team_id", "implied_points", frame="season_year")
    teams = as_of(slate, _team_means(team_offense_game_summary), on=("team_id", "frame")).select(
        "game_date", "team_id", "implied_points", *(f"team_{s}" for s in STATISTICS)
    )
    rows = (
        rows.filter(rows.is_row)
        .pipe(add_columns, beside.drop("team_id"), *_KEY)
        .pipe(add_columns, usual, "game_date", "player_id")
        .pipe(add_columns, teams, "game_date", "team_id")
    )
    team_points = ibis.coalesce(rows.implied_points, rows.team_points)
    return rows.mutate(
        **{
            f"projected_{s}": rows[f"projected_{s}_share"] * (team_points if s == "points" else rows[f"team_{s}"])
            for s in STATISTICS
        },
        **{f"{name}_change": rows[name] - rows[f"usual_{name}"] for name in TEAMMATES_SUMS},
    ).select(*PLAYER_LINEUP_CONTEXT.column_names)
