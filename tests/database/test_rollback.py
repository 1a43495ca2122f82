"""Going back: only when the target asks, newest first, with the ledger's own script, and never losing rows unasked."""

from __future__ import annotations

from pathlib import Path

import psycopg
import pytest

from fleetify.errors import LedgerError, MigrationFailedError
from tests.support.world import World

pytestmark = pytest.mark.database

V1, V2 = "20260101000001", "20260101000002"


@pytest.fixture
def world(database: str, tmp_path: Path) -> World:
    world = World(database, tmp_path)
    world.apply(world.write(f"{V1}_one", "create table public.a (id int, note text)", "drop table public.a"))
    world.apply(
        world.write(f"{V2}_two", "alter table public.a add column extra text", "alter table public.a drop column extra")
    )
    world.target(V2, V1, V2)
    return world


def test_lets_go_while_the_target_is_not_below(world: World) -> None:
    assert world.retire(V2).action == "let go"
    assert world.retire(V1).action == "let go"
    assert world.exists("public.a")
    assert world.applied() == [V1, V2]


def test_lets_go_where_no_target_was_ever_set(database: str, tmp_path: Path) -> None:
    world = World(database, tmp_path)
    world.apply(world.write(f"{V1}_one", "create table public.a (id int)", "drop table public.a"))
    assert world.retire(V1).action == "let go"
    assert world.exists("public.a")


def test_runs_the_ledgers_own_script_though_the_files_are_gone(world: World) -> None:
    for file in (world.root / "migrations").iterdir():
        file.unlink()
    assert [step.label for step in world.target("20260101000000")] == [f"{V2}_two", f"{V1}_one"]
    assert world.retire(V2).action == "rolled back"
    assert world.retire(V1).action == "rolled back"
    assert not world.exists("public.a")
    assert world.applied() == []
    assert world.rows("select count(*) from supabase_migrations.schema_migrations") == [(0,)]


def test_is_content_when_it_is_gone_already(world: World) -> None:
    world.target(V1, V1, V2)
    world.retire(V2)
    assert world.retire(V2).action == "gone"


def test_refuses_another_order_than_newest_first(world: World) -> None:
    world.target("20260101000000", V1, V2)
    with pytest.raises(LedgerError, match="before later ones") as caught:
        world.retire(V1)
    assert V2 in str(caught.value)


def test_refuses_to_lose_rows_that_nobody_named(world: World) -> None:
    with psycopg.connect(world.url) as connection:
        connection.execute("insert into public.a values (1, 'x', 'y'), (2, null, null)")
    with pytest.raises(LedgerError, match="would lose rows of release phase-1") as caught:
        world.target("20260101000000", V1, V2)
    message = str(caught.value)
    assert "table public.a: 2 rows" in message
    assert "column public.a.extra: 1 row" in message
    assert "fleetify:rollback.acceptRowLossOf" in message
    assert world.rows("select version from fleetify.schema_target") == [(V2,)]
    assert world.target("20260101000000", V1, V2, accept="phase-1")
    world.retire(V2)
    world.retire(V1)
    assert not world.exists("public.a")


def test_rows_that_come_after_the_target_was_set_are_guarded_too(world: World) -> None:
    world.target("20260101000000", V1, V2)
    world.retire(V2)
    with psycopg.connect(world.url) as connection:
        connection.execute("insert into public.a values (1, 'late')")
    with pytest.raises(LedgerError, match="would lose rows"):
        world.retire(V1)
    assert world.rows("select note from public.a") == [("late",)]


def test_what_cannot_be_forecast_counts_as_a_loss(database: str, tmp_path: Path) -> None:
    world = World(database, tmp_path)
    world.apply(world.write(f"{V1}_one", "create table public.a (id int)", "do $$ begin drop table public.a; end $$"))
    with pytest.raises(LedgerError, match="statement at line 1: cannot be known before it runs"):
        world.target("20260101000000", V1)


@pytest.mark.parametrize(
    ("up", "down", "why"),
    [
        ("create table public.a (id int)", None, "has no down script"),
        ("-- fleetify: irreversible\ncreate table public.a (id int)", None, "is marked irreversible"),
    ],
)
def test_refuses_to_go_back_past_what_cannot_be_undone(
    database: str, tmp_path: Path, up: str, down: str | None, why: str
) -> None:
    world = World(database, tmp_path)
    world.apply(world.write(f"{V1}_one", up, down))
    with pytest.raises(LedgerError, match=why) as caught:
        world.target("20260101000000", V1)
    assert "restore a backup instead" in str(caught.value)
    assert world.exists("public.a")


def test_a_failing_down_script_leaves_everything_as_it_was(database: str, tmp_path: Path) -> None:
    world = World(database, tmp_path)
    world.apply(world.write(f"{V1}_one", "create table public.a (id int)", "drop table public.a; select 1 / 0;"))
    world.target("20260101000000", V1)
    with pytest.raises(MigrationFailedError, match="division by zero"):
        world.retire(V1)
    assert world.exists("public.a")
    assert world.applied() == [V1]


def test_refuses_a_target_while_the_folder_lacks_what_was_applied(world: World) -> None:
    with pytest.raises(LedgerError, match="migrations that the folder lacks") as caught:
        world.target(V2, V2)
    assert V1 in str(caught.value)


def test_versions_at_or_below_the_baseline_are_no_gap(world: World) -> None:
    assert world.target(V2, V2, baseline=V1) == []
