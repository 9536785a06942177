"""The windows and as-of joins on their own: exclusive cut-offs, season frames, reports."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import ibis
import pandas as pd
import pytest

from nba_assets.transforms import as_of

DAY = date(2022, 1, 15)


def ago(days: int) -> date:
    return DAY - timedelta(days=days)


def table(*records: tuple, **columns: str) -> ibis.Table:
    return ibis.memtable(list(records), schema=columns)


def executed(expression: ibis.Table) -> pd.DataFrame:
    return ibis.duckdb.connect().execute(expression)


TARGET = {"game_date": "date", "player": "int64"}
HISTORY = {"game_date": "date", "game_id": "string", "player": "int64", "value": "int64"}


def joined(*history: tuple) -> pd.DataFrame:
    targets = table((DAY, 1), **TARGET)
    return executed(as_of.as_of(targets, table(*history, **HISTORY), on=("player",)))


def test_as_of_takes_the_latest_row_before_the_day():
    assert joined((ago(9), "a", 1, 10), (ago(2), "b", 1, 20), (DAY, "c", 1, 30)).value.tolist() == [20]


def test_as_of_ignores_the_day_and_all_that_follows():
    row = joined((DAY, "a", 1, 10), (ago(-1), "b", 1, 20)).iloc[0]
    assert pd.isna(row.value)
    assert pd.isna(row.last_game_date)


def test_as_of_keeps_a_target_without_history_and_leaves_others_out():
    assert joined((ago(1), "a", 2, 99)).value.isna().tolist() == [True]


def test_as_of_takes_the_later_of_two_games_on_one_day():
    made = joined((ago(1), "b", 1, 20), (ago(1), "a", 1, 10))
    assert made.value.tolist() == [20]


@pytest.mark.parametrize(("days", "counts"), [(0, False), (1, True), (7, True), (8, False), (-1, False)])
def test_within_days_holds_d_minus_n_to_d_minus_1(days, counts):
    targets = table((DAY, 1), **TARGET)
    pairs = executed(as_of.within_days(targets, table((ago(days), "a", 1, 1), **HISTORY), ("player",), 7))
    assert len(pairs) == counts


def test_rest_days_across_the_end_of_february_of_a_leap_year():
    rest = as_of.rest_days(ibis.literal(date(2024, 3, 1)), ibis.literal(date(2024, 2, 28)))
    assert ibis.duckdb.connect().execute(rest) == 1  # 29 February lies between


def test_season_frames_show_each_game_to_its_own_and_to_the_next_season():
    seen = executed(as_of.season_frames(table((2020, "a"), season_year="int64", game_id="string")))
    assert sorted(zip(seen.frame, seen.is_frame_season, strict=True)) == [(2020, True), (2021, False)]


@pytest.mark.parametrize(("days", "status"), [(3, "out"), (0, "out"), (-1, None)])
def test_latest_report_counts_up_to_and_including_the_day(days, status):
    reports = table((ago(days), 1, "out"), game_date="date", player="int64", status="string")
    found = executed(as_of.latest_report(table((DAY, 1), **TARGET), reports, ("player",))).report_status[0]
    assert found == status if status else pd.isna(found)


def test_latest_report_is_the_latest():
    reports = table((ago(5), 1, "out"), (ago(2), 1, "available"), game_date="date", player="int64", status="string")
    made = executed(as_of.latest_report(table((DAY, 1), **TARGET), reports, ("player",)))
    assert made.report_status.tolist() == ["available"]


@pytest.mark.parametrize(
    ("stamp", "tipoff", "kept"),
    [
        (datetime(2022, 1, 15, 23, 59), datetime(2022, 1, 16), True),
        (datetime(2022, 1, 16), datetime(2022, 1, 16), False),
        (datetime(2022, 1, 16, 0, 1), datetime(2022, 1, 16), False),
        (None, datetime(2022, 1, 16), True),  # a source of pre-game lines without stamps
        (None, None, True),
        (datetime(2022, 1, 15), None, False),  # cannot be shown to be pre-game
    ],
)
def test_lines_are_kept_only_if_stamped_before_tip_off(stamp, tipoff, kept):
    lines = table(("g", DAY, stamp), game_id="string", game_date="date", snapshot_utc="timestamp")
    games = table(("g", DAY, tipoff), game_id="string", game_date="date", tipoff_utc="timestamp")
    assert len(executed(as_of.before_tipoff(lines, games))) == kept


def weighted(half_life: int, *values: float | None) -> pd.DataFrame:
    """Mean and sum after each of a player's daily games, with weights that halve after so many games."""
    records = [(ago(len(values) - n), f"{n:03d}", 1, value) for n, value in enumerate(values)]
    history = as_of.numbered(table(*records, **{**HISTORY, "value": "float64"}), ("player",))
    made = history.select(
        "game_id",
        mean=as_of.ewma(history, history.value, ("player",), half_life),
        sum=as_of.decayed_sum(history, history.value, ("player",), half_life),
    )
    return executed(made).sort_values("game_id")


def test_a_game_weighs_half_as_much_after_its_half_life():
    made = weighted(1, 10.0, 20.0, 40.0)
    assert made["mean"].tolist() == pytest.approx([10.0, 25 / 1.5, 52.5 / 1.75])  # 40 + 20 / 2 + 10 / 4 over 1.75
    assert made["sum"].tolist() == pytest.approx([10.0, 25.0, 52.5])


def test_an_unknown_game_ages_the_others_and_is_no_zero():
    made = weighted(1, None, 10.0, None)
    assert pd.isna(made["mean"].iloc[0])
    assert made["mean"].tolist()[1:] == [10.0, 10.0]
    assert made["sum"].tolist()[1:] == [10.0, 5.0]


def test_weights_of_two_long_seasons_stay_exact():
    values = [float(n % 7) for n in range(220)]
    expected = sum(v * 0.5 ** ((219 - n) / 2) for n, v in enumerate(values)) / sum(0.5 ** (n / 2) for n in range(220))
    assert weighted(2, *values)["mean"].iloc[-1] == pytest.approx(expected, rel=1e-12)


def test_before_a_game_stands_what_was_known_after_the_one_before():
    history = table((ago(2), "a", 1, 10), (ago(1), "b", 1, 20), (ago(1), "b", 2, 30), **HISTORY)
    made = executed(history.select("player", "game_id", **as_of.before_game(history, ("value",), ("player",))))
    known = made.set_index(["player", "game_id"]).value
    assert known[1, "b"] == 10
    assert known.drop((1, "b")).isna().all()


def test_mean_before_is_of_earlier_rows_of_the_same_and_skips_what_is_unknown():
    nan = float("nan")
    by = pd.Series([2, 1, 2, 1, 2, 1, 2], index=list("abcdefg"))
    values = pd.Series([1.0, 5.0, nan, 6.0, 4.0, 7.0, 9.0], index=by.index)
    found = as_of.mean_before(values, by, half_life=1)
    assert found.index.tolist() == list("abcdefg")
    assert found.tolist() == pytest.approx([nan, nan, 1, 5, 1, (6 + 5 / 2) / 1.5, (4 + 1 / 2) / 1.5], nan_ok=True)
