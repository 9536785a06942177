"""The warehouse on BigQuery. What a session does is in `bigquery_session.py`, its statements in `bigquery_sql.py`."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import ibis
from google.cloud import bigquery

from nba_assets.tables import DATASETS, TABLES
from nba_assets.warehouse import bigquery_sql as sql
from nba_assets.warehouse.bigquery_session import SCRATCH, BigQuerySession

_SCRATCH_LIVES = timedelta(hours=6)


class BigQueryWarehouse:
    """Tables in the datasets of one project, made on first use.

    client: of the project. storage: client that reads results; None reads them through the API, which is slow.
    maximum_bytes_billed: a query that would scan more fails before it runs. needs_filter: whether tables that it makes
    refuse a query without a filter on days.
    """

    def __init__(
        self,
        client: bigquery.Client,
        storage: Any | None = None,
        maximum_bytes_billed: int | None = None,
        needs_filter: bool = True,
    ) -> None:
        self._client = client
        self._storage = storage
        self._maximum_bytes_billed = maximum_bytes_billed
        self._needs_filter = needs_filter

    @contextmanager
    def session(self, read_only: bool = False) -> Iterator[BigQuerySession]:
        """See `protocol.Warehouse`."""
        if not read_only:
            self._prepare()
        backend = ibis.bigquery.connect(
            project_id=self._client.project, client=self._client, storage_client=self._storage
        )
        session = BigQuerySession(backend, self._client, self._maximum_bytes_billed)
        try:
            yield session
        finally:
            session.close()

    def _prepare(self) -> None:
        """Make what is missing."""
        project = self._client.project
        for name in (*DATASETS, "nba_assets"):
            self._client.create_dataset(name, exists_ok=True)
        scratch = bigquery.Dataset(f"{project}.{SCRATCH}")
        scratch.default_table_expiration_ms = int(_SCRATCH_LIVES.total_seconds() * 1000)
        self._client.create_dataset(scratch, exists_ok=True)
        statements = [
            sql.create_table(
                sql.quoted(project, "nba_assets", "day_ledger"), sql.LEDGER, ["table_name"], needs_filter=False
            ),
            sql.create_table(
                sql.quoted(project, "nba_assets", "set_aside"), sql.SET_ASIDE, ["table_name"], self._needs_filter
            ),
            *(
                sql.create_table(
                    sql.quoted(project, t.dataset, t.name),
                    ", ".join(map(sql.definition, t.columns)),
                    [k for k in t.key if k != "game_date"] or ["game_date"],
                    self._needs_filter,
                )
                for t in TABLES.values()
            ),
        ]
        self._client.query("; ".join(statements)).result()
