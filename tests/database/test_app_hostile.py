"""What strangers send: the answer is an error with a code, never a stack trace, never somebody's data."""

from __future__ import annotations

import json
import socket
import time
from collections.abc import Iterator
from typing import Any, Final
from urllib.parse import urlsplit

import jwt
import pytest

from rehearsal.seed import uid
from tests.database.app_world import App, code_of

pytestmark = pytest.mark.database

NEW_WAREHOUSE: Final = "/api/inventory/warehouses"


def _claims(**changes: Any) -> dict[str, Any]:
    claims = {
        "sub": str(uid("user-1-owner")),
        "role": "authenticated",
        "aud": "authenticated",
        "exp": int(time.time()) + 600,
        "app_metadata": {"company_id": str(uid("company-1"))},
    }
    return {name: value for name, value in (claims | changes).items() if value is not None}


def _ask(app: App, token: str) -> int:
    with app.anonymous() as client:
        return client.get("/api/vendors", headers={"Authorization": f"Bearer {token}"}).status_code


def test_only_whole_unexpired_tokens_of_this_run_count(app: App) -> None:
    def sign(claims: dict[str, Any]) -> str:
        return jwt.encode(claims, app.secret, algorithm="HS256")

    assert _ask(app, sign(_claims())) == 200
    bad = [
        "x",
        "a.b.c",
        "x" * 5000,
        jwt.encode(_claims(), "", algorithm="none"),
        jwt.encode(_claims(), "another secret of the right length, but not ours", algorithm="HS256"),
        jwt.encode(_claims(), app.secret, algorithm="HS384"),
        sign(_claims(exp=int(time.time()) - 5)),
        sign(_claims(exp=None)),
        sign(_claims(sub=None)),
        sign(_claims(sub="x' or 1=1 --")),
        sign(_claims(role="service_role")),
        sign(_claims(role="postgres")),
        sign(_claims(aud="other")),
        sign(_claims(app_metadata={"company_id": "1"})),
        sign(_claims(app_metadata=["x"])),
    ]
    assert [_ask(app, token) for token in bad] == [401] * len(bad)


def test_without_a_token_every_endpoint_but_health_and_login_refuses(app: App) -> None:
    with app.anonymous() as client:
        for path in ("/api/session", "/api/vendors", "/api/inventory/items", "/api/dashboards/retail/sales"):
            answer = client.get(path)
            assert (answer.status_code, code_of(answer)) == (401, "unauthorized")
            assert answer.headers["www-authenticate"] == "Bearer"
        assert client.post(NEW_WAREHOUSE, json={"code": "x", "name": "x"}).status_code == 401


@pytest.mark.parametrize(
    "search", ["' or 1=1 --", "%", "_", "\\", "'; drop table public.vendors; --", "%(search)s", "{}", "\u202e"]
)
def test_a_search_is_text_and_nothing_else(app: App, search: str) -> None:
    with app.as_user("user-1-viewer") as client:
        for path in ("/api/vendors", "/api/inventory/items", "/api/sales/quotes", "/api/customers"):
            answer = client.get(path, params={"search": search})
            assert answer.status_code == 200, answer.text
            assert answer.json() == {"total": 0, "rows": []}


@pytest.mark.parametrize(
    "query", ["limit=0", "limit=201", "limit=x", "offset=-1", "search=" + "x" * 101, "order=name", "search=%00"]
)
def test_a_query_string_that_does_not_fit_is_refused(app: App, query: str) -> None:
    with app.as_user("user-1-viewer") as client:
        answer = client.get(f"/api/vendors?{query}")
    assert (answer.status_code, code_of(answer)) == (422, "invalid_input")


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b"null",
        b'{"code": "a"',
        b'{"code": "a", "name": "\\u0000"}',
        b'{"code": "a", "name": "\\ud800"}',
        b'{"code": "a", "name": ""}',
        b'{"code": "a b", "name": "x"}',
        b'{"code": ["a"], "name": "x"}',
        b'{"code": "a", "name": "' + b"x" * 201 + b'"}',
        b"[" * 30000,
        b"\xff\xfe",
    ],
)
def test_a_body_that_does_not_fit_is_refused(app: App, body: bytes) -> None:
    with app.as_user("user-1-owner") as client:
        answer = client.post(NEW_WAREHOUSE, content=body, headers={"Content-Type": "application/json"})
    assert (answer.status_code, code_of(answer)) == (422, "invalid_input")


