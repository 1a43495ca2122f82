"""What goes wrong, and that nothing which looks like a backup is left."""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import boto3
import psycopg
import pytest
from psycopg.conninfo import make_conninfo

from fleetify.database.backups.create import create_backup, list_backups
from fleetify.errors import BackupError, DatabaseError, FleetifyError, ObjectStoreError, ToolError
from fleetify.storage.object_store import ObjectStore, Retention
from rehearsal import postgres
from tests.database.backup.backup_world import Bucket, command_lines, execute, fake_tools

_Found = TypeVar("_Found")
pytestmark = pytest.mark.database


def leftovers(bucket: Bucket) -> list[str]:
    """Objects and unfinished uploads in the bucket."""
    s3 = boto3.client("s3")
    objects = [entry["Key"] for entry in s3.list_objects_v2(Bucket=bucket.name).get("Contents", [])]
    uploads = [upload["Key"] for upload in s3.list_multipart_uploads(Bucket=bucket.name).get("Uploads", [])]
    return objects + uploads


def test_a_dump_below_the_floor_is_refused(awkward: str, bucket: Bucket) -> None:
    with pytest.raises(BackupError, match="smaller than a backup of it can be") as caught:
        create_backup(awkward, bucket.store(), release="r", database="erp", minimum_bytes=1_000_000_000)
    assert "1,000,000,000" in str(caught.value)
    assert leftovers(bucket) == []


def test_a_wrong_password_is_refused_without_being_shown(awkward: str, bucket: Bucket) -> None:
    wrong = make_conninfo(awkward, password="not-the-password")
    with pytest.raises(DatabaseError, match="Cannot connect") as caught:
        create_backup(wrong, bucket.store(), release="r", database="erp")
    assert "password authentication failed" in str(caught.value)
    assert "not-the-password" not in str(caught.value)
    assert leftovers(bucket) == []


def test_an_unreachable_database_is_refused(awkward: str, bucket: Bucket) -> None:
    with pytest.raises(DatabaseError, match="Cannot connect"):
        create_backup(make_conninfo(awkward, port="1"), bucket.store(), release="r", database="erp")
    assert leftovers(bucket) == []


def test_a_missing_bucket_is_refused_before_the_dump(awkward: str, bucket: Bucket) -> None:
    lines: list[str] = []
    with pytest.raises(ObjectStoreError, match="does not exist"):
        create_backup(awkward, ObjectStore("no-such-bucket"), release="r", database="erp", progress=lines.append)
    assert not lines


def test_a_bucket_without_object_lock_is_refused_before_the_dump(awkward: str, bucket: Bucket) -> None:
    boto3.client("s3").create_bucket(Bucket=f"{bucket.name}-plain")
    lines: list[str] = []
    with pytest.raises(ObjectStoreError, match="has no object lock"):
        create_backup(
            awkward,
            ObjectStore(f"{bucket.name}-plain"),
            release="r",
            database="erp",
            retention=Retention(days=1),
            progress=lines.append,
        )
    assert not lines


def test_an_unreachable_store_is_refused(awkward: str, bucket: Bucket) -> None:
    with pytest.raises(ObjectStoreError, match="does not answer"):
        create_backup(awkward, ObjectStore(bucket.name, endpoint_url="http://127.0.0.1:1"), release="r", database="erp")


def test_a_tool_older_than_the_server_is_refused(
    awkward: str, bucket: Bucket, tools_directory: Path, server: postgres.Server
) -> None:
    tool = fake_tools(tools_directory, "exit 0", version="13.4")
    with pytest.raises(ToolError, match=f"version 13.4, the server is version {server.version}"):
        create_backup(awkward, bucket.store(), release="r", database="erp", pg_dump=tool)
    assert leftovers(bucket) == []


def test_a_warning_on_standard_error_fails_the_backup_unless_tolerated(
    awkward: str, bucket: Bucket, tools_directory: Path, server: postgres.Server
) -> None:
    real = server.bindir / "pg_dump"
    tool = fake_tools(tools_directory, f'echo "pg_dump: warning: odd thing" >&2\nexec {real} "$@"')

    with pytest.raises(BackupError, match="ended well but warned") as caught:
        create_backup(awkward, bucket.store(), release="r", database="erp", pg_dump=tool)
    assert "odd thing" in str(caught.value)
    assert leftovers(bucket) == []

    lines: list[str] = []
    create_backup(
        awkward,
        bucket.store(),
        release="r",
        database="erp",
        pg_dump=tool,
        tolerated_warnings=["odd thing"],
        progress=lines.append,
    )
    assert "tolerated: pg_dump: warning: odd thing" in lines


