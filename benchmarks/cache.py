"""Where fetched tools are kept: outside the tree, by name and version, complete or not there."""

from __future__ import annotations

import fcntl
import os
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path


def root() -> Path:
    """$FLEETIFY_CACHE, else $XDG_CACHE_HOME/fleetify, else ~/.cache/fleetify; in it the folder ``benchmarks``."""
    if given := os.environ.get("FLEETIFY_CACHE"):
        base = Path(given).expanduser().resolve()
    elif xdg := os.environ.get("XDG_CACHE_HOME"):
        base = Path(xdg).resolve() / "fleetify"
    else:
        base = Path.home() / ".cache" / "fleetify"
    return base / "benchmarks"


def kept(key: str, make: Callable[[Path], None]) -> Path:
    """The folder of that key, made once.

    Args:
        key: name and version.
        make: fills an empty folder; what it raises leaves nothing behind. The folder is moved afterwards, so it must
            not hold its own path.
    """
    folder = root()
    folder.mkdir(parents=True, exist_ok=True)
    target = folder / key
    with (folder / "lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not target.exists():
            temporary = Path(tempfile.mkdtemp(prefix="tmp-", dir=folder))
            try:
                make(temporary)
                temporary.rename(target)
            finally:
                shutil.rmtree(temporary, ignore_errors=True)
    return target
