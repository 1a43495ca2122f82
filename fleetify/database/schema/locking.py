"""One migrator per database: an advisory lock that is taken before the ledger exists, and who holds what."""

from __future__ import annotations

import hashlib
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg

from fleetify.database.connection import connect
from fleetify.database.progress import Progress
from fleetify.errors import DatabaseError, LockHeldError

# PostgreSQL shows the two halves of the key in pg_locks as classid and objid.
LOCK_KEY = int.from_bytes(hashlib.sha256(b"fleetify migration ledger").digest()[:8], "big", signed=True)
POLL_SECONDS = 0.25
REPORT_SECONDS = 5.0
WATCH_AFTER_SECONDS = 0.5

_HOLDERS = """
select a.pid, a.usename, a.application_name, a.client_addr::text, a.state,
       extract(epoch from clock_timestamp() - coalesce(a.xact_start, a.backend_start))::int,
       left(regexp_replace(a.query, '\\s+', ' ', 'g'), 60)
from pg_catalog.pg_stat_activity a
where a.pid = any(%s::int[])
order by a.pid
"""
_ADVISORY_HOLDERS = """
select l.pid from pg_catalog.pg_locks l
where l.locktype = 'advisory' and l.granted and l.objsubid = 1
  and l.database = (select oid from pg_catalog.pg_database where datname = pg_catalog.current_database())
  and (l.classid::bigint << 32 | l.objid::bigint) = %s
"""


@contextmanager
def migration_lock(conn: psycopg.Connection, *, wait_seconds: float, progress: Progress) -> Iterator[None]:
    """Hold the database's migration lock; it goes with the session, so a killed run leaves none behind.

    Raises:
        LockHeldError: somebody else held it all the time; the message says who.
    """
    deadline = time.monotonic() + wait_seconds
    report_at = time.monotonic() + 1
    while not _try_lock(conn):
        now = time.monotonic()
        if now >= deadline:
            raise LockHeldError(
                "Another run migrates this database.",
                seen=_advisory_holders(conn),
                remedy="wait until it has finished and run again; pg_terminate_backend(<pid>) ends a stuck one",
            )
        if now >= report_at:
            progress(f"waiting for another run that migrates this database: {_advisory_holders(conn)}")
            report_at = now + REPORT_SECONDS
        time.sleep(min(POLL_SECONDS, max(deadline - now, 0.01)))
    try:
        yield
    finally:
        if not conn.closed and not conn.broken:
            if conn.info.transaction_status != psycopg.pq.TransactionStatus.IDLE:
                conn.rollback()
            conn.execute("select pg_catalog.pg_advisory_unlock(%s)", (LOCK_KEY,))


def _try_lock(conn: psycopg.Connection) -> bool:
    row = conn.execute("select pg_catalog.pg_try_advisory_lock(%s)", (LOCK_KEY,)).fetchone()
    return bool(row and row[0])


def _advisory_holders(conn: psycopg.Connection) -> str:
    unsigned = LOCK_KEY % (1 << 64)
    # bigint arithmetic in SQL gives the signed form back.
    signed = unsigned - (1 << 64) if unsigned >= 1 << 63 else unsigned
    pids = [row[0] for row in conn.execute(_ADVISORY_HOLDERS, (signed,)).fetchall()]
    return describe_sessions(conn, pids)


def describe_sessions(conn: psycopg.Connection, pids: list[int]) -> str:
    """Sessions for people: pid, user, application, address, for how long, and what they run."""
    rows = conn.execute(_HOLDERS, (pids,)).fetchall()
    if not rows:
        return "a session that has ended meanwhile"
    return "; ".join(
        f"pid {pid}, user {user}, application '{application}', from {address or 'this machine'}, {state},"
        f" for {seconds} s: {query}"
        for pid, user, application, address, state, seconds, query in rows
    )


class BlockerWatch:
    """Remembers who blocks a session, from the outside, while that session waits for a lock.

    It opens a connection of its own only after half a second, so quick migrations pay nothing.
    """

    def __init__(self, url: str, conn: psycopg.Connection, progress: Progress) -> None:
        self._url = url
        self._pid = conn.info.backend_pid
        self._progress = progress
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="blocker-watch", daemon=True)
        self.blockers: str | None = None

    def __enter__(self) -> BlockerWatch:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._done.set()
        self._thread.join(timeout=5)

    def _watch(self) -> None:
        if self._done.wait(WATCH_AFTER_SECONDS):
            return
        started = time.monotonic() - WATCH_AFTER_SECONDS
        report_at = started + REPORT_SECONDS
        try:
            with connect(self._url, purpose="watch locks") as conn:
                while not self._done.wait(POLL_SECONDS):
                    row = conn.execute("select pg_catalog.pg_blocking_pids(%s)", (self._pid,)).fetchone()
                    pids = row[0] if row else []
                    if pids:
                        self.blockers = describe_sessions(conn, pids)
                    if time.monotonic() >= report_at:
                        waiting = f", waiting for {self.blockers}" if pids else ""
                        self._progress(f"still running after {time.monotonic() - started:.0f} s{waiting}")
                        report_at = time.monotonic() + REPORT_SECONDS
        except (DatabaseError, psycopg.Error):
            # Watching is a courtesy: the watched statement reports its own failure.
            return
