"""``make rehearse``: a release and its way back, on this machine, with the real engine and a real database."""

from __future__ import annotations

import os
import time
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console

from rehearsal import environment, report
from rehearsal.errors import RehearsalError
from rehearsal.home import ROOT, STACK, Home
from rehearsal.stack import NEW_RELEASE, OLD_RELEASE, SCHEMA_KEY
from rehearsal.steps import (
    Result,
    Say,
    Scene,
    Step,
    both,
    changes_something,
    measured,
    older_tables,
    other_schema_than,
    pulumi,
    same_as,
    set_config,
)

OLD, NEW = OLD_RELEASE, NEW_RELEASE
REPORT = ROOT / "out" / "rehearsal.json"
_START = "start"

_UP = ("up", "--yes", "--skip-preview")
_UNCHANGED = ("preview", "--expect-no-changes")


def database_steps(old: str, new: str) -> list[Step]:
    """The database half of a release: forward, nothing left to do, back, nothing left to do, forward again.

    Args:
        old: the release that is deployed.
        new: the one to go to.
    """
    to_new, to_old = set_config(SCHEMA_KEY, new), set_config(SCHEMA_KEY, old)
    return [
        Step(f"preview {new}", both(to_new, pulumi("preview")), (changes_something, same_as(_START))),
        Step(f"release {new}", pulumi(*_UP), (changes_something, other_schema_than(_START))),
        Step("preview again: empty", pulumi(*_UNCHANGED), (same_as(f"release {new}"),)),
        Step(f"preview rollback to {old}", both(to_old, pulumi("preview")), (changes_something,)),
        Step(f"roll back to {old}", pulumi(*_UP), (changes_something, same_as(_START))),
        Step("preview after rollback: empty", pulumi(*_UNCHANGED), (same_as(_START),)),
        Step(f"roll forward to {new}", both(to_new, pulumi(*_UP)), (same_as(f"release {new}"),)),
    ]


def rehearse(home: Home, say: Say, console: Console, *, keep: bool, report_path: Path = REPORT) -> bool:
    """Run the whole rehearsal.

    Args:
        home: where; nothing may run there yet.
        say: shows a line.
        console: for the table.
        keep: leave everything running afterwards.
        report_path: where the report goes.

    Returns:
        Whether every step came out right.

    Raises:
        RehearsalError: a rehearsal runs there already, or could not be started.
    """
    if environment.status(home).running:
        raise RehearsalError(
            f"A rehearsal runs already, in {home.path}.",
            remedy="go on with it by hand, or end it first: fleetify rehearsal stop",
        )
    kept = False
    try:
        _headline(say, _START)
        began = time.monotonic()
        environment.start(home, say)
        scene = _scene(home, say)
        scene.results[_START] = measured(scene, _START, seconds=round(time.monotonic() - began, 2), changes={})
        _perform(scene, database_steps(OLD, NEW))
        results = list(scene.results.values())
        server = scene.record.postgres
        report.write(report_path, results, facts={"from": OLD, "to": NEW, "postgres": server["version"]})
        say("")
        report.show(results, console)
        say(f"Report: {_relative(report_path)}")
        kept = keep
        if keep:
            _explain(say)
        return all(result.verdict == "ok" for result in results)
    finally:
        if not kept:
            environment.stop(home, say, force=True)


def _scene(home: Home, say: Say) -> Scene:
    record = home.read()
    if record is None:
        raise RehearsalError("The rehearsal was stopped while it ran.", remedy="start again: make rehearse")
    return Scene(home, record, say, older_tables(record))


def _perform(scene: Scene, steps: Sequence[Step]) -> None:
    for step in steps:
        _headline(scene.say, step.name)
        result: Result = step.perform(scene)
        scene.say(f"{result.verdict}: {result.seconds:.1f} s" + (f"\n{result.reason}" if result.reason else ""))
        if result.verdict != "ok":
            return


def _headline(say: Say, name: str) -> None:
    say(f"\n== {name}")


def _relative(path: Path) -> str:
    return os.path.relpath(path) if path.is_relative_to(Path.cwd()) else str(path)


def _explain(say: Say) -> None:
    say("")
    say(f"It is left running, at {NEW}. Pulumi.{STACK}.yaml in the work tree says what comes next. To go on by hand:")
    for line in (
        'eval "$(.venv/bin/fleetify rehearsal env)"',
        f"pulumi config set {SCHEMA_KEY} {OLD} -s {STACK}",
        f"pulumi up -s {STACK}      # the rollback",
        f"pulumi config set {SCHEMA_KEY} {NEW} -s {STACK}",
        f"pulumi up -s {STACK}      # forward again",
        'psql "$FLEETIFY_DATABASE_URL"',
        "fleetify rehearsal stop",
    ):
        say(f"  {line}")
