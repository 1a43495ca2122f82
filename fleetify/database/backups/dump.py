"""One pass of pg_dump: its archive through the hashes and the compressor into the upload, in constant memory."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import zstandard

from fleetify.database.processes import ToolProcess, run_tool
from fleetify.database.progress import Meter, Progress
from fleetify.errors import BackupError

if TYPE_CHECKING:
    from fleetify.database.backups.snapshot import Snapshot
    from fleetify.database.tools import Tools
    from fleetify.storage.upload import MultipartUpload

LOCK_TIMEOUT_SECONDS = 60
READ_BYTES = 1024 * 1024
ARCHIVE_MAGIC = b"PGDMP"


@dataclass(frozen=True, slots=True)
class Dumped:
    """What went through: size and SHA-256 (hex) of the archive, SHA-256 of what the store was sent."""

    archive_bytes: int
    archive_sha256: str
    stored_sha256: str


def dump_into(
    url: str,
    tools: Tools,
    snapshot: Snapshot,
    upload: MultipartUpload,
    *,
    watch: Callable[[], None],
    level: int,
    exclude_schemas: Sequence[str],
    tolerated: Sequence[str],
    timeout_seconds: float,
    progress: Progress,
) -> Dumped:
    """Dump the snapshot into the upload, which is left for the caller to complete.

    Args:
        url, tools, snapshot: what to dump, with what.
        upload: takes the compressed archive.
        watch: called after each piece; what it raises ends the dump.
        level: of zstd.
        exclude_schemas, tolerated, timeout_seconds, progress: as in ``create_backup``.

    Raises:
        BackupError: pg_dump failed, warned, took too long, or wrote something else than an archive.
        ObjectStoreError: the upload failed.
    """
    arguments = [
        "--format=custom",
        "--compress=0",
        f"--snapshot={snapshot.id}",
        f"--lock-wait-timeout={LOCK_TIMEOUT_SECONDS}s",
        *(f"--exclude-schema={_exact_pattern(schema)}" for schema in exclude_schemas),
    ]
    archive_hash = hashlib.sha256()
    archive_bytes = 0
    beginning = b""
    compressor = zstandard.ZstdCompressor(level=level, write_checksum=True).compressobj()
    meter = Meter(progress, "dumped")
    with run_tool(tools.pg_dump, arguments, url, timeout_seconds=timeout_seconds) as tool:
        assert tool.stdout is not None  # noqa: S101  # for the type checker: opened as a pipe
        while chunk := tool.stdout.read(READ_BYTES):
            if archive_bytes == 0:
                beginning = chunk[: len(ARCHIVE_MAGIC)]
            archive_bytes += len(chunk)
            archive_hash.update(chunk)
            if compressed := compressor.compress(chunk):
                upload.write(compressed)
            watch()
            meter.at(archive_bytes)
        status = tool.wait()
        _check_outcome(tool, status, beginning, tolerated=tolerated, timeout_seconds=timeout_seconds, progress=progress)
    upload.write(compressor.flush())
    progress(meter.line(archive_bytes))
    return Dumped(archive_bytes, archive_hash.hexdigest(), upload.sha256)


def _exact_pattern(schema: str) -> str:
    """The pattern that matches just this name: pg_dump reads quotes as psql does."""
    return '"' + schema.replace('"', '""') + '"'


def _check_outcome(
    tool: ToolProcess,
    status: int,
    beginning: bytes,
    *,
    tolerated: Sequence[str],
    timeout_seconds: float,
    progress: Progress,
) -> None:
    lines = [line for line in tool.errors.splitlines() if line.strip()]
    if tool.timed_out:
        raise BackupError(
            f"pg_dump took longer than {timeout_seconds:.0f} s and was ended; there is no new backup.",
            seen="; ".join(lines[:5])[:500] or "no message",
            remedy="look for a lock or a slow network; or allow it more time",
        )
    if status != 0:
        raise BackupError(
            f"pg_dump failed with exit status {status}; there is no new backup.",
            seen="; ".join(lines[:5])[:1000] or "no message",
            remedy="see pg_dump's message above; then run it again",
        )
    unexpected = [line for line in lines if not any(text in line for text in tolerated)]
    if unexpected:
        raise BackupError(
            "pg_dump ended well but warned, so the dump is not trusted; there is no new backup.",
            seen="; ".join(unexpected[:5])[:1000],
            remedy="mend the cause; or, when the warning is known to be harmless, name its text in"
            " fleetify:backup.toleratedWarnings",
        )
    for line in lines:
        progress(f"tolerated: {line}")
    if beginning != ARCHIVE_MAGIC:
        raise BackupError(
            "What pg_dump wrote is not an archive; there is no new backup.",
            seen=f"it begins with {beginning!r}",
            remedy="set PG_DUMP to PostgreSQL's own pg_dump",
        )
