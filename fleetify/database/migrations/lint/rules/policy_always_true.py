"""policy-always-true."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from pglast import ast

from fleetify.database.migrations.lint.names import table_name
from fleetify.database.migrations.lint.rule import Hit, Rule, Subject


def _find(subject: Subject) -> Iterator[Hit]:
    tenant = subject.options.tenant_column
    for statement in subject.statements:
        node: Any = statement.node
        if not isinstance(node, ast.CreatePolicyStmt) or not node.permissive:
            continue
        table = subject.catalogue.get(table_name(node.table))
        if table is None or tenant not in table.columns:
            continue
        if all(role.rolename == "service_role" for role in node.roles or ()):
            continue
        if _is_true(node.qual) or _is_true(node.with_check):
            yield Hit(statement.line, f"the policy {node.policy_name} lets every tenant at all rows of {table.label}")


def _is_true(expression: Any) -> bool:
    value = getattr(expression, "val", None) if isinstance(expression, ast.A_Const) else None
    return isinstance(value, ast.Boolean) and bool(value.boolval)


RULE = Rule(
    id="policy-always-true",
    level="error",
    statement="No permissive policy of a tenant's table is simply `true`.",
    why="Permissive policies are joined by OR: one that is always true switches the others off.",
    remedy="compare the tenant's column with the caller's tenants",
    bad="""create table app.items (company_id uuid not null);
create policy items_all on app.items to authenticated using (true);""",
    good="""create table app.items (company_id uuid not null);
create policy items_all on app.items to authenticated
  using (company_id = any ((select private.readable_companies())::uuid[]));""",
    find=_find,
)
