"""``DatabaseRelease``: backup, proof, rehearsal, migrations and verification of one database, in that order."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from functools import partial
from typing import Any

import pulumi

from components.backup_store import BackupStore
from fleetify.database.migrations.model import Finding, Migration
from fleetify.database.schema.baseline_files import baseline_digest
from fleetify.database.schema.plan import SchemaPlan
from fleetify.releases import Release
from fleetify.settings import Settings
from providers.database.backup import Backup
from providers.database.baseline import Baseline
from providers.database.migration import Migration as MigrationResource
from providers.database.migration_rehearsal import MigrationRehearsal
from providers.database.restore_proof import RestoreProof
from providers.database.schema_target import SchemaTarget
from providers.database.schema_verification import SchemaVerification


@dataclass(frozen=True, slots=True)
class _Chain:
    """Options that hang each resource behind the one before."""

    parent: pulumi.Resource

    def after(self, *before: pulumi.Resource) -> pulumi.ResourceOptions:
        return pulumi.ResourceOptions(parent=self.parent, depends_on=list(before))


class DatabaseRelease(pulumi.ComponentResource):
    """The database half of a release.

    A lower ``fleetify:schema`` removes migrations from the program: their down scripts run after everything
    else, newest first.

    Outputs: ``backup`` (location of the dump), ``schema`` (version that the database has).
    """

    def __init__(
        self,
        name: str,
        *,
        settings: Settings,
        release: Release,
        plan: SchemaPlan,
        store: BackupStore,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("fleetify:database:DatabaseRelease", name, {}, opts)
        chain = _Chain(self)
        version = release.database.through
        common = {"database": settings.database, "release": release.name}
        in_store = {"bucket": store.bucket, "kms_key_id": store.kms_key_id}
        backup = Backup("backup", {**common, **in_store, "schema_version": version}, chain.after(store))
        proof = RestoreProof(
            "restore-proof", {**common, "bucket": store.bucket, "backup_key": backup.key}, chain.after(backup)
        )
        rehearsal = MigrationRehearsal(
            "migration-rehearsal",
            {
                **common,
                **in_store,
                "backup_key": backup.key,
                "version": version,
                "paths": [migration.path for migration in plan.migrations],
                "checksums": {migration.version: migration.checksum for migration in plan.migrations},
                "lint_errors": plan.errors_by_version(),
            },
            chain.after(proof),
        )
        target = SchemaTarget(
            "schema-target",
            {
                **common,
                "version": version,
                "known_versions": [migration.version for migration in plan.folder],
                "baseline": plan.baseline.through if plan.baseline else None,
            },
            chain.after(rehearsal),
        )
        last: pulumi.Resource = target
        if plan.baseline:
            last = Baseline(
                "baseline",
                {
                    **common,
                    "through": plan.baseline.through,
                    "trust": plan.baseline.trust,
                    "digest": baseline_digest(plan.baseline_files),
                    "count": len(plan.baseline_files),
                },
                chain.after(target),
            )
        for migration in plan.migrations:
            last = MigrationResource(
                f"migration-{migration.version}",
                {
                    **common,
                    **_describe(migration, plan.findings),
                    "rehearsed": rehearsal.evidence.apply(partial(_evidence_of, migration.version)),
                },
                chain.after(last),
            )
        SchemaVerification(
            "schema-verification",
            {**common, "version": version, "samples": [sample.model_dump() for sample in release.database.samples]},
            chain.after(last),
        )
        self.backup = backup.location
        self.register_outputs({"backup": self.backup, "schema": version})


def _evidence_of(version: str, evidence: dict[str, Any]) -> dict[str, Any]:
    """What the rehearsal proved about one migration; the whole evidence stays with the rehearsal."""
    subject = evidence["subject"]
    return {
        "verdict": evidence["verdict"],
        "release": subject["release"],
        "backup": subject["backup"],
        "checksum": subject["checksums"].get(version),
    }


def _describe(migration: Migration, findings: Sequence[Finding]) -> dict[str, object]:
    mine = [asdict(finding) for finding in findings if finding.path in (migration.path, migration.down_path)]
    return {
        "version": migration.version,
        "name": migration.name,
        "path": migration.path,
        "checksum": migration.checksum,
        "down_checksum": migration.down_checksum,
        "irreversible": migration.irreversible or migration.down_sql is None,
        "transactional": migration.transactional,
        "lint": mine,
    }
