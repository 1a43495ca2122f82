"""The steps that rehearsals are made of: each does one thing, is timed, and says whether it came out right."""

from __future__ import annotations

import json
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from rehearsal import stack
from rehearsal.digests import data_digest, schema_digest, tables
from rehearsal.errors import RehearsalError
from rehearsal.home import STACK, Home, Record

Say = Callable[[str], None]
UNEXPECTED_CHANGES = 7
"""Exit code of ``pulumi … --expect-no-changes`` when there are some."""


@dataclass(frozen=True)
class Result:
    """How a step went.

    Attributes:
        name: the step's.
        seconds: how long it took, digests not counted.
        changes: number of resources by what happened to them (create, update, replace, delete, same).
        verdict: ``ok`` or ``failed``.
        reason: why it failed, empty otherwise.
        schema_digest: of the application's schema afterwards.
        data_digest: of the rows of the tables that were there before the release, afterwards.
    """

    name: str
    seconds: float
    changes: dict[str, int]
    verdict: Literal["ok", "failed"]
    reason: str
    schema_digest: str
    data_digest: str


@dataclass
class Scene:
    """What a rehearsal's steps share.

    Attributes:
        home: the rehearsal's folder.
        record: what runs.
        say: shows a line.
        older: the tables that were there before the release.
        results: of the steps so far, by name.
    """

    home: Home
    record: Record
    say: Say
    older: Sequence[str]
    results: dict[str, Result] = field(default_factory=dict)

    @property
    def database(self) -> str:
        """URL of the database."""
        return str(self.record.postgres["database_url"])


Act = Callable[[Scene], dict[str, int]]
"""Does the step; returns its changes. RehearsalError: it failed."""
Verify = Callable[[Scene, Result], "str | None"]
"""Looks at the result; why it is wrong, or None."""


@dataclass(frozen=True)
class Step:
    """One step of a rehearsal.

    Attributes:
        name: unique in the rehearsal, as in the report.
        act: what to do.
        verify: what must be true afterwards.
    """

    name: str
    act: Act
    verify: Sequence[Verify] = ()

    def perform(self, scene: Scene) -> Result:
        """Do it, time it, measure it, verify it."""
        began = time.monotonic()
        changes: dict[str, int] = {}
        reason = ""
        try:
            changes = self.act(scene)
        except RehearsalError as error:
            reason = str(error)
        seconds = round(time.monotonic() - began, 2)
        result = measured(scene, self.name, seconds=seconds, changes=changes, reason=reason)
        for verify in self.verify if not reason else ():
            if fault := verify(scene, result):
                result = measured(scene, self.name, seconds=seconds, changes=changes, reason=fault)
                break
        scene.results[self.name] = result
        return result


def measured(scene: Scene, name: str, *, seconds: float, changes: dict[str, int], reason: str = "") -> Result:
    """A result with the database's digests as they are now."""
    bindir = Path(str(scene.record.postgres["bindir"]))
    return Result(
        name=name,
        seconds=seconds,
        changes=changes,
        verdict="failed" if reason else "ok",
        reason=reason,
        schema_digest=schema_digest(scene.database, bindir),
        data_digest=data_digest(scene.database, scene.older),
    )


def older_tables(record: Record) -> list[str]:
    """The application's tables now, for a scene that is about to change them."""
    return tables(str(record.postgres["database_url"]))


def set_config(key: str, value: str) -> Act:
    """Set a value of the stack's config."""

    def act(scene: Scene) -> dict[str, int]:
        scene.say(f"$ pulumi config set {key} {value} -s {STACK}")
        stack.run(scene.home, scene.record, ["config", "set", key, value, "-s", STACK])
        return {}

    return act


def pulumi(*args: str) -> Act:
    """Run ``pulumi`` with these arguments on the stack, its output live, its changes counted from its event log."""

    def act(scene: Scene) -> dict[str, int]:
        scene.say(f"$ pulumi {' '.join(args)} -s {STACK}")
        with tempfile.TemporaryDirectory(dir=scene.home.path, prefix="events-") as folder:
            log = Path(folder) / "events.json"
            command = [*args, "-s", STACK, "--suppress-progress", "--event-log", str(log)]
            code, _ = stack.run(scene.home, scene.record, command, show=scene.say, accept=(0, UNEXPECTED_CHANGES))
            changes = _changes(log)
        if code == UNEXPECTED_CHANGES:
            raise RehearsalError(
                "Nothing was expected to change.", seen=", ".join(f"{v} {k}" for k, v in changes.items())
            )
        return changes

    return act


def both(*acts: Act) -> Act:
    """Several acts as one step; the changes of the last."""

    def act(scene: Scene) -> dict[str, int]:
        changes: dict[str, int] = {}
        for one in acts:
            changes = one(scene)
        return changes

    return act


def same_as(other: str, *, data: bool = True) -> Verify:
    """Schema, and rows of the older tables, are those after another step."""

    def verify(scene: Scene, result: Result) -> str | None:
        reference = scene.results[other]
        if result.schema_digest != reference.schema_digest:
            return f"The schema differs from that after {other!r}."
        if data and result.data_digest != reference.data_digest:
            return f"Rows of tables that are older than the release differ from those after {other!r}."
        return None

    return verify


def other_schema_than(other: str) -> Verify:
    """The schema is not that after another step: the release did something."""

    def verify(scene: Scene, result: Result) -> str | None:
        unchanged = result.schema_digest == scene.results[other].schema_digest
        return f"The schema is still that after {other!r}." if unchanged else None

    return verify


def changes_something(_scene: Scene, result: Result) -> str | None:
    """At least one resource was not the same."""
    changed = any(count for what, count in result.changes.items() if what != "same")
    return None if changed else "Nothing would change."


def _changes(log: Path) -> dict[str, int]:
    found: dict[str, Any] = {}
    if log.exists():
        for line in log.read_text(errors="replace").splitlines():
            found = json.loads(line).get("summaryEvent") or found
    return {name: int(count) for name, count in (found.get("resourceChanges") or {}).items()}
