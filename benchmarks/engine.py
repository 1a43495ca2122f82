"""The real engine on programs of ours: a copy of this project, or a few lines."""

from __future__ import annotations

import json
import os
import shutil
import signal
import sys
import textwrap
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import yaml

from benchmarks.processes import ROOT, run
from rehearsal import aws
from rehearsal.engine import bin_directory
from rehearsal.plugins.install import install
from rehearsal.postgres import Server

STACK = "rehearsal"
COPIED = ("__main__.py", "Pulumi.yaml", "components", "providers", "fleetify", "releases", "migrations")


class Engine:
    """``pulumi`` on one program, with a home and a state of its own.

    Args:
        folder: the program's.
        home: an empty folder.
        env: more environment for every call.
    """

    def __init__(self, folder: Path, home: Path, env: Mapping[str, str]) -> None:
        self.folder = folder
        self.home = home
        self._bin = bin_directory()
        kept = ("HOME", "TMPDIR", "LANG", "TZ")
        self._env = {
            **{name: os.environ[name] for name in kept if name in os.environ},
            "PATH": os.pathsep.join([str(self._bin), str(Path(sys.executable).parent), os.environ["PATH"]]),
            "PULUMI_HOME": str(home / "pulumi"),
            "PULUMI_BACKEND_URL": (home / "state").as_uri(),
            "PULUMI_CONFIG_PASSPHRASE": "not a secret",
            "PULUMI_SKIP_UPDATE_CHECK": "true",
            "PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION": "true",
            "PYTHONPATH": str(folder),
            **env,
        }
        install(home / "pulumi")

    def set(self, env: Mapping[str, str]) -> None:
        """Add to the environment of every later call."""
        self._env.update(env)

    def call(self, *arguments: str) -> str:
        """Run ``pulumi``; returns its standard output."""
        command = [str(self._bin / "pulumi"), *arguments, "--non-interactive", "--color", "never"]
        return run(command, cwd=self.folder, env=self._env, inherit=False)

    def timed(self, *arguments: str) -> float:
        """Seconds that ``pulumi`` takes, from its start to its end."""
        began = time.perf_counter()
        self.call(*arguments)
        return time.perf_counter() - began

    def up(self) -> float:
        """Seconds of ``pulumi up``, as CI runs it."""
        return self.timed("up", "--yes", "--skip-preview", "-s", STACK)

    def preview(self) -> float:
        """Seconds of ``pulumi preview``."""
        return self.timed("preview", "-s", STACK)

    def start_over(self) -> None:
        """A new, empty stack."""
        shutil.rmtree(self.home / "state", ignore_errors=True)
        (self.home / "state").mkdir(parents=True)
        self.call("stack", "init", STACK)

    def resources(self) -> list[dict[str, Any]]:
        """The state's resources."""
        found = json.loads(self.call("stack", "export", "-s", STACK))["deployment"].get("resources") or []
        return list(found)

    def reap(self) -> None:
        """End what the engine left behind, recognised by this PULUMI_HOME in its environment (Linux)."""
        mark = f"PULUMI_HOME={self.home / 'pulumi'}".encode()
        for path in Path("/proc").glob("[0-9]*/environ"):
            try:
                if mark in path.read_bytes().split(b"\0"):
                    os.kill(int(path.parent.name), signal.SIGKILL)
            except OSError:
                continue


def copy_project(folder: Path, *, config: Mapping[str, Any]) -> Path:
    """This project without its tests and tools, with a stack's config, sharing the virtual environment."""
    folder.mkdir(parents=True)
    for name in COPIED:
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(source, folder / name)
    configure(folder, config)
    (folder / ".venv").symlink_to(sys.prefix)
    return folder


def configure(folder: Path, config: Mapping[str, Any]) -> None:
    """Write the stack's config; keys without the namespace."""
    values = {f"fleetify:{key}": value for key, value in config.items()}
    (folder / f"Pulumi.{STACK}.yaml").write_text(yaml.safe_dump({"config": values}))


def write_program(folder: Path, source: str, **modules: str) -> Path:
    """A program of a few lines that shares the virtual environment; ``modules`` are files beside it."""
    folder.mkdir(parents=True)
    settings = {"name": "bench", "runtime": {"name": "python", "options": {"virtualenv": sys.prefix}}}
    (folder / "Pulumi.yaml").write_text(yaml.safe_dump(settings))
    for name, text in {"__main__": source, **modules}.items():
        (folder / f"{name}.py").write_text(textwrap.dedent(text))
    return folder


@contextmanager
def engine_on(folder: Path, home: Path, env: Mapping[str, str]) -> Iterator[Engine]:
    """An engine with an empty stack; what it leaves running is ended."""
    engine = Engine(folder, home, env)
    try:
        engine.start_over()
        yield engine
    finally:
        engine.reap()


@contextmanager
def local_aws(folder: Path) -> Iterator[dict[str, str]]:
    """A local AWS; the environment with which clients use it."""
    folder.mkdir(parents=True, exist_ok=True)
    started = aws.start(folder, lambda _part: None)
    try:
        yield {
            "AWS_ENDPOINT_URL": started["url"],
            "AWS_REGION": started["region"],
            "AWS_ACCESS_KEY_ID": started["access_key"],
            "AWS_SECRET_ACCESS_KEY": started["secret_key"],
            "AWS_EC2_METADATA_DISABLED": "true",
        }
    finally:
        aws.stop(started)


def database_environment(server: Server, url: str) -> dict[str, str]:
    """What the project reads of its database from the environment."""
    return {"FLEETIFY_DATABASE_URL": url, "PG_DUMP": str(server.bindir / "pg_dump")}
