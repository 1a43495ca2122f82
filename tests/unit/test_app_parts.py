"""Parts of the demo app's API that need no database."""

from __future__ import annotations

import asyncio
import json
from uuid import uuid4

import pytest

from rehearsal.app_server import passwords, throttle
from rehearsal.app_server.endpoints import pattern
from rehearsal.app_server.errors import ApiError
from rehearsal.app_server.live import RESYNC, Hub
from rehearsal.app_server.tokens import Tokens

SECRET = "s" * 40


def test_a_password_fits_its_own_hash_only() -> None:
    stored = passwords.hash_password("correct", b"salt")
    assert stored == passwords.hash_password("correct", b"salt")
    assert passwords.verify("correct", stored)
    assert not passwords.verify("wrong", stored)


@pytest.mark.parametrize(
    "stored", [None, "", "correct", "$scrypt$ln=13", "$scrypt$ln=99,r=8,p=1$c2FsdA==$a2V5", "$scrypt$ln=13$*$*", "$2b$"]
)
def test_a_stored_text_that_is_no_hash_fits_nothing(stored: str | None) -> None:
    assert not passwords.verify("correct", stored)
    assert not passwords.verify("", stored)


def test_tokens_carry_user_and_company() -> None:
    user, company = uuid4(), uuid4()
    caller = Tokens(SECRET).read(f"Bearer {Tokens(SECRET).issue(user, company)}")
    assert (caller.user_id, caller.company_id) == (user, company)
    assert caller.claims()["app_metadata"] == {"company_id": str(company)}
    assert "app_metadata" not in Tokens(SECRET).read(f"bearer {Tokens(SECRET).issue(user, None)}").claims()


@pytest.mark.parametrize("header", [None, "", "Bearer", "Bearer ", "Basic eDp5", "x"])
def test_a_header_without_token_is_refused(header: str | None) -> None:
    with pytest.raises(ApiError) as refused:
        Tokens(SECRET).read(header)
    assert refused.value.status == 401


def test_a_short_secret_is_refused_without_being_shown() -> None:
    with pytest.raises(ValueError, match="has 5 characters") as refused:
        Tokens("hush!")
    assert "hush!" not in str(refused.value)


def test_failures_are_counted_per_account_and_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [1000.0]
    monkeypatch.setattr("rehearsal.app_server.throttle.time.monotonic", lambda: now[0])
    counter = throttle.Throttle()
    for _ in range(10):
        assert counter.wait("a") == 0
        counter.failed("a")
    assert 0 < counter.wait("a") <= 61
    assert counter.wait("b") == 0
    now[0] += 61
    assert counter.wait("a") == 0


def test_a_search_is_taken_literally() -> None:
    assert pattern(r"50%_\x") == r"%50\%\_\\x%"


async def _never() -> bool:
    return False


def test_a_browser_that_does_not_read_gets_one_message_for_all_it_missed() -> None:
    company = uuid4()

    async def overflow() -> list[str]:
        hub = Hub("")
        stream = hub.stream(company, until=4e9, may_listen=_never)
        await anext(stream)
        for _ in range(60):
            hub.dispatch(json.dumps({"company_id": str(company), "topic": "sales"}))
        events = [await anext(stream)]
        hub.close()
        return events + [event async for event in stream]

    events = asyncio.run(overflow())
    assert json.loads(events[0].split("data: ")[1])["topic"] == RESYNC
    assert len(events) < 15
    assert events[-1].startswith("event: end")


def test_a_stream_ends_when_the_token_does() -> None:
    async def expired() -> list[str]:
        return [event async for event in Hub("").stream(uuid4(), until=0, may_listen=_never)]

    assert [event.split("\n")[-4] for event in asyncio.run(expired())] == ["event: ready", "event: end"]
