"""A session on BigQuery: reads as expressions that BigQuery computes, and days put in place by MERGE statements.

Rows are staged in scratch tables, which are dropped at the session's end, and expire by themselves if it never comes.
How they are checked and compared is in `replacing.py`; what datasets and tables there are in `bigquery_schema.py`.
"""

from __future__ import annotations

import io
import uuid
from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any

import ibis
import ibis.expr.types as ir
import pyarrow as pa
import pyarrow.parquet as pq
from google.cloud import bigquery

from nba_assets.days import DayRange
from nba_assets.tables import Table
from nba_assets.warehouse import bigquery_sql as sql
from nba_assets.warehouse import ledger
from nba_assets.warehouse.dialect import GOOGLESQL
from nba_assets.warehouse.googlesql import compiled
from nba_assets.warehouse.protocol import Query
from nba_assets.warehouse.replacing import ReplacingSession

SCRATCH = "nba_assets_scratch"


class BigQuerySession(ReplacingSession):
    """An open session; see `protocol.Session`.

    columns: of every table, in the order in which it has them. storage: client that reads large results; None reads
    them through the API, page by page. maximum_bytes_billed: a query that would scan more fails before it runs.
    """

    dialect = GOOGLESQL

    def __init__(
        self,
        client: bigquery.Client,
        columns: Mapping[str, Mapping[str, str]],
        storage: Any | None = None,
        maximum_bytes_billed: int | None = None,
    ) -> None:
        self._client = client
        self._columns = columns
        self._storage = storage
        self._limit = maximum_bytes_billed
        self._scratch: dict[str, str] = {}
        self._queries: list[Query] = []
        self._read_since: int | None = None

    def close(self) -> None:
        """Drop what was staged."""
        for name in self._scratch.values():
            self._client.delete_table(f"{self._client.project}.{SCRATCH}.{name}", not_found_ok=True)

    @property
    def queries(self) -> list[Query]:
        """See `protocol.Session`."""
        return self._queries

    def read(self, table: Table, days: DayRange) -> ir.Table:
        """See `protocol.Session`."""
        if self._read_since is None:
            # What is read from here on may be older than anything recorded later.
            self._read_since = self._now()
        return self._read(table, days)

    def _read(self, table: Table, days: DayRange) -> ir.Table:
        # What BigQuery gives for `*` comes in the table's own order, where a column that was added later is the last.
        stored = self._columns[table.full_name]
        source = ibis.table(stored, name=table.name, catalog=self._client.project, database=table.dataset)
        return source.filter(source.game_date.between(ibis.literal(days.first), ibis.literal(days.last)))

    def frame(self, expression: ir.Table) -> pa.Table:
        """See `protocol.Session`."""
        result = self._run(compiled(expression))
        rows = result.to_arrow(bqstorage_client=self._storage, create_bqstorage_client=False)
        return rows.cast(expression.schema().to_pyarrow())

    def attach(self, name: str, rows: pa.Table | ir.Table) -> ir.Table:
        """See `protocol.Session`."""
        if isinstance(rows, ir.Table):
            self.attach_query(name, compiled(rows))
            schema = rows.schema()
        else:
            rows = _typed(rows)
            self._load(self._new_scratch(name), rows)
            schema = ibis.Schema.from_pyarrow(rows.schema)
        return ibis.table(schema, name=self._scratch[name], catalog=self._client.project, database=SCRATCH)

    def extend(self, name: str, rows: ir.Table) -> None:
        """See `replacing.ReplacingSession`."""
        self._run(f"INSERT INTO {self.attached(name)} {compiled(rows)}")

    def attach_query(self, name: str, query: str) -> None:
        """See `replacing.ReplacingSession`."""
        scratch = self._new_scratch(name)
        self._run(f"CREATE TABLE {self.path(SCRATCH, scratch)} AS {query}")

    def columns(self, table: Table) -> dict[str, str]:
        """See `protocol.Session`."""
        return dict(self._columns[table.full_name])

    def set_aside(self, days: DayRange) -> ir.Table:
        """See `protocol.Session`."""
        return self._read(ledger.SET_ASIDE, days)

    def path(self, dataset: str, name: str) -> str:
        """See `replacing.ReplacingSession`."""
        return self.dialect.name(f"{self._client.project}.{dataset}.{name}")

    def attached(self, name: str) -> str:
        """See `replacing.ReplacingSession`."""
        return self.path(SCRATCH, self._scratch[name])

    def rows(self, statement: str, parameters: dict[str, Any] | None = None) -> list[dict[str, Any]]:
        """See `replacing.ReplacingSession`."""
        return [dict(row.items()) for row in self._run(statement, parameters)]

    def put(self, table: Table, days: DayRange, states: dict[date, ledger.Day], has_asides: bool) -> None:
        """See `replacing.ReplacingSession`: each statement is whole or absent, and the ledger comes last."""
        range_ = {"first": days.first, "last": days.last}
        different = sorted(day for day, state in states.items() if state.is_different)
        if different:
            target = self.path(table.dataset, table.name)
            self._run(sql.replace(table, target, self.attached("staged")), {**range_, "days": different})
        self.check_written(table, days, states)
        whose = {**range_, "dataset": table.dataset, "name": table.name}
        aside = self.attached("aside") if has_asides else None
        self._run(sql.put_aside(self.path(ledger.SYSTEM, "set_aside"), aside), whose)
        self._run(
            sql.record(self.path(ledger.SYSTEM, "day_ledger")),
            {
                **whose,
                "days": sql.day_records(states),
                "since": self._now() if self._read_since is None else self._read_since,
                "now": datetime.now(UTC).replace(tzinfo=None),
            },
        )
        self._read_since = None

    def _now(self) -> int:
        """BigQuery's own time, in microseconds: the version of what is recorded now."""
        (row,) = self.rows("SELECT UNIX_MICROS(CURRENT_TIMESTAMP()) AS now")
        return row["now"]

    def _new_scratch(self, name: str) -> str:
        if name in self._scratch:
            self._client.delete_table(f"{self._client.project}.{SCRATCH}.{self._scratch[name]}", not_found_ok=True)
        self._scratch[name] = f"{name}_{uuid.uuid4().hex}"
        return self._scratch[name]

    def _load(self, scratch: str, rows: pa.Table) -> None:
        file = io.BytesIO()
        pq.write_table(rows, file)
        file.seek(0)
        config = bigquery.LoadJobConfig(
            source_format=bigquery.SourceFormat.PARQUET,
            schema=[bigquery.SchemaField(name, kind) for name, kind in sql.api_types(rows.schema).items()],
        )
        self._client.load_table_from_file(
            file, f"{self._client.project}.{SCRATCH}.{scratch}", job_config=config
        ).result()

    def _run(self, statement: str, parameters: dict[str, Any] | None = None) -> Any:
        config = bigquery.QueryJobConfig(
            query_parameters=[sql.parameter(*pair) for pair in (parameters or {}).items()], use_legacy_sql=False
        )
        if self._limit is not None:
            config.maximum_bytes_billed = self._limit
        job = self._client.query(statement, job_config=config)
        result = job.result()
        seconds = (job.ended - job.started).total_seconds() if job.ended and job.started else 0.0
        self._queries.append(Query(job.job_id, job.total_bytes_billed or 0, seconds))
        return result


def _typed(rows: pa.Table) -> pa.Table:
    """The rows without columns of no type, which a file of rows cannot tell."""
    for position, field in enumerate(rows.schema):
        if pa.types.is_null(field.type):
            rows = rows.set_column(position, field.name, rows.column(position).cast(pa.int64()))
    return rows
