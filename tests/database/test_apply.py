"""Applying one migration: once, in order, verified, and nothing of it left when it fails."""

from __future__ import annotations

import threading
import time
from pathlib import Path

import psycopg
import pytest

from fleetify.errors import DatabaseError, LedgerError, LockHeldError, MigrationFailedError
from fleetify.settings import RowLevelSecuritySettings
from tests.support.world import QUICK, World

pytestmark = pytest.mark.database

ONE = "20260101000001_one"
TWO = "20260101000002_two"


@pytest.fixture
def world(database: str, tmp_path: Path) -> World:
    return World(database, tmp_path)


def test_applies_and_records_in_both_ledgers(world: World) -> None:
    migration = world.write(
        ONE, "create table public.a (id int);\ninsert into public.a values (1);", "drop table public.a;"
    )
    applied = world.apply(migration)
    assert applied.created == ("table public.a",)
    assert not applied.adopted
    assert world.rows("select id from public.a") == [(1,)]
    assert world.rows("select version, name, kind, checksum, down_sql, release from fleetify.migration_ledger") == [
        ("20260101000001", "one", "migration", migration.checksum, "drop table public.a;", "phase-1")
    ]
    assert world.rows("select version, name, statements from supabase_migrations.schema_migrations") == [
        ("20260101000001", "one", ["create table public.a (id int)", "insert into public.a values (1)"])
    ]
    assert world.rows("select action, version from fleetify.ledger_events") == [("applied", "20260101000001")]


def test_is_adopted_the_second_time(world: World) -> None:
    migration = world.write(ONE, "create table public.a (id int)")
    first = world.apply(migration)
    second = world.apply(migration)
    assert second.adopted
    assert second.applied_at == first.applied_at
    assert world.rows("select count(*) from fleetify.ledger_events") == [(1,)]


def test_refuses_a_file_edited_after_it_was_applied(world: World) -> None:
    world.apply(world.write(ONE, "create table public.a (id int)"))
    with pytest.raises(LedgerError, match="was edited after it was applied") as caught:
        world.apply(world.write(ONE, "create table public.b (id int)"))
    assert "git log -p" in str(caught.value)
    assert not world.exists("public.b")


def test_refuses_one_below_what_is_applied(world: World) -> None:
    world.apply(world.write(TWO, "create table public.b (id int)"))
    with pytest.raises(LedgerError, match="out of order"):
        world.apply(world.write(ONE, "create table public.a (id int)"))
    assert world.applied() == ["20260101000002"]


def test_a_failing_statement_leaves_no_trace_and_names_its_line(world: World) -> None:
    sql = "create table public.a (id int);\n\ninsert into public.a\n  values ('x');\n"
    with pytest.raises(MigrationFailedError, match=r"20260101000001_one\.sql:4: invalid input syntax"):
        world.apply(world.write(ONE, sql))
    assert not world.exists("public.a")
    assert world.applied() == []


@pytest.mark.parametrize(
    ("security", "fault"),
    [
        ("", "row-level security is not enabled"),
        ("alter table public.a enable row level security;", "row-level security is not forced"),
        (
            "alter table public.a enable row level security; alter table public.a force row level security;",
            "has no policy",
        ),
    ],
)
def test_refuses_new_tables_that_clients_could_read(world: World, security: str, fault: str) -> None:
    with pytest.raises(MigrationFailedError, match=fault):
        world.apply(world.write(ONE, f"create table public.a (id int); {security}"), rules=RowLevelSecuritySettings())
    assert not world.exists("public.a")


def test_accepts_a_new_table_with_forced_security_and_a_policy(world: World) -> None:
    sql = """
    create table public.a (id int);
    alter table public.a enable row level security;
    alter table public.a force row level security;
    create policy everyone on public.a using (true);
    create schema internal;
    create table internal.b (id int);
    """
    applied = world.apply(world.write(ONE, sql), rules=RowLevelSecuritySettings())
    assert applied.created == ("table internal.b", "table public.a")


def test_notices_a_script_that_ends_the_transaction(world: World) -> None:
    with pytest.raises(MigrationFailedError, match="ended the transaction"):
        world.apply(world.write(ONE, "create table public.a (id int); commit; begin;"))
    assert world.applied() == []


def test_a_script_that_changes_role_and_path_is_recorded_all_the_same(world: World) -> None:
    world.apply(world.write(ONE, "set role pg_read_all_data; set search_path = nowhere;"))
    assert world.applied() == ["20260101000001"]


def test_waits_for_a_lock_in_short_attempts_and_names_who_blocks(world: World) -> None:
    world.apply(world.write(ONE, "create table public.a (id int)"))
    with psycopg.connect(world.url, application_name="a long report") as blocker:
        blocker.execute("select * from public.a")
        slow = QUICK.model_copy(update={"lock_timeout_seconds": 1.2})
        with pytest.raises(LockHeldError, match="not to be had in 2 attempts") as caught:
            world.apply(world.write(TWO, "alter table public.a add column note text"), execution=slow)
    assert "a long report" in str(caught.value)
    assert world.applied() == ["20260101000001"]


