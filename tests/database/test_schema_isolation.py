"""No company sees or touches another's rows: through any table, any view, any verb, any foreign key."""

from __future__ import annotations

import json

import pytest
from psycopg import errors

from rehearsal.seed import uid
from tests.database.schema_world import COMPANIES, PEOPLE_TABLES, TABLES, VIEWS, Session

pytestmark = pytest.mark.database

RELATIONS = TABLES + VIEWS


def tenant_column(relation: str) -> str:
    return "id" if relation == "companies" else "company_id"


def writable_columns(session: Session, table: str) -> str:
    """Comma-separated, without generated ones."""
    return str(
        session.value(
            "select string_agg(quote_ident(attname), ', ') from pg_attribute"
            " where attrelid = %s::regclass and attnum > 0 and not attisdropped and attgenerated = ''",
            f"public.{table}",
        )
    )


def foreign_row(session: Session, table: str, company: int) -> str:
    """One row of a company as JSON, with a fresh id."""
    row = session.value(
        f"select to_jsonb(t) from public.{table} t where {tenant_column(table)} = %s limit 1", COMPANIES[company]
    )
    if "id" in row and table not in ("companies", "profiles"):
        row["id"] = str(uid("a row that does not exist"))
    return json.dumps(row)


@pytest.mark.parametrize("relation", RELATIONS)
@pytest.mark.parametrize("company", [1, 2, 3])
def test_a_user_sees_the_own_company_and_nothing_else(phase_7d: Session, relation: str, company: int) -> None:
    column = tenant_column(relation)
    there, elsewhere = phase_7d.rows(
        f"select count(*) filter (where {column} = %s), count(*) filter (where {column} <> %s) from public.{relation}",
        COMPANIES[company],
        COMPANIES[company],
    )[0]
    assert there > 0, "the seed has no row to see"
    assert elsewhere > 0, "the seed has no row to hide"
    with phase_7d.acting_as(f"user-{company}-owner"):
        seen = phase_7d.rows(f"select {column}, count(*) from public.{relation} group by 1")
    assert seen == [(COMPANIES[company], there)]


@pytest.mark.parametrize("relation", RELATIONS)
def test_anonymous_visitors_see_nothing(phase_7d: Session, relation: str) -> None:
    with phase_7d.attempt():
        phase_7d.rows("set local role anon")
        with pytest.raises(errors.InsufficientPrivilege):
            phase_7d.rows(f"select 1 from public.{relation}")


@pytest.mark.parametrize("relation", RELATIONS)
def test_a_token_without_a_user_sees_nothing(phase_7d: Session, relation: str) -> None:
    with phase_7d.acting_as(None):
        assert phase_7d.value(f"select count(*) from public.{relation}") == 0


@pytest.mark.parametrize("relation", RELATIONS)
def test_a_suspended_membership_sees_nothing_of_the_company(phase_7d: Session, relation: str) -> None:
    owner = uid("user-1-owner")
    phase_7d.changed("update public.user_companies set is_active = false where user_id = %s", owner)
    own = {"user_companies": "user_id", "profiles": "id"}.get(relation)
    others = "" if own is None else f" where {own} <> '{owner}'"
    with phase_7d.acting_as("user-1-owner"):
        assert phase_7d.value(f"select count(*) from public.{relation}{others}") == 0


@pytest.mark.parametrize("table", TABLES)
def test_nobody_inserts_into_another_company(phase_7d: Session, table: str) -> None:
    columns = writable_columns(phase_7d, table)
    row = foreign_row(phase_7d, table, company=3)
    with phase_7d.acting_as("user-1-owner"), pytest.raises(errors.InsufficientPrivilege):
        phase_7d.changed(
            f"insert into public.{table} ({columns})"
            f" select {columns} from jsonb_populate_record(null::public.{table}, %s)",
            row,
        )


@pytest.mark.parametrize("table", TABLES)
def test_nobody_moves_rows_between_companies(phase_7d: Session, table: str) -> None:
    column = tenant_column(table)
    own, other = COMPANIES[1], COMPANIES[3]
    if phase_7d.value("select has_table_privilege('authenticated', %s, 'UPDATE')", f"public.{table}"):
        with phase_7d.acting_as("user-1-owner"):
            taken = phase_7d.changed(f"update public.{table} set {column} = %s where {column} = %s", own, other)
        assert taken == 0
    # To another company: seen rows, refused by the policy, or by the missing privilege.
    where = "id = auth.uid()" if table == "profiles" else f"{column} = '{own}'"
    with phase_7d.acting_as("user-1-owner"), pytest.raises(errors.InsufficientPrivilege):
        phase_7d.changed(f"update public.{table} set {column} = %s where {where}", other)


@pytest.mark.parametrize("table", TABLES)
def test_nobody_deletes_rows_of_another_company(phase_7d: Session, table: str) -> None:
    with phase_7d.acting_as("user-1-owner"):
        if phase_7d.value("select has_table_privilege('authenticated', %s, 'DELETE')", f"public.{table}"):
            deleted = phase_7d.changed(f"delete from public.{table} where {tenant_column(table)} <> %s", COMPANIES[1])
            assert deleted == 0
        else:
            with phase_7d.attempt(), pytest.raises(errors.InsufficientPrivilege):
                phase_7d.changed(f"delete from public.{table}")


