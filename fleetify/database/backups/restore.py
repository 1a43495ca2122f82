"""Bring a backup back: into a database of its own, compared with what was backed up, or into a file."""

from __future__ import annotations

import contextlib
import time
from dataclasses import dataclass
from pathlib import Path

import psycopg

from fleetify.database.backups.archive import BackupRecord, scratch_name
from fleetify.database.backups.comparison import compare
from fleetify.database.backups.create import load_backup
from fleetify.database.backups.reading import check_object, fetch, read_archive, verify_stored
from fleetify.database.backups.scratch import (
    create_database,
    drop_database,
    drop_scratch,
    mark_restored,
    scratch_is_restored,
)
from fleetify.database.backups.snapshot import fingerprint_of
from fleetify.database.connection import connect, with_database
from fleetify.database.processes import ToolProcess, run_tool
from fleetify.database.progress import Meter, Progress, ignore
from fleetify.database.tools import find_tools
from fleetify.errors import FleetifyError, RestoreError
from fleetify.gates.evidence import Evidence, Verdict, isoformat, utc_now
from fleetify.storage.object_store import ObjectStore

__all__ = [
    "RestoreProof",
    "Restored",
    "drop_scratch",
    "fetch",
    "prove",
    "restore_backup",
    "scratch_is_restored",
    "verify_stored",
]

TIMEOUT_SECONDS = 6 * 3600
SHOWN_DIFFERENCES = 20


@dataclass(frozen=True, slots=True)
class Restored:
    """A restored database.

    Attributes:
        name: of the database; ``url`` its conninfo, with the credentials of the server's URL.
        record: the backup it came from.
        seconds: how long the restore took.
        tool_version: of pg_restore.
    """

    name: str
    url: str
    record: BackupRecord
    seconds: float
    tool_version: str


@dataclass(frozen=True, slots=True)
class RestoreProof:
    """Whether a restored backup holds what was backed up.

    Attributes:
        equal: every table has the same rows, every sequence stands where it stood.
        differences: the first 20, as sentences; ``difference_count`` is the number of all.
        tables, rows: how much was compared.
        seconds: of the restore and the comparison.
        content_digest: of the restored database; the backup's own if equal.
        scratch: name of the scratch database; ``url`` its conninfo; None once it is dropped.
        record: the backup.
        observed_at: when, UTC, ISO 8601.
    """

    equal: bool
    differences: tuple[str, ...]
    difference_count: int
    tables: int
    rows: int
    seconds: float
    content_digest: str
    scratch: str
    url: str | None
    record: BackupRecord
    tool_version: str
    observed_at: str

    def evidence(self) -> Evidence:
        """That this backup can be restored, or not."""
        return Evidence(
            id="backup_restores",
            verdict=Verdict.GO if self.equal else Verdict.NO_GO,
            subject={
                "release": self.record.release,
                "database": self.record.database,
                "backup": self.record.key,
                "stored_sha256": self.record.stored_sha256,
                "content_digest": self.content_digest,
            },
            observed_at=self.observed_at,
            source=f"pg_restore {self.tool_version}",
            measurements={
                "duration_seconds": round(self.seconds, 3),
                "tables": self.tables,
                "rows": self.rows,
                "differences": self.difference_count,
                "first_differences": list(self.differences),
            },
        )


def restore_backup(
    store: ObjectStore,
    key: str,
    server_url: str,
    *,
    name: str,
    analyze: bool = False,
    pg_restore: Path | None = None,
    timeout_seconds: float = TIMEOUT_SECONDS,
    progress: Progress = ignore,
) -> Restored:
    """Restore a backup into a new database.

    Each part is compared with its checksum before a byte of it reaches pg_restore. Subscriptions are left out, so
    that a copy never touches the replication of the original.

    Args:
        store: the bucket.
        key: the dump's key.
        server_url: any database of the server to restore on; as a superuser, or a role that may create databases and
            roles.
        name: of the database to create.
        analyze: collect statistics afterwards, for realistic query plans.
        pg_restore: the tool to use; the one beside pg_dump unless given.
        timeout_seconds: for pg_restore as a whole.
        progress: takes one line every few seconds.

    Raises:
        BackupError, ObjectStoreError: the backup is missing, incomplete or damaged.
        ToolError: pg_restore is missing or too old.
        DatabaseError, RestoreError: the server refuses, or the restore failed; the new database is dropped again, or
            named in a note if that failed too.
    """
    began = time.monotonic()
    record = load_backup(store, key)
    check_object(store, record)
    tools = find_tools(int(record.tool_version.split(".")[0]))
    create_database(server_url, name, record, progress=progress)
    url = with_database(server_url, name)
    try:
        _feed_restore(
            store,
            record,
            pg_restore or tools.pg_restore,
            url,
            timeout_seconds=timeout_seconds,
            progress=progress,
        )
        mark_restored(url, name, key)
        if analyze:
            _analyze(url)
    except BaseException as error:
        _drop_after_failure(server_url, name, error)
        raise
    seconds = time.monotonic() - began
    progress(f"restored {key} into {name}, {seconds:.1f} s")
    return Restored(name, url, record, seconds, tools.version)


