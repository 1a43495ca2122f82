"""security-definer-search-path."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from pglast import ast

from fleetify.database.migrations.lint.names import listed_name
from fleetify.database.migrations.lint.rule import Hit, Rule, Subject


def _find(subject: Subject) -> Iterator[Hit]:
    unsafe: dict[tuple[str, str], int] = {}
    for statement in subject.statements:
        node: Any = statement.node
        if isinstance(node, ast.CreateFunctionStmt):
            name = listed_name(node.funcname)
            unsafe.pop(name, None)
            options = node.options or ()
        elif isinstance(node, ast.AlterFunctionStmt):
            function: Any = node.func
            name = listed_name(function.objname)
            options = node.actions or ()
        else:
            continue
        if _sets_search_path(options):
            unsafe.pop(name, None)
        elif _is_security_definer(options):
            unsafe[name] = statement.line
    for name, line in unsafe.items():
        yield Hit(line, f"the function {'.'.join(name)} is SECURITY DEFINER without a search_path of its own")


def _is_security_definer(options: Iterable[Any]) -> bool:
    return any(option.defname == "security" and option.arg.boolval for option in options)


def _sets_search_path(options: Iterable[Any]) -> bool:
    return any(option.defname == "set" and option.arg.name == "search_path" for option in options)


RULE = Rule(
    id="security-definer-search-path",
    level="error",
    statement="A SECURITY DEFINER function sets its own search_path.",
    why=(
        "Such a function runs with its owner's rights but looks names up in the caller's search_path. A caller who can"
        " create objects anywhere, pg_temp included, can put his own in the place of those the function means."
    ),
    remedy="add `set search_path = ''` to the function and write every name with its schema",
    bad="""create function app.tenant_count() returns bigint language sql security definer
  as 'select count(*) from app.tenants';""",
    good="""create function app.tenant_count() returns bigint language sql security definer set search_path = ''
  as 'select count(*) from app.tenants';""",
    find=_find,
)
