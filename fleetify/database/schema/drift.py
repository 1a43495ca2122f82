"""Drift: what the ledger says and the database does not show any more."""

from __future__ import annotations

from fleetify.database.connection import connect
from fleetify.database.schema.ledger import Ledger
from fleetify.database.schema.relations import find_drift, list_relations
from fleetify.database.versions import version_key
from fleetify.settings import RowLevelSecuritySettings


def find_migration_drift(url: str, version: str, rules: RowLevelSecuritySettings) -> list[str] | None:
    """What one migration made and is missing or unprotected now; None where the ledger does not have it.

    Raises:
        DatabaseError: the database is unreachable.
    """
    with connect(url, purpose="drift", autocommit=False) as conn:
        conn.execute("set transaction isolation level repeatable read read only")
        ledger = Ledger(conn)
        if not ledger.exists():
            return None
        rows = ledger.rows()
        row = next((row for row in rows if row.version == version), None)
        if row is None:
            return None
        later = [other for other in rows if version_key(other.version) > version_key(version)]
        return find_drift(row, later, list_relations(conn), rules)
