"""A throw-away PostgreSQL server on loopback, started in about a second by any user.

Two ways to start one: ``with running() as server`` for tests (the server dies with its parent), and
``start(directory)`` for an environment that outlives the command that started it, stopped later with
``Server.stop``. Both listen on 127.0.0.1 only, on a free port, without a Unix socket, and ask every
connection for the password of the superuser ``postgres`` (SCRAM).
"""

from __future__ import annotations

import contextlib
import ctypes
import hashlib
import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import psycopg

from rehearsal.errors import RehearsalError
from rehearsal.postgres_binaries import (
    Account,
    Binaries,
    account,
    clean_environment,
    find,
    private_root,
    run_as,
)
from rehearsal.processes import ProcessId

START_SECONDS = 60.0
STOP_SECONDS = 30.0
_PORT_ATTEMPTS = 5
_DURABLE = "fsync = on\n"
_FAST = "fsync = off\nsynchronous_commit = off\nfull_page_writes = off\n"


@dataclass(frozen=True)
class Server:
    """A running server.

    Attributes:
        url: superuser's URL of the database ``postgres``, password included.
        bindir: directory of the server's own ``pg_dump``, ``pg_restore``, ``psql``.
        version: major version.
        data: its data directory; the log is beside it, as ``<data>.log``.
        process: the postmaster.
    """

    url: str
    bindir: Path
    version: int
    data: Path
    process: ProcessId

    def stop(self) -> None:
        """Stop exactly this server and remove its data; fine when it is gone already."""
        if self.process.alive():
            # SIGINT is PostgreSQL's "fast" shutdown, SIGQUIT its "immediate" one.
            self.process.stop(signal.SIGINT, patience=STOP_SECONDS)
        shutil.rmtree(self.data, ignore_errors=True)
        log_of(self.data).unlink(missing_ok=True)

    def log_tail(self, lines: int = 15) -> str:
        """The last lines of the server's log."""
        return _tail(log_of(self.data), lines)


@contextlib.contextmanager
def running(*, durable: bool = False) -> Iterator[Server]:
    """A server for the length of a ``with`` block; it ends with this process even if that is killed.

    Args:
        durable: keep fsync on, for measurements and rehearsals; off for tests.

    Raises:
        RehearsalError: no PostgreSQL can be found or started.
    """
    user = account()
    root = private_root(f"fleetify-tests-{user.name if user else os.geteuid()}", user)
    _sweep(root)
    me = ProcessId.of(os.getpid())
    data = root / f"{os.getpid()}-{secrets.token_hex(4)}"
    owner = root / f"{data.name}.owner"
    owner.write_text(f"{os.getpid()} {me.started if me else ''}")
    try:
        server = start(data, durable=durable, detached=False)
        try:
            yield server
        finally:
            server.stop()
    finally:
        owner.unlink(missing_ok=True)


def start(data: Path, *, durable: bool = True, detached: bool = True) -> Server:
    """Create a cluster in a new directory and start it.

    Args:
        data: directory to create; its parent must be reachable for the user that runs the server.
        durable: keep fsync on.
        detached: let the server outlive this process (and its terminal's Ctrl-C).

    Raises:
        RehearsalError: no PostgreSQL, no disk space, no free port, or it does not come up in a minute;
            with the tail of its log.
    """
    binaries, user = find(), account()
    password = secrets.token_urlsafe(24)
    try:
        _create_cluster(binaries, user, data, password)
        with data.joinpath("postgresql.conf").open("a") as file:
            file.write(_settings(durable=durable))
        for _ in range(_PORT_ATTEMPTS):
            port = _free_port()
            url = f"postgresql://postgres:{password}@127.0.0.1:{port}/postgres"
            process = _launch(binaries, user, data, port, detached=detached)
            if _answers(url, process, data):
                return Server(url, binaries.bindir, binaries.version, data, process)
            process.stop(signal.SIGQUIT)
            if "Address already in use" not in _tail(log_of(data), 30):
                raise RehearsalError(
                    f"PostgreSQL {binaries.version} of {binaries.bindir} did not start.",
                    seen=_tail(log_of(data), 15),
                    remedy="clear the cause that its log names, or choose another: FLEETIFY_POSTGRES=wheel16",
                )
        raise RehearsalError(
            f"No free port on 127.0.0.1 for PostgreSQL in {_PORT_ATTEMPTS} attempts.",
            remedy="try again; see what listens with: ss -ltn",
        )
    except BaseException:
        shutil.rmtree(data, ignore_errors=True)
        log_of(data).unlink(missing_ok=True)
        raise


def log_of(data: Path) -> Path:
    """Where the server of that data directory logs to."""
    return data.with_name(f"{data.name}.log")


