"""Databases for a run: made, dropped, filled."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

import psycopg
from psycopg import sql

from rehearsal.postgres import Server


@contextmanager
def fresh(server: Server, *, template: str = "template0") -> Iterator[str]:
    """The URL of a new database, dropped afterwards. The server has written everything out before."""
    name = f"bench_{os.urandom(4).hex()}"
    create(server, name, template=template)
    try:
        yield url_of(server, name)
    finally:
        drop(server, name)


def create(server: Server, name: str, *, template: str = "template0") -> str:
    """Create a database and return its URL."""
    with psycopg.connect(server.url, autocommit=True) as admin:
        admin.execute(sql.SQL("create database {} template {}").format(sql.Identifier(name), sql.Identifier(template)))
        admin.execute("checkpoint")
    return url_of(server, name)


def drop(server: Server, name: str) -> None:
    """Drop a database, sessions and all."""
    with psycopg.connect(server.url, autocommit=True) as admin:
        admin.execute(sql.SQL("drop database if exists {} with (force)").format(sql.Identifier(name)))


def url_of(server: Server, name: str) -> str:
    """The URL of one of the server's databases."""
    return f"{server.url.rsplit('/', 1)[0]}/{name}"


def libpq_environment(url: str) -> dict[str, str]:
    """A URL as libpq's variables, so that no password is in a command line."""
    parts = urlsplit(url)
    return {
        "PGHOST": parts.hostname or "",
        "PGPORT": str(parts.port),
        "PGUSER": parts.username or "",
        "PGPASSWORD": parts.password or "",
        "PGDATABASE": parts.path.lstrip("/"),
        "PGSSLMODE": "disable",
    }


def count_tables(url: str, pattern: str) -> int:
    """How many tables of schema public have a name like the pattern."""
    with psycopg.connect(url) as connection:
        row = connection.execute(
            "select count(*) from pg_tables where schemaname = 'public' and tablename like %s", (pattern,)
        ).fetchone()
    return int(row[0]) if row else 0


def size_of(url: str) -> int:
    """Bytes of the database."""
    with psycopg.connect(url) as connection:
        row = connection.execute("select pg_database_size(current_database())").fetchone()
    return int(row[0]) if row else 0
