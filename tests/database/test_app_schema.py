"""Both releases of the app on both schemas: what works, what says that the schema is behind, and the way between."""

from __future__ import annotations

from typing import Any, Final

import pytest

from rehearsal import postgres
from rehearsal.app_server.application import ROUTES
from rehearsal.seed import seed_release, uid
from tests.database.app_world import App, code_of, serving
from tests.database.schema_world import RELEASE, clone, down_file, run_file

pytestmark = pytest.mark.database

OF_PHASE_7C: Final = {
    "/api/summary",
    "/api/vehicles",
    "/api/properties",
    "/api/products",
    "/api/orders",
    "/api/customers",
    "/api/vendors",
    "/api/session",
    "/api/health",
}
# Dashboards are pages of phase-7d, but most of their widgets ask tables that were there before.
ON_OLD_TABLES: Final = ("/api/dashboards/car-rental/", "/api/dashboards/real-estate/", "/api/dashboards/retail/")
LISTS: Final = [
    path
    for route in ROUTES
    if "GET" in route.methods and "{" not in (path := route.path) and path != "/api/live"  # type: ignore[attr-defined]
]
NEW: Final = [
    *(path for path in LISTS if path not in OF_PHASE_7C and not path.startswith(ON_OLD_TABLES)),
    "/api/dashboards/retail/stock-levels",
    "/api/dashboards/retail/reorder",
]


@pytest.mark.parametrize("path", NEW)
def test_an_endpoint_of_the_release_says_that_the_schema_is_behind(old_app: App, path: str) -> None:
    with old_app.as_user("user-1-owner") as client:
        answer = client.get(path)
    assert (answer.status_code, code_of(answer)) == (503, "schema_behind")
    error = answer.json()["error"]
    assert error["release"] == "phase-7d"
    assert error["missing"] == ["sales", "inventory", "integration", "vendor_management"]
    assert answer.headers["retry-after"]


def test_writing_says_so_too(old_app: App) -> None:
    bodies: dict[str, dict[str, Any]] = {
        "/api/inventory/warehouses": {"code": "w", "name": "x"},
        "/api/vendor-categories": {"code": "c", "name": "x"},
        "/api/vendors": {"code": "v", "name": "x"},
        "/api/sales/opportunities": {"title": "x", "amount": 1, "customer_id": str(uid("customer-1-1"))},
    }
    with old_app.as_user("user-1-owner") as client:
        for path, body in bodies.items():
            answer = client.post(path, json=body)
            assert (answer.status_code, code_of(answer)) == (503, "schema_behind"), path


@pytest.mark.parametrize("path", sorted(OF_PHASE_7C - {"/api/health", "/api/summary"}))
def test_what_phase_7c_shows_is_the_same_on_both_schemas(app: App, old_app: App, path: str) -> None:
    with app.as_user("user-2-owner") as after, old_app.as_user("user-2-owner") as before:
        first, second = before.get(path), after.get(path)
    assert first.status_code == second.status_code == 200
    assert first.json() == second.json()


def test_the_first_page_s_figures_only_gain_keys(app: App, old_app: App) -> None:
    with app.as_user("user-2-owner") as after, old_app.as_user("user-2-owner") as before:
        first = {row["key"]: row["value"] for row in before.get("/api/summary").json()}
        second = {row["key"]: row["value"] for row in after.get("/api/summary").json()}
    assert first.items() <= second.items()
    assert set(second) - set(first) == {"open_opportunities", "pipeline_amount", "items_to_reorder"}


def test_health_names_the_schema(app: App, old_app: App) -> None:
    with app.anonymous() as client:
        after = client.get("/api/health").json()
    with old_app.anonymous() as client:
        before = client.get("/api/health").json()
    assert after["schema"] == {"version": None, "release": "phase-7d", "missing": []}
    assert (before["status"], before["schema"]["release"]) == ("ok", "phase-7c")


def test_a_running_server_follows_the_schema_up_and_down(
    server: postgres.Server, phase_7c_template: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    with (
        clone(server, phase_7c_template.rsplit("/", 1)[1]) as url,
        serving(url, tmp_path_factory.mktemp("moving")) as app,
        app.as_user("user-1-owner") as client,
    ):
        app.rows("create schema supabase_migrations")
        app.rows("create table supabase_migrations.schema_migrations (version text primary key)")
        # Each query ran before: a plan kept from then would fail now.
        for _ in range(8):
            assert client.get("/api/vendors").status_code == 200
            assert client.get("/api/summary").status_code == 200
            assert code_of(client.get("/api/vendor-directory")) == "schema_behind"
        for path in RELEASE:
            run_file(url, path)
            app.rows("insert into supabase_migrations.schema_migrations values (%s)", path.name.split("_")[0])
            assert client.get("/api/vendors").status_code == 200
            assert client.get("/api/summary").status_code == 200
        seed_release(url)
        assert all(client.get(path).status_code == 200 for path in LISTS)
        assert client.get("/api/health").json()["schema"]["version"] == "20251219120000"
        for path in reversed(RELEASE[1:]):
            run_file(url, down_file(path))
        between = client.get("/api/vendor-directory")
        assert between.json()["error"]["missing"] == ["inventory", "integration", "vendor_management"]
        assert client.get("/api/health").json()["schema"]["release"] == "between"
        assert client.get("/api/sales/opportunities").json()["total"] == 10
        assert client.get("/api/vendors").status_code == 200
