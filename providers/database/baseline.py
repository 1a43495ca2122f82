"""``Baseline``: the history that is not released migration by migration any more, as one resource."""

from __future__ import annotations

from typing import ClassVar

import pulumi
from pulumi.dynamic import CreateResult, UpdateResult

from fleetify.errors import DatabaseError, LedgerError
from providers.base import PROJECT, Properties, ReleaseProvider, ReleaseResource, say, verb


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
        from fleetify.database.schema.baseline import establish_baseline
        from fleetify.database.schema.baseline_files import baseline_digest, baseline_files

        settings = self.stack_settings
        files = baseline_files(PROJECT, settings.migrations)
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
        from fleetify.database.schema.baseline import find_edited
        from fleetify.database.schema.baseline_files import baseline_files

        if changes != ["digest"] or olds["trust"] == "live":
            return
        settings = self.stack_settings
        try:
            edited = find_edited(settings.resolve_database_url(), baseline_files(PROJECT, settings.migrations))
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
