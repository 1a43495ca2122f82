"""``Backup``: a verified dump in the locked bucket, taken anew for each change of the schema."""

from __future__ import annotations

from typing import Any, ClassVar

import pulumi
from pulumi.dynamic import CreateResult, ReadResult

from providers.base import Properties, ReleaseProvider, ReleaseResource, say, verb


class BackupProvider(ReleaseProvider):
    """Takes the dump; never deletes it."""

    replaces: ClassVar[frozenset[str]] = frozenset({"database", "bucket", "release", "schema_version"})

    @verb
    def create(self, props: Properties) -> CreateResult:
        """Dump, upload, verify."""
        from fleetify.database.backups.create import create_backup
        from fleetify.storage.object_store import ObjectStore, Retention

        settings = self.stack_settings
        store = ObjectStore(props["bucket"], kms_key_id=props.get("kms_key_id"))
        record = create_backup(
            settings.resolve_database_url(),
            store,
            release=props["release"],
            database=props["database"],
            retention=Retention(days=settings.backup.retention_days, mode=settings.backup.lock_mode),
            minimum_bytes=settings.backup.minimum_bytes,
            exclude_schemas=settings.backup.exclude_schemas,
            tolerated_warnings=settings.backup.tolerated_warnings,
            compression_level=settings.backup.compression_level,
            progress=say,
        )
        outputs = {**record.summary(), **props, "evidence": record.evidence().as_outputs()}
        say(f"backup: {outputs['location']} ({record.stored_bytes:,} bytes)")
        return CreateResult(record.key, {**outputs, "key": record.key})

    @verb
    def read(self, id_: str, props: Properties) -> ReadResult:
        """Whether the dump is still in the bucket; one that is gone is taken anew by the next update."""
        from fleetify.storage.object_store import ObjectStore
        from fleetify.storage.problems import ObjectMissingError

        try:
            ObjectStore(props["bucket"]).head(props["key"])
        except ObjectMissingError:
            say(f"backup: {props['location']} is gone from the bucket")
            return ReadResult("", {})
        return ReadResult(id_, props)

    @verb
    def delete(self, _id: str, _props: Properties) -> None:
        """Let go of the record; the object stays until its retention ends."""


class Backup(ReleaseResource, module="database", name="Backup"):
    """A verified backup.

    Inputs: ``database``, ``bucket``, ``kms_key_id``, ``release``, ``schema_version`` (a new one asks for a new backup).

    Outputs: ``key``, ``location`` (``s3://…``), sizes in bytes, checksums, ``evidence`` (``backup_verified``).
    """

    provider_class = BackupProvider
    outputs = ("key", "location", "evidence")

    key: pulumi.Output[str]
    location: pulumi.Output[str]
    evidence: pulumi.Output[dict[str, Any]]
