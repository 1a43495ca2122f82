"""Slows down guessing of passwords."""

from __future__ import annotations

import time
from collections import OrderedDict
from typing import Final

_WINDOW_SECONDS: Final = 60.0
_MOST_FAILURES: Final = 10
_MOST_REMEMBERED: Final = 10_000


class Throttle:
    """Counts failures per account over the last minute, in bounded memory."""

    def __init__(self) -> None:
        self._failures: OrderedDict[str, list[float]] = OrderedDict()

    def wait(self, account: str) -> int:
        """Seconds until the account may be tried again; 0: now."""
        recent = self._recent(account)
        return 0 if len(recent) < _MOST_FAILURES else int(_WINDOW_SECONDS - (time.monotonic() - recent[0])) + 1

    def failed(self, account: str) -> None:
        """Count a failure."""
        self._failures[account] = [*self._recent(account), time.monotonic()]
        self._failures.move_to_end(account)
        while len(self._failures) > _MOST_REMEMBERED:
            self._failures.popitem(last=False)

    def _recent(self, account: str) -> list[float]:
        since = time.monotonic() - _WINDOW_SECONDS
        return [moment for moment in self._failures.get(account, []) if moment > since]
