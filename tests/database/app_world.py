"""The demo app's API as its users meet it: a real server process over a real database."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final
from uuid import UUID

import httpx
import psycopg

from rehearsal.app_server import launch
from rehearsal.app_server.provision import provision
from rehearsal.app_server.tokens import Tokens
from rehearsal.seed import uid

PASSWORD: Final = "correct horse"
# One cluster, several databases: the login role has one password.
_ROLE_PASSWORD: Final = secrets.token_urlsafe(16)
DOMAINS: Final = {1: "gulfwheels.example", 2: "marinatowers.example", 3: "souqalnoor.example"}


class App:
    """A running API server."""

    def __init__(self, url: str, secret: str, database: str, log: Path) -> None:
        self.url = url
        self.secret = secret
        self.database = database
        self.log = log
        self._tokens: dict[tuple[str, UUID | None], str] = {}

    def token(self, user: str, company: int | None = None) -> str:
        """A token of our own making: the server's secret, a user of the seed, any company as the active one."""
        number = company or int(user.split("-")[1]) if user != "user-both" else company or 1
        return Tokens(self.secret).issue(uid(user), uid(f"company-{number}"))

    def as_user(self, user: str, company: int | None = None) -> httpx.Client:
        """A client that sends such a token."""
        headers = {"Authorization": f"Bearer {self.token(user, company)}"}
        return httpx.Client(base_url=self.url, headers=headers, timeout=20)

    def anonymous(self) -> httpx.Client:
        """A client without a token."""
        return httpx.Client(base_url=self.url, timeout=20)

    def rows(self, query: str, *values: object) -> list[tuple[Any, ...]]:
        """What a superuser's statement returns; committed."""
        with psycopg.connect(self.database) as connection:
            cursor = connection.execute(query.encode(), values)
            return cursor.fetchall() if cursor.description else []


@contextmanager
def serving(database: str, folder: Path) -> Iterator[App]:
    """The API over a database that holds the seed."""
    folder.mkdir(exist_ok=True)
    url = provision(database, app_password=PASSWORD, role_password=_ROLE_PASSWORD)
    part = launch.start(folder, lambda _part: None, database_url=url)
    try:
        app = App(part["url"], part["secret"], database, folder / "app.log")
        with app.anonymous() as client:
            assert client.get("/api/health").status_code == 200
        yield app
    finally:
        launch.stop(part)


def code_of(answer: httpx.Response) -> str:
    """The error's code."""
    code: str = answer.json()["error"]["code"]
    return code
