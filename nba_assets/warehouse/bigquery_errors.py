"""What goes wrong between here and BigQuery, said for the person who can do something about it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import google.api_core.exceptions as api
import google.auth.exceptions as auth
import requests

from nba_assets.warehouse.protocol import WarehouseError

_OVER_THE_LIMIT = ("bytesBilledLimitExceeded", "limit for bytes billed")


@contextmanager
def clear_errors(project: str, maximum_bytes_billed: int | None = None) -> Iterator[None]:
    """Errors of Google's clients as WarehouseError: what BigQuery said, where, and what to do."""
    try:
        yield
    except auth.GoogleAuthError as error:
        raise WarehouseError(
            f"BigQuery, project {project}: there are no credentials that Google Cloud takes: {error} On a machine of "
            "Google's, give its service account access; elsewhere set GOOGLE_APPLICATION_CREDENTIALS to a key file, or "
            "sign in with gcloud auth application-default login."
        ) from error
    except api.GoogleAPICallError as error:
        if any(words in str(error) for words in _OVER_THE_LIMIT):
            raise WarehouseError(
                f"BigQuery, project {project}: a query would scan more than NBA_ASSETS_MAXIMUM_BYTES_BILLED, "
                f"{maximum_bytes_billed:,} bytes, and did not run: {error.message} Raise it, or ask for fewer days."
            ) from error
        what_to_do = " Its role lacks a permission; docs/deploy-gcp.md lists the roles." if error.code == 403 else ""
        raise WarehouseError(f"BigQuery, project {project}: {error}.{what_to_do}") from error
    except (api.RetryError, requests.RequestException) as error:
        raise WarehouseError(
            f"BigQuery, project {project}, cannot be reached: {error}. What was being written is there as a whole or "
            "not at all; a backfill of the same days goes on from there."
        ) from error
