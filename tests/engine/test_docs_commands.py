"""The commands of the how-to pages, run as they stand there, in their order."""

from __future__ import annotations

import os
import re
import subprocess

import pytest

from tests.support.pulumi import ROOT
from tests.support.stage import Stage

pytestmark = [pytest.mark.engine, pytest.mark.database]

# Bringing up a rehearsal has tests of its own; here a stage stands for it.
ELSEWHERE = re.compile(r"^(make |KEEP=1|git |eval |\.venv/bin/fleetify rehearsal )")


def commands(page: str) -> list[str]:
    """The lines behind ``$`` in the console blocks of a page."""
    blocks = re.findall(r"```console\n(.*?)```", (ROOT / "docs/how-to" / page).read_text(), re.DOTALL)
    lines = [line.strip() for block in blocks for line in block.splitlines()]
    return [line.removeprefix("$ ") for line in lines if line.startswith("$ ")]


def run(stage: Stage, command: str) -> str:
    """Run a line in a shell as the reader would."""
    path = os.pathsep.join([str(stage.server.bindir), stage.pulumi.env["PATH"]])
    answer = subprocess.run(
        ["bash", "-c", command],
        cwd=stage.folder,
        env={**stage.pulumi.env, "PATH": path, "PULUMI_OPTION_NON_INTERACTIVE": "true"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=300,
        check=False,
    )
    assert answer.returncode == 0, f"$ {command}\n{answer.stdout}"
    return answer.stdout


def test_release_and_roll_back(stage: Stage) -> None:
    shown = {}
    for page in ("release.md", "roll-back.md"):
        for command in commands(page):
            if not ELSEWHERE.match(command):
                shown[command] = run(stage, command)
        if page == "release.md":
            assert len(stage.applied()) == 4
    history = next(text for command, text in shown.items() if "stack history" in command)
    assert "phase-7d, window of 2 o'clock" in history
    events = next(text for command, text in shown.items() if "ledger_events" in command)
    assert "duty engineer" in events
    assert len(stage.applied()) == 4
