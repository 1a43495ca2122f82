from __future__ import annotations

import os
import re
import time
from pathlib import Path

import pytest

from fleetify.database.migrations.faults import Fault, MigrationFaultsError
from fleetify.database.migrations.folder import load_folder, load_migration
from fleetify.database.migrations.headers import read_header
from fleetify.database.migrations.layouts import LAYOUTS, FileName
from fleetify.database.migrations.order import check_order, pending
from fleetify.database.migrations.reading import LARGEST_BYTES
from fleetify.errors import MigrationFileError, SettingsError
from tests.support.migration_samples import migration, write

HERE = Path("m")


def faults(root: Path, layout: str = "supabase", ignore: tuple[str, ...] = ()) -> list[Fault]:
    with pytest.raises(MigrationFaultsError) as caught:
        load_folder(HERE, root=root, layout=layout, ignore=ignore)
    for fault in caught.value.faults:
        assert fault.problem.endswith(".")
        assert fault.remedy
        assert fault.path in str(caught.value)
    return list(caught.value.faults)


def test_supabase(tmp_path: Path) -> None:
    write(
        tmp_path / "m",
        {
            "20260102000000_b.sql": "\ufeffselect 2;\r\n",
            "20260101000000_a.b c.sql": "-- fleetify: statement_timeout=30, transaction=off\nselect 1;",
            "20260101000000_a.b c.down.sql": "-- fleetify: transaction=off\nselect -1;",
            "README.md": "",
            ".gitkeep": "",
        },
    )
    first, second = load_folder(HERE, root=tmp_path, layout="supabase")
    assert (first.version, first.name, first.label) == ("20260101000000", "a.b c", "20260101000000_a.b c")
    assert (first.path, first.down_path) == ("m/20260101000000_a.b c.sql", "m/20260101000000_a.b c.down.sql")
    assert (first.transactional, first.statement_timeout_seconds, first.down_transactional) == (False, 30, False)
    assert second.up_sql == "select 2;\n"
    assert second.down_sql is None
    assert load_migration(Path(first.path), root=tmp_path, layout="supabase") == first
    assert load_migration(tmp_path / second.path, root=tmp_path, layout="supabase") == second


def test_line_ends_and_byte_order_marks_do_not_change_the_checksum(tmp_path: Path) -> None:
    bodies = [b"select 1;\nselect 2;\n", b"select 1;\r\nselect 2;\r\n", b"\xef\xbb\xbfselect 1;\rselect 2;\r"]
    write(tmp_path / "m", {f"2026010100000{n}_x.sql": body for n, body in enumerate(bodies)})
    assert len({item.checksum for item in load_folder(HERE, root=tmp_path, layout="supabase")}) == 1


def test_dbmate(tmp_path: Path) -> None:
    text = (
        "-- fleetify: statement_timeout=9\n\n-- migrate:up transaction:false\nselect 1;\n\n-- migrate:down\nselect 2;\n"
    )
    write(tmp_path / "m", {"1_a.sql": text, "2_b.sql": "-- migrate:up\nselect 1;\n-- migrate:down\n\n"})
    first, second = load_folder(HERE, root=tmp_path, layout="dbmate")
    assert (first.up_sql, first.up_line) == ("-- migrate:up transaction:false\nselect 1;\n\n", 3)
    assert (first.down_sql, first.down_line) == ("-- migrate:down\nselect 2;\n", 6)
    assert (first.transactional, first.down_transactional, first.statement_timeout_seconds) == (False, True, 9)
    assert first.down_path == first.path
    assert (second.down_sql, second.down_path) == (None, None)
    assert not read_header(first.up_sql, "ledger")[0].transactional  # what a ledger's copy says of itself


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("select 1;", "markers"),
        ("-- migrate:down\nselect 1;", "markers"),
        ("-- migrate:up\nselect 1;\n-- migrate:up\nselect 1;", "markers"),
        ("select 0;\n-- migrate:up\nselect 1;", "SQL above"),
        ("-- migrate:up transaction:maybe\nselect 1;", "unknown option"),
        ("-- migrate:upp\nselect 1;", "unknown dbmate marker"),
        ("-- migrate:up\n-- migrate:down\nselect 1;", "nothing to run"),
    ],
)
def test_dbmate_faults(tmp_path: Path, text: str, problem: str) -> None:
    write(tmp_path / "m", {"1_a.sql": text})
    assert any(problem in fault.problem for fault in faults(tmp_path, "dbmate"))


