"""The places where an engine can come from, and the order in which they are tried."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from provision import build, cache
from provision.console import EngineError, say
from provision.pins import OLDEST_ON_PATH, PROGRAMS, build_key, machine, numbers, wanted

INSTALLER_REACHABLE_TIMEOUT = 8
"""Seconds until a machine counts as one that cannot reach the official installer."""

INSTALLER_TIMEOUT = 15 * 60
"""Seconds for the official installer's download of some 200 MB."""


@dataclass(frozen=True)
class Engine:
    """An engine that can be tried out: its bin directory, and where it came from."""

    bindir: Path
    origin: str


def from_path() -> Engine:
    """The engine on PATH, if it is new enough and runs Python programs.

    Raises:
        EngineError: it is missing, too old, broken, or comes without the Python language host.
    """
    path = os.pathsep.join(
        entry for entry in os.environ.get("PATH", "").split(os.pathsep) if entry and not _is_ours(Path(entry))
    )
    found = shutil.which("pulumi", path=path)
    if found is None:
        raise EngineError("There is no pulumi on PATH.")
    pulumi = Path(found).absolute()
    version = cache.verified(pulumi) or _ask_version(pulumi)
    if numbers(version) < OLDEST_ON_PATH:
        raise EngineError(f"{pulumi} is {version}; {'.'.join(map(str, OLDEST_ON_PATH))} or newer is needed.")
    for name in PROGRAMS:
        if shutil.which(name, path=f"{pulumi.parent}{os.pathsep}{path}") is None:
            raise EngineError(f"{pulumi} comes without {name}, so it cannot run Python programs.")
    return Engine(pulumi.parent, f"{version} from PATH")


def from_installer() -> Engine:
    """The official installation of the wanted version, downloaded into the cache if needed.

    Raises:
        EngineError: the installer's host cannot be reached, or the installer failed.
    """
    key = f"official-v{wanted()}-{machine()}"
    if bindir := cache.kept(key):
        return Engine(bindir, f"v{wanted()} from the official installer, kept in the cache")
    with cache.locked():
        if bindir := cache.kept(key):
            return Engine(bindir, f"v{wanted()} from the official installer, kept in the cache")
        _official("reach", timeout=INSTALLER_REACHABLE_TIMEOUT)
        say(f"downloading the official engine v{wanted()}")
        with cache.making(key) as folder:
            _official("install", str(folder), wanted(), timeout=INSTALLER_TIMEOUT)
    bindir = cache.kept(key)
    if bindir is None:
        raise EngineError("The official installer left out a program.", seen=str(cache.root() / key))
    return Engine(bindir, f"v{wanted()} from the official installer")


def from_build() -> Engine:
    """The engine built from Go modules, kept in the cache.

    Raises:
        EngineError: it cannot be built; the message says why and what to do.
    """
    origin = f"v{wanted()} built from Go modules"
    if bindir := cache.kept(build_key()):
        return Engine(bindir, f"{origin}, kept in the cache")
    with cache.locked():
        if bindir := cache.kept(build_key()):  # another run was faster
            return Engine(bindir, f"{origin}, kept in the cache")
        return Engine(build.build(), origin)


def kept_build() -> Engine:
    """The engine that an earlier run built, so that no later run asks the network for another.

    Raises:
        EngineError: there is none for these inputs.
    """
    if bindir := cache.kept(build_key()):
        return Engine(bindir, f"v{wanted()} built from Go modules, kept in the cache")
    raise EngineError("No engine was built here before.")


Source = Callable[[], Engine]
SOURCES: dict[str, list[tuple[str, Source]]] = {
    "path": [("PATH", from_path)],
    "installer": [("official installer", from_installer)],
    "build": [("Go build", from_build)],
    "auto": [
        ("PATH", from_path),
        ("cache", kept_build),
        ("official installer", from_installer),
        ("Go build", from_build),
    ],
}
"""What ``--source`` offers: names and functions, tried in order."""


def _is_ours(entry: Path) -> bool:
    """Whether a PATH entry is an engine of the cache, which may be of an older state of the tree."""
    return entry.resolve().is_relative_to(cache.root())


def _ask_version(pulumi: Path) -> str:
    env = os.environ | {"PULUMI_SKIP_UPDATE_CHECK": "true"}
    try:
        done = subprocess.run([pulumi, "version"], capture_output=True, text=True, timeout=20, check=False, env=env)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise EngineError(f"{pulumi} does not run: {error}.") from error
    if done.returncode != 0 or not numbers(done.stdout):
        raise EngineError(f"{pulumi} does not tell its version.", seen=(done.stderr or done.stdout).strip()[-300:])
    return done.stdout.strip()


def _official(*arguments: str, timeout: float) -> None:
    """Run official.py in a process of its own, because only a process can be stopped while it resolves a name."""
    script = Path(__file__).with_name("official.py")
    try:
        done = subprocess.run(
            [sys.executable, script, *arguments], capture_output=True, text=True, timeout=timeout, check=False
        )
    except subprocess.TimeoutExpired:
        raise EngineError(f"The official installer gave no answer within {timeout:g} s.") from None
    if done.returncode != 0:
        lines = done.stderr.strip().splitlines() or ["no output"]
        raise EngineError("The official installer cannot be used.", seen=lines[-1][-300:])
