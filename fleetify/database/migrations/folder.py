"""Reading a migrations folder, or one file of it. No SQL is parsed here: that is ``sql.py`` and lint."""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path

from fleetify.database.migrations.assemble import Script, assemble
from fleetify.database.migrations.faults import Fault, refuse
from fleetify.database.migrations.ignoring import is_ignored
from fleetify.database.migrations.layouts import FileName, Layout, Unmatched, layout_named
from fleetify.database.migrations.model import Migration
from fleetify.database.migrations.reading import Place, locate, read_script
from fleetify.database.versions import VersionKey, version_key

# A file name with its parts.
_Entry = tuple[str, FileName]


def load_folder(folder: Path, *, root: Path, layout: str, ignore: Sequence[str] = ()) -> tuple[Migration, ...]:
    """All migrations of a folder, in the order of their versions.

    Args:
        folder: the folder, absolute or relative to ``root``; it must lie inside ``root``.
        root: the project's folder; paths in the result and in messages are relative to it.
        layout: ``supabase``, ``dbmate``, ``golang-migrate`` or ``flyway``.
        ignore: glob patterns of files (relative to the folder) that are no migrations, besides the usual
            (``README*``, ``*.md``, ``.gitkeep`` and the like).

    Raises:
        MigrationFaultsError: with every fault of every file.
        SettingsError: there is no such layout.
    """
    kind = layout_named(layout)
    place = locate(folder, root)
    listing = _Listing(layout=kind)
    for name in _names(place):
        is_folder = (place.absolute / name).is_dir()
        if not is_ignored(name, ignore, is_folder=is_folder):
            listing.add(name, place, is_folder=is_folder)
    faults = listing.faults
    faults += _duplicates(listing.ups.items(), place, "version")
    faults += _duplicates(listing.downs.items(), place, "down script")
    migrations: list[Migration] = []
    for version, ups in listing.ups.items():
        downs = listing.downs.get(version, [])
        scripts = [read_script(place, filename) for filename, _ in [*ups, *downs]]
        broken = [script for script in scripts if isinstance(script, Fault)]
        faults += broken
        if broken or len(ups) > 1 or len(downs) > 1:
            continue
        expected = kind.down_name(ups[0][0])
        if downs and not kind.down_may_differ and downs[0][0] != expected:
            seen, remedy = f"its migration is {ups[0][0]}", f"rename it {expected}"
            path = place.path_of(downs[0][0])
            faults.append(Fault(path, "the down script's name differs from its migration's.", seen, remedy))
            continue
        up, *down = (script for script in scripts if isinstance(script, Script))
        found = assemble(kind, ups[0][1], up, down[0] if down else None)
        if isinstance(found, Migration):
            migrations.append(found)
        else:
            faults += found
    for version, downs in listing.downs.items():
        if version not in listing.ups:
            faults += [_orphan(kind, place.path_of(filename), parts) for filename, parts in downs]
    migrations.sort(key=lambda migration: version_key(migration.version))
    faults += _ambiguous_order(kind, migrations)
    refuse(sorted(faults, key=lambda fault: fault.path))
    return tuple(migrations)


def load_migration(path: Path, *, root: Path, layout: str) -> Migration:
    """One migration, with its down script, without reading the rest of the folder.

    Args:
        path: the up file, absolute or relative to ``root``.
        root: the project's folder.
        layout: as in ``load_folder``.

    Raises:
        MigrationFaultsError: the file or its down script is wrong.
        SettingsError: there is no such layout.
    """
    kind = layout_named(layout)
    place = locate(path.parent, root)
    here = place.path_of(path.name if path.name.isprintable() else ascii(path.name))
    if not path.name.isprintable():
        refuse([Fault(here, "the file name holds characters that cannot be shown.", ascii(path.name), "rename it")])
    parts = kind.read(path.name)
    if isinstance(parts, Unmatched):
        refuse([Fault(here, f"the file {parts.reason}", repr(path.name), parts.remedy)])
    assert isinstance(parts, FileName)  # noqa: S101 (refuse has raised otherwise)
    if parts.direction == "down":
        refuse([Fault(here, "this is a down script, not a migration.", path.name, "name the up script")])
    downs = _find_downs(kind, place, path.name, parts)
    refuse(_duplicates([(version_key(parts.version), downs)], place, "down script"))
    scripts = [read_script(place, path.name), *(read_script(place, filename) for filename, _ in downs)]
    refuse([script for script in scripts if isinstance(script, Fault)])
    up, *down = (script for script in scripts if isinstance(script, Script))
    found = assemble(kind, parts, up, down[0] if down else None)
    if isinstance(found, Migration):
        return found
    refuse(found)
    raise AssertionError("assemble returned neither a migration nor a fault")


