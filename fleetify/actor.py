"""Who carries out this run: for the ledger, the decisions and the announcements."""

from __future__ import annotations

import getpass
import os
import socket

MAX_LENGTH = 120


def current_actor() -> str:
    """``FLEETIFY_ACTOR``, else whom GitHub Actions names, else ``user@host``; printable, at most 120 characters."""
    named = os.environ.get("FLEETIFY_ACTOR") or os.environ.get("GITHUB_ACTOR")
    if not named:
        try:
            user = getpass.getuser()
        except (KeyError, OSError):
            user = str(os.getuid())
        named = f"{user}@{socket.gethostname()}"
    return "".join(letter for letter in named if letter.isprintable())[:MAX_LENGTH]