@pytest.mark.parametrize(
    ("script", "message"),
    [
        ("head -c 20000000 /dev/zero; echo 'pg_dump: error: disk on fire' >&2; exit 1", "disk on fire"),
        ("kill -9 $$", "exit status -9"),
        ("head -c 2000000 /dev/zero", "is not an archive"),
        ("exit 0", "is not an archive"),
    ],
)
def test_a_dump_that_fails_leaves_nothing(
    awkward: str, bucket: Bucket, tools_directory: Path, script: str, message: str
) -> None:
    with pytest.raises(BackupError, match=message):
        create_backup(awkward, bucket.store(), release="r", database="erp", pg_dump=fake_tools(tools_directory, script))
    assert leftovers(bucket) == []


def test_a_dump_that_hangs_is_ended_with_its_children(awkward: str, bucket: Bucket, tools_directory: Path) -> None:
    mark = f"4{os.getpid()}"
    tool = fake_tools(tools_directory, f"sleep {mark} & sleep {mark}")
    began = time.monotonic()
    with pytest.raises(BackupError, match="took longer than 1 s"):
        create_backup(awkward, bucket.store(), release="r", database="erp", pg_dump=tool, timeout_seconds=1)
    assert time.monotonic() - began < 20
    assert not [line for line in command_lines().values() if line.startswith(f"sleep {mark}")]
    assert leftovers(bucket) == []


def test_a_role_that_sees_only_some_rows_is_refused(awkward: str, bucket: Bucket, server: postgres.Server) -> None:
    execute(awkward, "CREATE ROLE clerk LOGIN PASSWORD 'clerk'; GRANT pg_read_all_data TO clerk")
    try:
        with pytest.raises(FleetifyError) as caught:
            create_backup(
                make_conninfo(awkward, user="clerk", password="clerk"), bucket.store(), release="r", database="erp"
            )
        assert "row-level security" in str(caught.value) or "permission denied" in str(caught.value)
        assert "BYPASSRLS" in str(caught.value)
        assert leftovers(bucket) == []
    finally:
        execute(awkward, "DROP OWNED BY clerk; DROP ROLE clerk")


RUN = textwrap.dedent("""
    import sys
    from fleetify.database.backups.create import create_backup
    from fleetify.storage.object_store import ObjectStore
    create_backup(sys.stdin.read(), ObjectStore(sys.argv[1]), release="r", database="erp", progress=print)
""")


@pytest.mark.skipif(sys.platform != "linux", reason="looks at /proc")
def test_killed_midway_leaves_no_backup_no_process_and_never_showed_the_password(
    awkward: str, bucket: Bucket, server: postgres.Server
) -> None:
    name = str(psycopg.conninfo.conninfo_to_dict(awkward)["dbname"])
    with psycopg.connect(awkward) as blocker:
        blocker.execute("LOCK TABLE wide IN ACCESS EXCLUSIVE MODE")
        ours = subprocess.Popen(
            [sys.executable, "-c", RUN, bucket.name],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            env=os.environ | bucket.environment,
        )
        assert ours.stdin is not None
        ours.stdin.write(awkward.encode())
        ours.stdin.close()
        try:
            dumps = wait_for(lambda: {pid: line for pid, line in command_lines().items() if is_dump(line, name)})
            assert dumps, "pg_dump did not start"
            assert not [line for line in command_lines().values() if "pass:word" in line]
            shown = {Path(f"/proc/{pid}/environ").read_bytes() for pid in dumps}
            assert not [environment for environment in shown if b"pass:word" in environment]
        finally:
            ours.kill()
            ours.wait()
        gone = wait_for(lambda: not [line for line in command_lines().values() if is_dump(line, name)])
        assert gone, "pg_dump outlived its parent"
    assert list_backups(bucket.store()) == []


def is_dump(line: str, database: str) -> bool:
    return "--format=custom" in line and database in line and "tether" not in line


def wait_for(condition: Callable[[], _Found], seconds: float = 20) -> _Found:
    limit = time.monotonic() + seconds
    while not (found := condition()) and time.monotonic() < limit:
        time.sleep(0.05)
    return found


# Not ru_maxrss: that one remembers the process which started us, from before it became this one.
MEASURED = RUN + textwrap.dedent("""
    from pathlib import Path
    status = Path("/proc/self/status").read_text()
    print(int(status.split("VmHWM:")[1].split()[0]) * 1024, file=sys.stderr)
""")


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc/self/status")
def test_memory_does_not_grow_with_the_dump(awkward: str, bucket: Bucket) -> None:
    def peak() -> int:
        outcome = subprocess.run(
            [sys.executable, "-c", MEASURED, bucket.name],
            input=awkward.encode(),
            capture_output=True,
            env=os.environ | bucket.environment,
            check=True,
            timeout=300,
        )
        return int(outcome.stderr)

    small = peak()
    # Random enough not to shrink: parts must really be sent.
    execute(
        awkward,
        "CREATE TABLE noise AS SELECT i, decode(string_agg(md5(i::text || j), ''), 'hex') AS b"
        " FROM generate_series(1, 1600) i, generate_series(1, 4000) j GROUP BY i",
    )
    large = peak()

    assert large < 200_000_000
    assert large - small < 100_000_000
