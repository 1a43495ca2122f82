"""no-grant-to-anon."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from pglast import ast
from pglast.enums import ObjectType, RoleSpecType

from fleetify.database.migrations.lint.rule import Hit, Rule, Subject


def _find(subject: Subject) -> Iterator[Hit]:
    for statement in subject.statements:
        node: Any = statement.node
        grant = node.action if isinstance(node, ast.AlterDefaultPrivilegesStmt) else node
        if not isinstance(grant, ast.GrantStmt) or not grant.is_grant or grant.objtype != ObjectType.OBJECT_TABLE:
            continue
        to = sorted({name for name in map(_unauthenticated, grant.grantees or ()) if name})
        if to:
            rights = ", ".join(str(right.priv_name) for right in grant.privileges or ()) or "all"
            yield Hit(statement.line, f"{rights} on tables is granted to {' and '.join(to)}")


def _unauthenticated(role: Any) -> str | None:
    if role.roletype == RoleSpecType.ROLESPEC_PUBLIC:
        return "public"
    return "anon" if role.rolename == "anon" else None


RULE = Rule(
    id="no-grant-to-anon",
    level="warning",
    statement="No table is granted to `anon` or to PUBLIC.",
    why="Both mean everybody on the internet who has the page's source; a single loose policy then leaks the table.",
    remedy="grant to `authenticated`; for data that is meant to be public, ignore this rule with the reason",
    bad="grant select on table app.prices to anon;",
    good="grant select on table app.prices to authenticated;",
    find=_find,
)
