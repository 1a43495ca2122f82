"""``-- fleetify-ignore rule: reason`` above or in a statement; ``-- fleetify-ignore-file rule: reason`` for a file."""

from __future__ import annotations

import difflib
import re
from dataclasses import dataclass, field

from fleetify.database.migrations.lint.registry import RULE_IDS
from fleetify.database.migrations.model import Finding
from fleetify.database.migrations.sql import Statement
from fleetify.database.migrations.text import line_and_column, regions

_IGNORE = re.compile(r"--[ \t]*fleetify-ignore(?P<file>-file)?\b(?P<rest>[^\n]*)", re.IGNORECASE)
_REST = re.compile(r"[ \t:]*(?P<rules>[a-z-]+(?:[ \t]*,[ \t]*[a-z-]+)*)[ \t]*(?::[ \t]*(?P<reason>.*\S))?[ \t]*")
SHORTEST_REASON = 3


@dataclass(slots=True)
class Ignore:
    """One rule switched off for a stretch of lines.

    Attributes:
        rule: the rule's id.
        line: where it says so, 1-based in the script.
        first_line, last_line: the lines it covers; None for the whole file.
        used: whether it has kept a finding back.
    """

    rule: str
    line: int
    first_line: int | None
    last_line: int | None
    used: bool = False

    def covers(self, rule: str, line: int | None) -> bool:
        """Whether it keeps back a finding of this rule at this line."""
        if rule != self.rule:
            return False
        if self.first_line is None or self.last_line is None:
            return True
        return line is not None and self.first_line <= line <= self.last_line


@dataclass(slots=True)
class Ignores:
    """All ignores of a script, and what is wrong with them."""

    entries: list[Ignore] = field(default_factory=list)
    faults: list[Finding] = field(default_factory=list)

    def keep_back(self, rule: str, line: int | None) -> bool:
        """Whether a finding is to be kept back; marks the ignore as used."""
        hits = [entry for entry in self.entries if entry.covers(rule, line)]
        for entry in hits:
            entry.used = True
        return bool(hits)


def read_ignores(sql: str, statements: tuple[Statement, ...], path: str, first_line: int) -> Ignores:
    """The ignores in a script's comments.

    Args:
        sql: the script.
        statements: its statements.
        path: the file.
        first_line: the line of the file at which the script starts.
    """
    ignores = Ignores()
    if "fleetify-ignore" not in sql.lower():
        return ignores
    for kind, start, end in regions(sql):
        match = _IGNORE.match(sql, start, end) if kind == "comment" else None
        if match is None:
            continue
        line, _ = line_and_column(sql, start)
        rest = _REST.fullmatch(match.group("rest"))
        rules = re.split(r"[ \t]*,[ \t]*", rest.group("rules")) if rest else []
        fault = _fault(rules, rest.group("reason") if rest else None)
        if fault:
            ignores.faults.append(Finding("ignore", "error", path, line + first_line - 1, *fault))
            continue
        first, last = (None, None) if match.group("file") else _target(statements, line)
        ignores.entries += [Ignore(rule, line, first, last) for rule in rules]
    return ignores


def _fault(rules: list[str], reason: str | None) -> tuple[str, str] | None:
    form = "write: -- fleetify-ignore <rule>: <why it is right here>"
    unknown = [rule for rule in rules if rule not in RULE_IDS]
    if not rules:
        return "the ignore names no rule", form
    if unknown:
        nearest = difflib.get_close_matches(unknown[0], RULE_IDS, n=1)
        hint = f"did you mean '{nearest[0]}'? " if nearest else ""
        return (
            f"the ignore names an unknown rule: {unknown[0]}",
            f"{hint}ours are {', '.join(RULE_IDS)}; squawk's own take '-- squawk-ignore <rule>'",
        )
    if reason is None or len(reason) < SHORTEST_REASON:
        return "the ignore gives no reason", form
    return None


def _target(statements: tuple[Statement, ...], line: int) -> tuple[int, int]:
    """The lines of the statement that the comment is in, ends the line of, or stands above."""
    for statement in statements:
        if line <= statement.last_line:
            return min(line, statement.line), statement.last_line
    return line, line
