"""What the release's triggers, functions and views do for the people who use them."""

from __future__ import annotations

from decimal import Decimal

import pytest
from psycopg import errors

from rehearsal.seed import uid
from tests.database.schema_world import COMPANIES, Session

pytestmark = pytest.mark.database

COMPANY = COMPANIES[1]
ITEM = uid("item-1-1")
MAIN = uid("warehouse-1-main")

MOVE = (
    "insert into public.inventory_movements (company_id, item_id, warehouse_id, kind, quantity)"
    " values (%s, %s, %s, %s, %s)"
)
RESERVE = (
    "insert into public.inventory_reservations (company_id, item_id, warehouse_id, quantity) values (%s, %s, %s, %s)"
)


def level(session: Session) -> tuple[Decimal, Decimal, Decimal]:
    (row,) = session.rows(
        "select quantity_on_hand, quantity_reserved, quantity_available from public.inventory_stock_levels"
        " where item_id = %s and warehouse_id = %s",
        ITEM,
        MAIN,
    )
    return row[0], row[1], row[2]


def test_movements_make_the_stock_level(phase_7d: Session) -> None:
    with phase_7d.acting_as("user-1-manager"):
        on_hand, reserved, _ = level(phase_7d)
        phase_7d.changed(MOVE, COMPANY, ITEM, MAIN, "receipt", 12)
        phase_7d.changed(MOVE, COMPANY, ITEM, MAIN, "issue", -5)
        assert level(phase_7d) == (on_hand + 7, reserved, on_hand + 7 - reserved)
        by = phase_7d.rows("select distinct created_by from public.inventory_movements where moved_at = now()")
        assert by == [(uid("user-1-manager"),)]


def test_all_stock_levels_of_the_seed_are_the_sum_of_its_movements(phase_7d: Session) -> None:
    assert not phase_7d.rows(
        """
        select item_id, warehouse_id from public.inventory_stock_levels l
        where quantity_on_hand <> (
            select sum(quantity) from public.inventory_movements m
            where m.item_id = l.item_id and m.warehouse_id = l.warehouse_id)
          or quantity_reserved <> (
            select coalesce(sum(quantity), 0) from public.inventory_reservations r
            where r.item_id = l.item_id and r.warehouse_id = l.warehouse_id and r.status = 'active')
        """
    )


def test_stock_cannot_become_negative(phase_7d: Session) -> None:
    with phase_7d.acting_as("user-1-manager"), pytest.raises(errors.CheckViolation):
        phase_7d.changed(MOVE, COMPANY, ITEM, MAIN, "issue", -100_000)


@pytest.mark.parametrize(("kind", "quantity"), [("receipt", -1), ("issue", 1), ("adjustment", 0), ("transfer_in", 1)])
def test_a_movement_says_what_it_does(phase_7d: Session, kind: str, quantity: int) -> None:
    # transfer_in fails because it names no transfer.
    with phase_7d.acting_as("user-1-manager"), pytest.raises(errors.CheckViolation):
        phase_7d.changed(MOVE, COMPANY, ITEM, MAIN, kind, quantity)


def test_stock_levels_cannot_be_written_by_hand(phase_7d: Session) -> None:
    with phase_7d.acting_as("user-1-owner"), pytest.raises(errors.InsufficientPrivilege):
        phase_7d.changed("update public.inventory_stock_levels set quantity_on_hand = 1000")


def test_a_reservation_takes_stock_and_gives_it_back(phase_7d: Session) -> None:
    with phase_7d.acting_as("user-1-admin"):
        on_hand, reserved, available = level(phase_7d)
        phase_7d.changed(RESERVE, COMPANY, ITEM, MAIN, 3)
        assert level(phase_7d) == (on_hand, reserved + 3, available - 3)
        mine = "where item_id = %s and status = 'active' and created_by = auth.uid()"
        phase_7d.changed(f"update public.inventory_reservations set quantity = 4 {mine}", ITEM)
        assert level(phase_7d) == (on_hand, reserved + 4, available - 4)
        phase_7d.changed(f"update public.inventory_reservations set status = 'released' {mine}", ITEM)
        assert level(phase_7d) == (on_hand, reserved, available)
        phase_7d.changed(RESERVE, COMPANY, ITEM, MAIN, 2)
        phase_7d.changed(f"delete from public.inventory_reservations {mine}", ITEM)
        assert level(phase_7d) == (on_hand, reserved, available)


def test_more_than_is_available_cannot_be_reserved(phase_7d: Session) -> None:
    with phase_7d.acting_as("user-1-manager"):
        available = level(phase_7d)[2]
        with pytest.raises(errors.CheckViolation, match="inventory_stock_levels_reserved_in_stock"):
            phase_7d.changed(RESERVE, COMPANY, ITEM, MAIN, available + 1)


def test_an_item_that_was_never_there_cannot_be_reserved(phase_7d: Session) -> None:
    with phase_7d.acting_as("user-1-manager"):
        (new_item,) = phase_7d.rows(
            "insert into public.inventory_items (company_id, sku, name) values (%s, 'N-1', 'New') returning id", COMPANY
        )[0]
        with pytest.raises(errors.CheckViolation, match="has never been in warehouse"):
            phase_7d.changed(RESERVE, COMPANY, new_item, MAIN, 1)


