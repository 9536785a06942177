"""The warehouse on BigQuery: one project, opened for as long as a session lasts. What a session does is in
`bigquery_session.py`, what datasets and tables there are in `bigquery_schema.py`."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from google.cloud import bigquery

from nba_assets.warehouse.bigquery_errors import clear_errors
from nba_assets.warehouse.bigquery_schema import Columns, check, is_there, prepare
from nba_assets.warehouse.bigquery_session import BigQuerySession


class BigQueryWarehouse:
    """Tables in the datasets of one project, made on first use.

    client: of the project, with the location of its datasets. storage: client that reads large results; None reads
    them through the API, page by page. maximum_bytes_billed: a query that would scan more fails before it runs.
    needs_filter: whether tables that it makes refuse a query without a condition on days.
    """

    engine = "bigquery"

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
        self._columns: dict[str, Columns] | None = None
        self._is_prepared = False

    def exists(self) -> bool:
        """See `protocol.Warehouse`."""
        with self._clear_errors():
            return self._is_prepared or is_there(self._client)

    @contextmanager
    def session(self, read_only: bool = False) -> Iterator[BigQuerySession]:
        """See `protocol.Warehouse`. The tables' columns are looked at once by each process.

        Raises:
            WarehouseError: tables are missing (read_only), or have columns of other types; BigQuery cannot be reached,
                or refuses.
        """
        with self._clear_errors():
            if not read_only and not self._is_prepared:
                self._columns = prepare(self._client, self._needs_filter)
                self._is_prepared = True
            elif self._columns is None:
                self._columns = check(self._client)
            session = BigQuerySession(self._client, self._columns, self._storage, self._maximum_bytes_billed)
            try:
                yield session
            finally:
                session.close()

    def _clear_errors(self) -> Any:
        return clear_errors(self._client.project, self._maximum_bytes_billed)
