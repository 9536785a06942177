"""The environment, read once into one typed object.

No other module reads environment variables; what each of them means is in `variables.py`. Defaults that belong to a
table, a model or a league live with those.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit

SOURCES = ("archive", "simulated", "nba_api", "landing")
WAREHOUSES = ("duckdb", "bigquery")


class SettingsError(ValueError):
    """An environment variable has a value that cannot be used; says which and what would do."""


@dataclass(frozen=True)
class BigQuerySettings:
    """What BigQuery needs to know.

    project, location: of the tables. maximum_bytes_billed: a query that would scan more fails before it runs; None for
    no limit. emulator: address of a server that is asked instead of Google Cloud.
    """

    project: str
    location: str = "US"
    maximum_bytes_billed: int | None = None
    emulator: str | None = None


@dataclass(frozen=True)
class Settings:
    """What a person can configure.

    home: folder holding `warehouse.duckdb`, `models/` and `dagster/`.
    source: where raw rows come from, one of SOURCES.
    archive: folder of parquet files, when the source is `archive`.
    warehouse: where tables live, one of WAREHOUSES.
    bigquery: when they live in BigQuery.
    seed: seed of the simulated league.
    postgres_url: of the database that Dagster keeps its state in; None for files under home. A secret, as the next two.
    concurrent_runs: how many runs Dagster's queue starts at once.
    alerts_error, alerts_warn: URLs of the places that messages of a severity go to. They hold secrets: not in the repr.
    ui_url: where people reach the web interface, for links.
    stalled_after_minutes: how long something that goes on may show no progress.
    landing: where raw responses are kept, a folder or gs://bucket/prefix; below `home` by default.
    landing_as_of: when the source is `landing`: captures after this time do not exist.
    refetch_before: when the source is `nba_api`: what landed before this time is fetched again.
    odds_api_key: for The Odds API. proxy: URL of a proxy for live sources. Both are secret: not in the repr.
    """

    home: Path
    source: str
    archive: Path | None
    warehouse: str
    bigquery: BigQuerySettings | None = None
    seed: int = 7
    postgres_url: str | None = field(default=None, repr=False)
    concurrent_runs: int = 1
    alerts_error: tuple[str, ...] = field(default=(), repr=False)
    alerts_warn: tuple[str, ...] = field(default=(), repr=False)
    ui_url: str = "http://127.0.0.1:3000"
    stalled_after_minutes: int = 15
    landing: str = ""
    landing_as_of: datetime | None = None
    refetch_before: datetime | None = None
    odds_api_key: str | None = field(default=None, repr=False)
    proxy: str | None = field(default=None, repr=False)

    @property
    def warehouse_file(self) -> Path:
        """The DuckDB file."""
        return self.home / "warehouse.duckdb"

    @property
    def turn_file(self) -> Path:
        """Locked by whoever builds in this home."""
        return self.home / "turn.lock"

    @property
    def models_folder(self) -> Path:
        """Where model files are kept."""
        return self.home / "models"

    @property
    def dagster_home(self) -> Path:
        """Dagster's own state."""
        return self.home / "dagster"

    @property
    def alerts_folder(self) -> Path:
        """Messages that wait for delivery, those delivered, and what is silenced."""
        return self.home / "alerts"


