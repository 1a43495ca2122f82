"""How endpoints are declared: a reading one is a query, a writing one a function in a transaction."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Final, LiteralString, TypeVar
from uuid import UUID

from psycopg import AsyncConnection, sql
from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from rehearsal.app_server.database import Database
from rehearsal.app_server.errors import ApiError, forbidden, invalid, not_found
from rehearsal.app_server.live import CHANNEL
from rehearsal.app_server.tokens import Caller, Tokens

Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]
Code = Annotated[str, StringConstraints(strip_whitespace=True, pattern=r"^[A-Za-z0-9_-]{1,40}$")]
Note = Annotated[str, StringConstraints(strip_whitespace=True, max_length=1000)]
_MOST_FIELDS_NAMED: Final = 20


class Input(BaseModel):
    """What comes from outside: unknown members are refused, and text holds no NUL, which PostgreSQL cannot store."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)


class Page(Input):
    """Which rows of a list."""

    search: Annotated[str, StringConstraints(max_length=100)] = ""
    limit: int = Field(default=50, ge=1, le=200)
    offset: int = Field(default=0, ge=0, le=1_000_000)


M = TypeVar("M", bound=BaseModel)
_LIST: Final = (
    "with found as materialized ({query}) select json_build_object('total', (select count(*) from found), 'rows', "
    "(select coalesce(json_agg(t), '[]') from (select * from found limit %(limit)s offset %(offset)s) t))::text"
)
_ROWS: Final = "select coalesce(json_agg(t), '[]')::text from ({query}) t"
_ROW: Final = "select row_to_json(t)::text from ({query}) t"


@dataclass(frozen=True)
class Services:
    """What endpoints work with."""

    database: Database
    tokens: Tokens


@dataclass(frozen=True)
class Call:
    """One request inside its transaction.

    Attributes:
        connection: acting as the caller.
        caller: who calls.
        company: the active company, for new rows; whether the caller may write there is the database's decision.
    """

    connection: AsyncConnection[Any]
    caller: Caller
    company: UUID

    async def row(self, query: LiteralString, values: Mapping[str, object]) -> dict[str, Any] | None:
        """The first row as JSON would have it, or None."""
        cursor = await self.connection.execute(sql.SQL(_ROW).format(query=sql.SQL(query)), values)
        found = await cursor.fetchone()
        return json.loads(found[0]) if found else None

    async def rows(self, query: LiteralString, values: Mapping[str, object]) -> list[dict[str, Any]]:
        """All rows as JSON would have them."""
        cursor = await self.connection.execute(sql.SQL(_ROWS).format(query=sql.SQL(query)), values)
        found = await cursor.fetchone()
        return json.loads(found[0]) if found else []

    async def created(self, topic: str, statement: LiteralString, values: Mapping[str, object]) -> dict[str, Any]:
        """Run an ``insert … returning id`` for the company and announce it."""
        cursor = await self.connection.execute(statement, {**values, "company": self.company})
        (identity,) = await cursor.fetchone() or (None,)
        await self.announce(topic)
        return {"id": str(identity)}

    async def refusal(self, what: str, visible: LiteralString, identity: UUID) -> ApiError:
        """Why a statement found no row to change: not allowed when the caller can read it, else not there."""
        cursor = await self.connection.execute(visible, {"id": identity})
        return forbidden() if await cursor.fetchone() is not None else not_found(what)

    async def announce(self, topic: str) -> None:
        """Tell the company's other browsers that rows of the topic changed; delivered when the transaction commits."""
        message = json.dumps({"company_id": str(self.company), "topic": topic})
        await self.connection.execute("select pg_notify(%s, %s)", [CHANNEL, message])


def services(request: Request) -> Services:
    """What the application was built with."""
    found: Services = request.app.state.services
    return found


def caller_of(request: Request) -> Caller:
    """Who sent the request."""
    return services(request).tokens.read(request.headers.get("authorization"))


