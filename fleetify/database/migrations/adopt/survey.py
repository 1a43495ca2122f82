"""A folder as it is: which files can be migrations, which are left out and why."""

from __future__ import annotations

import glob
import os
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from fleetify.database.migrations.adopt.history import History
from fleetify.database.migrations.faults import Fault, MigrationFaultsError
from fleetify.database.migrations.folder import load_folder
from fleetify.database.migrations.ignoring import is_ignored
from fleetify.database.migrations.layouts import LAYOUTS, FileName
from fleetify.database.migrations.model import Migration
from fleetify.database.migrations.reading import Place, locate
from fleetify.database.versions import version_key

ROUNDS = 5
# What is wrong with a file that no tool would have run, so that the ledger says nothing about it.
_NEVER_RUNS = {"backup-copy", "empty", "flyway-baseline", "not-sql", "orphan-down", "repeatable"}


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A file that is no migration of the adopted folder.

    Attributes:
        file: its name in the folder; a folder's ends with a slash.
        reason: why, one sentence without subject (``has no version in front``).
        remedy: what else could be done.
        recorded: whether the ledger has its version; None where its name holds none, or it can be no migration.
    """

    file: str
    reason: str
    remedy: str
    recorded: bool | None


@dataclass(frozen=True, slots=True)
class Survey:
    """What a folder holds.

    Attributes:
        migrations: what loads once the left-out files are ignored.
        left_out: the rest, by name.
        ignore: the glob patterns that leave them out; the usual ones (README and so on) need none.
    """

    migrations: tuple[Migration, ...]
    left_out: tuple[LeftOut, ...]
    ignore: tuple[str, ...]


def guess_layout(place: Place) -> str:
    """The layout that most names of the folder fit; dbmate and Supabase differ by what is in the files."""
    names = [name for name in os.listdir(place.absolute) if name.endswith(".sql")]  # noqa: PTH208 (names only)
    fits = Counter(
        layout.id for layout in LAYOUTS.values() for name in names if isinstance(layout.read(name), FileName)
    )
    if fits["flyway"] > max(fits["supabase"], fits["dbmate"]):
        return "flyway"
    if fits["golang-migrate"] * 2 > len(names):
        return "golang-migrate"
    for name in sorted(names, reverse=True)[:20]:
        try:
            with (place.absolute / name).open(encoding="utf-8", errors="replace") as stream:
                if re.search(r"^--\s*migrate:up", stream.read(65_536), re.MULTILINE):
                    return "dbmate"
        except OSError:
            continue
    return "supabase"


def survey(folder: Path, *, root: Path, layout: str, history: History, ignore: Sequence[str] = ()) -> Survey:
    """Load the folder, leaving out what cannot be loaded.

    Args:
        folder, root, layout, ignore: as for ``load_folder``.
        history: decides which of several files with one version is the one that ran.

    Raises:
        MigrationFaultsError: the folder itself cannot be read.
        SettingsError: there is no such layout.
    """
    place = locate(folder, root)
    left_out = {item.file: item for item in _usual(place, ignore)}
    patterns = list(ignore)
    for _ in range(ROUNDS):  # leaving out a migration makes an orphan of its down script, and so on
        try:
            migrations = load_folder(folder, root=root, layout=layout, ignore=patterns)
        except MigrationFaultsError as error:
            found = [item for fault in error.faults for item in _leave_out(fault, place, layout, history)]
            fresh = [item for item in found if item.file not in left_out]
            if not fresh:
                raise
            for item in fresh:
                left_out.setdefault(item.file, item)
            patterns = [*ignore, *sorted({_pattern(item.file) for item in left_out.values() if not _is_usual(item)})]
        else:
            return Survey(migrations, tuple(left_out[name] for name in sorted(left_out)), tuple(patterns))
    raise AssertionError("each round leaves out more files, so this many cannot be needed")


def _is_usual(item: LeftOut) -> bool:
    return is_ignored(item.file.rstrip("/"), is_folder=item.file.endswith("/"))


def _usual(place: Place, ignore: Sequence[str]) -> list[LeftOut]:
    found = []
    for name in sorted(os.listdir(place.absolute)):  # noqa: PTH208 (names only)
        is_folder = (place.absolute / name).is_dir()
        if is_ignored(name, is_folder=is_folder):
            found.append(LeftOut(name, "is documentation or housekeeping", "nothing to do", None))
        elif is_ignored(name, ignore, is_folder=is_folder):
            shown = f"{name}/" if is_folder else name
            found.append(LeftOut(shown, "is ignored by your own pattern", "nothing to do", None))
    return found


def _leave_out(fault: Fault, place: Place, layout: str, history: History) -> list[LeftOut]:
    names = fault.files or (_file_name(fault.path, place),)
    kept = _the_one_that_ran(names, layout, history)
    items = []
    for name in names:
        if name == kept:
            continue
        reason = fault.problem.removeprefix("the file ").removesuffix(".")
        if fault.files:
            others = ", ".join(other for other in names if other != name)
            version = _version(name, layout)
            reason = f"shares the version {version} with {others}"
            reason += f"; the database recorded {kept}" if kept else ""
        is_folder = (place.absolute / name).is_dir() and not (place.absolute / name).is_symlink()
        version = None if is_folder or fault.kind in _NEVER_RUNS else _version(name, layout)
        recorded = None if version is None else kept is None and history.has(version)
        items.append(LeftOut(f"{name}/" if is_folder else name, reason, fault.remedy, recorded))
    return items


def _the_one_that_ran(names: Sequence[str], layout: str, history: History) -> str | None:
    """Of several files with one version the one whose name the ledger has; None where it does not say."""
    recorded = {(version_key(entry.version), entry.name) for entry in history.applied if entry.name}
    hits = []
    for name in names if len(names) > 1 else ():
        parts = LAYOUTS[layout].read(name)
        if isinstance(parts, FileName) and (version_key(parts.version), parts.name) in recorded:
            hits.append(name)
    return hits[0] if len(hits) == 1 else None


def _file_name(path: str, place: Place) -> str:
    name = path if place.relative == "." else path.removeprefix(f"{place.relative}/")
    bare = re.sub(r":[0-9]+$", "", name)
    if os.path.lexists(place.absolute / bare):
        return bare
    # A name that cannot be shown is escaped in the fault.
    shown = {ascii(entry): entry for entry in os.listdir(place.absolute)}  # noqa: PTH208 (names only)
    return shown.get(bare, bare)


def _version(name: str, layout: str) -> str | None:
    """The version in a name, also where the layout does not take it: the digits in front."""
    parts = LAYOUTS[layout].read(name)
    if isinstance(parts, FileName):
        return parts.version
    digits = re.match(r"[VU]?([0-9]+)", name)
    return digits.group(1) if digits else None


def _pattern(file: str) -> str:
    return glob.escape(file)
