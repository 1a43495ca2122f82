"""A small project folder and what the release code does with it, for tests of the database half."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import psycopg

from fleetify.database.migrations.folder import load_migration
from fleetify.database.migrations.model import Migration
from fleetify.database.schema.apply import Applied, apply_migration
from fleetify.database.schema.ledger import SchemaTargetRow
from fleetify.database.schema.rollback import Retired, retire_migration
from fleetify.database.schema.target import WayBack, set_schema_target
from fleetify.settings import ExecutionSettings, RowLevelSecuritySettings

QUICK = ExecutionSettings(
    lock_timeout_seconds=0.2, lock_retries=1, statement_timeout_seconds=20, ledger_wait_seconds=0.5
)
OPEN = RowLevelSecuritySettings(required=False)
RELEASE = "phase-1"


@dataclass
class World:
    """One database and one folder of migrations."""

    url: str
    root: Path
    said: list[str] = field(default_factory=list)

    def write(self, label: str, up: str, down: str | None = None) -> Migration:
        """Write a migration into the folder and load it."""
        folder = self.root / "migrations"
        folder.mkdir(exist_ok=True)
        (folder / f"{label}.sql").write_text(up)
        if down is not None:
            (folder / f"{label}.down.sql").write_text(down)
        return load_migration(folder / f"{label}.sql", root=self.root, layout="supabase")

    def apply(
        self,
        migration: Migration,
        *,
        execution: ExecutionSettings = QUICK,
        rules: RowLevelSecuritySettings = OPEN,
    ) -> Applied:
        """Apply it to the database."""
        return apply_migration(
            self.url, migration, release=RELEASE, execution=execution, row_security=rules, progress=self.said.append
        )

    def retire(self, version: str) -> Retired:
        """What deleting the migration's resource does."""
        return retire_migration(self.url, version, execution=QUICK, progress=self.said.append)

    def target(
        self, version: str, *known: str, accept: str | None = None, baseline: str | None = None
    ) -> list[WayBack]:
        """Set the schema target."""
        return set_schema_target(
            self.url,
            SchemaTargetRow(RELEASE, version, accept),
            known_versions=known,
            baseline=baseline,
            execution=QUICK,
            progress=self.said.append,
        )

    def rows(self, query: str) -> list[tuple[object, ...]]:
        """What the database answers."""
        with psycopg.connect(self.url) as connection:
            return connection.execute(query.encode()).fetchall()

    def exists(self, relation: str) -> bool:
        """Whether there is a table or view of that name."""
        return self.rows(f"select to_regclass('{relation}') is not null") == [(True,)]

    def applied(self) -> list[object]:
        """Versions in the ledger, sorted."""
        return [row[0] for row in self.rows("select version from fleetify.migration_ledger order by 1")]
