"""What was applied: the program's own ledger, and the record that the Supabase CLI reads.

``fleetify.migration_ledger`` has one row per applied migration, with the down script that ``delete`` will run, so that
a restored database carries its own way back. ``fleetify.schema_target`` says which version the database shall have.
``fleetify.ledger_events`` is append-only history. ``supabase_migrations.schema_migrations`` is kept in the Supabase
CLI's own shape (``version``, ``statements``, ``name``).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import psycopg
from psycopg.rows import class_row
from psycopg.types.json import Jsonb

from fleetify.actor import current_actor
from fleetify.database.idle_connections import borrowed
from fleetify.database.migrations.model import Migration
from fleetify.database.progress import Progress
from fleetify.database.schema.locking import migration_lock
from fleetify.database.versions import version_key
from fleetify.errors import DatabaseError
from fleetify.settings import ExecutionSettings

LEDGER_SCHEMAS = ("fleetify", "supabase_migrations")

_DDL = """
create schema if not exists fleetify;
revoke all on schema fleetify from public;
create table if not exists fleetify.migration_ledger (
  version text primary key,
  name text not null,
  kind text not null check (kind in ('baseline', 'migration')),
  checksum text not null,
  down_sql text,
  down_checksum text,
  irreversible boolean not null default false,
  release text not null,
  adopted boolean not null default false,
  created_relations text[] not null,
  dropped_relations text[] not null,
  applied_at timestamptz not null default clock_timestamp(),
  applied_by text not null,
  duration_seconds double precision not null
);
create table if not exists fleetify.migration_progress (
  version text primary key,
  checksum text not null,
  statements_done integer not null
);
create table if not exists fleetify.schema_target (
  only_row boolean primary key default true check (only_row),
  release text not null,
  version text not null,
  accept_row_loss_of text,
  set_at timestamptz not null default clock_timestamp(),
  set_by text not null
);
create table if not exists fleetify.ledger_events (
  id bigint generated always as identity primary key,
  at timestamptz not null default clock_timestamp(),
  actor text not null,
  action text not null,
  version text,
  release text,
  detail jsonb not null default '{}'
);
create schema if not exists supabase_migrations;
create table if not exists supabase_migrations.schema_migrations (
  version text primary key,
  statements text[],
  name text
);
"""


@dataclass(frozen=True, slots=True)
class LedgerRow:
    """One applied migration as the ledger has it."""

    version: str
    name: str
    kind: str
    checksum: str
    down_sql: str | None
    down_checksum: str | None
    irreversible: bool
    release: str
    adopted: bool
    created_relations: list[str]
    dropped_relations: list[str]
    applied_at: datetime
    applied_by: str
    duration_seconds: float

    @classmethod
    def of(
        cls,
        migration: Migration,
        *,
        kind: str,
        release: str,
        adopted: bool = False,
        created: Iterable[str] = (),
        dropped: Iterable[str] = (),
        duration_seconds: float = 0.0,
    ) -> LedgerRow:
        """The row of a migration that was applied, or adopted, just now and by this run."""
        return cls(
            version=migration.version,
            name=migration.name,
            kind=kind,
            checksum=migration.checksum,
            down_sql=migration.down_sql,
            down_checksum=migration.down_checksum,
            irreversible=migration.irreversible,
            release=release,
            adopted=adopted,
            created_relations=list(created),
            dropped_relations=list(dropped),
            applied_at=datetime.now(UTC),
            applied_by=current_actor(),
            duration_seconds=round(duration_seconds, 3),
        )


@dataclass(frozen=True, slots=True)
class SchemaTargetRow:
    """Which version the database shall have, and whose rows may be lost on the way there."""

    release: str
    version: str
    accept_row_loss_of: str | None


@dataclass(frozen=True, slots=True)
class Standing:
    """What the records know about one version.

    Attributes:
        row: the ledger's row; None where it has none.
        recorded: whether the Supabase record has it.
        statements: what that record kept of it; None where it kept nothing.
        later: applied versions above it, in order.
    """

    row: LedgerRow | None
    recorded: bool
    statements: list[str] | None
    later: tuple[str, ...]


_STANDING = """
select exists (select from supabase_migrations.schema_migrations where version = %(version)s),
       (select statements from supabase_migrations.schema_migrations where version = %(version)s),
       array(select version from fleetify.migration_ledger where version <> %(version)s
             union select version from supabase_migrations.schema_migrations where version <> %(version)s)
