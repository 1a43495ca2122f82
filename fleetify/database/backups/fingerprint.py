"""What a database holds, as rows and a content hash per table: equal before a backup and after its restore.

The hash of a table is the sum over its rows of PostgreSQL's own 64-bit ``hash_record_extended`` (PostgreSQL 14):
independent of the rows' order, computed inside the server, one scan. Columns whose built-in hash is missing (``json``,
``point``) or is made of numbers that another database gives differently (enums, ``regclass``) are hashed by their text.
Only built-in hash functions and output functions run, never a cast or operator that the owner of a table could have
written.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import psycopg
from psycopg import sql

from fleetify.database.backups.catalog import Table, sequences_of, tables_of
from fleetify.errors import DatabaseError

LARGE_OBJECTS = "large objects"
_SEQUENCES_A_QUERY = 200

# The text of a value must not depend on the settings of a role or a database.
_SETTINGS = (
    "SET LOCAL row_security = off",
    "SET LOCAL search_path = pg_catalog",
    "SET LOCAL statement_timeout = 0",
    "SET LOCAL lock_timeout = '60s'",
    "SET LOCAL idle_in_transaction_session_timeout = 0",
    "SET LOCAL datestyle = 'ISO, YMD'",
    "SET LOCAL intervalstyle = 'postgres'",
    "SET LOCAL timezone = 'UTC'",
    "SET LOCAL extra_float_digits = 1",
    "SET LOCAL bytea_output = 'hex'",
    "SET LOCAL lc_monetary = 'C'",
    "SET LOCAL xmlbinary = 'base64'",
    "SET LOCAL client_encoding = 'UTF8'",
)


@dataclass(frozen=True, slots=True)
class TableFingerprint:
    """What one table holds: how many rows, and the sum of their hashes in decimal."""

    rows: int
    hash: str


@dataclass(frozen=True, slots=True)
class SequenceState:
    """Where a sequence stands, as its own row says."""

    last_value: int
    is_called: bool


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """What a database holds.

    Attributes:
        tables: by ``schema.table`` (names with unusual letters quoted); ``large objects`` if there are any.
        sequences: by ``schema.sequence``.
    """

    tables: dict[str, TableFingerprint]
    sequences: dict[str, SequenceState]

    @property
    def digest(self) -> str:
        """SHA-256 over the tables, hex: equal digests mean equal contents, table by table."""
        return content_digest(self.tables)


def content_digest(tables: dict[str, TableFingerprint]) -> str:
    """SHA-256, hex, over the names, row counts and hashes of all tables."""
    values = {name: asdict(table) for name, table in tables.items()}
    canonical = json.dumps(values, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(canonical.encode()).hexdigest()


def fingerprint(conn: psycopg.Connection[Any], *, exclude_schemas: Sequence[str] = ()) -> Fingerprint:
    """Rows and hashes of every table that a dump holds, in the transaction's snapshot.

    Foreign tables, temporary ones and those that belong to an extension are left out, as pg_dump leaves out their data.

    Args:
        conn: a connection inside a REPEATABLE READ transaction.
        exclude_schemas: schemas that the dump leaves out.

    Raises:
        DatabaseError: a table cannot be read in full, because of a missing privilege or because row-level security
            would hide rows.
    """
    use_neutral_settings(conn)
    tables = {table.label: _table(conn, table) for table in tables_of(conn, exclude_schemas)}
    large_objects = _large_objects(conn)
    if large_objects is not None:
        tables[LARGE_OBJECTS] = large_objects
    return Fingerprint(tables, sequence_states(conn, exclude_schemas=exclude_schemas))


def use_neutral_settings(conn: psycopg.Connection[Any]) -> None:
    """Make the transaction's output independent of the settings of roles and databases, and see all rows or fail."""
    for setting in _SETTINGS:
        conn.execute(setting.encode())


def sequence_states(conn: psycopg.Connection[Any], *, exclude_schemas: Sequence[str] = ()) -> dict[str, SequenceState]:
    """The present state of every sequence that a dump holds; sequences do not follow snapshots."""
    found = sequences_of(conn, exclude_schemas)
    states: dict[str, SequenceState] = {}
    for start in range(0, len(found), _SEQUENCES_A_QUERY):
        batch = found[start : start + _SEQUENCES_A_QUERY]
        query = sql.SQL(" UNION ALL ").join(
            sql.SQL("SELECT {}, last_value, is_called FROM {}").format(sql.Literal(sequence.label), sequence.identifier)
            for sequence in batch
        )
        try:
            for label, last_value, is_called in conn.execute(query):
                states[label] = SequenceState(last_value, is_called)
        except psycopg.Error as error:
            raise _unreadable("A sequence", error) from None
    return states


def _table(conn: psycopg.Connection[Any], table: Table) -> TableFingerprint:
    expressions = [
        (sql.SQL("{}") if column.hashable else sql.SQL("format('%L', {})")).format(column.expression)
        for column in table.columns
    ]
    query = sql.SQL("SELECT count(*), coalesce(sum(hash_record_extended(ROW({}), 0)), 0)::text FROM ONLY {}").format(
        sql.SQL(", ").join(expressions), table.identifier
    )
    try:
        row = conn.execute(query).fetchone()
    except psycopg.Error as error:
        raise _unreadable(f"The table {table.label}", error) from None
    assert row is not None  # noqa: S101  # for the type checker: an aggregate returns one row
    return TableFingerprint(rows=row[0], hash=row[1])


def _large_objects(conn: psycopg.Connection[Any]) -> TableFingerprint | None:
    query = (
        "SELECT count(*), coalesce(sum(hash_record_extended(ROW(oid, lo_get(oid)), 0)), 0)::text"
        " FROM pg_largeobject_metadata"
    )
    try:
        row = conn.execute(query).fetchone()
    except psycopg.Error as error:
        raise _unreadable("A large object", error) from None
    assert row is not None  # noqa: S101  # for the type checker: an aggregate returns one row
    return TableFingerprint(rows=row[0], hash=row[1]) if row[0] else None


def _unreadable(what: str, error: psycopg.Error) -> DatabaseError:
    if isinstance(error, psycopg.errors.InsufficientPrivilege):
        remedy = "connect as a superuser, or as a role with BYPASSRLS that may read all tables (pg_read_all_data)"
    else:
        remedy = "see the server's message; then run it again"
    return DatabaseError(f"{what} cannot be read in full.", seen=str(error).strip()[:500], remedy=remedy)