def test_dbmates_order_by_text_must_be_that_of_the_numbers(tmp_path: Path) -> None:
    body = "-- migrate:up\nselect 1;"
    write(tmp_path / "m", {"2_a.sql": body, "10_b.sql": body})
    (fault,) = faults(tmp_path, "dbmate")
    assert "by text" in fault.problem


@pytest.mark.parametrize("marker", ["-- migrate:down", "-- +goose Down"])
def test_a_file_of_another_tool_is_not_run_with_both_halves(tmp_path: Path, marker: str) -> None:
    write(tmp_path / "m", {"20260101000000_a.sql": f"-- migrate:up\nselect 1;\n{marker}\ndrop table t;"})
    (fault,) = faults(tmp_path)
    assert fault.path == "m/20260101000000_a.sql:3"


def test_golang_migrate(tmp_path: Path) -> None:
    names = ["10_b.up.sql", "000002_a.up.sql", "2_undo_a.down.sql"]
    write(tmp_path / "m", dict.fromkeys(names, "select 1;"))
    first, second = load_folder(HERE, root=tmp_path, layout="golang-migrate")
    assert [first.version, second.version] == ["2", "10"]
    assert first.down_path == "m/2_undo_a.down.sql"
    assert load_migration(Path(first.path), root=tmp_path, layout="golang-migrate") == first


def test_flyway(tmp_path: Path) -> None:
    names = ["V1.10__b.sql", "V1_2__a.sql", "U1.2__undo.sql", "V1.2.1__c.sql"]
    write(tmp_path / "m", dict.fromkeys(names, "select 1;"))
    found = load_folder(HERE, root=tmp_path, layout="flyway")
    assert [item.version for item in found] == ["1.2", "1.2.1", "1.10"]
    assert found[0].down_path == "m/U1.2__undo.sql"
    assert load_migration(HERE / "V1_2__a.sql", root=tmp_path, layout="flyway") == found[0]


@pytest.mark.parametrize(
    ("layout", "names"),
    [
        ("supabase", ["20260101000000_a.sql", "20260101000000_b.sql"]),
        ("golang-migrate", ["1_a.up.sql", "01_b.up.sql"]),
        ("flyway", ["V1__a.sql", "V1.0__b.sql"]),
        ("flyway", ["V1_1__a.sql", "V1.01__b.sql"]),
    ],
)
def test_duplicate_versions(tmp_path: Path, layout: str, names: list[str]) -> None:
    write(tmp_path / "m", dict.fromkeys(names, "select 1;"))
    (fault,) = faults(tmp_path, layout)
    assert set(fault.files) == set(names)
    assert "2 times" in fault.problem


@pytest.mark.parametrize(
    ("layout", "name", "reason"),
    [
        ("supabase", "20260101_a.sql", "8 digits"),
        ("supabase", "20260101000000.sql", "not named"),
        ("supabase", "20260101000000_a.SQL", "no .sql file"),
        ("supabase", "20260101000000_a.sql.bak", "backup copy"),
        ("supabase", "20260101000000_a copy.sql", "backup copy"),
        ("supabase", "a.sql", "no version"),
        ("supabase", "٢٠٢٦٠١٠١٠٠٠٠٠٠_a.sql", "not named"),
        ("supabase", "20260101000000_\u202egpj.sql", "cannot be shown"),
        ("supabase", "20260101000000_\n.sql", "cannot be shown"),
        ("golang-migrate", "1_a.sql", "not named"),
        ("golang-migrate", "99999999999999999999_a.up.sql", "2^63-1"),
        ("flyway", "R__views.sql", "repeatable"),
        ("flyway", "B2__base.sql", "baseline"),
        ("flyway", "V1__a.sql.conf", "no .sql file"),
        ("flyway", "V1_a.sql", "not named"),
    ],
)
def test_names_that_do_not_fit(tmp_path: Path, layout: str, name: str, reason: str) -> None:
    write(tmp_path / "m", {name: "select 1;"})
    (fault,) = faults(tmp_path, layout)
    assert reason in fault.problem
    assert load_folder(HERE, root=tmp_path, layout=layout, ignore=["*"]) == ()