def data_root(home: Path) -> Path:
    """A directory for clusters: ``home`` itself, or one elsewhere when the server's user cannot reach it.

    Args:
        home: an existing directory of ours.
    """
    user = account()
    if user is None:
        return home
    # The server needs to own its directory, and root's project folders are often closed to it.
    digest = hashlib.sha256(str(home.resolve()).encode()).hexdigest()[:16]
    return private_root(f"fleetify-{digest}", user)


def _create_cluster(binaries: Binaries, user: Account | None, data: Path, password: str) -> None:
    if data.exists():
        raise RehearsalError(f"{data} exists already.", remedy=f"remove it if nothing uses it: rm -rf {data}")
    with tempfile.NamedTemporaryFile("w", dir=data.parent, prefix=".password-") as file:
        file.write(password)
        file.flush()
        if user:
            os.chown(file.name, user.uid, user.gid)
        command = [
            str(binaries.bindir / "initdb"),
            f"--pgdata={data}",
            "--username=postgres",
            "--auth=scram-sha-256",
            f"--pwfile={file.name}",
            "--encoding=UTF8",
            "--no-instructions",
            "--no-sync",
        ]
        answer = run_as(user, [*command, "--locale=C.UTF-8"], timeout=START_SECONDS)
        if answer.returncode != 0 and "locale" in answer.stderr:
            shutil.rmtree(data, ignore_errors=True)
            answer = run_as(user, [*command, "--locale=C"], timeout=START_SECONDS)
    if answer.returncode != 0:
        raise RehearsalError(
            f"initdb of PostgreSQL {binaries.version} could not create a cluster in {data}.",
            seen=answer.stderr.strip()[-800:],
            remedy=f"check the space and the rights there: df -h {data.parent}; ls -ld {data.parent}",
        )


def _settings(*, durable: bool) -> str:
    return (
        "\n# Written by the rehearsal.\n"
        "listen_addresses = '127.0.0.1'\nunix_socket_directories = ''\nmax_connections = 100\n"
        "timezone = 'UTC'\nlog_timezone = 'UTC'\n" + (_DURABLE if durable else _FAST)
    )


def _launch(binaries: Binaries, user: Account | None, data: Path, port: int, *, detached: bool) -> ProcessId:
    log = log_of(data)
    with log.open("ab") as output:
        if user:
            os.fchown(output.fileno(), user.uid, user.gid)
        child = subprocess.Popen(
            [str(binaries.bindir / "postgres"), "-D", str(data), "-p", str(port)],
            cwd="/",
            env=clean_environment(),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
            user=user.uid if user else None,
            group=user.gid if user else None,
            extra_groups=[] if user else None,
            preexec_fn=None if detached else _die_with_parent(),  # noqa: PLW1509 - no threads of ours run yet
        )
    process = ProcessId.of(child.pid)
    # The process object must not complain that its child runs on: that is the point.
    child.returncode = 0
    if process is None:
        raise RehearsalError("PostgreSQL ended at once.", seen=_tail(log, 15), remedy=f"see its log: {log}")
    return process


def _die_with_parent() -> Callable[[], None] | None:
    """Linux: ask the kernel for a fast shutdown of the server when we die, even by SIGKILL (prctl(2))."""
    if not sys.platform.startswith("linux"):
        return None
    library = ctypes.CDLL(None, use_errno=True)
    pr_set_pdeathsig = 1

    def ask() -> None:
        library.prctl(pr_set_pdeathsig, int(signal.SIGINT))

    return ask


def _answers(url: str, process: ProcessId, data: Path) -> bool:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        # Asked only once its own pid file says "ready": another server could listen on that port.
        if _pid_file_says_ready(data, process):
            with contextlib.suppress(psycopg.OperationalError), psycopg.connect(url, connect_timeout=5):
                return True
        if process.wait(0.05):
            return False
    return False


def _pid_file_says_ready(data: Path, process: ProcessId) -> bool:
    try:
        lines = data.joinpath("postmaster.pid").read_text().splitlines()
    except OSError:
        return False
    return lines[:1] == [str(process.pid)] and any(line.strip() == "ready" for line in lines)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _tail(path: Path, lines: int) -> str:
    try:
        return "\n".join(path.read_text(errors="replace").splitlines()[-lines:])
    except OSError:
        return "(no log)"


def _sweep(root: Path) -> None:
    """Remove what killed test runs left behind."""
    for owner in root.glob("*.owner"):
        with contextlib.suppress(OSError, ValueError):
            number, _, started = owner.read_text().partition(" ")
            if ProcessId(int(number), started).alive():
                continue
            data = root / owner.stem
            shutil.rmtree(data, ignore_errors=True)
            log_of(data).unlink(missing_ok=True)
            owner.unlink(missing_ok=True)
