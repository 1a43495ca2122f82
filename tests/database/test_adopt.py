from __future__ import annotations

import json
from pathlib import Path

import psycopg
import pytest
import yaml
from typer.testing import CliRunner

from fleetify.commands.migrations import app
from fleetify.database.migrations.adopt import Adoption, adopt, read_applied
from fleetify.database.migrations.adopt.render import config_yaml, render
from fleetify.database.migrations.folder import load_folder
from fleetify.errors import DatabaseError
from fleetify.settings import Settings
from tests.support.messy_project import DATABASE, FILES, make_database, make_folder
from tests.support.migration_samples import write

pytestmark = pytest.mark.database
FOLDER = Path("supabase/migrations")


def run(url: str, script: str) -> None:
    with psycopg.connect(url, autocommit=True) as conn:
        conn.execute(script)


@pytest.fixture
def messy(tmp_path: Path, database: str) -> Adoption:
    make_folder(tmp_path)
    make_database(database)
    return adopt(database, FOLDER, root=tmp_path)


def test_every_file_is_loaded_or_left_out_with_a_reason(messy: Adoption, tmp_path: Path) -> None:
    left_out = {item.file: item for item in messy.left_out}
    assert all(item.reason and item.remedy for item in messy.left_out)
    loaded = load_folder(FOLDER, root=tmp_path, layout=messy.layout, ignore=messy.ignore)
    used = {Path(item.path).name for item in loaded} | {Path(item.down_path).name for item in loaded if item.down_path}
    top = {name.split("/")[0] + ("/" if "/" in name else "") for name in FILES}
    assert used | set(left_out) == top
    assert not used & set(left_out)
    assert {name: (item.recorded, item.reason.split(";")[0]) for name, item in left_out.items()} == {
        ".gitkeep": (None, "is documentation or housekeeping"),
        "README.md": (None, "is documentation or housekeeping"),
        "20240105_first_fix.sql": (True, "has a version of 8 digits"),
        "20240301_lost_fix.sql": (False, "has a version of 8 digits"),
        "20240301120000_orders.sql": (False, "shares the version 20240301120000 with 20240301120000_orders_fixed.sql"),
        "20240501000000_empty.sql": (None, "holds nothing to run"),
        "20240601000000_latin.sql": (True, "is not valid UTF-8"),
        "20240701000000_backup_of_orders.sql.bak": (None, "looks like a backup copy"),
        "20240702000000_orders copy.sql": (None, "looks like a backup copy"),
        "20250101000000-4f3c9a1e.sql": (False, "is not named as the layout wants it"),
        "archive/": (None, "this is a folder"),
        "fix_customers.sql": (None, "has no version in front"),
        "notes.txt": (None, "is no .sql file"),
    }


def test_versions_and_tables_are_compared_with_the_database(messy: Adoption) -> None:
    prefix = FOLDER.as_posix()
    assert (messy.layout, messy.ledger, messy.applied) == ("supabase", "supabase_migrations.schema_migrations", 9)
    assert messy.through == "20250701000000"
    assert messy.only_in_database == ("20230501000000 create_customers",)
    assert messy.unrecorded == (f"{prefix}/20250601000000_never_recorded.sql",)
    assert messy.pending == (f"{prefix}/20260101000000_vehicles.sql", f"{prefix}/20260102000000_trips.sql")
    assert messy.without_down == (f"{prefix}/20260102000000_trips.sql",)
    assert messy.pruned == (("public.customers", f"{prefix}/20240110000000_add_email.sql:1"),)
    assert messy.tables_without_file == ("public.added_by_hand", "public.customers")
    assert messy.tables_missing == ("public.last",)
    assert {(use.what, use.line) for use in messy.platform} == {
        ("extension uuid-ossp", 2),
        ("extension uuid-ossp", 3),
        ("auth", 4),
        ("storage", 5),
    }
    assert [finding.rule for finding in messy.history_faults] == ["syntax", "psql-meta-command"]
    assert messy.cannot_run == ()


def test_problems_are_what_somebody_must_decide(messy: Adoption) -> None:
    assert [problem.split(" is ")[0] for problem in messy.problems] == [
        "20240301120000_orders.sql",
        "20240301_lost_fix.sql",
        "20250101000000-4f3c9a1e.sql",
        "supabase/migrations/20250601000000_never_recorded.sql",
    ]


