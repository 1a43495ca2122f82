"""A release rehearsed on its backup: the way back or the way up, whichever the copy needs, and the evidence of it."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from fleetify.database.backups.archive import BackupRecord, scratch_name
from fleetify.database.backups.create import load_backup
from fleetify.database.backups.restore import restore_backup
from fleetify.database.backups.scratch import drop_scratch, scratch_is_restored
from fleetify.database.connection import connect, with_database
from fleetify.database.migrations.folder import load_migration
from fleetify.database.migrations.model import Migration
from fleetify.database.progress import Progress
from fleetify.database.schema.baseline import establish_baseline
from fleetify.database.schema.baseline_files import baseline_files
from fleetify.database.schema.ledger import Ledger
from fleetify.database.schema.rehearse import Rehearsal, rehearse_migrations
from fleetify.database.schema.rehearse_way_back import rehearse_way_back
from fleetify.errors import MigrationFailedError
from fleetify.gates.evidence import Evidence, Verdict, isoformat, utc_now
from fleetify.settings import Settings
from fleetify.storage.object_store import ObjectStore, Retention


@dataclass(frozen=True, slots=True)
class ReleaseToRehearse:
    """What is to be rehearsed.

    Attributes:
        release: its name.
        version: the schema's target.
        paths: the migrations up to it, relative to the project, in order.
        backup_key: the backup to rehearse on.
        lint_errors: findings that stop a pending migration, as lines, by version.
    """

    release: str
    version: str
    paths: Sequence[str]
    backup_key: str
    lint_errors: Mapping[str, Sequence[str]]


def rehearse_release(
    project: Path, settings: Settings, store: ObjectStore, wanted: ReleaseToRehearse, *, progress: Progress
) -> Evidence:
    """Restore the backup (unless its proof left a copy), rehearse, store the report, drop the copy.

    Returns:
        Evidence ``migrations_rehearsed``, a go.

    Raises:
        MigrationFailedError: a no-go; the report is stored all the same.
        FleetifyError: the backup, the server or the store failed.
    """
    url = settings.resolve_database_url()
    record = load_backup(store, wanted.backup_key)
    migrations = [
        load_migration(project / path, root=project, layout=settings.migrations.layout) for path in wanted.paths
    ]
    try:
        rehearsal = _rehearse(project, settings, store, record, migrations, wanted, progress)
    finally:
        drop_scratch(url, scratch_name(record.id))
    pending = set(rehearsal.pending)
    rehearsal.faults[:0] = [
        line for version, lines in wanted.lint_errors.items() if version in pending for line in lines
    ]
    evidence = _evidence(settings, store, rehearsal, migrations, wanted)
    if rehearsal.faults:
        raise MigrationFailedError(
            f"The rehearsal of release {wanted.release} on a restored backup is a no-go."
            " The live database is untouched.",
            seen="\n".join(rehearsal.faults),
            remedy=f"mend the migration and run again; full report: {evidence.report}",
        )
    progress(f"rehearsal: {len(rehearsal.pending)} migrations, go, {rehearsal.seconds} s of SQL")
    return evidence


def _rehearse(
    project: Path,
    settings: Settings,
    store: ObjectStore,
    record: BackupRecord,
    migrations: Sequence[Migration],
    wanted: ReleaseToRehearse,
    progress: Progress,
) -> Rehearsal:
    url = settings.resolve_database_url()
    name = scratch_name(record.id)
    scratch = with_database(url, name)
    if not scratch_is_restored(url, record):
        restore_backup(store, wanted.backup_key, url, name=name, progress=progress)
    way_back = rehearse_way_back(scratch, wanted.version, execution=settings.execution, progress=progress)
    if way_back.pending:
        return way_back
    baseline = settings.migrations.baseline
    if migrations and baseline is not None and not _recorded(scratch):
        establish_baseline(
            scratch,
            baseline_files(project, settings.migrations),
            through=baseline.through,
            trust_live=baseline.trust == "live",
            release=wanted.release,
            client_schemas=settings.row_level_security.schemas,
            execution=settings.execution,
            progress=progress,
        )
    return rehearse_migrations(
        scratch,
        migrations,
        execution=settings.execution,
        row_security=settings.row_level_security,
        progress=progress,
    )


def _recorded(url: str) -> list[str]:
    with connect(url, purpose="rehearsal") as conn:
        return Ledger(conn).recorded_versions()


def _evidence(
    settings: Settings,
    store: ObjectStore,
    rehearsal: Rehearsal,
    migrations: Sequence[Migration],
    wanted: ReleaseToRehearse,
) -> Evidence:
    now = utc_now()
    key = f"evidence/{settings.database}/{wanted.release}/{now:%Y%m%dT%H%M%S}Z-migrations_rehearsed.json"
    evidence = Evidence(
        id="migrations_rehearsed",
        verdict=Verdict.NO_GO if rehearsal.faults else Verdict.GO,
        subject={
            "release": wanted.release,
            "database": settings.database,
            "backup": wanted.backup_key,
            "version": wanted.version,
            "checksums": {migration.version: migration.checksum for migration in migrations},
        },
        observed_at=isoformat(now),
        source="fleetify rehearsal",
        measurements=rehearsal.measurements(),
        report=f"s3://{store.bucket}/{key}",
    )
    store.put_bytes(
        key,
        json.dumps({**evidence.as_outputs(), "faults": rehearsal.faults}, indent=1).encode(),
        content_type="application/json",
        retention=Retention(days=settings.backup.evidence_retention_days, mode=settings.backup.lock_mode),
    )
    return evidence