def test_a_quote_adds_up(phase_7d: Session) -> None:
    quote = uid("quote-1-3")
    with phase_7d.acting_as("user-1-admin"):
        phase_7d.changed("delete from public.sales_quote_items where quote_id = %s", quote)
        assert phase_7d.value("select total from public.sales_quotes where id = %s", quote) == 0
        line = (
            "insert into public.sales_quote_items"
            " (company_id, quote_id, line_number, description, quantity, unit_price, discount_percent)"
            " values (%s, %s, %s, 'Service', %s, %s, %s)"
        )
        phase_7d.changed(line, COMPANY, quote, 1, 2, 10, 0)
        phase_7d.changed(line, COMPANY, quote, 2, 1, 5, 50)
        phase_7d.changed("update public.sales_quotes set tax_percent = 10 where id = %s", quote)
        totals = phase_7d.rows("select subtotal, total from public.sales_quotes where id = %s", quote)
        assert totals == [(Decimal("22.500"), Decimal("24.750"))]


def test_the_way_of_an_opportunity_is_recorded(phase_7d: Session) -> None:
    opportunity = uid("opportunity-1-5")
    with phase_7d.acting_as("user-1-manager"):
        assert phase_7d.changed("update public.sales_opportunities set stage = 'won' where id = %s", opportunity) == 1
        phase_7d.changed("update public.sales_opportunities set title = 'Renamed' where id = %s", opportunity)
        events = phase_7d.rows(
            "select from_stage, to_stage, changed_by from public.sales_opportunity_events where opportunity_id = %s",
            opportunity,
        )
        assert set(events) == {(None, "qualification", None), ("qualification", "won", uid("user-1-manager"))}
        assert len(events) == 2
        closed = "select closed_at = now() from public.sales_opportunities where id = %s"
        assert phase_7d.value(closed, opportunity) is True
        phase_7d.changed("update public.sales_opportunities set stage = 'proposal' where id = %s", opportunity)
        assert phase_7d.value(closed, opportunity) is None


def test_history_cannot_be_written_by_hand(phase_7d: Session) -> None:
    with phase_7d.acting_as("user-1-owner"), pytest.raises(errors.InsufficientPrivilege):
        phase_7d.changed("update public.sales_opportunity_events set to_stage = 'won'")


def test_stock_status_of_quotes(phase_7d: Session) -> None:
    with phase_7d.acting_as("user-1-viewer"):
        found = dict(
            phase_7d.rows(
                "select stock_status, count(*)::int from public.integration_quote_stock group by 1 order by 1"
            )
        )
    # Eight quotes of three lines: the first line of the four sent or accepted is reserved, the third is a service.
    assert found == {"available": 12, "not_stocked": 8, "reserved": 4}


def test_inventory_status_adds_up_over_warehouses(phase_7d: Session) -> None:
    with phase_7d.acting_as("user-1-viewer"):
        status = phase_7d.rows(
            "select quantity_on_hand, quantity_available, warehouses_to_reorder"
            " from public.integration_inventory_status where item_id = %s",
            ITEM,
        )
        expected = phase_7d.rows(
            "select sum(quantity_on_hand), sum(quantity_available)"
            " from public.inventory_stock_levels where item_id = %s",
            ITEM,
        )
        assert status == [(*expected[0], 0)]
        phase_7d.rows("reset role")
        phase_7d.changed("update public.inventory_reorder_rules set reorder_point = 1000 where item_id = %s", ITEM)
        reorder = "select warehouses_to_reorder from public.integration_inventory_status where item_id = %s"
        assert phase_7d.value(reorder, ITEM) == 1


def test_vendor_performance_falls_back_to_the_old_category(phase_7d: Session) -> None:
    vendor = uid("vendor-1-1")
    category = "select category from public.vendor_performance where vendor_id = %s"
    old = phase_7d.value("select category from public.vendors where id = %s", vendor)
    with phase_7d.acting_as("user-1-manager"):
        assert phase_7d.value(category, vendor) == old
        phase_7d.changed(
            "update public.vendors set category_id = %s where id = %s", uid("vendor-category-1-food"), vendor
        )
        assert phase_7d.value(category, vendor) == "Food"


def test_documents_lie_in_the_company_s_own_folder(phase_7d: Session) -> None:
    with phase_7d.acting_as("user-1-manager"), pytest.raises(errors.CheckViolation):
        phase_7d.changed("update public.vendor_documents set storage_path = %s", f"{COMPANIES[2]}/vendors/licence.pdf")


def test_the_first_page_shows_the_new_modules_to_their_company_only(phase_7d: Session) -> None:
    new = {"open_opportunities", "pipeline_amount", "items_to_reorder"}
    with phase_7d.acting_as("user-1-viewer"):
        own = phase_7d.value("select public.dashboard_summary(%s)", COMPANIES[1])
        other = phase_7d.value("select public.dashboard_summary(%s)", COMPANIES[2])
    assert new < own.keys()
    assert (own["vehicles"], own["open_opportunities"]) == (300, 6)
    assert set(other.values()) == {0}
