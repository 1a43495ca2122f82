"""The folder outside the tree where engines are kept, safe for several runs at once.

Everything is made in a temporary folder beside its place and moved there in one step, under a lock that only
one run holds. So whatever is in its place is complete.

    <cache>/engine/<key>/bin          an engine that was built or installed
    <cache>/engine/verified/<digest>  facts about an engine that passed verification
    <cache>/engine/go-<version>       a Go toolchain from PyPI
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from provision.console import EngineError, say
from provision.pins import PROGRAMS, sdk

LOCK_TIMEOUT = 30 * 60
"""Seconds to wait for another run, which may be building on a slow machine."""


def root() -> Path:
    """The cache folder: $FLEETIFY_CACHE, else $XDG_CACHE_HOME/fleetify, else ~/.cache/fleetify."""
    if given := os.environ.get("FLEETIFY_CACHE"):
        return Path(given).expanduser().resolve() / "engine"
    if base := os.environ.get("XDG_CACHE_HOME"):
        return Path(base).resolve() / "fleetify" / "engine"
    try:
        home = Path.home()
    except RuntimeError:
        raise EngineError(
            "There is no home directory to keep the engine in.",
            remedy="set FLEETIFY_CACHE to a folder that this user may write to",
        ) from None
    return home / ".cache" / "fleetify" / "engine"


@contextmanager
def locked() -> Iterator[None]:
    """Hold the cache's lock, waiting for other runs, and clear what a killed run left behind.

    Raises:
        EngineError: the folder cannot be written, or another run holds the lock for too long.
    """
    folder = root()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        handle = (folder / "lock").open("a+")
    except OSError as error:
        raise EngineError(
            "The engine's cache folder cannot be written.",
            seen=f"{folder}: {error.strerror}",
            remedy="set FLEETIFY_CACHE to a folder that this user may write to",
        ) from error
    with handle:
        _wait_for(handle.fileno(), folder / "lock")
        for leftover in folder.glob("tmp-*"):
            shutil.rmtree(leftover, ignore_errors=True)
        yield


def _wait_for(descriptor: int, path: Path) -> None:
    deadline = time.monotonic() + LOCK_TIMEOUT
    told = False
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() > deadline:
                raise EngineError(
                    f"Another run has been preparing the engine for over {LOCK_TIMEOUT // 60} minutes.",
                    seen=f"lock {path}",
                    remedy=f"find it with `fuser {path}` and end it, then run this again",
                ) from None
            if not told:
                say("another run is preparing the engine; waiting for it")
                told = True
            time.sleep(0.2)
        else:
            return


@contextmanager
def making(key: str) -> Iterator[Path]:
    """A temporary folder that becomes ``<cache>/<key>`` when the block ends well. Hold the lock."""
    folder = root()
    temporary = Path(tempfile.mkdtemp(prefix="tmp-", dir=folder))
    try:
        yield temporary
        temporary.chmod(0o755)
        target = folder / key
        if target.exists():
            shutil.rmtree(target)
        temporary.rename(target)
    finally:
        shutil.rmtree(temporary, ignore_errors=True)


def kept(key: str) -> Path | None:
    """The bin directory of an engine in the cache, if it is there and complete."""
    bindir = root() / key / "bin"
    return bindir if all(os.access(bindir / name, os.X_OK) for name in PROGRAMS) else None


def note_verified(pulumi: Path, version: str) -> None:
    """Remember that this very file passed, with this SDK. Hold the lock."""
    path = _note(pulumi)
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_suffix(".new")
    temporary.write_text(json.dumps({"pulumi": str(pulumi), "version": version}), encoding="utf-8")
    temporary.replace(path)


def verified(pulumi: Path) -> str | None:
    """The engine's version if this very file passed verification with this SDK, else None."""
    try:
        return str(json.loads(_note(pulumi).read_text(encoding="utf-8"))["version"])
    except (OSError, ValueError, KeyError):
        return None


def _note(pulumi: Path) -> Path:
    """Changes when any of the engine's files or the SDK does."""
    facts = [sdk()]
    for name in PROGRAMS:
        beside = pulumi.parent / name
        found = str(beside) if beside.exists() else shutil.which(name)
        if found:
            status = Path(found).stat()
            facts.append(f"{found} {status.st_size} {status.st_mtime_ns}")
    return root() / "verified" / hashlib.sha256("\n".join(facts).encode()).hexdigest()[:32]
