"""Rehearsing migrations on a restored copy of the data they will meet: up, down, up again.

What is proven there: the migrations run on this data, the down scripts undo them to the byte, rows of older tables stay
as they were, and how long each takes and which locks it holds meanwhile.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

import psycopg

from fleetify.database.backups.fingerprint import Fingerprint, fingerprint
from fleetify.database.connection import connect
from fleetify.database.migrations.model import Migration
from fleetify.database.progress import Progress
from fleetify.database.schema.ledger import LEDGER_SCHEMAS, Ledger
from fleetify.database.schema.relations import compare_relations, list_relations
from fleetify.database.schema.schema_dump import SchemaDump, dump_schema, schema_difference
from fleetify.database.schema.scripts import Script, run_once
from fleetify.errors import DatabaseError, FleetifyError, MigrationFailedError
from fleetify.settings import ExecutionSettings, RowLevelSecuritySettings

SHOWN_LOCKS = 3
_LOCKS = """
select distinct n.nspname || '.' || c.relname, l.mode
from pg_catalog.pg_locks l join pg_catalog.pg_class c on c.oid = l.relation
join pg_catalog.pg_namespace n on n.oid = c.relnamespace
where l.pid = pg_catalog.pg_backend_pid() and l.granted and c.oid::bigint = any(%s)
  and l.mode in ('ShareLock', 'ShareRowExclusiveLock', 'ExclusiveLock', 'AccessExclusiveLock')
