"""The environment variables that a person can set, from which docs/settings.md is made. They are read in `settings.py`,
and nowhere else; a test holds the two together."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Variable:
    """An environment variable. is_secret: its value must not be shown, logged or stored."""

    name: str
    meaning: str
    default: str
    is_secret: bool = False


VARIABLES = (
    Variable(
        "NBA_ASSETS_HOME",
        "folder for `warehouse.duckdb`, `models/`, `alerts/` and `dagster/`",
        "`.nba_assets` in the working directory",
    ),
    Variable(
        "NBA_ASSETS_ARCHIVE",
        "folder of parquet files with real seasons; selects the archive",
        "none: the simulated league",
    ),
    Variable(
        "NBA_ASSETS_SOURCE",
        "where raw rows come from: `archive`, `simulated`, `nba_api` (live) or `landing` (what was fetched, again)",
        "by `NBA_ASSETS_ARCHIVE`",
    ),
    Variable(
        "NBA_ASSETS_LANDING",
        "where live responses are kept: a folder or `gs://bucket/prefix`",
        "`landing` in `NBA_ASSETS_HOME`",
    ),
    Variable("NBA_ASSETS_LANDING_AS_OF", "source `landing`: captures after this time do not exist", "none"),
    Variable("NBA_ASSETS_REFETCH_BEFORE", "source `nba_api`: what landed before this time is fetched again", "none"),
    Variable("NBA_ASSETS_ODDS_API_KEY", "key of The Odds API, for live lines", "none: no lines", is_secret=True),
    Variable("NBA_ASSETS_PROXY", "proxy for live sources, as a URL", "none", is_secret=True),
    Variable("NBA_ASSETS_SEED", "seed of the simulated league", "7"),
    Variable("NBA_ASSETS_WAREHOUSE", "where tables live: `duckdb` or `bigquery`", "`duckdb`"),
    Variable("NBA_ASSETS_BIGQUERY_PROJECT", "Google Cloud project of the tables, when they live in BigQuery", "none"),
    Variable("NBA_ASSETS_BIGQUERY_LOCATION", "where BigQuery keeps them, a region or multi-region", "`US`"),
    Variable(
        "NBA_ASSETS_MAXIMUM_BYTES_BILLED",
        "a BigQuery query that would scan more bytes fails before it runs",
        "none: no limit but the project's own quotas",
    ),
    Variable(
        "BIGQUERY_EMULATOR_HOST",
        "address of a server that speaks BigQuery's API, for trying things out; Google's clients read it as well",
        "none: Google Cloud",
    ),
    Variable(
        "NBA_ASSETS_POSTGRES_URL",
        "PostgreSQL database for Dagster's runs, events and schedules, as `postgresql://user:password@host:5432/database`",
        "none: SQLite files under `NBA_ASSETS_HOME`",
        is_secret=True,
    ),
    Variable(
        "NBA_ASSETS_CONCURRENT_RUNS",
        "how many runs Dagster's queue starts at once; a DuckDB file takes one",
        "1 on `duckdb`, 4 elsewhere",
    ),
    Variable(
        "NBA_ASSETS_ALERTS_ERROR", "where [alerts](alerts.md) of severity ERROR go, as URLs", "nowhere", is_secret=True
    ),
    Variable("NBA_ASSETS_ALERTS_WARN", "where alerts of severity WARN go, as URLs", "nowhere", is_secret=True),
    Variable("NBA_ASSETS_UI_URL", "address of the web interface, for links in alerts", "`http://127.0.0.1:3000`"),
    Variable("NBA_ASSETS_STALLED_AFTER_MINUTES", "how long a backfill may show no progress", "15"),
)
