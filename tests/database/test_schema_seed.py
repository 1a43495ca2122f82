"""The seed: the same rows everywhere, once, enough of them."""

from __future__ import annotations

import subprocess

import psycopg
import pytest
import zstandard

from rehearsal import postgres
from rehearsal.seed import seed, seed_release, uid
from tests.database.schema_world import BASELINE, NEW_TABLES, Session, clone, run_file, table_dump

pytestmark = pytest.mark.database


def test_same_rows_on_every_machine_and_version(phase_7c_template: str) -> None:
    digest = "select md5(string_agg(md5(t::text), '' order by id)) from public.{} t"
    with psycopg.connect(phase_7c_template, options="-c timezone=UTC -c datestyle=ISO") as connection:
        session = Session(connection)
        assert session.value(digest.format("customers")) == "a76eefe495616bf68bfee76d0ac1a41f"
        assert session.value(digest.format("rent_payments")) == "bdeaacd778a6f9bee7cd1e55146d7abe"
        assert session.value(digest.format("orders")) == "a7bb0b6f9e5a9d6d0d1ff59331db31c0"


def test_ids_are_known_outside_the_database(phase_7d: Session) -> None:
    for table, key in [("companies", "company-2"), ("profiles", "user-both"), ("orders", "order-3-9000")]:
        assert phase_7d.value(f"select count(*) from public.{table} where id = %s", uid(key)) == 1
    assert uid("company-1").version == 4


def test_a_second_run_changes_nothing(server: postgres.Server, phase_7c: str) -> None:
    before = table_dump(server, phase_7c, ["customers", "orders", "companies"])
    seed(phase_7c)
    assert table_dump(server, phase_7c, ["customers", "orders", "companies"]) == before


def test_a_second_run_of_the_release_s_rows_changes_nothing(server: postgres.Server, phase_7d_template: str) -> None:
    before = table_dump(server, phase_7d_template, NEW_TABLES)
    seed_release(phase_7d_template)
    assert table_dump(server, phase_7d_template, NEW_TABLES) == before


def test_release_rows_are_a_few_hundred_in_every_table(phase_7d: Session) -> None:
    rows = {table: phase_7d.value(f"select count(*) from public.{table}") for table in NEW_TABLES}
    assert min(rows.values()) > 0
    assert 500 < sum(rows.values()) < 1500


def test_a_compressed_dump_is_over_a_megabyte(server: postgres.Server, phase_7c_template: str) -> None:
    done = subprocess.run(
        [server.bindir / "pg_dump", "-Fc", "-Z0", "--dbname", phase_7c_template],
        capture_output=True,
        timeout=120,
        check=True,
    )
    assert len(zstandard.compress(done.stdout)) > 1_500_000


def test_the_totals_are_those_of_the_lines(phase_7d: Session) -> None:
    assert not phase_7d.rows(
        "select o.order_number from public.orders o join public.order_items i on i.order_id = o.id"
        " group by o.id having o.total_amount <> sum(i.quantity * i.unit_price)"
    )


def test_no_vehicle_is_rented_twice_at_once(phase_7d: Session) -> None:
    assert not phase_7d.rows(
        "select a.id from public.rental_contracts a join public.rental_contracts b"
        " on b.company_id = a.company_id and b.vehicle_id = a.vehicle_id and b.id > a.id"
        " and daterange(a.starts_on, a.ends_on, '[]') && daterange(b.starts_on, b.ends_on, '[]')"
    )


def test_scale_multiplies_rows_but_not_companies(server: postgres.Server) -> None:
    with clone(server) as url:
        for path in BASELINE:
            run_file(url, path)
        seed(url, scale=2)
        with psycopg.connect(url) as connection:
            session = Session(connection)
            assert session.value("select count(*) from public.customers") == 2 * 4900
            assert session.value("select count(*) from public.order_items") == 2 * 27420
            assert session.value("select count(*) from public.companies") == 3


def test_scale_below_one_is_refused() -> None:
    with pytest.raises(ValueError, match="scale is 0"):
        seed("postgresql://127.0.0.1:1/none", scale=0)


def test_half_a_seed_leaves_nothing(server: postgres.Server) -> None:
    with clone(server) as url:
        for path in BASELINE:
            run_file(url, path)
        with psycopg.connect(url) as connection:
            connection.execute("alter table public.order_items add constraint fails check (line_number < 3)")
        with pytest.raises(psycopg.errors.CheckViolation):
            seed(url)
        with psycopg.connect(url) as connection:
            assert Session(connection).value("select count(*) from public.companies") == 0
