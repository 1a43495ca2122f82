"""Builds the engine and our language host from Go modules."""

from __future__ import annotations

import collections
import os
import shutil
import signal
import subprocess
import threading
from pathlib import Path

from provision import cache, go
from provision.console import EngineError, Progress, say
from provision.failures import explain, explain_os, is_network
from provision.pins import FOLDER, build_key, wanted

ENGINE = "github.com/pulumi/pulumi/pkg/v3/cmd/pulumi"
SDK = "github.com/pulumi/pulumi/sdk/v3"
HOST = "./pulumi-language-python"
LAUNCHERS = ("python/cmd/pulumi-language-python-exec", "python/dist/pulumi-resource-pulumi-python")
"""Scripts that lie in the SDK module's folder and belong beside the binaries."""

SPACE = {"GOMODCACHE": 1_600, "GOCACHE": 1_800}
"""Megabytes that a build takes from nothing, measured, in the folders that Go names so."""

TIMEOUT = 60 * 60
"""Seconds for one step; a cold build takes five minutes on two cores."""


def build() -> Path:
    """Build into the cache and return the bin directory. Hold the cache's lock.

    Raises:
        EngineError: with the cause and the next command.
    """
    command = go.find()
    key = build_key()
    say(f"building the engine v{wanted()} with {command}; a first build takes about five minutes on two cores")
    _check_space(command)
    try:
        with cache.making(key) as folder:
            bindir = folder / "bin"
            bindir.mkdir()
            total = len(_go(command, ["list", "-deps", ENGINE, HOST], "fetching modules").split())
            flags = f"-s -w -X {SDK}/go/common/version.Version=v{wanted()}"
            arguments = ["build", "-v", "-trimpath", "-ldflags", flags, "-o", f"{bindir}/", ENGINE, HOST]
            _go(command, arguments, "compiling", total=total)
            module = _go(command, ["list", "-m", "-f", "{{.Dir}}", SDK], "looking for the SDK module").strip()
            for launcher in LAUNCHERS:
                copy = bindir / Path(launcher).name
                shutil.copyfile(Path(module) / launcher, copy)
                copy.chmod(0o755)
    except OSError as error:
        raise explain_os("The engine could not be built", error) from error
    built = cache.kept(key)
    if built is None:
        raise EngineError("The build left out a program.", seen=str(cache.root() / key), remedy="run this again")
    return built


def _go(command: Path, arguments: list[str], doing: str, *, total: int | None = None) -> str:
    """Run go in engine/, showing progress, and return its standard output. Network failures are tried twice."""
    code, output, errors = _watch(command, arguments, doing, total)
    if code != 0 and is_network(errors):
        say("the network failed; trying once more")
        code, output, errors = _watch(command, arguments, doing, total)
    if code != 0:
        raise explain(f"Building the engine failed while {doing}", errors)
    return output


def _watch(command: Path, arguments: list[str], doing: str, total: int | None) -> tuple[int, str, str]:
    progress = Progress(doing)
    lines: collections.deque[str] = collections.deque(maxlen=200)
    process = subprocess.Popen(
        [str(command), *arguments],
        cwd=FOLDER,
        env=go.environment(),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        errors="replace",
        process_group=0,  # so that its compilers end with it
    )

    def follow() -> None:
        assert process.stderr is not None  # noqa: S101 - a pipe was asked for
        for count, line in enumerate(process.stderr, start=1):
            lines.append(line)
            progress.update(f"{count} of at most {total} packages" if total else f"{count} modules")

    reader = threading.Thread(target=follow, daemon=True)
    reader.start()
    killer = threading.Timer(TIMEOUT, os.killpg, (process.pid, signal.SIGKILL))
    killer.start()
    try:
        assert process.stdout is not None  # noqa: S101 - a pipe was asked for
        output = process.stdout.read()
        code = process.wait()
    finally:
        killer.cancel()
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
        reader.join(timeout=10)
        progress.done()
    return code, output, "".join(lines)


def _check_space(command: Path) -> None:
    """Refuse early what would fail late. Only empty caches need the full measure."""
    for variable, megabytes in SPACE.items():
        folder = Path(_go(command, ["env", variable], f"asking for {variable}").strip())
        module = folder / "github.com" / "pulumi" / "pulumi" / "pkg"
        if variable == "GOMODCACHE" and (module / f"v3@v{wanted()}").exists():
            continue
        existing = next(parent for parent in (folder, *folder.parents) if parent.exists())
        free = shutil.disk_usage(existing).free // 2**20
        if free < megabytes and not (variable == "GOCACHE" and (folder / "00").exists()):
            raise EngineError(
                "There is not enough disk space to build the engine.",
                seen=f"{free} MB free for {variable}={folder}, about {megabytes} MB are needed",
                remedy=f"free some space, or point {variable} at a folder on a larger disk; then run this again",
            )
