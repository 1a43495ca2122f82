"""The baseline: history up to a version, applied in one go on an empty database, adopted on an existing one."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import psycopg

from fleetify.database.migrations.model import Migration
from fleetify.database.migrations.sql import split_statements
from fleetify.database.progress import Progress
from fleetify.database.schema.apply import refuse_edited, same_statements
from fleetify.database.schema.ledger import Ledger, LedgerRow, open_ledger
from fleetify.database.schema.relations import list_relations
from fleetify.database.schema.scripts import Script, run_without_transaction
from fleetify.database.versions import version_key
from fleetify.errors import LedgerError, MigrationFailedError
from fleetify.settings import ExecutionSettings

PROGRESS_EVERY = 100
# A transaction keeps a lock on everything it creates; the server's lock table (6,400 entries by default) is the limit.
FILES_PER_TRANSACTION = 1000


@dataclass(frozen=True, slots=True)
class BaselineResult:
    """What became of the baseline.

    Attributes:
        applied: how many files were applied now.
        adopted: how many the database had already.
        duration_seconds: of the SQL, all files together.
    """

    applied: int
    adopted: int
    duration_seconds: float


def establish_baseline(
    url: str,
    migrations: Sequence[Migration],
    *,
    through: str,
    trust_live: bool,
    release: str,
    client_schemas: Sequence[str],
    execution: ExecutionSettings,
    progress: Progress,
) -> BaselineResult:
    """Make sure that everything up to ``through`` is in the database and in the ledger.

    An empty database gets all files, a thousand in one transaction (files without transaction interrupt it). One
    that has some gets those above its highest. With ``trust_live`` no file is read: the database is the truth.

    Raises:
        LedgerError: the database is not empty but has no record, a file was edited after it was applied, or a file is
            missing from the record.
        MigrationFailedError: a file failed; the transaction it ran in left nothing.
    """
    with open_ledger(url, purpose="baseline", execution=execution, progress=progress) as (conn, ledger):
        recorded = set(ledger.recorded_versions())
        if trust_live:
            ledger.log("baseline trusted", version=through, release=release, recorded=len(recorded))
            progress(f"baseline: trusts the database as it is through {through}")
            return BaselineResult(0, len(recorded), 0.0)
        _refuse_unrecorded(conn, ledger, recorded, client_schemas)
        known = {row.version: row for row in ledger.rows()}
        for migration in migrations:
            if migration.version in known:
                refuse_edited(migration, known[migration.version])
        to_adopt = [m for m in migrations if m.version in recorded and m.version not in known]
        to_apply = [m for m in migrations if m.version not in recorded]
        _refuse_holes(to_apply, recorded)
        _adopt(conn, ledger, to_adopt, release)
        started = time.perf_counter()
        _apply(conn, ledger, to_apply, url, release, execution, progress)
        seconds = round(time.perf_counter() - started, 3)
        if to_apply:
            progress(f"baseline: {len(to_apply)} files applied in {seconds} s")
        return BaselineResult(len(to_apply), len(migrations) - len(to_apply), seconds)


def find_edited(url: str, migrations: Sequence[Migration]) -> list[str]:
    """The files that are not what the ledger says was applied; reads only."""
    from fleetify.database.connection import connect  # noqa: PLC0415 only the error path needs it

    with connect(url, purpose="compare baseline") as conn:
        ledger = Ledger(conn)
        known = {row.version: row.checksum for row in ledger.rows()} if ledger.exists() else {}
    return [m.path for m in migrations if known.get(m.version, m.checksum) != m.checksum]


def _refuse_unrecorded(
    conn: psycopg.Connection, ledger: Ledger, recorded: set[str], client_schemas: Sequence[str]
) -> None:
    if recorded:
        return
    present = [relation.label for relation in list_relations(conn).values() if relation.schema in client_schemas]
    if present:
        raise LedgerError(
            "The database is not empty, and there is no record of what ran in it.",
            seen=f"{len(present)} tables and views, {present[0]} among them",
            remedy="fleetify migrations adopt  (reads only; prints the config lines that take the database as it is)",
        )


def _refuse_holes(to_apply: Sequence[Migration], recorded: set[str]) -> None:
    if not recorded or not to_apply:
        return
    highest = max(version_key(version) for version in recorded)
    holes = [m.path for m in to_apply if version_key(m.version) < highest]
    if holes:
        raise LedgerError(
            "Files of the baseline are missing from the database's record, though later ones are there.",
            seen=", ".join(holes[:10]),
            remedy="fleetify migrations adopt  (says what is missing); fleetify:migrations.baseline.trust: live"
            " takes the database as it is",
        )


def _adopt(conn: psycopg.Connection, ledger: Ledger, migrations: Sequence[Migration], release: str) -> None:
    for migration in migrations:
        _, statements = ledger.statements_of(migration.version)
        if statements and not same_statements(migration.up_sql, statements):
            raise LedgerError(
                f"{migration.path} is not what the database says was applied as {migration.version}.",
                seen=f"{len(statements)} recorded statements that differ from the file's",
                remedy="restore the file, or set fleetify:migrations.baseline.trust: live",
            )
    if migrations:
        with conn.transaction():
            ledger.record([LedgerRow.of(m, kind="baseline", release=release, adopted=True) for m in migrations], [])
            ledger.log("baseline adopted", release=release, count=len(migrations))


def _apply(
    conn: psycopg.Connection,
    ledger: Ledger,
    migrations: Sequence[Migration],
    url: str,
    release: str,
    execution: ExecutionSettings,
    progress: Progress,
) -> None:
    done = 0
    for transactional, batch in _batches(migrations):
        if transactional:
            with conn.transaction():
                for migration in batch:
                    _execute(conn, migration)
                    done += 1
                    if done % PROGRESS_EVERY == 0:
                        progress(f"baseline: {done} of {len(migrations)} files")
                conn.execute("reset session authorization; reset role; reset search_path")
                _record(ledger, batch, release)
            continue
        for migration in batch:
            script = Script(migration.path, migration.up_sql, migration.statement_timeout_seconds)
            run_without_transaction(
                conn,
                script,
                version=migration.version,
                checksum=migration.checksum,
                ledger=ledger,
                url=url,
                execution=execution,
                progress=progress,
            )
            done += 1
            with conn.transaction():
                _record(ledger, [migration], release)
                ledger.set_statements_done(migration.version, migration.checksum, None)


def _batches(migrations: Sequence[Migration]) -> Iterator[tuple[bool, list[Migration]]]:
    batch: list[Migration] = []
    for migration in migrations:
        if batch and (batch[-1].transactional != migration.transactional or len(batch) == FILES_PER_TRANSACTION):
            yield batch[-1].transactional, batch
            batch = []
        batch.append(migration)
    if batch:
        yield batch[-1].transactional, batch


def _execute(conn: psycopg.Connection, migration: Migration) -> None:
    """The whole file in one round trip: a thousand files are what this is for."""
    try:
        conn.execute(migration.up_sql.encode())
    except psycopg.Error as error:
        position = error.diag.statement_position
        line = migration.up_sql[: int(position) - 1].count("\n") + 1 if position else 1
        raise MigrationFailedError(
            f"{migration.path}:{line}: {error.diag.message_primary or error}. Its transaction is rolled back.",
            seen=error.diag.message_detail,
            remedy="mend the file and run again",
        ) from None
    if conn.info.transaction_status != psycopg.pq.TransactionStatus.INTRANS:
        raise MigrationFailedError(
            f"{migration.path} ended the transaction that it runs in; the files before it may be committed.",
            seen="COMMIT or ROLLBACK in the file",
            remedy="take it out, or put '-- fleetify: transaction=off' at the top of the file",
        )


def _record(ledger: Ledger, migrations: Sequence[Migration], release: str) -> None:
    ledger.record(
        [LedgerRow.of(migration, kind="baseline", release=release) for migration in migrations],
        [(m.version, m.name, list(split_statements(m.up_sql, m.path))) for m in migrations],
    )
    ledger.log("baseline applied", version=migrations[-1].version, release=release, count=len(migrations))
