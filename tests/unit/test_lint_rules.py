from __future__ import annotations

from pathlib import Path

import pytest

from fleetify.database.migrations.folder import load_folder
from fleetify.database.migrations.lint import LintOptions, lint
from fleetify.database.migrations.lint.documentation import render
from fleetify.database.migrations.lint.registry import RULES
from fleetify.database.migrations.lint.rule import Rule
from tests.support.migration_samples import migration

ROOT = Path(__file__).parents[2]


def ours(
    sql: str, *, down: str | None = "select 1;", options: LintOptions | None = None
) -> list[tuple[str, int | None]]:
    """The rules that our own lint finds broken, with their lines."""
    found = lint([migration(sql, down=down)], options=options, squawk=False)
    return [(finding.rule, finding.line) for finding in found]


def rules(sql: str, options: LintOptions | None = None) -> list[str]:
    return [rule for rule, _ in ours(sql, options=options)]


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_bad_example_breaks_only_its_rule(rule: Rule) -> None:
    down = None if rule.id == "missing-down-script" else "select 1;"
    found = lint([migration(rule.bad, down=down)], squawk=False)
    assert {finding.rule for finding in found} == {rule.id}
    assert {finding.level for finding in found} == {rule.level}
    assert all(finding.remedy == rule.remedy for finding in found)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_good_example_is_clean(rule: Rule) -> None:
    down = None if "irreversible" in rule.good else "select 1;"
    assert lint([migration(rule.good, down=down)], squawk=False) == ()


def test_docs_are_current() -> None:
    assert (ROOT / "docs/lint.md").read_text() == render()


def test_projects_own_migrations_are_clean() -> None:
    found = load_folder(Path("migrations"), root=ROOT, layout="supabase")
    judged = [item for item in found if item.version >= "20251019000000"]
    assert len(judged) == 4
    assert lint(judged, found) == ()


SALES = "migrations/20251019000000_create_sales_system.sql"


@pytest.mark.parametrize(
    ("text", "replacement", "rule"),
    [
        ("alter table public.sales_leads enable row level security;", "", "require-rls"),
        ("alter table public.sales_leads force row level security;", "", "require-rls"),
        (
            "create index sales_leads_customer_idx on public.sales_leads (company_id, customer_id);",
            "",
            "foreign-key-index",
        ),
        (
            "foreign key (company_id, customer_id) references public.customers (company_id, id)",
            "foreign key (customer_id) references public.customers (id)",
            "tenant-foreign-key",
        ),
    ],
)
def test_damage_to_a_real_migration_is_found(text: str, replacement: str, rule: str) -> None:
    found = load_folder(Path("migrations"), root=ROOT, layout="supabase")
    history = [item for item in found if item.version < "20251019000000"]
    sql = (ROOT / SALES).read_text()
    assert text in sql
    damaged = migration(sql.replace(text, replacement, 1), version="20251019000000", name="damaged")
    assert rule in {finding.rule for finding in lint([damaged], history, squawk=False)}


RLS = "alter table t enable row level security; alter table t force row level security; create policy p on t using (a);"


@pytest.mark.parametrize(
    ("sql", "broken"),
    [
        ("create table t (a bool);", True),
        (f"create table t (a bool); {RLS}", False),
        (f"create table public.t (a bool); {RLS}", False),
        (f"create table t (a bool); {RLS} alter table t disable row level security;", True),
        (f"create table t (a bool); {RLS} drop policy p on t;", True),
        (f"create table t as select true as a; {RLS}", False),
        ("create table t as select 1;", True),
        ("select 1 into t;", True),
        ("create temp table t (a int);", False),
        ("create table app.t (a int);", False),
        ("set local search_path = app; create table t (a int);", False),
        ("create table app.t (a int); alter table app.t set schema public;", True),
        ("create table t (a int); drop table t;", False),
        ("create table t (a int); alter table t set schema app;", False),
        ("create schema public create table t (a int);", True),
        ("do $$ begin create table t (a int); end $$;", True),
        ("do $$ begin create table auth.t (a int); end $$;", False),
        ("do $$ begin -- create table t\n perform 1; end $$;", False),
        ("alter table old disable row level security;", True),
        ("alter table old no force row level security;", True),
        ("drop policy p on old;", False),  # the live table may have others: nothing here says
    ],
)
def test_require_rls(sql: str, broken: bool) -> None:
    assert ("require-rls" in rules(sql)) is broken


