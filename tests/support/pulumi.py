"""Runs the real engine on small programs, each with a home, a backend and a stack of its own."""

from __future__ import annotations

import functools
import json
import os
import signal
import subprocess
import sys
import textwrap
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from rehearsal.engine import bin_directory

ROOT = Path(__file__).resolve().parents[2]
PASSPHRASE = "not a secret"
_QUIET = ("--non-interactive", "--color", "never")


@functools.cache
def engine_bin() -> Path:
    """The directory of ``pulumi``."""
    return bin_directory()


def write_program(folder: Path, source: str, *, name: str = "test") -> Path:
    """A Pulumi program of one file, run with this project's virtualenv; returns the folder."""
    folder.mkdir(parents=True, exist_ok=True)
    options = {"virtualenv": sys.prefix, "toolchain": "pip"}
    settings = {"name": name, "runtime": {"name": "python", "options": options}}
    (folder / "Pulumi.yaml").write_text(json.dumps(settings))  # JSON is YAML
    (folder / "__main__.py").write_text(textwrap.dedent(source))
    return folder


class Pulumi:
    """``pulumi`` for one program, isolated from the user's own.

    Args:
        home: an empty directory for PULUMI_HOME, backend and state.
        program: the folder with ``Pulumi.yaml``.
        stack: its name.
        env: more environment for every call.

    Leaving the ``with`` block ends every process that the engine left behind (a dynamic provider outlives a
    killed engine for ever), recognised by this PULUMI_HOME in its environment.
    """

    def __init__(self, home: Path, program: Path, *, stack: str = "test", env: Mapping[str, str] | None = None) -> None:
        self.home = home / "pulumi"
        self.program = program
        self.stack = stack
        self.backend = home / "state"
        self.home.mkdir(parents=True, exist_ok=True)
        self.backend.mkdir(exist_ok=True)
        kept = ("PATH", "HOME", "TMPDIR", "LANG", "TZ", "SSL_CERT_FILE")
        self.env = {
            **{key: os.environ[key] for key in kept if key in os.environ},
            "PATH": os.pathsep.join([str(engine_bin()), str(Path(sys.executable).parent), os.environ["PATH"]]),
            "PULUMI_HOME": str(self.home),
            "PULUMI_BACKEND_URL": self.backend.as_uri(),
            "PULUMI_CONFIG_PASSPHRASE": PASSPHRASE,
            "PULUMI_SKIP_UPDATE_CHECK": "true",
            "PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION": "true",
            "PYTHONPATH": str(ROOT),
            **(env or {}),
        }

    def __enter__(self) -> Self:
        self.run("stack", "init", self.stack)
        return self

    def __exit__(
        self, _type: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        self.reap()

    def command(self, *args: str) -> list[str]:
        """The command line of a call, for those who start it themselves."""
        return [str(engine_bin() / "pulumi"), *args, *_QUIET]

    def run(
        self,
        *args: str,
        env: Mapping[str, str] | None = None,
        cwd: Path | None = None,
        timeout: float = 300,
        check: bool = True,
        stdin: str | None = None,
    ) -> subprocess.CompletedProcess[str]:
        """Run ``pulumi`` with these arguments; stdout and stderr as text.

        With ``check`` a failure is an AssertionError that shows everything it said.
        """
        answer = subprocess.run(
            self.command(*args),
            cwd=cwd or self.program,
            env={**self.env, **(env or {})},
            input=stdin if stdin is not None else "",
            capture_output=True,
            text=True,
            timeout=timeout,
            check=False,
        )
        if check and answer.returncode != 0:
            said = f"{answer.stdout}\n{answer.stderr}"
            raise AssertionError(f"pulumi {' '.join(args)} ended with {answer.returncode}:\n{said}")
        return answer

    def up(
        self, *args: str, check: bool = True, env: Mapping[str, str] | None = None
    ) -> subprocess.CompletedProcess[str]:
        """``pulumi up``, without a preview of its own."""
        return self.run("up", "--yes", "--skip-preview", "-s", self.stack, *args, check=check, env=env)

    def preview(
        self, *args: str, check: bool = True, env: Mapping[str, str] | None = None
    ) -> subprocess.CompletedProcess[str]:
        """``pulumi preview``."""
        return self.run("preview", "-s", self.stack, *args, check=check, env=env)

    def refresh(
        self, *args: str, check: bool = True, env: Mapping[str, str] | None = None
    ) -> subprocess.CompletedProcess[str]:
        """``pulumi refresh``."""
        return self.run("refresh", "--yes", "--skip-preview", "-s", self.stack, *args, check=check, env=env)

    def destroy(
        self, *args: str, check: bool = True, env: Mapping[str, str] | None = None
    ) -> subprocess.CompletedProcess[str]:
        """``pulumi destroy``."""
        return self.run("destroy", "--yes", "--skip-preview", "-s", self.stack, *args, check=check, env=env)

    def config_set(self, key: str, value: str, *, secret: bool = False, path: bool = False) -> None:
        """Set one config value; a secret travels on stdin, never as an argument."""
        flags = (["--secret"] if secret else ["--plaintext"]) + (["--path"] if path else [])
        self.run("config", "set", "-s", self.stack, *flags, key, stdin=value)

    def export(self) -> dict[str, Any]:
        """The stack's state, secrets encrypted."""
        loaded: dict[str, Any] = json.loads(self.run("stack", "export", "-s", self.stack).stdout)
        return loaded

    def resources(self) -> dict[str, dict[str, Any]]:
        """The state's resources by the last part of their URN."""
        found = self.export()["deployment"].get("resources") or []
        return {resource["urn"].rpartition("::")[2]: resource for resource in found}

    def outputs(self) -> dict[str, Any]:
        """The stack's outputs, secrets shown."""
        loaded: dict[str, Any] = json.loads(
            self.run("stack", "output", "--json", "--show-secrets", "-s", self.stack).stdout
        )
        return loaded

    def processes(self) -> list[int]:
        """Processes that run for this PULUMI_HOME now (Linux)."""
        mark = f"PULUMI_HOME={self.home}".encode()
        found = []
        for path in Path("/proc").glob("[0-9]*/environ"):
            try:
                if mark in path.read_bytes().split(b"\0"):
                    found.append(int(path.parent.name))
            except OSError:
                continue
        return found

    def reap(self) -> None:
        """End all of them."""
        for pid in self.processes():
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                continue
