"""What every layout answers about a file name."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal, Protocol

# A version longer than this fits no tool's ledger (golang-migrate: uint64, Flyway: 50 characters).
LONGEST_VERSION = 50
_BACKUP_COPY = re.compile(
    r"(~|\.(bak|backup|orig|old|save|rej|swp|tmp|disabled|skip)(\.sql)?"
    r"|[ _-]copy( ?\(?[0-9]+\)?)?\.sql| \([0-9]+\)\.sql)$"
)


@dataclass(frozen=True, slots=True)
class FileName:
    """A migration's file name, read.

    Attributes:
        version: what orders it, as its ledger records it.
        name: the rest.
        direction: ``both`` for layouts that keep the way back in the same file.
    """

    version: str
    name: str
    direction: Literal["up", "down", "both"]


@dataclass(frozen=True, slots=True)
class Unmatched:
    """Why a file name is none of this layout.

    Attributes:
        kind: a word for it, for reports: ``backup-copy``, ``not-sql``, ``short-version``, ``no-version``, ``name``.
        reason: one sentence.
        remedy: what to do next.
    """

    kind: str
    reason: str
    remedy: str


class Layout(Protocol):
    """How one tool lays out its folder."""

    id: str
    example: str
    """A valid file name, for messages."""

    down_may_differ: bool
    """Whether up and down belong together by version alone, whatever their names."""

    def read(self, filename: str) -> FileName | Unmatched:
        """The parts of a file's name."""

    def down_name(self, filename: str) -> str | None:
        """The down script's file name that belongs to this up script; None where both are in one file."""


def unmatched(filename: str, example: str) -> Unmatched:
    """Why a name fits no SQL layout at all, from the obvious to the general."""
    ignore = "list it under 'ignore'"
    if _BACKUP_COPY.search(filename.lower()):
        return Unmatched("backup-copy", "looks like a backup copy.", f"delete it, or {ignore}")
    if not filename.endswith(".sql"):
        return Unmatched("not-sql", "is no .sql file.", f"move it out of the folder, or {ignore}")
    if not filename[:1].isdigit():
        return Unmatched("no-version", "has no version in front.", f"rename it like {example}, or {ignore}")
    return Unmatched("name", "is not named as the layout wants it.", f"rename it like {example}, or {ignore}")
