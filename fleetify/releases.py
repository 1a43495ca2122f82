"""Release manifests: the facts of one release, as data in ``releases/<name>.yaml``."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from fleetify.errors import ManifestError
from fleetify.settings import ReleaseName, is_release_name
from fleetify.validation import describe_faults
from fleetify.yaml_documents import load_yaml

FOLDER = "releases"


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class SampleQuery(_Part):
    """A query that must answer once the release's migrations are in.

    It runs in a read-only transaction, as ``role`` with ``claims`` as the request's JWT claims where given.
    """

    name: str = Field(min_length=1, max_length=120, examples=["open opportunities by stage"])
    sql: str = Field(
        min_length=1,
        max_length=10_000,
        examples=["select stage, count(*) from sales_opportunities group by 1"],
    )
    role: str | None = Field(default=None, pattern=r"^[a-z_][a-z0-9_]{0,62}$", examples=["authenticated"])
    claims: dict[str, Any] | None = Field(default=None, examples=['{sub: "00000000-0000-4000-8000-000000000001"}'])
    minimum_rows: int = Field(default=0, ge=0, examples=[1])


class SchemaFacts(_Part):
    """The database half of a release."""

    through: str = Field(pattern=r"^[0-9][0-9._]{0,30}$", examples=['"20251219120000"'])
    samples: tuple[SampleQuery, ...] = Field(default=(), strict=False, examples=["- {name: …, sql: …}"])


class Release(_Part):
    """One release."""

    release: ReleaseName = Field(examples=["phase-7d"])
    title: str = Field(min_length=1, max_length=200, examples=["Inventory, sales pipeline and vendor management"])
    database: SchemaFacts = Field(examples=['{through: "20251219120000"}'])

    @property
    def name(self) -> str:
        """The release's name, the same as its file's."""
        return self.release


def load_release(project: Path, name: str) -> Release:
    """Read ``releases/<name>.yaml``.

    Raises:
        ManifestError: the name is no release name, there is no such manifest, or it is wrong; all faults at once.
    """
    if not is_release_name(name):
        raise ManifestError(
            "This is no name of a release.",
            seen=repr(name[:80]),
            remedy="use lower case, digits, dots, dashes",
        )
    path = project / FOLDER / f"{name}.yaml"
    if not path.is_file():
        known = ", ".join(list_releases(project)) or "none"
        raise ManifestError(
            f"There is no manifest of release {name}.",
            seen=f"{FOLDER}/ has: {known}",
            remedy=f"write {FOLDER}/{name}.yaml, or set fleetify:schema to a release that has one",
        )
    document = load_yaml(path, error=ManifestError)
    try:
        release = Release.model_validate(document)
    except ValidationError as problem:
        faults = describe_faults(problem, Release, prefix="", secret=set())
        listing = "\n".join(f"  - {fault}" for fault in faults)
        raise ManifestError(f"{FOLDER}/{name}.yaml is wrong:\n{listing}") from None
    if release.release != name:
        raise ManifestError(
            f"{FOLDER}/{name}.yaml describes another release.",
            seen=release.release,
            remedy=f"set release: {name} there",
        )
    return release


def list_releases(project: Path) -> tuple[str, ...]:
    """The names of all manifests, sorted."""
    return tuple(sorted(path.stem for path in (project / FOLDER).glob("*.yaml")))
