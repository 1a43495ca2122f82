"""The report of an adoption: what was found, what to mind, and the config that takes the project as it is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import psycopg

from fleetify.database.migrations.adopt.history import History, history_of, reading
from fleetify.database.migrations.adopt.live import live_tables, missing_extensions
from fleetify.database.migrations.adopt.platform import PLATFORM_SCHEMAS, PlatformUse, platform_uses
from fleetify.database.migrations.adopt.survey import LeftOut, Survey, guess_layout, survey
from fleetify.database.migrations.layouts import layout_named
from fleetify.database.migrations.lint.catalogue import Catalogue
from fleetify.database.migrations.lint.replay import Replay
from fleetify.database.migrations.model import Finding, Migration
from fleetify.database.migrations.reading import locate
from fleetify.database.migrations.sql import SqlSyntaxError, parse
from fleetify.database.migrations.validate import validate
from fleetify.database.versions import version_key


@dataclass(frozen=True, slots=True)
class Adoption:
    """What an adoption found.

    Attributes:
        folder: relative to the project.
        layout: given or guessed.
        ledger: the table that says what has run; None where there is none.
        applied: how many versions it has.
        through: the version up to which the live database is trusted; None where there is nothing to trust.
        left_out: files that are no migrations, and why.
        only_in_database: versions that have run and have no file.
        unrecorded: files up to the baseline that the ledger does not have; they will never run.
        pending: files above the baseline: what the next releases apply.
        without_down: of ``pending`` those without a way back.
        cannot_run: of ``pending`` what keeps them from running.
        history_faults: the same of older files, which nobody runs any more.
        platform: statements that touch the platform's schemas or need extensions.
        missing_extensions: extensions that the files create and the server does not offer.
        pruned: tables that files change and no file creates: ``schema.table`` and the place.
        tables_without_file: tables of the live database that no file creates.
        tables_missing: tables that recorded files create and the live database does not have.
        ignore: patterns for the config.
        problems: what somebody has to decide before the first release; empty means ready.
    """

    folder: str
    layout: str
    ledger: str | None
    applied: int
    through: str | None
    left_out: tuple[LeftOut, ...]
    only_in_database: tuple[str, ...]
    unrecorded: tuple[str, ...]
    pending: tuple[str, ...]
    without_down: tuple[str, ...]
    cannot_run: tuple[Finding, ...]
    history_faults: tuple[Finding, ...]
    platform: tuple[PlatformUse, ...]
    missing_extensions: tuple[str, ...]
    pruned: tuple[tuple[str, str], ...]
    tables_without_file: tuple[str, ...]
    tables_missing: tuple[str, ...]
    ignore: tuple[str, ...]
    problems: tuple[str, ...]

    def as_json(self) -> dict[str, Any]:
        """Plain JSON values."""
        return asdict(self)


def adopt(url: str, folder: Path, *, root: Path, layout: str | None = None, ignore: Sequence[str] = ()) -> Adoption:
    """Look at a folder and its live database, and say how to take them as they are. Changes nothing.

    Args:
        url: of the live database.
        folder: the migrations folder, inside ``root``.
        root: the project's folder.
        layout: guessed from the folder where None.
        ignore: patterns that the project has already.

    Raises:
        DatabaseError: the server does not answer, refuses, or fails a query.
        MigrationFaultsError: the folder itself cannot be read.
        SettingsError: there is no such layout.
    """
    place = locate(folder, root)
    layout = layout_named(layout).id if layout else guess_layout(place)
    with reading(url) as conn:
        history = history_of(conn, layout)
        found = survey(folder, root=root, layout=layout, history=history, ignore=ignore)
        return _report(conn, place.relative, layout, history, found)


def _report(conn: psycopg.Connection, folder: str, layout: str, history: History, found: Survey) -> Adoption:
    tables = live_tables(conn)
    through = _through(history, found, has_tables=bool(tables))
    below = [item for item in found.migrations if through and version_key(item.version) <= version_key(through)]
    pending = found.migrations[len(below) :]
    catalogue, uses = _replay(found.migrations)
    extensions = {use.what.removeprefix("extension ") for use in uses if use.what.startswith("extension ")}
    created = {name for name, table in catalogue.tables.items() if table.path}
    expected = _created_by([item for item in below if history.has(item.version)])
    missing = missing_extensions(conn, extensions)
    unrecorded = tuple(item.path for item in below if history.table and not history.has(item.version))
    return Adoption(
        folder=folder,
        layout=layout,
        ledger=history.table,
        applied=len(history.applied),
        through=through,
        left_out=found.left_out,
        only_in_database=_without_file(history, found),
        unrecorded=unrecorded,
        pending=tuple(item.path for item in pending),
        without_down=tuple(item.path for item in pending if item.down_sql is None and not item.irreversible),
        cannot_run=tuple(finding for item in pending for finding in validate(item)),
        history_faults=tuple(finding for item in below for finding in validate(item)),
        platform=tuple(uses),
        missing_extensions=tuple(sorted(missing)),
        pruned=_pruned(catalogue),
        tables_without_file=_labels(tables - created),
        tables_missing=_labels(expected - tables),
        ignore=found.ignore,
        problems=tuple(_problems(history, found, through, pending, unrecorded, bool(tables))),
    )


def _through(history: History, found: Survey, *, has_tables: bool) -> str | None:
    if history.applied:
        return history.applied[-1].version
    if has_tables and found.migrations:
        return found.migrations[-1].version
    return None


def _replay(migrations: Sequence[Migration]) -> tuple[Catalogue, list[PlatformUse]]:
    catalogue = Catalogue()
    uses: list[PlatformUse] = []
    for migration in migrations:
        try:
            statements = parse(migration.up_sql)
        except SqlSyntaxError:
            continue
        Replay(catalogue, migration.path).run(statements)
        uses += platform_uses(migration, statements)
    return catalogue, uses


def _created_by(migrations: Sequence[Migration]) -> set[tuple[str, str]]:
    catalogue, _ = _replay(migrations)
    return {name for name, table in catalogue.tables.items() if table.path and name[0] not in PLATFORM_SCHEMAS}


def _pruned(catalogue: Catalogue) -> tuple[tuple[str, str], ...]:
    return tuple(
        (table.label, f"{table.first_changed[0]}:{table.first_changed[1]}")
        for table in catalogue.tables.values()
        if not table.path and table.first_changed and table.name[0] not in PLATFORM_SCHEMAS
    )


def _without_file(history: History, found: Survey) -> tuple[str, ...]:
    present = {version_key(item.version) for item in found.migrations}
    present |= {version_key(item.file) for item in found.left_out if item.recorded}
    return tuple(
        f"{entry.version} {entry.name or ''}".rstrip()
        for entry in history.applied
        if version_key(entry.version) not in present
        and not any(item.file.startswith((f"{entry.version}_", f"{entry.version}-")) for item in found.left_out)
    )


def _labels(names: set[tuple[str, str]]) -> tuple[str, ...]:
    return tuple(sorted(".".join(name) for name in names))


def _problems(
    history: History,
    found: Survey,
    through: str | None,
    pending: Sequence[Migration],
    unrecorded: Sequence[str],
    has_tables: bool,
) -> list[str]:
    problems = list(history.faults)
    problems += [
        f"the ledger has the version {version!r}, which no file name can have" for version in history.unreadable
    ]
    if not history.applied and has_tables:
        problems.append(
            "the database has tables but no record of what ran; the baseline below assumes that all files have run"
            if through
            else "the database has tables, but there is neither a record of what ran nor a file"
        )
    problems += [
        f"{item.file} is left out and not recorded: if it is still to run, rename it above {through or '0'};"
        f" else --ignore '{item.file}'"
        for item in found.left_out
        if item.recorded is False
    ]
    problems += [
        f"{path} is below the baseline and not recorded: if it is still to run, rename it above {through}"
        for path in unrecorded
    ]
    problems += [
        f"{finding.path}:{finding.line} cannot run: {finding.message}" for item in pending for finding in validate(item)
    ]
    return problems