def test_ignored_names_are_left_alone(tmp_path: Path) -> None:
    write(tmp_path / "m", {"old/1.sql": "x", "a.bak": b"\xff", "20260101000000_a.sql": "select 1;"})
    (tmp_path / "m/link").symlink_to("/etc/passwd")
    found = load_folder(HERE, root=tmp_path, layout="supabase", ignore=["old/", "*.bak", "./link"])
    assert len(found) == 1


@pytest.mark.parametrize(
    ("content", "problem", "seen"),
    [
        (b"", "nothing to run", "empty"),
        (b"-- later\n/* /* nested */ */ ; ;\n", "nothing to run", "only comments"),
        (b"select 1;\nselect '\xe9';", "not valid UTF-8", "byte 0xe9 at line 2, byte 9"),
        (b"\xff\xfes\x00", "not UTF-8", "UTF-16"),
        (b"select 1;\n\x00", "NUL byte", "line 2, byte 1"),
        (b"select '\xed\xa0\x80';", "not valid UTF-8", "byte 0xed at line 1, byte 9"),
        (b"-- fleetify: transaktion=off\nselect 1;", "unknown header word", "transaktion=off"),
        (b"-- fleetify: statement_timeout=soon\nselect 1;", "no valid value", "statement_timeout=soon"),
        (b"-- fleetify: statement_timeout=0\nselect 1;", "no valid value", "statement_timeout=0"),
        (b"-- fleetify: transaction=of\nselect 1;", "no valid value", "transaction=of"),
        (b"-- fleetify:\nselect 1;", "unknown header word", "(nothing)"),
        (b"-- fleetify: irreversible, irreversible\nselect 1;", "twice", "irreversible"),
        (b"-- fleetify transaction=off\nselect 1;", "colon", "transaction=off"),
        (b"select 1;\n-- fleetify: transaction=off\n", "below the first statement", "transaction=off"),
    ],
)
def test_contents(tmp_path: Path, content: bytes, problem: str, seen: str) -> None:
    write(tmp_path / "m", {"20260101000000_a.sql": content})
    (fault,) = faults(tmp_path)
    assert problem in fault.problem
    assert seen in str(fault.seen)
    with pytest.raises(MigrationFileError, match=r"20260101000000_a\.sql"):
        load_migration(HERE / "20260101000000_a.sql", root=tmp_path, layout="supabase")


def test_the_nearest_header_word_is_named(tmp_path: Path) -> None:
    write(tmp_path / "m", {"20260101000000_a.sql": "-- fleetify: ireversible\nselect 1;"})
    (fault,) = faults(tmp_path)
    assert "did you mean 'irreversible'?" in fault.remedy


def test_a_header_in_a_string_is_no_header(tmp_path: Path) -> None:
    write(tmp_path / "m", {"20260101000000_a.sql": "select $$\n-- fleetify: transaction=off\n$$;"})
    (found,) = load_folder(HERE, root=tmp_path, layout="supabase")
    assert found.transactional


def test_irreversible_with_a_down_script_is_a_contradiction(tmp_path: Path) -> None:
    files = {"20260101000000_a.sql": "-- fleetify: irreversible\nselect 1;", "20260101000000_a.down.sql": "select 1;"}
    write(tmp_path / "m", dict(files))
    assert "irreversible" in faults(tmp_path)[0].problem


def test_orphan_and_misnamed_down_scripts(tmp_path: Path) -> None:
    names = ["20260101000000_a.down.sql", "20260102000000_b.sql", "20260102000000_c.down.sql"]
    write(tmp_path / "m", dict.fromkeys(names, "select 1;"))
    orphan, misnamed = faults(tmp_path)
    assert "no migration" in orphan.problem
    assert misnamed.remedy == "rename it 20260102000000_b.down.sql"


