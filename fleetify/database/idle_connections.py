"""Connections kept for the next operation of the same process: a hundred migrations need not log in a hundred times.

Whoever borrows one gets it as good as new: everything a session can carry over is discarded before it is kept.
"""

from __future__ import annotations

import atexit
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg

from fleetify.database.connection import application_name, connect

KEPT_SECONDS = 30.0
KEPT_AT_MOST = 4

_idle: dict[str, list[tuple[float, psycopg.Connection]]] = {}
_guard = threading.Lock()


@contextmanager
def borrowed(url: str, *, purpose: str, lock_timeout_seconds: float) -> Iterator[psycopg.Connection]:
    """An autocommit connection with its purpose as application name and this lock timeout.

    Raises:
        DatabaseError: the server does not answer or refuses.
    """
    conn = _take(url)
    try:
        conn = _prepare(conn, purpose, lock_timeout_seconds) if conn else None
    except psycopg.OperationalError:
        # The server has ended it meanwhile.
        conn = None
    if conn is None:
        conn = connect(url, purpose=purpose)
        # What is discarded below includes prepared statements, which psycopg would believe to be there.
        conn.prepare_threshold = None
        conn = _prepare(conn, purpose, lock_timeout_seconds)
    try:
        yield conn
    except BaseException:
        conn.close()
        raise
    _keep(url, conn)


def _prepare(conn: psycopg.Connection, purpose: str, lock_timeout_seconds: float) -> psycopg.Connection:
    conn.execute(
        "select pg_catalog.set_config('application_name', %s, false), pg_catalog.set_config('lock_timeout', %s, false)",
        (application_name(purpose), f"{lock_timeout_seconds}s"),
    )
    return conn


def _take(url: str) -> psycopg.Connection | None:
    with _guard:
        kept = _idle.get(url, [])
        while kept:
            since, conn = kept.pop()
            if time.monotonic() - since < KEPT_SECONDS and not conn.closed:
                return conn
            conn.close()
    return None


def _keep(url: str, conn: psycopg.Connection) -> None:
    if conn.closed or conn.info.transaction_status != psycopg.pq.TransactionStatus.IDLE:
        conn.close()
        return
    try:
        conn.execute("discard all")
    except psycopg.Error:
        conn.close()
        return
    with _guard:
        kept = _idle.setdefault(url, [])
        if len(kept) < KEPT_AT_MOST:
            kept.append((time.monotonic(), conn))
            return
    conn.close()


@atexit.register
def _close_all() -> None:
    with _guard:
        for kept in _idle.values():
            while kept:
                kept.pop()[1].close()