def test_the_config_is_valid_and_loads_the_folder(messy: Adoption, tmp_path: Path) -> None:
    config = yaml.safe_load(f"config:\n{config_yaml(messy)}")["config"]["fleetify:migrations"]
    rules = Settings.model_validate({"schema": "phase-7d", "migrations": config}).migrations
    assert rules.baseline is not None
    assert (rules.baseline.through, rules.baseline.trust) == ("20250701000000", "live")
    found = load_folder(Path(rules.folder), root=tmp_path, layout=rules.layout, ignore=rules.ignore)
    assert found[-1].name == "trips"


def test_decided_points_stay_decided(messy: Adoption, tmp_path: Path, database: str) -> None:
    again = adopt(database, FOLDER, root=tmp_path, ignore=[*messy.ignore, "20250601000000_*"])
    assert again.problems == ()
    assert again.pending == messy.pending
    assert "Ready. Nothing was changed." in render(again)


def test_the_report_names_everything(messy: Adoption) -> None:
    text = render(messy, everything=True)
    for item in messy.left_out:
        assert f"{item.file}: {item.reason}" in text
    for value in (*messy.pending, *messy.only_in_database, *messy.unrecorded, *messy.problems, "public.last"):
        assert value in text
    assert config_yaml(messy).strip() in text


def test_nothing_is_written(tmp_path: Path, database: str) -> None:
    make_folder(tmp_path)
    make_database(database)
    run(
        database,
        """do $$ begin
             execute format('alter database %I set default_transaction_read_only = on', current_database());
           end $$""",
    )
    before = {path: path.read_bytes() for path in sorted(tmp_path.rglob("*")) if path.is_file()}
    assert adopt(database, FOLDER, root=tmp_path).applied == 9
    assert before == {path: path.read_bytes() for path in sorted(tmp_path.rglob("*")) if path.is_file()}


def test_a_ledger_that_may_not_be_read_is_an_error_without_the_password(tmp_path: Path, database: str) -> None:
    make_folder(tmp_path)
    make_database(database)
    role = f"reader_{database.rsplit('_', 1)[-1]}"
    run(database, f"create role {role} login password 'hunter2'")
    url = psycopg.conninfo.make_conninfo(database, user=role, password="hunter2")
    try:
        with pytest.raises(DatabaseError, match="permission denied") as caught:
            adopt(url, FOLDER, root=tmp_path)
        assert "hunter2" not in str(caught.value)
    finally:
        run(database, f"drop role {role}")


def test_empty_database_needs_no_baseline(tmp_path: Path, database: str) -> None:
    write(tmp_path / "m", {"20260101000000_a.sql": "select 1;", "20260101000000_a.down.sql": "select 1;"})
    found = adopt(database, Path("m"), root=tmp_path)
    assert (found.ledger, found.through, found.problems) == (None, None, ())
    assert len(found.pending) == 1
    assert "baseline" not in config_yaml(found)


def test_tables_without_any_record_are_a_problem(tmp_path: Path, database: str) -> None:
    write(tmp_path / "m", {"20260101000000_a.sql": "create table public.orders (id int);"})
    run(database, "create table public.orders (id int)")
    found = adopt(database, Path("m"), root=tmp_path)
    assert found.through == "20260101000000"
    assert "no record of what ran" in found.problems[0]


def test_a_pending_file_that_cannot_run_is_a_problem(tmp_path: Path, database: str) -> None:
    write(tmp_path / "m", {"20260101000000_a.sql": "selec 1;"})
    assert "20260101000000_a.sql:1 cannot run" in adopt(database, Path("m"), root=tmp_path).problems[0]


def test_versions_that_no_file_can_have(tmp_path: Path, database: str) -> None:
    make_folder(tmp_path)
    make_database(database)
    run(database, "insert into supabase_migrations.schema_migrations values ('remote_commit'), ('2025x')")
    history = read_applied(database, "supabase")
    assert history.unreadable == ("2025x", "remote_commit")
    assert any("'remote_commit'" in problem for problem in adopt(database, FOLDER, root=tmp_path).problems)


def test_the_supabase_cli_of_old_kept_no_names(database: str) -> None:
    run(
        database,
        """create schema supabase_migrations; create table supabase_migrations.schema_migrations (version text);
           insert into supabase_migrations.schema_migrations values ('20240101000000')""",
    )
    assert [(item.version, item.name) for item in read_applied(database, "supabase").applied] == [
        ("20240101000000", None)
    ]


