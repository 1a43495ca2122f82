"""Transactions on behalf of a caller, and what database errors mean to one.

A pooled connection belongs to role ``authenticator``, which may do nothing itself. Role and claims are set for one
transaction, so a connection that goes back to the pool carries nothing of the caller.
"""

from __future__ import annotations

import json
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, Final

import psycopg
from psycopg import AsyncConnection, errors
from psycopg_pool import AsyncConnectionPool, PoolTimeout, TooManyRequests

from rehearsal.app_server import schema
from rehearsal.app_server.errors import ApiError, busy, forbidden, invalid, unavailable
from rehearsal.app_server.tokens import Caller

READER_OF_ACCOUNTS: Final = "app_auth_reader"
_LOG = logging.getLogger("rehearsal.app_server")
_OPTIONS: Final = (
    "-c statement_timeout=5000 -c lock_timeout=3000 -c idle_in_transaction_session_timeout=15000 -c timezone=UTC"
)
_BECOME: Final = "select set_config('role', %s, true), set_config('request.jwt.claims', %s, true)"
_NOT_ENOUGH_STOCK: Final = {
    "inventory_stock_levels_reserved_in_stock",
    "inventory_stock_levels_quantity_on_hand_check",
    "inventory_stock_levels_quantity_reserved_check",
}


class Database:
    """A pool of connections and the two ways to use one.

    Args:
        url: URL of role ``authenticator``.
        connections: most connections at once.
    """

    def __init__(self, url: str, *, connections: int = 12) -> None:
        self.url = url
        self._pool: AsyncConnectionPool[AsyncConnection[Any]] = AsyncConnectionPool(
            url,
            min_size=min(6, connections),  # a dashboard asks for seven widgets at once
            max_size=connections,
            open=False,
            timeout=5.0,
            max_waiting=500,
            reconnect_timeout=15.0,
            check=AsyncConnectionPool.check_connection,
            configure=_configure,
            kwargs={"options": _OPTIONS, "application_name": "fleetify app", "connect_timeout": 5},
        )

    async def open(self) -> None:
        """Start connecting; a database that is not there yet is no error."""
        await self._pool.open(wait=False)

    async def close(self) -> None:
        """Give the connections back."""
        await self._pool.close(timeout=5.0)

    @asynccontextmanager
    async def acting_as(
        self, caller: Caller | None, *, role: str = "authenticated"
    ) -> AsyncIterator[AsyncConnection[Any]]:
        """A transaction under the role with the caller's claims; committed at the end, rolled back on any error.

        Raises:
            ApiError: what a database error means to the caller.
        """
        claims = json.dumps(caller.claims()) if caller else ""
        try:
            async with self._pool.connection() as connection:
                try:
                    async with connection.transaction():
                        await connection.execute(_BECOME, [role, claims])
                        yield connection
                except schema.MISSING as error:
                    missing = await schema.absent(connection)
                    if missing:
                        raise schema.behind(missing) from error
                    raise
        except ApiError:
            raise
        except (PoolTimeout, TooManyRequests):
            raise busy() if await self.answers() else unavailable() from None
        except psycopg.Error as error:
            raise meaning(error) from error

    async def answers(self) -> bool:
        """Whether the database lets us in now."""
        try:
            async with await AsyncConnection.connect(self.url, connect_timeout=3):
                return True
        except psycopg.Error:
            return False


async def _configure(connection: AsyncConnection[Any]) -> None:
    # A plan prepared before a migration would fail after it ("cached plan must not change result type").
    connection.prepare_threshold = None


def meaning(error: psycopg.Error) -> ApiError:  # noqa: PLR0911 - one line per kind of error reads best
    """The answer for a database error. Texts of the database stay in the log: they can hold values."""
    constraint = error.diag.constraint_name or ""
    if isinstance(error, errors.InsufficientPrivilege):
        return forbidden()
    if isinstance(error, errors.UniqueViolation):
        return ApiError(409, "duplicate", "There is one with this code or number already; choose another.")
    if isinstance(error, errors.ForeignKeyViolation):
        return ApiError(422, "unknown_reference", "The request names a row that is not in your company.")
    if constraint in _NOT_ENOUGH_STOCK:
        return ApiError(409, "insufficient_stock", "There is not enough stock in this warehouse.")
    if isinstance(error, errors.CheckViolation):
        return ApiError(409, "rule_broken", f"The database refuses these values (rule {constraint or 'unnamed'}).")
    if isinstance(error, errors.DataError | errors.NotNullViolation):
        return invalid("A value does not fit its column.")
    if isinstance(error, errors.QueryCanceled):
        return ApiError(504, "query_timeout", "The query took too long and was cancelled.")
    if isinstance(error, errors.LockNotAvailable | errors.TransactionRollback | errors.TooManyConnections):
        return busy()
    if isinstance(error, psycopg.OperationalError | psycopg.InterfaceError):
        return unavailable()
    _LOG.error("unexpected database error %s", error.sqlstate or type(error).__name__)
    return ApiError(500, "internal", "The server failed on this request; its log has the cause.")
