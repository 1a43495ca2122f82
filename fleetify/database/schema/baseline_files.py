"""The files of the baseline, and one digest that stands for all of them."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path

from fleetify.database.migrations.folder import load_folder
from fleetify.database.migrations.model import Migration
from fleetify.database.versions import version_key
from fleetify.settings import MigrationsSettings


def baseline_files(project: Path, rules: MigrationsSettings) -> tuple[Migration, ...]:
    """The files up to the baseline, in order; none without one, or where the live database is trusted.

    Raises:
        MigrationFileError: the folder has faults; all at once.
    """
    baseline = rules.baseline
    if baseline is None or baseline.trust == "live":
        return ()
    through = version_key(baseline.through)
    files = load_folder(project / rules.folder, root=project, layout=rules.layout, ignore=rules.ignore)
    return tuple(migration for migration in files if version_key(migration.version) <= through)


def baseline_digest(migrations: Sequence[Migration]) -> str:
    """One sha256 over versions and checksums, hex: what state keeps instead of a thousand of them."""
    lines = "".join(f"{migration.version} {migration.checksum}\n" for migration in migrations)
    return hashlib.sha256(lines.encode()).hexdigest()
