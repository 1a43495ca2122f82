"""The baseline: whole history at once on an empty database, adopted on an existing one, refused where in doubt."""

from __future__ import annotations

from pathlib import Path

import psycopg
import pytest

from fleetify.database.migrations.model import Migration
from fleetify.database.schema.baseline import BaselineResult, establish_baseline, find_edited
from fleetify.errors import LedgerError, MigrationFailedError
from tests.support.world import QUICK, World

pytestmark = pytest.mark.database

VERSIONS = [f"2026010100000{number}" for number in range(1, 5)]


@pytest.fixture
def world(database: str, tmp_path: Path) -> World:
    return World(database, tmp_path)


def history(world: World, count: int = 3) -> list[Migration]:
    return [world.write(f"{version}_t", f"create table public.t{version[-1]} (id int)") for version in VERSIONS[:count]]


def establish(world: World, migrations: list[Migration], *, trust_live: bool = False) -> BaselineResult:
    return establish_baseline(
        world.url,
        migrations,
        through=VERSIONS[-1],
        trust_live=trust_live,
        release="phase-0",
        client_schemas=["public"],
        execution=QUICK,
        progress=world.said.append,
    )


def test_an_empty_database_gets_everything(world: World) -> None:
    result = establish(world, history(world))
    assert (result.applied, result.adopted) == (3, 0)
    assert world.exists("public.t3")
    assert world.rows("select version, kind from fleetify.migration_ledger order by 1") == [
        (version, "baseline") for version in VERSIONS[:3]
    ]
    assert world.rows("select statements from supabase_migrations.schema_migrations order by version limit 1") == [
        (["create table public.t1 (id int)"],)
    ]


def test_a_second_time_changes_nothing(world: World) -> None:
    establish(world, history(world))
    result = establish(world, history(world))
    assert (result.applied, result.adopted) == (0, 3)
    assert world.rows("select count(*) from fleetify.ledger_events") == [(1,)]


def test_a_baseline_that_moved_up_adopts_migrations_and_applies_new_files(world: World) -> None:
    files = history(world, 4)
    establish(world, files[:2])
    world.apply(files[2])
    result = establish(world, files)
    assert (result.applied, result.adopted) == (1, 3)
    assert world.applied() == VERSIONS


def test_a_failing_file_leaves_nothing(world: World) -> None:
    files = [
        *history(world, 2),
        world.write(f"{VERSIONS[2]}_bad", "create table public.t3 (id int);\nselect nonsense;"),
    ]
    with pytest.raises(MigrationFailedError, match=r"_bad\.sql:2: column \"nonsense\" does not exist"):
        establish(world, files)
    assert not world.exists("public.t1")
    assert world.applied() == []


def test_files_without_transaction_run_between_the_others(world: World) -> None:
    files = [
        *history(world, 2),
        world.write(
            f"{VERSIONS[2]}_index", "-- fleetify: transaction=off\ncreate index concurrently t1_id on public.t1 (id);"
        ),
        world.write(f"{VERSIONS[3]}_last", "create table public.t4 (id int)"),
    ]
    assert establish(world, files).applied == 4
    assert world.exists("public.t1_id")


def test_refuses_a_database_that_has_tables_and_no_record(world: World) -> None:
    with psycopg.connect(world.url) as connection:
        connection.execute("create table public.old (id int)")
    with pytest.raises(LedgerError, match="not empty, and there is no record") as caught:
        establish(world, history(world))
    assert "fleetify migrations adopt" in str(caught.value)


def test_tables_of_the_platform_do_not_count(world: World) -> None:
    with psycopg.connect(world.url) as connection:
        connection.execute("create schema auth; create table auth.users (id int)")
    assert establish(world, history(world)).applied == 3


def test_trusting_the_live_database_reads_no_file(world: World) -> None:
    with psycopg.connect(world.url) as connection:
        connection.execute("create table public.old (id int)")
    assert establish(world, [], trust_live=True).applied == 0
    assert world.rows("select action from fleetify.ledger_events") == [("baseline trusted",)]


def test_names_edited_files(world: World) -> None:
    files = history(world)
    establish(world, files)
    files[1] = world.write(f"{VERSIONS[1]}_t", "create table public.other (id int)")
    assert find_edited(world.url, files) == [files[1].path]
    with pytest.raises(LedgerError, match="was edited after it was applied"):
        establish(world, files)


def test_refuses_holes(world: World) -> None:
    files = history(world)
    establish(world, [files[0], files[2]])
    with pytest.raises(LedgerError, match="missing from the database's record") as caught:
        establish(world, files)
    assert files[1].path in str(caught.value)
