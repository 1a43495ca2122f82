"""The rehearsal says no-go when migrations fail, do not undo themselves, or harm older data."""

from __future__ import annotations

from pathlib import Path

import psycopg
import pytest

from fleetify.database.schema.rehearse import Rehearsal, rehearse_migrations
from fleetify.database.schema.rehearse_way_back import rehearse_way_back
from fleetify.settings import RowLevelSecuritySettings
from tests.support.world import OPEN, QUICK, World

pytestmark = pytest.mark.database

V1, V2 = "20260101000001", "20260101000002"


@pytest.fixture
def world(database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, server: object) -> World:
    monkeypatch.setenv("PG_DUMP", f"{server.bindir}/pg_dump")  # type: ignore[attr-defined]  # the fixture's own class
    with psycopg.connect(database) as connection:
        connection.execute("create table public.old (id int primary key, note text)")
        connection.execute("insert into public.old select n, 'note ' || n from generate_series(1, 100) n")
    return World(database, tmp_path)


def rehearse(
    world: World, *labels_and_scripts: tuple[str, str, str | None], rules: RowLevelSecuritySettings = OPEN
) -> Rehearsal:
    migrations = [world.write(*script) for script in labels_and_scripts]
    return rehearse_migrations(world.url, migrations, execution=QUICK, row_security=rules, progress=world.said.append)


def test_goes_up_down_and_up_again(world: World) -> None:
    result = rehearse(
        world,
        (f"{V1}_one", "create table public.a (id int)", "drop table public.a"),
        (f"{V2}_two", "alter table public.old add column extra text", "alter table public.old drop column extra"),
    )
    assert result.faults == []
    assert [(step.script, step.direction) for step in result.steps] == [
        (f"{V1}_one", "up"),
        (f"{V2}_two", "up"),
        (f"{V2}_two", "down"),
        (f"{V1}_one", "down"),
        (f"{V1}_one", "up again"),
        (f"{V2}_two", "up again"),
    ]
    assert "public.old AccessExclusiveLock" in result.steps[1].locks
    assert world.exists("public.a")


def test_a_down_script_that_forgets_something_is_a_fault(world: World) -> None:
    result = rehearse(
        world,
        (
            f"{V1}_one",
            "create table public.a (id int); create index old_note on public.old (note)",
            "drop table public.a",
        ),
    )
    assert any("do not undo" in fault and "old_note" in fault for fault in result.faults)


def test_a_down_script_that_deletes_older_rows_is_a_fault(world: World) -> None:
    result = rehearse(
        world,
        (f"{V1}_one", "create table public.a (id int)", "drop table public.a; delete from public.old where id > 50"),
    )
    assert any("rows of older tables: public.old" in fault for fault in result.faults)


def test_a_migration_that_deletes_older_rows_is_a_fault(world: World) -> None:
    result = rehearse(world, (f"{V1}_one", "delete from public.old where id > 90", "select 1"))
    assert any("public.old loses 10 of 100 rows" in fault for fault in result.faults)


def test_a_migration_that_fails_on_this_data_is_a_fault(world: World) -> None:
    result = rehearse(world, (f"{V1}_one", "alter table public.old add check (id < 50)", "select 1"))
    assert len(result.faults) == 1
    assert "violated by some row" in result.faults[0]


def test_a_new_table_without_security_is_a_fault(world: World) -> None:
    result = rehearse(
        world, (f"{V1}_one", "create table public.a (id int)", "drop table public.a"), rules=RowLevelSecuritySettings()
    )
    assert any("row-level security is not enabled" in fault for fault in result.faults)


def test_stops_going_down_at_one_without_a_way_back(world: World) -> None:
    result = rehearse(
        world,
        (f"{V1}_one", "create table public.a (id int)", None),
        (f"{V2}_two", "create table public.b (id int)", "drop table public.b"),
    )
    assert result.faults == []
    assert result.irreversible == [f"{V1}_one"]
    assert [step.direction for step in result.steps] == ["up", "up", "down", "up again"]


def test_leaves_applied_ones_alone(world: World) -> None:
    applied = world.write(f"{V1}_one", "create table public.a (id int)", "drop table public.a")
    world.apply(applied)
    result = rehearse_migrations(world.url, [applied], execution=QUICK, row_security=OPEN, progress=world.said.append)
    assert result.pending == []
    assert result.steps == []


def test_the_way_back_is_rehearsed_from_the_ledger(world: World) -> None:
    world.apply(world.write(f"{V1}_one", "create table public.a (id int)", "drop table public.a"))
    result = rehearse_way_back(world.url, "20260101000000", execution=QUICK, progress=world.said.append)
    assert (result.pending, result.faults) == ([V1], [])
    assert not world.exists("public.a")


def test_a_way_back_that_fails_or_deletes_is_a_fault(world: World) -> None:
    world.apply(world.write(f"{V1}_one", "select 1", "delete from public.old where id = 1"))
    result = rehearse_way_back(world.url, "20260101000000", execution=QUICK, progress=world.said.append)
    assert result.faults == ["the way back deletes 1 of 100 rows of public.old"]
    world.apply(world.write(f"{V2}_two", "select 1", "drop table public.nowhere"))
    result = rehearse_way_back(world.url, V1, execution=QUICK, progress=world.said.append)
    assert "does not exist" in result.faults[0]
