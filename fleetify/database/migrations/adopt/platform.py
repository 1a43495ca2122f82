"""What belongs to the platform rather than to the project: Supabase's schemas, extensions."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from pglast import ast

from fleetify.database.migrations.lint.names import strings
from fleetify.database.migrations.model import Migration
from fleetify.database.migrations.sql import Statement, walk

# Source: the schemas that Supabase creates and owns; the dashboard calls them protected.
PLATFORM_SCHEMAS = frozenset(
    {
        "_analytics",
        "_realtime",
        "auth",
        "cron",
        "extensions",
        "graphql",
        "graphql_public",
        "net",
        "pgbouncer",
        "pgsodium",
        "pgsodium_masks",
        "realtime",
        "storage",
        "supabase_functions",
        "supabase_migrations",
        "vault",
    }
)
_UUID_OSSP = {"uuid_generate_v1", "uuid_generate_v1mc", "uuid_generate_v3", "uuid_generate_v4", "uuid_generate_v5"}


@dataclass(frozen=True, slots=True)
class PlatformUse:
    """A statement that touches what the project does not own.

    Attributes:
        path, line: where.
        what: ``auth``, ``storage``, … for a schema, ``extension uuid-ossp`` for an extension.
        statement: its beginning, on one line.
    """

    path: str
    line: int
    what: str
    statement: str


def platform_uses(migration: Migration, statements: tuple[Statement, ...]) -> Iterator[PlatformUse]:
    """The statements that change the platform's schemas or need an extension.

    Reading from them (``auth.uid()``, a foreign key to ``auth.users``) is what they are for, and not listed.
    """
    for statement in statements:
        for what in sorted(_touched(statement.node)):
            shown = " ".join(statement.text.split())[:80]
            yield PlatformUse(migration.path, statement.line + migration.up_line - 1, what, shown)


def _touched(node: Any) -> set[str]:
    touched = {schema for schema in _target_schemas(node) if schema in PLATFORM_SCHEMAS}
    if isinstance(node, ast.CreateExtensionStmt | ast.AlterExtensionStmt):
        touched.add(f"extension {node.extname}")
    for item in walk(node):
        if isinstance(item, ast.FuncCall) and strings(item.funcname)[-1:][0] in _UUID_OSSP:
            touched.add("extension uuid-ossp")
    return touched


def _target_schemas(node: Any) -> Iterator[str]:
    """The schemas of what the statement is about: only its own fields, not what lies deeper."""
    if isinstance(node, ast.SelectStmt):
        return
    for field in node:
        value: Any = getattr(node, field)
        if isinstance(value, ast.RangeVar) and value.schemaname:
            yield value.schemaname
        elif isinstance(value, ast.IntoClause):
            yield from _target_schemas(value)
        elif field in {"funcname", "typeName", "domainname"} and isinstance(value, tuple) and len(value) > 1:
            yield strings(value)[0]
        elif field == "objects":
            yield from _listed_schemas(value)
        elif field in {"schemaname", "schema"} and isinstance(value, str):
            yield value


def _listed_schemas(items: Any) -> Iterator[str]:
    for item in items or ():
        parts = getattr(item, "objname", item)
        if isinstance(parts, ast.RangeVar):
            if parts.schemaname:
                yield parts.schemaname
        elif isinstance(parts, tuple) and len(parts) > 1:
            yield str(getattr(parts[0], "sval", ""))
        elif isinstance(parts, ast.String):
            yield str(parts.sval)
