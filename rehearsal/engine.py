"""Where the rehearsal's ``pulumi`` comes from: the engine script of this project."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from rehearsal.errors import RehearsalError

_ROOT = Path(__file__).resolve().parents[1]
_BUILD_SECONDS = 1800.0


def bin_directory() -> Path:
    """The directory of a working ``pulumi``, built or downloaded if need be; its chatter goes to stderr.

    ``FLEETIFY_ENGINE_BIN`` names one that is there already.

    Raises:
        RehearsalError: the engine script failed.
    """
    named = os.environ.get("FLEETIFY_ENGINE_BIN")
    if named:
        return Path(named)
    command = [sys.executable, str(_ROOT / "engine" / "provide.py")]
    try:
        answer = subprocess.run(
            command, cwd=_ROOT, stdout=subprocess.PIPE, text=True, timeout=_BUILD_SECONDS, check=False
        )
    except subprocess.TimeoutExpired:
        raise RehearsalError(
            f"Getting a pulumi engine took longer than {_BUILD_SECONDS / 60:.0f} minutes.",
            remedy="try again: python engine/provide.py",
        ) from None
    lines = answer.stdout.split("\n")
    folder = Path(next((line.strip() for line in reversed(lines) if line.strip()), ""))
    if answer.returncode != 0 or not (folder / "pulumi").exists():
        raise RehearsalError(
            "There is no working pulumi engine.",
            seen=f"engine/provide.py ended with {answer.returncode}",
            remedy="see what it says: python engine/provide.py",
        )
    return folder
