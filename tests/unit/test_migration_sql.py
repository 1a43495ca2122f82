from __future__ import annotations

import threading

import pytest

from fleetify.database.migrations.sql import parse, split_statements, walk
from fleetify.database.migrations.text import has_statement
from fleetify.database.migrations.validate import ScriptOfMigration, validate, validate_script
from fleetify.errors import MigrationFileError
from tests.support.migration_samples import migration


def check(sql: str, *, transactional: bool = True) -> list[tuple[str, int | None]]:
    found = validate_script(ScriptOfMigration(sql, "m.sql", 1, transactional))
    assert all(item.level == "error" and item.path == "m.sql" and item.remedy for item in found)
    return [(item.rule, item.line) for item in found]


def test_statements_have_text_and_lines() -> None:
    sql = "-- é\n/* x */ select 'é;';;\n\n-- c\ncreate table t (\n  a int\n) ;\nselect $$;$$"
    found = parse(sql)
    assert [(item.text, item.line, item.last_line) for item in found] == [
        ("select 'é;'", 2, 2),
        ("create table t (\n  a int\n)", 5, 7),
        ("select $$;$$", 8, 8),
    ]
    assert all(sql[item.offset :].startswith(item.text) for item in found)
    assert split_statements(sql) == tuple(item.text for item in found)


def test_function_bodies_stay_whole() -> None:
    sql = "create function f() returns int language sql begin atomic select 1; select 2; end; select 3;"
    assert len(split_statements(sql)) == 2


def test_splitting_broken_sql_is_refused_with_its_place() -> None:
    with pytest.raises(MigrationFileError, match=r"m\.sql:2: the SQL does not parse.*selec"):
        split_statements("select 1;\nselec 2;", "m.sql")


@pytest.mark.parametrize(
    ("sql", "expected"),
    [
        ("select 1;\nselec 2;", [("syntax", 2)]),
        ("select 'open", [("syntax", 1)]),
        ("select 1;\n/* open", [("syntax", 2)]),
        ("\\restrict abc\nselect 1;", [("psql-meta-command", 1)]),
        ("select 1;\n  \\i other.sql", [("psql-meta-command", 2)]),
        ("select 1 \\gexec", [("psql-meta-command", 1)]),
        ("\\copy t from 'x.csv'", [("psql-meta-command", 1)]),
        ("select '\\i x';\n-- \\i x\nselect $$\n\\i x\n$$;", []),
        ("select 1;\ncopy t (a) from stdin;\n1\tit's\n\\.\n", [("copy-from-stdin", 2)]),
        ("copy t from stdin;", [("copy-from-stdin", 1)]),
        ("copy t to stdout;", [("copy-from-stdin", 1)]),
        ("copy t from '/srv/x.csv';", []),
        ("select :name;", [("syntax", 1)]),
        ("begin;\nselect 1;\ncommit;", [("transaction-control", 1), ("transaction-control", 3)]),
        ("start transaction;", [("transaction-control", 1)]),
        ("rollback;", [("transaction-control", 1)]),
        ("savepoint a; rollback to a; release a;", []),
        ("do $$ begin perform 1; end $$;", []),
        ("set transaction isolation level serializable;", []),
    ],
)
def test_what_cannot_run(sql: str, expected: list[tuple[str, int]]) -> None:
    assert check(sql) == expected


@pytest.mark.parametrize(
    "sql",
    [
        "create index concurrently i on t (a)",
        "drop index concurrently i",
        "reindex table concurrently t",
        "reindex (concurrently true) index i",
        "reindex schema s",
        "vacuum t",
        "vacuum full",
        "cluster",
        "alter system set work_mem = '1MB'",
        "create database d",
        "drop database d",
        "create tablespace s location '/x'",
        "drop tablespace s",
        "alter database d set tablespace s",
        "alter table t detach partition p concurrently",
        "create subscription s connection 'x' publication p",
        "drop subscription s",
        "commit prepared 'x'",
    ],
)
def test_statements_that_refuse_a_transaction(sql: str) -> None:
    assert check(f"select 1;\n{sql};") == [("needs-no-transaction", 2)]
    assert check(f"{sql};", transactional=False) == []


