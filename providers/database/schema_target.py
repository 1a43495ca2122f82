"""``SchemaTarget``: which version the database shall have; says beforehand what a lower one costs."""

from __future__ import annotations

from typing import ClassVar

import pulumi
from pulumi.dynamic import CreateResult, ReadResult, UpdateResult

from fleetify.database.versions import version_key
from fleetify.errors import DatabaseError, LedgerError
from providers.base import Properties, ReleaseProvider, ReleaseResource, say, verb


class SchemaTargetProvider(ReleaseProvider):
    """Sets the target in the ledger; a lower one is refused unless each migration above it has a way back."""

    updates: ClassVar[frozenset[str]] = frozenset({"release", "version"})

    @verb
    def create(self, props: Properties) -> CreateResult:
        """Set the target."""
        return CreateResult(f"{props['database']}/schema", self._set(props))

    @verb
    def update(self, _id: str, _olds: Properties, news: Properties) -> UpdateResult:
        """Set another target."""
        return UpdateResult(self._set(news))

    def _set(self, props: Properties) -> Properties:
        from fleetify.database.schema.ledger import SchemaTargetRow
        from fleetify.database.schema.target import set_schema_target

        settings = self.stack_settings
        way_back = set_schema_target(
            settings.resolve_database_url(),
            SchemaTargetRow(props["release"], props["version"], settings.rollback.accept_row_loss_of),
            known_versions=props["known_versions"],
            baseline=props.get("baseline"),
            execution=settings.execution,
            progress=say,
        )
        return {**props, "rolls_back": [step.label for step in way_back]}

    def inspect_change(self, _id: str, olds: Properties, news: Properties, *, changes: list[str]) -> None:
        """In preview too: say which rows a lower target would lose, and refuse one that cannot be reached.

        Raises:
            LedgerError: a migration above the target has no way back, or rows would be lost that nobody accepted.
        """
        from fleetify.database.schema.target import forecast_way_back, refuse_unaccepted_losses

        if "version" not in changes or version_key(news["version"]) >= version_key(olds["version"]):
            return
        try:
            way_back = forecast_way_back(self.stack_settings.resolve_database_url(), news["version"])
        except LedgerError:
            raise
        except DatabaseError as error:
            say(f"rollback to {news['release']}: what it would lose cannot be told from here. {error.problem}")
            return
        if way_back:
            say(f"rollback to {news['release']} ({len(way_back)} migrations, newest first):")
        for step in way_back:
            for line in step.lines:
                say(line)
        refuse_unaccepted_losses(way_back, self.stack_settings.rollback.accept_row_loss_of)

    @verb
    def read(self, id_: str, props: Properties) -> ReadResult:
        """The target that the ledger has now; gone where there is no ledger."""
        from fleetify.database.schema.target import read_schema_target

        target = read_schema_target(self.stack_settings.resolve_database_url())
        if target is None:
            return ReadResult("", {})
        if target.version != props["version"]:
            say(f"drift: the schema target is {target.version} (release {target.release}), not {props['version']}")
        return ReadResult(id_, {**props, "version": target.version, "release": target.release})

    @verb
    def delete(self, _id: str, _props: Properties) -> None:
        """Leave the target as it is: a destroyed stack must not make migrations roll back."""


class SchemaTarget(ReleaseResource, module="database", name="SchemaTarget"):
    """The version that the database shall have.

    Inputs: ``database``, ``release``, ``version``, ``known_versions`` (files above the baseline), ``baseline``.

    Outputs: ``rolls_back``, the migrations that this target sends back.
    """

    provider_class = SchemaTargetProvider
    outputs = ("rolls_back",)

    rolls_back: pulumi.Output[list[str]]