"""


class Ledger:
    """Reads and writes the ledger over one connection. The caller owns transactions."""

    def __init__(self, conn: psycopg.Connection) -> None:
        self._conn = conn

    def exists(self) -> bool:
        """Whether this database has a ledger."""
        row = self._conn.execute("select pg_catalog.to_regclass('fleetify.ledger_events')").fetchone()
        return bool(row and row[0])

    def create(self) -> None:
        """Create what is missing of the ledger. Call it under the migration lock: concurrent creation would race."""
        row = self._conn.execute(
            "select pg_catalog.to_regclass('fleetify.ledger_events'),"
            " pg_catalog.to_regclass('supabase_migrations.schema_migrations')"
        ).fetchone()
        if row and all(row):
            return
        with self._conn.transaction():
            self._conn.execute("set local client_min_messages = warning")
            self._conn.execute(_DDL)

    def _has_supabase_table(self) -> bool:
        row = self._conn.execute("select pg_catalog.to_regclass('supabase_migrations.schema_migrations')").fetchone()
        return bool(row and row[0])

    def get(self, version: str) -> LedgerRow | None:
        """The row of one version."""
        with self._conn.cursor(row_factory=class_row(LedgerRow)) as cursor:
            cursor.execute(f"select {_COLUMNS} from fleetify.migration_ledger where version = %s", (version,))  # noqa: S608 constant columns
            return cursor.fetchone()

    def rows(self) -> list[LedgerRow]:
        """All rows, in the order of their versions."""
        with self._conn.cursor(row_factory=class_row(LedgerRow)) as cursor:
            found = cursor.execute(f"select {_COLUMNS} from fleetify.migration_ledger").fetchall()  # noqa: S608 constant columns
        return sorted(found, key=lambda row: version_key(row.version))

    def recorded_versions(self) -> list[str]:
        """All versions that either record knows, in order; empty where there is no record at all."""
        versions: set[str] = set()
        if self.exists():
            versions |= {row[0] for row in self._conn.execute("select version from fleetify.migration_ledger")}
        if self._has_supabase_table():
            versions |= {
                row[0] for row in self._conn.execute("select version from supabase_migrations.schema_migrations")
            }
        return sorted((version for version in versions if any(map(str.isdigit, version))), key=version_key)

    def standing_of(self, version: str) -> Standing:
        """All that both records know about a version, in one query; the ledger must exist."""
        row = self._conn.execute(_STANDING, {"version": version}).fetchone()
        recorded, statements, others = row or (False, None, [])
        mine = version_key(version)
        later = sorted((v for v in others if any(map(str.isdigit, v)) and version_key(v) > mine), key=version_key)
        return Standing(self.get(version), recorded, statements, tuple(later))

    def statements_of(self, version: str) -> tuple[bool, list[str] | None]:
        """Whether the Supabase record has the version, and the statements it kept (None where it kept none)."""
        row = self._conn.execute(
            "select statements from supabase_migrations.schema_migrations where version = %s", (version,)
        ).fetchone()
        return (row is not None, row[0] if row else None)

    def record(self, rows: Iterable[LedgerRow], statements: Iterable[tuple[str, str, list[str]]]) -> None:
        """Write rows to both records; ``statements`` are (version, name, statements)."""
        with self._conn.pipeline(), self._conn.cursor() as cursor:
            cursor.executemany(
                "insert into fleetify.migration_ledger (version, name, kind, checksum, down_sql, down_checksum,"
                " irreversible, release, adopted, created_relations, dropped_relations, applied_at, applied_by,"
                " duration_seconds) values (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)",
                [
                    (
                        row.version,
                        row.name,
                        row.kind,
                        row.checksum,
                        row.down_sql,
                        row.down_checksum,
                        row.irreversible,
                        row.release,
                        row.adopted,
                        row.created_relations,
                        row.dropped_relations,
                        row.applied_at,
                        row.applied_by,
                        row.duration_seconds,
                    )
                    for row in rows
                ],
            )
            cursor.executemany(
                "insert into supabase_migrations.schema_migrations (version, name, statements) values (%s, %s, %s)"
                " on conflict (version) do nothing",
                [(version, name, texts) for version, name, texts in statements],
            )

    def remove(self, version: str) -> None:
        """Take one version out of both records."""
        self._conn.execute("delete from fleetify.migration_ledger where version = %s", (version,))
        self._conn.execute("delete from supabase_migrations.schema_migrations where version = %s", (version,))

    def target(self) -> SchemaTargetRow | None:
        """The version that the database shall have; None before the first was set."""
        with self._conn.cursor(row_factory=class_row(SchemaTargetRow)) as cursor:
            return cursor.execute("select release, version, accept_row_loss_of from fleetify.schema_target").fetchone()

    def set_target(self, target: SchemaTargetRow) -> None:
        """Set the version that the database shall have."""
        self._conn.execute(
            "insert into fleetify.schema_target (release, version, accept_row_loss_of, set_by) values (%s, %s, %s, %s)"
            " on conflict (only_row) do update set release = excluded.release, version = excluded.version,"
            " accept_row_loss_of = excluded.accept_row_loss_of, set_at = clock_timestamp(), set_by = excluded.set_by",
            (target.release, target.version, target.accept_row_loss_of, current_actor()),
        )

    def statements_done(self, version: str, checksum: str) -> int:
        """How many statements of a file without transaction an interrupted run has finished."""
        row = self._conn.execute(
            "select statements_done from fleetify.migration_progress where version = %s and checksum = %s",
            (version, checksum),
        ).fetchone()
        return int(row[0]) if row else 0

    def set_statements_done(self, version: str, checksum: str, done: int | None) -> None:
        """Remember how far a file without transaction has come; None forgets it."""
        if done is None:
            self._conn.execute("delete from fleetify.migration_progress where version = %s", (version,))
            return
        self._conn.execute(
            "insert into fleetify.migration_progress (version, checksum, statements_done) values (%s, %s, %s)"
            " on conflict (version) do update"
            " set checksum = excluded.checksum, statements_done = excluded.statements_done",
            (version, checksum, done),
        )

    def log(self, action: str, *, version: str | None = None, release: str | None = None, **detail: Any) -> None:
        """Append one event to the history."""
        self._conn.execute(
            "insert into fleetify.ledger_events (actor, action, version, release, detail) values (%s, %s, %s, %s, %s)",
            (current_actor(), action, version, release, Jsonb(detail)),
        )


_COLUMNS = (
    "version, name, kind, checksum, down_sql, down_checksum, irreversible, release, adopted, created_relations,"
    " dropped_relations, applied_at, applied_by, duration_seconds"
)


@contextmanager
def open_ledger(
    url: str, *, purpose: str, execution: ExecutionSettings, progress: Progress
) -> Iterator[tuple[psycopg.Connection, Ledger]]:
    """A connection that holds the migration lock, with a ledger that exists.

    Raises:
        DatabaseError: unreachable, or the connection broke on the way.
        LockHeldError: another run migrates this database.
    """
    with borrowed(url, purpose=purpose, lock_timeout_seconds=execution.lock_timeout_seconds) as conn:
        try:
            with migration_lock(conn, wait_seconds=execution.ledger_wait_seconds, progress=progress):
                ledger = Ledger(conn)
                ledger.create()
                yield conn, ledger
        except psycopg.Error as error:
            raise DatabaseError(
                f"The database failed while: {purpose}.",
                seen=str(error).strip(),
                remedy="what was not committed is rolled back; run the same command again",
            ) from error
