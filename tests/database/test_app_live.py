"""Live updates: who hears of a change, who does not, and what happens when the database goes away."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from uuid import uuid4

import httpx
import pytest

from rehearsal.seed import uid
from tests.database.app_world import App

pytestmark = pytest.mark.database


class Listener:
    """One browser's stream."""

    def __init__(self, lines: Iterator[str]) -> None:
        self._lines = lines

    def next(self) -> tuple[str, str]:
        """Name and topic of the next event; fails after the client's read timeout."""
        name = "message"
        for line in self._lines:
            if line.startswith("event: "):
                name = line.removeprefix("event: ")
            elif line.startswith("data: "):
                return name, json.loads(line.removeprefix("data: ")).get("topic", "")
        raise AssertionError("the stream ended")


@contextmanager
def listening(app: App, user: str, *, seconds: float = 5.0) -> Iterator[Listener]:
    with app.as_user(user) as client, client.stream("GET", "/api/live", timeout=seconds) as answer:
        assert answer.status_code == 200
        assert answer.headers["content-type"].startswith("text/event-stream")
        listener = Listener(answer.iter_lines())
        assert listener.next() == ("ready", "")
        yield listener


def _add_warehouse(app: App, user: str) -> None:
    with app.as_user(user) as client:
        answer = client.post("/api/inventory/warehouses", json={"code": f"w-{uuid4().hex[:8]}", "name": "x"})
        assert answer.status_code == 201


def test_a_change_reaches_the_company_s_other_browsers_at_once(app: App) -> None:
    with listening(app, "user-1-viewer") as first, listening(app, "user-1-manager2") as second:
        began = time.monotonic()
        _add_warehouse(app, "user-1-manager")
        assert first.next() == ("change", "inventory")
        assert second.next() == ("change", "inventory")
        assert time.monotonic() - began < 2


def test_another_company_hears_nothing(app: App) -> None:
    with listening(app, "user-2-owner", seconds=1.5) as other, listening(app, "user-1-viewer") as own:
        _add_warehouse(app, "user-1-manager")
        assert own.next() == ("change", "inventory")
        with pytest.raises(httpx.ReadTimeout):
            other.next()


def test_what_was_refused_is_not_announced(app: App) -> None:
    with listening(app, "user-1-owner", seconds=1.5) as owner:
        with app.as_user("user-1-manager") as client:
            body = {"item_id": str(uid("item-1-1")), "warehouse_id": str(uid("warehouse-1-main")), "quantity": -999999}
            assert client.post("/api/inventory/adjustments", json=body).status_code == 409
        with pytest.raises(httpx.ReadTimeout):
            owner.next()


def test_without_a_token_there_is_no_stream(app: App) -> None:
    with app.anonymous() as client:
        assert client.get("/api/live").status_code == 401


def test_messages_that_are_not_the_server_s_are_ignored(app: App) -> None:
    company = str(uid("company-3"))
    strange = ["", "null", "[1]", "{", json.dumps({"company_id": 7}), json.dumps({"company_id": "x", "topic": "y"})]
    strange += [json.dumps({"company_id": company, "topic": "x\n\nevent: end"})]
    with listening(app, "user-3-owner") as owner:
        for payload in strange:
            app.rows("select pg_notify('fleetify_live', %s)", payload)
        app.rows("select pg_notify('fleetify_live', %s)", json.dumps({"company_id": company, "topic": "sales"}))
        assert owner.next() == ("change", "sales")


def test_after_a_lost_connection_browsers_are_told_to_read_again(app: App) -> None:
    with listening(app, "user-2-owner", seconds=15) as owner, listening(app, "user-1-viewer", seconds=15) as viewer:
        ended = app.rows(
            "select pg_terminate_backend(pid) from pg_stat_activity"
            " where application_name = 'fleetify live' and datname = current_database()"
        )
        assert ended == [(True,)]
        assert owner.next() == ("change", "*")
        assert viewer.next() == ("change", "*")
        _add_warehouse(app, "user-2-owner")
        assert owner.next() == ("change", "inventory")
