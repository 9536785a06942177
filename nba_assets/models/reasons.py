"""What a person would call a feature, and the words for it: groups of features that mean much the same, by their names.

One feature of a group alone says little: what a model takes from the last 5 games it does not take from the last 10.
How much a group moves a forecast is worked out in `explanations.py`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from nba_assets.markets import STATISTICS, Market

OTHER = "other"
"""The group of a feature that no rule names."""
_STATISTIC = f"({'|'.join(STATISTICS)})"
_RULES: dict[str, str] = {
    "home": "is_home",
    "rest": "rest_.*|is_back_to_back|days_since_.*|.*_in_last_[0-9]+_days|travel_miles|fatigue_score",
    "time of season": "(team_)?games_played_.*",
    "availability": "active_probability|games_missed|appearances_last_.*",
    "minutes": "minutes_.*|(expected|projected)_minutes",
    # All of them say who plays beside him: they rise and fall together, and the model sets them off against each other.
    "team-mates": (
        "(same_role_)?teammates_.*|missing_usage_share|projected_.*_share|.*_with_similar_lineup_.*"
        f"|projected_{_STATISTIC}"
    ),
    "opponent": "(opponent|league)_.*(allowed|defensive).*|shot_zone_mismatch_score",
    "lines": ".*_surprise(_recent)?",
    "pace and total": (
        "(opponent_|league_|team_)?pace_.*|(absolute_)?spread|total|(opponent_)?implied_points"
        "|team_(offensive_rating|points|win_pct)_.*"
    ),
    "season so far": f"{_STATISTIC}_avg_(previous_)?season",
    "shooting": ".*_pct_(regressed|last_10)|free_throw_points_share_.*",
    "shots": "(projected_)?usage_.*|.*_attempted_.*|.*_rate_last_10",
    "form": f"(recent_trend_)?{_STATISTIC}(_.*)?",
}
"""Group -> pattern of its features' names. The first that fits counts."""
_HARDLY = 0.05
"""A smaller difference in what opponents allow would be told as 0.0."""
_LITTLE = 0.015
"""A smaller change of what team-mates take is none."""


def group_of(feature: str) -> str:
    """The group that a feature belongs to."""
    return next((group for group, pattern in _RULES.items() if re.fullmatch(pattern, feature)), OTHER)


def words(group: str, row: Mapping[str, Any], usual: Mapping[str, Any], market: Market) -> str:
    """The group in words, with numbers that a person recognises; its name alone where they are unknown.

    row, usual: features by name, of the night and of the player's usual night; NULL as None or NaN.
    """
    facts = _Facts(row, usual, market)
    told = _SAID[group](facts) if group in _SAID else facts.first(*_PHRASES.get(group, ()))
    return group if told is None else told


@dataclass(frozen=True)
class _Facts:
    """What is known of a night and of the usual one. {statistic} and {market} in names and phrases are the market's."""

    row: Mapping[str, Any]
    usual: Mapping[str, Any]
    market: Market

    def __call__(self, name: str) -> float | None:
        """The feature, of the usual night where the name begins with a tilde."""
        name = name.format(statistic=self.market.statistic)
        value = self.usual.get(name[1:]) if name.startswith("~") else self.row.get(name)
        return None if pd.isna(value) else float(value)

    def first(self, *phrases: tuple[str, ...]) -> str | None:
        """The first phrase whose features are all known, with their values filled in."""
        for phrase, *names in phrases:
            values = [value for value in map(self, names) if value is not None]
            if len(values) == len(names):
                return phrase.format(*values, market=self.market.name)
        return None


