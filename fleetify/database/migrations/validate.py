"""Whether a migration can run at all: it parses, is plain SQL, and suits the transaction that it asks for."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from pglast import ast

from fleetify.database.migrations.model import Finding, Migration
from fleetify.database.migrations.sql import SqlSyntaxError, Statement, parse, walk
from fleetify.database.migrations.text import blank, line_and_column
from fleetify.database.migrations.transactions import begins_transaction, ends_transaction, refuses_transaction

_META_ANYWHERE = re.compile(r"\\(?P<command>[A-Za-z!?.][A-Za-z]*)")
_META_COMMAND = re.compile(rf"^[ \t]*{_META_ANYWHERE.pattern}", re.MULTILINE)
_COPY_STDIN = re.compile(r"\bcopy\b[^;]*?\bfrom\s+stdin\b", re.IGNORECASE)
_RESTRICT = {"restrict", "unrestrict"}
SHOWN_AT_MOST = 80
RULES = {
    "syntax": "The file parses with PostgreSQL's grammar (version 18).",
    "psql-meta-command": "No psql command such as `\\i`, `\\copy` or `\\restrict`: psql has no part in a migration.",
    "copy-from-stdin": "No `COPY … FROM stdin` with data behind it: write `INSERT … VALUES`.",
    "transaction-control": (
        "No `BEGIN` or `COMMIT` in a file that runs in a transaction; in one with `transaction=off` they come in pairs."
    ),
    "needs-no-transaction": (
        "A statement that PostgreSQL refuses inside a transaction (`CREATE INDEX CONCURRENTLY`, `VACUUM`,"
        " `ALTER SYSTEM`, …) is in a file with `-- fleetify: transaction=off`."
    ),
    "enum-value-used": "A value added to an enum is used only in a later migration.",
}
"""What ``validate`` finds: rule to statement. All are errors, and none can be ignored: the file could not run."""


@dataclass(frozen=True, slots=True)
class ScriptOfMigration:
    """One direction of a migration.

    Attributes:
        sql: the script.
        path: the file it is in.
        first_line: the line of the file at which it starts.
        transactional: whether it runs inside a transaction.
    """

    sql: str
    path: str
    first_line: int
    transactional: bool

    def error(self, rule: str, line: int, message: str, remedy: str) -> Finding:
        """An error at a line of the script."""
        return Finding(rule, "error", self.path, line + self.first_line - 1, message, remedy)


def scripts_of(migration: Migration) -> tuple[ScriptOfMigration, ...]:
    """The up script and, where there is one, the down script."""
    up = ScriptOfMigration(migration.up_sql, migration.path, migration.up_line, migration.transactional)
    if migration.down_sql is None:
        return (up,)
    path = migration.down_path or migration.path
    down = ScriptOfMigration(migration.down_sql, path, migration.down_line, migration.down_transactional)
    return (up, down)


def validate(migration: Migration) -> list[Finding]:
    """What keeps the migration or its way back from running; empty where nothing does.

    The lines of the findings are those of the files; the rules are those of ``RULES``.
    """
    return [finding for script in scripts_of(migration) for finding in validate_script(script)]


def validate_script(script: ScriptOfMigration) -> list[Finding]:
    """The same for one script."""
    try:
        statements = parse(script.sql)
    except SqlSyntaxError as error:
        return [_explain(script, error)]
    findings = [*_copy(script, statements), *_transaction_control(script, statements)]
    if script.transactional:
        findings += _needs_no_transaction(script, statements)
        findings += _enum_values(script, statements)
    return sorted(findings, key=lambda finding: finding.line or 0)


def _explain(script: ScriptOfMigration, error: SqlSyntaxError) -> Finding:
    """The finding for SQL that does not parse, in words that fit what was probably meant."""
    plain = blank(script.sql, "comment", "string", "identifier")
    meta, copy = _META_COMMAND.search(plain), _COPY_STDIN.search(plain)
    if meta is None and plain.startswith("\\", error.offset):
        meta = _META_ANYWHERE.match(plain, error.offset)  # such as a \gexec behind a query
    if meta and (copy is None or meta.start() < copy.start()):
        command = meta.group("command")
        line, _ = line_and_column(script.sql, meta.start())
        remedy = "write it in SQL: the server gets the file as it is, psql has no part in it"
        if command in _RESTRICT:
            remedy = "delete the line: pg_dump writes it for psql only"
        elif command in {"i", "ir", "include"}:
            remedy = "paste that file's SQL here, so that this file's checksum covers it"
        elif command == "copy":
            remedy = "write the rows as INSERT … VALUES, or load them with a job of its own"
        message = f"\\{command} is a command of psql, not SQL"
        return script.error("psql-meta-command", line, message, remedy)
    if copy and copy.start() <= error.offset:
        line, _ = line_and_column(script.sql, copy.start())
        return _copy_finding(script, line)
    line, column = line_and_column(script.sql, error.offset)
    remedy = "mend the SQL; the grammar is that of PostgreSQL 18"
    if script.sql[error.offset : error.offset + 1] == ":":
        remedy = "psql variables (:name) do not work here; write the value"
    return script.error("syntax", line, f"column {column}: {error.message[:200]}", remedy)


def _copy_finding(script: ScriptOfMigration, line: int) -> Finding:
    return script.error(
        "copy-from-stdin",
        line,
        "COPY with inline data needs psql, which has no part in a migration",
        "write the rows as INSERT … VALUES (pg_dump --inserts does), or load them with a job of its own",
    )


def _copy(script: ScriptOfMigration, statements: tuple[Statement, ...]) -> Iterator[Finding]:
    for statement in statements:
        node: Any = statement.node
        if isinstance(node, ast.CopyStmt) and node.filename is None:
            yield _copy_finding(script, statement.line)


def _transaction_control(script: ScriptOfMigration, statements: tuple[Statement, ...]) -> Iterator[Finding]:
    open_since: Statement | None = None
    for statement in statements:
        begins, ends = begins_transaction(statement.node), ends_transaction(statement.node)
        if not begins and not ends:
            inside = refuses_transaction(statement.node) if open_since else None
            if inside:
                remedy = "move it out of the transaction"
                yield script.error("needs-no-transaction", statement.line, f"{inside} runs in a transaction", remedy)
            continue
        shown = " ".join(statement.text.split())[:SHOWN_AT_MOST]
        if script.transactional:
            message = f"{shown}: the file already runs in a transaction, with its ledger entry"
            remedy = "remove it, or put '-- fleetify: transaction=off' at the top to run without one"
            yield script.error("transaction-control", statement.line, message, remedy)
        elif begins and open_since:
            message = f"{shown}: a transaction is open since line {open_since.line + script.first_line - 1}"
            yield script.error("transaction-control", statement.line, message, "commit that one first")
        elif ends and not open_since:
            yield script.error("transaction-control", statement.line, f"{shown}: no transaction is open", "remove it")
        open_since = statement if begins else None
    if open_since and not script.transactional:
        message = "the transaction that begins here never ends"
        yield script.error("transaction-control", open_since.line, message, "add COMMIT")


def _needs_no_transaction(script: ScriptOfMigration, statements: tuple[Statement, ...]) -> Iterator[Finding]:
    for statement in statements:
        name = refuses_transaction(statement.node)
        if name:
            message = f"{name} cannot run inside a transaction"
            remedy = "move it to a file of its own with '-- fleetify: transaction=off' at the top"
            yield script.error("needs-no-transaction", statement.line, message, remedy)


def _enum_values(script: ScriptOfMigration, statements: tuple[Statement, ...]) -> Iterator[Finding]:
    """A value added to an existing enum can be used only after the transaction that added it."""
    created: set[str] = set()
    added: dict[str, Statement] = {}
    for statement in statements:
        node: Any = statement.node
        if isinstance(node, ast.CreateEnumStmt):
            created.add(_last_name(node.typeName))
        elif isinstance(node, ast.AlterEnumStmt):
            if node.newVal is not None and node.oldVal is None and _last_name(node.typeName) not in created:
                added[node.newVal] = statement
        elif added:
            for value in sorted(_literals(node) & added.keys()):
                message = f"the enum value '{value}' is used in the transaction that adds it"
                line = added[value].line + script.first_line - 1
                remedy = f"move the ALTER TYPE … ADD VALUE of line {line} to a migration of its own before this one"
                yield script.error("enum-value-used", statement.line, message, remedy)


def _last_name(names: Any) -> str:
    """The name of a possibly schema-qualified object."""
    return str(names[-1].sval)


def _literals(node: ast.Node) -> set[str]:
    """The string constants of a statement; those in the body of a DO block as well, for it runs at once."""
    found = {str(item.sval) for item in walk(node) if isinstance(item, ast.String)}
    if isinstance(node, ast.DoStmt):
        for body in tuple(found):
            found |= set(re.findall(r"'([^']*)'", body))
    return found
