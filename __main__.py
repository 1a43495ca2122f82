"""FleetifyApp's way to production and back, in the order in which it happens."""

from __future__ import annotations

from pathlib import Path

import pulumi
from pulumi.runtime.config import get_config_env

from components.backup_store import BackupStore
from components.database_release import DatabaseRelease
from fleetify.database.schema.plan import describe_finding, plan_schema
from fleetify.errors import FleetifyError
from fleetify.releases import load_release
from fleetify.settings import load_settings

PROJECT = Path(__file__).resolve().parent


def main() -> None:
    """Declare the release that the stack's config asks for."""
    settings = load_settings(get_config_env())
    release = load_release(PROJECT, settings.schema_release)
    plan = plan_schema(PROJECT, settings, release)
    for finding in plan.findings:
        pulumi.log.warn(describe_finding(finding))

    store = BackupStore("backup-store", settings.backup)
    database = DatabaseRelease("database", settings=settings, release=release, plan=plan, store=store)

    pulumi.export("schema", release.name)
    pulumi.export("bucket", store.bucket)
    pulumi.export("backup", database.backup)


try:
    main()
except FleetifyError as error:
    # A release engineer needs the message, not our stack of calls.
    raise pulumi.RunError(str(error)) from None
