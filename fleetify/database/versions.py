"""The order of migration versions."""

from __future__ import annotations

import re

VersionKey = tuple[int, ...]


def version_key(version: str) -> VersionKey:
    """What sorts versions: their numbers, so that ``2`` comes before ``10`` and ``1.2`` before ``1.10``.

    Raises:
        ValueError: the version holds no digit.
    """
    numbers = re.findall(r"[0-9]+", version)
    if not numbers:
        raise ValueError(f"no version: {version!r}")
    return tuple(int(number) for number in numbers)
