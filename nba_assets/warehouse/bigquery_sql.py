"""GoogleSQL of the BigQuery warehouse: tables, staging, checks of staged rows, and the replacement of days. Statements are
built from records only; values travel as parameters."""

from __future__ import annotations

from collections.abc import Iterable

from nba_assets.tables import Column, Table

TYPES = {
    "int64": "INT64",
    "float64": "FLOAT64",
    "string": "STRING",
    "boolean": "BOOL",
    "date": "DATE",
    "timestamp": "DATETIME",
}
LEDGER = (
    "dataset STRING NOT NULL, table_name STRING NOT NULL, game_date DATE NOT NULL, row_count INT64 NOT NULL, "
    "set_aside_count INT64 NOT NULL, checksum STRING, built_version INT64 NOT NULL, changed_version INT64 NOT NULL, "
    "built_at DATETIME NOT NULL"
)
SET_ASIDE = (
    "dataset STRING NOT NULL, table_name STRING NOT NULL, game_date DATE NOT NULL, reason STRING NOT NULL, "
    "`row` STRING NOT NULL"
)


def quoted(*names: str) -> str:
    """The path of names as one identifier."""
    return f"`{'.'.join(names)}`"


def columns(table: Table) -> str:
    """The table's columns, for a SELECT or an INSERT."""
    return ", ".join(quoted(c) for c in table.column_names)


def definition(column: Column) -> str:
    """The column as CREATE TABLE wants it."""
    return f"{quoted(column.name)} {TYPES[column.type]}{' NOT NULL' if column.required else ''}"


def create_table(name: str, columns: str, cluster: Iterable[str], needs_filter: bool = True) -> str:
    """A table partitioned by day and clustered by its key, at most four columns of it; made if it is not there."""
    by = ", ".join(quoted(c) for c in list(cluster)[:4])
    options = " OPTIONS (require_partition_filter = TRUE)" if needs_filter else ""
    return f"CREATE TABLE IF NOT EXISTS {name} ({columns}) PARTITION BY game_date CLUSTER BY {by}{options}"


def _key(table: Table) -> str:
    return f"TO_JSON_STRING(STRUCT({', '.join(f'{quoted(k)} AS {quoted(k)}' for k in table.key)}))"


def violations(table: Table, relation: str) -> str:
    """One row of counts, `v0`, `v1`, ..., in the order of `violation_names`."""
    counts = [f"COUNTIF({quoted(c.name)} IS NULL)" for c in table.columns if c.required]
    counts += [
        f"COUNTIF(IS_NAN({quoted(c.name)}) OR IS_INF({quoted(c.name)}))" for c in table.columns if c.type == "float64"
    ]
    counts += ["COUNTIF(game_date NOT BETWEEN @first AND @last)", f"COUNT(*) - COUNT(DISTINCT {_key(table)})"]
    named = ", ".join(f"{count} AS v{number}" for number, count in enumerate(counts))
    return f"SELECT {named} FROM {relation}"


def violation_names(table: Table) -> list[str]:
    """What `violations` counts, for the message."""
    return [
        *(f"no value in {c.name}" for c in table.columns if c.required),
        *(f"not a finite number in {c.name}" for c in table.columns if c.type == "float64"),
        "a day that was not asked for in game_date",
        f"a duplicated key ({', '.join(table.key)})",
    ]


def duplicated_keys(table: Table, relation: str) -> str:
    """A few keys that stand more than once."""
    key = ", ".join(quoted(k) for k in table.key)
    return f"SELECT {key}, COUNT(*) AS times FROM {relation} GROUP BY {key} HAVING COUNT(*) > 1 LIMIT 3"


def day_checksums(table: Table, relation: str) -> str:
    """Rows and an order-free checksum of each day."""
    kept = ", ".join(f"{quoted(c)} AS {quoted(c)}" for c in table.column_names if c not in table.volatile)
    return (
        "SELECT game_date, COUNT(*) AS row_count, "
        f"CAST(BIT_XOR(FARM_FINGERPRINT(TO_JSON_STRING(STRUCT({kept})))) AS STRING) AS checksum "
        f"FROM {relation} GROUP BY game_date"
    )


def replace(table: Table, target: str, staged: str) -> str:
    """One statement: on the changed days rows come, change and go until the table holds the staged ones.

    By key and not ON FALSE: the days in the condition are what lets a table that requires a filter be merged into.
    """
    is_same = " AND ".join(f"old.{quoted(k)} = new.{quoted(k)}" for k in dict.fromkeys(("game_date", *table.key)))
    changes = ", ".join(f"{quoted(c)} = new.{quoted(c)}" for c in table.column_names if c not in table.key)
    return (
        f"MERGE {target} AS old USING (SELECT {columns(table)} FROM {staged} WHERE game_date IN UNNEST(@changed)) AS new "
        f"ON {is_same} AND old.game_date BETWEEN @first AND @last "
        f"WHEN MATCHED THEN UPDATE SET {changes} "
        "WHEN NOT MATCHED BY SOURCE AND old.game_date BETWEEN @first AND @last AND old.game_date IN UNNEST(@changed) "
        "THEN DELETE "
        f"WHEN NOT MATCHED BY TARGET THEN INSERT ({columns(table)}) VALUES ({columns(table)})"
    )


def record(ledger: str, aside: str, counts: str, staged_aside: str) -> str:
    """A script that puts the ledger's and the set-aside rows of the days in place, all or none.

    counts: one row a day with row_count, set_aside_count, checksum and kept_version, the version at which its rows last
    differed, NULL if that is now.
    """
    return (
        "DECLARE version INT64; BEGIN TRANSACTION; "
        f"SET version = (SELECT COALESCE(MAX(built_version), 0) + 1 FROM {ledger}); "
        f"DELETE FROM {aside} WHERE table_name = @name AND game_date BETWEEN @first AND @last; "
        f"INSERT INTO {aside} (dataset, table_name, game_date, reason, `row`) "
        f"SELECT @dataset, @name, game_date, reason, `row` FROM {staged_aside}; "
        f"DELETE FROM {ledger} WHERE table_name = @name AND game_date BETWEEN @first AND @last; "
        f"INSERT INTO {ledger} (dataset, table_name, game_date, row_count, set_aside_count, checksum, built_version, "
        "changed_version, built_at) SELECT @dataset, @name, c.game_date, c.row_count, c.set_aside_count, c.checksum, "
        f"version, COALESCE(c.kept_version, version), @now FROM {counts} AS c; "
        "COMMIT TRANSACTION;"
    )
