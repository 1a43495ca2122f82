"""The stack's config, typed: what ``Pulumi.<stack>.yaml`` may say, with its defaults and limits.

Every ``fleetify:`` key goes through this one model, in the program and in the providers alike.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError, field_validator
from pydantic.alias_generators import to_camel

from fleetify.errors import SettingsError
from fleetify.validation import describe_faults

NAMESPACE = "fleetify"
DATABASE_URL_VARIABLE = "FLEETIFY_DATABASE_URL"
SECRET_KEYS = {"databaseUrl"}

ReleaseName = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9.-]{0,62}$")]
Days = Annotated[int, Field(ge=1, le=3650)]


class _Section(BaseModel):
    model_config = ConfigDict(
        extra="forbid", frozen=True, alias_generator=to_camel, populate_by_name=True, regex_engine="python-re"
    )


class BaselineSettings(_Section):
    """The history that is not released migration by migration any more."""

    through: str = Field(
        pattern=r"^[0-9][0-9._]{0,30}$",
        description="Highest version of the baseline; everything above is a resource of its own.",
        examples=['"20251018000000"'],
    )
    trust: Literal["files", "live"] = Field(
        default="files",
        description=(
            "`files`: an empty database gets the files applied, an existing one must have them recorded. "
            "`live`: the database is taken as it is and no file up to the baseline is run or compared."
        ),
        examples=["live"],
    )


class MigrationsSettings(_Section):
    """Where the migrations lie and how they are named."""

    folder: str = Field(
        default="migrations", description="Folder, relative to the project.", examples=["supabase/migrations"]
    )
    layout: Literal["supabase", "dbmate", "golang-migrate", "flyway"] = Field(
        default="supabase",
        description="How files are named and where the way back lies.",
        examples=["supabase"],
    )
    ignore: tuple[str, ...] = Field(
        default=(),
        description="Glob patterns of files in the folder that are no migrations.",
        examples=['["*.bak"]'],
    )
    lint_exclude: tuple[str, ...] = Field(
        default=(), description="Lint rules that are switched off for all files.", examples=['["prefer-text-field"]']
    )
    baseline: BaselineSettings | None = Field(
        default=None,
        description="The history that is not released migration by migration any more.",
        examples=['{through: "20251018000000"}'],
    )

    @field_validator("folder")
    @classmethod
    def _inside_the_project(cls, value: str) -> str:
        if value.startswith(("/", "~")) or ".." in value.split("/"):
            raise ValueError("must be a path inside the project")
        return value


class ExecutionSettings(_Section):
    """How statements run against the live database."""

    lock_timeout_seconds: float = Field(
        default=5,
        gt=0,
        le=300,
        description="Longest wait for a lock; every other session queues behind that wait.",
        examples=[5],
    )
    lock_retries: int = Field(
        default=10,
        ge=0,
        le=100,
        description="Attempts after the first when a lock was not to be had.",
        examples=[10],
    )
    statement_timeout_seconds: int = Field(
        default=900,
        gt=0,
        le=86_400,
        description="Longest run of one statement; a file's header can say otherwise.",
        examples=[900],
    )
    ledger_wait_seconds: float = Field(
        default=30,
        ge=0,
        le=3600,
        description="How long to wait while somebody else migrates the same database.",
        examples=[30],
    )


class BackupSettings(_Section):
    """The backup bucket and what counts as a backup."""

    bucket: str | None = Field(
        default=None,
        pattern=r"^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$",
        description="Name of the bucket; default `fleetify-<stack>-backups-<random>`.",
        examples=["acme-fleetify-prod-backups"],
    )
    minimum_bytes: int = Field(
        default=1_000_000,
        ge=0,
        description="A dump smaller than this does not count (plan P4: > 1 MB).",
        examples=[1_000_000],
    )
    retention_days: Days = Field(default=90, description="How long a backup is locked and kept.", examples=[90])
    evidence_retention_days: Days = Field(
        default=400, description="How long evidence is locked and kept.", examples=[400]
    )
    lock_mode: Literal["GOVERNANCE", "COMPLIANCE"] = Field(
        default="GOVERNANCE",
        description="COMPLIANCE cannot be shortened by anybody, the account's root included.",
        examples=["GOVERNANCE"],
    )
    exclude_schemas: tuple[str, ...] = Field(
        default=(),
        description="Schemas that are left out of dump and proof, such as ones that the platform owns and keeps.",
        examples=['["storage"]'],
    )
    tolerated_warnings: tuple[str, ...] = Field(
        default=(),
        description="A warning of pg_dump that holds one of these texts is reported and does not fail the backup.",
        examples=['["circular foreign-key constraints"]'],
    )
    compression_level: int = Field(default=1, ge=1, le=19, description="zstd level.", examples=[1])


class RowLevelSecuritySettings(_Section):
    """What every new table must have before its migration is committed."""

    required: bool = Field(
        default=True,
        description="Refuse new tables without forced row-level security and a policy.",
        examples=["true"],
    )
    schemas: tuple[str, ...] = Field(
        default=("public",), description="Schemas that clients can reach.", examples=['["public"]']
    )
    tenant_column: str = Field(
        default="company_id", description="Column that names the tenant.", examples=["company_id"]
    )


class RollbackSettings(_Section):
    """What a rollback may cost."""

    accept_row_loss_of: ReleaseName | None = Field(
        default=None,
        description="Name of the release whose rows a rollback may lose; nothing is lost without it.",
        examples=["phase-7d"],
    )


class Settings(_Section):
    """All of the stack's config."""

    schema_release: ReleaseName = Field(
        alias="schema", description="Release whose migrations are in the database.", examples=["phase-7d"]
    )
    database: str = Field(
        default="fleetify",
        pattern=r"^[a-z0-9][a-z0-9_-]{0,40}$",
        description="Name of the database in reports and object keys.",
        examples=["fleetify"],
    )
    database_url: SecretStr | None = Field(
        default=None,
        description=f"libpq URL of a direct connection (no pooler). {DATABASE_URL_VARIABLE} goes before it.",
        examples=["postgresql://postgres:…@db.example.com:5432/postgres"],
    )
    migrations: MigrationsSettings = Field(default=MigrationsSettings(), description="Where the migrations lie.")
    execution: ExecutionSettings = Field(default=ExecutionSettings(), description="How statements run.")
    backup: BackupSettings = Field(default=BackupSettings(), description="The backup bucket.")
    row_level_security: RowLevelSecuritySettings = Field(
        default=RowLevelSecuritySettings(), description="What every new table must have."
    )
    rollback: RollbackSettings = Field(default=RollbackSettings(), description="What a rollback may cost.")

    def resolve_database_url(self) -> str:
        """The URL of the database, from the environment or from the secret config.

        Raises:
            SettingsError: neither is there.
        """
        url = os.environ.get(DATABASE_URL_VARIABLE)
        if url:
            return url
        if self.database_url is not None:
            return self.database_url.get_secret_value()
        raise SettingsError(
            "No database is configured.",
            seen=f"{DATABASE_URL_VARIABLE} is not set and {NAMESPACE}:databaseUrl has no value",
            remedy=f"pulumi config set --secret {NAMESPACE}:databaseUrl  (reads the URL from the terminal)",
        )


