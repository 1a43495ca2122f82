"""Which tables and sequences a dump of this database holds, and what their columns are made of."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import psycopg
from psycopg import sql

# Types whose built-in hash depends on the value only, never on numbers that another database gives differently.
_HASHABLE = frozenset(
    (
        *("bool", "int2", "int4", "int8", "float4", "float8", "numeric", "text", "varchar", "bpchar", "name", "char"),
        *("uuid", "date", "time", "timetz", "timestamp", "timestamptz", "interval", "bytea", "jsonb"),
        *("inet", "cidr", "macaddr", "macaddr8", "pg_lsn", "oid"),
    )
)

_NOT_DUMPED = """
    n.nspname NOT IN ('pg_catalog', 'information_schema') AND n.nspname NOT LIKE 'pg\\_toast%%'
    AND n.nspname NOT LIKE 'pg\\_temp\\_%%' AND c.relpersistence <> 't' AND n.nspname <> ALL(%(excluded)s)
    AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend d WHERE d.classid = 'pg_catalog.pg_class'::regclass
                    AND d.objid = c.oid AND d.deptype = 'e')
"""

# Each column's type with the domains and arrays around it taken off.
_COLUMNS = f"""
WITH RECURSIVE kinds (root, oid) AS (
    SELECT DISTINCT a.atttypid, a.atttypid
    FROM pg_catalog.pg_attribute a JOIN pg_catalog.pg_class c ON c.oid = a.attrelid
    WHERE c.relkind = 'r' AND a.attnum > 0 AND NOT a.attisdropped
  UNION
    SELECT k.root, CASE t.typtype WHEN 'd' THEN t.typbasetype ELSE t.typelem END
    FROM kinds k JOIN pg_catalog.pg_type t ON t.oid = k.oid
    WHERE t.typtype = 'd' OR (t.typcategory = 'A' AND t.typname LIKE '\\_%%' AND t.typelem <> 0)
), leaves AS (
    SELECT k.root, t.typname, t.typnamespace
    FROM kinds k JOIN pg_catalog.pg_type t ON t.oid = k.oid
    WHERE t.typtype <> 'd' AND NOT (t.typcategory = 'A' AND t.typname LIKE '\\_%%' AND t.typelem <> 0)
)
SELECT c.oid, n.nspname, c.relname,
       pg_catalog.quote_ident(n.nspname) || '.' || pg_catalog.quote_ident(c.relname),
       a.attname, l.typname, l.typnamespace = 'pg_catalog'::regnamespace,
       coalesce((SELECT NOT o.collisdeterministic FROM pg_catalog.pg_collation o WHERE o.oid = a.attcollation), false)
FROM pg_catalog.pg_class c
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
LEFT JOIN pg_catalog.pg_attribute a
       ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated <> 'v'
LEFT JOIN leaves l ON l.root = a.atttypid
WHERE c.relkind = 'r' AND {_NOT_DUMPED}
ORDER BY n.nspname, c.relname, c.oid, a.attnum
"""  # noqa: S608  # joined from constants of this file

_SEQUENCES = f"""
SELECT n.nspname, c.relname, pg_catalog.quote_ident(n.nspname) || '.' || pg_catalog.quote_ident(c.relname)
FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind = 'S' AND {_NOT_DUMPED}
ORDER BY n.nspname, c.relname
"""  # noqa: S608  # joined from constants of this file


@dataclass(frozen=True, slots=True)
class Column:
    """One column: the expression that reads it, and whether its built-in hash can be compared between databases."""

    expression: sql.Composable
    hashable: bool


@dataclass(frozen=True, slots=True)
class Table:
    """One table with rows of its own; a partitioned table has none, its partitions do."""

    label: str
    identifier: sql.Identifier
    columns: tuple[Column, ...]


@dataclass(frozen=True, slots=True)
class SequenceName:
    """One sequence."""

    label: str
    identifier: sql.Identifier


def tables_of(conn: psycopg.Connection[Any], exclude_schemas: Sequence[str] = ()) -> list[Table]:
    """Every table whose rows a dump holds, by name: no foreign, temporary or extension's tables."""
    columns: dict[int, list[Column]] = {}
    names: dict[int, tuple[str, sql.Identifier]] = {}
    rows = conn.execute(_COLUMNS.encode(), {"excluded": list(exclude_schemas)})
    for oid, schema, table, label, column, kind, built_in, folded in rows:
        names[oid] = (label, sql.Identifier(schema, table))
        mine = columns.setdefault(oid, [])
        if column is None:
            continue
        expression: sql.Composable = sql.Identifier(column)
        if folded:
            # Such a collation's hash comes from a library whose next version may give another.
            expression = sql.SQL('{} COLLATE "C"').format(expression)
        mine.append(Column(expression, built_in and kind in _HASHABLE))
    return [Table(label, identifier, tuple(columns[oid])) for oid, (label, identifier) in names.items()]


def sequences_of(conn: psycopg.Connection[Any], exclude_schemas: Sequence[str] = ()) -> list[SequenceName]:
    """Every sequence that a dump holds, by name."""
    rows = conn.execute(_SEQUENCES.encode(), {"excluded": list(exclude_schemas)})
    return [SequenceName(label, sql.Identifier(schema, name)) for schema, name, label in rows]


def has_user_tables(conn: psycopg.Connection[Any], exclude_schemas: Sequence[str] = ()) -> bool:
    """Whether there is any table that a dump holds."""
    return bool(tables_of(conn, exclude_schemas))
