"""Faults of migration files: collected first, then raised together, so that one run shows all of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from fleetify.errors import MigrationFileError

SHOWN_AT_MOST = 50


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing wrong with one migration file.

    Attributes:
        path: the file, relative to the project; ``path:line`` where a line is to blame.
        problem: what is wrong, one sentence.
        seen: the value that was found.
        remedy: what to do next.
        files: names of the files in the folder that are concerned, where there are several.
        kind: a word for it where callers tell faults apart: ``empty``, ``orphan-down``, or an ``Unmatched.kind``.
    """

    path: str
    problem: str
    seen: str | None
    remedy: str
    files: tuple[str, ...] = ()
    kind: str = ""

    def __str__(self) -> str:
        lines = [f"{self.path}: {self.problem}"]
        if self.seen is not None:
            lines.append(f"  seen: {self.seen}")
        lines.append(f"  next: {self.remedy}")
        return "\n".join(lines)


class MigrationFaultsError(MigrationFileError):
    """Migration files are wrong; ``faults`` lists every one of them."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        self.faults = tuple(faults)
        if len(faults) == 1:
            only = faults[0]
            super().__init__(f"{only.path}: {only.problem}", seen=only.seen, remedy=only.remedy)
            return
        shown = [str(fault) for fault in faults[:SHOWN_AT_MOST]]
        if len(faults) > SHOWN_AT_MOST:
            shown.append(f"… and {len(faults) - SHOWN_AT_MOST} more")
        super().__init__("\n".join([f"{len(faults)} faults in migration files:", *shown]))


def refuse(faults: Sequence[Fault]) -> None:
    """Raise all faults as one error; no faults, no error.

    Raises:
        MigrationFaultsError: there is at least one fault.
    """
    if faults:
        raise MigrationFaultsError(faults)
