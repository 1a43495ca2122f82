"""What the database itself says has run: the ledgers of the Supabase CLI, dbmate, golang-migrate and Flyway."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import psycopg
from psycopg import sql

from fleetify.database.connection import connect, describe
from fleetify.database.versions import version_key
from fleetify.errors import DatabaseError

STATEMENT_TIMEOUT = "30s"
LOCK_TIMEOUT = "3s"
_VERSION = re.compile(r"[0-9][0-9._]{0,30}")  # what the config takes as a baseline


@dataclass(frozen=True, slots=True)
class Applied:
    """One version that has run.

    Attributes:
        version: as the ledger has it.
        name: where the ledger keeps one.
    """

    version: str
    name: str | None = None


@dataclass(frozen=True, slots=True)
class History:
    """What a ledger says.

    Attributes:
        table: the ledger, with its schema; None where there is none.
        applied: what has run, in the order of versions.
        covers_below: the ledger keeps the highest version only (golang-migrate): all below count as applied.
        faults: what the ledger says went wrong, one sentence each.
        unreadable: versions that no file name can have.
    """

    table: str | None
    applied: tuple[Applied, ...] = ()
    covers_below: bool = False
    faults: tuple[str, ...] = ()
    unreadable: tuple[str, ...] = ()

    def has(self, version: str) -> bool:
        """Whether the version has run."""
        key = version_key(version)
        if self.covers_below:
            return bool(self.applied) and key <= version_key(self.applied[-1].version)
        return any(version_key(entry.version) == key for entry in self.applied)


@contextmanager
def reading(url: str) -> Iterator[psycopg.Connection]:
    """A read-only transaction with one snapshot and timeouts.

    Raises:
        DatabaseError: the server does not answer, refuses, or fails a query.
    """
    with connect(url, purpose="adopt", autocommit=False) as conn:
        conn.read_only = True
        conn.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        try:
            conn.execute(f"set local statement_timeout = '{STATEMENT_TIMEOUT}'")
            conn.execute(f"set local lock_timeout = '{LOCK_TIMEOUT}'")
            yield conn
        except psycopg.Error as error:
            raise DatabaseError(
                f"Cannot read the migration history of {describe(url)}.",
                seen=error.diag.message_primary or type(error).__name__,
                remedy="use a role that may read the ledger's table, for instance the one that migrates",
            ) from None
        conn.rollback()


def read_applied(url: str, layout: str) -> History:
    """What the ledger of a layout's tool says has run. Changes nothing: the transaction is read-only.

    Args:
        url: of the live database.
        layout: ``supabase``, ``dbmate``, ``golang-migrate`` or ``flyway``.

    Raises:
        DatabaseError: the server does not answer, refuses, or fails a query.
    """
    with reading(url) as conn:
        return history_of(conn, layout)


def history_of(conn: psycopg.Connection, layout: str) -> History:
    """The same over an open connection."""
    readers = {"supabase": _supabase, "dbmate": _dbmate, "golang-migrate": _golang_migrate, "flyway": _flyway}
    return readers[layout](conn)


def _supabase(conn: psycopg.Connection) -> History:
    columns = _columns(conn, "supabase_migrations", "schema_migrations")
    if "version" not in columns:
        return History(None)
    name = "name" if "name" in columns else "null::text"  # the CLI added the column in 2023
    rows = conn.execute(f"select version::text, {name} from supabase_migrations.schema_migrations").fetchall()  # noqa: S608 (constants)
    return _history("supabase_migrations.schema_migrations", [Applied(*row) for row in rows])


def _dbmate(conn: psycopg.Connection) -> History:
    schema = _schema_of(conn, "schema_migrations", without="dirty")
    if schema is None:
        return History(None)
    query = sql.SQL("select version::text from {}").format(sql.Identifier(schema, "schema_migrations"))
    return _history(f"{schema}.schema_migrations", [Applied(row[0]) for row in conn.execute(query)])


def _golang_migrate(conn: psycopg.Connection) -> History:
    schema = _schema_of(conn, "schema_migrations", having="dirty")
    if schema is None:
        return History(None)
    query = sql.SQL("select version::text, dirty from {}").format(sql.Identifier(schema, "schema_migrations"))
    rows = conn.execute(query).fetchall()
    faults = [f"version {version} is marked dirty: its migration failed half-way" for version, dirty in rows if dirty]
    return _history(f"{schema}.schema_migrations", [Applied(row[0]) for row in rows], covers_below=True, faults=faults)


def _flyway(conn: psycopg.Connection) -> History:
    schema = _schema_of(conn, "flyway_schema_history", having="installed_rank")
    if schema is None:
        return History(None)
    query = sql.SQL(
        "select version, description, type, success from {} where version is not null order by installed_rank"
    ).format(sql.Identifier(schema, "flyway_schema_history"))
    applied: dict[str, Applied] = {}
    faults: list[str] = []
    for version, description, kind, success in conn.execute(query):
        if not success:
            faults.append(f"version {version} failed; Flyway has not repaired its history")
        elif kind.startswith("UNDO") or kind == "DELETE":
            applied.pop(version, None)
        else:
            applied[version] = Applied(version, description)
    return _history(f"{schema}.flyway_schema_history", list(applied.values()), faults=faults)


def _history(
    table: str, rows: list[Applied], *, covers_below: bool = False, faults: list[str] | None = None
) -> History:
    readable = [row for row in rows if _VERSION.fullmatch(row.version)]
    return History(
        table,
        tuple(sorted(readable, key=lambda row: (version_key(row.version), row.version))),
        covers_below,
        tuple(faults or ()),
        tuple(sorted(row.version for row in rows if row not in readable)),
    )


def _columns(conn: psycopg.Connection, schema: str, table: str) -> set[str]:
    rows = conn.execute(
        "select a.attname from pg_catalog.pg_attribute a join pg_catalog.pg_class c on c.oid = a.attrelid"
        " join pg_catalog.pg_namespace n on n.oid = c.relnamespace"
        " where n.nspname = %s and c.relname = %s and a.attnum > 0 and not a.attisdropped and c.relkind in ('r', 'p')",
        (schema, table),
    )
    return {row[0] for row in rows}


def _schema_of(conn: psycopg.Connection, table: str, *, having: str = "version", without: str = "") -> str | None:
    """The schema with a ledger of this shape; ``public`` first, the Supabase CLI's own never."""
    rows = conn.execute(
        "select n.nspname from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace"
        " where c.relname = %s and c.relkind in ('r', 'p') and n.nspname not in ('supabase_migrations', 'auth',"
        " 'storage', 'realtime', '_realtime') order by n.nspname <> 'public', n.nspname",
        (table,),
    ).fetchall()
    for (schema,) in rows:
        columns = _columns(conn, schema, table)
        if {"version", having} <= columns and without not in columns:
            return str(schema)
    return None
