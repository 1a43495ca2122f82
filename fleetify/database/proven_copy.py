"""A scratch database that a restore proof leaves for the migration rehearsal: marked, and claimed once.

The mark is the database's comment. Claiming takes it off before the first change, so that a copy on which a rehearsal
was killed is never taken for a fresh one.
"""

from __future__ import annotations

from psycopg import sql

from fleetify.database.connection import connect

_PREFIX = "fleetify: restored and compared with "


def mark_proven(server_url: str, name: str, backup_key: str) -> None:
    """Mark the database as an untouched copy of the backup."""
    with connect(server_url, purpose="mark copy") as conn:
        comment = sql.SQL("comment on database {} is {}")
        conn.execute(comment.format(sql.Identifier(name), sql.Literal(_PREFIX + backup_key)))


def claim_proven(server_url: str, name: str, backup_key: str) -> bool:
    """Whether the database is an untouched copy of the backup; afterwards it counts as touched."""
    with connect(server_url, purpose="claim copy") as conn, conn.transaction():
        row = conn.execute(
            "select pg_catalog.shobj_description(oid, 'pg_database') from pg_catalog.pg_database where datname = %s",
            (name,),
        ).fetchone()
        if row is None or row[0] != _PREFIX + backup_key:
            return False
        conn.execute(sql.SQL("comment on database {} is null").format(sql.Identifier(name)))
        return True
