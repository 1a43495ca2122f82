"""The tables of the live database, to be compared with those that the files create."""

from __future__ import annotations

import psycopg

from fleetify.database.migrations.adopt.platform import PLATFORM_SCHEMAS

_LEDGERS = {"schema_migrations", "flyway_schema_history"}


def live_tables(conn: psycopg.Connection) -> set[tuple[str, str]]:
    """Schema and name of the project's own tables: not the platform's, an extension's, a ledger's, a temporary one."""
    rows = conn.execute(
        "select n.nspname, c.relname from pg_catalog.pg_class c"
        " join pg_catalog.pg_namespace n on n.oid = c.relnamespace"
        " where c.relkind in ('r', 'p') and n.nspname !~ '^pg_' and n.nspname <> 'information_schema'"
        " and n.nspname <> all(%s) and not exists (select from pg_catalog.pg_depend d"
        " where d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass and d.objid = c.oid and d.deptype = 'e')",
        ([*sorted(PLATFORM_SCHEMAS), "fleetify"],),
    )
    return {(schema, table) for schema, table in rows if table not in _LEDGERS}


def missing_extensions(conn: psycopg.Connection, wanted: set[str]) -> set[str]:
    """Of these extensions the ones that the server does not offer."""
    offered = {row[0] for row in conn.execute("select name from pg_catalog.pg_available_extensions")}
    return wanted - offered
