"""Upload of a stream of unknown length: parts in parallel, bounded memory, checksums all the way."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import UTC, datetime
from types import TracebackType
from typing import TYPE_CHECKING, Self

from botocore.exceptions import ClientError

from fleetify.errors import ObjectStoreError
from fleetify.storage.parts import (
    MAXIMUM_PARTS,
    Part,
    composite_checksum,
    encode_sha256,
    part_size,
    same_checksum,
)
from fleetify.storage.problems import ObjectMissingError, translated

if TYPE_CHECKING:
    from fleetify.storage.object_store import ObjectStore, Retention, StoredObject

PARALLEL_PARTS = 2
# One part is filled while two travel and one waits: memory stays at four parts, whatever the object's size.
PENDING_PARTS = PARALLEL_PARTS + 1


class MultipartUpload:
    """One upload under way. Not safe to write from several threads.

    Attributes:
        parts: size and checksum of each part sent; complete after :meth:`complete`.
        bytes_written: how much was written so far.
    """

    def __init__(
        self,
        store: ObjectStore,
        key: str,
        *,
        content_type: str,
        metadata: Mapping[str, str],
        retention: Retention | None,
    ) -> None:
        self.key = key
        self.parts: list[Part] = []
        self.bytes_written = 0
        self._store = store
        self._retention = retention
        self._hash = hashlib.sha256()
        self._buffer = bytearray()
        self._futures: list[Future[Part]] = []
        self._tags: dict[int, str] = {}
        self._slots = threading.BoundedSemaphore(PENDING_PARTS)
        self._failed = threading.Event()
        self._completed = False
        with translated(f"begin the upload of {key}", store.bucket):
            self._upload_id = store.client.create_multipart_upload(
                Bucket=store.bucket,
                Key=key,
                ContentType=content_type,
                ChecksumAlgorithm="SHA256",
                ChecksumType="COMPOSITE",
                Metadata=dict(metadata),
                **store.protection(retention, datetime.now(UTC)),
            )["UploadId"]
        self._pool = ThreadPoolExecutor(PARALLEL_PARTS, thread_name_prefix="upload")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if not self._completed:
            self.abort(error)

    @property
    def sha256(self) -> str:
        """SHA-256 of everything written so far, hex."""
        return self._hash.hexdigest()

    def write(self, data: bytes) -> None:
        """Add bytes; blocks while too many parts are on their way.

        Raises:
            ObjectStoreError: a part could not be stored, or the object would have too many parts.
        """
        self._hash.update(data)
        self._buffer += data
        self.bytes_written += len(data)
        while len(self._buffer) >= (size := part_size(len(self._futures) + 1)):
            content = bytes(memoryview(self._buffer)[:size])
            del self._buffer[:size]
            self._send(content)

    def complete(self) -> StoredObject:
        """Finish: the object appears in the bucket, and is compared with what was sent.

        Raises:
            ObjectStoreError: a part or the finish failed, or the object's size, checksum or protection is not what
                was asked for.
        """
        if self._buffer or not self._futures:
            self._send(bytes(self._buffer))
            self._buffer.clear()
        self.parts = [future.result() for future in self._futures]
        expected = composite_checksum(self.parts)
        version_id = self._finish()
        self._completed = True
        self._pool.shutdown()
        stored = self._store.head(self.key, version_id=version_id)
        if stored.checksum is None:
            raise ObjectStoreError(
                f"The store has no checksum for {self.key}, so its content cannot be vouched for.",
                seen="no x-amz-checksum-sha256 in its answer",
                remedy="use a store that supports SHA-256 checksums of multipart uploads",
            )
        if stored.size != self.bytes_written or not same_checksum(expected, stored.checksum):
            raise ObjectStoreError(
                f"The store holds something else under {self.key} than was sent.",
                seen=f"{stored.size} bytes, {stored.checksum}; sent {self.bytes_written} bytes, {expected}",
                remedy="look for a faulty proxy or another writer of this key; then take the backup again",
            )
        return self._store.protect(stored, self._retention)

    def abort(self, cause: BaseException | None = None) -> None:
        """Give up: nothing of the upload stays in the bucket.

        Args:
            cause: the error that led here; gets a note if the store did not let go of the parts.
        """
        self._failed.set()
        self._pool.shutdown(cancel_futures=True)
        try:
            with translated(f"abort the upload of {self.key}", self._store.bucket):
                self._store.client.abort_multipart_upload(
                    Bucket=self._store.bucket, Key=self.key, UploadId=self._upload_id
                )
        except ObjectMissingError:
            return
        except ObjectStoreError as error:
            if "NoSuchUpload" not in str(error) and cause is not None:
                cause.add_note(
                    f"The unfinished upload {self._upload_id} of {self._store.location(self.key)} is still there; "
                    "the next backup or the bucket's lifecycle ends it."
                )

    def _send(self, content: bytes) -> None:
        number = len(self._futures) + 1
        if number > MAXIMUM_PARTS:
            raise ObjectStoreError(
                f"The object {self.key} is too large for one multipart upload.",
                seen=f"more than {MAXIMUM_PARTS} parts, {self.bytes_written} bytes",
                remedy="use a physical backup (pgBackRest, or the provider's snapshots) for databases of this size",
            )
        self._slots.acquire()
        if self._failed.is_set():
            self._raise_failure()
        self._futures.append(self._pool.submit(self._store_part, number, content))

    def _raise_failure(self) -> None:
        for future in self._futures:
            if future.done() and (error := future.exception()) is not None:
                raise error
        raise ObjectStoreError(f"The upload of {self.key} was given up.")

    def _store_part(self, number: int, content: bytes) -> Part:
        try:
            if self._failed.is_set():
                raise ObjectStoreError(f"The upload of {self.key} was given up.")
            checksum = encode_sha256(hashlib.sha256(content).digest())
            with translated(f"store part {number} of {self.key}", self._store.bucket):
                answer = self._store.client.upload_part(
                    Bucket=self._store.bucket,
                    Key=self.key,
                    UploadId=self._upload_id,
                    PartNumber=number,
                    Body=content,
                    ChecksumSHA256=checksum,
                )
            self._tags[number] = answer["ETag"]
            return Part(len(content), checksum)
        except BaseException:
            self._failed.set()
            raise
        finally:
            self._slots.release()

    def _finish(self) -> str | None:
        """Complete the upload; the version's id. Safe when the answer to an earlier try was lost."""
        with translated(f"finish the upload of {self.key}", self._store.bucket):
            try:
                answer = self._store.client.complete_multipart_upload(
                    Bucket=self._store.bucket,
                    Key=self.key,
                    UploadId=self._upload_id,
                    MultipartUpload={
                        "Parts": [
                            {"PartNumber": number, "ETag": self._tags[number], "ChecksumSHA256": part.sha256}
                            for number, part in enumerate(self.parts, start=1)
                        ]
                    },
                )
            except ClientError as error:
                # A retry after a lost answer finds no upload any more. If the object is not there either, the caller's
                # look at it says so.
                if error.response.get("Error", {}).get("Code") == "NoSuchUpload":
                    return None
                raise
        return answer.get("VersionId")
