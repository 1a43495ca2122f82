"""What the migrations have built so far: tables, columns, keys, indexes, row-level security.

Only what the rules ask for. Built by replaying syntax trees in order, so that a rule about a new table knows the
older one that it refers to. What SQL builds at run time (EXECUTE in a DO block) is not seen.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

TableName = tuple[str, str]
"""Schema and name."""


@dataclass(slots=True)
class ForeignKey:
    """A foreign key.

    Attributes:
        name: the constraint's, where it was given one.
        columns: of the referencing table.
        target: the referenced table.
        target_columns: empty where the primary key is meant.
        path, line: where it was declared; the line counts within the script.
    """

    name: str | None
    columns: tuple[str, ...]
    target: TableName
    target_columns: tuple[str, ...]
    path: str
    line: int


@dataclass(slots=True)
class Key:
    """An index, a primary key or a unique constraint.

    Attributes:
        name: where it was given one.
        columns: the leading plain columns; an expression ends them.
        partial: whether a WHERE leaves rows out that a foreign key would look for.
        primary: whether it is the primary key.
    """

    name: str | None
    columns: tuple[str, ...]
    partial: bool = False
    primary: bool = False


@dataclass(slots=True)
class Table:
    """A table as the migrations have left it.

    Attributes:
        name: schema and name.
        path, line: where it was created, or moved to its schema; no path for a table that no migration created.
        first_changed: path and line of the first statement about a table that no migration created.
        columns: names, in order; incomplete where ``open_columns``.
        open_columns: it was made from a query or another table, so it may have more columns.
        partition: whether it is a partition of another table.
        policies: names.
        weakened_at: file and line of the latest statement that took protection away (DISABLE, NO FORCE, DROP POLICY).
    """

    name: TableName
    path: str
    line: int
    columns: list[str] = field(default_factory=list)
    open_columns: bool = False
    partition: bool = False
    keys: list[Key] = field(default_factory=list)
    foreign_keys: list[ForeignKey] = field(default_factory=list)
    row_security: bool = False
    row_security_forced: bool = False
    policies: set[str] = field(default_factory=set)
    weakened_at: tuple[str, int] | None = None
    first_changed: tuple[str, int] | None = None

    @property
    def label(self) -> str:
        """``schema.table``."""
        return ".".join(self.name)

    def primary_key(self) -> tuple[str, ...]:
        """The primary key's columns; empty where there is none."""
        return next((key.columns for key in self.keys if key.primary), ())


@dataclass(slots=True)
class Catalogue:
    """All tables that the migrations have left."""

    tables: dict[TableName, Table] = field(default_factory=dict)

    def get(self, name: TableName) -> Table | None:
        """The table, if a migration created it."""
        return self.tables.get(name)

    def foreign_keys_of(self, path: str) -> Iterator[tuple[Table, ForeignKey]]:
        """The foreign keys that a file declared and that are still there."""
        for table in self.tables.values():
            for foreign_key in table.foreign_keys:
                if foreign_key.path == path:
                    yield table, foreign_key