def test_require_rls_names_what_lacks_and_where() -> None:
    (finding,) = lint(
        [migration("select 1;\n\ncreate table t (a int);\nalter table t enable row level security;")], squawk=False
    )
    assert finding.line == 3
    assert finding.message == "the table public.t has no forced row-level security and no policy"


def test_partition_needs_no_policy_of_its_own() -> None:
    parent = f"create table t (a bool) partition by list (a); {RLS}"
    child = "create table c partition of t for values in (true);"
    closed = "alter table c enable row level security, force row level security;"
    assert rules(parent + child) == ["require-rls"]
    assert rules(parent + child + closed) == []


def test_policy_dropped_in_a_later_file_is_found() -> None:
    first = migration(f"create table t (a bool); {RLS}")
    second = migration("select 1;\ndrop policy p on t;", version="20260102000000")
    (finding,) = lint([second], [first], squawk=False)
    assert (finding.rule, finding.line) == ("require-rls", 2)


@pytest.mark.parametrize(
    ("index", "served"),
    [
        ("create index on app.c (p);", True),
        ("create index on app.c (p, q);", True),
        ("create index on app.c (q, p);", False),
        ("create index on app.c (q) include (p);", False),
        ("create index on app.c (lower(q), p);", False),
        ("create index on app.c using gin (p);", False),
        ("create index on app.c (p) where q = 'x';", False),
        ("create index on app.c (p) where p is not null;", True),
        ("create index i on app.c (p); drop index app.i;", False),
        ("alter table app.c add unique (p);", True),
        ("alter table app.c drop constraint f;", True),
        ("alter table app.c drop column p;", True),
    ],
)
def test_foreign_key_index(index: str, served: bool) -> None:
    sql = f"create table app.c (q text, p int, constraint f foreign key (p) references app.p);{index}"
    assert ("foreign-key-index" not in rules(sql)) is served


def test_foreign_key_over_two_columns_takes_them_in_any_order() -> None:
    table = "create table app.c (a int, b int, foreign key (a, b) references app.p);"
    assert rules(f"{table} create index on app.c (b, a);") == []
    assert rules(f"{table} create index on app.c (b);") == ["foreign-key-index"]


@pytest.mark.parametrize(
    ("child", "broken"),
    [
        ("foreign key (p) references app.p (id)", True),
        ("foreign key (company_id, p) references app.p (company_id, id)", False),
        ("foreign key (p, company_id) references app.p (company_id, id)", True),
        ("foreign key (company_id, p) references app.p", True),
        ("foreign key (p) references app.elsewhere (id)", False),
    ],
)
def test_tenant_foreign_key(child: str, broken: bool) -> None:
    parent = migration("create table app.p (company_id int, id int primary key, unique (company_id, id));")
    sql = f"create table app.c (company_id int, p int, {child}); create index on app.c (company_id, p);"
    found = lint([migration(sql, version="20260102000000")], [parent], squawk=False)
    assert ("tenant-foreign-key" in {finding.rule for finding in found}) is broken


def test_a_table_that_no_file_creates_is_not_taken_for_shared() -> None:
    """Below a trusted baseline nobody knows the columns: say so instead of nothing."""
    table = "create table app.c (company_id int, p int references {}); create index on app.c (p);"
    (finding,) = lint([migration(table.format("public.elsewhere (id)"))], squawk=False)
    assert (finding.rule, finding.level) == ("tenant-foreign-key", "warning")
    assert rules(table.format("auth.users (id)")) == []
    both = "create table app.c (company_id int, p int, foreign key (company_id, p) references public.elsewhere);"
    assert rules(f"{both} create index on app.c (company_id, p);") == []


def test_tenant_column_is_configurable() -> None:
    sql = """create table app.p (org int, id int primary key);
             create table app.c (org int, p int references app.p); create index on app.c (p);"""
    assert rules(sql) == []
    assert rules(sql, LintOptions(tenant_column="org")) == ["tenant-foreign-key"]