def prove(
    store: ObjectStore,
    key: str,
    server_url: str,
    *,
    scratch: str | None = None,
    keep: bool = False,
    analyze: bool = False,
    pg_restore: Path | None = None,
    timeout_seconds: float = TIMEOUT_SECONDS,
    progress: Progress = ignore,
) -> RestoreProof:
    """Restore a backup into a scratch database and compare every table with what was backed up.

    Args:
        store, key, server_url, analyze, pg_restore, timeout_seconds, progress: as in :func:`restore_backup`.
        scratch: name of the scratch database; ``fleetify_scratch_<id>`` unless given.
        keep: leave it there, for a rehearsal of migrations; otherwise it is dropped.

    Raises:
        FleetifyError: as :func:`restore_backup`. A difference is no error: the proof says so.
    """
    began = time.monotonic()
    name = scratch or scratch_name(key.rpartition("-")[2][:8])
    restored = restore_backup(
        store,
        key,
        server_url,
        name=name,
        analyze=analyze,
        pg_restore=pg_restore,
        timeout_seconds=timeout_seconds,
        progress=progress,
    )
    record = restored.record
    try:
        found = fingerprint_of(restored.url, exclude_schemas=record.excluded_schemas)
        differences = compare(record, found)
    except BaseException as error:
        _drop_after_failure(server_url, name, error)
        raise
    if not keep:
        drop_database(server_url, name)
    progress(
        f"compared {len(found.tables)} tables with the backup: "
        + (f"{len(differences)} differences" if differences else "equal")
    )
    return RestoreProof(
        equal=not differences,
        differences=tuple(differences[:SHOWN_DIFFERENCES]),
        difference_count=len(differences),
        tables=len(found.tables),
        rows=sum(table.rows for table in found.tables.values()),
        seconds=time.monotonic() - began,
        content_digest=found.digest,
        scratch=name,
        url=restored.url if keep else None,
        record=record,
        tool_version=restored.tool_version,
        observed_at=isoformat(utc_now()),
    )


def _feed_restore(
    store: ObjectStore, record: BackupRecord, pg_restore: Path, url: str, *, timeout_seconds: float, progress: Progress
) -> None:
    arguments = ["--exit-on-error", "--no-tablespaces", "--no-subscriptions"]
    meter = Meter(progress, "restored", total=record.archive_bytes)
    with run_tool(pg_restore, arguments, url, timeout_seconds=timeout_seconds, feed=True) as tool:
        assert tool.stdin is not None  # noqa: S101  # for the type checker: opened as a pipe
        reading = True
        for chunk in read_archive(store, record, meter):
            if reading:
                try:
                    tool.stdin.write(chunk)
                except BrokenPipeError:
                    # It ended before it read everything: an error that its exit status tells.
                    reading = False
                    if tool.wait() != 0:
                        break
        with contextlib.suppress(BrokenPipeError):
            tool.stdin.close()
        if reading:
            progress(f"{meter.line(record.archive_bytes)}; building indexes and constraints")
        _check_outcome(tool, tool.wait(), record, timeout_seconds)


def _check_outcome(tool: ToolProcess, status: int, record: BackupRecord, timeout_seconds: float) -> None:
    lines = [line for line in tool.errors.splitlines() if line.strip()]
    seen = "; ".join(lines[:5])[:1000] or "no message"
    if tool.timed_out:
        raise RestoreError(
            f"pg_restore took longer than {timeout_seconds:.0f} s and was ended.",
            seen=seen,
            remedy="look for a slow disk or network; or allow it more time",
        )
    if status != 0:
        raise RestoreError(
            f"pg_restore failed with exit status {status}: {record.key} was not restored.",
            seen=seen,
            remedy="see pg_restore's message above (disk full, missing right or extension); then run it again",
        )


def _analyze(url: str) -> None:
    with connect(url, purpose="restore", autocommit=True) as conn:
        try:
            conn.execute("SET statement_timeout = 0")
            conn.execute("ANALYZE")
        except psycopg.Error as error:
            raise RestoreError("ANALYZE failed in the restored database.", seen=str(error).strip()[:500]) from None


def _drop_after_failure(server_url: str, name: str, error: BaseException) -> None:
    try:
        drop_database(server_url, name)
    except FleetifyError as second:
        error.add_note(f"The database {name} could not be dropped and is still there. {second}")
