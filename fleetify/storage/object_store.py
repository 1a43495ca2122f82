"""One bucket: store, read, list. Every request with timeouts and retries, every content with its checksum."""

from __future__ import annotations

import base64
import hashlib
import threading
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Literal

from fleetify.errors import ObjectStoreError
from fleetify.storage.problems import ObjectMissingError, translated

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

    from fleetify.storage.parts import Part
    from fleetify.storage.upload import MultipartUpload

CONNECT_TIMEOUT_SECONDS = 10
READ_TIMEOUT_SECONDS = 60
ATTEMPTS = 5


@dataclass(frozen=True, slots=True)
class Retention:
    """How long an object cannot be deleted or replaced.

    Attributes:
        days: from the moment it is stored.
        mode: ``COMPLIANCE`` binds everybody, ``GOVERNANCE`` all but those with ``s3:BypassGovernanceRetention``.
    """

    days: int
    mode: Literal["GOVERNANCE", "COMPLIANCE"] = "GOVERNANCE"

    def until(self, moment: datetime) -> datetime:
        """The end of the retention of an object stored at this moment, in whole seconds."""
        return (moment + timedelta(days=self.days)).astimezone(UTC).replace(microsecond=0)


@dataclass(frozen=True, slots=True)
class StoredObject:
    """What the store says of an object.

    Attributes:
        key: its name in the bucket.
        size: bytes.
        modified: when it was stored.
        version_id: None in a bucket without versioning.
        checksum: its SHA-256 as S3 writes it (composite for multipart objects); None where the store has none.
        metadata: the names and values given at storing.
        encryption: ``aws:kms``, ``AES256`` or None; ``kms_key_id`` names the key.
        lock_mode: ``GOVERNANCE``, ``COMPLIANCE`` or None; ``retain_until`` says until when.
    """

    key: str
    size: int
    modified: datetime | None = None
    version_id: str | None = None
    checksum: str | None = None
    metadata: Mapping[str, str] = field(default_factory=dict)
    encryption: str | None = None
    kms_key_id: str | None = None
    lock_mode: str | None = None
    retain_until: datetime | None = None