def test_links_pipes_folders_and_giants_are_refused(tmp_path: Path) -> None:
    write(tmp_path / "m", {"sub/x": "", "20260101000002_big.sql": ""})
    (tmp_path / "real.sql").write_text("select 1;")
    (tmp_path / "m/20260101000000_link.sql").symlink_to(tmp_path / "real.sql")
    os.mkfifo(tmp_path / "m/20260101000001_pipe.sql")
    os.truncate(tmp_path / "m/20260101000002_big.sql", LARGEST_BYTES + 1)
    found = {fault.path: fault for fault in faults(tmp_path)}
    assert "symlink" in found["m/20260101000000_link.sql"].problem
    assert found["m/20260101000001_pipe.sql"].seen == "a named pipe"
    assert "larger than 16 MiB" in found["m/20260101000002_big.sql"].problem
    assert found["m/sub"].seen == "a folder"


@pytest.mark.skipif(os.geteuid() == 0, reason="root reads everything")
def test_unreadable_file(tmp_path: Path) -> None:
    write(tmp_path / "m", {"20260101000000_a.sql": "select 1;"})
    (tmp_path / "m/20260101000000_a.sql").chmod(0)
    assert "cannot be read" in faults(tmp_path)[0].problem


@pytest.mark.parametrize(
    "path", ["../m", "/etc", "m/../../m", "m\0", "m" * 300, "nothing", "link", "link/inner", "m/20260101000000_a.sql"]
)
def test_folders_outside_missing_or_linked(tmp_path: Path, path: str) -> None:
    project = tmp_path / "project"
    write(project, {"m/20260101000000_a.sql": "select 1;"})
    write(tmp_path, {"m/inner/20260101000000_a.sql": "select 1;"})
    (project / "link").symlink_to(tmp_path / "m")
    with pytest.raises(MigrationFileError):
        load_folder(Path(path), root=project, layout="supabase")


def test_one_file_is_judged_like_the_folder(tmp_path: Path) -> None:
    write(tmp_path / "m", {"20260101000000_a.down.sql": "select 1;", "x.sql": "select 1;"})
    long, nul = f"20260101000000_{'a' * 300}.sql", "20260101000000_\0.sql"
    for name in ("20260101000000_a.down.sql", "x.sql", "20260101000000_gone.sql", long, nul):
        with pytest.raises(MigrationFileError, match=re.escape(name.replace("\0", "\\x00"))):
            load_migration(HERE / name, root=tmp_path, layout="supabase")


def test_unknown_layout_names_the_nearest() -> None:
    with pytest.raises(SettingsError, match="did you mean 'golang-migrate'"):
        load_folder(HERE, root=Path(), layout="golang_migrate")


@pytest.mark.parametrize("layout", list(LAYOUTS.values()), ids=lambda layout: layout.id)
def test_examples_are_valid(layout: object) -> None:
    parts = layout.read(layout.example)  # type: ignore[attr-defined]
    assert isinstance(parts, FileName)
    assert parts.direction in {"up", "both"}


def test_a_thousand_files_load_quickly(tmp_path: Path) -> None:
    files: dict[str, str | bytes] = {}
    for number in range(1000):
        files[f"2026{number:010d}_x.sql"] = f"-- {number}\ncreate table public.t{number} (id bigint);"
    write(tmp_path / "m", files)
    load_folder(HERE, root=tmp_path, layout="supabase")
    started = time.process_time()
    assert len(load_folder(HERE, root=tmp_path, layout="supabase")) == 1000
    assert time.process_time() - started < 0.3


ABC = [migration("select 1;", version=f"2026010{n}000000") for n in (1, 2, 3)]


def test_pending_is_in_order_and_above_the_baseline() -> None:
    assert [item.version[7] for item in pending(ABC[::-1], [])] == ["1", "2", "3"]
    assert [item.version[7] for item in pending(ABC, ["20260101000000", "junk"])] == ["2", "3"]
    assert [item.version[7] for item in pending(ABC, [], baseline="20260102000000")] == ["3"]


def test_order() -> None:
    first, second, third = (item.version for item in ABC)
    assert check_order(ABC, []) == []
    assert check_order(ABC, [first, second]) == []
    assert check_order(ABC, ["20250101", first]) != []
    assert check_order(ABC, ["20250101", first, third], baseline=second) == []
    (gap,) = check_order(ABC[1:], [first, second])
    assert (gap.path, "the folder does not" in gap.problem) == (first, True)
    (late,) = check_order(ABC, [first, third])
    assert late.path == ABC[1].path
    assert late.seen == f"pending {second}, applied up to {third}"