@dataclass
class _Listing:
    """A folder's file names, sorted into up and down scripts by what identifies a version."""

    layout: Layout
    ups: dict[object, list[_Entry]] = field(default_factory=lambda: defaultdict(list))
    downs: dict[object, list[_Entry]] = field(default_factory=lambda: defaultdict(list))
    faults: list[Fault] = field(default_factory=list)

    def add(self, name: str, place: Place, *, is_folder: bool) -> None:
        path = place.path_of(name)
        if not name.isprintable():
            path = place.path_of(ascii(name))
            problem = "the file name holds characters that cannot be shown."
            self.faults.append(Fault(path, problem, ascii(name), "rename it"))
            return
        if is_folder:
            remedy = f"move its files up, or list '{name}/' under 'ignore'"
            self.faults.append(Fault(path, "this is a folder; nested folders are not read.", "a folder", remedy))
            return
        parts = self.layout.read(name)
        if isinstance(parts, Unmatched):
            self.faults.append(Fault(path, f"the file {parts.reason}", repr(name), parts.remedy, kind=parts.kind))
        elif parts.direction == "down":
            self.downs[identity(parts.version)].append((name, parts))
        else:
            self.ups[identity(parts.version)].append((name, parts))


def identity(version: str) -> VersionKey:
    """Equal for spellings of the same version: Flyway's 1.0 is 1."""
    key = version_key(version)
    while len(key) > 1 and key[-1] == 0:
        key = key[:-1]
    return key


def _duplicates(found: Iterable[tuple[object, list[_Entry]]], place: Place, what: str) -> list[Fault]:
    faults = []
    for _, entries in found:
        if len(entries) > 1:
            remedy = "give every file but one a version of its own; one that has run keeps its version"
            if what == "down script":
                remedy = "keep one down script for the version"
            (first, parts), count = entries[0], len(entries)
            problem = f"the {what} {parts.version} is there {count} times."
            names = tuple(name for name, _ in entries)
            faults.append(Fault(place.path_of(first), problem, ", ".join(names), remedy, names))
    return faults


def _orphan(layout: Layout, path: str, parts: FileName) -> Fault:
    return Fault(
        path,
        "this down script has no migration.",
        f"version {parts.version}, and no up script with it",
        f"name it after its migration ({layout.down_name(layout.example)} for {layout.example}), or delete it",
        kind="orphan-down",
    )


def _find_downs(layout: Layout, place: Place, filename: str, parts: FileName) -> list[_Entry]:
    expected = layout.down_name(filename)
    if expected is None:
        return []
    if not layout.down_may_differ:
        return [(expected, parts)] if os.path.lexists(place.absolute / expected) else []
    wanted = identity(parts.version)
    read = [(name, layout.read(name)) for name in _names(place)]
    return [
        (name, other)
        for name, other in read
        if isinstance(other, FileName) and other.direction == "down" and identity(other.version) == wanted
    ]


def _names(place: Place) -> list[str]:
    try:
        with os.scandir(place.absolute) as entries:
            return sorted(entry.name for entry in entries)
    except OSError as error:
        remedy = f"chmod u+rx '{place.relative}'"
        refuse([Fault(place.relative, "the folder cannot be listed.", error.strerror, remedy)])
        raise


def _ambiguous_order(layout: Layout, migrations: Sequence[Migration]) -> list[Fault]:
    """Where dbmate, which orders by text, would run files in another order than their numbers say."""
    if layout.id != "dbmate":
        return []
    return [
        Fault(
            later.path,
            "dbmate orders versions by text, which differs from the order of their numbers here.",
            f"{earlier.version} is the smaller number, {later.version} the earlier text",
            "give all versions the same number of digits",
        )
        for earlier, later in pairwise(migrations)
        if earlier.version > later.version
    ]
