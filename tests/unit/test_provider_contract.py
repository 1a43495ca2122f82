"""What saved states depend on: where providers live, what they are called, and the types of their resources."""

from __future__ import annotations

import base64
import pickletools

import pytest
from pulumi.dynamic.dynamic import serialize_provider

from providers.base import ReleaseResource
from providers.database.backup import Backup
from providers.database.baseline import Baseline
from providers.database.migration import Migration
from providers.database.migration_rehearsal import MigrationRehearsal
from providers.database.restore_proof import RestoreProof
from providers.database.schema_target import SchemaTarget
from providers.database.schema_verification import SchemaVerification

CONTRACT = {
    Backup: ("providers.database.backup", "BackupProvider", "dynamic/database:Backup"),
    RestoreProof: ("providers.database.restore_proof", "RestoreProofProvider", "dynamic/database:RestoreProof"),
    MigrationRehearsal: (
        "providers.database.migration_rehearsal",
        "MigrationRehearsalProvider",
        "dynamic/database:MigrationRehearsal",
    ),
    SchemaTarget: ("providers.database.schema_target", "SchemaTargetProvider", "dynamic/database:SchemaTarget"),
    Baseline: ("providers.database.baseline", "BaselineProvider", "dynamic/database:Baseline"),
    Migration: ("providers.database.migration", "MigrationProvider", "dynamic/database:Migration"),
    SchemaVerification: (
        "providers.database.schema_verification",
        "SchemaVerificationProvider",
        "dynamic/database:SchemaVerification",
    ),
}


@pytest.mark.parametrize("resource", list(CONTRACT))
def test_providers_are_saved_by_name_and_stay_where_they_are(resource: type[ReleaseResource]) -> None:
    module, name, resource_type = CONTRACT[resource]
    saved = base64.b64decode(serialize_provider(resource.provider_class()))
    texts = [argument for _, argument, _ in pickletools.genops(saved) if isinstance(argument, str)]
    assert module in texts
    assert name in texts
    assert len(saved) < 120, "saved by value: the class must be importable by its module's name"
    assert resource._resource_type_name == resource_type
