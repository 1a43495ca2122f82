"""Running other programs: timed, with what they said if they fail."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import IO, Any

ROOT = Path(__file__).resolve().parents[1]
TIMEOUT_SECONDS = 3600.0


class ProgramFailedError(Exception):
    """A program that should have worked did not."""


def run(
    command: Sequence[str | Path],
    *,
    cwd: Path | None = None,
    env: Mapping[str, str] | None = None,
    stdin: IO[bytes] | None = None,
    timeout: float = TIMEOUT_SECONDS,
    inherit: bool = True,
) -> str:
    """Run a program to its end; returns its standard output.

    Args:
        command: with its arguments.
        cwd: where.
        env: added to this process's environment.
        stdin: a file to read; nothing by default.
        timeout: seconds.
        inherit: False where ``env`` is the whole environment.

    Raises:
        ProgramFailedError: it failed, is missing, or took too long.
    """
    try:
        done = subprocess.run(
            [str(part) for part in command],
            cwd=cwd,
            env={**(os.environ if inherit else {}), **(env or {})},
            stdin=stdin or subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=timeout,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise ProgramFailedError(f"{Path(command[0]).name}: {error}") from error
    if done.returncode != 0:
        said = f"{done.stdout}\n{done.stderr}".strip()[-1500:]
        raise ProgramFailedError(f"{Path(command[0]).name} ended with {done.returncode}: {said}")
    return done.stdout


def timed(
    command: Sequence[str | Path],
    *,
    cwd: Path | None = None,
    env: Mapping[str, str] | None = None,
    stdin: IO[bytes] | None = None,
) -> float:
    """Seconds of wall clock from start to end; arguments and errors as in :func:`run`."""
    began = time.perf_counter()
    run(command, cwd=cwd, env=env, stdin=stdin)
    return time.perf_counter() - began


def shell(script: str, *, env: Mapping[str, str], cwd: Path | None = None) -> float:
    """Seconds of a pipeline; a failure anywhere in it counts."""
    return timed(["bash", "-o", "pipefail", "-ec", script], env=env, cwd=cwd)


def child(name: str, *arguments: str | Path, env: Mapping[str, str] | None = None) -> dict[str, Any]:
    """Run ``benchmarks.children.<name>`` in a fresh Python and return the JSON of its last line."""
    output = run([sys.executable, "-m", f"benchmarks.children.{name}", *arguments], cwd=ROOT, env=env)
    found: dict[str, Any] = json.loads(output.strip().splitlines()[-1])
    return found
