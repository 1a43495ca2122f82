"""require-rls."""

from __future__ import annotations

import re
from collections.abc import Iterator

from pglast import ast

from fleetify.database.migrations.lint.catalogue import Table
from fleetify.database.migrations.lint.rule import Hit, Rule, Subject
from fleetify.database.migrations.sql import walk
from fleetify.database.migrations.text import blank

_CREATE_TABLE = re.compile(
    r"\bcreate\s+(?:unlogged\s+)?table\s+(?:if\s+not\s+exists\s+)?(?:(?P<schema>\w+|\"[^\"]+\")\s*\.)?", re.IGNORECASE
)


def _find(subject: Subject) -> Iterator[Hit]:
    path = subject.migration.path
    for table in subject.catalogue.tables.values():
        if table.name[0] not in subject.options.exposed_schemas:
            continue
        lacking = _lacking(table)
        if table.path == path and lacking:
            yield Hit(table.line, f"the table {table.label} has no {' and no '.join(lacking)}")
        elif table.path != path and table.weakened_at and table.weakened_at[0] == path and (lacking or not table.path):
            yield Hit(table.weakened_at[1], f"the table {table.label} loses part of its row-level security")
    for statement in subject.statements:
        if isinstance(statement.node, ast.DoStmt) and _creates_table(statement.node, subject):
            yield Hit(statement.line, "a table is created inside a DO block, where its row-level security is not seen")


def _lacking(table: Table) -> list[str]:
    lacking = []
    if not table.row_security:
        lacking.append("row-level security")
    if not table.row_security_forced:
        lacking.append("forced row-level security")
    if not table.policies and not table.partition:  # a partition is reached through its parent's policies
        lacking.append("policy")
    return lacking


def _creates_table(block: ast.DoStmt, subject: Subject) -> bool:
    bodies = [blank(str(item.sval), "comment") for item in walk(block) if isinstance(item, ast.String)]
    schemas = [match.group("schema") for body in bodies for match in _CREATE_TABLE.finditer(body)]
    return any(schema is None or schema.strip('"') in subject.options.exposed_schemas for schema in schemas)


RULE = Rule(
    id="require-rls",
    level="error",
    statement=(
        "A new table in an exposed schema has row-level security enabled and forced, and a policy, in the file that"
        " creates it."
    ),
    why=(
        "Clients reach every table of an exposed schema with the public `anon` key. Without row-level security all of"
        " them read and write all tenants' rows; without FORCE the table's owner still does, and with it every view and"
        " function that runs as the owner; without a policy nobody gets a row."
    ),
    remedy=(
        "add `alter table … enable row level security`, `alter table … force row level security` and `create policy …`"
        " below the table"
    ),
    bad="create table public.tags (id uuid primary key, company_id uuid not null);",
    good="""create table public.tags (id uuid primary key, company_id uuid not null);
alter table public.tags enable row level security;
alter table public.tags force row level security;
create policy tags_by_tenant on public.tags to authenticated
  using (company_id = any ((select private.readable_companies())::uuid[]));""",
    find=_find,
)
