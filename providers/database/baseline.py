"""``Baseline``: the history that is not released migration by migration any more, as one resource."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import ClassVar

import pulumi
from pulumi.dynamic import CreateResult, UpdateResult

from fleetify.database.baseline import establish_baseline, find_edited
from fleetify.database.migrations.folder import load_folder
from fleetify.database.migrations.model import Migration
from fleetify.database.versions import version_key
from fleetify.errors import DatabaseError, LedgerError
from fleetify.settings import Settings
from providers.base import PROJECT, Properties, ReleaseProvider, ReleaseResource, say, verb


def baseline_files(settings: Settings) -> tuple[Migration, ...]:
    """The files up to the baseline, in order; none where the live database is trusted."""
    baseline = settings.migrations.baseline
    if baseline is None or baseline.trust == "live":
        return ()
    through = version_key(baseline.through)
    files = load_folder(
        PROJECT / settings.migrations.folder,
        root=PROJECT,
        layout=settings.migrations.layout,
        ignore=settings.migrations.ignore,
    )
    return tuple(migration for migration in files if version_key(migration.version) <= through)


def baseline_digest(migrations: Sequence[Migration]) -> str:
    """One sha256 over versions and checksums, hex: what state keeps instead of a thousand of them."""
    lines = "".join(f"{migration.version} {migration.checksum}\n" for migration in migrations)
    return hashlib.sha256(lines.encode()).hexdigest()


class BaselineProvider(ReleaseProvider):
    """Applies the history to an empty database, adopts an existing one."""

    updates: ClassVar[frozenset[str]] = frozenset({"through", "trust", "digest"})

    @verb
    def create(self, props: Properties) -> CreateResult:
        """Apply or adopt."""
        return CreateResult(f"{props['database']}/baseline", self._establish(props))

    @verb
    def update(self, _id: str, _olds: Properties, news: Properties) -> UpdateResult:
        """The baseline has moved up: adopt what it covers now."""
        return UpdateResult(self._establish(news))

    def _establish(self, props: Properties) -> Properties:
        settings = self.stack_settings
        files = baseline_files(settings)
        if baseline_digest(files) != props["digest"]:
            raise LedgerError(
                "Files of the baseline changed while this run was under way.", remedy="run pulumi up again"
            )
        result = establish_baseline(
            settings.resolve_database_url(),
            files,
            through=props["through"],
            trust_live=props["trust"] == "live",
            release=props["release"],
            client_schemas=settings.row_level_security.schemas,
            execution=settings.execution,
            progress=say,
        )
        return {
            **props,
            "applied": result.applied,
            "adopted": result.adopted,
            "duration_seconds": result.duration_seconds,
        }

    def inspect_change(self, _id: str, olds: Properties, news: Properties, *, changes: list[str]) -> None:
        """In preview too: name the files that were edited after they were applied.

        Raises:
            LedgerError: there are such files.
        """
        if changes != ["digest"] or olds["trust"] == "live":
            return
        try:
            edited = find_edited(self.stack_settings.resolve_database_url(), baseline_files(self.stack_settings))
        except DatabaseError as error:
            say(f"baseline: files have changed; which ones cannot be told from here. {error.problem}")
            return
        if edited:
            raise LedgerError(
                "Files of the baseline were edited after they were applied.",
                seen=", ".join(edited[:10]),
                remedy=f"restore them (git log -p -- {edited[0]}) and put the change into a new migration",
            )
        del news

    @verb
    def delete(self, _id: str, _props: Properties) -> None:
        """Let go of the record; the tables stay."""


class Baseline(ReleaseResource, module="database", name="Baseline"):
    """Everything up to a version.

    Inputs: ``database``, ``release``, ``through``, ``trust`` (``files`` or ``live``), ``digest``, ``count`` of files.

    Outputs: ``applied`` and ``adopted`` files, ``duration_seconds`` of the SQL.
    """

    provider_class = BaselineProvider
    outputs = ("applied", "adopted", "duration_seconds")

    applied: pulumi.Output[int]
    adopted: pulumi.Output[int]
    duration_seconds: pulumi.Output[float]
