"""Every way through the API into another company fails: by list, by id, by reference, by a forged active company."""

from __future__ import annotations

import re
from typing import Any, Final
from uuid import uuid4

import pytest

from rehearsal.app_server.application import ROUTES
from rehearsal.seed import uid
from tests.database.app_world import App, code_of
from tests.database.schema_world import TABLES

pytestmark = pytest.mark.database

_UUID: Final = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
LISTS: Final = sorted(
    path
    for route in ROUTES
    if "GET" in route.methods and "{" not in (path := route.path)  # type: ignore[attr-defined]
    if path not in {"/api/live", "/api/health", "/api/session"}
)
SINGLES: Final = {
    "/api/inventory/items/{}": "item-2-1",
    "/api/sales/quotes/{}": "quote-2-1",
    "/api/vendor-directory/{}": "vendor-2-1",
}
QUOTE_LINE: Final = {"product_id": str(uid("product-2-1")), "quantity": 1}
# Each names one row of company 2, everything else is company 1's own.
WRITES: Final[list[tuple[str, str, dict[str, Any], int]]] = [
    ("POST", "/api/inventory/adjustments", {"item_id": "item-2-1", "warehouse_id": "warehouse-1-main"}, 422),
    ("POST", "/api/inventory/adjustments", {"item_id": "item-1-1", "warehouse_id": "warehouse-2-main"}, 422),
    ("POST", "/api/inventory/items", {"category_id": "category-2-parts"}, 422),
    ("POST", "/api/inventory/items", {"product_id": "product-2-9"}, 422),
    ("POST", "/api/sales/opportunities", {"customer_id": "customer-2-1"}, 422),
    ("PATCH", "/api/sales/opportunities/opportunity-2-1", {"stage": "won"}, 404),
    ("POST", "/api/sales/quotes", {"customer_id": "customer-2-1", "lines": [{"product_id": "product-1-1"}]}, 422),
    ("POST", "/api/sales/quotes", {"customer_id": "customer-1-1", "lines": [{"product_id": "product-2-1"}]}, 422),
    (
        "POST",
        "/api/sales/quotes",
        {"customer_id": "customer-1-1", "opportunity_id": "opportunity-2-1", "lines": [{"product_id": "product-1-1"}]},
        422,
    ),
    ("POST", "/api/sales/quotes/quote-2-1/reservations", {}, 404),
    ("POST", "/api/vendors", {"category_id": "vendor-category-2-parts"}, 422),
]
DEFAULTS: Final[dict[str, dict[str, Any]]] = {
    "/api/inventory/adjustments": {"quantity": "1"},
    "/api/inventory/items": {"name": "x"},
    "/api/sales/opportunities": {"title": "x", "amount": "1"},
    "/api/vendors": {"name": "x"},
}


def _resolve(value: Any) -> Any:
    """Keys of the seed become ids."""
    if isinstance(value, dict):
        return {name: _resolve(part) for name, part in value.items()}
    if isinstance(value, list):
        return [_resolve(part) | {"quantity": "1"} for part in value]
    return str(uid(value)) if isinstance(value, str) and re.search(r"-[123]-", value) else value


@pytest.fixture(scope="module")
def foreign(app: App) -> set[str]:
    """Ids of every row of companies 2 and 3."""
    found = {str(uid(f"company-{number}")) for number in (2, 3)}
    # These two have no id of their own, but name users; that of user-both belongs to two companies.
    named = [table for table in TABLES if table not in {"companies", "user_companies", "role_permissions"}]
    for table in named:
        query = f"select id from public.{table} where company_id <> %s"
        found |= {str(row[0]) for row in app.rows(query, uid("company-1"))}
    assert len(found) > 30_000
    return found


@pytest.mark.parametrize("path", LISTS)
def test_lists_hold_no_row_of_another_company(app: App, foreign: set[str], path: str) -> None:
    with app.as_user("user-1-owner") as client:
        answer = client.get(path)
    assert answer.status_code == 200, answer.text
    assert not set(_UUID.findall(answer.text)) & foreign


def test_every_kind_of_list_was_tried() -> None:
    assert len(LISTS) > 35


@pytest.mark.parametrize("path", SINGLES)
def test_another_company_s_row_is_not_there(app: App, path: str) -> None:
    with app.as_user("user-1-owner") as client, app.as_user("user-2-viewer") as theirs:
        row = path.format(uid(SINGLES[path]))
        assert theirs.get(row).status_code == 200
        answer = client.get(row)
    assert (answer.status_code, code_of(answer)) == (404, "not_found")


@pytest.mark.parametrize(("method", "path", "body", "status"), WRITES)
def test_nothing_can_be_written_across_companies(
    app: App, method: str, path: str, body: dict[str, Any], status: int
) -> None:
    fields = DEFAULTS.get(path, {}) | _resolve(body)
    if path in {"/api/inventory/items", "/api/vendors"}:
        fields |= {"sku" if "items" in path else "code": f"X{uuid4().hex[:8]}"}
    target = "/".join(str(uid(part)) if re.search(r"-2-", part) else part for part in path.split("/"))
    before = _fingerprint(app)
    with app.as_user("user-1-owner") as client:
        answer = client.request(method, target, json=fields)
    assert answer.status_code == status, answer.text
    assert _fingerprint(app) == before


def test_a_forged_active_company_opens_nothing(app: App) -> None:
    with app.as_user("user-1-owner", company=2) as client:
        for path in LISTS:
            answer = client.get(path)
            assert answer.status_code == 200, path
            assert not _UUID.search(answer.text), path
        assert client.get(f"/api/inventory/items/{uid('item-2-1')}").status_code == 404
        assert code_of(client.get("/api/session")) == "no_company"
        assert code_of(client.get("/api/live")) == "no_company"
        answer = client.post("/api/inventory/warehouses", json={"code": "forged", "name": "x"})
    assert (answer.status_code, code_of(answer)) == (403, "forbidden")
    assert not app.rows("select from public.inventory_warehouses where code = 'forged'")


def test_the_body_cannot_name_a_company(app: App) -> None:
    with app.as_user("user-1-owner") as client:
        body = {"code": "elsewhere", "name": "x", "company_id": str(uid("company-2"))}
        answer = client.post("/api/inventory/warehouses", json=body)
    assert (answer.status_code, code_of(answer)) == (422, "invalid_input")
    assert answer.json()["error"]["fields"][0]["field"] == "company_id"


def test_the_login_role_may_do_nothing_itself(app: App) -> None:
    (row,) = app.rows(
        "select rolsuper, rolbypassrls, rolcreaterole, rolcreatedb, rolinherit from pg_roles"
        " where rolname = 'authenticator'"
    )
    assert row == (False, False, False, False, False)
    for table in TABLES:
        allowed = app.rows("select has_table_privilege('authenticator', %s, 'select')", f"public.{table}")
        assert allowed == [(False,)], table


def _fingerprint(app: App) -> list[tuple[Any, ...]]:
    """Rows of company 2 that the writes above aim at."""
    tables = ["inventory_movements", "inventory_items", "inventory_reservations", "sales_opportunities"]
    tables += ["sales_quotes", "sales_quote_items", "vendors", "inventory_stock_levels"]
    query = " union all ".join(
        f"select '{table}', md5(string_agg(t::text, '' order by id)) from public.{table} t where company_id = %s"
        for table in tables
    )
    return app.rows(query, *[uid("company-2")] * len(tables))
