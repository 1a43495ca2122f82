"""Parsing SQL with PostgreSQL's own grammar (pglast): statements with their lines, and a walk over the tree.

The grammar is that of PostgreSQL 18. The C code behind it overflows the stack, and with it kills the process, on
statements nested some ten thousand deep; ``parse`` refuses such statements before it hands them over.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from pglast import ast
from pglast.parser import ParseError, parse_sql, split

from fleetify.database.migrations.faults import Fault, refuse
from fleetify.database.migrations.text import blank, line_and_column, skip_comments

DEEPEST_BRACKETS = 1_000
LONGEST_CHAIN = 5_000  # operators, joins or unions in a row; measured: 20,000 unions overflow a stack of 8 MB
LARGEST_KEPT = 256 * 1024  # characters; a tree takes some hundred times its text
_NESTING = re.compile(
    r"(?P<open>[(\[])|(?P<close>[)\]])|(?P<reset>[,;]|\b(?:when|then|else)\b)"
    r"|(?P<link>[-+*/<>=~!@#%^&|`?:]+"
    r"|\b(?:union|intersect|except|join|is|isnull|notnull|collate|at|not|like|ilike|in|between|and|or)\b)",
    re.IGNORECASE,
)


class SqlSyntaxError(Exception):
    """The SQL does not parse.

    Attributes:
        message: PostgreSQL's own.
        offset: of the offending character.
    """

    def __init__(self, message: str, offset: int) -> None:
        self.message = message
        self.offset = offset
        super().__init__(message)


@dataclass(frozen=True, slots=True)
class Statement:
    """One statement of a script.

    Attributes:
        node: its syntax tree.
        text: as written, without the comments before it and the semicolon.
        line: 1-based, in the script.
        last_line: the line of its last character.
        offset: of its first character in the script.
    """

    node: ast.Node
    text: str
    line: int
    last_line: int
    offset: int


def parse(sql: str) -> tuple[Statement, ...]:
    """The statements of a script. The trees of the last few scripts are kept, unless they are large.

    Raises:
        SqlSyntaxError: it does not parse, or nests too deeply to be parsed safely.
    """
    return _parse_kept(sql) if len(sql) <= LARGEST_KEPT else _parse(sql)


@lru_cache(maxsize=64)
def _parse_kept(sql: str) -> tuple[Statement, ...]:
    return _parse(sql)


def _parse(sql: str) -> tuple[Statement, ...]:
    _refuse_deep_nesting(sql)
    try:
        raw = parse_sql(sql)
    except ParseError as error:
        message, offset = (*error.args, 0)[:2]
        raise SqlSyntaxError(str(message), offset if isinstance(offset, int) else 0) from None
    return tuple(_statement(sql, item) for item in raw)


def _statement(sql: str, raw: Any) -> Statement:
    start = skip_comments(sql, raw.stmt_location or 0)
    end = (raw.stmt_location or 0) + raw.stmt_len if raw.stmt_len else len(sql)
    text = sql[start:end].rstrip(" \t\n\r\f\v;")
    line, _ = line_and_column(sql, start)
    return Statement(raw.stmt, text, line, line + text.count("\n"), start)


def split_statements(sql: str, path: str = "migration") -> tuple[str, ...]:
    """The statements of a script as written, without the comments between them; several times faster than ``parse``.

    Raises:
        MigrationFaultsError: the script does not parse.
    """
    try:
        _refuse_deep_nesting(sql)
        return tuple(sql[part].rstrip(" \t\n\r\f\v;") for part in split(sql, only_slices=True))
    except ParseError as error:
        problem = SqlSyntaxError(str(error.args[0]), error.args[1] if len(error.args) > 1 else 0)
    except SqlSyntaxError as error:
        problem = error
    line, column = line_and_column(sql, problem.offset)
    remedy = "mend the SQL; no statement of the file has run"
    refuse([Fault(f"{path}:{line}", f"the SQL does not parse: {problem.message}.", f"column {column}", remedy)])
    raise AssertionError("refuse returned")


def walk(node: Any) -> Iterator[ast.Node]:
    """The node and everything below it. Not recursive: a long chain of operators is a deep tree."""
    stack: list[Any] = [node]
    while stack:
        item = stack.pop()
        if isinstance(item, tuple | list):
            stack.extend(reversed(item))
        elif isinstance(item, ast.Node):
            yield item
            stack.extend(getattr(item, name) for name in item)


def _refuse_deep_nesting(sql: str) -> None:
    # No statement shorter than this can hold so many brackets.
    if len(sql) < DEEPEST_BRACKETS:
        return
    chains, total = [0], 0
    for match in _NESTING.finditer(blank(sql, "comment", "string", "identifier")):
        kind, text = match.lastgroup, match.group()
        if kind == "open":
            chains.append(0)
        elif kind == "close" and len(chains) > 1:
            total -= chains.pop()
        elif kind == "link":
            chains[-1] += 1
            total += 1
        elif text == ";":
            chains, total = [0], 0
        elif kind == "reset":
            total -= chains[-1]
            chains[-1] = 0
        if len(chains) > DEEPEST_BRACKETS or total > LONGEST_CHAIN:
            raise SqlSyntaxError("the statement nests too deeply to be parsed", match.start())
