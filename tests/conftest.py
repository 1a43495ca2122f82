"""Fixtures that every folder of tests shares."""

from __future__ import annotations

import secrets
from collections.abc import Iterator

import psycopg
import pytest
from psycopg import sql

from rehearsal import postgres
from rehearsal.errors import RehearsalError


@pytest.fixture(scope="session")
def server() -> Iterator[postgres.Server]:
    """A PostgreSQL server of this test process's own: ``.url``, ``.bindir``, ``.version``."""
    try:
        with postgres.running() as started:
            yield started
    except RehearsalError as error:
        pytest.fail(f"The tests need a PostgreSQL server.\n{error}", pytrace=False)


@pytest.fixture
def database(server: postgres.Server) -> Iterator[str]:
    """The superuser's URL of a fresh, empty database, dropped afterwards with all its connections."""
    name = f"test_{secrets.token_hex(6)}"
    with psycopg.connect(server.url, autocommit=True) as admin:
        admin.execute(sql.SQL("CREATE DATABASE {} TEMPLATE template0").format(sql.Identifier(name)))
    try:
        yield server.url.removesuffix("/postgres") + f"/{name}"
    finally:
        with psycopg.connect(server.url, autocommit=True) as admin:
            admin.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))