def config_keys() -> tuple[str, ...]:
    """The names of all top-level keys, as written in the stack's config, without the namespace."""
    return tuple(field.alias or name for name, field in Settings.model_fields.items())


def load_settings(config: Mapping[str, Any]) -> Settings:
    """Read the stack's config.

    Args:
        config: ``fleetify:<key>`` to value. Values are strings as Pulumi hands them over, structured ones as JSON;
            keys of other namespaces are left alone.

    Raises:
        SettingsError: with all faults at once.
    """
    prefix = f"{NAMESPACE}:"
    values: dict[str, Any] = {}
    faults: list[str] = []
    for full_key, value in config.items():
        if not full_key.startswith(prefix):
            continue
        key = full_key.removeprefix(prefix)
        try:
            values[key] = _decode(key, value)
        except ValueError:
            faults.append(f"{full_key}: must be a mapping or list; seen: {str(value)[:40]!r}")
    try:
        settings = Settings.model_validate(values)
    except ValidationError as problem:
        unreadable = {fault.split(":")[1] for fault in faults}
        faults += [
            line
            for line in describe_faults(problem, Settings, prefix=prefix, secret=SECRET_KEYS)
            if not any(line.startswith(f"{prefix}{key} is missing") for key in unreadable)
        ]
    if faults:
        listing = "\n".join(f"  - {fault}" for fault in faults)
        count = "1 fault" if len(faults) == 1 else f"{len(faults)} faults"
        raise SettingsError(
            f"The stack's config has {count}:\n{listing}",
            remedy="mend Pulumi.<stack>.yaml (pulumi config set --path 'fleetify:<key>' <value>), then run again",
        )
    return settings


def _decode(key: str, value: Any) -> Any:
    """Structured values arrive as JSON text; scalars are left to pydantic."""
    structured = key in config_keys() and key not in SECRET_KEYS and _is_structured(key)
    if structured and isinstance(value, str):
        return json.loads(value)
    return value


def _is_structured(key: str) -> bool:
    for name, field in Settings.model_fields.items():
        if key in (name, field.alias):
            return isinstance(field.annotation, type) and issubclass(field.annotation, BaseModel)
    return False


def is_release_name(value: str) -> bool:
    """Whether the text can name a release: lower case, digits, dots and dashes."""
    return re.fullmatch(r"[a-z0-9][a-z0-9.-]{0,62}", value) is not None
