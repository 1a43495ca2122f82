"""Which rows a way back would lose, counted before it runs.

The down script is parsed, not guessed at: each ``DROP TABLE``, ``DROP COLUMN``, ``TRUNCATE``, ``DROP SCHEMA`` in it is
looked up in the database. What only running it could tell (a ``DO`` block, a ``DELETE``) is said to be unknown.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import psycopg
from pglast import ast
from pglast.enums import AlterTableType, ObjectType
from psycopg import sql

from fleetify.database.migrations.sql import SqlSyntaxError, parse

COUNT_TIMEOUT = "30s"
TableName = tuple[str | None, str]


@dataclass(frozen=True, slots=True)
class Loss:
    """What one statement of a down script would lose.

    Attributes:
        what: ``table public.vendor_contacts``, ``column public.vendors.rating``, ``statement at line 12``.
        rows: how many rows (for a column: rows that hold a value); None where only running it could tell.
        estimated: True where the table is too large to count in time and the planner's estimate stands for it.
    """

    what: str
    rows: int | None
    estimated: bool = False

    @property
    def text(self) -> str:
        """``table public.x: 12 rows``."""
        if self.rows is None:
            return f"{self.what}: cannot be known before it runs"
        about = "about " if self.estimated else ""
        unit = "row" if self.rows == 1 else "rows"
        return f"{self.what}: {about}{self.rows:,} {unit}"


def forecast_losses(conn: psycopg.Connection, down_sql: str) -> list[Loss]:
    """What running the script on this database would lose; only what exists counts."""
    try:
        statements = parse(down_sql)
    except SqlSyntaxError:
        return [Loss("the script, which cannot be parsed", None)]
    return [loss for statement in statements for loss in _losses_of(conn, statement.node, statement.line)]


def _losses_of(conn: psycopg.Connection, statement: Any, line: int) -> list[Loss]:
    match statement:
        case ast.DropStmt():
            return _tables(conn, _dropped_tables(conn, statement))
        case ast.TruncateStmt():
            return _tables(conn, [_named(relation) for relation in statement.relations or ()])
        case ast.AlterTableStmt():
            dropped = [_dropped_column(command) for command in statement.cmds or ()]
            return [loss for column in dropped if column for loss in _column(conn, _named(statement.relation), column)]
        case ast.DeleteStmt() | ast.UpdateStmt() | ast.DoStmt() | ast.CallStmt() | ast.MergeStmt():
            return [Loss(f"statement at line {line}", None)]
        case _:
            return []


def _dropped_tables(conn: psycopg.Connection, statement: Any) -> list[TableName]:
    if statement.removeType == ObjectType.OBJECT_TABLE:
        return [_qualified(parts) for parts in statement.objects]
    if statement.removeType == ObjectType.OBJECT_SCHEMA:
        return _tables_in_schemas(conn, [part.sval for part in statement.objects])
    return []


def _named(relation: Any) -> TableName:
    return (relation.schemaname, str(relation.relname))


def _dropped_column(command: Any) -> str | None:
    return str(command.name) if command.subtype == AlterTableType.AT_DropColumn else None


def _qualified(parts: tuple[ast.String, ...]) -> TableName:
    names = [str(part.sval) for part in parts]
    return (names[-2] if len(names) > 1 else None, names[-1])


def _identifier(name: TableName) -> sql.Identifier:
    schema, table = name
    return sql.Identifier(schema, table) if schema else sql.Identifier(table)


def _tables_in_schemas(conn: psycopg.Connection, schemas: list[str]) -> list[TableName]:
    rows = conn.execute(
        "select n.nspname, c.relname from pg_catalog.pg_class c"
        " join pg_catalog.pg_namespace n on n.oid = c.relnamespace"
        " where c.relkind in ('r', 'p') and not c.relispartition and n.nspname = any(%s) order by 1, 2",
        (schemas,),
    ).fetchall()
    return [(schema, table) for schema, table in rows]


def _tables(conn: psycopg.Connection, names: list[TableName]) -> list[Loss]:
    losses = []
    for name in names:
        oid = _oid(conn, name)
        if oid is not None:
            losses.append(
                _count(conn, f"table {_label(name)}", oid, sql.SQL("select count(*) from {}").format(_identifier(name)))
            )
    return losses


def _column(conn: psycopg.Connection, name: TableName, column: str) -> list[Loss]:
    oid = _oid(conn, name)
    if oid is None:
        return []
    known = conn.execute(
        "select 1 from pg_catalog.pg_attribute where attrelid = %s and attname = %s and not attisdropped", (oid, column)
    ).fetchone()
    if known is None:
        return []
    query = sql.SQL("select count({}) from {}").format(sql.Identifier(column), _identifier(name))
    return [_count(conn, f"column {_label(name)}.{column}", oid, query)]


def _label(name: TableName) -> str:
    return ".".join(part for part in name if part)


def _oid(conn: psycopg.Connection, name: TableName) -> int | None:
    row = conn.execute(
        "select pg_catalog.to_regclass(%s)::oid::bigint", (_identifier(name).as_string(conn),)
    ).fetchone()
    return int(row[0]) if row and row[0] is not None else None


def _count(conn: psycopg.Connection, what: str, oid: int, query: sql.Composed) -> Loss:
    try:
        with conn.transaction():
            conn.execute(sql.SQL("set local statement_timeout = {}").format(sql.Literal(COUNT_TIMEOUT)))
            row = conn.execute(query).fetchone()
            return Loss(what, int(row[0]) if row else 0)
    except (psycopg.errors.QueryCanceled, psycopg.errors.LockNotAvailable):
        row = conn.execute(
            "select greatest(reltuples, 0)::bigint from pg_catalog.pg_class where oid = %s", (oid,)
        ).fetchone()
        return Loss(what, int(row[0]) if row else 0, estimated=True)
