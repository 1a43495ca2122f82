"""What a project may set about lint."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class LintOptions:
    """Settings of the rules.

    Attributes:
        exposed_schemas: the schemas that clients can reach (PostgREST's ``db-schemas``).
        tenant_column: the column that names the tenant.
        postgres_version: major version of the server, for squawk.
        excluded: rules that are switched off for the project, ours and squawk's.
        squawk_timeout_seconds: the longest that squawk may take for all files.
    """

    exposed_schemas: tuple[str, ...] = ("public",)
    tenant_column: str = "company_id"
    postgres_version: int = 15
    excluded: tuple[str, ...] = ()
    squawk_timeout_seconds: float = 120