class ObjectStore:
    """One S3 bucket, or one of a server that speaks S3.

    Credentials, region and endpoint come from boto3's standard chain (``AWS_PROFILE``, ``AWS_ENDPOINT_URL``, …) unless
    given. boto3 is imported at the first request. Safe to use from several threads.

    Args:
        bucket: the bucket's name.
        region: the bucket's region.
        endpoint_url: another S3 server than Amazon's.
        kms_key_id: key (id or ARN) to encrypt with; None leaves it to the bucket's default encryption.
    """

    def __init__(
        self,
        bucket: str,
        *,
        region: str | None = None,
        endpoint_url: str | None = None,
        kms_key_id: str | None = None,
    ) -> None:
        self.bucket = bucket
        self.kms_key_id = kms_key_id
        self._region = region
        self._endpoint_url = endpoint_url
        self._client: S3Client | None = None
        self._opening = threading.Lock()

    @property
    def client(self) -> S3Client:
        """The boto3 client, opened at first use."""
        with self._opening:
            if self._client is None:
                self._client = self._open()
            return self._client

    def _open(self) -> S3Client:
        # boto3 takes 0.3 s to import: only runs that use the bucket pay for it.
        import boto3  # noqa: PLC0415
        from botocore.config import Config  # noqa: PLC0415

        with translated("open the object store", self.bucket):
            # A session of its own: boto3's default session is not safe to share between threads.
            return boto3.session.Session().client(
                "s3",
                region_name=self._region,
                endpoint_url=self._endpoint_url,
                config=Config(
                    connect_timeout=CONNECT_TIMEOUT_SECONDS,
                    read_timeout=READ_TIMEOUT_SECONDS,
                    retries={"mode": "standard", "max_attempts": ATTEMPTS},
                    # Every request that needs a checksum carries our own SHA-256.
                    request_checksum_calculation="when_required",
                    response_checksum_validation="when_required",
                ),
            )

    def location(self, key: str) -> str:
        """``s3://bucket/key``, for people and reports."""
        return f"s3://{self.bucket}/{key}"

    def protection(self, retention: Retention | None, stored_at: datetime) -> dict[str, Any]:
        """The request arguments for encryption and object lock."""
        arguments: dict[str, Any] = {}
        if self.kms_key_id is not None:
            arguments |= {"ServerSideEncryption": "aws:kms", "SSEKMSKeyId": self.kms_key_id}
        if retention is not None:
            arguments |= {
                "ObjectLockMode": retention.mode,
                "ObjectLockRetainUntilDate": retention.until(stored_at),
            }
        return arguments

    def put_bytes(
        self,
        key: str,
        content: bytes,
        *,
        content_type: str = "application/json",
        metadata: Mapping[str, str] | None = None,
        retention: Retention | None = None,
    ) -> StoredObject:
        """Store a small object in one request and confirm what the store made of it.

        Raises:
            ObjectStoreError: the store refused, did not answer, or has another content than was sent.
        """
        checksum = base64.b64encode(hashlib.sha256(content).digest()).decode("ascii")
        with translated(f"store {key}", self.bucket):
            answer = self.client.put_object(
                Bucket=self.bucket,
                Key=key,
                Body=content,
                ContentType=content_type,
                ChecksumAlgorithm="SHA256",
                ChecksumSHA256=checksum,
                Metadata=dict(metadata or {}),
                **self.protection(retention, datetime.now(UTC)),
            )
        stored = self.head(key, version_id=answer.get("VersionId"))
        if stored.checksum != checksum or stored.size != len(content):
            raise ObjectStoreError(
                f"The store holds something else under {key} than was sent.",
                seen=f"{stored.size} bytes with checksum {stored.checksum}, sent {len(content)} with {checksum}",
                remedy="look for another writer of this key, or a faulty proxy",
            )
        return self.protect(stored, retention)

    def get_bytes(self, key: str, *, maximum: int, version_id: str | None = None) -> bytes:
        """The content of a small object.

        Args:
            key: its name.
            maximum: refuse more bytes than this.
            version_id: which version; None is the current one.

        Raises:
            ObjectMissingError: there is none.
            ObjectStoreError: it is too large, or could not be read.
        """
        version = {"VersionId": version_id} if version_id else {}
        with translated(f"read {key}", self.bucket):
            answer = self.client.get_object(Bucket=self.bucket, Key=key, **version)  # type: ignore[arg-type]  # optional argument
            with answer["Body"] as body:
                content = body.read(maximum + 1)
        if len(content) < min(answer["ContentLength"], maximum + 1):
            raise ObjectStoreError(
                f"Cannot read {key}: the connection broke.",
                seen=f"{len(content)} of {answer['ContentLength']} bytes",
                remedy="check the network; then run it again",
            )
        if len(content) > maximum:
            raise ObjectStoreError(
                f"The object {key} is too large to be what it should be.",
                seen=f"{answer['ContentLength']} bytes, expected at most {maximum}",
                remedy="check who wrote it",
            )
        return content

    def head(self, key: str, *, version_id: str | None = None) -> StoredObject:
        """What the store says of one object.

        Raises:
            ObjectMissingError: there is none.
            ObjectStoreError: the store refused or did not answer.
        """
        version = {"VersionId": version_id} if version_id else {}
        with translated(f"look at {key}", self.bucket):
            try:
                answer = self.client.head_object(
                    Bucket=self.bucket,
                    Key=key,
                    ChecksumMode="ENABLED",
                    **version,  # type: ignore[arg-type]  # optional argument
                )
            except self.client.exceptions.ClientError as error:
                self._tell_missing_bucket(error)
                raise
        return StoredObject(
            key=key,
            size=answer["ContentLength"],
            modified=answer["LastModified"],
            version_id=answer.get("VersionId"),
            checksum=answer.get("ChecksumSHA256"),
            metadata=answer.get("Metadata", {}),
            encryption=answer.get("ServerSideEncryption"),
            kms_key_id=answer.get("SSEKMSKeyId"),
            lock_mode=answer.get("ObjectLockMode"),
            retain_until=answer.get("ObjectLockRetainUntilDate"),
        )

    def _tell_missing_bucket(self, error: Any) -> None:
        """A HEAD answer has no body: ask whether it is the bucket that is missing."""
        if error.response.get("ResponseMetadata", {}).get("HTTPStatusCode") == 404:  # noqa: PLR2004  # HTTP
            self.client.list_objects_v2(Bucket=self.bucket, MaxKeys=1)

    def exists(self, key: str) -> bool:
        """Whether there is a current object of this name."""
        try:
            self.head(key)
        except ObjectMissingError:
            return False
        return True

    def list(self, prefix: str) -> Iterator[StoredObject]:
        """The objects whose keys begin with the prefix, in the order of their keys; size, key and time only."""
        with translated(f"list {prefix}", self.bucket):
            for page in self.client.get_paginator("list_objects_v2").paginate(Bucket=self.bucket, Prefix=prefix):
                for entry in page.get("Contents", []):
                    yield StoredObject(key=entry["Key"], size=entry["Size"], modified=entry.get("LastModified"))

    def upload(
        self,
        key: str,
        *,
        content_type: str = "application/octet-stream",
        metadata: Mapping[str, str] | None = None,
        retention: Retention | None = None,
    ) -> MultipartUpload:
        """Begin an upload of unknown length; use it in a ``with`` block, which aborts it unless it was completed.

        Raises:
            ObjectStoreError: the store refused or did not answer.
        """
        from fleetify.storage.upload import MultipartUpload  # noqa: PLC0415  # imports boto3

        if retention is not None:
            self.check_lockable()
        return MultipartUpload(self, key, content_type=content_type, metadata=metadata or {}, retention=retention)

    def read_parts(self, key: str, parts: Sequence[Part], *, version_id: str | None = None) -> Iterator[bytes]:
        """The content of an object, part by part, each one compared with its checksum before it is handed on.

        Raises:
            ObjectMissingError: there is no such object.
            ObjectStoreError: a part differs, or could not be read after retries.
        """
        from fleetify.storage.download import read_parts  # noqa: PLC0415  # imports boto3

        return read_parts(self, key, parts, version_id=version_id)

    def abort_stale_uploads(self, prefix: str, *, older_than: timedelta) -> int:
        """End unfinished uploads under the prefix that a killed run left; returns how many."""
        limit = datetime.now(UTC) - older_than
        ended = 0
        with translated(f"list unfinished uploads under {prefix}", self.bucket):
            for page in self.client.get_paginator("list_multipart_uploads").paginate(Bucket=self.bucket, Prefix=prefix):
                for upload in page.get("Uploads", []):
                    if upload["Key"].startswith(prefix) and upload["Initiated"] < limit:
                        self.client.abort_multipart_upload(
                            Bucket=self.bucket, Key=upload["Key"], UploadId=upload["UploadId"]
                        )
                        ended += 1
        return ended

    def check_lockable(self) -> None:
        """Make sure that the bucket can lock objects, before anything is sent to it.

        Raises:
            ObjectStoreError: it has no object lock, is missing, or cannot be reached. Not being allowed to ask is no
                error: storing will tell.
        """
        with translated("lock objects", self.bucket):
            try:
                self.client.get_object_lock_configuration(Bucket=self.bucket)
            except self.client.exceptions.ClientError as error:
                if error.response.get("Error", {}).get("Code") != "AccessDenied":
                    raise

    def protect(self, stored: StoredObject, retention: Retention | None) -> StoredObject:
        """Compare the encryption and the lock that the object has with what was asked for; the object as it is now.

        Some S3 servers ignore the lock in the request that begins a multipart upload; it is then set afterwards.

        Raises:
            ObjectStoreError: the store accepted the object but did not protect it.
        """
        if self.kms_key_id is not None and stored.encryption != "aws:kms":
            raise ObjectStoreError(
                f"The store did not encrypt {stored.key} with the key it was given.",
                seen=f"server-side encryption {stored.encryption}",
                remedy="check that the store supports SSE-KMS",
            )
        if retention is None:
            return stored
        if stored.lock_mode is None:
            until = retention.until(stored.modified or datetime.now(UTC))
            version: dict[str, Any] = {"VersionId": stored.version_id} if stored.version_id else {}
            with translated(f"lock {stored.key}", self.bucket):
                self.client.put_object_retention(
                    Bucket=self.bucket,
                    Key=stored.key,
                    Retention={"Mode": retention.mode, "RetainUntilDate": until},
                    **version,
                )
            stored = self.head(stored.key, version_id=stored.version_id)
        if stored.lock_mode != retention.mode or stored.retain_until is None:
            raise ObjectStoreError(
                f"The store did not lock {stored.key}.",
                seen=f"object lock mode {stored.lock_mode}, until {stored.retain_until}",
                remedy="use a bucket created with object lock; reading the lock needs s3:GetObjectRetention",
            )
        return stored
