"""GoogleSQL's own analyzer: what it refuses, BigQuery refuses, whatever the server that tests run against accepts."""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any
from unittest import mock

from google.cloud import bigquery
from google.protobuf.empty_pb2 import Empty
from zetasql.api import CatalogBuilder, TableBuilder
from zetasql.core.local_service import ZetaSqlLocalService
from zetasql.types import (
    AnalyzeRequest,
    AnalyzerOptions,
    ArrayType,
    LanguageOptions,
    StructField,
    StructType,
    Type,
    TypeKind,
    ZetaSQLBuiltinFunctionOptions,
)

from nba_assets.tables import TABLES
from nba_assets.warehouse.bigquery_schema import columns_of
from nba_assets.warehouse.bigquery_session import SCRATCH, BigQuerySession
from nba_assets.warehouse.bigquery_sql import parameter
from nba_assets.warehouse.ledger import SYSTEM_TABLES

Columns = Mapping[str, str]
"""Column -> type, named as in records."""

_KINDS = {
    "int64": TypeKind.TYPE_INT64,
    "float64": TypeKind.TYPE_DOUBLE,
    "string": TypeKind.TYPE_STRING,
    "boolean": TypeKind.TYPE_BOOL,
    "date": TypeKind.TYPE_DATE,
    "timestamp": TypeKind.TYPE_DATETIME,
}
_PATH = re.compile(r"`([\w-]+)`\.`(\w+)`\.`(\w+)`")
_SCRATCH = re.compile(rf"`([\w-]+\.{SCRATCH}\.\w+)`")
_NUMBER = re.compile(r"_[0-9a-f]{32}\b|\d+")
_WHOLE = re.compile(r"`([\w-]+\.\w+\.\w+)`")


def analyse(statement: str, parameters: Iterable[Any] = (), scratch: Callable[[str], Columns] | None = None) -> None:
    """Raise what the analyzer says against the statement, with the tables of the records.

    parameters: as a query job has them. scratch: the columns of a table of another name, given its whole path.
    """
    whole = _whole(statement)
    builder = CatalogBuilder("project").with_builtin_functions(
        ZetaSQLBuiltinFunctionOptions(language_options=_language())
    )
    for path in sorted({".".join(parts) for parts in _PATH.findall(statement)} | set(_WHOLE.findall(statement))):
        columns = _stored().get(path.partition(".")[2])
        if columns is None and scratch is not None and f"CREATE TABLE `{path}`" not in whole:
            columns = scratch(path)
        if columns is not None:
            builder = builder.add_table(_table(path, columns))
    options = AnalyzerOptions(
        language_options=_language(),
        query_parameters=[
            AnalyzerOptions.QueryParameter(name=p.name, type=_type(p.to_api_repr()["parameterType"]))
            for p in parameters
        ],
    )
    request = AnalyzeRequest(sql_statement=whole, options=options, simple_catalog=builder.build())
    # The answer of a long statement is nested deeper than can be read; that there is one says enough.
    ZetaSqlLocalService.get_instance().wasm_client.call_grpc_func(
        "ZetaSqlLocalService_Analyze", request.to_proto(), Empty
    )


def _whole(statement: str) -> str:
    """The statement with each path as one name: BigQuery takes it in parts as well, the analyzer does not."""
    return _PATH.sub(r"`\1.\2.\3`", statement)


def _type(stated: Mapping[str, Any]) -> Type:
    """A parameter's type as the analyzer has it."""
    if stated["type"] == "ARRAY":
        return Type(type_kind=TypeKind.TYPE_ARRAY, array_type=ArrayType(element_type=_type(stated["arrayType"])))
    if stated["type"] == "STRUCT":
        fields = [StructField(field_name=f["name"], field_type=_type(f["type"])) for f in stated["structTypes"]]
        return Type(type_kind=TypeKind.TYPE_STRUCT, struct_type=StructType(field=fields))
    return Type(type_kind=TypeKind[f"TYPE_{stated['type']}"])


@functools.cache
def _stored() -> Mapping[str, Columns]:
    return {t.full_name: {c.name: c.type for c in t.columns} for t in (*TABLES.values(), *SYSTEM_TABLES)}


@functools.cache
def _language() -> Any:
    return LanguageOptions.maximum_features()


def _table(path: str, columns: Columns) -> Any:
    builder = TableBuilder(path)
    for name, kind in columns.items():
        builder = builder.add_column(name, _KINDS[kind])
    return builder.build()


@contextmanager
def analysing(client: bigquery.Client) -> Iterator[list[str]]:
    """Every statement that a session runs is analysed before; they are listed."""
    run, statements, known = BigQuerySession._run, [], set()

    def analysed(session: BigQuerySession, statement: str, parameters: dict[str, Any] | None = None) -> Any:
        # Numbers, and with them days and the names of scratch tables, make no other statement; columns do.
        paths = (path for path in _SCRATCH.findall(_whole(statement)) if f"CREATE TABLE `{path}`" not in statement)
        scratch = {path: columns_of(client.get_table(path)) for path in paths}
        shape = (_NUMBER.sub("0", statement), repr(list(scratch.values())), repr(sorted(parameters or ())))
        if shape not in known:
            typed = [parameter(*pair) for pair in (parameters or {}).items()]
            analyse(statement, typed, scratch.get)
            known.add(shape)
        statements.append(statement)
        return run(session, statement, parameters)

    with mock.patch.object(BigQuerySession, "_run", analysed):
        yield statements
