"""When who plays whom: a season's days, pairings, dates, tip-off times and game ids.

Results are in `boxscores.py`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np

from nba_assets.sources.simulated.league import EASTERN_CONFERENCE, HOURS_BEHIND_EASTERN, TEAM_ABBREVIATIONS
from nba_assets.sources.simulated.numerics import Bools, Days, Ints, generator

_OPENING_NIGHTS = {
    2019: date(2019, 10, 22), 2020: date(2020, 12, 22), 2021: date(2021, 10, 19), 2022: date(2022, 10, 18),
    2023: date(2023, 10, 24), 2024: date(2024, 10, 22), 2025: date(2025, 10, 21), 2026: date(2026, 10, 20),
}  # fmt: skip
_GAMES_BY_WEEKDAY = np.array([8.0, 5.5, 10.0, 4.2, 9.6, 7.6, 7.4])
_MOST_GAMES, _FEWEST_GAMES = 13, 3
_EASTERN = ZoneInfo("America/New_York")
_ATTEMPTS = 50


@dataclass(frozen=True)
class Schedule:
    """Games in date order. `day` counts days since opening night; `first_day` is opening night."""

    season_year: int
    first_day: date
    day_count: int
    day: Ints
    home: Ints
    away: Ints
    tipoff_utc: Days

    @property
    def game_date(self) -> Days:
        """US Eastern date of each game."""
        return np.datetime64(self.first_day, "D") + self.day

    @property
    def game_ids(self) -> list[str]:
        """Ids in date order, as NBA.com numbers them."""
        prefix = f"002{self.season_year % 100:02d}"
        return [f"{prefix}{number:05d}" for number in range(1, len(self.day) + 1)]


def opening_night(season_year: int) -> date:
    """First game day: a Tuesday in the second half of October but for 2020-21."""
    if season_year in _OPENING_NIGHTS:
        return _OPENING_NIGHTS[season_year]
    earliest = date(season_year, 10, 19)
    return earliest + timedelta(days=(1 - earliest.weekday()) % 7)


def last_day(season_year: int) -> date:
    """Last game day of the regular season: a Sunday in April, in May in 2020-21."""
    latest = date(season_year + 1, 5, 16) if season_year == 2020 else date(season_year + 1, 4, 14)
    return latest - timedelta(days=(latest.weekday() - 6) % 7)


def season_schedule(seed: int, season_year: int) -> Schedule:
    """The season's schedule; every team plays 82 games (72 in 2020-21), half of them at home."""
    for attempt in range(_ATTEMPTS):
        rng = generator(seed, season_year, f"schedule {attempt}")
        home, away = _pairings(season_year, rng)
        targets = _games_by_day(season_year, len(home), rng)
        day = _assign_days(home, away, targets, rng)
        if (day >= 0).all():
            break
    else:
        raise RuntimeError(f"No schedule found for {season_year} with seed {seed}.")
    tipoff = _tipoffs(opening_night(season_year), day, home, rng)
    order = np.lexsort((home, tipoff, day))
    return Schedule(
        season_year, opening_night(season_year), len(targets), day[order], home[order], away[order], tipoff[order]
    )


