"""Header comments at the top of a migration file: ``-- fleetify: transaction=off, statement_timeout=600``.

dbmate's own ``-- migrate:up transaction:false`` means ``transaction=off``.
"""

from __future__ import annotations

import difflib
import re
from dataclasses import dataclass

from fleetify.database.migrations.faults import Fault
from fleetify.database.migrations.text import line_and_column, regions, skip_comments

LONGEST_TIMEOUT_SECONDS = 7 * 24 * 3600
EXAMPLES = {
    "transaction": "transaction=off",
    "irreversible": "irreversible",
    "statement_timeout": "statement_timeout=600",
}
_HEADER = re.compile(r"^[ \t]*--[ \t]*(fleetify[ \t]*:)([^\n]*)$", re.MULTILINE | re.IGNORECASE)
_WITHOUT_COLON = re.compile(
    r"^[ \t]*--[ \t]*fleetify[ \t=]+(transaction|irreversible|statement_timeout)\b[^\n]*$", re.MULTILINE | re.IGNORECASE
)
# The line that opens a dbmate script; see layouts/dbmate.py.
_DBMATE_WITHOUT_TRANSACTION = re.compile(
    r"^--[ \t]*migrate:(?:up|down)[^\n]*[ \t]transaction:false(?!\S)", re.MULTILINE
)


@dataclass(frozen=True, slots=True)
class Header:
    """What the header comments ask for.

    Attributes:
        transactional: False for ``transaction=off``.
        irreversible: True for ``irreversible``.
        statement_timeout_seconds: from ``statement_timeout=<seconds>``; None for the stack's default.
    """

    transactional: bool = True
    irreversible: bool = False
    statement_timeout_seconds: int | None = None


def read_header(sql: str, path: str, *, first_line: int = 1) -> tuple[Header, list[Fault]]:
    """The header of one script, and what is wrong with it.

    Args:
        sql: the script, line ends normalised.
        path: the file, for faults.
        first_line: the line of the file at which the script starts.
    """
    faults: list[Fault] = []
    found: dict[str, str | None] = {}
    lower = sql.lower()
    if "fleetify" not in lower and "migrate:" not in lower:
        return Header(), []
    top = skip_comments(sql)
    if _DBMATE_WITHOUT_TRANSACTION.search(sql, 0, top):
        found["transaction"] = "off"
    for match in _HEADER.finditer(sql):
        line = line_and_column(sql, match.start(1))[0] + first_line - 1
        if match.start() >= top:
            if _is_comment(sql, match.start(1)):
                faults.append(_below_the_top(f"{path}:{line}", match.group().strip()))
            continue
        for word in match.group(2).split(","):
            faults += _read_word(word.strip(), f"{path}:{line}", found)
    for match in _WITHOUT_COLON.finditer(sql, 0, top):
        line = line_and_column(sql, match.start(1))[0] + first_line - 1
        seen = match.group().strip()
        remedy = f"write it with a colon: -- fleetify: {EXAMPLES[match.group(1).lower()]}"
        faults.append(Fault(f"{path}:{line}", "a header needs a colon after 'fleetify'.", seen, remedy))
    timeout = found.get("statement_timeout")
    return (
        Header(
            transactional=found.get("transaction", "on") != "off",
            irreversible="irreversible" in found,
            statement_timeout_seconds=int(timeout) if timeout else None,
        ),
        faults,
    )


def _is_comment(sql: str, offset: int) -> bool:
    """Whether the offset lies in a comment rather than, say, in a function's body."""
    return any(kind == "comment" and start <= offset < end for kind, start, end in regions(sql))


def _below_the_top(path: str, seen: str) -> Fault:
    remedy = "move it to the top of the file, above the first statement"
    return Fault(path, "a header below the first statement has no effect.", seen, remedy)


def _read_word(word: str, path: str, found: dict[str, str | None]) -> list[Fault]:
    name, equals, value = (part.strip() for part in word.partition("="))
    if name not in EXAMPLES:
        nearest = difflib.get_close_matches(name.lower(), EXAMPLES, n=1, cutoff=0.4)
        hint = f"did you mean '{EXAMPLES[nearest[0]]}'? " if nearest else ""
        remedy = f"{hint}valid are: {', '.join(EXAMPLES.values())}"
        return [Fault(path, "unknown header word.", word or "(nothing)", remedy)]
    if name in found:
        return [Fault(path, f"the header says {name} twice.", word, "keep one of them")]
    if not _value_is_valid(name, value, given=bool(equals)):
        return [Fault(path, f"the header {name} has no valid value.", word, f"write: -- fleetify: {_usage(name)}")]
    found[name] = value or None
    return []


def _value_is_valid(name: str, value: str, *, given: bool) -> bool:
    if name == "irreversible":
        return not given
    if name == "transaction":
        return value in {"on", "off"}
    return bool(re.fullmatch(r"[0-9]{1,6}", value)) and 0 < int(value) <= LONGEST_TIMEOUT_SECONDS


def _usage(name: str) -> str:
    if name == "statement_timeout":
        return f"statement_timeout=<whole seconds, 1 to {LONGEST_TIMEOUT_SECONDS}>"
    return EXAMPLES[name]
