"""What can go wrong on the laptop: one exception, worded like the product's own errors."""

from __future__ import annotations


class RehearsalError(Exception):
    """The rehearsal environment cannot do what was asked.

    Args:
        problem: what failed, one sentence.
        seen: the value that was found; never a secret.
        remedy: what to do next, a command where there is one.
    """

    def __init__(self, problem: str, *, seen: str | None = None, remedy: str | None = None) -> None:
        self.problem = problem
        lines = [problem]
        if seen:
            lines.append(f"  seen: {seen}")
        if remedy:
            lines.append(f"  next: {remedy}")
        super().__init__("\n".join(lines))
