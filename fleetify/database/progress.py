"""Lines that show how far a long step is, every few seconds."""

from __future__ import annotations

import time
from collections.abc import Callable

Progress = Callable[[str], None]
INTERVAL_SECONDS = 3.0
MEGABYTE = 1_000_000


def ignore(_line: str) -> None:
    """Show nothing."""


class Meter:
    """Tells bytes and speed, at most every few seconds.

    Args:
        tell: takes one line.
        action: how the lines begin (``dumped``).
        total: bytes expected; None where nobody knows.
    """

    def __init__(self, tell: Progress, action: str, *, total: int | None = None) -> None:
        self._tell = tell
        self._action = action
        self._total = total
        self._began = self._told = time.monotonic()
        self.seconds = 0.0

    def at(self, done: int) -> None:
        """Tell the position, unless that was done just now."""
        now = time.monotonic()
        self.seconds = now - self._began
        if now - self._told >= INTERVAL_SECONDS:
            self._told = now
            self._tell(self.line(done))

    def line(self, done: int) -> str:
        """``dumped 512 MB of 1,046 MB, 180 MB/s``."""
        seconds = max(time.monotonic() - self._began, 0.001)
        of_total = f" of {self._total / MEGABYTE:,.0f} MB" if self._total is not None else ""
        size = f"{done / MEGABYTE:,.1f}" if done < 10 * MEGABYTE else f"{done / MEGABYTE:,.0f}"
        return f"{self._action} {size} MB{of_total}, {done / MEGABYTE / seconds:,.0f} MB/s"
