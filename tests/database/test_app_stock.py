"""Across modules: stock that cannot go below nothing, quotes checked against it, reservations that hold."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import uuid4

import httpx
import pytest

from rehearsal.seed import uid
from tests.database.app_world import App, code_of

pytestmark = pytest.mark.database


def _stocked_product(app: App, client: httpx.Client, *stock: str) -> dict[str, str]:
    """A product of company 3 that nobody else uses, stocked in as many warehouses as figures are given."""
    name = uuid4().hex[:8]
    ((product,),) = app.rows(
        "insert into public.products (company_id, sku, name, price) values (%s, %s, %s, 4.500) returning id",
        uid("company-3"),
        f"P-{name}",
        f"Product {name}",
    )
    answer = client.post("/api/inventory/items", json={"sku": name, "name": name, "product_id": str(product)})
    item = answer.json()["id"]
    for quantity, warehouse in zip(stock, ("main", "branch"), strict=False):
        body = {"item_id": item, "warehouse_id": str(uid(f"warehouse-3-{warehouse}")), "quantity": quantity}
        assert client.post("/api/inventory/adjustments", json=body).status_code == 201
    return {"product": str(product), "item": item}


def _quote(client: httpx.Client, product: str, quantity: object) -> str:
    body = {
        "customer_id": str(uid("customer-3-1")),
        "tax_percent": "10",
        "lines": [{"product_id": product, "quantity": quantity}],
    }
    answer = client.post("/api/sales/quotes", json=body)
    assert answer.status_code == 201, answer.text
    quote: str = answer.json()["id"]
    return quote


def _line(client: httpx.Client, quote: str) -> dict[str, Any]:
    (line,) = client.get(f"/api/sales/quotes/{quote}").json()["lines"]
    return dict(line)


def test_a_quote_is_priced_checked_and_reserved(app: App) -> None:
    with app.as_user("user-3-manager") as client:
        made = _stocked_product(app, client, "10")
        quote = _quote(client, made["product"], 4)
        found = client.get(f"/api/sales/quotes/{quote}").json()
        assert (found["subtotal"], found["total"]) == (18.0, 19.8)
        assert _line(client, quote)["stock_status"] == "available"

        answer = client.post(f"/api/sales/quotes/{quote}/reservations", json={})
        assert answer.json()["reserved_lines"] == [1]
        line = _line(client, quote)
        assert (line["stock_status"], line["quantity_available"]) == ("reserved", 6)
        level = client.get(f"/api/inventory/items/{made['item']}").json()["levels"][0]
        assert (level["quantity_on_hand"], level["quantity_reserved"]) == (10, 4)

        again = client.post(f"/api/sales/quotes/{quote}/reservations", json={})
        assert (again.status_code, again.json()["reserved_lines"]) == (201, [])


def test_more_than_there_is_cannot_be_reserved(app: App) -> None:
    with app.as_user("user-3-manager") as client:
        made = _stocked_product(app, client, "3")
        quote = _quote(client, made["product"], 4)
        assert _line(client, quote)["stock_status"] == "short"
        answer = client.post(f"/api/sales/quotes/{quote}/reservations", json={})
        assert (answer.status_code, code_of(answer)) == (409, "insufficient_stock")
        assert answer.json()["error"]["lines"] == [1]


def test_no_single_warehouse_has_enough(app: App) -> None:
    with app.as_user("user-3-manager") as client:
        made = _stocked_product(app, client, "3", "3")
        quote = _quote(client, made["product"], 5)
        answer = client.post(f"/api/sales/quotes/{quote}/reservations", json={})
        assert (answer.status_code, code_of(answer)) == (409, "insufficient_stock")
        levels = client.get(f"/api/inventory/items/{made['item']}").json()["levels"]
        assert [level["quantity_reserved"] for level in levels] == [0, 0]


def test_two_quotes_cannot_reserve_the_same_stock(app: App) -> None:
    with app.as_user("user-3-manager") as client:
        made = _stocked_product(app, client, "5")
        quotes = [_quote(client, made["product"], 4) for _ in range(4)]
        with ThreadPoolExecutor(4) as threads:
            paths = [f"/api/sales/quotes/{quote}/reservations" for quote in quotes]
            answers = list(threads.map(lambda path: client.post(path, json={}), paths))
        assert sorted(answer.status_code for answer in answers) == [201, 409, 409, 409]


def test_reserving_one_quote_twice_at_once_reserves_it_once(app: App) -> None:
    with app.as_user("user-3-manager") as client:
        made = _stocked_product(app, client, "50")
        path = f"/api/sales/quotes/{_quote(client, made['product'], 4)}/reservations"
        with ThreadPoolExecutor(4) as threads:
            answers = list(threads.map(lambda _: client.post(path, json={}), range(4)))
        assert [answer.status_code for answer in answers] == [201] * 4
        level = client.get(f"/api/inventory/items/{made['item']}").json()["levels"][0]
        assert level["quantity_reserved"] == 4


def test_quotes_made_at_once_get_numbers_of_their_own(app: App) -> None:
    with app.as_user("user-3-manager") as client:
        made = _stocked_product(app, client, "1")
        with ThreadPoolExecutor(6) as threads:
            quotes = list(threads.map(lambda _: _quote(client, made["product"], 1), range(12)))
        numbers = {client.get(f"/api/sales/quotes/{quote}").json()["quote_number"] for quote in quotes}
    assert len(numbers) == 12


def test_stock_does_not_go_below_nothing_or_below_what_is_reserved(app: App) -> None:
    with app.as_user("user-3-manager") as client:
        made = _stocked_product(app, client, "10")
        client.post(f"/api/sales/quotes/{_quote(client, made['product'], 6)}/reservations", json={})
        body = {"item_id": made["item"], "warehouse_id": str(uid("warehouse-3-main"))}
        for quantity in ("-11", "-5"):
            answer = client.post("/api/inventory/adjustments", json=body | {"quantity": quantity})
            assert (answer.status_code, code_of(answer)) == (409, "insufficient_stock")
        answer = client.post("/api/inventory/adjustments", json=body | {"quantity": "-4", "reason": "Broken"})
        assert answer.json()["level"] == {"quantity_on_hand": 6, "quantity_reserved": 6, "quantity_available": 0}


def test_a_code_that_is_taken_is_named_as_such(app: App) -> None:
    with app.as_user("user-3-manager") as client:
        answer = client.post("/api/inventory/warehouses", json={"code": "main", "name": "Another"})
    assert (answer.status_code, code_of(answer)) == (409, "duplicate")


def test_an_opportunity_moves_and_closes(app: App) -> None:
    with app.as_user("user-3-manager") as client:
        body = {"title": uuid4().hex, "customer_id": str(uid("customer-3-5")), "amount": "1250.500"}
        made = client.post("/api/sales/opportunities", json=body).json()["id"]
        assert client.patch(f"/api/sales/opportunities/{made}", json={"stage": "won"}).json()["stage"] == "won"
        found = client.get("/api/sales/opportunities", params={"search": body["title"]}).json()["rows"]
    assert (found[0]["stage"], found[0]["amount"]) == ("won", 1250.5)
    assert found[0]["closed_at"] is not None
    assert found[0]["assigned_to"] == "Imran Qureshi"
