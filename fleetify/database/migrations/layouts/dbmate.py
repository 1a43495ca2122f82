"""dbmate: ``20251019000000_create_sales_system.sql`` with ``-- migrate:up`` and ``-- migrate:down`` in one file.

Source of the rules: https://github.com/amacneil/dbmate#creating-migrations and its ``pkg/dbmate/parse.go``.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from fleetify.database.migrations.faults import Fault
from fleetify.database.migrations.layouts.base import LONGEST_VERSION, FileName, Unmatched, unmatched
from fleetify.database.migrations.text import has_statement, line_and_column

_NAME = re.compile(r"([0-9]+)_(.+?)\.sql", re.DOTALL)
_BLOCK = re.compile(r"^--[ \t]*migrate:(\S*)([^\n]*)$", re.MULTILINE)


class Dbmate:
    """The layout of ``db/migrations``."""

    id = "dbmate"
    example = "20251019000000_create_sales_system.sql"
    down_may_differ = False

    def read(self, filename: str) -> FileName | Unmatched:
        """Version: the digits in front."""
        refusal = unmatched(filename, self.example)
        match = _NAME.fullmatch(filename)
        if match is None or refusal.kind == "backup-copy" or len(match.group(1)) > LONGEST_VERSION:
            return refusal
        return FileName(match.group(1), match.group(2), "both")

    def down_name(self, filename: str) -> str | None:
        """In the same file."""
        return None


@dataclass(frozen=True, slots=True)
class Divided:
    """One dbmate file, divided.

    Attributes:
        up_sql, down_sql: the text from each marker on, the marker's own line included: it says whether there is a
            transaction. ``down_sql`` is None where there is no marker or nothing to run below it.
        up_line, down_line: the 1-based line at which each starts.
        preamble: what stands above the first marker: comments.
    """

    up_sql: str
    up_line: int
    down_sql: str | None
    down_line: int
    preamble: str


def divide(text: str, path: str) -> Divided | list[Fault]:
    """The up and down parts of a dbmate file, or what is wrong with its markers."""
    blocks = list(_BLOCK.finditer(text))
    faults = [fault for block in blocks for fault in _read_block(text, block, path)]
    words = [block.group(1) for block in blocks]
    if not faults and words not in (["up"], ["up", "down"]):
        seen = ", ".join(f"migrate:{word}" for word in words) or "no marker"
        remedy = "write one '-- migrate:up' and below its SQL one '-- migrate:down', each at the start of a line"
        faults.append(Fault(path, "the dbmate markers are not one up and, after it, at most one down.", seen, remedy))
    preamble = text[: blocks[0].start()] if blocks else text
    if blocks and has_statement(preamble):
        remedy = "move the SQL below the marker; above it dbmate allows only comments"
        faults.append(Fault(path, "there is SQL above '-- migrate:up'.", preamble.strip()[:60], remedy))
    if faults:
        return faults
    up, down = blocks[0], blocks[1] if len(blocks) > 1 else None
    down_sql = text[down.start() :] if down else None
    return Divided(
        up_sql=text[up.start() : down.start() if down else len(text)],
        up_line=line_and_column(text, up.start())[0],
        down_sql=down_sql if down_sql is not None and has_statement(down_sql) else None,
        down_line=line_and_column(text, down.start())[0] if down else 1,
        preamble=preamble,
    )


def _read_block(text: str, block: re.Match[str], path: str) -> list[Fault]:
    where = f"{path}:{line_and_column(text, block.start())[0]}"
    word, options = block.group(1), block.group(2).split()
    if word not in {"up", "down"}:
        return [Fault(where, "unknown dbmate marker.", f"migrate:{word}", "write -- migrate:up or -- migrate:down")]
    unknown = [option for option in options if option not in {"transaction:true", "transaction:false"}]
    if unknown:
        return [Fault(where, "unknown option of a dbmate marker.", unknown[0], "the only option is transaction:false")]
    return []
