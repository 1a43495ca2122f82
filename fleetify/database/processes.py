"""Running a PostgreSQL client tool: without the password in its arguments, and never longer than we live."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import IO

import psycopg
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from fleetify.database.connection import CONNECT_TIMEOUT_SECONDS, hide_password
from fleetify.errors import DatabaseError, ToolError

ERROR_OUTPUT_LIMIT = 64 * 1024
STOP_TIMEOUT_SECONDS = 10
PIPE_BYTES = 1024 * 1024

_TETHER = Path(__file__).with_name("tether.py")
_LINUX = sys.platform == "linux"
# Nothing else of our environment reaches the tools: it may hold the credentials of other services.
_ENVIRONMENT = ("PATH", "HOME", "TMPDIR", "LD_LIBRARY_PATH", "SSL_CERT_FILE", "SSL_CERT_DIR", "KRB5CCNAME")


class ToolProcess:
    """A tool under way.

    Attributes:
        name: of the tool, for messages.
        stdin: its standard input; None unless asked for.
        stdout: its standard output; None unless asked for.
        timed_out: whether it was killed because it took too long.
    """

    def __init__(self, process: subprocess.Popen[bytes], name: str, url: str, timeout_seconds: float) -> None:
        self.name = name
        self.stdin: IO[bytes] | None = process.stdin
        self.stdout: IO[bytes] | None = process.stdout
        self.timed_out = False
        self._process = process
        self._url = url
        self._errors = bytearray()
        self._reader = threading.Thread(target=self._read_errors, name=f"{name} stderr", daemon=True)
        self._reader.start()
        self._timer = threading.Timer(timeout_seconds, self._expire)
        self._timer.daemon = True
        self._timer.start()

    def wait(self) -> int:
        """Wait until it ends; its exit status (negative: the signal that ended it)."""
        status = self._process.wait()
        self._timer.cancel()
        self._reader.join(STOP_TIMEOUT_SECONDS)
        return status

    @property
    def errors(self) -> str:
        """What it wrote to standard error (the first 64 KiB), without the password."""
        return hide_password(bytes(self._errors).decode("utf-8", "replace").strip(), self._url)

    def kill(self) -> None:
        """End it and whatever it started, at once."""
        self._timer.cancel()
        self._end_group()
        self._process.wait()

    @property
    def running(self) -> bool:
        """Whether it has not ended yet."""
        return self._process.poll() is None

    def _expire(self) -> None:
        if self.running:
            self.timed_out = True
            self._end_group()

    def _end_group(self) -> None:
        """Once the process was waited for, its number may belong to somebody else."""
        if self._process.poll() is None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)

    def _read_errors(self) -> None:
        stream = self._process.stderr
        assert stream is not None  # noqa: S101  # for the type checker: opened as a pipe below
        with stream:
            while chunk := os.read(stream.fileno(), 8192):
                self._errors += chunk[: max(0, ERROR_OUTPUT_LIMIT - len(self._errors))]


@contextlib.contextmanager
def run_tool(
    tool: Path, arguments: Sequence[str], url: str, *, timeout_seconds: float, feed: bool = False
) -> Iterator[ToolProcess]:
    """Start a client tool against a database; killed at the end of the block if it still runs.

    The password travels in a password file that exists only in memory (Linux), else in the environment.
    The tool is killed when the calling thread's process dies; the block must be left by the thread that entered it.

    Args:
        tool: path of the executable.
        arguments: without the connection's.
        url: the database.
        timeout_seconds: after this it is killed.
        feed: give it a standard input to write to instead of a standard output to read from.

    Raises:
        ToolError: it does not start.
        DatabaseError: the URL cannot be parsed.
    """
    conninfo, password = _without_password(url)
    command = [str(tool), *arguments, "--no-password", f"--dbname={conninfo}"]
    environment = {name: os.environ[name] for name in _ENVIRONMENT if name in os.environ}
    environment |= {name: value for name, value in os.environ.items() if name.startswith("PG")}
    environment["LC_ALL"] = "C"
    # The server ends our session within seconds when the tool is gone, even inside a long statement (PostgreSQL 14).
    options = (f"{environment.get('PGOPTIONS', '')} -c client_connection_check_interval=5s").strip()
    environment["PGOPTIONS"] = options
    passed: list[int] = []
    if password is not None:
        if _LINUX:
            passed.append(_password_file(password))
            environment["PGPASSFILE"] = f"/proc/self/fd/{passed[0]}"
            environment.pop("PGPASSWORD", None)
        else:
            environment["PGPASSWORD"] = password
    if _LINUX:
        command = [sys.executable, "-I", "-S", str(_TETHER), str(os.getpid()), *command]
    try:
        process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE if feed else subprocess.DEVNULL,
            stdout=subprocess.DEVNULL if feed else subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=environment,
            pass_fds=passed,
            start_new_session=True,
            bufsize=0 if not feed else -1,
        )
    except OSError as error:
        raise ToolError(f"{tool.name} does not start.", seen=f"{tool}: {error.strerror}") from None
    finally:
        for descriptor in passed:
            os.close(descriptor)
    _widen(process.stdin if feed else process.stdout)
    running = ToolProcess(process, tool.name, url, timeout_seconds)
    try:
        yield running
    finally:
        running.kill()
        for stream in (process.stdin, process.stdout):
            if stream is not None:
                with contextlib.suppress(OSError):
                    stream.close()


def _without_password(url: str) -> tuple[str, str | None]:
    """The conninfo that may be seen by everybody, and the password."""
    try:
        parts = conninfo_to_dict(url)
    except psycopg.Error:
        raise DatabaseError(
            "The database URL cannot be parsed.",
            remedy="give it as postgresql://user:password@host:5432/database, special characters %-encoded",
        ) from None
    password = parts.pop("password", None)
    if parts.get("sslpassword"):
        raise DatabaseError(
            "The database URL holds an sslpassword, which cannot be handed to pg_dump without showing it to others.",
            remedy="use a client key without a passphrase, readable by this user only",
        )
    parts.setdefault("connect_timeout", str(CONNECT_TIMEOUT_SECONDS))
    parts.update(keepalives_idle="30", keepalives_interval="10", keepalives_count="3")
    return make_conninfo("", **parts), str(password) if password is not None else None


def _password_file(password: str) -> int:
    """A password file in memory, for all hosts; its descriptor. libpq wants a regular file only its owner can read."""
    escaped = password.replace("\\", "\\\\").replace(":", "\\:")
    descriptor = os.memfd_create("pgpass", os.MFD_CLOEXEC)
    os.fchmod(descriptor, 0o600)
    os.write(descriptor, f"*:*:*:*:{escaped}\n".encode())
    return descriptor


def _widen(stream: IO[bytes] | None) -> None:
    """Give the pipe more room, where the system can: fewer switches between the processes."""
    if stream is None or not _LINUX:
        return
    import fcntl  # noqa: PLC0415  # not on every system

    with contextlib.suppress(OSError):
        fcntl.fcntl(stream.fileno(), fcntl.F_SETPIPE_SZ, PIPE_BYTES)
