"""Replacing days, the same on every engine: stage the rows, hold them against the record, compare with what is there.

What differs between engines is small: how rows are attached, statements run, and the days that differ put in place.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable
from datetime import date
from typing import Any

import ibis.expr.types as ir
import pyarrow as pa

from nba_assets.days import DayRange
from nba_assets.tables import TABLES, Table
from nba_assets.warehouse import contract, ledger, profile
from nba_assets.warehouse.dialect import Dialect
from nba_assets.warehouse.judging import judge
from nba_assets.warehouse.protocol import (
    ContractError,
    DayProfile,
    DayState,
    Query,
    WarehouseError,
    WriteReport,
)


class ReplacingSession(ABC):
    """What sessions share; see `protocol.Session`."""

    dialect: Dialect

    @abstractmethod
    def read(self, table: Table, days: DayRange) -> ir.Table:
        """See `protocol.Session`."""

    @abstractmethod
    def attach(self, name: str, rows: pa.Table | ir.Table) -> ir.Table:
        """See `protocol.Session`."""

    @abstractmethod
    def extend(self, name: str, rows: ir.Table) -> None:
        """Add an expression's rows, of the same columns, to what was attached under the name."""

    @abstractmethod
    def path(self, dataset: str, name: str) -> str:
        """A stored table, in statements."""

    @abstractmethod
    def attached(self, name: str) -> str:
        """What was attached under the name, in statements."""

    @abstractmethod
    def attach_query(self, name: str, query: str) -> None:
        """`attach` for a statement's rows."""

    @abstractmethod
    def rows(self, statement: str, parameters: dict[str, Any] | None = None) -> list[dict[str, Any]]:
        """A statement's rows."""

    @abstractmethod
    def put(self, table: Table, days: DayRange, states: dict[date, ledger.Day], has_asides: bool) -> None:
        """Put the staged rows in place on the days that differ, then what was set aside and the ledger.

        A reader, and whoever comes after a crash, sees a day's old rows or its new ones. A day counts as built when it
        is in the ledger. Calls `check_written` before it is too late to go back, where the engine can.
        """

    @property
    def queries(self) -> list[Query]:
        """See `protocol.Session`; none where they cost nothing."""
        return []

    def let_go(self) -> None:
        """See `protocol.Session`; the engine may be on another machine, and then there is nothing to give back."""
        return

    def replace_days(
        self, table: Table, days: DayRange, rows: ir.Table | Iterable[ir.Table], absent: ir.Table | None = None
    ) -> WriteReport:
        """See `protocol.Session`."""
        for number, part in enumerate([rows] if isinstance(rows, ir.Table) else rows):
            contract.require_columns(table, days, part.columns, "its transform")
            self._refuse_other_types(table, days, part)
            self._stage(table, part, is_first=number == 0)
        if absent is not None:
            self.attach("absent", absent)
            row = self.dialect.name("row")
            self.attach_query(
                "aside", f"SELECT game_date, reason, {self.dialect.row} AS {row} FROM {self.attached('absent')} AS r"
            )
        return self._replace(table, days, has_asides=absent is not None)

    def ingest(self, table: Table, days: DayRange, rows: pa.Table, strict: bool = False) -> WriteReport:
        """See `protocol.Session`."""
        judged = judge(table, days, rows, strict)
        return self.restore(table, days, judged.good, judged.aside)

    def restore(self, table: Table, days: DayRange, rows: pa.Table, aside: pa.Table) -> WriteReport:
        """See `protocol.Session`."""
        self._stage(table, self.attach("good", rows))
        has_asides = aside.num_rows > 0
        if has_asides:
            self.attach("aside", aside)
        return self._replace(table, days, has_asides)

    def profile(self, table: Table, days: DayRange) -> dict[date, DayProfile]:
        """See `protocol.Session`."""
        statement = profile.statement(table, self.path(table.dataset, table.name), self.dialect)
        found = self.rows(statement, {"first": days.first, "last": days.last})
        return {row["game_date"]: profile.of_day(table, row) for row in found}

    def day_states(self, days: DayRange, tables: Iterable[str] | None = None) -> list[DayState]:
        """See `protocol.Session`."""
        names = {f"name_{number}": name for number, name in enumerate(TABLES if tables is None else tables)}
        found = self.rows(
            f"SELECT table_name, game_date, row_count, set_aside_count, built_version, changed_version, built_at "
            f"FROM {self.path(ledger.SYSTEM, 'day_ledger')} "
            f"WHERE game_date BETWEEN {self.dialect.value('first')} AND {self.dialect.value('last')} "
            f"AND table_name IN ({', '.join(map(self.dialect.value, names))})",
            {"first": days.first, "last": days.last, **names},
        )
        return [ledger.state(row) for row in found]

    def _refuse_other_types(self, table: Table, days: DayRange, rows: ir.Table) -> None:
        """Refuse values of another type than the record's, which a cast would change without a word."""
        types = rows.schema()
        misfits = {c: contract.misfit(c, types[c.name].to_pyarrow(), self.dialect) for c in table.columns}
        if not any(misfits.values()):
            return
        self.attach("given", rows)
        for column, misfit in misfits.items():
            if misfit is None:
                continue
            (found,) = self.rows(
                f"SELECT COUNT(*) AS n, MIN(game_date) AS first_day FROM {self.attached('given')} WHERE {misfit}"
            )
            if found["n"]:
                raise ContractError(
                    f"{table.full_name}, days {days}: column {column.name} is {types[column.name]}, not {column.type}, "
                    f"in {found['n']} rows, first on {found['first_day']}. Nothing was written."
                )

    def _stage(self, table: Table, rows: ir.Table, is_first: bool = True) -> None:
        put = self.attach if is_first else self.extend
        put("staged", rows.select(**{c.name: contract.stored(c, rows[c.name]) for c in table.columns}))

    def _replace(self, table: Table, days: DayRange, has_asides: bool) -> WriteReport:
        """Check the staged rows against the record, then put them in place of what differs."""
        self._refuse_violations(table, days)
        compare = ledger.compare(
            table,
            staged=self.attached("staged"),
            aside=self.attached("aside") if has_asides else None,
            present=self.path(table.dataset, table.name),
            ledger=self.path(ledger.SYSTEM, "day_ledger"),
            dialect=self.dialect,
        )
        found = self.rows(compare, {"name": table.name, "first": days.first, "last": days.last})
        states, reasons = ledger.compared(days, found)
        self.put(table, days, states, has_asides)
        return WriteReport(
            rows={day: state.rows for day, state in states.items()},
            set_aside={day: state.set_aside for day, state in states.items()},
            changed=frozenset(day for day, state in states.items() if state.is_change),
            reasons=reasons,
        )

    def _refuse_violations(self, table: Table, days: DayRange) -> None:
        staged, range_ = self.attached("staged"), {"first": days.first, "last": days.last}
        (counts,) = self.rows(contract.violations(table, staged, self.dialect), range_)
        names = contract.violation_names(table, self.dialect)
        found = {name: count for name, count in zip(names, counts.values(), strict=True) if count}
        if found:
            examples = self.rows(contract.examples(table, staged, self.dialect), range_)
            raise ContractError(
                f"{table.full_name}, days {days}: {'; '.join(f'{name}: {n} rows' for name, n in found.items())}. "
                f"Example keys: {[tuple(row.values()) for row in examples]}. Nothing was written."
            )

    def check_written(self, table: Table, days: DayRange, states: dict[date, ledger.Day]) -> None:
        """Read back how many rows the days have.

        Raises:
            WarehouseError: not as many as were staged.
        """
        statement = ledger.read_back(self.path(table.dataset, table.name), self.dialect)
        found = {r["game_date"]: r["n"] for r in self.rows(statement, {"first": days.first, "last": days.last})}
        wrong = {d: (s.rows, found.get(d, 0)) for d, s in states.items() if found.get(d, 0) != s.rows}
        if wrong:
            raise WarehouseError(f"{table.full_name}: rows written and read back differ by day: {wrong}.")
