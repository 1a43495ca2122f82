"""Up, down and up again: the way back leaves nothing behind and takes nothing along."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack

import psycopg
import pytest
from psycopg import sql

from rehearsal import postgres
from rehearsal.seed import seed, seed_release, uid
from tests.database.schema_world import (
    BASELINE,
    COMPANIES,
    OLD_TABLES,
    RELEASE,
    Session,
    clone,
    down_file,
    run_file,
    schema_dump,
    table_dump,
)

pytestmark = pytest.mark.database


def test_each_way_back_restores_the_schema_byte_for_byte(server: postgres.Server, phase_7c: str) -> None:
    before = []
    for up in RELEASE:
        before.append(schema_dump(server, phase_7c))
        run_file(phase_7c, up)
    released = schema_dump(server, phase_7c)
    assert len({*before, released}) == len(RELEASE) + 1, "a migration changed nothing"

    seed_release(phase_7c)
    for up, expected in reversed(list(zip(RELEASE, before, strict=True))):
        run_file(phase_7c, down_file(up))
        assert schema_dump(server, phase_7c) == expected, down_file(up).name

    for up in RELEASE:
        run_file(phase_7c, up)
    assert schema_dump(server, phase_7c) == released


def test_older_tables_keep_their_data(server: postgres.Server, phase_7c: str) -> None:
    before = table_dump(server, phase_7c, OLD_TABLES)
    for up in RELEASE:
        run_file(phase_7c, up)
    seed_release(phase_7c)
    for up in reversed(RELEASE):
        run_file(phase_7c, down_file(up))
    assert table_dump(server, phase_7c, OLD_TABLES) == before


def test_a_way_back_stops_where_something_was_built_on_top(server: postgres.Server, phase_7c: str) -> None:
    for up in RELEASE:
        run_file(phase_7c, up)
    with psycopg.connect(phase_7c) as connection:
        connection.execute("create view public.later as select id from public.vendor_contacts")
    before = schema_dump(server, phase_7c)
    with pytest.raises(psycopg.errors.DependentObjectsStillExist):
        run_file(phase_7c, down_file(RELEASE[-1]))
    assert schema_dump(server, phase_7c) == before


PHASE_7C_READS = [
    "select id, plate_number, make, model, status from public.vehicles order by plate_number",
    (
        "select v.make, count(*), sum(r.total_amount) from public.rental_contracts r"
        " join public.vehicles v on v.company_id = r.company_id and v.id = r.vehicle_id group by 1 order by 1"
    ),
    (
        "select p.name, count(*) filter (where u.status = 'occupied'), count(*) from public.properties p"
        " join public.property_units u on u.company_id = p.company_id and u.property_id = p.id group by 1 order by 1"
    ),
    "select lease_id, sum(amount) from public.rent_payments where paid_on is null group by 1 order by 1",
    (
        "select p.sku, sum(i.quantity) from public.order_items i"
        " join public.products p on p.company_id = i.company_id and p.id = i.product_id group by 1 order by 1"
    ),
    "select id, code, name, name_ar, category, contact_name, phone, email, is_active from public.vendors order by code",
    "select role, permission from public.role_permissions order by 1, 2",
]


@pytest.mark.parametrize("company", [1, 2, 3])
def test_queries_of_the_release_before_answer_the_same(phase_7c_template: str, phase_7d: Session, company: int) -> None:
    with psycopg.connect(phase_7c_template) as connection:
        old = Session(connection)
        with old.acting_as(f"user-{company}-viewer"):
            expected = [old.rows(query) for query in PHASE_7C_READS]
            figures = old.value("select public.dashboard_summary(%s)", COMPANIES[company])
        connection.rollback()
    assert sum(map(len, expected)) > 100
    with phase_7d.acting_as(f"user-{company}-viewer"):
        assert [phase_7d.rows(query) for query in PHASE_7C_READS] == expected
        assert figures.items() <= phase_7d.value("select public.dashboard_summary(%s)", COMPANIES[company]).items()


def test_the_application_of_the_release_before_still_writes(phase_7d: Session) -> None:
    with phase_7d.acting_as("user-1-admin"):
        assert phase_7d.changed(
            "insert into public.vendors (company_id, code, name, category) values (%s, 'V-X', 'Old form', 'parts')",
            COMPANIES[1],
        )
        assert phase_7d.changed("update public.vendors set category = 'tyres' where code = 'V-X'") == 1
        assert phase_7d.changed("delete from public.vendors where code = 'V-X'") == 1
        assert phase_7d.changed("update public.vehicles set status = 'retired' where id = %s", uid("vehicle-1-1")) == 1


@pytest.fixture
def platform(server: postgres.Server) -> Iterator[tuple[str, str]]:
    """A database as Supabase hands it over, and its owner: no superuser, auth somebody else's, everything granted."""
    owner = f"platform_{secrets.token_hex(4)}"
    name = sql.Identifier(owner)
    with psycopg.connect(server.url, autocommit=True) as admin:
        # The roles are there before the project's first migration.
        run_file(server.url, BASELINE[0])
        admin.execute("drop schema auth cascade")
        admin.execute(sql.SQL("create role {} nosuperuser createrole createdb bypassrls").format(name))
    try:
        with clone(server) as url:
            with psycopg.connect(url) as connection:
                connection.execute(BASELINE[0].read_bytes())
                database = sql.Identifier(url.rsplit("/", 1)[1])
                connection.execute(sql.SQL("alter database {} owner to {}").format(database, name))
                connection.execute(
                    sql.SQL(
                        "grant usage on schema auth to {0};"
                        " grant select, insert, references on all tables in schema auth to {0};"
                        " alter default privileges for role {0} in schema public"
                        "   grant all on tables to anon, authenticated, service_role;"
                        " alter default privileges for role {0} in schema public"
                        "   grant all on functions to anon, authenticated, service_role"
                    ).format(name)
                )
                connection.execute("alter table auth.users disable row level security")
            yield url, owner
    finally:
        with psycopg.connect(server.url, autocommit=True) as admin:
            admin.execute(sql.SQL("drop role {}").format(name))


