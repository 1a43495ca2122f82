"""``SchemaVerification``: the release's sample queries answer on the live database."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any, ClassVar

import pulumi
from pulumi.dynamic import CreateResult, UpdateResult

from fleetify.errors import DatabaseError
from fleetify.gates.evidence import Evidence, Verdict, isoformat, utc_now
from fleetify.releases import SampleQuery
from providers.base import Properties, ReleaseProvider, ReleaseResource, say, verb


class SchemaVerificationProvider(ReleaseProvider):
    """Runs the sample queries; one that does not answer fails the update."""

    updates: ClassVar[frozenset[str]] = frozenset({"release", "version", "samples"})

    @verb
    def create(self, props: Properties) -> CreateResult:
        """Run them."""
        return CreateResult(f"{props['database']}/verified", self._verify(props))

    @verb
    def update(self, _id: str, _olds: Properties, news: Properties) -> UpdateResult:
        """Run those of another release."""
        return UpdateResult(self._verify(news))

    def _verify(self, props: Properties) -> Properties:
        from fleetify.database.schema.samples import run_samples

        samples = [
            SampleQuery.model_validate({**sample, "minimum_rows": int(sample["minimum_rows"])})
            for sample in props["samples"]
        ]
        results = run_samples(self.stack_settings.resolve_database_url(), samples)
        faults = [f"{result.name}: {result.fault}" for result in results if result.fault]
        if faults:
            raise DatabaseError(
                f"Sample queries of release {props['release']} do not answer as they must.",
                seen="; ".join(faults),
                remedy="the migrations are in; roll back with fleetify:schema, or mend the query in the manifest",
            )
        say(f"verified: {len(results)} sample queries of {props['release']} answer")
        evidence = Evidence(
            id="schema_verified",
            verdict=Verdict.GO,
            subject={"release": props["release"], "database": props["database"], "version": props["version"]},
            observed_at=isoformat(utc_now()),
            source="sample queries",
            measurements={"queries": [asdict(result) for result in results]},
        )
        return {**props, "evidence": evidence.as_outputs()}

    @verb
    def delete(self, _id: str, _props: Properties) -> None:
        """Nothing to take back."""


class SchemaVerification(ReleaseResource, module="database", name="SchemaVerification"):
    """The live database answers the release's sample queries.

    Inputs: ``database``, ``release``, ``version``, ``samples``.

    Outputs: ``evidence`` (``schema_verified``).
    """

    provider_class = SchemaVerificationProvider
    outputs = ("evidence",)

    evidence: pulumi.Output[dict[str, Any]]