def load_settings(environment: Mapping[str, str] | None = None) -> Settings:
    """Settings from the environment (or from the mapping given, in tests).

    An archive folder selects the archive source; without one the simulated league is used.

    Raises:
        SettingsError: a value is not among those allowed, or the archive folder is missing.
    """
    values = os.environ if environment is None else environment
    for name, text in values.items():
        if name.startswith(("NBA_ASSETS_", "BIGQUERY_")) and not _is_utf_8(text):
            raise SettingsError(f"{name} has a value that is no text in UTF-8; what it is given to takes no other.")
    home = _folder("NBA_ASSETS_HOME", values.get("NBA_ASSETS_HOME") or ".nba_assets")
    if "?" in str(home):
        # The address of an SQLite file ends at one, and Dagster's state would be somewhere else.
        raise SettingsError(f"NBA_ASSETS_HOME is {str(home)!r}; its path may have no question mark.")
    archive_text = values.get("NBA_ASSETS_ARCHIVE") or ""
    archive = _folder("NBA_ASSETS_ARCHIVE", archive_text) if archive_text else None
    source = values.get("NBA_ASSETS_SOURCE") or ("archive" if archive else "simulated")
    if source not in SOURCES:
        raise SettingsError(f"NBA_ASSETS_SOURCE is {source!r}; it must be one of {', '.join(SOURCES)}.")
    if source == "archive":
        if archive is None:
            raise SettingsError("NBA_ASSETS_SOURCE is archive: set NBA_ASSETS_ARCHIVE to the folder of parquet files.")
        if not os.path.isdir(archive):  # noqa: PTH112 - a path's own is_dir raises on a name that is too long
            raise SettingsError(f"NBA_ASSETS_ARCHIVE is {str(archive)!r}, which is not a folder.")
    warehouse = values.get("NBA_ASSETS_WAREHOUSE") or "duckdb"
    if warehouse not in WAREHOUSES:
        raise SettingsError(f"NBA_ASSETS_WAREHOUSE is {warehouse!r}; it must be one of {', '.join(WAREHOUSES)}.")
    return Settings(
        home=home,
        source=source,
        archive=archive,
        warehouse=warehouse,
        bigquery=_bigquery(values) if warehouse == "bigquery" else None,
        seed=_whole_number(values, "NBA_ASSETS_SEED", Settings.seed, least=0),
        postgres_url=_postgres_url(values),
        concurrent_runs=_concurrent_runs(values, warehouse),
        alerts_error=_destinations(values, "NBA_ASSETS_ALERTS_ERROR"),
        alerts_warn=_destinations(values, "NBA_ASSETS_ALERTS_WARN"),
        ui_url=_ui_url(values),
        stalled_after_minutes=_whole_number(values, "NBA_ASSETS_STALLED_AFTER_MINUTES", Settings.stalled_after_minutes),
        landing=_landing(values, home),
        landing_as_of=_moment(values, "NBA_ASSETS_LANDING_AS_OF", "landing", source),
        refetch_before=_moment(values, "NBA_ASSETS_REFETCH_BEFORE", "nba_api", source),
        odds_api_key=values.get("NBA_ASSETS_ODDS_API_KEY") or None,
        proxy=_proxy(values),
    )


def _destinations(values: Mapping[str, str], name: str) -> tuple[str, ...]:
    """The URLs of a variable, each once, in order; each one that the notification library understands."""
    urls = tuple(dict.fromkeys((values.get(name) or "").split()))
    if not urls:
        return ()
    # Only where alerts are configured: it takes a third of a second to load.
    import apprise

    for number, url in enumerate(urls, 1):
        if apprise.Apprise.instantiate(url) is None:
            scheme, separator, _ = url.partition("://")
            # The rest of a URL is full of secrets, and so are the library's own messages about it.
            shown = f"({scheme}://...) " if separator and scheme.isalnum() else ""
            raise SettingsError(
                f"{name}: URL number {number} {shown}is none that Apprise understands. URLs are separated by blanks; "
                "what each service wants in one is at https://appriseit.com/services/, and the command "
                "apprise -vv -b test URL says what is wrong with it."
            )
    return urls


def _bigquery(values: Mapping[str, str]) -> BigQuerySettings:
    project = values.get("NBA_ASSETS_BIGQUERY_PROJECT") or ""
    if not project:
        raise SettingsError(
            "NBA_ASSETS_WAREHOUSE is bigquery: set NBA_ASSETS_BIGQUERY_PROJECT to the project that holds the tables."
        )
    location = values.get("NBA_ASSETS_BIGQUERY_LOCATION") or BigQuerySettings.location
    # Both become part of names in statements.
    for name, text in (("NBA_ASSETS_BIGQUERY_PROJECT", project), ("NBA_ASSETS_BIGQUERY_LOCATION", location)):
        if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9.:_-]*", text):
            raise SettingsError(f"{name} is {text!r}; it may have letters, digits, hyphens, _, . and : only.")
    most = "NBA_ASSETS_MAXIMUM_BYTES_BILLED"
    emulator = values.get("BIGQUERY_EMULATOR_HOST") or None
    if emulator is not None and not _is_web_address(emulator):
        raise SettingsError(f"BIGQUERY_EMULATOR_HOST is {emulator!r}; it must be like http://127.0.0.1:9050.")
    return BigQuerySettings(
        project=project,
        location=location,
        maximum_bytes_billed=_whole_number(values, most, 1, of="bytes") if values.get(most) else None,
        emulator=emulator,
    )


