"""What a backup is: its names in the bucket and its manifest, the JSON object that makes it count.

A backup is two objects, ``backups/<database>/<release>/<UTC time>Z-<id>.dump.zst`` and the same name with ``.json``.
The manifest is written last: a dump without one is the remains of a run that failed.
"""

from __future__ import annotations

import re
import secrets
from datetime import UTC, datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from fleetify.database.backups.fingerprint import SequenceState, TableFingerprint
from fleetify.errors import BackupError
from fleetify.gates.evidence import Evidence, Verdict
from fleetify.storage.parts import MAXIMUM_PARTS, Part

PREFIX = "backups/"
DUMP_SUFFIX = ".dump.zst"
MANIFEST_SUFFIX = ".json"
SCRATCH_PREFIX = "fleetify_scratch_"
MAXIMUM_MANIFEST_BYTES = 64 * 1024 * 1024

_NAME = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._-]{0,61}[A-Za-z0-9])?")
_KEY = re.compile(
    r"backups/(?P<database>[A-Za-z0-9._-]{1,63})/(?P<release>[A-Za-z0-9._-]{1,63})/"
    r"(?P<time>\d{8}T\d{6})Z-(?P<id>[0-9a-f]{8})\.dump\.zst"
)
_SHA256 = r"^[0-9a-f]{64}$"
_SHA256_BASE64 = r"^[A-Za-z0-9+/]{43}=$"

Sha256 = Annotated[str, Field(pattern=_SHA256)]
Count = Annotated[int, Field(ge=0)]
Name = Annotated[str, Field(min_length=1, max_length=63)]


def check_name(name: str, what: str) -> str:
    """The name, if it can be part of a key.

    Args:
        name: a database's or a release's name.
        what: which of them, for the message.

    Raises:
        BackupError: it holds anything but letters, digits, ``.``, ``_``, ``-``, is longer than 63, or begins or ends
            with one of the signs.
    """
    if _NAME.fullmatch(name) is None or ".." in name:
        raise BackupError(
            f"The {what}'s name cannot be part of a backup's key.",
            seen=repr(name[:80]),
            remedy="use 1 to 63 letters, digits, '.', '_' and '-', beginning and ending with a letter or digit",
        )
    return name


def new_key(database: str, release: str, taken_at: datetime) -> str:
    """The key of a new backup's dump; two backups of the same second have different ones."""
    time = taken_at.astimezone(UTC).strftime("%Y%m%dT%H%M%S")
    folder = f"{PREFIX}{check_name(database, 'database')}/{check_name(release, 'release')}"
    return f"{folder}/{time}Z-{secrets.token_hex(4)}{DUMP_SUFFIX}"


def parse_key(key: str) -> tuple[str, str, datetime, str]:
    """Database, release, time and id of a dump's key.

    Raises:
        BackupError: it is not the key of a backup.
    """
    match = _KEY.fullmatch(key)
    try:
        if match is None:
            raise ValueError(key)
        taken_at = datetime.strptime(match["time"], "%Y%m%dT%H%M%S").replace(tzinfo=UTC)
    except ValueError:
        raise BackupError(
            "This is not the key of a backup.",
            seen=repr(key[:200]),
            remedy="give one as `fleetify backups list` prints it: backups/<database>/<release>/<time>Z-<id>.dump.zst",
        ) from None
    return check_name(match["database"], "database"), check_name(match["release"], "release"), taken_at, match["id"]


def manifest_key(key: str) -> str:
    """The key of the manifest that belongs to a dump."""
    parse_key(key)
    return key.removesuffix(DUMP_SUFFIX) + MANIFEST_SUFFIX


def scratch_name(backup_id: str) -> str:
    """The name of the scratch database that a backup is restored into."""
    return f"{SCRATCH_PREFIX}{backup_id}"