def test_the_owner_of_a_supabase_project_can_run_all_of_it(server: postgres.Server, platform: tuple[str, str]) -> None:
    url, owner = platform
    for path in BASELINE:
        run_file(url, path, session_user=owner)
    seed(url)
    before = schema_dump(server, url)
    for path in RELEASE:
        run_file(url, path, session_user=owner)
    seed_release(url)
    with psycopg.connect(url) as connection:
        session = Session(connection)
        reachable = (
            "select relname from pg_class where relnamespace = 'public'::regnamespace and relkind in ('r', 'v')"
            " and (has_table_privilege('anon', oid, 'SELECT') or has_table_privilege('authenticated', oid, 'TRUNCATE'))"
        )
        assert session.rows(reachable) == []
        callable_by_anyone = (
            "select proname from pg_proc where pronamespace in ('public'::regnamespace, 'private'::regnamespace)"
            " and has_function_privilege('anon', oid, 'EXECUTE')"
        )
        assert session.rows(callable_by_anyone) == []
        with session.acting_as("user-2-manager"):
            assert session.rows("select distinct company_id from public.inventory_stock_levels") == [(COMPANIES[2],)]
            moved = session.changed(
                "insert into public.inventory_movements (company_id, item_id, warehouse_id, kind, quantity)"
                " values (%s, %s, %s, 'receipt', 1)",
                COMPANIES[2],
                uid("item-2-1"),
                uid("warehouse-2-main"),
            )
            assert moved == 1
        connection.rollback()
    for path in reversed(RELEASE):
        run_file(url, down_file(path), session_user=owner)
    assert schema_dump(server, url) == before


def test_databases_built_at_once_share_the_roles_of_their_cluster() -> None:
    # A server of its own: on the suite's the roles are there already.
    with postgres.running() as fresh, ExitStack() as stack:
        urls = [stack.enter_context(clone(fresh)) for _ in range(6)]
        with ThreadPoolExecutor(len(urls)) as pool:
            list(pool.map(lambda url: run_file(url, BASELINE[0]), urls))
        with psycopg.connect(fresh.url) as connection:
            roles = Session(connection).rows(
                "select rolname, rolbypassrls, rolcanlogin from pg_roles"
                " where rolname in ('anon', 'authenticated', 'service_role') order by 1"
            )
    assert roles == [("anon", False, False), ("authenticated", False, False), ("service_role", True, False)]
