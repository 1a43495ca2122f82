"""Applying one migration: once, in order, verified before it is committed."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC
from typing import Any

import psycopg
from pglast import ast

from fleetify.database.migrations.model import Migration
from fleetify.database.migrations.sql import SqlSyntaxError, parse, split_statements
from fleetify.database.progress import Progress
from fleetify.database.schema.ledger import Ledger, LedgerRow, open_ledger
from fleetify.database.schema.relations import RelationChange, compare_relations, list_relations
from fleetify.database.schema.scripts import Script, run_in_transaction, run_without_transaction
from fleetify.errors import LedgerError, MigrationFailedError
from fleetify.settings import ExecutionSettings, RowLevelSecuritySettings


@dataclass(frozen=True, slots=True)
class Applied:
    """What became of a migration.

    Attributes:
        applied_at: when it was applied (not: adopted), ISO 8601 in UTC.
        applied_by: by whom.
        duration_seconds: how long it ran, without waiting for the migration lock.
        attempts: more than one where a lock was not to be had at first.
        adopted: True where the database had it already.
        created: the tables and views it made.
        dropped: those it dropped.
    """

    applied_at: str
    applied_by: str
    duration_seconds: float
    attempts: int
    adopted: bool
    created: tuple[str, ...]
    dropped: tuple[str, ...]


def apply_migration(
    url: str,
    migration: Migration,
    *,
    release: str,
    execution: ExecutionSettings,
    row_security: RowLevelSecuritySettings,
    progress: Progress,
) -> Applied:
    """Apply a migration, or adopt it where the database has it.

    Raises:
        LedgerError: it was edited after it was applied, or a later one is applied already.
        MigrationFailedError: a statement failed, or a new table lacks what every new table must have; nothing of it is
            left, unless the file runs without transaction.
        LockHeldError: another run migrates this database, or a lock was not to be had.
        DatabaseError: the database is unreachable.
    """
    with open_ledger(url, purpose=f"migration {migration.version}", execution=execution, progress=progress) as (
        conn,
        ledger,
    ):
        standing = ledger.standing_of(migration.version)
        if standing.row is not None:
            refuse_edited(migration, standing.row)
            return _as_applied(standing.row, adopted=True)
        if standing.recorded:
            return _adopt(conn, ledger, migration, standing.statements, release)
        _refuse_out_of_order(migration, standing.later)
        return _apply(conn, ledger, migration, url, release, execution, row_security, progress)


def refuse_edited(migration: Migration, known: LedgerRow) -> None:
    """Refuse a file that is not what was applied.

    Raises:
        LedgerError: the checksums differ.
    """
    if known.checksum != migration.checksum:
        raise LedgerError(
            f"{migration.path} was edited after it was applied on {known.applied_at:%Y-%m-%d} by {known.applied_by}.",
            seen=f"sha256 {migration.checksum[:12]}… in the file, {known.checksum[:12]}… in the ledger",
            remedy=f"restore the file (git log -p -- {migration.path}) and put the change into a new migration",
        )


def _refuse_out_of_order(migration: Migration, later: Sequence[str]) -> None:
    if later:
        raise LedgerError(
            f"{migration.path} is out of order: later migrations are applied already.",
            seen=", ".join(later[:5]) + (" …" if len(later) > 5 else ""),  # noqa: PLR2004 shown, not decided
            remedy="give the file a version above those, or roll those back first",
        )


def _apply(
    conn: psycopg.Connection,
    ledger: Ledger,
    migration: Migration,
    url: str,
    release: str,
    execution: ExecutionSettings,
    row_security: RowLevelSecuritySettings,
    progress: Progress,
) -> Applied:
    script = Script(migration.path, migration.up_sql, migration.statement_timeout_seconds)
    before = list_relations(conn)
    started = time.perf_counter()
    row: LedgerRow | None = None

    def verify_and_record() -> None:
        nonlocal row
        change = compare_relations(before, list_relations(conn), row_security)
        _refuse_faults(migration, change)
        row = LedgerRow.of(
            migration,
            kind="migration",
            release=release,
            created=change.created,
            dropped=change.dropped,
            duration_seconds=time.perf_counter() - started,
        )
        ledger.record([row], [(migration.version, migration.name, [item.text for item in script.statements])])
        ledger.log("applied", version=migration.version, release=release, checksum=migration.checksum)

    if migration.transactional:
        attempts = run_in_transaction(
            conn, script, url=url, execution=execution, progress=progress, after=verify_and_record
        )
    else:
        attempts = run_without_transaction(
            conn,
            script,
            version=migration.version,
            checksum=migration.checksum,
            ledger=ledger,
            url=url,
            execution=execution,
            progress=progress,
        )
        with conn.transaction():
            verify_and_record()
            ledger.set_statements_done(migration.version, migration.checksum, None)
    if row is None:
        raise AssertionError("both ways call verify_and_record")
    return _as_applied(row, adopted=False, attempts=attempts)


def _refuse_faults(migration: Migration, change: RelationChange) -> None:
    if change.faults:
        left = "Nothing of it is applied." if migration.transactional else "It ran without transaction, so it stays."
        raise MigrationFailedError(
            f"{migration.path} makes tables that clients could read across tenants. {left}",
            seen="; ".join(change.faults),
            remedy="add ENABLE and FORCE ROW LEVEL SECURITY and a policy to the file, or name the schemas that clients"
            " can reach in fleetify:rowLevelSecurity.schemas",
        )


def _adopt(
    conn: psycopg.Connection, ledger: Ledger, migration: Migration, statements: list[str] | None, release: str
) -> Applied:
    if statements and not same_statements(migration.up_sql, statements):
        raise LedgerError(
            f"{migration.path} is not what the database says was applied as {migration.version}.",
            seen=f"{len(statements)} recorded statements that differ from the file's",
            remedy=f"compare with what version {migration.version} has in supabase_migrations.schema_migrations, then"
            " restore the file, or move the baseline over it",
        )
    present = {relation.label for relation in list_relations(conn).values()}
    made = tuple(label for label in declared_relations(migration.up_sql) if label in present)
    row = LedgerRow.of(migration, kind="migration", release=release, adopted=True, created=made)
    with conn.transaction():
        ledger.record([row], [])
        ledger.log("adopted", version=migration.version, release=release, checksum=migration.checksum)
    return _as_applied(row, adopted=True)


def same_statements(sql: str, recorded: list[str]) -> bool:
    """Whether a file holds the statements that a record kept, white space and final semicolons aside."""

    def normal(texts: list[str]) -> list[str]:
        return [flat for text in texts if (flat := " ".join(text.split()).rstrip("; "))]

    return normal(list(split_statements(sql))) == normal(recorded)


def declared_relations(sql: str) -> list[str]:
    """The tables and views that a script creates by name, as labels; schema ``public`` where it names none."""
    try:
        statements: list[Any] = [statement.node for statement in parse(sql)]
    except SqlSyntaxError:
        return []
    labels = []
    for statement in statements:
        match statement:
            case ast.CreateStmt():
                labels.append(f"table {_named(statement.relation)}")
            case ast.ViewStmt():
                labels.append(f"view {_named(statement.view)}")
            case _:
                pass
    return sorted(set(labels))


def _named(relation: Any) -> str:
    return f"{relation.schemaname or 'public'}.{relation.relname}"


def _as_applied(known: LedgerRow, *, adopted: bool, attempts: int = 1) -> Applied:
    return Applied(
        applied_at=known.applied_at.astimezone(UTC).isoformat(timespec="seconds"),
        applied_by=known.applied_by,
        duration_seconds=known.duration_seconds,
        attempts=attempts,
        adopted=adopted,
        created=tuple(known.created_relations),
        dropped=tuple(known.dropped_relations),
    )
