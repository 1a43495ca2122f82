"""Live updates: what one browser changed, the company's other browsers hear of within moments.

Whoever writes notifies in the same transaction, so PostgreSQL delivers exactly what was committed, also to other API
servers. A message names a company and a topic, never data: browsers read again, through row-level security.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Final
from uuid import UUID

import psycopg
from psycopg import AsyncConnection

CHANNEL: Final = "fleetify_live"
RESYNC: Final = "*"
"""Topic that means: messages may have been missed, read everything again."""
BEAT_SECONDS: Final = 15.0
_MOST_LISTENERS: Final = 1000
_MOST_UNREAD: Final = 50
_LONGEST_TOPIC: Final = 40
_PAUSES: Final = (0.2, 0.5, 1.0, 2.0, 5.0)
_LOG = logging.getLogger("rehearsal.app_server")


class TooManyListenersError(Exception):
    """As many browsers listen as the server can carry."""


class Hub:
    """Listens once and passes each message to the listeners of its company.

    Args:
        url: URL of role ``authenticator``.
    """

    def __init__(self, url: str) -> None:
        self._url = url
        self._listeners: dict[asyncio.Queue[str], UUID] = {}
        self._closing = asyncio.Event()
        self.listening = asyncio.Event()

    async def run(self) -> None:
        """Listen until cancelled; connect again whenever the database went away."""
        attempt = 0
        while True:
            try:
                async with await AsyncConnection.connect(
                    self._url, autocommit=True, connect_timeout=5, application_name="fleetify live"
                ) as connection:
                    await connection.execute(f"listen {CHANNEL}")
                    if attempt:
                        self._tell_all()
                    attempt = 0
                    self.listening.set()
                    async for message in connection.notifies():
                        self.dispatch(message.payload)
            except psycopg.Error as error:
                _LOG.warning("live updates: %s; connecting again", type(error).__name__)
            self.listening.clear()
            attempt += 1
            await asyncio.sleep(_PAUSES[min(attempt, len(_PAUSES)) - 1])

    def dispatch(self, payload: str) -> None:
        """Pass a message on; one that is not ours is ignored, because every database user may send on the channel."""
        try:
            message = json.loads(payload)
            company, topic = UUID(message["company_id"]), str(message["topic"])
        except (ValueError, KeyError, TypeError, AttributeError):
            return
        if not topic.isascii() or not topic.replace("_", "").isalpha() or len(topic) > _LONGEST_TOPIC:
            return
        for queue, listening_to in self._listeners.items():
            if listening_to == company:
                _put(queue, topic)

    def close(self) -> None:
        """End all streams."""
        self._closing.set()

    def _tell_all(self) -> None:
        for queue in self._listeners:
            _put(queue, RESYNC)

    async def stream(
        self, company: UUID, *, until: float, may_listen: Callable[[], Awaitable[bool]]
    ) -> AsyncIterator[str]:
        """Server-sent events for one browser.

        Args:
            company: whose messages.
            until: Unix time at which the token expires.
            may_listen: asked at every beat; the stream ends once the answer is no.

        Raises:
            TooManyListenersError: too many listen already.
        """
        if len(self._listeners) >= _MOST_LISTENERS:
            raise TooManyListenersError
        queue: asyncio.Queue[str] = asyncio.Queue(_MOST_UNREAD)
        self._listeners[queue] = company
        closing = asyncio.create_task(self._closing.wait())
        try:
            yield "retry: 2000\nevent: ready\ndata: {}\n\n"
            while not self._closing.is_set() and time.time() < until:
                topic = await _next(queue, closing, BEAT_SECONDS)
                if topic is not None:
                    yield f"event: change\ndata: {json.dumps({'topic': topic})}\n\n"
                elif not self._closing.is_set():
                    if not await may_listen():
                        break
                    yield ": beat\n\n"
            yield "event: end\ndata: {}\n\n"
        finally:
            del self._listeners[queue]
            closing.cancel()


async def _next(queue: asyncio.Queue[str], closing: asyncio.Task[bool], seconds: float) -> str | None:
    waiting = asyncio.create_task(queue.get())
    try:
        await asyncio.wait({waiting, closing}, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
        return waiting.result() if waiting.done() else None
    finally:
        waiting.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await waiting


def _put(queue: asyncio.Queue[str], topic: str) -> None:
    if queue.full():
        # A browser that does not read gets one message that stands for all it missed.
        while not queue.empty():
            queue.get_nowait()
        topic = RESYNC
    queue.put_nowait(topic)