def reading(path: str, query: LiteralString, *, takes: type[BaseModel] | None = None, one: str | None = None) -> Route:
    """``GET path``: the query's rows.

    Args:
        path: with ``{id:uuid}`` where the query says ``%(id)s``.
        query: a select; row-level security narrows it to what the caller may see.
        takes: description of the query string; a :class:`Page` makes the answer ``{total, rows}``.
        one: what a row is called, where the answer is a single row (404 without one).
    """
    paged = takes is not None and issubclass(takes, Page)
    shape = sql.SQL(_ROW if one else _LIST if paged else _ROWS).format(query=sql.SQL(query))

    async def answer(request: Request) -> Response:
        caller = caller_of(request)
        values: dict[str, Any] = dict(request.path_params)
        values |= validated(takes or Input, dict(request.query_params)).model_dump()
        if "search" in values:
            values["search"] = pattern(values["search"])
        async with services(request).database.acting_as(caller) as connection:
            cursor = await connection.execute(shape, values)
            found = await cursor.fetchone()
        if found is None:
            raise not_found(one or "row")
        return text_response(found[0])

    return Route(path, answer, methods=["GET"])


def writing(
    method: str,
    path: str,
    body: type[M],
    handler: Callable[[Call, M], Awaitable[dict[str, Any]]],
    *,
    status: int = 201,
) -> Route:
    """``method path``: validate the body, run the handler in a transaction, answer with what it returns."""

    async def answer(request: Request) -> Response:
        caller = caller_of(request)
        given = await json_object(request)
        given |= {name: str(value) for name, value in request.path_params.items()}
        checked = validated(body, given)
        if caller.company_id is None:
            raise ApiError(403, "no_company", "Choose a company first: POST /api/auth/company.")
        async with services(request).database.acting_as(caller) as connection:
            result = await handler(Call(connection, caller, caller.company_id), checked)
        return text_response(json.dumps(result), status)

    return Route(path, answer, methods=[method])


async def json_object(request: Request) -> dict[str, Any]:
    """The body, a JSON object.

    Raises:
        ApiError: 415 or 422.
    """
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != "application/json":
        raise ApiError(415, "not_json", "Send a JSON object with Content-Type: application/json.")
    try:
        given = json.loads(await request.body())
    except (ValueError, RecursionError):
        raise invalid("The body is not JSON.") from None
    if not isinstance(given, dict):
        raise invalid("The body is not a JSON object.")
    return given


def validated(model: type[M], given: Mapping[str, Any]) -> M:
    """The input as the model describes it.

    Raises:
        ApiError: 422, naming the fields but not their values.
    """
    try:
        if _holds_nul(given):
            raise invalid("Text may not contain the character U+0000.")
        return model.model_validate(given)
    except ValidationError as error:
        fields = [
            {"field": ".".join(str(part) for part in problem["loc"])[:100], "problem": problem["msg"]}
            for problem in error.errors(include_input=False, include_url=False, include_context=False)
        ]
        raise invalid("Some fields are not valid.", fields[:_MOST_FIELDS_NAMED]) from None


def _holds_nul(value: object) -> bool:
    if isinstance(value, str):
        # A lone surrogate cannot be sent either: it has no UTF-8.
        return "\0" in value or any("\ud800" <= letter <= "\udfff" for letter in value)
    if isinstance(value, Mapping):
        return any(_holds_nul(part) for pair in value.items() for part in pair)
    return isinstance(value, Sequence) and any(_holds_nul(part) for part in value)


def pattern(search: str) -> str:
    """An ILIKE pattern that finds the text anywhere, taken literally."""
    for letter in ("\\", "%", "_"):
        search = search.replace(letter, "\\" + letter)
    return f"%{search}%"


def text_response(text: str, status: int = 200) -> Response:
    """JSON that is text already; never cached, because it is one user's."""
    return Response(text, status, {"Cache-Control": "no-store"}, media_type="application/json")
