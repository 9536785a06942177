"""Clients of BigQuery: with the credentials of the machine, or of a server on this machine that speaks its API."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dagster_gcp import BigQueryResource
from google.api_core.client_options import ClientOptions
from google.auth.credentials import AnonymousCredentials
from google.cloud import bigquery, bigquery_storage

from nba_assets.warehouse.bigquery import BigQueryWarehouse

if TYPE_CHECKING:
    from nba_assets.settings import BigQuerySettings


def open_warehouse(settings: BigQuerySettings) -> BigQueryWarehouse:
    """The warehouse in the project that the settings name.

    Raises:
        google.auth.exceptions.DefaultCredentialsError: the machine has no credentials; says how to give it some.
    """
    if settings.emulator_host is not None:
        client = bigquery.Client(
            project=settings.project,
            location=settings.location,
            credentials=AnonymousCredentials(),
            client_options=ClientOptions(api_endpoint=settings.emulator_host),
        )
        # Such servers refuse to merge into a table that wants a condition on days, whatever the condition.
        return BigQueryWarehouse(client, maximum_bytes_billed=settings.maximum_bytes_billed, needs_filter=False)
    resource = BigQueryResource(project=settings.project, location=settings.location)
    with resource.get_client() as client:
        storage = bigquery_storage.BigQueryReadClient()
        return BigQueryWarehouse(client, storage, settings.maximum_bytes_billed)
