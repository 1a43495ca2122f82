"""What one migration is, whatever layout its folder has."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Migration:
    """One migration file with its way back.

    Attributes:
        version: what orders it, as written in the file name (``20251019000000``; Flyway's dots kept).
        name: the rest of the file name (``create_sales_system``).
        path: the up file, relative to the project, with forward slashes.
        up_sql: the SQL to apply, line ends normalised; for dbmate the part from ``-- migrate:up`` on.
        down_sql: the SQL of the way back; None where there is none.
        down_path: the file it came from; the up file for layouts that keep both in one.
        checksum: sha256 of ``up_sql`` in UTF-8, hex. Line ends are normalised first, so that a checkout on another
            system is the same migration.
        down_checksum: the same for ``down_sql``; None where there is none.
        transactional: False where the header says ``-- fleetify: transaction=off``.
        irreversible: True where the header says ``-- fleetify: irreversible``.
        statement_timeout_seconds: from the header ``-- fleetify: statement_timeout=<seconds>``; None for the default.
        down_transactional, down_statement_timeout_seconds: the same headers of the down script. A down script that was
            read from a ledger says so itself: ``headers.read_header(down_sql, path)``.
        up_line, down_line: the 1-based lines of the files at which the scripts start: 1 but for dbmate.
    """

    version: str
    name: str
    path: str
    up_sql: str
    down_sql: str | None
    down_path: str | None
    checksum: str
    down_checksum: str | None
    transactional: bool = True
    irreversible: bool = False
    statement_timeout_seconds: int | None = None
    down_transactional: bool = True
    down_statement_timeout_seconds: int | None = None
    up_line: int = 1
    down_line: int = 1

    @property
    def label(self) -> str:
        """``<version>_<name>``, how people refer to it."""
        return f"{self.version}_{self.name}"


@dataclass(frozen=True, slots=True)
class Finding:
    """What lint found in one migration.

    Attributes:
        rule: the rule's id (``require-rls``; squawk's own ids keep their names).
        level: ``error`` stops the release, ``warning`` is reported.
        path: the file.
        line: 1-based; None where the finding is about the whole file.
        message: what is wrong.
        remedy: how to mend it.
    """

    rule: str
    level: str
    path: str
    line: int | None
    message: str
    remedy: str
