"""A release's sample queries: they must answer once its migrations are in (plan P5)."""

from __future__ import annotations

import json
import time
from collections.abc import Sequence
from dataclasses import dataclass

import psycopg

from fleetify.database.connection import connect
from fleetify.releases import SampleQuery

TIMEOUT = "10s"


@dataclass(frozen=True, slots=True)
class SampleResult:
    """How one query answered.

    Attributes:
        name: the query's name in the manifest.
        rows: how many rows came; None where it failed.
        seconds: how long it took.
        fault: why it does not count; None where it does.
    """

    name: str
    rows: int | None
    seconds: float
    fault: str | None


def run_samples(url: str, samples: Sequence[SampleQuery]) -> list[SampleResult]:
    """Run each query in a read-only transaction of its own, which is rolled back.

    Raises:
        DatabaseError: the database is unreachable.
    """
    with connect(url, purpose="sample queries", autocommit=False) as conn:
        return [_run(conn, sample) for sample in samples]


def _run(conn: psycopg.Connection, sample: SampleQuery) -> SampleResult:
    started = time.perf_counter()
    try:
        conn.execute("set transaction read only")
        conn.execute("select pg_catalog.set_config('statement_timeout', %s, true)", (TIMEOUT,))
        conn.execute("select pg_catalog.set_config('request.jwt.claims', %s, true)", (json.dumps(sample.claims or {}),))
        if sample.role:
            conn.execute("select pg_catalog.set_config('role', %s, true)", (sample.role,))
        # The extended protocol takes one statement only, so that none can end the read-only transaction before another.
        cursor = conn.execute(sample.sql.encode(), prepare=True)
        rows = len(cursor.fetchall()) if cursor.description else 0
    except psycopg.Error as error:
        fault = error.diag.message_primary or str(error).strip()
        return SampleResult(sample.name, None, round(time.perf_counter() - started, 3), fault)
    finally:
        conn.rollback()
    fault_or_none = None if rows >= sample.minimum_rows else f"{rows} rows, at least {sample.minimum_rows} expected"
    return SampleResult(sample.name, rows, round(time.perf_counter() - started, 3), fault_or_none)
