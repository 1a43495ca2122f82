"""The schema as text, the same text for the same schema: ``pg_dump --schema-only`` without the ledger."""

from __future__ import annotations

import difflib
import hashlib
from dataclasses import dataclass

from fleetify.database.processes import run_tool
from fleetify.database.schema.ledger import LEDGER_SCHEMAS
from fleetify.database.tools import Tools, find_tools
from fleetify.errors import ToolError

DIFF_LINES = 40
TIMEOUT_SECONDS = 300
# Newer minor releases print a random token that psql checks; a fixed one keeps dumps comparable.
RESTRICT_KEY = "fleetify"
_FIRST_WITH_RESTRICT_KEY = {13: 22, 14: 19, 15: 14, 16: 10, 17: 6}


@dataclass(frozen=True, slots=True)
class SchemaDump:
    """A schema's text and the sha256 of it, hex."""

    text: str
    digest: str


def dump_schema(url: str, server_major: int | None = None) -> SchemaDump:
    """The schema of a database, ledger aside, owners and privileges included.

    Raises:
        ToolError: ``pg_dump`` is missing, older than the server, or failed.
    """
    tools = find_tools(server_major)
    arguments = ["--schema-only", *(f"--exclude-schema={schema}" for schema in LEDGER_SCHEMAS)]
    if _takes_restrict_key(tools):
        arguments.append(f"--restrict-key={RESTRICT_KEY}")
    with run_tool(tools.pg_dump, arguments, url, timeout_seconds=TIMEOUT_SECONDS) as process:
        output = process.stdout.read() if process.stdout else b""
        if process.wait() != 0:
            raise ToolError("pg_dump could not read the schema.", seen=process.errors[:500])
    return SchemaDump(output.decode("utf-8", "replace"), hashlib.sha256(output).hexdigest())


def _takes_restrict_key(tools: Tools) -> bool:
    major, _, minor = tools.version.partition(".")
    first = _FIRST_WITH_RESTRICT_KEY.get(int(major))
    return int(major) > max(_FIRST_WITH_RESTRICT_KEY) or (first is not None and int(minor or 0) >= first)


def schema_difference(before: SchemaDump, after: SchemaDump) -> list[str]:
    """The first lines of a unified diff; empty where the schemas are the same byte for byte."""
    if before.digest == after.digest:
        return []
    lines = difflib.unified_diff(before.text.splitlines(), after.text.splitlines(), "before", "after", lineterm="", n=1)
    return [line for line, _ in zip(lines, range(DIFF_LINES), strict=False)]