def _pairings(season_year: int, rng: np.random.Generator) -> tuple[Ints, Ints]:
    """Home and away team of every game: opponents of the own conference 3 or 4 times, the others twice."""
    eastern = [n for n, name in enumerate(TEAM_ABBREVIATIONS) if name in EASTERN_CONFERENCE]
    western = [n for n in range(len(TEAM_ABBREVIATIONS)) if n not in eastern]
    games = [(e, w) for e in eastern for w in western] + [(w, e) for e in eastern for w in western]
    for conference in (rng.permutation(eastern).tolist(), rng.permutation(western).tolist()):
        size = len(conference)
        for place, team in enumerate(conference):
            # Around the circle, neighbours meet a third time only; each team hosts the odd game as often as it visits.
            for step in range(1, size // 2 + 1):
                other = conference[(place + step) % size]
                odd = season_year == 2020 or step <= 2
                games += [(team, other), (other, team), (team, other)] + ([] if odd else [(other, team)])
    shuffled = rng.permutation(np.array(games, dtype=np.int64))
    return shuffled[:, 0], shuffled[:, 1]


def _games_by_day(season_year: int, games: int, rng: np.random.Generator) -> Ints:
    """How many games each day of the season has; 0 on Christmas Eve, Thanksgiving and in the all-star break."""
    first, last = opening_night(season_year), last_day(season_year)
    days = [first + timedelta(days=n) for n in range((last - first).days + 1)]
    break_month, break_day = (3, 5) if season_year == 2020 else (2, 14)
    break_start = date(season_year + 1, break_month, break_day)
    break_start += timedelta(days=(4 - break_start.weekday()) % 7)
    thanksgiving = date(season_year, 11, 22) + timedelta(days=(3 - date(season_year, 11, 22).weekday()) % 7)
    closed = {date(season_year, 12, 24), thanksgiving, *(break_start + timedelta(days=n) for n in range(6))}
    open_days = np.array([day not in closed for day in days])
    weights = _GAMES_BY_WEEKDAY[[day.weekday() for day in days]] * rng.uniform(0.75, 1.25, len(days))
    weights[-1] = 99.0
    scale = 1.0
    fixed = {0: 2}
    christmas = date(season_year, 12, 25)
    if christmas in days:
        fixed[days.index(christmas)] = 5
    for _ in range(30):
        wanted = np.where(open_days, np.clip(weights * scale, _FEWEST_GAMES, _MOST_GAMES), 0.0)
        wanted[list(fixed)] = list(fixed.values())
        scale *= games / wanted.sum()
    targets = np.diff(np.rint(np.cumsum(wanted)), prepend=0.0).astype(np.int64)
    targets[-2] += games - targets.sum()
    return targets


def _playable(plays: Bools) -> Bools:
    """Days on which a team could play one more game without a third day in a row."""
    padded = np.concatenate([[False, False], plays, [False, False]])
    before2, before1, after1, after2 = padded[:-4], padded[1:-3], padded[3:-1], padded[4:]
    return ~plays & ~(before2 & before1) & ~(before1 & after1) & ~(after1 & after2)


def _assign_days(home: Ints, away: Ints, targets: Ints, rng: np.random.Generator) -> Ints:
    """Day of each game, day by day with the teams that lag behind first; -1 for a game that found none."""
    team_count, day_count = len(TEAM_ABBREVIATIONS), len(targets)
    plays = np.zeros((team_count, day_count + 2), dtype=bool)  # two empty days before opening night
    day = np.full(len(home), -1, dtype=np.int64)
    met = np.full((team_count, team_count), -30, dtype=np.int64)
    played = np.zeros(team_count)
    due = np.cumsum(targets) * 2 / team_count
    for today in np.flatnonzero(targets).tolist():
        yesterday, day_before = plays[:, today + 1], plays[:, today]
        need = due[today] - played - 0.2 * yesterday - 99.0 * (yesterday & day_before)
        left = np.flatnonzero(day < 0)
        recent = np.maximum(12 - (today - met[home[left], away[left]]), 0)
        score = need[home[left]] + need[away[left]] - 0.15 * recent + rng.random(len(left))
        free = need > -50.0
        count = 0
        for game in left[np.argsort(-score)].tolist():
            if count == targets[today]:
                break
            h, a = home[game], away[game]
            if free[h] and free[a]:
                free[h] = free[a] = False
                day[game] = today
                plays[[h, a], today + 2] = True
                played[[h, a]] += 1
                met[h, a] = met[a, h] = today
                count += 1
    _place_leftovers(day, home, away, targets > 0, plays[:, 2:])
    return day


def _place_leftovers(day: Ints, home: Ints, away: Ints, is_open: Bools, plays: Bools) -> None:
    """Finds a day for games without one, moving one other game where that is needed. Changes `day` and `plays`."""
    counts = np.bincount(day[day >= 0], minlength=len(is_open))
    room = is_open.copy()
    room[0] = False

    def options(game: int) -> Ints:
        possible = room & (counts < _MOST_GAMES) & _playable(plays[home[game]]) & _playable(plays[away[game]])
        found = np.flatnonzero(possible)
        return found[np.argsort(counts[found], kind="stable")]

    def put(game: int, on: int, value: bool) -> None:
        plays[[home[game], away[game]], on] = value
        counts[on] += 1 if value else -1
        day[game] = on if value else -1

    def place(game: int) -> bool:
        free_days = options(game)
        if len(free_days):
            put(game, int(free_days[0]), True)
        return len(free_days) > 0

    for game in np.flatnonzero(day < 0).tolist():
        if place(game):
            continue
        involved = np.isin(home, (home[game], away[game])) | np.isin(away, (home[game], away[game]))
        for blocker in np.flatnonzero(involved & (day > 0)).tolist():
            was_on = int(day[blocker])
            put(blocker, was_on, False)
            if place(game):
                if place(blocker):
                    break
                put(game, int(day[game]), False)
            put(blocker, was_on, True)


def _tipoffs(first_day: date, day: Ints, home: Ints, rng: np.random.Generator) -> Days:
    """Starts between 19:00 and 22:30 Eastern, later in the west, as UTC."""
    hours_behind = np.array([HOURS_BEHIND_EASTERN.get(name, 0) for name in TEAM_ABBREVIATIONS])[home]
    minutes = 19 * 60 + 60 * hours_behind + 30 * rng.integers(0, 2, len(day))
    offsets = []
    for number in range(int(day.max()) + 1):
        midday = first_day + timedelta(days=number)
        offset = datetime(midday.year, midday.month, midday.day, 19, tzinfo=_EASTERN).utcoffset()
        offsets.append(0 if offset is None else -int(offset.total_seconds()) // 60)
    utc_minutes = minutes + np.array(offsets)[day]
    midnight = (np.datetime64(first_day, "D") + day).astype("datetime64[us]")
    return np.asarray(midnight + utc_minutes.astype("timedelta64[m]"))
