"""The outermost layer: no request may be larger or take longer than anything the app sends."""

from __future__ import annotations

import asyncio
from typing import Final

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from rehearsal.app_server.errors import ApiError

MOST_BODY_BYTES: Final = 64 * 1024
BODY_SECONDS: Final = 5.0
REQUEST_SECONDS: Final = 20.0
_ENDLESS: Final = "/api/live"


class Guard:
    """Limits the body's size and the time of a request.

    Args:
        app: what stands behind it.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        received = 0
        started = False

        async def limited() -> Message:
            nonlocal received
            message = await asyncio.wait_for(receive(), None if scope["path"] == _ENDLESS else BODY_SECONDS)
            received += len(message.get("body", b""))
            if received > MOST_BODY_BYTES:
                raise _too_large()
            return message

        async def noting(message: Message) -> None:
            nonlocal started
            if message["type"] == "http.response.start":
                started = True
                message["headers"].append((b"x-content-type-options", b"nosniff"))
            await send(message)

        try:
            if _announced(scope) > MOST_BODY_BYTES:
                raise _too_large()
            async with asyncio.timeout(None if scope["path"] == _ENDLESS else REQUEST_SECONDS):
                await self._app(scope, limited, noting)
        except (ApiError, TimeoutError) as error:
            if started:
                raise
            timeout = ApiError(504, "timeout", "The request took too long.")
            answer = error if isinstance(error, ApiError) else timeout
            response = answer.response()
            # What is left of the body must not be taken for the next request.
            response.headers["Connection"] = "close"
            await response(scope, receive, noting)


def _announced(scope: Scope) -> int:
    for name, value in scope["headers"]:
        if name == b"content-length":
            return int(value) if value.isdigit() else 0
    return 0


def _too_large() -> ApiError:
    return ApiError(413, "too_large", f"The body is larger than {MOST_BODY_BYTES} bytes.")
