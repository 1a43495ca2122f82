"""Login, company switch, and what each role may do through the API."""

from __future__ import annotations

from typing import Any, Final
from uuid import uuid4

import httpx
import pytest

from rehearsal.seed import uid
from tests.database.app_world import DOMAINS, PASSWORD, App, code_of

pytestmark = pytest.mark.database


def _new(kind: str) -> str:
    return f"{kind}-{uuid4().hex[:8]}"


def _writes() -> list[tuple[str, str, dict[str, Any]]]:
    """One of each kind, valid for company 1."""
    return [
        ("POST", "/api/inventory/warehouses", {"code": _new("w"), "name": "North"}),
        ("POST", "/api/inventory/items", {"sku": _new("i"), "name": "Filter", "unit_cost": "1.25"}),
        (
            "POST",
            "/api/inventory/adjustments",
            {"item_id": str(uid("item-1-2")), "warehouse_id": str(uid("warehouse-1-main")), "quantity": "2.5"},
        ),
        (
            "POST",
            "/api/sales/opportunities",
            {"title": "Fleet", "customer_id": str(uid("customer-1-1")), "amount": "100"},
        ),
        ("PATCH", f"/api/sales/opportunities/{uid('opportunity-1-1')}", {"stage": "negotiation"}),
        (
            "POST",
            "/api/sales/quotes",
            {
                "customer_id": str(uid("customer-1-1")),
                "lines": [{"product_id": str(uid("product-1-1")), "quantity": "1"}],
            },
        ),
        ("POST", f"/api/sales/quotes/{uid('quote-1-4')}/reservations", {}),
        ("POST", "/api/vendor-categories", {"code": _new("c"), "name": "Glass"}),
        ("POST", "/api/vendors", {"code": _new("v"), "name": "Glass House", "contact_name": "Ann"}),
    ]


@pytest.mark.parametrize("user", ["user-1-viewer", "user-1-viewer2"])
def test_a_viewer_writes_nothing(app: App, user: str) -> None:
    with app.as_user(user) as client:
        for method, path, body in _writes():
            answer = client.request(method, path, json=body)
            assert (answer.status_code, code_of(answer)) == (403, "forbidden"), path


@pytest.mark.parametrize("user", ["user-1-owner", "user-1-admin", "user-1-manager"])
def test_others_write(app: App, user: str) -> None:
    with app.as_user(user) as client:
        for method, path, body in _writes():
            answer = client.request(method, path, json=body)
            assert answer.status_code == (200 if method == "PATCH" else 201), (path, answer.text)
            assert answer.json()["id"]


def test_the_session_says_what_the_app_may_offer(app: App) -> None:
    with app.as_user("user-1-manager") as client:
        manager = client.get("/api/session").json()
    with app.as_user("user-1-viewer") as client:
        viewer = client.get("/api/session").json()
    assert (manager["can_write"], manager["can_administer"], manager["company"]["role"]) == (True, False, "manager")
    assert (viewer["can_write"], viewer["can_administer"], viewer["company"]["role"]) == (False, False, "viewer")
    assert "vendors.create" in manager["permissions"]
    assert "vendors.create" not in viewer["permissions"]
    assert "vendors.view" in viewer["permissions"]


def test_login_gives_a_token_for_the_user_s_company(app: App) -> None:
    with app.anonymous() as client:
        answer = _login(client, f"2-admin@{DOMAINS[2]}", PASSWORD)
        assert answer.status_code == 200
        assert answer.json()["company_id"] == str(uid("company-2"))
        headers = {"Authorization": f"Bearer {answer.json()['token']}"}
        session = client.get("/api/session", headers=headers).json()
    assert session["user"]["full_name"] == "Samir Nassar"
    assert [company["id"] for company in session["companies"]] == [str(uid("company-2"))]


def test_wrong_password_and_unknown_user_look_the_same(app: App) -> None:
    with app.anonymous() as client:
        wrong = _login(client, f"2-owner@{DOMAINS[2]}", "guess")
        unknown = _login(client, "nobody@nowhere.example", "guess")
    assert wrong.status_code == unknown.status_code == 401
    assert wrong.json() == unknown.json()


def test_guessing_is_slowed_down(app: App) -> None:
    email = f"3-viewer2@{DOMAINS[3]}"
    with app.anonymous() as client:
        answers = [_login(client, email, f"guess {number}") for number in range(11)]
        right = _login(client, email, PASSWORD)
    assert [answer.status_code for answer in answers] == [401] * 10 + [429]
    assert (right.status_code, code_of(right)) == (429, "too_many_attempts")
    assert 0 < int(right.headers["retry-after"]) <= 61


def test_company_switch_changes_company_and_role(app: App) -> None:
    with app.as_user("user-both", company=1) as client:
        first = client.get("/api/session").json()
        assert {company["role"] for company in first["companies"]} == {"manager", "viewer"}
        assert first["can_write"] is True
        answer = client.post("/api/auth/company", json={"company_id": str(uid("company-3"))})
        assert answer.status_code == 200
        headers = {"Authorization": f"Bearer {answer.json()['token']}"}
        second = client.get("/api/session", headers=headers).json()
        orders = client.get("/api/orders", headers=headers).json()
        refused = client.post("/api/inventory/warehouses", json={"code": _new("w"), "name": "x"}, headers=headers)
    assert (second["company"]["id"], second["can_write"]) == (str(uid("company-3")), False)
    assert orders["total"] == 9000
    assert refused.status_code == 403


def test_switching_into_a_company_of_others_fails(app: App) -> None:
    with app.as_user("user-both", company=1) as client:
        answer = client.post("/api/auth/company", json={"company_id": str(uid("company-2"))})
    assert (answer.status_code, code_of(answer)) == (403, "no_company")


def test_a_removed_member_sees_and_writes_nothing_with_the_old_token(app: App) -> None:
    change: Final = "update public.user_companies set is_active = %s where user_id = %s"
    with app.as_user("user-3-manager2") as client:
        assert client.get("/api/session").status_code == 200
        app.rows(change, False, uid("user-3-manager2"))
        try:
            assert client.get("/api/vendors").json() == {"total": 0, "rows": []}
            assert client.get("/api/session").status_code == 403
            assert client.get("/api/live").status_code == 403
            refused = client.post("/api/vendor-categories", json={"code": _new("c"), "name": "x"})
            assert refused.status_code == 403
        finally:
            app.rows(change, True, uid("user-3-manager2"))


def _login(client: httpx.Client, email: str, password: str) -> httpx.Response:
    return client.post("/api/auth/login", json={"email": email, "password": password})