class _Strict(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class Extension(_Strict):
    """An extension that the restored database needs."""

    name: Name
    version: str


class Locale(_Strict):
    """How the database sorts and encodes; a restored one must be created the same way."""

    encoding: Name
    collate: str | None = None
    ctype: str | None = None
    provider: Literal["libc", "icu", "builtin"] = "libc"
    locale: str | None = None


class BackupRecord(_Strict):
    """One complete backup, as its manifest says.

    Attributes:
        format: version of the manifest's layout.
        id: eight hex digits, part of the key.
        database, release: the names in the key.
        taken_at: when the snapshot was taken, UTC, ISO 8601.
        bucket, key, version_id: where the dump lies; the version is None in a bucket without versioning.
        stored_bytes, stored_sha256: of the object as it lies there (zstd).
        archive_bytes, archive_sha256: of pg_dump's archive inside it.
        object_checksum: the store's own checksum of the object, equal to ours.
        parts: size and SHA-256 (base64) of each part it was stored in.
        server_version, tool_version: of PostgreSQL and of pg_dump.
        snapshot_lsn: the server's write-ahead log position at the snapshot; None where the server does not tell.
        tables: rows and content hash by ``schema.table``, under the dump's snapshot.
        sequences: the values before and after the dump; sequences do not follow snapshots.
        content_digest: SHA-256 over all of ``tables``.
        roles: every role that the database's objects name.
        extensions: those installed, but for those every database has.
        excluded_schemas: left out of the dump on request.
        empty: the database holds no user table; the size floor does not apply.
        minimum_bytes: the floor that the archive was held against.
        duration_seconds: from the snapshot to the stored object.
        encryption, kms_key_id, lock_mode, retain_until: how the store protects the object, as it says itself.
    """

    format: Literal[1] = 1
    id: Annotated[str, Field(pattern=r"^[0-9a-f]{8}$")]
    database: Name
    release: Name
    taken_at: str
    bucket: str
    key: str
    version_id: str | None = None
    stored_bytes: Count
    stored_sha256: Sha256
    archive_bytes: Count
    archive_sha256: Sha256
    object_checksum: str
    parts: Annotated[
        list[tuple[Count, Annotated[str, Field(pattern=_SHA256_BASE64)]]],
        Field(min_length=1, max_length=MAXIMUM_PARTS),
    ]
    server_version: str
    server_major: Count
    tool_version: str
    snapshot_lsn: str | None = None
    tables: dict[str, TableFingerprint]
    sequences: dict[str, tuple[SequenceState, SequenceState]]
    content_digest: Sha256
    roles: list[Name]
    extensions: list[Extension]
    locale: Locale
    excluded_schemas: list[Name] = []
    empty: bool
    minimum_bytes: Count
    duration_seconds: float
    encryption: str | None = None
    kms_key_id: str | None = None
    lock_mode: str | None = None
    retain_until: str | None = None

    @property
    def manifest_key(self) -> str:
        """The key of the manifest itself."""
        return manifest_key(self.key)

    @property
    def location(self) -> str:
        """``s3://bucket/key`` of the dump."""
        return f"s3://{self.bucket}/{self.key}"

    @property
    def row_count(self) -> int:
        """Rows of all tables."""
        return sum(table.rows for table in self.tables.values())

    def stored_parts(self) -> list[Part]:
        """The parts as the store knows them."""
        return [Part(size, checksum) for size, checksum in self.parts]

    def summary(self) -> dict[str, Any]:
        """Flat JSON values for a resource's outputs: everything but the lists that grow with the database."""
        left_out = {"tables", "sequences", "parts", "roles", "extensions", "locale", "excluded_schemas", "format"}
        values = self.model_dump(mode="json", exclude=left_out)
        return values | {
            "manifest_key": self.manifest_key,
            "location": self.location,
            "table_count": len(self.tables),
            "row_count": self.row_count,
        }

    def evidence(self) -> Evidence:
        """That this backup is complete and verified in the store."""
        return Evidence(
            id="backup_verified",
            verdict=Verdict.GO,
            subject={
                "release": self.release,
                "database": self.database,
                "backup": self.key,
                "stored_sha256": self.stored_sha256,
                "content_digest": self.content_digest,
            },
            observed_at=self.taken_at,
            source=f"pg_dump {self.tool_version}, PostgreSQL {self.server_version}",
            measurements={
                "duration_seconds": self.duration_seconds,
                "stored_bytes": self.stored_bytes,
                "archive_bytes": self.archive_bytes,
                "minimum_bytes": self.minimum_bytes,
                "tables": len(self.tables),
                "rows": self.row_count,
                "empty": self.empty,
            },
            report=f"s3://{self.bucket}/{self.manifest_key}",
        )

    def to_json(self) -> bytes:
        """The manifest's bytes."""
        return self.model_dump_json(indent=1).encode()


def parse_manifest(content: bytes, *, bucket: str, key: str) -> BackupRecord:
    """The record in a manifest, compared with where it was found.

    Args:
        content: the manifest's bytes, from outside.
        bucket: the bucket it was found in.
        key: the key of the dump that it should be about.

    Raises:
        BackupError: it is not a manifest of ours, contradicts itself, or is about another backup.
    """
    try:
        record = BackupRecord.model_validate_json(content)
    except (ValidationError, RecursionError) as error:
        seen = (
            "; ".join(
                f"{'.'.join(map(str, fault['loc']))[:80]}: {fault['msg']}"
                for fault in error.errors(include_url=False, include_input=False)[:3]
            )
            if isinstance(error, ValidationError)
            else "nested too deeply"
        )
        raise BackupError(
            f"The manifest of {key} is not one.",
            seen=seen,
            remedy="do not use this backup; take another from: fleetify backups list",
        ) from None
    database, release, _, identity = parse_key(key)
    found = (record.key, record.database, record.release, record.id)
    if found != (key, database, release, identity):
        raise BackupError(
            f"The manifest of {key} is about another backup.",
            seen=f"{record.key!r:.200}",
            remedy="check who renamed or copied the objects; use a backup in its place: fleetify backups list",
        )
    if sum(size for size, _ in record.parts) != record.stored_bytes:
        raise BackupError(
            f"The manifest of {key} contradicts itself.",
            seen=f"its parts are {sum(size for size, _ in record.parts)} bytes, the object {record.stored_bytes}",
            remedy="do not use this backup; take another from: fleetify backups list",
        )
    # A bucket can be replicated; where the manifest was found counts.
    return record.model_copy(update={"bucket": bucket})
