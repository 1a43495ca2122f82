"""A project as it is: a messy folder and a live database that no file builds any more, released and rolled back."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from fleetify.database.migrations.adopt import adopt
from fleetify.database.migrations.adopt.render import config_yaml
from rehearsal.plugins.install import install
from tests.support import messy_project
from tests.support.stage import STACK, Stage, copy_project, engine_on

pytestmark = [pytest.mark.engine, pytest.mark.database]


@pytest.fixture
def adopted(deployed: Stage, database: str, tmp_path: Path) -> Iterator[Stage]:
    """The messy project, with the config that ``fleetify migrations adopt`` prints for it."""
    messy_project.make_database(database)
    folder = copy_project(tmp_path / "project")
    shutil.rmtree(folder / "migrations")
    shutil.rmtree(folder / "releases")
    (folder / "releases").mkdir()
    messy_project.make_folder(folder)
    trips = folder / "supabase/migrations/20260102000000_trips.down.sql"
    trips.write_text("drop table public.trips;")
    found = adopt(database, Path("supabase/migrations"), root=folder)
    lines = yaml.safe_load(config_yaml(found))
    printed = lines.get("config", lines)
    (folder / f"Pulumi.{STACK}.yaml").write_text(yaml.safe_dump({"config": printed}))
    pulumi = engine_on(folder, tmp_path, database, deployed.server, deployed.cloud)
    install(pulumi.home)
    with pulumi:
        stage = Stage(folder, database, deployed.server, deployed.cloud, pulumi)
        stage.configure(backup={"minimumBytes": 0}, rowLevelSecurity={"required": False})
        stage.write_release("before", "20250701000000")
        stage.write_release("vehicles", "20260102000000")
        yield stage


def test_an_adopted_project_is_released_and_rolled_back(adopted: Stage) -> None:
    before = adopted.schema_digest()
    adopted.execute("insert into public.customers (id) values (gen_random_uuid())")
    adopted.release("before")
    assert adopted.schema_digest() == before
    assert adopted.applied() == []

    adopted.release("vehicles")
    assert adopted.applied() == ["20260101000000", "20260102000000"]
    assert {"public.vehicles", "public.trips"} <= set(adopted.tables())
    assert "public.never" not in adopted.tables()
    adopted.pulumi.preview("--expect-no-changes")

    adopted.release("before")
    assert adopted.schema_digest() == before
    assert adopted.rows("select count(*) from public.customers") == [(1,)]


def test_the_layouts_of_other_tools_release_too(deployed: Stage, database: str, tmp_path: Path) -> None:
    folder = copy_project(tmp_path / "project")
    shutil.rmtree(folder / "migrations")
    flyway = folder / "db"
    flyway.mkdir()
    (flyway / "V1.2__first.sql").write_text("create table public.a (id bigint primary key);")
    (flyway / "U1.2__first.sql").write_text("drop table public.a;")
    (flyway / "V1.10__second.sql").write_text("create table public.b (id bigint primary key);")
    (flyway / "U1.10__second.sql").write_text("drop table public.b;")
    pulumi = engine_on(folder, tmp_path, database, deployed.server, deployed.cloud)
    install(pulumi.home)
    with pulumi:
        stage = Stage(folder, database, deployed.server, deployed.cloud, pulumi)
        stage.configure(
            migrations={"folder": "db", "layout": "flyway"},
            rowLevelSecurity={"required": False},
            backup={"minimumBytes": 0},
        )
        stage.write_release("one", "1.2")
        stage.write_release("two", "1.10")
        stage.release("two")
        assert stage.tables() == ["public.a", "public.b"]
        stage.release("one")
        assert stage.tables() == ["public.a"]
