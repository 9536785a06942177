"""Statements kept from process to process: what an expression compiles to, by what it computes.

To compile a day's expressions takes longer than to run most of them, and tomorrow's are the same but for their dates.
A kept statement has its dates and times open, and is found by its expression's canonical form, never by a table's name
or a version: another formula is another statement. They are beside the warehouse's file, may be deleted at any time,
and one that is damaged is made again.
"""

from __future__ import annotations

import hashlib
import re
import shutil
import tempfile
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import datetime
from functools import cache
from pathlib import Path

import ibis
import ibis.expr.types as ir
import sqlglot

from nba_assets.warehouse.canonical import MARK, Moment, NoCanonicalFormError, canonical

Compile = Callable[[ir.Table, Mapping[Moment, str] | None], str]
"""An expression, and the names that stand for its dates and times; None: they stand there themselves. -> a statement.

Raises:
    NoCanonicalFormError: one of them has no name.
"""

_MOST = 2_000
"""Kept statements; a backfill uses some 160. With more, old ones of formulas that were changed are among them."""
_OPEN = re.compile(rf"{re.escape(MARK)}(\d+)\b")
_DIGEST = 64


class Statements:
    """folder: where they are kept; made when the first is."""

    def __init__(self, folder: Path, compile_: Compile, compiler: str) -> None:
        """compiler: what else than an expression says what a statement looks like."""
        self._folder = folder
        self._compile = compile_
        self._compiler = f"{compiler}\n{_libraries()}"

    def of(self, expression: ir.Table) -> str:
        """The expression as a statement."""
        try:
            text, moments = canonical(expression.op())
            key = hashlib.sha256(f"{self._compiler}\n{text}".encode()).hexdigest()
            statement = self._kept(key)
            if statement is None:
                statement = self._compile(expression, {m: f"{MARK}{n}" for n, m in enumerate(moments)})
                self._keep(key, statement)
        except NoCanonicalFormError:
            return self._compile(expression, None)
        return _OPEN.sub(lambda found: literal(moments[int(found[1])]), statement)

    def _kept(self, key: str) -> str | None:
        try:
            kept = (self._folder / f"{key}.sql").read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError):
            return None
        digest, statement = kept[:_DIGEST], kept[_DIGEST + 1 :]
        return statement if digest == _digest(statement) else None

    def _keep(self, key: str, statement: str) -> None:
        # Where nothing can be written it is compiled each time.
        with suppress(OSError):
            self._folder.mkdir(parents=True, exist_ok=True)
            if len(list(self._folder.iterdir())) >= _MOST:
                shutil.rmtree(self._folder)
                self._folder.mkdir()
            with tempfile.TemporaryDirectory(dir=self._folder, prefix=".part-") as folder:
                part = Path(folder) / f"{key}.sql"
                part.write_text(f"{_digest(statement)}\n{statement}", encoding="utf-8")
                part.replace(self._folder / part.name)


def literal(moment: Moment) -> str:
    """A date or time in a statement."""
    if isinstance(moment, datetime):
        return f"TIMESTAMP '{moment.isoformat(sep=' ')}'"
    return f"DATE '{moment.isoformat()}'"


def _digest(statement: str) -> str:
    return hashlib.sha256(statement.encode()).hexdigest()


@cache
def _libraries() -> str:
    return f"ibis {ibis.__version__}, sqlglot {sqlglot.__version__}"
