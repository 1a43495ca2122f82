"""Evidence: what a step proved, about what, when, and where its report lies."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any


class Verdict(StrEnum):
    """What evidence says. Unknown blocks a gate as no-go does."""

    GO = "go"
    NO_GO = "no-go"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Evidence:
    """One proven (or disproven) fact.

    Attributes:
        id: what kind of proof it is (``backup_restores``); gate conditions ask for it by this id.
        verdict: go, no-go or unknown.
        subject: what was proven, as plain values (release, backup id, checksums). Evidence for another subject
            does not count.
        observed_at: when, UTC, ISO 8601.
        source: which tool or system said so, with its version.
        measurements: figures, with the unit in the name (``duration_seconds``).
        report: where the full report lies (``s3://…``); None where the evidence is all there is.
    """

    id: str
    verdict: Verdict
    subject: dict[str, Any]
    observed_at: str
    source: str
    measurements: dict[str, Any] = field(default_factory=dict)
    report: str | None = None

    def as_outputs(self) -> dict[str, Any]:
        """The evidence as resource outputs: plain JSON values."""
        outputs = asdict(self)
        outputs["verdict"] = str(self.verdict)
        return outputs


def utc_now() -> datetime:
    """The current time, aware, in UTC."""
    return datetime.now(UTC)


def isoformat(moment: datetime) -> str:
    """ISO 8601 in UTC with seconds and a ``Z``."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
