"""missing-down-script."""

from __future__ import annotations

from collections.abc import Iterator

from fleetify.database.migrations.lint.rule import Hit, Rule, Subject


def _find(subject: Subject) -> Iterator[Hit]:
    migration = subject.migration
    if migration.down_sql is None and not migration.irreversible:
        yield Hit(None, f"the migration {migration.label} has no down script")


RULE = Rule(
    id="missing-down-script",
    level="error",
    statement="A migration has a down script, or says in its header that it is irreversible.",
    why=(
        "Rolling the database back runs the down scripts, newest first. At a migration without one the way back ends,"
        " and that should be known before the release, not during the incident."
    ),
    remedy="write the down script, or put `-- fleetify: irreversible` at the top: going back then needs a backup",
    bad="create table app.notes (id uuid primary key);",
    good="""-- fleetify: irreversible
create table app.notes (id uuid primary key);""",
    find=_find,
)
