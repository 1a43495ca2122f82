"""Connections to PostgreSQL: always with timeouts, always named, never with the password in a message."""

from __future__ import annotations

import psycopg
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from fleetify.errors import DatabaseError

CONNECT_TIMEOUT_SECONDS = 10


def connect(url: str, *, purpose: str, autocommit: bool = True) -> psycopg.Connection:
    """Open a connection that others can recognise in ``pg_stat_activity``.

    Args:
        url: libpq URL or conninfo string.
        purpose: what the connection is for; becomes ``application_name`` as ``fleetify: <purpose>``.
        autocommit: as in psycopg; statements that need a transaction open one explicitly.

    Raises:
        DatabaseError: the URL cannot be parsed, or the server does not answer or refuses.
    """
    try:
        conninfo = make_conninfo(
            url,
            application_name=application_name(purpose),
            connect_timeout=CONNECT_TIMEOUT_SECONDS,
            keepalives_idle=30,
            keepalives_interval=10,
            keepalives_count=3,
        )
    except psycopg.Error:
        # libpq's own message may quote the URL, and with it the password.
        raise DatabaseError(
            "The database URL cannot be parsed.",
            remedy="give it as postgresql://user:password@host:5432/database, special characters %-encoded",
        ) from None
    try:
        return psycopg.connect(conninfo, autocommit=autocommit)
    except psycopg.OperationalError as error:
        raise DatabaseError(
            f"Cannot connect to the database {describe(url)}.",
            seen=hide_password(str(error).strip(), url),
            remedy=f"check that this answers: psql '{describe(url)}' -c 'select 1'",
        ) from None


def application_name(purpose: str) -> str:
    """What others see in ``pg_stat_activity``: ``fleetify: <purpose>``."""
    return f"fleetify: {purpose}"


def describe(url: str) -> str:
    """The URL without its password, for messages: ``postgresql://user@host:port/database``."""
    try:
        parts = conninfo_to_dict(url)
    except psycopg.Error:
        return "(unreadable URL)"
    user = f"{parts['user']}@" if parts.get("user") else ""
    port = f":{parts['port']}" if parts.get("port") else ""
    return f"postgresql://{user}{parts.get('host') or 'localhost'}{port}/{parts.get('dbname') or ''}"


def with_database(url: str, name: str) -> str:
    """The same server and credentials with another database name, as a conninfo string."""
    return make_conninfo(url, dbname=name)


def database_name(url: str) -> str:
    """The name of the database that the URL points at (libpq falls back to the user's name)."""
    parts = conninfo_to_dict(url)
    return str(parts.get("dbname") or parts.get("user") or "postgres")


def hide_password(text: str, url: str) -> str:
    """The text with the URL's password, should it occur, replaced."""
    try:
        password = conninfo_to_dict(url).get("password")
    except psycopg.Error:
        return text
    return text.replace(str(password), "********") if password else text