order by 1, 2
"""


@dataclass(frozen=True, slots=True)
class RehearsedStep:
    """One script as it ran in the rehearsal.

    Attributes:
        script: ``<version>_<name>``.
        direction: ``up``, ``down`` or ``up again``.
        seconds: how long it ran.
        locks: locks on tables that were there before and that writers (or readers) would have waited for:
            ``public.vendors AccessExclusiveLock``.
    """

    script: str
    direction: str
    seconds: float
    locks: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        """One line for people."""
        shown = ", ".join(self.locks[:SHOWN_LOCKS])
        more = f" and {len(self.locks) - SHOWN_LOCKS} more" if len(self.locks) > SHOWN_LOCKS else ""
        locks = f"; locks {shown}{more}" if self.locks else ""
        return f"rehearsal: {self.script} {self.direction} in {self.seconds} s{locks}"


@dataclass(slots=True)
class Rehearsal:
    """What a rehearsal showed.

    Attributes:
        pending: versions that were rehearsed.
        steps: in the order they ran.
        faults: why it is a no-go; empty for go.
        irreversible: migrations without a way back; the ones below them were not taken down either.
        schema_digest_before: of the restored copy.
        schema_digest_after: with all migrations in.
    """

    pending: list[str] = field(default_factory=list)
    steps: list[RehearsedStep] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)
    irreversible: list[str] = field(default_factory=list)
    schema_digest_before: str = ""
    schema_digest_after: str = ""

    @property
    def seconds(self) -> float:
        """All scripts together."""
        return round(sum(step.seconds for step in self.steps), 3)

    def measurements(self) -> dict[str, Any]:
        """The figures as plain values."""
        return {
            "pending": list(self.pending),
            "scripts_seconds": self.seconds,
            "steps": [{**asdict(step), "locks": list(step.locks)} for step in self.steps],
            "irreversible": list(self.irreversible),
            "schema_digest_before": self.schema_digest_before,
            "schema_digest_after": self.schema_digest_after,
        }


def rehearse_migrations(
    url: str,
    migrations: Sequence[Migration],
    *,
    execution: ExecutionSettings,
    row_security: RowLevelSecuritySettings,
    progress: Progress,
) -> Rehearsal:
    """Run the migrations that the copy lacks: up, down, up again.

    Args:
        url: the scratch database; it is changed.
        migrations: all that the release wants, in order; those that the copy has are left alone.
        execution: the same time limits as on the live database.
        row_security: what every new table must have.
        progress: told about each script.

    Raises:
        DatabaseError: the scratch database is unreachable. What the migrations do wrong is a fault, not an error.
    """
    rehearsal = Rehearsal()
    with connect(url, purpose="rehearsal") as conn:
        applied = set(Ledger(conn).recorded_versions())
        pending = [migration for migration in migrations if migration.version not in applied]
        rehearsal.pending = [migration.version for migration in pending]
        if not pending:
            return rehearsal
        schema_before = dump_schema(url)
        data_before = contents_of(conn)
        rehearsal.schema_digest_before = schema_before.digest
        try:
            _all_up(conn, pending, rehearsal, "up", execution, row_security, progress)
            after = dump_schema(url)
            rehearsal.schema_digest_after = after.digest
            _check_old_rows(conn, data_before, rehearsal, "the migrations change")
            back_to = _all_down(conn, pending, rehearsal, execution, progress)
            if back_to == 0:
                _compare_with_before(conn, url, schema_before, data_before, rehearsal)
            _all_up(conn, pending[back_to:], rehearsal, "up again", execution, row_security, progress)
            difference = schema_difference(after, dump_schema(url))
            if difference:
                rehearsal.faults.append("the second way up leads to another schema:\n" + "\n".join(difference))
        except MigrationFailedError as error:
            rehearsal.faults.append(str(error))
        except psycopg.Error as error:
            raise DatabaseError("The scratch database failed during the rehearsal.", seen=str(error).strip()) from error
    return rehearsal


def _all_up(
    conn: psycopg.Connection,
    migrations: Sequence[Migration],
    rehearsal: Rehearsal,
    direction: str,
    execution: ExecutionSettings,
    row_security: RowLevelSecuritySettings,
    progress: Progress,
) -> None:
    for migration in migrations:
        before = list_relations(conn)
        script = Script(migration.path, migration.up_sql, migration.statement_timeout_seconds)
        step = _run(conn, script, migration, direction, execution, list(before), transactional=migration.transactional)
        rehearsal.steps.append(step)
        progress(step.text)
        change = compare_relations(before, list_relations(conn), row_security)
        if direction == "up":
            rehearsal.faults.extend(change.faults)


def _all_down(
    conn: psycopg.Connection,
    migrations: Sequence[Migration],
    rehearsal: Rehearsal,
    execution: ExecutionSettings,
    progress: Progress,
) -> int:
    """Run down scripts newest first until one is missing; the index of the oldest that was undone."""
    for index in range(len(migrations) - 1, -1, -1):
        migration = migrations[index]
        if migration.down_sql is None or migration.irreversible:
            rehearsal.irreversible.append(migration.label)
            progress(f"rehearsal: {migration.label} has no way back; a rollback would need a restore")
            return index + 1
        path = migration.down_path or migration.path
        script = Script(path, migration.down_sql, migration.down_statement_timeout_seconds)
        existing = list(list_relations(conn))
        step = _run(conn, script, migration, "down", execution, existing, transactional=migration.down_transactional)
        rehearsal.steps.append(step)
        progress(step.text)
    return 0


def _run(
    conn: psycopg.Connection,
    script: Script,
    migration: Migration,
    direction: str,
    execution: ExecutionSettings,
    existing: list[int],
    *,
    transactional: bool,
) -> RehearsedStep:
    started = time.perf_counter()
    locks: list[str] = []

    def note_locks() -> None:
        locks.extend(f"{table} {mode}" for table, mode in conn.execute(_LOCKS, (existing,)).fetchall())

    try:
        run_once(conn, script, execution=execution, transactional=transactional, after=note_locks)
    except FleetifyError as error:
        raise MigrationFailedError(
            f"rehearsal, {direction}: {error.problem}", seen=error.seen, remedy=error.remedy
        ) from None
    return RehearsedStep(migration.label, direction, round(time.perf_counter() - started, 3), tuple(locks))


def contents_of(conn: psycopg.Connection) -> Fingerprint:
    """Row counts and content hashes of all tables, ledger aside."""
    with conn.transaction():
        return fingerprint(conn, exclude_schemas=LEDGER_SCHEMAS)


def _check_old_rows(conn: psycopg.Connection, before: Fingerprint, rehearsal: Rehearsal, who: str) -> None:
    """Row counts only: a migration may well fill a new column. Contents are compared after the way down."""
    now = contents_of(conn)
    for table, print_before in before.tables.items():
        print_now = now.tables.get(table)
        if print_now is not None and print_now.rows < print_before.rows:
            lost = print_before.rows - print_now.rows
            rehearsal.faults.append(f"{who} older data: {table} loses {lost:,} of {print_before.rows:,} rows")


def _compare_with_before(
    conn: psycopg.Connection, url: str, schema_before: SchemaDump, data_before: Fingerprint, rehearsal: Rehearsal
) -> None:
    difference = schema_difference(schema_before, dump_schema(url))
    if difference:
        rehearsal.faults.append(
            "the down scripts do not undo the migrations; the schema differs:\n" + "\n".join(difference)
        )
    now = contents_of(conn)
    changed = [table for table, print_before in data_before.tables.items() if now.tables.get(table) != print_before]
    if changed:
        rehearsal.faults.append("up and down change rows of older tables: " + ", ".join(sorted(changed)[:10]))
