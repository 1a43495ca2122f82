"""Processes of the engine that work on this rehearsal: running ones, and those a killed engine left behind.

A killed ``pulumi`` cannot end its language host and its providers. They carry the rehearsal's PULUMI_HOME in their
environment, and so does the user's shell after ``eval``: only the engine's own programs are meant here.
"""

from __future__ import annotations

import signal
from pathlib import Path

from rehearsal.processes import ProcessId

_HELPERS = (
    "pulumi.dynamic",
    "pulumi.policy",
    "pulumi-resource-",
    "pulumi-language-",
    "pulumi-analyzer-",
    "rehearsal.plugins.",
)


def engines(pulumi_home: Path) -> list[ProcessId]:
    """The ``pulumi`` commands that run now."""
    return [process for process, argv in _processes(pulumi_home) if Path(argv[0]).name == "pulumi"]


def helpers(pulumi_home: Path) -> list[ProcessId]:
    """The programs that engines started: language hosts, providers, policy packs."""
    return [
        process
        for process, argv in _processes(pulumi_home)
        if Path(argv[0]).name != "pulumi" and any(mark in word for word in argv[:6] for mark in _HELPERS)
    ]


def end(pulumi_home: Path) -> int:
    """End everything that is left; the number of processes that were."""
    found = [*engines(pulumi_home), *helpers(pulumi_home)]
    return sum(process.stop(signal.SIGTERM, patience=3.0) for process in found)


def _processes(pulumi_home: Path) -> list[tuple[ProcessId, list[str]]]:
    mark = f"PULUMI_HOME={pulumi_home}".encode()
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            if mark not in (folder / "environ").read_bytes().split(b"\0"):
                continue
            argv = (folder / "cmdline").read_bytes().decode(errors="replace").split("\0")
        except OSError:
            continue  # gone meanwhile, or somebody else's
        process = ProcessId.of(int(folder.name))
        if process and argv[0]:
            found.append((process, argv))
    return found