def test_dbmate(tmp_path: Path, database: str) -> None:
    body = "-- migrate:up\ncreate table t{n} (id int);\n-- migrate:down\ndrop table t{n};"
    write(tmp_path / "db", {f"2024010{n}000000_t.sql": body.format(n=n) for n in (1, 2, 3)})
    run(
        database,
        """create table schema_migrations (version varchar(128) primary key);
           insert into schema_migrations values ('20240101000000'), ('20240102000000');
           create table t1 (id int); create table t2 (id int)""",
    )
    found = adopt(database, Path("db"), root=tmp_path)
    assert (found.layout, found.ledger, found.through) == ("dbmate", "public.schema_migrations", "20240102000000")
    assert found.pending == ("db/20240103000000_t.sql",)
    assert found.tables_missing == found.tables_without_file == found.problems == ()


@pytest.mark.parametrize("dirty", [False, True])
def test_golang_migrate(tmp_path: Path, database: str, dirty: bool) -> None:
    files: dict[str, str | bytes] = {f"{n}_t.{way}.sql": "select 1;" for n in (1, 2, 10) for way in ("up", "down")}
    write(tmp_path / "db", files)
    run(
        database,
        f"""create table schema_migrations (version bigint not null primary key, dirty boolean not null);
            insert into schema_migrations values (2, {dirty})""",
    )
    found = adopt(database, Path("db"), root=tmp_path)
    assert (found.layout, found.through) == ("golang-migrate", "2")
    assert found.pending == ("db/10_t.up.sql",)
    assert found.unrecorded == found.only_in_database == ()
    assert bool(found.problems) is dirty


def test_flyway(tmp_path: Path, database: str) -> None:
    names = ["V1__a.sql", "V1.1__b.sql", "U1.1__b.sql", "V2__c.sql", "V3__d.sql", "R__views.sql"]
    write(tmp_path / "db", dict.fromkeys(names, "select 1;"))
    run(
        database,
        """create table flyway_schema_history (installed_rank int primary key, version varchar(50),
             description varchar(200) not null, type varchar(20) not null, script varchar(1000) not null,
             checksum int, success boolean not null);
           insert into flyway_schema_history values
             (1, '1', 'a', 'SQL', 'V1__a.sql', 1, true), (2, '1.1', 'b', 'SQL', 'V1.1__b.sql', 1, true),
             (3, '2', 'c', 'SQL', 'V2__c.sql', 1, true), (4, '2', 'c', 'UNDO_SQL', 'U2__c.sql', 1, true),
             (5, null, 'views', 'SQL', 'R__views.sql', 1, true), (6, '3', 'd', 'SQL', 'V3__d.sql', 1, false)""",
    )
    found = adopt(database, Path("db"), root=tmp_path)
    assert (found.layout, found.through) == ("flyway", "1.1")
    assert found.pending == ("db/V2__c.sql", "db/V3__d.sql")
    assert [item.file for item in found.left_out] == ["R__views.sql"]
    assert found.problems == ("version 3 failed; Flyway has not repaired its history",)


def test_command(tmp_path: Path, database: str, monkeypatch: pytest.MonkeyPatch) -> None:
    make_folder(tmp_path)
    make_database(database)
    monkeypatch.setenv("FLEETIFY_DATABASE_URL", database)
    project = ["--project", str(tmp_path)]
    shown = CliRunner().invoke(app, ["adopt", *project])
    assert shown.exit_code == 1, shown.output
    assert "through: '20250701000000'" in shown.stdout
    parsed = CliRunner().invoke(app, ["adopt", "--json", *project])
    answer = json.loads(parsed.stdout)
    assert answer["through"] == "20250701000000"
    assert len(answer["left_out"]) == 13
    ignored = [option for pattern in [*answer["ignore"], "20250601*"] for option in ("--ignore", pattern)]
    assert CliRunner().invoke(app, ["adopt", *project, *ignored]).exit_code == 0


def test_command_with_an_unreachable_database(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    make_folder(tmp_path)
    monkeypatch.setenv("FLEETIFY_DATABASE_URL", "postgresql://u:hunter2@127.0.0.1:1/x")
    shown = CliRunner().invoke(app, ["adopt", "--project", str(tmp_path)])
    assert shown.exit_code == 1
    assert "Cannot connect" in shown.output
    assert "hunter2" not in shown.output


def test_made_database_is_what_the_tests_say(database: str) -> None:
    run(database, DATABASE)
    assert read_applied(database, "supabase").applied == ()
    assert read_applied(database, "flyway").table is None
