"""session-setting."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from pglast import ast
from pglast.enums import DiscardMode, VariableSetKind

from fleetify.database.migrations.lint.rule import Hit, Level, Rule, Subject

_SETS = {VariableSetKind.VAR_SET_VALUE, VariableSetKind.VAR_SET_CURRENT}
_IDENTITY = {"role", "session_authorization"}


def _find(subject: Subject) -> Iterator[Hit]:
    left_set: dict[str, Hit] = {}
    for statement in subject.statements:
        node: Any = statement.node
        if isinstance(node, ast.DiscardStmt) and node.target == DiscardMode.DISCARD_ALL:
            yield Hit(statement.line, "DISCARD ALL takes away the program's lock and its timeouts", "error")
        if not isinstance(node, ast.VariableSetStmt) or node.is_local:
            continue
        if node.kind == VariableSetKind.VAR_RESET_ALL:
            yield Hit(statement.line, "RESET ALL takes away the program's timeouts", "error")
        elif node.kind in _SETS:
            level: Level = "error" if node.name in _IDENTITY else "warning"
            left_set[str(node.name)] = Hit(statement.line, f"SET {node.name} outlasts the migration", level)
        else:
            left_set.pop(str(node.name), None)
    yield from left_set.values()


RULE = Rule(
    id="session-setting",
    level="warning",
    statement="A migration changes settings for its own transaction only, or puts them back.",
    why=(
        "The ledger's entry and the next migrations run on the same connection: they would run with the leftover"
        " search_path, or as another role (an error)."
    ),
    remedy="write `set local …`, or `reset …` at the end",
    bad="set search_path = app;",
    good="set local search_path = app;",
    find=_find,
)
