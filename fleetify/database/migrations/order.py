"""Which migrations are still to run, and whether files and ledger agree on the order."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from fleetify.database.migrations.faults import Fault
from fleetify.database.migrations.folder import identity
from fleetify.database.migrations.model import Migration
from fleetify.database.versions import version_key


def pending(
    migrations: Sequence[Migration], applied_versions: Collection[str], *, baseline: str | None = None
) -> tuple[Migration, ...]:
    """The migrations that the database does not have, in order.

    Args:
        migrations: those of the folder.
        applied_versions: what the ledger has.
        baseline: versions up to this one count as applied.
    """
    applied = {identity(version) for version in applied_versions if _has_digit(version)}
    found = [
        migration
        for migration in migrations
        if identity(migration.version) not in applied and not _covered(migration.version, baseline)
    ]
    return tuple(sorted(found, key=lambda migration: version_key(migration.version)))


def check_order(
    migrations: Sequence[Migration], applied_versions: Collection[str], *, baseline: str | None = None
) -> list[Fault]:
    """Where files and ledger disagree: an applied version without file, a pending one below the highest applied.

    Args:
        migrations: those of the folder.
        applied_versions: what the ledger has.
        baseline: versions up to this one are history and are not looked at.
    """
    above = [v for v in applied_versions if _has_digit(v) and not _covered(v, baseline)]
    above.sort(key=version_key)
    known = {identity(migration.version) for migration in migrations}
    faults = [
        Fault(
            version,
            "the database has this migration, the folder does not.",
            f"version {version} in the ledger",
            "restore its file from version control, or set the baseline to it or above",
        )
        for version in above
        if identity(version) not in known
    ]
    if not above:
        return faults
    highest = above[-1]
    faults += [
        Fault(
            migration.path,
            "this migration is out of order: a later one has already run.",
            f"pending {migration.version}, applied up to {highest}",
            f"rename it to a version above {highest}, its down script too",
        )
        for migration in pending(migrations, applied_versions, baseline=baseline)
        if version_key(migration.version) < version_key(highest)
    ]
    return faults


def _covered(version: str, baseline: str | None) -> bool:
    return baseline is not None and version_key(version) <= version_key(baseline)


def _has_digit(version: str) -> bool:
    return any(character in "0123456789" for character in version)
