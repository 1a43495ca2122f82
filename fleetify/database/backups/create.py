"""Take a backup: one snapshot, dumped, compressed, hashed and stored in one pass, in constant memory."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import psycopg

from fleetify.database.backups.archive import (
    DUMP_SUFFIX,
    MANIFEST_SUFFIX,
    MAXIMUM_MANIFEST_BYTES,
    PREFIX,
    BackupRecord,
    check_name,
    manifest_key,
    new_key,
    parse_key,
    parse_manifest,
)
from fleetify.database.backups.dump import dump_into
from fleetify.database.backups.fingerprint import Fingerprint, fingerprint, sequence_states
from fleetify.database.backups.snapshot import Snapshot, exported_snapshot, in_snapshot
from fleetify.database.connection import connect, database_name
from fleetify.database.progress import MEGABYTE, Progress, ignore
from fleetify.database.tools import find_tools
from fleetify.errors import BackupError, ObjectStoreError
from fleetify.gates.evidence import isoformat, utc_now
from fleetify.storage.object_store import ObjectStore, Retention
from fleetify.storage.parts import composite_checksum

MINIMUM_BYTES = 1_000_000
COMPRESSION_LEVEL = 1
TIMEOUT_SECONDS = 6 * 3600
STALE_UPLOAD = timedelta(hours=24)


def create_backup(
    database_url: str,
    store: ObjectStore,
    *,
    release: str,
    database: str | None = None,
    retention: Retention | None = None,
    minimum_bytes: int = MINIMUM_BYTES,
    compression_level: int = COMPRESSION_LEVEL,
    exclude_schemas: Sequence[str] = (),
    tolerated_warnings: Sequence[str] = (),
    pg_dump: Path | None = None,
    timeout_seconds: float = TIMEOUT_SECONDS,
    progress: Progress = ignore,
) -> BackupRecord:
    """Back up a database into the bucket and verify what the bucket holds.

    Args:
        database_url: as a role that reads every row (superuser or BYPASSRLS).
        store: the bucket.
        release: part of the key: the release before which this backup is taken.
        database: part of the key; the URL's database name unless given.
        retention: object lock of both objects; None leaves it to the bucket's default.
        minimum_bytes: a smaller archive is refused, unless the database has no user table.
        compression_level: of zstd, 1 (fast) to 19.
        exclude_schemas: left out, by exact name.
        tolerated_warnings: a line of pg_dump's standard error that contains one of these texts is reported but does not
            fail the backup; every other line does.
        pg_dump: the tool to use; see :func:`fleetify.database.tools.find_tools`.
        timeout_seconds: for the dump as a whole.
        progress: takes one line every few seconds.

    Raises:
        DatabaseError: the database cannot be reached or read in full.
        ToolError: pg_dump is missing or older than the server.
        ObjectStoreError: the bucket refused, cannot be reached, or holds something else than was sent.
        BackupError: pg_dump failed or warned, or the dump is too small. Nothing that counts as a backup is left.
    """
    name = check_name(database or database_name(database_url), "database")
    began = time.monotonic()
    with exported_snapshot(database_url) as snapshot:
        taken_at = utc_now()
        tools = find_tools(snapshot.server_major, pg_dump=pg_dump)
        key = new_key(name, release, taken_at)
        _end_stale_uploads(store, f"{PREFIX}{name}/", progress)
        metadata = {"release": release, "database": name, "taken-at": isoformat(taken_at)}
        with (
            store.upload(key, content_type="application/zstd", metadata=metadata, retention=retention) as upload,
            _fingerprint_beside(database_url, snapshot, exclude_schemas) as beside,
        ):
            progress(f"dumping {name} with pg_dump {tools.version} into {store.location(key)}")
            dumped = dump_into(
                database_url,
                tools,
                snapshot,
                upload,
                watch=lambda: _raise_failure(beside),
                level=compression_level,
                exclude_schemas=exclude_schemas,
                tolerated=tolerated_warnings,
                timeout_seconds=timeout_seconds,
                progress=progress,
            )
            found = beside.result()
            after = _sequences_now(database_url, exclude_schemas)
            _check_size(dumped.archive_bytes, minimum_bytes, found, name)
            stored = upload.complete()
    record = BackupRecord(
        id=parse_key(key)[3],
        database=name,
        release=release,
        taken_at=isoformat(taken_at),
        bucket=store.bucket,
        key=key,
        version_id=stored.version_id,
        stored_bytes=stored.size,
        stored_sha256=dumped.stored_sha256,
        archive_bytes=dumped.archive_bytes,
        archive_sha256=dumped.archive_sha256,
        object_checksum=composite_checksum(upload.parts),
        parts=[(part.size, part.sha256) for part in upload.parts],
        server_version=snapshot.server_version,
        server_major=snapshot.server_major,
        tool_version=tools.version,
        snapshot_lsn=snapshot.lsn,
        tables=found.tables,
        sequences={label: (state, after.get(label, state)) for label, state in found.sequences.items()},
        content_digest=found.digest,
        roles=list(snapshot.roles),
        extensions=list(snapshot.extensions),
        locale=snapshot.locale,
        excluded_schemas=list(exclude_schemas),
        empty=not found.tables,
        minimum_bytes=minimum_bytes,
        duration_seconds=round(time.monotonic() - began, 3),
        encryption=stored.encryption,
        kms_key_id=stored.kms_key_id,
        lock_mode=stored.lock_mode,
        retain_until=isoformat(stored.retain_until) if stored.retain_until else None,
    )
    _store_manifest(store, record, metadata, retention)
    progress(
        f"stored {record.location}: {record.archive_bytes / MEGABYTE:,.1f} MB in "
        f"{record.stored_bytes / MEGABYTE:,.1f} MB, "
        f"{len(record.tables)} tables, {record.row_count:,} rows, {record.duration_seconds:.1f} s"
    )
    return record


def load_backup(store: ObjectStore, key: str) -> BackupRecord:
    """The record of a complete backup.

    Args:
        store: the bucket.
        key: the dump's key.

    Raises:
        BackupError: the key or the manifest is not one of ours.
        ObjectMissingError: there is no manifest: no such backup, or the remains of a run that failed.
        ObjectStoreError: the bucket refused or cannot be reached.
    """
    content = store.get_bytes(manifest_key(key), maximum=MAXIMUM_MANIFEST_BYTES)
    return parse_manifest(content, bucket=store.bucket, key=key)


@dataclass(frozen=True, slots=True)
class BackupSummary:
    """One complete backup as a listing shows it: key and its parts, and the size of the stored dump in bytes."""

    key: str
    database: str
    release: str
    taken_at: str
    id: str
    stored_bytes: int


def list_backups(store: ObjectStore, database: str | None = None) -> list[BackupSummary]:
    """The complete backups in the bucket, newest first; those without a manifest do not count.

    Args:
        store: the bucket.
        database: only this one's.

    Raises:
        ObjectStoreError: the bucket refused or cannot be reached.
    """
    prefix = f"{PREFIX}{check_name(database, 'database')}/" if database else PREFIX
    dumps: dict[str, int] = {}
    manifests: set[str] = set()
    for entry in store.list(prefix):
        if entry.key.endswith(DUMP_SUFFIX):
            dumps[entry.key] = entry.size
        elif entry.key.endswith(MANIFEST_SUFFIX):
            manifests.add(entry.key.removesuffix(MANIFEST_SUFFIX) + DUMP_SUFFIX)
    found = []
    for key in dumps.keys() & manifests:
        with suppress(BackupError):  # somebody else's object
            name, release, taken_at, identity = parse_key(key)
            found.append(BackupSummary(key, name, release, isoformat(taken_at), identity, dumps[key]))
    return sorted(found, key=lambda backup: (backup.taken_at, backup.key), reverse=True)


def _raise_failure(beside: Future[Fingerprint]) -> None:
    """End the dump early when the fingerprint it would be compared with cannot be had."""
    if beside.done() and beside.exception() is not None:
        beside.result()


def _check_size(archive_bytes: int, minimum_bytes: int, found: Fingerprint, name: str) -> None:
    if found.tables and archive_bytes < minimum_bytes:
        raise BackupError(
            f"The dump of {name} is smaller than a backup of it can be; there is no new backup.",
            seen=f"{archive_bytes:,} bytes with {len(found.tables)} tables, the floor is {minimum_bytes:,}",
            remedy="check that the URL points at the right database; or lower the floor (minimum_bytes)",
        )


@contextmanager
def _fingerprint_beside(url: str, snapshot: Snapshot, exclude_schemas: Sequence[str]) -> Iterator[Future[Fingerprint]]:
    """Compute the fingerprint in a session of its own while the dump runs; ended with the block."""
    with (
        in_snapshot(url, snapshot.id, purpose="backup fingerprint") as conn,
        ThreadPoolExecutor(1, thread_name_prefix="fingerprint") as pool,
    ):
        future = pool.submit(fingerprint, conn, exclude_schemas=exclude_schemas)
        try:
            yield future
        finally:
            if not future.done():
                with suppress(psycopg.Error):
                    conn.cancel_safe(timeout=10)


def _sequences_now(url: str, exclude_schemas: Sequence[str]) -> dict[str, Any]:
    """The sequences after the dump: those it holds stand between these states and those of the fingerprint."""
    with connect(url, purpose="backup sequences", autocommit=True) as conn:
        conn.execute("BEGIN READ ONLY")
        return dict(sequence_states(conn, exclude_schemas=exclude_schemas))


def _end_stale_uploads(store: ObjectStore, prefix: str, progress: Progress) -> None:
    """End what killed runs left; not being allowed to list is no reason to go without a backup."""
    try:
        ended = store.abort_stale_uploads(prefix, older_than=STALE_UPLOAD)
    except ObjectStoreError as error:
        if "NoSuchBucket" in str(error) or "does not answer" in error.problem:
            raise
        progress(f"unfinished uploads of earlier runs were not looked for: {error.problem}")
        return
    if ended:
        progress(f"ended {ended} unfinished uploads of earlier runs")


def _store_manifest(
    store: ObjectStore, record: BackupRecord, metadata: dict[str, str], retention: Retention | None
) -> None:
    content = record.to_json()
    if len(content) > MAXIMUM_MANIFEST_BYTES:
        raise BackupError("The manifest is too large.", seen=f"{len(content):,} bytes for {len(record.tables)} tables")
    try:
        store.put_bytes(record.manifest_key, content, metadata=metadata, retention=retention)
    except ObjectStoreError as error:
        error.add_note(f"{record.location} has no manifest and does not count as a backup; take it again.")
        raise