def test_goes_on_once_the_lock_is_free(world: World) -> None:
    world.apply(world.write(ONE, "create table public.a (id int)"))
    patient = QUICK.model_copy(update={"lock_retries": 20})
    with psycopg.connect(world.url) as blocker:
        blocker.execute("select * from public.a")

        def release_later() -> None:
            time.sleep(1.5)
            blocker.rollback()

        thread = threading.Thread(target=release_later)
        thread.start()
        applied = world.apply(world.write(TWO, "alter table public.a add column note text"), execution=patient)
        thread.join()
    assert applied.attempts > 1


def test_of_two_at_once_one_wins_and_the_other_names_it(world: World) -> None:
    slow = world.write(ONE, "create table public.a (id int); select pg_sleep(2);")
    thread = threading.Thread(target=world.apply, args=(slow,))
    thread.start()
    time.sleep(0.7)
    other = world.write(TWO, "create table public.b (id int)")
    with pytest.raises(LockHeldError, match="Another run migrates") as caught:
        world.apply(other)
    thread.join()
    assert "fleetify: migration 20260101000001" in str(caught.value)
    assert world.applied() == ["20260101000001"]


def test_names_who_writes_to_the_ledger_by_hand(world: World) -> None:
    world.apply(world.write(ONE, "create table public.a (id int)"))
    with psycopg.connect(world.url, application_name="psql by hand") as blocker:
        blocker.execute("lock table supabase_migrations.schema_migrations in exclusive mode")
        slow = QUICK.model_copy(update={"lock_timeout_seconds": 1.2, "lock_retries": 0})
        with pytest.raises(LockHeldError) as caught:
            world.apply(world.write(TWO, "create table public.b (id int)"), execution=slow)
    assert "psql by hand" in str(caught.value)
    assert not world.exists("public.b")


def test_adopts_what_another_tool_applied(world: World) -> None:
    with psycopg.connect(world.url) as connection:
        connection.execute("create schema supabase_migrations")
        connection.execute(
            "create table supabase_migrations.schema_migrations"
            " (version text primary key, statements text[], name text)"
        )
        connection.execute("create table public.a (id int)")
        connection.execute(
            "insert into supabase_migrations.schema_migrations values"
            " ('20260101000001', array['create table public.a (id int)'], 'one')"
        )
    applied = world.apply(world.write(ONE, "create table public.a (id int);\n"))
    assert applied.adopted
    assert applied.created == ("table public.a",)
    assert world.applied() == ["20260101000001"]


def test_refuses_what_another_tool_applied_differently(world: World) -> None:
    world.apply(world.write(ONE, "create table public.a (id int)"))
    with psycopg.connect(world.url) as connection:
        connection.execute("delete from fleetify.migration_ledger")
    with pytest.raises(LedgerError, match="is not what the database says was applied"):
        world.apply(world.write(ONE, "create table public.b (id int)"))


def test_without_transaction_goes_on_where_it_stopped(world: World) -> None:
    sql = (
        "-- fleetify: transaction=off\n"
        "create table public.a (id int);\n"
        "insert into public.a values (1), (1);\n"
        "create unique index concurrently a_id on public.a (id);\n"
    )
    migration = world.write(ONE, sql)
    with pytest.raises(MigrationFailedError, match=r"sql:4: could not create unique index"):
        world.apply(migration)
    assert world.applied() == []
    assert world.rows("select statements_done from fleetify.migration_progress") == [(2,)]
    with psycopg.connect(world.url) as connection:
        connection.execute("delete from public.a where ctid in (select ctid from public.a limit 1)")
    world.apply(migration)
    assert world.applied() == ["20260101000001"]
    assert world.rows("select indisvalid from pg_index where indexrelid = 'public.a_id'::regclass") == [(True,)]
    assert world.rows("select count(*) from fleetify.migration_progress") == [(0,)]


def test_a_wrong_password_is_not_shown(world: World) -> None:
    secret = "correct-horse-battery"
    url = world.url.replace("postgres:", f"postgres:{secret}", 1)
    with pytest.raises(DatabaseError) as caught:
        World(url, world.root).apply(world.write(ONE, "select 1"))
    assert secret not in str(caught.value)
    assert "Cannot connect" in str(caught.value)


def test_an_unreachable_server_is_named(world: World) -> None:
    with pytest.raises(DatabaseError, match=r"postgresql://nobody@127\.0\.0\.1:1/nothing"):
        World("postgresql://nobody:x@127.0.0.1:1/nothing", world.root).apply(world.write(ONE, "select 1"))


def test_many_in_a_row_over_one_connection(world: World) -> None:
    versions = [f"202601010000{number:02d}" for number in range(1, 13)]
    migrations = [
        world.write(f"{version}_t", f"create table public.t{version} (id int)", "select 1") for version in versions
    ]
    for migration in migrations:
        world.target(migration.version, *versions)
        world.apply(migration)
        assert world.apply(migration).adopted
        world.retire(migration.version)
    assert world.applied() == versions
