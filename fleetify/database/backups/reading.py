"""Reading a backup: every byte compared with the manifest before anybody gets it."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from pathlib import Path

import zstandard

from fleetify.database.backups.archive import BackupRecord
from fleetify.database.backups.create import load_backup
from fleetify.database.progress import Meter, Progress, ignore
from fleetify.errors import RestoreError
from fleetify.storage.object_store import ObjectStore
from fleetify.storage.parts import same_checksum

READ_BYTES = 1024 * 1024
MAXIMUM_WINDOW = 1 << 27


def fetch(store: ObjectStore, key: str, path: Path, *, progress: Progress = ignore) -> Path:
    """Download, verify and decompress a backup into a plain archive for pg_restore.

    The file appears only when it is complete, readable by its owner alone.

    Raises:
        BackupError, ObjectStoreError: the backup is missing, incomplete or damaged.
        RestoreError: the file exists already or cannot be written.
    """
    record = load_backup(store, key)
    check_object(store, record)
    if path.exists():
        raise RestoreError("The file exists already.", seen=str(path), remedy="give another name, or remove it first")
    partial = path.with_name(f"{path.name}.partial")
    try:
        descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            for chunk in read_archive(store, record, Meter(progress, "fetched", total=record.archive_bytes)):
                file.write(chunk)
            file.flush()
            os.fsync(file.fileno())
        partial.rename(path)
    except OSError as error:
        partial.unlink(missing_ok=True)
        raise RestoreError(
            f"The backup cannot be written to {path}.",
            seen=f"{error.strerror}",
            remedy=f"give a path with {record.archive_bytes:,} bytes of room",
        ) from None
    except BaseException:
        partial.unlink(missing_ok=True)
        raise
    return path


def verify_stored(store: ObjectStore, key: str, *, progress: Progress = ignore) -> BackupRecord:
    """Read a backup to its end and compare every byte with the manifest, without restoring it.

    Raises:
        BackupError, ObjectStoreError, RestoreError: the backup is missing, incomplete or damaged.
    """
    record = load_backup(store, key)
    check_object(store, record)
    for _ in read_archive(store, record, Meter(progress, "read", total=record.archive_bytes)):
        pass
    return record


def check_object(store: ObjectStore, record: BackupRecord) -> None:
    """Compare what the store says of the object with the manifest, before a byte is read."""
    stored = store.head(record.key, version_id=record.version_id)
    if stored.size != record.stored_bytes or not same_checksum(record.object_checksum, stored.checksum or ""):
        raise RestoreError(
            f"The object {record.key} is not the one that was stored.",
            seen=f"{stored.size} bytes with checksum {stored.checksum}, the manifest says {record.stored_bytes} with "
            f"{record.object_checksum}",
            remedy="do not use this backup; take the newest one that verifies: fleetify backups list",
        )


class _Source:
    """Verified parts as a file, for the decompressor."""

    def __init__(self, parts: Iterator[bytes]) -> None:
        self._parts = parts
        self._rest = memoryview(b"")
        self.hash = hashlib.sha256()

    def read(self, size: int = -1) -> bytes:
        if not self._rest:
            part = next(self._parts, b"")
            self.hash.update(part)
            self._rest = memoryview(part)
        size = len(self._rest) if size < 0 else size
        taken, self._rest = self._rest[:size], self._rest[size:]
        return bytes(taken)


def read_archive(store: ObjectStore, record: BackupRecord, meter: Meter) -> Iterator[bytes]:
    """pg_dump's archive as it was, in pieces; the last one comes only if the whole is what the manifest says."""
    parts = store.read_parts(record.key, record.stored_parts(), version_id=record.version_id)
    source = _Source(parts)
    archive_hash = hashlib.sha256()
    done = 0
    decompressor = zstandard.ZstdDecompressor(max_window_size=MAXIMUM_WINDOW)
    try:
        with decompressor.stream_reader(source, read_size=READ_BYTES) as reader:  # type: ignore[arg-type]  # needs only read
            held = b""
            while done <= record.archive_bytes and (chunk := reader.read(READ_BYTES)):
                done += len(chunk)
                archive_hash.update(chunk)
                if held:
                    yield held
                held = chunk
                meter.at(done)
        rest = source.read(1)
    except zstandard.ZstdError as error:
        raise RestoreError(
            f"The object {record.key} cannot be decompressed.",
            seen=str(error),
            remedy="do not use this backup; take the newest one that verifies: fleetify backups list",
        ) from None
    finally:
        parts.close()  # type: ignore[attr-defined]  # a generator: ends its threads
    if (
        done != record.archive_bytes
        or archive_hash.hexdigest() != record.archive_sha256
        or rest
        or source.hash.hexdigest() != record.stored_sha256
    ):
        raise RestoreError(
            f"The archive in {record.key} is not the one that was stored.",
            seen=f"{done} bytes or more with SHA-256 {archive_hash.hexdigest()}, the manifest says "
            f"{record.archive_bytes} with {record.archive_sha256}",
            remedy="do not use this backup; take the newest one that verifies: fleetify backups list",
        )
    yield held