def test_no_foreign_key_crosses_tenants_even_for_a_superuser(phase_7d: Session) -> None:
    """Each composite key in turn: point a row at another company's row and see PostgreSQL refuse it."""
    keys = phase_7d.rows(
        """
        select k.conname, k.conrelid::regclass::text, k.confrelid::regclass::text, a.attname, b.attname
        from pg_constraint k
        join pg_attribute a on a.attrelid = k.conrelid and a.attnum = k.conkey[2]
        join pg_attribute b on b.attrelid = k.confrelid and b.attnum = k.confkey[2]
        where k.contype = 'f' and cardinality(k.conkey) = 2
        """
    )
    assert len(keys) > 40
    refused = {}
    for name, child, parent, child_column, parent_column in keys:
        statement = f"""
            update {child} c set {child_column} = (
              select p.{parent_column} from {parent} p
              where p.company_id <> c.company_id and not exists (
                select from {parent} o where o.company_id = c.company_id and o.{parent_column} = p.{parent_column})
              limit 1)
            where c.ctid = (select ctid from {child} order by {child_column} is null limit 1)
        """
        refused[name] = violated_key(phase_7d, statement)
    assert refused == {name: name for name, *_ in keys}


def violated_key(session: Session, statement: str) -> str | None:
    """Name of the foreign key that refuses the statement; None where none does."""
    try:
        with session.attempt():
            session.changed(statement)
    except errors.ForeignKeyViolation as violation:
        return violation.diag.constraint_name
    return None


def test_company_switch_narrows_to_the_active_company(phase_7d: Session) -> None:
    query = "select company_id from public.customers group by 1"
    with phase_7d.acting_as("user-both"):
        assert {row[0] for row in phase_7d.rows(query)} == {COMPANIES[1], COMPANIES[3]}
    with phase_7d.acting_as("user-both", company=COMPANIES[3]):
        assert phase_7d.rows(query) == [(COMPANIES[3],)]
        assert phase_7d.value("select count(*) from public.user_companies where user_id = auth.uid()") == 2
    with phase_7d.acting_as("user-both", company=COMPANIES[2]):
        assert phase_7d.rows(query) == []


def test_the_role_of_each_membership_counts_in_its_company_only(phase_7d: Session) -> None:
    insert = "insert into public.sales_leads (company_id, name) values (%s, 'New lead')"
    with phase_7d.acting_as("user-both"):
        assert phase_7d.changed(insert, COMPANIES[1]) == 1
        with phase_7d.attempt(), pytest.raises(errors.InsufficientPrivilege):
            phase_7d.changed(insert, COMPANIES[3])


@pytest.mark.parametrize("table", TABLES)
def test_a_viewer_cannot_write(phase_7d: Session, table: str) -> None:
    columns = writable_columns(phase_7d, table)
    row = foreign_row(phase_7d, table, company=1)
    own = " where id <> auth.uid()" if table == "profiles" else ""
    with phase_7d.acting_as("user-1-viewer"):
        with phase_7d.attempt(), pytest.raises(errors.InsufficientPrivilege):
            phase_7d.changed(
                f"insert into public.{table} ({columns})"
                f" select {columns} from jsonb_populate_record(null::public.{table}, %s)",
                row,
            )
        column = tenant_column(table)
        statements = (f"update public.{table} set {column} = {column}{own}", f"delete from public.{table}{own}")
        for statement in statements:
            assert rows_or_refusal(phase_7d, statement) == 0


def rows_or_refusal(session: Session, statement: str) -> int:
    try:
        with session.attempt():
            return session.changed(statement)
    except errors.InsufficientPrivilege:
        return 0


def test_a_manager_writes_and_an_admin_deletes(phase_7d: Session) -> None:
    for table in sorted(set(TABLES) - set(PEOPLE_TABLES)):
        statement = f"update public.{table} set company_id = company_id"
        own = phase_7d.value(f"select count(*) from public.{table} where company_id = %s", COMPANIES[1])
        allowed = phase_7d.value("select has_table_privilege('authenticated', %s, 'UPDATE')", f"public.{table}")
        with phase_7d.acting_as("user-1-manager"):
            assert rows_or_refusal(phase_7d, statement) == (own if allowed else 0), table
    with phase_7d.acting_as("user-1-manager"):
        assert phase_7d.changed("delete from public.vendor_documents") == 0
    with phase_7d.acting_as("user-1-admin"):
        assert phase_7d.changed("delete from public.vendor_documents") == 20


def test_only_owners_make_owners(phase_7d: Session) -> None:
    promote = "update public.user_companies set role = 'owner' where user_id = %s"
    demote = "update public.user_companies set role = 'viewer' where role = 'owner'"
    with phase_7d.acting_as("user-1-admin"):
        with phase_7d.attempt(), pytest.raises(errors.InsufficientPrivilege):
            phase_7d.changed(promote, uid("user-1-admin"))
        assert phase_7d.changed(demote) == 0
    with phase_7d.acting_as("user-1-owner"):
        assert phase_7d.changed(promote, uid("user-1-admin")) == 1


def test_the_back_office_sees_every_company(phase_7d: Session) -> None:
    with phase_7d.attempt():
        phase_7d.rows("set local role service_role")
        assert phase_7d.value("select count(distinct company_id) from public.inventory_items") == 3
