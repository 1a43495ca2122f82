"""One moment of a database that several sessions look at: the dump, and the fingerprint it is compared with."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import psycopg

from fleetify.database.backups.archive import Extension, Locale
from fleetify.database.backups.fingerprint import Fingerprint, fingerprint, use_neutral_settings
from fleetify.database.connection import connect, describe
from fleetify.errors import DatabaseError

OLDEST_MAJOR = 14

# Roles that objects of this database name: owners, grantees, policies. The server's first superuser is not recorded
# there, because it cannot be dropped; it counts if it owns something of the users'.
_ROLES = """
SELECT r.rolname FROM pg_catalog.pg_roles r
WHERE r.rolname !~ '^pg_' AND (
    EXISTS (SELECT FROM pg_catalog.pg_shdepend d WHERE d.refclassid = 'pg_catalog.pg_authid'::regclass
            AND d.refobjid = r.oid
            AND d.dbid = (SELECT oid FROM pg_catalog.pg_database WHERE datname = current_database()))
    OR (r.oid = 10 AND (
        EXISTS (SELECT FROM pg_catalog.pg_class WHERE relowner = 10 AND oid >= 16384)
        OR EXISTS (SELECT FROM pg_catalog.pg_proc WHERE proowner = 10 AND oid >= 16384)
        OR EXISTS (SELECT FROM pg_catalog.pg_type WHERE typowner = 10 AND oid >= 16384)
        OR EXISTS (SELECT FROM pg_catalog.pg_namespace WHERE nspowner = 10 AND oid >= 16384))))
ORDER BY 1
"""

_EXTENSIONS = "SELECT extname, extversion FROM pg_catalog.pg_extension WHERE extname <> 'plpgsql' ORDER BY 1"


@dataclass(frozen=True, slots=True)
class Snapshot:
    """An exported snapshot and what was learnt of the server with it.

    Attributes:
        id: what other sessions import (``pg_dump --snapshot``).
        lsn: the write-ahead log position; None where the role or the server does not tell.
        server_version: ``15.18``; ``server_major`` its first number.
        roles, extensions, locale: what a restored database needs.
    """

    id: str
    lsn: str | None
    server_version: str
    server_major: int
    roles: tuple[str, ...]
    extensions: tuple[Extension, ...]
    locale: Locale


@contextmanager
def exported_snapshot(url: str) -> Iterator[Snapshot]:
    """Hold one snapshot open for other sessions, for as long as the block lasts.

    Raises:
        DatabaseError: the server cannot be reached, is too old, or refuses.
    """
    with connect(url, purpose="backup snapshot", autocommit=True) as conn:
        try:
            major = conn.info.server_version // 10_000
            if major < OLDEST_MAJOR:
                raise DatabaseError(
                    f"The server is too old: backups are proven with functions that PostgreSQL {OLDEST_MAJOR} brought.",
                    seen=f"PostgreSQL {major}",
                    remedy=f"upgrade the server to PostgreSQL {OLDEST_MAJOR} or newer",
                )
            conn.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
            use_neutral_settings(conn)
            yield Snapshot(
                id=_one(conn, "SELECT pg_export_snapshot()"),
                lsn=_lsn(conn),
                server_version=_one(conn, "SHOW server_version").split()[0],
                server_major=major,
                roles=tuple(name for (name,) in conn.execute(_ROLES)),
                extensions=tuple(Extension(name=name, version=version) for name, version in conn.execute(_EXTENSIONS)),
                locale=_locale(conn, major),
            )
            conn.execute("COMMIT")
        except psycopg.Error as error:
            raise DatabaseError(
                f"The snapshot of {describe(url)} cannot be held.",
                seen=str(error).strip()[:500],
                remedy="connect to the server directly or through a session pooler, not a transaction pooler",
            ) from None


@contextmanager
def in_snapshot(url: str, snapshot_id: str, *, purpose: str) -> Iterator[psycopg.Connection[Any]]:
    """A connection that sees an exported snapshot."""
    with connect(url, purpose=purpose, autocommit=True) as conn:
        conn.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
        # An exported snapshot's id is hex digits and hyphens; SET takes no parameters.
        conn.execute(f"SET TRANSACTION SNAPSHOT '{snapshot_id}'".encode())
        yield conn


def fingerprint_of(url: str, *, exclude_schemas: Sequence[str] = ()) -> Fingerprint:
    """The fingerprint of a database as it is now, on a connection of its own."""
    with connect(url, purpose="fingerprint", autocommit=True) as conn:
        conn.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
        return fingerprint(conn, exclude_schemas=exclude_schemas)


def _one(conn: psycopg.Connection[Any], query: str) -> str:
    row = conn.execute(query.encode()).fetchone()
    assert row is not None  # noqa: S101  # for the type checker: these queries return one row
    return str(row[0])


def _lsn(conn: psycopg.Connection[Any]) -> str | None:
    """The log position; some providers forbid the function, which must not end the transaction."""
    try:
        with conn.transaction():
            return _one(
                conn,
                "SELECT CASE WHEN pg_is_in_recovery() THEN pg_last_wal_replay_lsn() ELSE pg_current_wal_lsn() END",
            )
    except psycopg.errors.InsufficientPrivilege:
        return None


def _locale(conn: psycopg.Connection[Any], major: int) -> Locale:
    # Where the provider's own locale is kept: not before 15; under another name since 17.
    locale = {14: "NULL", 15: "daticulocale", 16: "daticulocale"}.get(major, "datlocale")
    provider = "'c'" if major == OLDEST_MAJOR else "datlocprovider"
    row = conn.execute(
        f"SELECT pg_catalog.pg_encoding_to_char(encoding), datcollate, datctype, {provider}::text, {locale}"  # noqa: S608  # our own column names
        " FROM pg_catalog.pg_database WHERE datname = current_database()".encode()
    ).fetchone()
    assert row is not None  # noqa: S101  # for the type checker: the current database exists
    names = {"c": "libc", "i": "icu", "b": "builtin"}
    return Locale.model_validate(
        {
            "encoding": row[0],
            "collate": row[1],
            "ctype": row[2],
            "provider": names.get(row[3], row[3]),
            "locale": row[4],
        }
    )
