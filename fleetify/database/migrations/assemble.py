"""From scripts to a migration: headers, checksums, dbmate's halves."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass

from fleetify.database.migrations.faults import Fault
from fleetify.database.migrations.headers import Header, read_header
from fleetify.database.migrations.layouts import FileName, Layout
from fleetify.database.migrations.layouts.dbmate import divide
from fleetify.database.migrations.model import Migration
from fleetify.database.migrations.text import has_statement, line_and_column

_OTHER_MARKERS = re.compile(r"^--[ \t]*(?:migrate:down|\+(?:goose|micrate) Down)\b", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Script:
    """The text of a file.

    Attributes:
        path: relative to the project.
        text: line ends normalised.
        line: the 1-based line of the file at which the text starts.
    """

    path: str
    text: str
    line: int = 1


def assemble(layout: Layout, parts: FileName, up: Script, down: Script | None) -> Migration | list[Fault]:
    """The migration that an up script and its down script make, or what is wrong with them.

    Args:
        layout: the folder's.
        parts: of the up script's name.
        up: the up script; the whole file where the layout keeps both in one.
        down: the down script.
    """
    preamble = ""
    foreign = _other_tools_marker(layout, up)
    if foreign:
        return [foreign]
    if layout.down_name("") is None:
        divided = divide(up.text, up.path)
        if isinstance(divided, list):
            return [*_empty([up]), *divided] if has_statement(up.text) else _empty([up])
        preamble = divided.preamble
        if divided.down_sql is not None:
            down = Script(up.path, divided.down_sql, divided.down_line)
        up = Script(up.path, divided.up_sql, divided.up_line)
    faults = _empty([up] if down is None else [up, down])
    header, up_faults = _header(up, preamble)
    faults += up_faults
    down_header = Header()
    if down is not None:
        down_header, down_faults = _header(down)
        faults += down_faults
        faults += _contradictions(up, down, header, down_header)
    if faults:
        return faults
    return Migration(
        version=parts.version,
        name=parts.name,
        path=up.path,
        up_sql=up.text,
        down_sql=down.text if down else None,
        down_path=down.path if down else None,
        checksum=checksum(up.text),
        down_checksum=checksum(down.text) if down else None,
        transactional=header.transactional,
        irreversible=header.irreversible,
        statement_timeout_seconds=header.statement_timeout_seconds,
        down_transactional=down_header.transactional,
        down_statement_timeout_seconds=down_header.statement_timeout_seconds,
        up_line=up.line,
        down_line=down.line if down else 1,
    )


def _other_tools_marker(layout: Layout, up: Script) -> Fault | None:
    """A file that holds its way back below a marker which this layout does not know: both halves would run."""
    match = _OTHER_MARKERS.search(up.text)
    if match is None or layout.id == "dbmate":
        return None
    path = f"{up.path}:{line_and_column(up.text, match.start())[0]}"
    remedy = "set fleetify:migrations.layout to dbmate, or move the way back into a file of its own"
    return Fault(path, f"the file has a marker that the layout {layout.id} does not know.", match.group(), remedy)


def checksum(sql: str) -> str:
    """sha256 of the text in UTF-8, hex."""
    return hashlib.sha256(sql.encode()).hexdigest()


def _header(script: Script, preamble: str = "") -> tuple[Header, list[Fault]]:
    return read_header(preamble + script.text, script.path, first_line=script.line - preamble.count("\n"))


def _empty(scripts: list[Script]) -> list[Fault]:
    return [
        Fault(
            script.path,
            "the file holds nothing to run.",
            "only comments" if script.text.strip() else "empty",
            "write its SQL, or delete the file; a way back that has nothing to do is: select 1;",
            kind="empty",
        )
        for script in scripts
        if not has_statement(script.text)
    ]


def _contradictions(up: Script, down: Script, header: Header, down_header: Header) -> list[Fault]:
    if down_header.irreversible:
        remedy = "put it at the top of the up script and delete the down script"
        return [Fault(down.path, "a down script cannot be irreversible.", "-- fleetify: irreversible", remedy)]
    if header.irreversible:
        remedy = "remove the header, or delete the down script"
        return [Fault(up.path, "the migration says irreversible and has a down script.", down.path, remedy)]
    return []
