"""What a database is, in one line: a digest of its schema, one of its rows. Equal digests: nothing differs.

The bookkeeping of migrations (schemas ``supabase_migrations`` and ``fleetify``) is not the application and not counted.
"""

from __future__ import annotations

import hashlib
import os
import subprocess
from collections.abc import Iterable
from pathlib import Path

import psycopg
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict

from rehearsal.errors import RehearsalError

LEDGERS = ("supabase_migrations", "fleetify")
_TIMEOUT_SECONDS = 120.0


def schema_digest(url: str, bindir: Path) -> str:
    """SHA-256 of ``pg_dump --schema-only``, hexadecimal.

    Args:
        url: of the database; its user must see everything.
        bindir: the directory of ``pg_dump``.

    Raises:
        RehearsalError: pg_dump failed.
    """
    return hashlib.sha256(schema_of(url, bindir)).hexdigest()


def schema_of(url: str, bindir: Path) -> bytes:
    """The application's schema as SQL, the same bytes for the same schema.

    Raises:
        RehearsalError: pg_dump failed.
    """
    parts = conninfo_to_dict(url)
    command = [
        str(bindir / "pg_dump"),
        "--schema-only",
        "--no-password",
        *(f"--exclude-schema={name}" for name in LEDGERS),
        *_fixed_key(bindir),
        f"--host={parts['host']}",
        f"--port={parts['port']}",
        f"--username={parts['user']}",
        f"--dbname={parts['dbname']}",
    ]
    env = {"PATH": os.environ.get("PATH", ""), "LC_ALL": "C", "PGPASSWORD": str(parts.get("password") or "")}
    answer = subprocess.run(command, env=env, capture_output=True, timeout=_TIMEOUT_SECONDS, check=False)
    if answer.returncode != 0:
        raise RehearsalError(
            "pg_dump could not read the schema.", seen=answer.stderr.decode(errors="replace").strip()[-500:]
        )
    return answer.stdout


def tables(url: str) -> list[str]:
    """The application's tables, ``schema.table``, sorted."""
    with psycopg.connect(url, connect_timeout=10) as connection:
        rows = connection.execute(
            "SELECT n.nspname || '.' || c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
            " WHERE c.relkind IN ('r', 'p') AND NOT c.relispartition AND n.nspname <> ALL(%s)"
            " AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema' ORDER BY 1",
            [list(LEDGERS)],
        ).fetchall()
    return [str(row[0]) for row in rows]


def data_digest(url: str, names: Iterable[str]) -> str:
    """SHA-256 over every row of these tables, whatever their order on disk, hexadecimal.

    Args:
        url: of the database; its user must see every row.
        names: ``schema.table``; one that is not there counts as such.
    """
    digest = hashlib.sha256()
    with psycopg.connect(url, connect_timeout=10) as connection:
        connection.execute("SET default_transaction_read_only = on")
        connection.execute("SET timezone = 'UTC'")
        present = set(tables(url))
        for name in sorted(names):
            digest.update(f"{name}\n".encode())
            if name not in present:
                digest.update(b"absent\n")
                continue
            # (t.*) is the whole row even where a column is called t.
            rows = sql.SQL("SELECT md5((t.*)::text) AS row FROM {} t ORDER BY 1").format(
                sql.Identifier(*name.split(".", 1))
            )
            with connection.cursor(name="rows") as cursor:
                cursor.itersize = 10_000
                for row in cursor.execute(rows):
                    digest.update(row[0].encode())
    return digest.hexdigest()


def _fixed_key(bindir: Path) -> list[str]:
    """Since August 2025 pg_dump writes a random key into each dump unless it is given one."""
    said = subprocess.run(
        [str(bindir / "pg_dump"), "--help"], capture_output=True, text=True, timeout=30, check=False
    ).stdout
    return ["--restrict-key=fleetify"] if "--restrict-key" in said else []
