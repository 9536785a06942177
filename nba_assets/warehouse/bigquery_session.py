"""A session on BigQuery: reads as expressions that BigQuery computes, and replacement of days as a whole.

A replacement stages the rows in a scratch table, holds them against the record, and in one transaction merges the days
that differ, the ledger and what was set aside. Scratch tables are dropped at the session's end, and expire by themselves
if it never comes.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime
from typing import Any

import ibis
import ibis.expr.types as ir
import pyarrow as pa
from google.cloud import bigquery

from nba_assets.days import DayRange
from nba_assets.tables import TABLES, Table
from nba_assets.warehouse import bigquery_sql as sql
from nba_assets.warehouse import contract
from nba_assets.warehouse.protocol import ContractError, DayState, WarehouseError, WriteReport

SCRATCH = "nba_assets_scratch"


class BigQuerySession:
    """An open session; see `protocol.Session`. bytes_billed: what its queries have cost so far."""

    def __init__(self, backend: Any, client: bigquery.Client, maximum_bytes_billed: int | None = None) -> None:
        self._backend = backend
        self._client = client
        self._project = client.project
        self._limit = maximum_bytes_billed
        self._scratch: dict[str, str] = {}
        self.bytes_billed = 0

    def close(self) -> None:
        """Drop what was staged."""
        for name in self._scratch.values():
            self._client.delete_table(f"{self._project}.{SCRATCH}.{name}", not_found_ok=True)

    def read(self, table: Table, days: DayRange) -> ir.Table:
        """See `protocol.Session`."""
        source = self._backend.table(table.name, database=(self._project, table.dataset))
        return source.filter(source.game_date.between(ibis.literal(days.first), ibis.literal(days.last)))

    def frame(self, expression: ir.Table) -> pa.Table:
        """See `protocol.Session`."""
        return self._backend.to_pyarrow(expression)

    def attach(self, name: str, rows: pa.Table | ir.Table) -> ir.Table:
        """See `protocol.Session`."""
        scratch = self._new_scratch(name)
        if isinstance(rows, ir.Table):
            self._run(f"CREATE TABLE {self._path(SCRATCH, scratch)} AS {self._backend.compile(rows)}")
        else:
            self._load(scratch, rows)
        return self._backend.table(scratch, database=(self._project, SCRATCH))

    def replace_days(self, table: Table, days: DayRange, rows: ir.Table, absent: ir.Table | None = None) -> WriteReport:
        """See `protocol.Session`."""
        contract.require_columns(table, days, rows.columns, "its transform")
        staged = rows.select(**{c.name: contract.stored(c, rows[c.name]) for c in table.columns})
        self.attach("staged", staged)
        if absent is None:
            self.attach("aside", _NO_ASIDES)
        else:
            fields = ", ".join(f"{sql.quoted(c)} AS {sql.quoted(c)}" for c in absent.columns)
            given = self.attach("absent", absent)
            self._run(
                f"CREATE TABLE {self._path(SCRATCH, self._new_scratch('aside'))} AS SELECT game_date, reason, "
                f"TO_JSON_STRING(STRUCT({fields})) AS `row` FROM {self._path(SCRATCH, given.get_name())}"
            )
        return self._swap(table, days)

    def day_states(self, days: DayRange, tables: Iterable[str] | None = None) -> list[DayState]:
        """See `protocol.Session`."""
        rows = self._rows(
            "SELECT table_name, game_date, row_count, set_aside_count, built_version, changed_version, "
            "built_at >= DATETIME_ADD(DATETIME(game_date), INTERVAL 36 HOUR) AS is_settled "
            f"FROM {self._path('nba_assets', 'day_ledger')} "
            "WHERE game_date BETWEEN @first AND @last AND table_name IN UNNEST(@tables)",
            {"first": days.first, "last": days.last, "tables": list(TABLES if tables is None else tables)},
        )
        return [DayState(*row.values()) for row in rows]

    def set_aside(self, days: DayRange) -> ir.Table:
        """See `protocol.Session`."""
        kept = self._backend.table("set_aside", database=(self._project, "nba_assets"))
        return kept.filter(kept.game_date.between(ibis.literal(days.first), ibis.literal(days.last)))

    def _swap(self, table: Table, days: DayRange) -> WriteReport:
        self._check_staged(table, days)
        asides = self._rows(f"SELECT game_date, reason, COUNT(*) AS n FROM {self._staged('aside')} GROUP BY 1, 2", {})
        aside = {day: sum(r["n"] for r in asides if r["game_date"] == day) for day in days}
        new, old = self._checksums(table, days)
        checksums = {day: ":".join(map(str, new[day])) if day in new else None for day in days}
        # What was recorded decides what counts as changed: a write that died between the rows and the ledger is told
        # of by the next one.
        recorded = self._recorded(table, days)
        kept = {d: v for d, (checksum, v) in recorded.items() if checksum == checksums[d]}
        counts = {
            "game_date": pa.array(list(days), pa.date32()),
            "row_count": pa.array([new.get(day, (0, None))[0] for day in days], pa.int64()),
            "set_aside_count": pa.array([aside[day] for day in days], pa.int64()),
            "checksum": pa.array([checksums[day] for day in days], pa.string()),
            "kept_version": pa.array([kept.get(day) for day in days], pa.int64()),
        }
        self.attach("counts", pa.table(counts))
        range_ = {"first": days.first, "last": days.last}
        different = sorted(day for day in days if new.get(day) != old.get(day))
        if different:
            target = self._path(table.dataset, table.name)
            self._run(sql.replace(table, target, self._staged("staged")), {**range_, "changed": different})
        self._run(
            sql.record(
                self._path("nba_assets", "day_ledger"),
                self._path("nba_assets", "set_aside"),
                self._staged("counts"),
                self._staged("aside"),
            ),
            {
                **range_,
                "dataset": table.dataset,
                "name": table.name,
                "now": datetime.now(UTC).replace(tzinfo=None),
            },
        )
        changed = {day for day in days if day not in kept and (day in new or day in recorded)}
        self._read_back(table, days, {day: new.get(day, (0, None))[0] for day in days})
        reasons: dict[str, int] = {}
        for row in sorted(asides, key=lambda row: -row["n"]):
            reasons[row["reason"]] = reasons.get(row["reason"], 0) + row["n"]
        return WriteReport(
            rows={day: new.get(day, (0, None))[0] for day in days},
            set_aside=aside,
            changed=frozenset(changed),
            reasons=reasons,
        )

    def _check_staged(self, table: Table, days: DayRange) -> None:
        range_ = {"first": days.first, "last": days.last}
        (row,) = self._rows(sql.violations(table, self._staged("staged")), range_)
        found = {name: n for name, n in zip(sql.violation_names(table), row.values(), strict=True) if n}
        if found:
            examples = self._rows(sql.duplicated_keys(table, self._staged("staged")), {})
            raise ContractError(
                f"{table.full_name}, days {days}: {'; '.join(f'{name}: {n} rows' for name, n in found.items())}. "
                f"Example keys: {[tuple(r.values()) for r in examples]}. Nothing was written."
            )

    def _checksums(
        self, table: Table, days: DayRange
    ) -> tuple[dict[date, tuple[int, str]], dict[date, tuple[int, str]]]:
        present = f"(SELECT * FROM {self._path(table.dataset, table.name)} WHERE game_date BETWEEN @first AND @last)"
        range_ = {"first": days.first, "last": days.last}
        new, old = (
            {row["game_date"]: (row["row_count"], row["checksum"]) for row in self._rows(statement, range_)}
            for statement in (
                sql.day_checksums(table, self._staged("staged")),
                sql.day_checksums(table, present),
            )
        )
        return new, old

    def _recorded(self, table: Table, days: DayRange) -> dict[date, tuple[str | None, int]]:
        """Day -> checksum and the version at which its rows last differed, as the ledger has them."""
        rows = self._rows(
            f"SELECT game_date, checksum, changed_version FROM {self._path('nba_assets', 'day_ledger')} "
            "WHERE table_name = @name AND game_date BETWEEN @first AND @last",
            {"name": table.name, "first": days.first, "last": days.last},
        )
        return {row["game_date"]: (row["checksum"], row["changed_version"]) for row in rows}

    def _read_back(self, table: Table, days: DayRange, expected: dict[date, int]) -> None:
        found = {
            row["game_date"]: row["n"]
            for row in self._rows(
                f"SELECT game_date, COUNT(*) AS n FROM {self._path(table.dataset, table.name)} "
                "WHERE game_date BETWEEN @first AND @last GROUP BY 1",
                {"first": days.first, "last": days.last},
            )
        }
        wrong = {day: (count, found.get(day, 0)) for day, count in expected.items() if found.get(day, 0) != count}
        if wrong:
            raise WarehouseError(f"{table.full_name}: rows written and read back differ by day: {wrong}.")

    def _path(self, dataset: str, name: str) -> str:
        return sql.quoted(self._project, dataset, name)

    def _staged(self, name: str) -> str:
        return self._path(SCRATCH, self._scratch[name])

    def _new_scratch(self, name: str) -> str:
        if name in self._scratch:
            self._client.delete_table(f"{self._project}.{SCRATCH}.{self._scratch[name]}", not_found_ok=True)
        self._scratch[name] = f"{name}_{uuid.uuid4().hex}"
        return self._scratch[name]

    def _load(self, scratch: str, rows: pa.Table) -> None:
        import io

        import pyarrow.parquet as pq

        file = io.BytesIO()
        pq.write_table(rows, file)
        file.seek(0)
        config = bigquery.LoadJobConfig(source_format=bigquery.SourceFormat.PARQUET)
        self._client.load_table_from_file(file, f"{self._project}.{SCRATCH}.{scratch}", job_config=config).result()

    def _run(self, statement: str, parameters: dict[str, Any] | None = None) -> Any:
        config = bigquery.QueryJobConfig(query_parameters=[_parameter(*pair) for pair in (parameters or {}).items()])
        if self._limit is not None:
            config.maximum_bytes_billed = self._limit
        job = self._client.query(statement, job_config=config)
        result = job.result()
        self.bytes_billed += job.total_bytes_billed or 0
        return result

    def _rows(self, statement: str, parameters: dict[str, Any]) -> list[dict[str, Any]]:
        return [dict(row.items()) for row in self._run(statement, parameters)]


_NO_ASIDES = pa.schema([("game_date", pa.date32()), ("reason", pa.string()), ("row", pa.string())]).empty_table()
_KINDS: dict[type, str] = {str: "STRING", int: "INT64", datetime: "DATETIME", date: "DATE", bool: "BOOL"}


def _parameter(name: str, value: Any) -> Any:
    if isinstance(value, Sequence) and not isinstance(value, str):
        return bigquery.ArrayQueryParameter(name, _KINDS[type(value[0])] if value else "DATE", list(value))
    return bigquery.ScalarQueryParameter(name, _KINDS[type(value)], value)
