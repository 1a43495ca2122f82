"""Rehearsing a rollback: the ledger's down scripts, run on a restored copy before they run on the live database."""

from __future__ import annotations

import time

from fleetify.database.connection import connect
from fleetify.database.migrations.headers import read_header
from fleetify.database.progress import Progress
from fleetify.database.schema.ledger import Ledger
from fleetify.database.schema.rehearse import Rehearsal, RehearsedStep, contents_of
from fleetify.database.schema.schema_dump import dump_schema
from fleetify.database.schema.scripts import Script, run_once
from fleetify.database.schema.target import above_target
from fleetify.errors import MigrationFailedError
from fleetify.settings import ExecutionSettings


def rehearse_way_back(url: str, version: str, *, execution: ExecutionSettings, progress: Progress) -> Rehearsal:
    """Run the down scripts of all migrations above a version, newest first.

    Args:
        url: the scratch database; it is changed.
        version: the target.
        execution: time limits.
        progress: told about each script.

    Returns:
        Steps and faults; ``pending`` names what was taken down. Rows that older tables lose are faults.

    Raises:
        DatabaseError: the scratch database is unreachable.
    """
    rehearsal = Rehearsal()
    with connect(url, purpose="rehearse rollback") as conn:
        ledger = Ledger(conn)
        rows = above_target(ledger, version) if ledger.exists() else []
        rehearsal.pending = [row.version for row in rows]
        if not rows:
            return rehearsal
        rehearsal.schema_digest_before = dump_schema(url).digest
        before = contents_of(conn)
        for row in rows:
            label = f"{row.version}_{row.name}"
            if row.down_sql is None or row.irreversible:
                rehearsal.faults.append(f"{label} has no way back")
                return rehearsal
            header, _ = read_header(row.down_sql, label)
            script = Script(f"down script of {label}", row.down_sql, header.statement_timeout_seconds)
            started = time.perf_counter()
            try:
                run_once(conn, script, execution=execution, transactional=header.transactional)
            except MigrationFailedError as error:
                rehearsal.faults.append(str(error))
                return rehearsal
            step = RehearsedStep(label, "down", round(time.perf_counter() - started, 3))
            rehearsal.steps.append(step)
            progress(step.text)
        after = contents_of(conn)
        for table, print_before in before.tables.items():
            print_after = after.tables.get(table)
            if print_after is not None and print_after.rows < print_before.rows:
                lost = print_before.rows - print_after.rows
                rehearsal.faults.append(f"the way back deletes {lost:,} of {print_before.rows:,} rows of {table}")
        rehearsal.schema_digest_after = dump_schema(url).digest
    return rehearsal
