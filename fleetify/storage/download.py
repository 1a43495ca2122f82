"""Download of a stored object whose parts are known: verified part by part, resumed where it broke."""

from __future__ import annotations

import hashlib
from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TYPE_CHECKING

from botocore.exceptions import HTTPClientError, IncompleteReadError, ResponseStreamingError
from urllib3.exceptions import HTTPError

from fleetify.errors import ObjectStoreError
from fleetify.storage.parts import Part, encode_sha256
from fleetify.storage.problems import translated

if TYPE_CHECKING:
    from fleetify.storage.object_store import ObjectStore

# The next part travels while one is being used.
PARALLEL_PARTS = 2
BROKEN_READS = 5


def read_parts(store: ObjectStore, key: str, parts: Sequence[Part], *, version_id: str | None) -> Iterator[bytes]:
    """The object's content in its parts; see :meth:`ObjectStore.read_parts`."""
    pool = ThreadPoolExecutor(PARALLEL_PARTS, thread_name_prefix="download")
    waiting: deque[Future[bytes]] = deque()
    offset = 0
    try:
        for number, part in enumerate(parts, start=1):
            waiting.append(pool.submit(_read_part, store, key, number, offset, part, version_id=version_id))
            offset += part.size
            if len(waiting) > PARALLEL_PARTS:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
    finally:
        pool.shutdown(cancel_futures=True)


def _read_part(store: ObjectStore, key: str, number: int, offset: int, part: Part, *, version_id: str | None) -> bytes:
    """One part, by its range of bytes; a connection that breaks in the middle is tried again."""
    if part.size == 0:
        return b""
    version = {"VersionId": version_id} if version_id else {}
    for attempt in range(1, BROKEN_READS + 1):
        with translated(f"read part {number} of {key}", store.bucket):
            try:
                answer = store.client.get_object(
                    Bucket=store.bucket,
                    Key=key,
                    Range=f"bytes={offset}-{offset + part.size - 1}",
                    **version,  # type: ignore[arg-type]  # optional argument
                )
                with answer["Body"] as body:
                    content = body.read(part.size + 1)
                # A limited read does not complain of a connection that ended early.
                if len(content) < min(answer["ContentLength"], part.size + 1):
                    raise IncompleteReadError(actual_bytes=len(content), expected_bytes=answer["ContentLength"])
            except (HTTPClientError, IncompleteReadError, ResponseStreamingError, HTTPError) as error:
                if attempt == BROKEN_READS:
                    raise ObjectStoreError(
                        f"Cannot read part {number} of {key}: the connection broke {attempt} times.",
                        seen=f"{type(error).__name__}",
                        remedy="check the network; then run it again",
                    ) from None
                continue
        break
    checksum = encode_sha256(hashlib.sha256(content).digest())
    if len(content) != part.size or checksum != part.sha256:
        raise ObjectStoreError(
            f"Part {number} of {key} is not what was stored: the backup is damaged or was tampered with.",
            seen=f"{len(content)} bytes with SHA-256 {checksum}, stored were {part.size} with {part.sha256}",
            remedy="do not use this backup; take the newest one that verifies: fleetify backups list",
        )
    return content
