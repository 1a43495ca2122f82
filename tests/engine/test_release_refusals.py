"""What is wrong is refused with a clear error before anything has changed, with the real engine."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest

from tests.support.stage import Stage

pytestmark = [pytest.mark.engine, pytest.mark.database]

FIRST = "20251019000000_create_sales_system.sql"
THIRD = "20251019230000_create_integration_views.sql"
LATER = "20251220000000"


def refuse(stage: Stage, *, env: dict[str, str] | None = None, command: str = "up") -> str:
    """Run, expect a failure, and that schema, ledger and data are as before; what was said."""
    schema, objects = stage.schema_digest(), stage.objects()
    applied = stage.rows("select version, checksum from fleetify.migration_ledger order by 1")
    answer = getattr(stage.pulumi, command)(check=False, env=env)
    said = str(answer.stdout + answer.stderr)
    assert answer.returncode != 0, said
    assert "Traceback" not in said, said
    assert stage.schema_digest() == schema
    assert stage.rows("select version, checksum from fleetify.migration_ledger order by 1") == applied
    assert set(objects) <= set(stage.objects())
    return said


def test_every_fault_of_the_folder_at_once(stage: Stage, tmp_path: Path) -> None:
    folder = stage.folder / "migrations"
    (folder / "20251220000000_twice.sql").write_text("select 1;")
    (folder / "20251220000000_again.sql").write_text("select 1;")
    (folder / "20251221000000_empty.sql").write_text("-- nothing\n")
    (folder / "20251222000000_latin.sql").write_bytes("select 'é';".encode("latin-1"))
    (folder / "20251223000000_orphan.down.sql").write_text("select 1;")
    (tmp_path / "outside.sql").write_text("select 1;")
    (folder / "20251224000000_link.sql").symlink_to(tmp_path / "outside.sql")
    (folder / "notes.txt.sql").write_text("select 1;")
    stage.configure(schema="phase-7d")
    said = refuse(stage, command="preview")
    for name in ("twice", "again", "empty", "latin", "orphan", "link", "notes.txt.sql"):
        assert name in said, said


def test_bad_sql_before_it_reaches_any_database(stage: Stage) -> None:
    path = stage.folder / "migrations" / THIRD
    path.write_text(path.read_text() + "\ncreate tabel public.x (id int);\n")
    stage.configure(schema="phase-7d")
    said = refuse(stage, command="preview")
    assert THIRD in said
    assert "tabel" in said


def test_a_missing_down_script(stage: Stage) -> None:
    (stage.folder / "migrations" / "20251219120000_enhance_vendors_system.down.sql").unlink()
    stage.configure(schema="phase-7d")
    said = refuse(stage)
    assert "missing-down-script" in said
    assert "-- fleetify: irreversible" in said


def test_a_down_script_that_does_not_undo(stage: Stage) -> None:
    path = stage.folder / "migrations" / "20251219120000_enhance_vendors_system.down.sql"
    path.write_text(path.read_text().replace("drop column website", "alter column website drop default"))
    assert "alter column website" in path.read_text()
    stage.configure(schema="phase-7d")
    said = refuse(stage)
    assert "do not undo the migrations" in said
    assert "website" in said
    assert not {name for name in stage.databases() if name.startswith("fleetify_scratch")}


def test_an_edited_applied_migration_and_one_out_of_order(stage: Stage) -> None:
    stage.release("phase-7d")
    folder = stage.folder / "migrations"
    original = (folder / FIRST).read_text()
    (folder / FIRST).write_text(original + "-- a late thought\n")
    said = refuse(stage, command="preview")
    assert f"migrations/{FIRST} was edited after it was applied" in said
    assert "git log -p" in said
    (folder / FIRST).write_text(original)

    (folder / "20251101000000_late.sql").write_text("create schema late;")
    (folder / "20251101000000_late.down.sql").write_text("drop schema late;")
    said = refuse(stage)
    assert "20251101000000_late.sql is out of order" in said


def test_an_edited_baseline_file(stage: Stage) -> None:
    path = next((stage.folder / "migrations").glob("20250901000300*"))
    path.write_text(path.read_text() + "-- a late thought\n")
    said = refuse(stage, command="preview")
    assert "baseline were edited after they were applied" in said
    assert path.name in said


def test_a_gap(stage: Stage) -> None:
    stage.execute(f"insert into supabase_migrations.schema_migrations (version, name) values ('{LATER}', 'by_hand')")
    stage.configure(schema="phase-7d")
    said = refuse(stage)
    assert "migrations that the folder lacks" in said
    assert LATER in said


def test_wrong_settings_all_at_once(stage: Stage) -> None:
    stage.configure(schema="phase-9", backup={"retentionDays": -1, "lockMod": "x"}, execution={"lockRetries": "many"})
    said = refuse(stage, command="preview")
    assert "fleetify:backup.retentionDays" in said
    assert "did you mean lockMode?" in said
    assert "fleetify:execution.lockRetries" in said


def test_a_release_without_manifest(stage: Stage) -> None:
    stage.configure(schema="phase-9")
    said = refuse(stage, command="preview")
    assert "There is no manifest of release phase-9" in said
    assert "phase-7c, phase-7d" in said


@pytest.mark.parametrize(
    ("environment", "expected"),
    [
        (
            lambda stage: {"FLEETIFY_DATABASE_URL": stage.url.replace("postgres:", "postgres:wrong", 1)},
            "Cannot connect",
        ),
        (lambda stage: {"FLEETIFY_DATABASE_URL": "postgresql://x:hunter2@127.0.0.1:1/x"}, "Cannot connect"),
        (lambda stage: {"AWS_ENDPOINT_URL": "http://127.0.0.1:1"}, "127.0.0.1:1"),
        (lambda stage: stage.fake_tools("") | _older(stage), "older than the server"),
        (lambda stage: stage.fake_tools('"$REAL" "$@"; echo "disk on fire" >&2; exit 1'), "disk on fire"),
        (lambda stage: stage.fake_tools('"$REAL" "$@" 2>/dev/null | head -c 2000000; exit 0'), "pg_restore"),
    ],
    ids=["wrong password", "no database", "no bucket", "old pg_dump", "failing pg_dump", "truncated dump"],
)
def test_what_the_release_depends_on(
    stage: Stage, environment: Callable[[Stage], dict[str, str]], expected: str
) -> None:
    stage.configure(schema="phase-7d")
    said = refuse(stage, env=environment(stage))
    assert expected in said, said
    assert "hunter2" not in said


def _older(stage: Stage) -> dict[str, str]:
    tool = stage.folder.parent / "tools" / "pg_dump"
    tool.write_text(tool.read_text().replace('exec "$REAL" "$@"\n', 'echo "pg_dump (PostgreSQL) 9.6.1"; exit\n', 1))
    restore = tool.with_name("pg_restore")
    restore.write_text('#!/bin/sh\necho "pg_restore (PostgreSQL) 9.6.1"\n')
    return {}


def test_what_fails_on_the_live_database_only_stops_there_and_goes_on_there(stage: Stage) -> None:
    path = stage.folder / "migrations" / THIRD
    good = path.read_text()
    name = stage.url.rsplit("/", 1)[1]
    path.write_text(f"{good}\ndo $$ begin if current_database() = '{name}' then raise 'only here'; end if; end $$;\n")
    answer = stage.release("phase-7d", check=False)
    assert answer.returncode != 0
    assert "only here" in answer.stdout
    assert THIRD in answer.stdout
    assert stage.applied() == ["20251019000000", "20251019210015"]
    assert stage.rows("select count(*) from pg_views where schemaname = 'public'") == [(0,)]
    path.write_text(good)
    stage.pulumi.up()
    assert len(stage.applied()) == 4
    actions = [
        row[0] for row in stage.rows("select version from fleetify.ledger_events where action = 'applied' order by id")
    ]
    assert actions == stage.applied()


def test_the_other_of_two_runs_is_told_who_migrates(stage: Stage) -> None:
    stage.configure(schema="phase-7d", execution={"ledgerWaitSeconds": 0})
    with psycopg.connect(stage.url, autocommit=True, application_name="fleetify: another stack") as other:
        key = int.from_bytes(
            __import__("hashlib").sha256(b"fleetify migration ledger").digest()[:8], "big", signed=True
        )
        other.execute("select pg_advisory_lock(%s)", (key,))
        said = refuse(stage)
    assert "Another run migrates this database" in said
    assert "fleetify: another stack" in said


def test_of_two_ups_at_once_one_wins(stage: Stage) -> None:
    stage.configure(schema="phase-7d")
    env = {**stage.pulumi.env, **stage.fake_tools("sleep 3")}
    command = stage.pulumi.command("up", "--yes", "--skip-preview", "-s", "rehearsal")
    with subprocess.Popen(command, cwd=stage.folder, env=env, stdout=subprocess.PIPE, text=True) as first:
        deadline = time.monotonic() + 60
        while not list((stage.pulumi.backend / ".pulumi" / "locks").rglob("*.json")):
            assert time.monotonic() < deadline
            time.sleep(0.1)
        second = stage.pulumi.up(check=False)
        first.communicate(timeout=120)
    assert first.returncode == 0
    assert second.returncode != 0
    assert "locked" in second.stdout + second.stderr
    assert len(stage.applied()) == 4
