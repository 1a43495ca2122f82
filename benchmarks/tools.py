"""The tools we compare with, each fetched once through its own registry's client into the cache."""

from __future__ import annotations

import functools
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from benchmarks import cache
from benchmarks.model import CannotRun
from benchmarks.processes import ProgramFailedError, run

FETCH_SECONDS = 900.0


@dataclass(frozen=True)
class Tool:
    """A tool that is there.

    Attributes:
        name: as people call it.
        version: what was fetched.
        command: how to start it.
        env: what it needs in its environment.
        folder: where it lies.
    """

    name: str
    version: str
    command: tuple[str, ...]
    folder: Path
    env: tuple[tuple[str, str], ...] = ()


def installed(name: str) -> str:
    """The path of a program that must be on this machine.

    Raises:
        CannotRun: it is not.
    """
    found = shutil.which(name)
    if found is None:
        raise CannotRun(f"{name} is not installed")
    return found


def npm_binary(name: str, version: str) -> Tool:
    """A program that an npm package carries as a platform's binary."""
    npm = installed("npm")

    def make(folder: Path) -> None:
        _fetch(npm, "install", "--prefix", str(folder), "--no-audit", "--no-fund", "--silent", f"{name}@{version}")

    folder = _kept(name, version, make)
    binary = next(folder.glob(f"node_modules/@{name}/*/bin/{name}"), None)
    if binary is None:
        raise CannotRun(f"the npm package {name} {version} has no binary for this machine")
    return Tool(name, version, (str(binary),), folder)


def go_program(name: str, package: str, version: str, *, tags: str = "") -> Tool:
    """A program built from a Go module."""
    go = installed("go")

    def make(folder: Path) -> None:
        env = {"GOBIN": str(folder), "CGO_ENABLED": "0", "GOFLAGS": "", "GOTOOLCHAIN": "local", "GOWORK": "off"}
        _fetch(go, "install", f"-tags={tags}", f"{package}@v{version}", env=env)

    folder = _kept(name, version, make)
    return Tool(name, version, (str(folder / name),), folder)


def python_program(name: str, version: str, *others: str) -> Tool:
    """A program from PyPI, in a virtual environment of its own."""
    key = f"{name}-{version}-py{sys.version_info.major}.{sys.version_info.minor}"

    def make(folder: Path) -> None:
        _fetch(
            sys.executable, "-m", "uv", "pip", "install", "--quiet", "--python", sys.executable,
            "--target", str(folder), f"{name}=={version}", *others,
        )  # fmt: skip

    folder = _kept_as(name, key, make)
    return Tool(name, version, (sys.executable, "-m", name), folder, (("PYTHONPATH", str(folder)),))


def java_libraries(name: str, version: str, *coordinates: str) -> Tool:
    """Jars from Maven Central with all they need; ``folder/lib`` is the class path."""
    mvn, java = installed("mvn"), installed("java")

    def make(folder: Path) -> None:
        wanted = "".join(
            "<dependency><groupId>{}</groupId><artifactId>{}</artifactId><version>{}</version></dependency>".format(
                *coordinate.split(":")
            )
            for coordinate in coordinates
        )
        (folder / "pom.xml").write_text(
            '<project xmlns="http://maven.apache.org/POM/4.0.0"><modelVersion>4.0.0</modelVersion>'
            f"<groupId>benchmarks</groupId><artifactId>{name}</artifactId><version>1</version>"
            f"<packaging>pom</packaging><dependencies>{wanted}</dependencies></project>"
        )
        _fetch(mvn, "-q", "-B", "dependency:copy-dependencies", f"-DoutputDirectory={folder / 'lib'}", cwd=folder)

    folder = _kept(name, version, make)
    return Tool(name, version, (java, "-cp", f"{folder / 'lib'}/*"), folder)


def debian_perl_program(name: str, *packages: str) -> Tool:
    """A Perl program of Debian's, unpacked into the cache: nothing is installed on the machine."""
    if present := shutil.which(name):
        return Tool(name, run([present, "--version"]).split()[-1].lstrip("v"), (present,), Path(present).parent)
    apt, dpkg, perl = installed("apt-get"), installed("dpkg"), installed("perl")

    def make(folder: Path) -> None:
        archives = folder / "archives"
        (archives / "partial").mkdir(parents=True)
        options = [f"Dir::Cache={folder}", f"Dir::Cache::archives={archives}", "Debug::NoLocking=1"]
        flags = [part for option in options for part in ("-o", option)]
        try:
            _fetch(apt, "-y", "--no-install-recommends", *flags, "install", "--download-only", name, *packages)
        except CannotRun:
            raise CannotRun(
                f"apt-get cannot download {name}; where its package lists are missing: apt-get update"
            ) from None
        for archive in sorted(archives.glob("*.deb")):
            _fetch(dpkg, "-x", str(archive), str(folder / "root"))
        shutil.rmtree(archives)

    folder = _kept_as(name, f"{name}-debian", make)
    tree = folder / "root" / "usr"
    libraries = [tree / "share" / "perl5", *tree.glob("lib/*/perl5/*")]
    env = {"PERL5LIB": os.pathsep.join(map(str, libraries))}
    command = (perl, "-CAS", str(tree / "bin" / name))
    version = run([*command, "--version"], env=env).split()[-1].lstrip("v")
    return Tool(name, version, command, folder, tuple(env.items()))


def _kept(name: str, version: str, make: Callable[[Path], None]) -> Path:
    return _kept_as(name, f"{name}-{version}", make)


@functools.cache
def _refused(key: str) -> list[str]:
    """What kept a tool away in this run, so that it is not asked for twice."""
    del key
    return []


def _kept_as(name: str, key: str, make: Callable[[Path], None]) -> Path:
    if reasons := _refused(key):
        raise CannotRun(reasons[0])
    try:
        return cache.kept(key, make)
    except (OSError, CannotRun) as error:
        _refused(key).append(f"{name} cannot be had: {error}")
        raise CannotRun(_refused(key)[0]) from None


def _fetch(*command: str, cwd: Path | None = None, env: dict[str, str] | None = None) -> None:
    try:
        run(command, cwd=cwd, env=env, timeout=FETCH_SECONDS)
    except ProgramFailedError as error:
        lines = [line for line in str(error).splitlines() if line.strip()]
        raise CannotRun(lines[0][:200] if lines else str(error)) from None
    except subprocess.SubprocessError as error:
        raise CannotRun(str(error)[:200]) from None