def test_renames_are_followed() -> None:
    sql = """create table app.p (company_id int, id int, primary key (company_id, id));
             alter table app.p rename to parents;
             create table app.c (tenant int, p int);
             alter table app.c rename column tenant to company_id;
             alter table app.c add foreign key (p) references app.parents (id);
             create index on app.c (p);"""
    assert rules(sql) == ["tenant-foreign-key"]


@pytest.mark.parametrize(
    ("sql", "broken"),
    [
        ("create function f() returns int language sql security definer as 'select 1';", True),
        ("create function f() returns int language sql as 'select 1';", False),
        (
            """create function f() returns int language sql security definer as 'select 1';
               alter function f() set search_path = '';""",
            False,
        ),
        ("alter function f() security definer;", True),
    ],
)
def test_security_definer(sql: str, broken: bool) -> None:
    assert ("security-definer-search-path" in rules(sql)) is broken


@pytest.mark.parametrize(
    ("sql", "broken"),
    [
        ("create view v as select 1;", True),
        ("create view v with (security_invoker) as select 1;", False),
        ("create view v with (security_invoker = on) as select 1;", False),
        ("create view v with (security_invoker = false) as select 1;", True),
        ("create view v as select 1; alter view v set (security_invoker = true);", False),
        ("create view app.v as select 1;", False),
        ("create temp view v as select 1;", False),
        ("create materialized view m as select 1;", True),
        ("create materialized view app.m as select 1;", False),
    ],
)
def test_view_security_invoker(sql: str, broken: bool) -> None:
    assert ("view-security-invoker" in rules(sql)) is broken


@pytest.mark.parametrize(
    ("sql", "levels"),
    [
        ("set role app;", ["error"]),
        ("set role app; select 1; reset role;", []),
        ("set session authorization app;", ["error"]),
        ("discard all;", ["error"]),
        ("reset all;", ["error"]),
        ("set statement_timeout = 0;", ["warning"]),
        ("set local statement_timeout = 0;", []),
    ],
)
def test_session_setting(sql: str, levels: list[str]) -> None:
    assert [finding.level for finding in lint([migration(sql)], squawk=False)] == levels


@pytest.mark.parametrize(
    ("sql", "expected"),
    [
        ("-- fleetify-ignore require-rls: the job alone writes it\ncreate table t (a int);", []),
        ("create table t (a int); -- fleetify-ignore require-rls: the job alone writes it", []),
        ("create table t (\n  a int -- fleetify-ignore require-rls: the job alone writes it\n);", []),
        (
            """-- fleetify-ignore-file require-rls, no-grant-to-anon: public prices
               create table t (a int);
               grant select on t to anon;""",
            [],
        ),
        ("-- fleetify-ignore require-rls\ncreate table t (a int);", [("ignore", 1), ("require-rls", 2)]),
        ("-- fleetify-ignore require-rsl: why\ncreate table t (a int);", [("ignore", 1), ("require-rls", 2)]),
        ("-- fleetify-ignore ban-drop-table: why\nselect 1;", [("ignore", 1)]),
        (
            "-- fleetify-ignore require-rls: no table here\nselect 1;\ncreate table t (a int);",
            [("ignore", 1), ("require-rls", 3)],
        ),
        ("select '-- fleetify-ignore require-rls: no comment';\ncreate table t (a int);", [("require-rls", 2)]),
    ],
)
def test_ignores(sql: str, expected: list[tuple[str, int]]) -> None:
    assert ours(sql) == expected


def test_file_wide_ignore_keeps_a_missing_down_script_back() -> None:
    sql = "-- fleetify-ignore-file missing-down-script: undone by the next migration\nselect 1;"
    assert ours(sql, down=None) == []


def test_excluded_rules_are_silent() -> None:
    assert rules("create table t (a int);", LintOptions(excluded=("require-rls",))) == []


def test_broken_sql_is_reported_once_and_the_rest_goes_on() -> None:
    good = migration("create table t (a int);", version="20260102000000")
    found = lint([migration("selec 1;"), good], squawk=False)
    assert [finding.rule for finding in found] == ["syntax", "require-rls"]


def test_order_does_not_depend_on_the_order_given() -> None:
    items = [
        migration("create table t (a int); create view v as select 1;", version=f"2026010100000{n}") for n in range(4)
    ]
    assert lint(items) == lint(list(reversed(items)))
