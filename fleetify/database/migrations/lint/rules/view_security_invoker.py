"""view-security-invoker."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from pglast import ast
from pglast.enums import AlterTableType, ObjectType

from fleetify.database.migrations.lint.names import table_name
from fleetify.database.migrations.lint.rule import Hit, Rule, Subject


def _find(subject: Subject) -> Iterator[Hit]:
    unsafe: dict[tuple[str, str], Hit] = {}
    for statement in subject.statements:
        node = statement.node
        if isinstance(node, ast.ViewStmt) and _is_lasting(node.view):
            name = table_name(node.view)
            unsafe.pop(name, None)
            if not _invoker(node.options):
                unsafe[name] = Hit(statement.line, f"the view {'.'.join(name)} reads its tables as its owner")
        elif isinstance(node, ast.CreateTableAsStmt) and node.objtype == ObjectType.OBJECT_MATVIEW:
            into: Any = node.into
            name = table_name(into.rel)
            message = f"the materialized view {'.'.join(name)} holds rows that no row-level security guards"
            unsafe[name] = Hit(statement.line, message)
        elif isinstance(node, ast.AlterTableStmt) and node.objtype == ObjectType.OBJECT_VIEW:
            for command in node.cmds or ():
                if command.subtype == AlterTableType.AT_SetRelOptions and _invoker(command.def_):
                    unsafe.pop(table_name(node.relation), None)
    for (schema, _), hit in unsafe.items():
        if schema in subject.options.exposed_schemas:
            yield hit


def _is_lasting(relation: Any) -> bool:
    return bool(relation.relpersistence != "t")


def _invoker(options: Any) -> bool:
    for option in options or ():
        if option.defname == "security_invoker":
            value = option.arg
            text = "true" if value is None else str(getattr(value, "sval", getattr(value, "ival", "")))
            return text.lower() in {"true", "on", "1"}
    return False


RULE = Rule(
    id="view-security-invoker",
    level="error",
    statement="A view in an exposed schema is created with security_invoker; a materialized view is not exposed.",
    why=(
        "A view reads its tables with its owner's rights, so it shows every tenant's rows to whoever may select from"
        " it. With security_invoker (PostgreSQL 15 and later) the policies of the caller apply. A materialized view has"
        " no row-level security at all."
    ),
    remedy=(
        "write `create view … with (security_invoker = true) as …`; put a materialized view into a schema that is not"
        " exposed, behind a security_invoker view that filters by tenant"
    ),
    bad="create view public.open_leads as select * from public.leads;",
    good="create view public.open_leads with (security_invoker = true) as select * from public.leads;",
    find=_find,
)
