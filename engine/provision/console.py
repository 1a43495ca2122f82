"""What the person at the terminal reads: news, progress, and errors that say what to do next."""

from __future__ import annotations

import sys
import time


class EngineError(Exception):
    """No engine could be had from a source.

    Args:
        problem: what failed, one sentence.
        seen: what was found, such as the last lines of a tool's output.
        remedy: what to do next.
    """

    def __init__(self, problem: str, *, seen: str | None = None, remedy: str | None = None) -> None:
        self.problem = problem
        lines = [problem]
        if seen:
            lines.append(f"  seen: {seen}")
        if remedy:
            lines.append(f"  next: {remedy}")
        super().__init__("\n".join(lines))


def say(message: str) -> None:
    """Write one line of news to standard error; standard output belongs to the result."""
    sys.stderr.write(f"engine: {message}\n")
    sys.stderr.flush()


class Progress:
    """A line that counts up: in place on a terminal, every ten seconds in a log.

    Args:
        doing: what is going on, such as ``compiling``.
    """

    def __init__(self, doing: str) -> None:
        self._doing = doing
        self._start = time.monotonic()
        self._shown = self._start
        self._live = sys.stderr.isatty()

    def update(self, state: str) -> None:
        """Show how far it is, such as ``120 of 1689 packages``."""
        now = time.monotonic()
        if now - self._shown < (0.2 if self._live else 10):
            return
        self._shown = now
        line = f"engine: {self._doing}: {state}, {now - self._start:.0f} s"
        sys.stderr.write(f"\r\x1b[2K{line}" if self._live else f"{line}\n")
        sys.stderr.flush()

    def done(self) -> None:
        """Clear the line."""
        if self._live:
            sys.stderr.write("\r\x1b[2K")
            sys.stderr.flush()