@pytest.mark.parametrize("quantity", ["NaN", "Infinity", "1e400", "0", "1.2345", "x", None, [], "99999999999999"])
def test_quantities_are_numbers_that_the_column_holds(app: App, quantity: object) -> None:
    body = {"item_id": str(uid("item-1-1")), "warehouse_id": str(uid("warehouse-1-main")), "quantity": quantity}
    with app.as_user("user-1-owner") as client:
        answer = client.post("/api/inventory/adjustments", json=body)
    assert answer.status_code in {409, 422}
    assert code_of(answer) in {"invalid_input", "rule_broken"}


def test_errors_repeat_nothing_of_what_was_sent(app: App) -> None:
    with app.as_user("user-1-owner") as client:
        answer = client.post(NEW_WAREHOUSE, json={"code": "<script>", "name": "x", "secret-field": "hunter2"})
        assert answer.status_code == 422
        assert "hunter2" not in answer.text
        assert "<script>" not in answer.text
        wrong = client.post("/api/auth/login", json={"email": "a@b.example", "password": ["hunter2"]})
        assert wrong.status_code == 422
        assert "hunter2" not in wrong.text


def test_large_bodies_are_cut_off(app: App) -> None:
    def pieces() -> Iterator[bytes]:
        yield b'{"code": "a", "name": "'
        for _ in range(100):
            yield b"x" * 1024

    with app.as_user("user-1-owner") as client:
        whole = client.post(NEW_WAREHOUSE, json={"code": "a", "name": "x" * 70_000})
        assert (whole.status_code, code_of(whole)) == (413, "too_large")
        chunked = client.post(NEW_WAREHOUSE, content=pieces(), headers={"Content-Type": "application/json"})
        assert (chunked.status_code, code_of(chunked)) == (413, "too_large")


def test_other_media_types_are_refused(app: App) -> None:
    with app.as_user("user-1-owner") as client:
        answer = client.post(NEW_WAREHOUSE, content=b"code=a", headers={"Content-Type": "text/plain"})
    assert (answer.status_code, code_of(answer)) == (415, "not_json")


def test_unknown_paths_and_methods_have_an_answer(app: App) -> None:
    with app.as_user("user-1-owner") as client:
        for path in ("/", "/api", "/api/", "/api/nothing", "/api/inventory/items/1", "/api/../etc/passwd"):
            answer = client.get(path)
            assert (answer.status_code, code_of(answer)) == (404, "no_such_endpoint"), path
        answer = client.delete("/api/vendors")
        assert (answer.status_code, code_of(answer)) == (405, "method_not_allowed")


def test_the_server_listens_on_loopback_only(app: App) -> None:
    port = urlsplit(app.url).port
    assert port is not None
    with pytest.raises(OSError, match="refused"), socket.create_connection(("127.0.0.2", port), timeout=2):
        pass


def test_a_body_that_never_comes_does_not_hold_the_server(app: App) -> None:
    port = urlsplit(app.url).port
    head = f"POST {NEW_WAREHOUSE} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {app.token('user-1-owner')}\r\n"
    head += "Content-Type: application/json\r\nContent-Length: 100\r\n\r\n{"
    with socket.create_connection(("127.0.0.1", port), timeout=15) as slow:
        slow.sendall(head.encode())
        with app.as_user("user-1-owner") as client:
            assert client.get("/api/vendors").status_code == 200
        # Until it closes: what is left of the body must not be read as another request.
        answer = b"".join(iter(lambda: slow.recv(4096), b"")).decode()
    assert answer.startswith("HTTP/1.1 504 ")
    assert json.loads(answer.partition("\r\n\r\n")[2])["error"]["code"] == "timeout"


def test_the_log_holds_no_secret(app: App) -> None:
    log = app.log.read_text()
    assert app.secret not in log
    assert "Traceback" not in log
    for user in ("user-1-owner", "user-1-viewer"):
        assert app.token(user).split(".")[2] not in log
