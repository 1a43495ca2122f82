"""``Migration``: one migration above the baseline; deleting it runs its down script when the target is below it."""

from __future__ import annotations

from typing import ClassVar

import pulumi
from pulumi.dynamic import CreateResult, ReadResult, UpdateResult

from fleetify.errors import LedgerError, MigrationFailedError, MigrationFileError
from providers.base import PROJECT, Properties, ReleaseProvider, ReleaseResource, say, verb

# Of the inputs, what diff, read and delete need: a state with hundreds of migrations is rewritten at every step.
KEPT = ("database", "release", "version", "name", "path", "checksum")


class MigrationProvider(ReleaseProvider):
    """Applies, compares with the database, rolls back."""

    replaces: ClassVar[frozenset[str]] = frozenset({"database", "version"})
    updates: ClassVar[frozenset[str]] = frozenset({"checksum"})

    def find_faults(self, olds: Properties, news: Properties) -> dict[str, str]:
        """An edited file is refused at preview already."""
        before, now = olds.get("checksum"), news.get("checksum")
        if before is not None and now is not None and before != now and olds.get("version") == news.get("version"):
            path = news.get("path", "the file")
            reason = (
                f"{path} was edited after it was applied (sha256 {before[:12]}… then, {now[:12]}… now); "
                f"restore it (git log -p -- {path}) and put the change into a new migration"
            )
            return {"checksum": reason}
        return {}

    @verb
    def create(self, props: Properties) -> CreateResult:
        """Apply it, or adopt it where the database has it."""
        from fleetify.database.migrations.folder import load_migration
        from fleetify.database.schema.apply import apply_migration

        settings = self.stack_settings
        migration = load_migration(PROJECT / props["path"], root=PROJECT, layout=settings.migrations.layout)
        if migration.checksum != props["checksum"]:
            raise MigrationFileError(
                f"{props['path']} changed while this run was under way.", remedy="run pulumi up again"
            )
        refuse_unrehearsed(props)
        applied = apply_migration(
            settings.resolve_database_url(),
            migration,
            release=props["release"],
            execution=settings.execution,
            row_security=settings.row_level_security,
            progress=say,
        )
        how = "was applied already" if applied.adopted else f"applied in {applied.duration_seconds:.2f} s"
        say(f"migration {migration.label}: {how}")
        outputs = {
            **{key: props[key] for key in KEPT},
            "applied_at": applied.applied_at,
            "applied_by": applied.applied_by,
            "duration_seconds": applied.duration_seconds,
            "attempts": applied.attempts,
            "adopted": applied.adopted,
            "created": list(applied.created),
            "drift": [],
        }
        return CreateResult(f"{props['database']}/{props['version']}", outputs)

    @verb
    def read(self, id_: str, props: Properties) -> ReadResult:
        """Compare with the database: gone from the ledger means gone; missing tables are drift."""
        from fleetify.database.schema.drift import find_migration_drift

        drift = find_migration_drift(
            self.stack_settings.resolve_database_url(), props["version"], self.stack_settings.row_level_security
        )
        if drift is None:
            return ReadResult("", {})
        for line in drift:
            say(f"drift: migration {props['version']}: {line}")
        return ReadResult(id_, {**props, "drift": drift})

    @verb
    def update(self, _id: str, olds: Properties, news: Properties) -> UpdateResult:
        """Look again where a refresh has found drift; what is applied is never applied again.

        Raises:
            LedgerError: what the migration made is still not there.
        """
        from fleetify.database.schema.drift import find_migration_drift

        settings = self.stack_settings
        drift = find_migration_drift(settings.resolve_database_url(), news["version"], settings.row_level_security)
        if drift:
            raise LedgerError(
                f"What migration {news['version']}_{news['name']} made is not as it was.",
                seen="; ".join(drift),
                remedy="bring it back (docs/how-to/restore-by-hand.md), then run pulumi up again",
            )
        return UpdateResult({**olds, **{key: news[key] for key in KEPT}, "drift": []})

    @verb
    def delete(self, _id: str, props: Properties) -> None:
        """Run the ledger's down script where the target is below; else let go of the record."""
        from fleetify.database.schema.rollback import retire_migration

        settings = self.stack_settings
        retired = retire_migration(
            settings.resolve_database_url(), props["version"], execution=settings.execution, progress=say
        )
        took = f" in {retired.duration_seconds:.2f} s" if retired.action == "rolled back" else ""
        say(f"migration {props['version']}_{props['name']}: {retired.action}{took}")


def refuse_unrehearsed(props: Properties) -> None:
    """Refuse a migration that the rehearsal did not cover, so that ``--target`` cannot go round it.

    Raises:
        MigrationFailedError: the evidence is missing, no go, or about another release or file.
    """
    evidence = props.get("rehearsed") or {}
    if evidence.get("verdict") == "go" and evidence.get("checksum") == props["checksum"]:
        return
    raise MigrationFailedError(
        f"{props['path']} was not rehearsed on a restored backup. Nothing of it is applied.",
        seen=f"evidence of release {evidence.get('release', 'none')}, verdict {evidence.get('verdict', 'unknown')}",
        remedy="run pulumi up without --target, so that the backup and the rehearsal come first",
    )


class Migration(ReleaseResource, module="database", name="Migration"):
    """One applied migration.

    Inputs: ``database``, ``release``, ``version``, ``name``, ``path``, ``checksum``, ``down_checksum``,
    ``irreversible``, ``transactional``, ``lint`` (findings), ``rehearsed`` (evidence of the rehearsal).

    Outputs: ``applied_at``, ``applied_by``, ``duration_seconds``, ``attempts``, ``adopted``, ``created`` (tables and
    views), ``drift``.
    """

    provider_class = MigrationProvider
    outputs = ("applied_at", "created", "drift")

    applied_at: pulumi.Output[str]
    created: pulumi.Output[list[str]]
    drift: pulumi.Output[list[str]]
