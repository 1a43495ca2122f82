"""Parts of a multipart object: their sizes, their checksums, and the object's own checksum made of them.

S3's composite checksum is the SHA-256 of the concatenated binary SHA-256s of the parts, base64, followed by ``-<number
of parts>``: https://docs.aws.amazon.com/AmazonS3/latest/userguide/checking-object-integrity-upload.html
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Sequence
from typing import NamedTuple

MEBIBYTE = 1024 * 1024
MAXIMUM_PARTS = 10_000

_SMALL_PART = 8 * MEBIBYTE
_LARGE_PART = 32 * MEBIBYTE
_SMALL_PARTS = 4_000


class Part(NamedTuple):
    """One part: its size in bytes and its SHA-256 in base64, as S3 writes it."""

    size: int
    sha256: str


def part_size(number: int) -> int:
    """How many bytes the part of this number (from 1) holds, unless it is the last.

    8 MiB measured as fast as any larger size; from part 4,001 on (32 GB) they are larger, so that the 10,000 parts
    S3 allows hold 220 GB.
    """
    return _SMALL_PART if number <= _SMALL_PARTS else _LARGE_PART


def encode_sha256(digest: bytes) -> str:
    """A binary SHA-256 in base64."""
    return base64.b64encode(digest).decode("ascii")


def composite_checksum(parts: Sequence[Part]) -> str:
    """The object's own checksum, as S3 computes it from those of its parts."""
    joined = b"".join(base64.b64decode(part.sha256) for part in parts)
    return f"{encode_sha256(hashlib.sha256(joined).digest())}-{len(parts)}"


def same_checksum(ours: str, theirs: str) -> bool:
    """Whether two composite checksums are one; some S3 servers leave out the number of parts."""
    return ours == theirs or ours.rpartition("-")[0] == theirs
