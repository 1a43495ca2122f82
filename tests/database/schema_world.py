"""The schema under test, without the product: raw SQL files, cloned databases, users with claims."""

from __future__ import annotations

import json
import re
import secrets
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final
from uuid import UUID

import psycopg
from psycopg import sql

from rehearsal import postgres
from rehearsal.seed import seed, seed_release, uid

MIGRATIONS: Final = Path(__file__).parents[2] / "migrations"
FIRST_OF_RELEASE: Final = "20251019000000"

_UP_FILES: Final = sorted(p for p in MIGRATIONS.glob("*.sql") if not p.name.endswith(".down.sql"))
BASELINE: Final = [p for p in _UP_FILES if p.name < FIRST_OF_RELEASE]
RELEASE: Final = [p for p in _UP_FILES if p.name >= FIRST_OF_RELEASE]

COMPANIES: Final = {no: uid(f"company-{no}") for no in (1, 2, 3)}


def _names(files: Sequence[Path], kind: str) -> list[str]:
    text = "\n".join(p.read_text(encoding="utf-8") for p in files)
    return re.findall(rf"^create {kind} public\.(\w+)", text, re.MULTILINE)


OLD_TABLES: Final = _names(BASELINE, "table")
NEW_TABLES: Final = _names(RELEASE, "table")
TABLES: Final = OLD_TABLES + NEW_TABLES
VIEWS: Final = _names(RELEASE, "view")
# Written by triggers alone, or only ever added to.
READ_ONLY_TABLES: Final = ["sales_opportunity_events", "inventory_stock_levels"]
APPEND_ONLY_TABLES: Final = ["inventory_movements"]
# Their policies are about people and tenants, not about a company's rows.
PEOPLE_TABLES: Final = ["companies", "user_companies", "profiles", "role_permissions"]


def down_file(up: Path) -> Path:
    return up.with_name(up.name.removesuffix(".sql") + ".down.sql")


def run_file(url: str, path: Path, *, session_user: str | None = None) -> None:
    """Apply a file the plain way: one transaction."""
    with psycopg.connect(url, connect_timeout=10) as connection:
        if session_user is not None:
            connection.execute(
                sql.SQL("set session authorization {}").format(sql.Identifier(session_user)), prepare=False
            )
        connection.execute(path.read_bytes())


def schema_dump(server: postgres.Server, url: str) -> bytes:
    return _dump(server, url, "--schema-only")


def table_dump(server: postgres.Server, url: str, tables: Sequence[str]) -> bytes:
    """Definition and rows of the tables, in the order in which they lie on disk."""
    return _dump(server, url, *[f"--table=public.{table}" for table in tables])


def _dump(server: postgres.Server, url: str, *options: str) -> bytes:
    done = subprocess.run(
        # The key would be random otherwise, and no two dumps equal.
        [server.bindir / "pg_dump", "--restrict-key=fixed", *options],
        env=_connection_environment(url),
        capture_output=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr.decode()
    assert done.stderr == b""
    return done.stdout


def _connection_environment(url: str) -> dict[str, str]:
    info = psycopg.conninfo.conninfo_to_dict(url)
    names = {"host": "PGHOST", "port": "PGPORT", "user": "PGUSER", "password": "PGPASSWORD", "dbname": "PGDATABASE"}
    return {names[key]: str(value) for key, value in info.items() if key in names}


@contextmanager
def clone(server: postgres.Server, template: str = "template0") -> Iterator[str]:
    """URL of a new database with the template's content, dropped at the end."""
    name = f"schema_{secrets.token_hex(6)}"
    with psycopg.connect(server.url, autocommit=True) as admin:
        admin.execute(sql.SQL("create database {} template {}").format(sql.Identifier(name), sql.Identifier(template)))
    try:
        yield server.url.removesuffix("/postgres") + f"/{name}"
    finally:
        with psycopg.connect(server.url, autocommit=True) as admin:
            admin.execute(sql.SQL("drop database if exists {} with (force)").format(sql.Identifier(name)))


def build_phase_7c(url: str) -> None:
    for path in BASELINE:
        run_file(url, path)
    seed(url)


def build_phase_7d(url: str) -> None:
    """On a database at phase-7c."""
    for path in RELEASE:
        run_file(url, path)
    seed_release(url)


class Session:
    """A superuser's transaction that can act as an app user; everything is rolled back at the end."""

    def __init__(self, connection: psycopg.Connection[tuple[Any, ...]]) -> None:
        self.connection = connection

    def rows(self, query: str, *values: object) -> list[tuple[Any, ...]]:
        cursor = self.connection.execute(query, values)
        return cursor.fetchall() if cursor.description else []

    def value(self, query: str, *values: object) -> Any:
        (row,) = self.rows(query, *values)
        return row[0]

    def changed(self, query: str, *values: object) -> int:
        """Number of rows that a statement wrote."""
        return self.connection.execute(query, values).rowcount

    @contextmanager
    def acting_as(self, user: str | UUID | None, *, company: UUID | None = None) -> Iterator[None]:
        """As role authenticated with the user's claims (a key of the seed, or an id; None: a token without subject).

        ``company`` is the active one of the company switch. What was written inside is undone.
        """
        claims: dict[str, Any] = {"role": "authenticated"}
        if user is not None:
            claims["sub"] = str(uid(user) if isinstance(user, str) else user)
        if company is not None:
            claims["app_metadata"] = {"company_id": str(company)}
        with self.connection.transaction(force_rollback=True):
            self.rows("select set_config('request.jwt.claims', %s, true)", json.dumps(claims))
            self.rows("set local role authenticated")
            yield

    @contextmanager
    def attempt(self) -> Iterator[None]:
        """A savepoint, always undone: for statements that should fail."""
        with self.connection.transaction(force_rollback=True):
            yield
