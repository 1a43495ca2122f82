"""Databases made to restore into: created like the one that was backed up, dropped again."""

from __future__ import annotations

import time
from typing import Any

import psycopg
from psycopg import sql

from fleetify.database.backups.archive import SCRATCH_PREFIX, BackupRecord, Locale, scratch_name
from fleetify.database.connection import connect, describe
from fleetify.database.progress import Progress
from fleetify.errors import RestoreError

SESSIONS_GONE_SECONDS = 20
_MARK = "fleetify: restored from "

_UNKNOWN_LOCALE = (
    psycopg.errors.WrongObjectType,
    psycopg.errors.InvalidParameterValue,
    psycopg.errors.FeatureNotSupported,
    psycopg.errors.InvalidObjectDefinition,
    psycopg.errors.SyntaxError,
    psycopg.errors.UndefinedFile,
)


def create_database(server_url: str, name: str, record: BackupRecord, *, progress: Progress) -> None:
    """Create the database that the backup is restored into, with the roles and the locale that it needs.

    A scratch database that an earlier run left, and nobody uses, is replaced; any other of that name is left alone.

    Raises:
        RestoreError: the name is taken, the server is older than the backup's, lacks an extension, or refuses.
        DatabaseError: the server cannot be reached.
    """
    with connect(server_url, purpose="restore", autocommit=True) as conn:
        conn.execute("SET statement_timeout = 0")
        _check_server(conn, record, server_url)
        _make_way(conn, name, progress)
        try:
            _create_roles(conn, record, progress)
            _create(conn, name, record.locale, progress)
        except psycopg.Error as error:
            raise RestoreError(
                f"The database {name} cannot be created on {describe(server_url)}.",
                seen=str(error).strip()[:500],
                remedy="connect as a superuser, or as a role with CREATEDB and CREATEROLE",
            ) from None


def drop_scratch(server_url: str, name: str) -> None:
    """Drop a scratch database, ending the sessions in it; nothing happens if there is none.

    Raises:
        RestoreError: it is not the name of a scratch database, or the server refuses.
        DatabaseError: the server cannot be reached.
    """
    if not name.startswith(SCRATCH_PREFIX):
        raise RestoreError(
            "Only scratch databases are dropped.",
            seen=repr(name[:80]),
            remedy=f"give a name that begins with {SCRATCH_PREFIX}",
        )
    drop_database(server_url, name)


def mark_restored(url: str, name: str, key: str) -> None:
    """Note on a restored database which backup it holds, unchanged so far.

    Raises:
        DatabaseError: it cannot be reached.
    """
    with connect(url, purpose="restore", autocommit=True) as conn:
        note = sql.SQL("COMMENT ON DATABASE {} IS {}").format(sql.Identifier(name), sql.Literal(f"{_MARK}{key}"))
        conn.execute(note)


def scratch_is_restored(server_url: str, record: BackupRecord) -> bool:
    """Whether the backup's scratch database holds exactly the backup. Says yes once: who asks is about to change it.

    Raises:
        DatabaseError: the server cannot be reached.
    """
    name = scratch_name(record.id)
    with connect(server_url, purpose="scratch", autocommit=True) as conn, conn.transaction():
        # Two who ask at once must not both hear yes.
        conn.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", (name,))
        found = conn.execute(
            "SELECT pg_catalog.shobj_description(oid, 'pg_database') FROM pg_catalog.pg_database WHERE datname = %s",
            (name,),
        ).fetchone()
        if found is None or found[0] != f"{_MARK}{record.key}":
            return False
        conn.execute(sql.SQL("COMMENT ON DATABASE {} IS NULL").format(sql.Identifier(name)))
        return True


def drop_database(server_url: str, name: str) -> None:
    """Drop a database that this run created; see :func:`drop_scratch`."""
    with connect(server_url, purpose="drop scratch", autocommit=True) as conn:
        try:
            conn.execute("SET statement_timeout = 0")
            conn.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))
        except psycopg.Error as error:
            raise RestoreError(
                f"The database {name} cannot be dropped from {describe(server_url)}.",
                seen=str(error).strip()[:500],
                remedy=f"drop it by hand: DROP DATABASE {name} WITH (FORCE)",
            ) from None


