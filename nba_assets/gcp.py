"""What lives in Google Cloud, opened with the credentials of the machine, or on a server that speaks its API."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dagster_gcp import BigQueryResource
from google.auth.credentials import AnonymousCredentials
from google.cloud import bigquery, bigquery_storage

from nba_assets.warehouse.bigquery import BigQueryWarehouse
from nba_assets.warehouse.bigquery_errors import clear_errors

if TYPE_CHECKING:
    from nba_assets.settings import BigQuerySettings


def open_warehouse(settings: BigQuerySettings) -> BigQueryWarehouse:
    """The warehouse in the project that the settings name.

    Raises:
        WarehouseError: the machine has no credentials; says how to give it some.
    """
    limit = settings.maximum_bytes_billed
    if settings.emulator is not None:
        client = bigquery.Client(
            settings.project,
            AnonymousCredentials(),
            location=settings.location,
            client_options={"api_endpoint": settings.emulator},
        )
        # Such servers refuse to merge into a table that wants a condition on days, whatever the condition.
        return BigQueryWarehouse(client, maximum_bytes_billed=limit, needs_filter=False)
    with (
        clear_errors(settings.project),
        BigQueryResource(project=settings.project, location=settings.location).get_client() as client,
    ):
        return BigQueryWarehouse(client, bigquery_storage.BigQueryReadClient(), limit)