def _postgres_url(values: Mapping[str, str]) -> str | None:
    url = values.get("NBA_ASSETS_POSTGRES_URL") or ""
    if not url:
        return None
    try:
        parts = urlsplit(url)
        is_usable = parts.scheme == "postgresql" and bool(parts.path.strip("/")) and parts.port != 0
    except ValueError:
        is_usable = False
    if not is_usable:
        # The value has a password in it, and a URL that cannot be read may have it anywhere.
        raise SettingsError(
            "NBA_ASSETS_POSTGRES_URL is no address of a database; it must be like postgresql://user:password@host:5432/"
            "database, where / ? # @ : % of a password are written %2F %3F %23 %40 %3A %25."
        )
    return url


def _concurrent_runs(values: Mapping[str, str], warehouse: str) -> int:
    number = _whole_number(values, "NBA_ASSETS_CONCURRENT_RUNS", 1 if warehouse == "duckdb" else 4)
    if warehouse == "duckdb" and number > 1:
        raise SettingsError(f"NBA_ASSETS_CONCURRENT_RUNS is {number}, but a DuckDB file has one writer; it must be 1.")
    return number


def _whole_number(values: Mapping[str, str], name: str, default: int, least: int = 1, of: str = "") -> int:
    """A number in plain digits. More than eighteen of them are more than anything here can be."""
    text = values.get(name) or str(default)
    is_number = text.isascii() and text.isdigit() and len(text) <= 18
    if not is_number or int(text) < least:
        of = f" of {of}" if of else ""
        raise SettingsError(f"{name} is {text!r}; it must be a whole number{of}, {least} or more.")
    return int(text)


def _is_utf_8(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _folder(name: str, text: str) -> Path:
    """A folder by its absolute path; it need not exist."""
    try:
        path = Path(text).expanduser().resolve()
        # DuckDB and Dagster take no other; the working directory may be one.
        str(path).encode()
        return path
    except (OSError, RuntimeError, ValueError) as error:
        # The home of somebody who does not exist, links in a circle, a name that no file can have.
        raise SettingsError(f"{name} is {text!r}, which can be no folder: {error}") from error


def _is_web_address(text: str, is_bare: bool = False) -> bool:
    """Whether it is http:// or https://, a host and perhaps a port. is_bare: and no query or fragment after it."""
    try:
        parts = urlsplit(text)
        is_address = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False
    return is_address and text.isprintable() and not (is_bare and (parts.query or parts.fragment))


def _ui_url(values: Mapping[str, str]) -> str:
    text = (values.get("NBA_ASSETS_UI_URL") or Settings.ui_url).rstrip("/")
    if not _is_web_address(text, is_bare=True):
        raise SettingsError(f"NBA_ASSETS_UI_URL is {text!r}; it must be like http://127.0.0.1:3000.")
    return text


def _landing(values: Mapping[str, str], home: Path) -> str:
    text = values.get("NBA_ASSETS_LANDING") or ""
    if "://" in text:
        if not re.fullmatch(r"gs://[a-z0-9][a-z0-9._-]+(/.*)?", text) or not text.isprintable():
            raise SettingsError(f"NBA_ASSETS_LANDING is {text!r}; it must be a folder or like gs://bucket/prefix.")
        return text.rstrip("/")
    return str(_folder("NBA_ASSETS_LANDING", text) if text else home / "landing")


def _moment(values: Mapping[str, str], name: str, of_source: str, source: str) -> datetime | None:
    """A time with its zone that one source knows what to do with, in UTC."""
    text = values.get(name) or ""
    if not text:
        return None
    if source != of_source:
        raise SettingsError(f"{name} is for NBA_ASSETS_SOURCE={of_source}, and the source is {source}.")
    try:
        moment = datetime.fromisoformat(text)
        if moment.tzinfo is not None:
            return moment.astimezone(UTC)
    except (ValueError, OverflowError):
        pass
    raise SettingsError(f"{name} is {text!r}; it must be a time with its zone, like 2022-01-05T18:00Z.")


def _proxy(values: Mapping[str, str]) -> str | None:
    text = values.get("NBA_ASSETS_PROXY") or None
    # Its user and password are secret: the value is not shown.
    if text is not None and not _is_web_address(text):
        raise SettingsError("NBA_ASSETS_PROXY must be like http://user:password@host:port.")
    return text
