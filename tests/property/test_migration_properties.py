"""Whatever is in a folder: no crash, no hang, nothing accepted silently."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from fleetify.database.migrations.faults import Fault
from fleetify.database.migrations.folder import load_folder, load_migration
from fleetify.database.migrations.layouts import LAYOUTS, FileName, Unmatched
from fleetify.database.migrations.lint import lint
from fleetify.database.migrations.order import check_order, pending
from fleetify.database.migrations.sql import parse, split_statements
from fleetify.database.migrations.text import blank, decode, has_statement, regions
from fleetify.database.migrations.validate import ScriptOfMigration, validate_script
from fleetify.errors import MigrationFileError
from tests.support.migration_samples import migration

FRAGMENTS = [
    *("'", '"', "$$", "$a$", "--", "/*", "*/", ";", "\n", "\\", "E'", "(", ")", ",", " ", "é", "\t", "\r\n"),
    *("select ", "create table t (a int)", "begin", "copy t from stdin", "alter table t ", "add column b int"),
    *("-- fleetify: transaction=off\n", "-- fleetify-ignore require-rls: why\n", "-- migrate:up\n", "\\i x"),
    *("create policy p on t using (true)", "do $$ create table x (a int) $$", "drop table t", "as select 1"),
    *(
        "create view v ",
        "set role x",
        "grant all on t to anon",
        "references t",
        "foreign key (a) ",
        "create index on t (a)",
    ),
]
SQL = st.lists(st.sampled_from(FRAGMENTS) | st.text(max_size=3), max_size=25).map("".join)
CLEAN_SQL = SQL.map(lambda text: text.replace("\0", "").encode("utf-8", "ignore").decode())
NAMES = st.text(st.characters(blacklist_categories=["Cs"], blacklist_characters="/\0"), min_size=1, max_size=40).filter(
    lambda name: name not in {".", ".."} and len(name.encode()) < 200
)


@given(st.binary(max_size=200))
@example(b"\xef\xbb\xbf")
@example(b"\r\r\n\n")
@settings(deadline=None)
def test_decoding_takes_clean_text_and_nothing_else(content: bytes) -> None:
    found = decode(content, "f.sql")
    if isinstance(found, Fault):
        try:
            text = content.decode("utf-8")
        except UnicodeDecodeError:
            return
        assert "\0" in text or content.startswith((b"\xff\xfe", b"\xfe\xff"))
    else:
        assert "\0" not in found
        assert "\r" not in found
        assert found.encode("utf-8")[:3] != b"\xef\xbb\xbf" or content.startswith(b"\xef\xbb\xbf\xef\xbb\xbf")


@given(CLEAN_SQL)
@settings(deadline=None)
def test_blanking_keeps_offsets_and_regions_do_not_overlap(sql: str) -> None:
    hidden = blank(sql, "comment", "string", "identifier")
    assert len(hidden) == len(sql)
    assert hidden.count("\n") == sql.count("\n")
    position = 0
    for _, start, end in regions(sql):
        assert position <= start < end <= len(sql)
        position = end


@given(CLEAN_SQL)
@settings(deadline=None, max_examples=300)
def test_sql_is_either_refused_or_split_as_postgresql_does(sql: str) -> None:
    found = validate_script(ScriptOfMigration(sql, "f.sql", 1, transactional=True))
    assert all(1 <= (item.line or 0) <= sql.count("\n") + 1 for item in found)
    if {item.rule for item in found} & {"syntax", "psql-meta-command"}:
        return
    try:
        statements = parse(sql)
    except Exception:  # noqa: BLE001 (whatever it is, it must have been reported)
        assert found
        return
    assert split_statements(sql) == tuple(item.text for item in statements)
    assert has_statement(sql) is bool(statements)


@given(CLEAN_SQL.filter(has_statement))
@settings(deadline=None)
def test_lint_survives_any_sql(sql: str) -> None:
    try:
        item = migration(sql)
    except AssertionError:
        return  # assemble refused it
    found = lint([item], squawk=False)
    assert list(found) == sorted(found, key=lambda f: (f.path, f.line or 0, f.rule, f.message))


@pytest.mark.parametrize("layout", LAYOUTS.values(), ids=lambda layout: layout.id)
@given(name=NAMES)
@example(name="20260101000000_a.sql")
@example(name="1_a.up.sql")
@example(name="V1__a.sql")
@example(name="²_a.sql")
@settings(deadline=None)
def test_any_name_is_read_or_refused_with_a_reason(layout: object, name: str) -> None:
    parts = layout.read(name)  # type: ignore[attr-defined]
    if isinstance(parts, Unmatched):
        assert parts.reason
        assert parts.remedy
        return
    assert isinstance(parts, FileName)
    assert parts.version.isascii()
    assert any(character.isdigit() for character in parts.version)
    down = layout.down_name(name) if parts.direction == "up" else None  # type: ignore[attr-defined]
    if down is not None:
        other = layout.read(down)  # type: ignore[attr-defined]
        assert isinstance(other, FileName)
        assert (other.version, other.name, other.direction) == (parts.version, parts.name, "down")


@given(files=st.dictionaries(NAMES, st.binary(max_size=60) | CLEAN_SQL.map(str.encode), max_size=4))
@settings(deadline=None, max_examples=150)
@pytest.mark.parametrize("layout", list(LAYOUTS))
def test_a_folder_of_anything_is_loaded_in_full_or_refused(layout: str, files: dict[str, bytes]) -> None:
    with tempfile.TemporaryDirectory() as project:
        folder = Path(project) / "m"
        folder.mkdir()
        for name, content in files.items():
            (folder / name).write_bytes(content)
        try:
            found = load_folder(Path("m"), root=Path(project), layout=layout)
        except MigrationFileError:
            return
        used = {item.path for item in found} | {item.down_path for item in found}
        left = {name for name in files if f"m/{name}" not in used}
        assert all(name.startswith((".", "README", "Thumbs")) or name.endswith(".md") for name in left)


WORDS = st.text("abcdefgh_XYZ0189 é", min_size=1, max_size=12).filter(lambda word: word.strip() == word)
VERSIONS = st.lists(st.integers(0, 10**9), min_size=1, max_size=6, unique=True)


@given(versions=VERSIONS, word=WORDS, with_down=st.booleans())
@settings(deadline=None, max_examples=60)
@pytest.mark.parametrize("layout", list(LAYOUTS))
def test_layouts_round_trip(layout: str, versions: list[int], word: str, with_down: bool) -> None:
    with tempfile.TemporaryDirectory() as project:
        folder = Path(project) / "m"
        folder.mkdir()
        for version in versions:
            for name, content in _files(layout, version, word, with_down).items():
                (folder / name).write_text(content)
        found = load_folder(Path("m"), root=Path(project), layout=layout)
        assert [int(item.version) for item in found] == sorted(versions)
        assert {item.name for item in found} == {word}
        for item in found:
            assert f"select {int(item.version)};" in item.up_sql
            assert (item.down_sql is not None) is with_down
            assert load_migration(Path(item.path), root=Path(project), layout=layout) == item


def _files(layout: str, version: int, word: str, with_down: bool) -> dict[str, str]:
    up, down = f"select {version};\n", f"select -{version};\n"
    if layout == "dbmate":
        body = f"-- migrate:up\n{up}" + (f"-- migrate:down\n{down}" if with_down else "")
        return {f"{version:012d}_{word}.sql": body}
    names = {
        "supabase": (f"{version:014d}_{word}.sql", f"{version:014d}_{word}.down.sql"),
        "golang-migrate": (f"{version}_{word}.up.sql", f"{version}_{word}.down.sql"),
        "flyway": (f"V{version}__{word}.sql", f"U{version}__{word}.sql"),
    }[layout]
    return {names[0]: up, **({names[1]: down} if with_down else {})}


@given(st.sets(st.integers(1, 9)), st.sets(st.integers(1, 9)), st.none() | st.integers(1, 9))
@settings(deadline=None)
def test_order_rules_agree_with_their_definition(files: set[int], applied: set[int], baseline: int | None) -> None:
    floor = baseline or 0
    migrations = [migration("select 1;", version=f"{n:014d}") for n in files]
    ledger = [f"{n:014d}" for n in applied]
    base = None if baseline is None else f"{baseline:014d}"
    expected = sorted(n for n in files - applied if n > floor)
    assert [int(item.version) for item in pending(migrations, ledger, baseline=base)] == expected
    highest = max((n for n in applied if n > floor), default=0)
    gaps = {n for n in applied - files if n > floor}
    late = {n for n in expected if n < highest}
    assert len(check_order(migrations, ledger, baseline=base)) == len(gaps) + len(late)
