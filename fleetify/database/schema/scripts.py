"""Running one SQL script, statement by statement, so that a failure names its line."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import psycopg
from pglast import ast
from psycopg import sql as pgsql

from fleetify.database.migrations.sql import SqlSyntaxError, Statement, parse
from fleetify.database.progress import Progress
from fleetify.database.schema.ledger import Ledger
from fleetify.database.schema.locking import BlockerWatch
from fleetify.errors import LockHeldError, MigrationFailedError
from fleetify.settings import ExecutionSettings

EXCERPT = 160
RETRYABLE = (psycopg.errors.LockNotAvailable, psycopg.errors.DeadlockDetected)


@dataclass(frozen=True, slots=True)
class Script:
    """SQL with a name for messages.

    Attributes:
        path: the file, for messages.
        sql: what to run.
        statement_timeout_seconds: longest run of one statement; None for the stack's default.
    """

    path: str
    sql: str
    statement_timeout_seconds: int | None = None
    statements: tuple[Statement, ...] = field(init=False)

    def __post_init__(self) -> None:
        try:
            object.__setattr__(self, "statements", parse(self.sql))
        except SqlSyntaxError as error:
            line = self.sql[: error.offset].count("\n") + 1
            raise MigrationFailedError(
                f"{self.path}:{line}: the SQL does not parse: {error.message}. Nothing of it is applied.",
                remedy="mend the SQL and run again",
            ) from None


def run_in_transaction(
    conn: psycopg.Connection,
    script: Script,
    *,
    url: str,
    execution: ExecutionSettings,
    progress: Progress,
    before: Callable[[], None] = lambda: None,
    after: Callable[[], None] = lambda: None,
) -> int:
    """Run the script as one transaction; again from its start when a lock was not to be had.

    Args:
        conn: an autocommit connection.
        script: what to run.
        url: of the same database, to find out from outside who blocks.
        execution: time limits and retries.
        progress: told about waits and retries.
        before: called inside the transaction before the script.
        after: called inside it after the script, to check and to record; what it raises rolls the script back.

    Returns:
        How many attempts it took.

    Raises:
        MigrationFailedError: a statement failed; nothing of the script is left.
        LockHeldError: a lock was not to be had in any attempt; nothing of the script is left.
    """
    pause = 0.5
    for attempt in range(1, execution.lock_retries + 2):
        with BlockerWatch(url, conn, progress) as watch:
            try:
                _attempt(conn, script, execution, before, after)
            except RETRYABLE as error:
                blockers = watch.blockers or "unknown"
                if attempt > execution.lock_retries:
                    raise LockHeldError(
                        f"{script.path}: a lock was not to be had in {attempt} attempts ({_primary(error)})."
                        " Nothing of it is applied.",
                        seen=f"blocked by {blockers}",
                        remedy="end or wait for those sessions and run again, or raise fleetify:execution.lockRetries",
                    ) from None
                progress(
                    f"{script.path}: {_primary(error)}; blocked by {blockers}; attempt {attempt + 1} in {pause:.1f} s"
                )
            else:
                return attempt
        time.sleep(pause)
        pause = min(pause * 2, 10.0)
    raise AssertionError("unreachable: the last attempt returns or raises")


def run_once(
    conn: psycopg.Connection,
    script: Script,
    *,
    execution: ExecutionSettings,
    transactional: bool,
    after: Callable[[], None] = lambda: None,
) -> None:
    """Run the script on a database that nobody else uses: no retries, no record.

    Args:
        conn: an autocommit connection.
        script: what to run.
        execution: time limits.
        transactional: as one transaction; ``after`` is then called inside it.
        after: called when the last statement has run.

    Raises:
        MigrationFailedError: a statement failed.
    """
    try:
        if transactional:
            _attempt(conn, script, execution, lambda: None, after)
            return
        _set_timeouts(conn, script, execution, local=False)
        for statement in script.statements:
            _run(conn, script, statement)
        after()
    except RETRYABLE as error:
        raise MigrationFailedError(f"{script.path}: {_primary(error)}, though nobody else is there.") from None


def _attempt(
    conn: psycopg.Connection,
    script: Script,
    execution: ExecutionSettings,
    before: Callable[[], None],
    after: Callable[[], None],
) -> None:
    with conn.transaction():
        _set_timeouts(conn, script, execution, local=True)
        before()
        for statement in script.statements:
            _run(conn, script, statement)
        # The script may have changed who and where we are; what follows must be able to write the ledger.
        row = conn.execute(
            "select pg_catalog.current_setting('fleetify.transaction', true);"
            " reset session authorization; reset role; reset search_path"
        ).fetchone()
        if not row or row[0] != "ours":
            raise MigrationFailedError(
                f"{script.path} ended the transaction that it runs in; part of it may be committed.",
                seen="COMMIT or ROLLBACK in the script",
                remedy="take it out, or put '-- fleetify: transaction=off' at the top of the file",
            )
        after()


def run_without_transaction(
    conn: psycopg.Connection,
    script: Script,
    *,
    version: str,
    checksum: str,
    ledger: Ledger,
    url: str,
    execution: ExecutionSettings,
    progress: Progress,
) -> int:
    """Run the script statement by statement, each committed by itself, and remember how far it came.

    An interrupted or failed run goes on at the statement that had not finished. An index that ``CREATE INDEX
    CONCURRENTLY`` left invalid is dropped first.

    Returns:
        The most attempts that one statement took.

    Raises:
        MigrationFailedError: a statement failed; the ones before it stay, and the next run goes on there.
        LockHeldError: a lock was not to be had in any attempt.
    """
    _set_timeouts(conn, script, execution, local=False)
    done = ledger.statements_done(version, checksum)
    if done:
        progress(f"{script.path}: goes on at statement {done + 1} of {len(script.statements)}")
    most = 1
    for index, statement in enumerate(script.statements[done:], start=done + 1):
        _drop_invalid_index(conn, statement, progress)
        pause = 0.5
        for attempt in range(1, execution.lock_retries + 2):
            most = max(most, attempt)
            with BlockerWatch(url, conn, progress) as watch:
                try:
                    _run(conn, script, statement)
                except RETRYABLE as error:
                    if attempt > execution.lock_retries:
                        raise LockHeldError(
                            f"{script.path}:{statement.line}: a lock was not to be had in {attempt} attempts.",
                            seen=f"blocked by {watch.blockers or 'unknown'}",
                            remedy="end or wait for those sessions and run again; it goes on at this statement",
                        ) from None
                    progress(
                        f"{script.path}:{statement.line}: {_primary(error)}; attempt {attempt + 1} in {pause:.1f} s"
                    )
                    _drop_invalid_index(conn, statement, progress)
                else:
                    break
            time.sleep(pause)
            pause = min(pause * 2, 10.0)
        ledger.set_statements_done(version, checksum, index)
    return most


def _set_timeouts(conn: psycopg.Connection, script: Script, execution: ExecutionSettings, *, local: bool) -> None:
    statement_timeout = script.statement_timeout_seconds or execution.statement_timeout_seconds
    # A transaction-local setting is gone if the script ends our transaction behind our back.
    conn.execute(
        "select pg_catalog.set_config('lock_timeout', %s, %s), pg_catalog.set_config('statement_timeout', %s, %s),"
        " pg_catalog.set_config('fleetify.transaction', 'ours', %s)",
        (f"{execution.lock_timeout_seconds}s", local, f"{statement_timeout}s", local, local),
    )


def _run(conn: psycopg.Connection, script: Script, statement: Statement) -> None:
    try:
        conn.execute(statement.text.encode())
    except RETRYABLE:
        raise
    except psycopg.Error as error:
        line = statement.line
        position = error.diag.statement_position
        if position:
            line += statement.text[: int(position) - 1].count("\n")
        details = [part for part in (error.diag.message_detail, error.diag.message_hint) if part]
        raise MigrationFailedError(
            f"{script.path}:{line}: {_primary(error)}" + "".join(f" ({detail})" for detail in details),
            seen=_excerpt(statement.text),
            remedy="mend the file if it was never applied anywhere, else write a new migration; then run again",
        ) from None


def _primary(error: psycopg.Error) -> str:
    return error.diag.message_primary or str(error).strip() or type(error).__name__


def _excerpt(text: str) -> str:
    flat = " ".join(text.split())
    return flat if len(flat) <= EXCERPT else flat[: EXCERPT - 1] + "…"


def _concurrent_index(node: Any) -> list[str]:
    """The name, in parts, of the index that the statement creates concurrently; empty where it does not."""
    if not isinstance(node, ast.IndexStmt) or not node.concurrent or not node.idxname:
        return []
    schema = node.relation.schemaname if node.relation else None
    return [schema, node.idxname] if schema else [node.idxname]


def _drop_invalid_index(conn: psycopg.Connection, statement: Statement, progress: Progress) -> None:
    """``CREATE INDEX CONCURRENTLY`` that fails leaves an invalid index of that name behind."""
    parts = _concurrent_index(statement.node)
    if not parts:
        return
    name = pgsql.Identifier(*parts)
    row = conn.execute(
        "select 1 from pg_catalog.pg_index where indexrelid = pg_catalog.to_regclass(%s) and not indisvalid",
        (name.as_string(conn),),
    ).fetchone()
    if row:
        progress(f"drops index {'.'.join(parts)}, which an interrupted run left invalid")
        conn.execute(pgsql.SQL("drop index concurrently {}").format(name))
