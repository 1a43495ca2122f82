"""foreign-key-index."""

from __future__ import annotations

from collections.abc import Iterator

from fleetify.database.migrations.lint.rule import Hit, Rule, Subject


def _find(subject: Subject) -> Iterator[Hit]:
    for table, foreign_key in subject.catalogue.foreign_keys_of(subject.migration.path):
        wanted = set(foreign_key.columns)
        served = any(not key.partial and set(key.columns[: len(wanted)]) == wanted for key in table.keys)
        if not served:
            columns = ", ".join(foreign_key.columns)
            target = ".".join(foreign_key.target)
            yield Hit(foreign_key.line, f"no index of {table.label} leads with ({columns}), which references {target}")


RULE = Rule(
    id="foreign-key-index",
    level="error",
    statement="The columns of a foreign key lead an index, a unique constraint or the primary key of their table.",
    why=(
        "PostgreSQL indexes the referenced side only. Each delete or key update there scans the whole referencing"
        " table and holds locks while it does; joins over the key scan as well."
    ),
    remedy="add `create index on … (…)` with the key's columns first",
    bad="""create table app.orders (id uuid primary key);
create table app.lines (id uuid primary key, order_id uuid not null references app.orders);""",
    good="""create table app.orders (id uuid primary key);
create table app.lines (id uuid primary key, order_id uuid not null references app.orders);
create index lines_order_idx on app.lines (order_id);""",
    find=_find,
)
