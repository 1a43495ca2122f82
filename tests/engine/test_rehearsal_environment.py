"""The laptop environment as its user meets it: commands, exit codes, and what is left behind."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest

from rehearsal import postgres
from rehearsal.home import Home
from rehearsal.processes import ProcessId

pytestmark = pytest.mark.engine
ROOT = Path(__file__).parents[2]


class Rehearsal:
    """The command line on a folder of its own."""

    def __init__(self, folder: Path) -> None:
        self.home = folder
        self.env = {name: value for name, value in os.environ.items() if not name.startswith(("PULUMI_", "AWS_"))}
        self.env["FLEETIFY_REHEARSAL_HOME"] = str(folder)

    def popen(self, *args: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [sys.executable, "-m", "rehearsal", *args],
            cwd=ROOT,
            env=self.env,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            text=True,
        )

    def run(self, *args: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "rehearsal", *args],
            cwd=ROOT,
            env=self.env,
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )

    def record(self) -> dict[str, Any]:
        loaded: dict[str, Any] = json.loads((self.home / "environment.json").read_text())
        return loaded

    def wait_for(self, part: str) -> dict[str, Any]:
        """The record, once that part of it is there."""
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            try:
                record = self.record()
            except FileNotFoundError:
                record = {}
            if record.get(part):
                return record
            time.sleep(0.05)
        pytest.fail(f"{part} was never started")

    def data(self) -> Path:
        return postgres.data_root(self.home) / "postgres"


@pytest.fixture
def rehearsal(tmp_path: Path) -> Iterator[Rehearsal]:
    one = Rehearsal(tmp_path / "home")
    try:
        yield one
    finally:
        one.run("stop", "--force")
        if one.data().parent != one.home:
            one.data().parent.rmdir()  # asking for its name makes it


def process(part: dict[str, Any]) -> ProcessId:
    return ProcessId(int(part["pid"]), str(part["started"]))


def tree() -> str:
    """The committed files that a rehearsal could touch, as they are."""
    command = ["git", "status", "--porcelain", "--", "Pulumi*.yaml", "migrations", "releases"]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout


def test_life(rehearsal: Rehearsal) -> None:
    before = tree()
    assert rehearsal.run("status").returncode == 3
    refused = rehearsal.run("env")
    assert (refused.returncode, "fleetify rehearsal start" in refused.stderr) == (1, True)

    started = rehearsal.run("start")
    assert started.returncode == 0, started.stdout + started.stderr
    status = rehearsal.run("status")
    assert status.returncode == 0
    assert "fleetify:schema: phase-7c" in status.stdout
    again = rehearsal.run("start")
    assert (again.returncode, "runs already" in again.stdout) == (0, True)

    record = rehearsal.record()
    assert (rehearsal.home / "environment.json").stat().st_mode & 0o077 == 0
    with psycopg.connect(record["postgres"]["database_url"]) as connection:
        assert connection.execute("SELECT count(*) FROM public.companies").fetchone() == (3,)
    shell = 'eval "$("$0" -m rehearsal env)" && pulumi preview -s rehearsal --non-interactive --expect-no-changes'
    by_hand = subprocess.run(
        ["bash", "-c", shell, sys.executable], cwd=ROOT, env=rehearsal.env, capture_output=True, text=True, check=False
    )
    assert by_hand.returncode == 0, by_hand.stdout + by_hand.stderr
    assert tree() == before

    process(record["aws"]).stop()
    broken = rehearsal.run("status")
    assert (broken.returncode, "AWS server ended" in broken.stdout) == (3, True)

    stopped = rehearsal.run("stop")
    assert stopped.returncode == 0, stopped.stderr
    assert not process(record["postgres"]).alive()
    assert not Path(record["postgres"]["data"]).exists()
    assert [path.name for path in rehearsal.home.iterdir()] == ["lock"]
    nothing = rehearsal.run("stop")
    assert (nothing.returncode, "No rehearsal runs" in nothing.stdout) == (0, True)


@pytest.mark.parametrize(("part", "number"), [("postgres", signal.SIGKILL), ("aws", signal.SIGKILL)])
def test_what_a_killed_start_leaves_the_next_command_removes(
    part: str, number: signal.Signals, rehearsal: Rehearsal
) -> None:
    starting = rehearsal.popen("start")
    record = rehearsal.wait_for(part)
    starting.send_signal(number)
    starting.wait(30)
    assert rehearsal.run("status").returncode == 3
    assert rehearsal.run("stop", "--force").returncode == 0
    for name in ("postgres", "aws"):
        assert not record[name] or not process(record[name]).alive()
    assert not rehearsal.data().exists()


def test_asked_to_end_a_start_leaves_nothing(rehearsal: Rehearsal) -> None:
    starting = rehearsal.popen("start")
    record = rehearsal.wait_for("postgres")
    starting.send_signal(signal.SIGTERM)
    assert starting.wait(90) == 128 + signal.SIGTERM
    assert not process(record["postgres"]).alive()
    assert not rehearsal.data().exists()
    assert not (rehearsal.home / "environment.json").exists()


def test_second_start_says_who_is_at_it(rehearsal: Rehearsal) -> None:
    with Home(rehearsal.home).locked("start"):
        second = rehearsal.run("start")
    assert second.returncode == 1
    assert f"start, pid {os.getpid()}" in second.stderr


def test_unreadable_record_is_an_error_with_a_remedy(rehearsal: Rehearsal) -> None:
    rehearsal.home.mkdir()
    (rehearsal.home / "environment.json").write_text("{")
    status = rehearsal.run("status")
    assert (status.returncode, "rm -rf" in status.stderr) == (1, True)
    (rehearsal.home / "environment.json").unlink()
