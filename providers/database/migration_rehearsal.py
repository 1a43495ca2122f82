"""``MigrationRehearsal``: the release's migrations, up, down and up again on the restored backup."""

from __future__ import annotations

import json
from typing import Any, ClassVar

import pulumi
from pulumi.dynamic import CreateResult

from fleetify.database.archive import BackupRecord, scratch_name
from fleetify.database.backup import load_backup
from fleetify.database.baseline import establish_baseline
from fleetify.database.connection import connect, with_database
from fleetify.database.ledger import Ledger
from fleetify.database.migrations.folder import load_migration
from fleetify.database.migrations.model import Migration
from fleetify.database.rehearse import Rehearsal, rehearse_migrations
from fleetify.database.rehearse_way_back import rehearse_way_back
from fleetify.database.restore import restore_backup
from fleetify.database.scratch import drop_scratch, scratch_is_restored
from fleetify.errors import MigrationFailedError
from fleetify.gates.evidence import Evidence, Verdict, isoformat, utc_now
from fleetify.storage.object_store import ObjectStore, Retention
from providers.base import PROJECT, Properties, ReleaseProvider, ReleaseResource, say, verb
from providers.database.baseline import baseline_files


class MigrationRehearsalProvider(ReleaseProvider):
    """Proves the migrations, or the way back, on a copy of the data that they will meet."""

    replaces: ClassVar[frozenset[str]] = frozenset({"backup_key", "version", "checksums"})

    @verb
    def create(self, props: Properties) -> CreateResult:
        """Rehearse; a no-go is an error, and its report stays in the bucket."""
        settings = self.stack_settings
        url = settings.resolve_database_url()
        store = ObjectStore(props["bucket"], kms_key_id=props.get("kms_key_id"))
        record = load_backup(store, props["backup_key"])
        migrations = [
            load_migration(PROJECT / path, root=PROJECT, layout=settings.migrations.layout) for path in props["paths"]
        ]
        name = scratch_name(record.id)
        try:
            rehearsal = self._rehearse(store, record, url, name, migrations, props)
        finally:
            drop_scratch(url, name)
        rehearsal.faults[:0] = _lint_faults(props, rehearsal)
        evidence = self._evidence(store, rehearsal, migrations, props)
        if rehearsal.faults:
            raise MigrationFailedError(
                f"The rehearsal of release {props['release']} on a restored backup is a no-go."
                " The live database is untouched.",
                seen="\n".join(rehearsal.faults),
                remedy=f"mend the migration and run again; full report: {evidence.report}",
            )
        say(f"rehearsal: {len(rehearsal.pending)} migrations, go, {rehearsal.seconds} s of SQL")
        return CreateResult(f"{props['backup_key']}#rehearsed", {**props, "evidence": evidence.as_outputs()})

    def _rehearse(
        self,
        store: ObjectStore,
        record: BackupRecord,
        url: str,
        name: str,
        migrations: list[Migration],
        props: Properties,
    ) -> Rehearsal:
        settings = self.stack_settings
        scratch = with_database(url, name)
        if not scratch_is_restored(url, record):
            restore_backup(store, props["backup_key"], url, name=name, progress=say)
        way_back = rehearse_way_back(scratch, props["version"], execution=settings.execution, progress=say)
        if way_back.pending:
            return way_back
        if migrations and not _recorded(scratch) and settings.migrations.baseline is not None:
            establish_baseline(
                scratch,
                baseline_files(settings),
                through=settings.migrations.baseline.through,
                trust_live=settings.migrations.baseline.trust == "live",
                release=props["release"],
                client_schemas=settings.row_level_security.schemas,
                execution=settings.execution,
                progress=say,
            )
        return rehearse_migrations(
            scratch,
            migrations,
            execution=settings.execution,
            row_security=settings.row_level_security,
            progress=say,
        )

    def _evidence(
        self, store: ObjectStore, rehearsal: Rehearsal, migrations: list[Migration], props: Properties
    ) -> Evidence:
        backup = self.stack_settings.backup
        now = utc_now()
        key = f"evidence/{props['database']}/{props['release']}/{now:%Y%m%dT%H%M%S}Z-migrations_rehearsed.json"
        evidence = Evidence(
            id="migrations_rehearsed",
            verdict=Verdict.NO_GO if rehearsal.faults else Verdict.GO,
            subject={
                "release": props["release"],
                "database": props["database"],
                "backup": props["backup_key"],
                "version": props["version"],
                "checksums": {migration.version: migration.checksum for migration in migrations},
            },
            observed_at=isoformat(now),
            source="fleetify rehearsal",
            measurements=rehearsal.measurements(),
            report=f"s3://{props['bucket']}/{key}",
        )
        report = {**evidence.as_outputs(), "faults": rehearsal.faults}
        store.put_bytes(
            key,
            json.dumps(report, indent=1).encode(),
            content_type="application/json",
            retention=Retention(days=backup.evidence_retention_days, mode=backup.lock_mode),
        )
        return evidence

    @verb
    def delete(self, _id: str, _props: Properties) -> None:
        """Let go of the record; the report stays until its retention ends."""


def _recorded(url: str) -> list[str]:
    with connect(url, purpose="rehearsal") as conn:
        return Ledger(conn).recorded_versions()


def _lint_faults(props: Properties, rehearsal: Rehearsal) -> list[str]:
    """Findings of level error in the migrations that would be applied now."""
    pending = set(rehearsal.pending)
    return [line for version, lines in props["lint_errors"].items() if version in pending for line in lines]


class MigrationRehearsal(ReleaseResource, module="database", name="MigrationRehearsal"):
    """Proof that migrations work on the data they will meet, and can be undone.

    Inputs: ``database``, ``release``, ``bucket``, ``kms_key_id``, ``backup_key``, ``version`` (the target), ``paths``
    and ``checksums`` of the migrations up to it, ``lint_errors`` by version.

    Outputs: ``evidence`` (``migrations_rehearsed``) with durations and locks of each script.
    """

    provider_class = MigrationRehearsalProvider
    outputs = ("evidence",)

    evidence: pulumi.Output[dict[str, Any]]
