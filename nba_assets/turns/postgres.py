"""Turns kept in Dagster's PostgreSQL database: runs over disjoint days build side by side, on any number of machines.

Who comes gets a number, a row in a table, and an advisory lock on the number, which the server lets go when the
connection ends, however it ends. It waits for every smaller number that is locked and has a day in common with it; a
row without its lock is left over from somebody who is no more. So turns come in the order of asking.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC
from typing import Any

import psycopg2

from nba_assets.days import DayRange
from nba_assets.turns.turns import Ahead, Holder, TurnError, Turns

_CLASS = 0x6E6261
"""First half of the advisory locks' keys, ours; the second is the number, and 0 while numbers are given out."""

_TABLE = (
    "CREATE TABLE IF NOT EXISTS nba_assets_turns (number serial PRIMARY KEY, days daterange NOT NULL, "
    "what text NOT NULL, process text NOT NULL, since timestamptz NOT NULL)"
)
_LOCKED = (
    "EXISTS (SELECT FROM pg_locks WHERE locktype = 'advisory' AND classid = %(class)s AND objid = t.number AND granted "
    "AND database = (SELECT oid FROM pg_database WHERE datname = current_database()))"
)
# Without keep-alive a machine that is switched off would hold its turn for two hours.
_OPTIONS = "-c tcp_keepalives_idle=30 -c tcp_keepalives_interval=10 -c tcp_keepalives_count=3"


class PostgresTurns(Turns):
    """The turns of all processes that use this database. url: of the database, a secret."""

    def __init__(self, url: str) -> None:
        super().__init__()
        self._url = url
        self._connection: Any = None

    @contextmanager
    def _queue(self, days: DayRange, me: Holder) -> Iterator[Ahead]:
        with closing(self._connect()) as connection:
            number = _take_number(connection, days, me)
            connection.autocommit = True
            self._connection = connection

            def ahead() -> Holder | None:
                with connection.cursor() as cursor:
                    cursor.execute(
                        "SELECT what, process, since FROM nba_assets_turns AS t "
                        f"WHERE number < %(number)s AND {_LOCKED} "
                        "AND days && (SELECT days FROM nba_assets_turns WHERE number = %(number)s) "
                        "ORDER BY number LIMIT 1",
                        {"class": _CLASS, "number": number},
                    )
                    found = cursor.fetchone()
                return Holder(found[0], found[1], found[2].astimezone(UTC)) if found else None

            try:
                yield ahead
            finally:
                self._connection = None
                if not connection.closed:
                    with connection.cursor() as cursor:
                        cursor.execute("DELETE FROM nba_assets_turns WHERE number = %s", (number,))

    def _connect(self) -> Any:
        try:
            return psycopg2.connect(self._url, application_name="nba_assets turn", options=_OPTIONS)
        except psycopg2.Error as error:
            raise TurnError(
                f"Nobody can be asked whose turn it is: the database of NBA_ASSETS_POSTGRES_URL cannot be used: "
                f"{str(error).strip()}."
            ) from None

    def _granted(self, days: DayRange) -> DayRange:
        return days

    def confirm(self, days: DayRange) -> None:
        """See `Turns.confirm`; asks the server, since with the connection the turn is gone."""
        super().confirm(days)
        try:
            with self._connection.cursor() as cursor:
                cursor.execute("SELECT 1")
        except psycopg2.Error as error:
            raise TurnError(
                f"The turn on {days} is lost: the connection to the database of NBA_ASSETS_POSTGRES_URL ended "
                f"({str(error).strip()}). Nothing was written since. Run the same again; it goes on from here."
            ) from None


def _take_number(connection: Any, days: DayRange, me: Holder) -> int:
    with connection, connection.cursor() as cursor:
        # One at a time: whoever is given a number sees all smaller ones.
        cursor.execute("SELECT pg_advisory_xact_lock(%s, 0)", (_CLASS,))
        cursor.execute(_TABLE)
        cursor.execute(f"DELETE FROM nba_assets_turns AS t WHERE NOT {_LOCKED}", {"class": _CLASS})
        cursor.execute(
            "INSERT INTO nba_assets_turns (days, what, process, since) VALUES (daterange(%s, %s, '[]'), %s, %s, %s) "
            "RETURNING number",
            (days.first, days.last, me.what, me.process, me.since),
        )
        (number,) = cursor.fetchone()
        cursor.execute("SELECT pg_advisory_lock(%s, %s)", (_CLASS, number))
    return int(number)
