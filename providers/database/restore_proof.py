"""``RestoreProof``: the backup, restored into a scratch database and compared table by table."""

from __future__ import annotations

from typing import Any, ClassVar

import pulumi
from pulumi.dynamic import CreateResult

from fleetify.errors import RestoreError
from fleetify.gates.evidence import Verdict
from providers.base import Properties, ReleaseProvider, ReleaseResource, say, verb


class RestoreProofProvider(ReleaseProvider):
    """Restores and compares; leaves the scratch database for the migration rehearsal."""

    replaces: ClassVar[frozenset[str]] = frozenset({"bucket", "backup_key"})

    @verb
    def create(self, props: Properties) -> CreateResult:
        """Restore, compare."""
        from fleetify.database.backups.restore import prove
        from fleetify.database.backups.scratch import drop_scratch
        from fleetify.storage.object_store import ObjectStore

        url = self.stack_settings.resolve_database_url()
        store = ObjectStore(props["bucket"])
        proof = prove(store, props["backup_key"], url, keep=True, progress=say)
        evidence = proof.evidence()
        if evidence.verdict is not Verdict.GO:
            drop_scratch(url, proof.scratch)
            raise RestoreError(
                f"The backup {props['backup_key']} restores to something else than was dumped.",
                seen="; ".join(proof.differences),
                remedy="nothing was changed; find out what differs before you release (fleetify backups verify)",
            )
        say(f"restore proof: {proof.tables} tables, {proof.rows:,} rows equal, in {proof.seconds:.1f} s")
        return CreateResult(f"{props['backup_key']}#restored", {**props, "evidence": evidence.as_outputs()})

    @verb
    def delete(self, _id: str, props: Properties) -> None:
        """Drop the scratch database, should it still be there."""
        from fleetify.database.backups.archive import scratch_name
        from fleetify.database.backups.create import load_backup
        from fleetify.database.backups.scratch import drop_scratch
        from fleetify.storage.object_store import ObjectStore

        record = load_backup(ObjectStore(props["bucket"]), props["backup_key"])
        drop_scratch(self.stack_settings.resolve_database_url(), scratch_name(record.id))


class RestoreProof(ReleaseResource, module="database", name="RestoreProof"):
    """Proof that a backup restores.

    Inputs: ``bucket``, ``backup_key``, ``database``, ``release``.

    Outputs: ``evidence`` (``backup_restores``).
    """

    provider_class = RestoreProofProvider
    outputs = ("evidence",)

    evidence: pulumi.Output[dict[str, Any]]
