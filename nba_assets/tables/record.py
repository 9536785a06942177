"""What a table's record says: key, grain, columns, look-back, contract rules.

One record per table is the only place where its shape is written down: the warehouse schema, the checks before each
write, the column metadata in the UI and the data dictionary are all made from it. How a table is computed is not here
but in `transforms/`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from nba_assets.days import FIRST_DAY, DayRange, season_boundary, season_year_of

TYPES = ("int64", "float64", "string", "boolean", "date", "timestamp")
"""Column types, named as Ibis names them."""


@dataclass(frozen=True)
class Column:
    """One column. `unit` is empty for labels and flags; `required` columns are never NULL."""

    name: str
    type: str
    meaning: str
    unit: str = ""
    required: bool = False

    def __post_init__(self) -> None:
        if self.type not in TYPES:
            raise ValueError(f"Column {self.name} has type {self.type!r}; it must be one of {', '.join(TYPES)}.")


@dataclass(frozen=True)
class LookBack:
    """Which days before D a table may read of an upstream, besides D itself.

    seasons: None for none; 0 for this season so far, 1 for the previous season as well, and so on.
    has_day: whether rows of D itself tell of D. Where not, a change of D's upstream touches later days only.
    """

    seasons: int | None
    has_day: bool = True

    @property
    def strictly_before(self) -> LookBack:
        """The same days back, of which a row for D uses those before D only."""
        return replace(self, has_day=False)

    def days_for(self, days: DayRange) -> DayRange:
        """Days of the upstream needed to build these days."""
        if self.seasons is None:
            return days
        start = season_boundary(season_year_of(days.first) - self.seasons)
        return DayRange(max(min(start, days.first), min(FIRST_DAY, days.first)), days.last)

    def __str__(self) -> str:
        if self.seasons is None:
            return "the same day"
        seasons = {0: "this season", 1: "this and the previous season"}.get(
            self.seasons, f"this and the {self.seasons} previous seasons"
        )
        return seasons if self.has_day else f"{seasons}, before the day"


SAME_DAY = LookBack(None)
THIS_SEASON = LookBack(0)
PREVIOUS_SEASON = LookBack(1)
THREE_PREVIOUS_SEASONS = LookBack(3)


@dataclass(frozen=True)
class Rule:
    """A statement that every row of a raw table must satisfy; `sql` is true for a good row, and NULL passes.

    The SQL is a constant over the table's own columns, in the subset that dialects share (arithmetic, BETWEEN).
    """

    name: str
    sql: str


@dataclass(frozen=True)
class Table:
    """The record of one table.

    reads: upstream table name -> how far back it is read.
    rules: the row contract; a row that breaks one is set aside with the rule's name as the reason.
    volatile: columns that say when a row was written and are left out when two versions of a day are compared.
    formula: where the definition comes from, for people.
    """

    dataset: str
    name: str
    grain: str
    description: str
    key: tuple[str, ...]
    columns: tuple[Column, ...]
    reads: Mapping[str, LookBack] = field(default_factory=dict)
    rules: tuple[Rule, ...] = ()
    volatile: tuple[str, ...] = ()
    formula: str = ""
    kind: str = "sql"

    def __post_init__(self) -> None:
        names = [c.name for c in self.columns]
        if len(set(names)) != len(names):
            raise ValueError(f"{self.name} declares a column twice.")
        missing = [c for c in ("game_date", *self.key, *self.volatile) if c not in names]
        if missing:
            raise ValueError(f"{self.name} does not declare its column(s) {', '.join(missing)}.")
        loose = [c.name for c in self.columns if c.name in self.key and not c.required]
        if loose:
            raise ValueError(f"{self.name}: key column(s) {', '.join(loose)} must be required.")

    @property
    def full_name(self) -> str:
        """dataset.name, as in the warehouse."""
        return f"{self.dataset}.{self.name}"

    @property
    def column_names(self) -> tuple[str, ...]:
        """The columns' names in order."""
        return tuple(c.name for c in self.columns)

    def column(self, name: str) -> Column:
        """The column of that name; KeyError if there is none."""
        for column in self.columns:
            if column.name == name:
                return column
        raise KeyError(f"{self.full_name} has no column {name}.")