@pytest.mark.parametrize(
    "sql",
    [
        "create index i on t (a)",
        "reindex table t",
        "reindex (concurrently false) table t",
        "analyze t",
        "cluster t",
        "alter table t detach partition p",
        "refresh materialized view concurrently v",
        "create subscription s connection 'x' publication p with (create_slot = false)",
        "create subscription s connection 'x' publication p with (connect = false)",
    ],
)
def test_statements_that_do_not(sql: str) -> None:
    assert check(sql) == []


@pytest.mark.parametrize(
    ("sql", "lines"),
    [
        ("begin; select 1; commit;", []),
        ("begin;\nselect 1;", [1]),
        ("select 1;\ncommit;", [2]),
        ("begin;\nbegin;\ncommit;", [2]),
        ("begin;\nvacuum;\ncommit;", [2]),
    ],
)
def test_transactions_of_a_files_own_come_in_pairs(sql: str, lines: list[int]) -> None:
    assert [line for _, line in check(sql, transactional=False)] == lines


@pytest.mark.parametrize(
    ("sql", "lines"),
    [
        ("alter type mood add value 'ok';\nselect 1;", []),
        ("alter type mood add value 'ok';\ninsert into t values ('ok');", [2]),
        ("alter type mood add value 'ok';\ndo $$ begin insert into t values ('ok'); end $$;", [2]),
        ("insert into t values ('ok'); alter type mood add value 'ok';", []),
        ("create type mood as enum ('a'); alter type mood add value 'ok'; insert into t values ('ok');", []),
        ("alter type mood rename value 'a' to 'ok'; insert into t values ('ok');", []),
    ],
)
def test_enum_values_wait_for_the_next_migration(sql: str, lines: list[int]) -> None:
    assert check(sql) == [("enum-value-used", line) for line in lines]


def test_both_directions_are_judged_with_their_own_files() -> None:
    found = validate(migration("selec 1;", down="select 1;\n\nvacuum;"))
    assert [(item.path, item.line, item.rule) for item in found] == [
        ("migrations/20260101000000_x.sql", 1, "syntax"),
        ("migrations/20260101000000_x.down.sql", 3, "needs-no-transaction"),
    ]


DEEP = [
    "select " + "1+" * 100_000 + "1",
    "select 1" + " union select 1" * 100_000,
    "select " + "(" * 100_000 + "1" + ")" * 100_000,
    "select " + "not " * 100_000 + "true",
    "select 1 from a" + " join a on true" * 50_000,
    "select a" + " is null" * 50_000,
    "select 1" + "::int" * 50_000,
    "select " + "array[" * 50_000,
    "select " + "case when a then " * 20_000,
    "select " + "f(1+" * 20_000,
]


@pytest.mark.parametrize("sql", DEEP, ids=lambda sql: sql[:30])
def test_bottomless_statements_are_refused_and_kill_nothing(sql: str) -> None:
    assert check(sql) == [("syntax", 1)]
    with pytest.raises(MigrationFileError):
        split_statements(sql)


NEARLY = [
    "select " + "1+" * 4_900 + "1",
    "select 1" + " union select 1" * 4_900,
    "select 1 from a" + " join a on true" * 4_900,
    "select 1 from " + "(select 1 from " * 900 + "a" + ") b" * 900,
]


@pytest.mark.parametrize("sql", NEARLY, ids=lambda sql: sql[:30])
def test_the_limit_leaves_room_in_a_small_stack(sql: str) -> None:
    """Provider threads have the system's default stack; half of the usual 8 MB must do."""
    results: list[int] = []
    before = threading.stack_size(4 * 1024 * 1024)
    try:
        thread = threading.Thread(target=lambda: results.append(sum(1 for _ in walk(parse(sql)[0].node))))
        thread.start()
    finally:
        threading.stack_size(before)
    thread.join(60)
    assert results
    assert results[0] > 900


def test_long_lists_are_not_deep() -> None:
    assert check("insert into t values " + ",".join(f"(-{n}, now() - interval '1 day')" for n in range(6_000))) == []


@pytest.mark.parametrize(
    ("sql", "expected"),
    [
        ("", False),
        (" ;;\n-- x", False),
        ("/* a /* b */ c */", False),
        ("/* a */ x", True),
        ("--\nx", True),
        (";x", True),
    ],
)
def test_has_statement(sql: str, expected: bool) -> None:
    assert has_statement(sql) is expected
