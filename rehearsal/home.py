"""Where the rehearsal lives: its folder, the record of what runs, and the lock that lets one command change it."""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import shutil
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from rehearsal.errors import RehearsalError
from rehearsal.processes import ProcessId

HOME_VARIABLE = "FLEETIFY_REHEARSAL_HOME"
ROOT = Path(__file__).resolve().parents[1]
STACK = "rehearsal"
_LOCK = "lock"


@dataclass(frozen=True)
class Record:
    """What runs, written to disk before and while it starts. Holds passwords: the file is the owner's alone.

    Attributes:
        ready: everything is up, deployed and seeded.
        created: when it was started, UTC, ISO 8601.
        postgres: url, database_url, bindir, version, data, pid, started; empty until it runs.
        aws: url, region, account, access_key, secret_key, pid, started; empty until it runs.
        engine: the directory of ``pulumi``.
    """

    ready: bool
    created: str
    postgres: dict[str, Any]
    aws: dict[str, Any]
    engine: str


class Home:
    """The rehearsal's folder: ``.rehearsal`` in the project, or what ``FLEETIFY_REHEARSAL_HOME`` names."""

    def __init__(self, path: Path | None = None) -> None:
        named = os.environ.get(HOME_VARIABLE)
        self.path = path or (Path(named).expanduser().resolve() if named else ROOT / ".rehearsal")
        self.pulumi_home = self.path / "pulumi"
        self.backend = self.path / "state"
        self.stack_folder = self.path / "stack"
        self.stack_config = self.stack_folder / f"Pulumi.{STACK}.yaml"
        self._record = self.path / "environment.json"

    def read(self) -> Record | None:
        """The record, or None when nothing was started.

        Raises:
            RehearsalError: the record cannot be read.
        """
        try:
            return Record(**json.loads(self._record.read_text()))
        except FileNotFoundError:
            return None
        except (OSError, TypeError, ValueError) as error:
            raise RehearsalError(
                f"The record of what runs cannot be read: {self._record}.",
                seen=str(error),
                remedy=f"end what runs by hand, then: rm -rf {self.path}",
            ) from None

    def write(self, record: Record) -> None:
        """Replace the record in one step."""
        scratch = self._record.with_suffix(".part")
        with os.fdopen(os.open(scratch, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
            json.dump(asdict(record), file, indent=2)
        scratch.rename(self._record)

    @contextlib.contextmanager
    def locked(self, doing: str) -> Iterator[None]:
        """Hold the lock for the length of the block.

        Args:
            doing: what for, shown to whoever comes second.

        Raises:
            RehearsalError: another command holds it.
        """
        self.path.mkdir(parents=True, mode=0o700, exist_ok=True)
        descriptor = os.open(self.path / _LOCK, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                holder = os.pread(descriptor, 200, 0).decode(errors="replace").strip()
                raise RehearsalError(
                    f"Another command is changing the rehearsal in {self.path}.",
                    seen=holder or "unknown",
                    remedy="wait until it is done, then see: fleetify rehearsal status",
                ) from None
            os.ftruncate(descriptor, 0)
            os.pwrite(descriptor, f"{doing}, pid {os.getpid()}\n".encode(), 0)
            yield
            os.ftruncate(descriptor, 0)
        finally:
            os.close(descriptor)

    def wipe(self) -> None:
        """Remove everything but the lock, which the caller holds."""
        for entry in self.path.iterdir():
            if entry.name == _LOCK:
                continue
            if entry.is_dir() and not entry.is_symlink():
                shutil.rmtree(entry)
            else:
                entry.unlink()


def process_of(part: dict[str, Any]) -> ProcessId | None:
    """The process that a part of the record names."""
    return ProcessId(int(part["pid"]), str(part["started"])) if part.get("pid") else None
