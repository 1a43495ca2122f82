"""Puts the API together: an ASGI application."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator
from typing import Final

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import BaseRoute, Route

from rehearsal.app_server import accounts, basics, dashboards, health, inventory, opportunities, quotes, vendors
from rehearsal.app_server.database import Database
from rehearsal.app_server.endpoints import Services, caller_of, services
from rehearsal.app_server.errors import ApiError
from rehearsal.app_server.guard import Guard
from rehearsal.app_server.live import Hub, TooManyListenersError
from rehearsal.app_server.tokens import Tokens

_LOG = logging.getLogger("rehearsal.app_server")


async def live(request: Request) -> Response:
    """``GET /api/live``: server-sent events of the caller's company, ``event: change`` with ``{"topic": …}``."""
    caller = caller_of(request)
    database, hub = services(request).database, request.app.state.hub
    if caller.company_id is None or not await accounts.is_member(database, caller):
        raise ApiError(403, "no_company", "You are not a member of this company.")

    async def may_listen() -> bool:
        try:
            return await accounts.is_member(database, caller)
        except ApiError:
            return True  # the database is away for a moment; asked again at the next beat

    events = hub.stream(caller.company_id, until=caller.expires, may_listen=may_listen)
    try:
        first = await anext(events)
    except TooManyListenersError:
        raise ApiError(503, "busy", "Too many browsers listen; try again later.", retry_after=30) from None
    headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
    return StreamingResponse(_after(first, events), media_type="text/event-stream", headers=headers)


async def _after(first: str, events: AsyncIterator[str]) -> AsyncIterator[str]:
    yield first
    async for event in events:
        yield event


ROUTES: Final[list[BaseRoute]] = [
    *health.ROUTES,
    *accounts.ROUTES,
    *basics.ROUTES,
    *inventory.ROUTES,
    *opportunities.ROUTES,
    *quotes.ROUTES,
    *vendors.ROUTES,
    *dashboards.ROUTES,
    Route("/api/live", live, methods=["GET"]),
]


def application(url: str, secret: str, *, connections: int = 12) -> Starlette:
    """The API.

    Args:
        url: PostgreSQL URL of role ``authenticator``.
        secret: of the tokens.
        connections: most database connections at once, one for live updates aside.

    Raises:
        ValueError: the secret is too short.
    """
    database, hub = Database(url, connections=connections), Hub(url)
    tokens = Tokens(secret)

    @contextlib.asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[None]:
        await database.open()
        listening = asyncio.create_task(hub.run())
        try:
            yield
        finally:
            listening.cancel()
            await asyncio.gather(listening, return_exceptions=True)
            await database.close()

    app = Starlette(
        routes=ROUTES,
        middleware=[Middleware(Guard)],
        exception_handlers={ApiError: _api_error, HTTPException: _http_error, Exception: _failure},
        lifespan=lifespan,
    )
    app.router.redirect_slashes = False
    app.state.services = Services(database, tokens)
    app.state.hub = hub
    return app


async def _api_error(_request: Request, error: Exception) -> Response:
    assert isinstance(error, ApiError)  # noqa: S101 - what the handler is registered for
    return error.response()


async def _http_error(_request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)  # noqa: S101 - what the handler is registered for
    code = {404: "no_such_endpoint", 405: "method_not_allowed"}.get(error.status_code, "refused")
    response = ApiError(error.status_code, code, str(error.detail)).response()
    response.headers.update(error.headers or {})
    return response


async def _failure(request: Request, error: Exception) -> Response:
    # Neither the query string nor the exception's text: both can hold a user's data.
    _LOG.error("%s %s failed: %s", request.method, request.url.path, type(error).__name__)
    return ApiError(500, "internal", "The server failed on this request; its log has the cause.").response()
