"""Brings the laptop environment up and down: PostgreSQL, the AWS server, the plugins, the deployed stack, the data."""

from __future__ import annotations

import contextlib
import dataclasses
import datetime
import shutil
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict

from rehearsal import aws, engine, leftovers, postgres, stack
from rehearsal.errors import RehearsalError
from rehearsal.home import STACK, Home, Record, process_of
from rehearsal.plugins.install import install
from rehearsal.postgres_binaries import SHARED_ROOT
from rehearsal.processes import ProcessId
from rehearsal.seed import seed

DATABASE = "fleetify"
Say = Callable[[str], None]


@dataclasses.dataclass(frozen=True)
class Status:
    """What runs.

    Attributes:
        record: as it was started; None when nothing was.
        dead: names of parts that were started and are gone.
        database_bytes: size of the database; None when it cannot be asked.
    """

    record: Record | None
    dead: tuple[str, ...] = ()
    database_bytes: int | None = None

    @property
    def running(self) -> bool:
        """Whether everything is up and ready."""
        return self.record is not None and self.record.ready and not self.dead


def start(home: Home, say: Say) -> bool:
    """Bring everything up, the stack deployed at its committed config and the data loaded.

    Args:
        home: where.
        say: called with each line of progress.

    Returns:
        Whether anything had to be done; False when it runs already.

    Raises:
        RehearsalError: something could not be started; nothing is left running then.
    """
    with home.locked("start"):
        if status(home).running:
            return False
        _clear(home, say)
        try:
            _bring_up(home, say)
        except BaseException:
            _clear(home, lambda _line: None)
            raise
        return True


def stop(home: Home, say: Say, *, force: bool = False) -> bool:
    """Stop exactly what was started and remove its data.

    Args:
        home: where.
        say: called with each line of progress.
        force: also end a ``pulumi`` that is at work on the stack.

    Returns:
        Whether there was anything to stop.

    Raises:
        RehearsalError: a ``pulumi`` is at work on the stack.
    """
    if not home.path.exists():
        return False
    with home.locked("stop"):
        busy = leftovers.engines(home.pulumi_home)
        if busy and not force:
            raise RehearsalError(
                "A pulumi command is at work on this rehearsal.",
                seen=f"pid {', '.join(str(process.pid) for process in busy)}",
                remedy="wait for it, or end it too: fleetify rehearsal stop --force",
            )
        return _clear(home, say)


def status(home: Home) -> Status:
    """What runs now. Reads only."""
    record = home.read()
    if record is None:
        return Status(None)
    dead = [
        name
        for name, part in (("PostgreSQL", record.postgres), ("AWS server", record.aws))
        if not ((process := process_of(part)) and process.alive())
    ]
    return Status(record, tuple(dead), None if "PostgreSQL" in dead else _size(record))


def _bring_up(home: Home, say: Say) -> None:
    with _timed(say, "pulumi engine"):
        binaries = engine.bin_directory()
    record = Record(
        ready=False,
        created=datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
        postgres={},
        aws={},
        engine=str(binaries),
    )
    home.write(record)
    with _timed(say, "PostgreSQL"):
        server = postgres.start(_data(home))
        record = dataclasses.replace(record, postgres=_describe(server))
        home.write(record)
        _create_database(server)
    with _timed(say, "AWS server (S3, KMS, STS)"):

        def written_down(part: dict[str, object]) -> None:
            home.write(dataclasses.replace(record, aws=part))

        record = dataclasses.replace(record, aws=aws.start(home.path, written_down))
    install(home.pulumi_home)
    with _timed(say, "stack"):
        stack.create(home, record)
    with _timed(say, "first deployment"):
        stack.run(home, record, ["up", "--yes", "--skip-preview", "-s", STACK], show=lambda line: say(f"  {line}"))
    with _timed(say, "data of three companies"):
        seed(str(record.postgres["database_url"]))
    home.write(dataclasses.replace(record, ready=True))


def _clear(home: Home, say: Say) -> bool:
    """Stop and remove whatever is there, finished or half started."""
    record = home.read()
    ended = leftovers.end(home.pulumi_home)
    if ended:
        say(f"ended {ended} left-over processes of the engine")
    if record is not None:
        aws.stop(record.aws)
        process = process_of(record.postgres)
        if process:
            _server(record, process).stop()
            say("stopped PostgreSQL and the AWS server")
    data = _data(home)
    _stop_unrecorded(data)
    had = record is not None or data.exists()
    shutil.rmtree(data, ignore_errors=True)
    postgres.log_of(data).unlink(missing_ok=True)
    if data.parent.parent == SHARED_ROOT:
        with contextlib.suppress(OSError):
            data.parent.rmdir()
    home.wipe()
    return had


def _stop_unrecorded(data: Path) -> None:
    """A server whose start was killed before it could be written down still has its own pid file."""
    try:
        lines = (data / "postmaster.pid").read_text().splitlines()
        pid = int(lines[0])
        command = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
    except (OSError, ValueError, IndexError):
        return
    process = ProcessId.of(pid)
    if process and str(data).encode() in command:
        process.stop()


def _data(home: Home) -> Path:
    return postgres.data_root(home.path) / "postgres"


def _describe(server: postgres.Server) -> dict[str, object]:
    return {
        "url": server.url,
        "database_url": server.url.removesuffix("/postgres") + f"/{DATABASE}",
        "bindir": str(server.bindir),
        "version": server.version,
        "data": str(server.data),
        "pid": server.process.pid,
        "started": server.process.started,
    }


def _server(record: Record, process: ProcessId) -> postgres.Server:
    part = record.postgres
    return postgres.Server(str(part["url"]), Path(part["bindir"]), int(part["version"]), Path(part["data"]), process)


def _create_database(server: postgres.Server) -> None:
    with psycopg.connect(server.url, autocommit=True, connect_timeout=10) as admin:
        admin.execute(sql.SQL("CREATE DATABASE {} TEMPLATE template0").format(sql.Identifier(DATABASE)))


def _size(record: Record) -> int | None:
    try:
        with psycopg.connect(str(record.postgres["database_url"]), connect_timeout=5) as connection:
            row = connection.execute("SELECT pg_database_size(current_database())").fetchone()
    except (psycopg.Error, KeyError):
        return None
    return int(row[0]) if row else None


def port_of(url: str) -> str:
    """The port in a PostgreSQL URL."""
    return str(conninfo_to_dict(url).get("port"))


@contextlib.contextmanager
def _timed(say: Say, what: str) -> Iterator[None]:
    began = time.monotonic()
    try:
        yield
    except OSError as error:
        raise RehearsalError(
            f"{what} could not be started.", seen=str(error), remedy="check the space on the disk: df -h . /var/tmp"
        ) from error
    say(f"{what}: {time.monotonic() - began:.1f} s")