_PHRASES: dict[str, tuple[tuple[str, ...], ...]] = {
    "minutes": (
        ("minutes: {:.1f} expected, usually {:.1f}", "minutes_if_active", "~minutes_if_active"),
        ("minutes: {:.1f} expected", "minutes_if_active"),
        ("minutes: {:.1f} over the last 10", "minutes_avg_last_10"),
    ),
    "pace and total": (
        ("lines: spread {:+.1f}, total {:.0f}", "spread", "total"),
        ("pace of the opponent's games: {:.0f}, usually {:.0f}", "opponent_pace_last_15", "~opponent_pace_last_15"),
    ),
    "season so far": (
        ("season so far: {:.1f} {market} a game, usually {:.1f}", "{statistic}_avg_season", "~{statistic}_avg_season"),
        ("season so far: {:.1f} {market} a game", "{statistic}_avg_season"),
        ("last season: {:.1f} {market} a game", "{statistic}_avg_previous_season"),
    ),
    "shooting": (
        ("shooting: {:.0%} of twos, {:.0%} of threes", "two_point_pct_regressed", "three_point_pct_regressed"),
    ),
}
"""Group -> phrases, the best first, each with the features whose values it takes."""
_ALLOWED = {
    "opponent_{statistic}_allowed_avg_last_15": "{market}",
    "opponent_three_point_attempts_allowed_avg_last_15": "three-point attempts",
}


def _home(facts: _Facts) -> str | None:
    is_home = facts("is_home")
    return None if is_home is None else "at home" if is_home else "away"


def _rest(facts: _Facts) -> str | None:
    days = facts("rest_days")
    if days is None:
        return None
    return "back-to-back" if days == 0 else f"{days:.0f} day{'' if days == 1 else 's'} of rest"


def _availability(facts: _Facts) -> str | None:
    missed = facts("games_missed")
    if missed:
        return f"back after missing {missed:.0f} game{'' if missed == 1 else 's'}"
    return facts.first(
        ("{:.0%} likely to play, usually {:.0%}", "active_probability", "~active_probability"),
        ("played {:.0f} of the team's last 10", "appearances_last_10"),
    )


def _team_mates(facts: _Facts) -> str | None:
    now, usual = facts("teammates_usage_plays"), facts("~teammates_usage_plays")
    if now is None or not usual:
        return None
    change = now / usual - 1
    if abs(change) < _LITTLE:
        return "team-mates: as usual"
    return f"team-mates {'back' if change > 0 else 'out'}: they use {abs(change):.0%} {_more(change, 'fewer')} plays"


def _opponent(facts: _Facts) -> str | None:
    for name, what in _ALLOWED.items():
        now, usual = facts(name), facts(f"~{name}")
        if now is not None and usual is not None:
            what = what.format(market=facts.market.name)
            if abs(now - usual) < _HARDLY:
                return f"opponent allows as many {what} as most"
            return f"opponent allows {abs(now - usual):.1f} {_more(now - usual, 'fewer')} {what} than most"
    return facts.first(*((f"opponent allows {{:.1f}} {what}", name) for name, what in _ALLOWED.items()))


def _lines(facts: _Facts) -> str | None:
    better = facts("market_margin_surprise_recent")
    if better is None:
        return None
    return f"lines see the team {abs(better):.1f} points {'stronger' if better > 0 else 'weaker'} than of late"


def _shots(facts: _Facts) -> str | None:
    # Threes are made of three-point attempts, everything else goes with all of them.
    name, what = (
        ("three_pointers", "three-point attempts") if facts.market.name == "threes" else ("field_goals", "shots")
    )
    name = f"{name}_attempted_ewma_10"
    return facts.first(
        (f"{what}: {{:.1f}} a game of late, usually {{:.1f}}", name, f"~{name}"),
        (f"{what}: {{:.1f}} a game of late", name),
    )


def _form(facts: _Facts) -> str | None:
    """Per 36 minutes: the minutes are a reason of their own."""
    rate, usual = (facts(f"{mark}{{statistic}}_per_minute_ewma_8") for mark in ("", "~"))
    if rate is None:
        return facts.first(("form: {:.1f} {market} over the last 10", "{statistic}_avg_last_10"))
    before = "" if usual is None else f", usually {36 * usual:.1f}"
    return f"form: {36 * rate:.1f} {facts.market.name} per 36 minutes of late{before}"


def _more(change: float, otherwise: str) -> str:
    return "more" if change > 0 else otherwise


_SAID: dict[str, Callable[[_Facts], str | None]] = {
    "home": _home,
    "rest": _rest,
    "availability": _availability,
    "team-mates": _team_mates,
    "opponent": _opponent,
    "lines": _lines,
    "shots": _shots,
    "form": _form,
}
"""Group -> what says its phrase, where that takes more than filling in values."""
