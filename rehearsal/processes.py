"""Processes that outlive us: how to recognise, stop and never mistake them.

A pid alone proves nothing, because the kernel reuses it. A process is therefore known by its pid and
the moment it started, in clock ticks since a boot that has an id of its own.
"""

from __future__ import annotations

import os
import signal
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

_PROC = Path("/proc")


@dataclass(frozen=True)
class ProcessId:
    """One process, for as long as it lives and never another.

    Attributes:
        pid: the number.
        started: when it started, as an opaque string that differs between processes of the same number.
    """

    pid: int
    started: str

    @classmethod
    def of(cls, pid: int) -> ProcessId | None:
        """The process that has this number now, or None."""
        started = _started(pid)
        return cls(pid, started) if started else None

    def alive(self) -> bool:
        """Whether this very process still runs (a zombie does not)."""
        return _started(self.pid) == self.started

    def stop(self, number: signal.Signals = signal.SIGTERM, *, patience: float = 10.0) -> bool:
        """Signal the process, wait, and kill it when it does not go.

        Args:
            number: the signal that asks it to end.
            patience: seconds to wait before SIGKILL.

        Returns:
            Whether it was alive.
        """
        if not self.alive():
            return False
        for attempt, seconds in ((number, patience), (signal.SIGKILL, 5.0)):
            try:
                os.kill(self.pid, attempt)
            except ProcessLookupError:
                return True
            if self.wait(seconds):
                return True
        return True

    def wait(self, seconds: float) -> bool:
        """Wait for its end; False when it still runs after so many seconds."""
        deadline = time.monotonic() + seconds
        while self.alive():
            if time.monotonic() > deadline:
                return False
            _reap(self.pid)
            time.sleep(0.02)
        return True


def _reap(pid: int) -> None:
    """Take the exit status if it is a child of ours, so that it does not stay as a zombie."""
    try:
        os.waitpid(pid, os.WNOHANG)
    except ChildProcessError:
        return


def _started(pid: int) -> str | None:
    if not _PROC.joinpath("self/stat").exists():
        return _started_without_proc(pid)
    try:
        stat = _PROC.joinpath(str(pid), "stat").read_text()
    except OSError:
        return None
    # The second field is the command in brackets and may itself contain spaces and brackets (proc(5)).
    fields = stat.rpartition(")")[2].split()
    state, ticks = fields[0], fields[19]
    if state in "ZX":
        return None
    return f"{ticks}@{_PROC.joinpath('sys/kernel/random/boot_id').read_text().strip()}"


def _started_without_proc(pid: int) -> str | None:
    """macOS and the BSDs have no /proc; ps knows the start to the second."""
    answer = subprocess.run(
        ["ps", "-o", "state=,lstart=", "-p", str(pid)],
        capture_output=True,
        text=True,
        timeout=10,
        check=False,
    )
    state, _, started = answer.stdout.strip().partition(" ")
    return started.strip() or None if not state.startswith("Z") else None
