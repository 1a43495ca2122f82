"""``MigrationRehearsal``: the release's migrations, up, down and up again on the restored backup."""

from __future__ import annotations

from typing import Any, ClassVar

import pulumi
from pulumi.dynamic import CreateResult

from providers.base import PROJECT, Properties, ReleaseProvider, ReleaseResource, say, verb


class MigrationRehearsalProvider(ReleaseProvider):
    """Proves the migrations, or the way back, on a copy of the data that they will meet."""

    replaces: ClassVar[frozenset[str]] = frozenset({"backup_key", "version", "checksums"})

    @verb
    def create(self, props: Properties) -> CreateResult:
        """Rehearse; a no-go is an error, and its report stays in the bucket."""
        from fleetify.database.schema.release_rehearsal import ReleaseToRehearse, rehearse_release
        from fleetify.storage.object_store import ObjectStore

        wanted = ReleaseToRehearse(
            release=props["release"],
            version=props["version"],
            paths=props["paths"],
            backup_key=props["backup_key"],
            lint_errors=props["lint_errors"],
        )
        store = ObjectStore(props["bucket"], kms_key_id=props.get("kms_key_id"))
        evidence = rehearse_release(PROJECT, self.stack_settings, store, wanted, progress=say)
        return CreateResult(f"{props['backup_key']}#rehearsed", {**props, "evidence": evidence.as_outputs()})

    @verb
    def delete(self, _id: str, _props: Properties) -> None:
        """Let go of the record; the report stays until its retention ends."""


class MigrationRehearsal(ReleaseResource, module="database", name="MigrationRehearsal"):
    """Proof that migrations work on the data they will meet, and can be undone.

    Inputs: ``database``, ``release``, ``bucket``, ``kms_key_id``, ``backup_key``, ``version`` (the target), ``paths``
    and ``checksums`` of the migrations up to it, ``lint_errors`` by version.

    Outputs: ``evidence`` (``migrations_rehearsed``) with durations and locks of each script.
    """

    provider_class = MigrationRehearsalProvider
    outputs = ("evidence",)

    evidence: pulumi.Output[dict[str, Any]]
