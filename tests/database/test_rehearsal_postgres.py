"""The throw-away server: closed to strangers, gone with its parent, honest about what is missing."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from rehearsal import postgres
from rehearsal.errors import RehearsalError
from rehearsal.postgres_binaries import find
from rehearsal.processes import ProcessId

pytestmark = pytest.mark.database
ROOT = Path(__file__).parents[2]


def test_database_is_empty_utf8_and_of_the_announced_version(server: postgres.Server, database: str) -> None:
    with psycopg.connect(database) as connection:
        row = connection.execute(
            "SELECT current_setting('server_version_num')::int / 10000, current_setting('server_encoding'),"
            " (SELECT count(*) FROM pg_class WHERE relnamespace = 'public'::regnamespace)"
        ).fetchone()
    assert row == (server.version, "UTF8", 0)


def test_server_listens_on_loopback_only_and_wants_the_password(server: postgres.Server) -> None:
    with psycopg.connect(server.url) as connection:
        row = connection.execute(
            "SELECT current_setting('listen_addresses'), current_setting('unix_socket_directories')"
        ).fetchone()
    assert row == ("127.0.0.1", "")
    with pytest.raises(psycopg.OperationalError, match="password"):
        psycopg.connect(make_conninfo(server.url, password="wrong"))


def test_password_is_in_no_process_argument(server: postgres.Server) -> None:
    password = str(conninfo_to_dict(server.url)["password"]).encode()
    seen = [path.read_bytes() for path in Path("/proc").glob(f"{server.process.pid}/cmdline")]
    assert seen
    assert not any(password in line for line in seen)


@pytest.mark.parametrize("choice", ["wheel16", "wheel18"])
def test_wheel_starts_too(choice: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FLEETIFY_POSTGRES", choice)
    with postgres.running() as started:
        assert f"wheel{started.version}" == choice
        assert started.data.exists()
    assert not started.data.exists()
    assert not started.process.alive()


def test_server_dies_with_a_killed_parent(tmp_path: Path) -> None:
    program = (
        "import time\nfrom rehearsal import postgres\n"
        "with postgres.running() as s: print(s.process.pid, s.data, flush=True); time.sleep(60)"
    )
    parent = subprocess.Popen(
        [sys.executable, "-c", program], cwd=ROOT, stdout=subprocess.PIPE, text=True, env={**os.environ}
    )
    assert parent.stdout
    pid, data = parent.stdout.readline().split()
    process = ProcessId.of(int(pid))
    parent.send_signal(signal.SIGKILL)
    parent.wait(10)
    parent.stdout.close()
    assert process
    assert process.wait(15)
    with postgres.running():
        assert not Path(data).exists()  # the next one cleans up


def test_detached_server_outlives_its_parent_and_stops_by_its_record(tmp_path: Path) -> None:
    program = (
        "import sys\nfrom pathlib import Path\nfrom rehearsal import postgres\n"
        "root = postgres.data_root(Path(sys.argv[1]))\n"
        "s = postgres.start(root / 'data')\n"
        "print(s.url, s.bindir, s.version, s.data, s.process.pid, s.process.started)"
    )
    out = subprocess.run(
        [sys.executable, "-c", program, str(tmp_path)], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout.split()
    server = postgres.Server(out[0], Path(out[1]), int(out[2]), Path(out[3]), ProcessId(int(out[4]), out[5]))
    try:
        with psycopg.connect(server.url) as connection:
            assert connection.execute("SHOW fsync").fetchone() == ("on",)
    finally:
        server.stop()
        if server.data.parent != tmp_path:
            server.data.parent.rmdir()
    assert not server.process.alive()
    assert not server.data.exists()


def test_directory_without_a_server_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FLEETIFY_POSTGRES", str(tmp_path))
    with pytest.raises(RehearsalError, match="not the bin directory of a PostgreSQL server"):
        find()


def test_unusable_setting_is_reported_with_the_log(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(postgres, "_FAST", "shared_buffers = 'many'\n")
    with pytest.raises(RehearsalError, match=r"did not start[\s\S]*shared_buffers"), postgres.running():
        pass


def test_reused_pid_is_never_stopped() -> None:
    sleeper = subprocess.Popen(["sleep", "30"])
    try:
        real = ProcessId.of(sleeper.pid)
        assert real
        impostor = ProcessId(sleeper.pid, "another start")
        assert not impostor.alive()
        assert not impostor.stop()
        time.sleep(0.05)
        assert real.alive()
        assert real.stop()
        assert not real.alive()
    finally:
        sleeper.kill()
        sleeper.wait()