def _check_server(conn: psycopg.Connection[Any], record: BackupRecord, server_url: str) -> None:
    major = conn.info.server_version // 10_000
    if major < record.server_major:
        raise RestoreError(
            f"The server is older than the one that was backed up: {major} and {record.server_major}.",
            seen=describe(server_url),
            remedy=f"restore on PostgreSQL {record.server_major} or newer",
        )
    available = {name for (name,) in conn.execute("SELECT name FROM pg_catalog.pg_available_extensions")}
    missing = [extension.name for extension in record.extensions if extension.name not in available]
    if missing:
        raise RestoreError(
            f"The server {describe(server_url)} lacks extensions that the backup needs.",
            seen=", ".join(missing),
            remedy="install their packages there (postgresql-contrib for many), or restore on a server that has them",
        )


def _make_way(conn: psycopg.Connection[Any], name: str, progress: Progress) -> None:
    """Drop a left-over of this name; refuse anything else that has it."""
    if not _exists(conn, name):
        return
    if not name.startswith(SCRATCH_PREFIX):
        raise RestoreError(
            f"The database {name} exists already; a restore never overwrites one.",
            seen=name,
            remedy="restore under another name, then rename; or drop that database by hand first",
        )
    limit = time.monotonic() + SESSIONS_GONE_SECONDS
    while sessions := _sessions(conn, name):
        if time.monotonic() > limit:
            raise RestoreError(
                f"The scratch database {name} is in use: another run is restoring or rehearsing there.",
                seen="; ".join(sessions[:3]),
                remedy="wait for that run; if there is none, end those sessions and run it again",
            )
        time.sleep(0.5)
    progress(f"replacing {name}, left by an earlier run")
    try:
        conn.execute(sql.SQL("DROP DATABASE IF EXISTS {}").format(sql.Identifier(name)))
    except psycopg.Error as error:
        raise RestoreError(f"The left-over {name} cannot be dropped.", seen=str(error).strip()[:500]) from None


def _exists(conn: psycopg.Connection[Any], name: str) -> bool:
    found = conn.execute("SELECT FROM pg_catalog.pg_database WHERE datname = %s", (name,))
    return found.fetchone() is not None


def _sessions(conn: psycopg.Connection[Any], name: str) -> list[str]:
    rows = conn.execute(
        "SELECT format('pid %%s, %%s, since %%s', pid, application_name, backend_start)"
        " FROM pg_catalog.pg_stat_activity WHERE datname = %s",
        (name,),
    )
    return [line for (line,) in rows]


def _create_roles(conn: psycopg.Connection[Any], record: BackupRecord, progress: Progress) -> None:
    """The roles that owners, grants and policies in the backup name, without any right of their own."""
    there = {name for (name,) in conn.execute("SELECT rolname FROM pg_catalog.pg_roles")}
    superuser = conn.execute("SELECT rolsuper FROM pg_catalog.pg_roles WHERE rolname = current_user").fetchone()
    for role in record.roles:
        if role in there:
            continue
        try:
            conn.execute(sql.SQL("CREATE ROLE {} NOLOGIN").format(sql.Identifier(role)))
        except (psycopg.errors.DuplicateObject, psycopg.errors.UniqueViolation):
            continue  # another restore was faster
        if superuser != (True,):
            conn.execute(sql.SQL("GRANT {} TO CURRENT_USER").format(sql.Identifier(role)))
        progress(f"created the role {role} (NOLOGIN), which the backup names")


def _create(conn: psycopg.Connection[Any], name: str, locale: Locale, progress: Progress) -> None:
    create = sql.SQL("CREATE DATABASE {} TEMPLATE template0 ENCODING {}").format(
        sql.Identifier(name), sql.Literal(locale.encoding)
    )
    wanted = sql.Composed([])
    if locale.collate is not None and locale.ctype is not None:
        wanted += sql.SQL(" LC_COLLATE {} LC_CTYPE {}").format(sql.Literal(locale.collate), sql.Literal(locale.ctype))
    if locale.provider != "libc" and locale.locale is not None:
        kind = sql.SQL("ICU_LOCALE" if locale.provider == "icu" else "BUILTIN_LOCALE")
        wanted += sql.SQL(" LOCALE_PROVIDER {} {} {}").format(
            sql.SQL(locale.provider), kind, sql.Literal(locale.locale)
        )
    try:
        conn.execute(create + wanted)
    except _UNKNOWN_LOCALE as error:
        progress(
            f"the server does not know the backup's locale ({str(error).strip().splitlines()[0]}); using C instead: "
            "texts sort differently there"
        )
        conn.execute(create + sql.SQL(" LC_COLLATE 'C' LC_CTYPE 'C'"))
