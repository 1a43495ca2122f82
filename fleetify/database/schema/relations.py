"""Tables and views: which there are, which a migration made or dropped, and whether they are as they must be."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import psycopg

from fleetify.database.schema.ledger import LEDGER_SCHEMAS, LedgerRow
from fleetify.settings import RowLevelSecuritySettings

_KINDS = {"r": "table", "p": "table", "v": "view", "m": "materialized view", "f": "foreign table"}

_RELATIONS = """
select c.oid::bigint, c.relkind::text, n.nspname, c.relname, c.relrowsecurity, c.relforcerowsecurity,
       exists (select from pg_catalog.pg_policy p where p.polrelid = c.oid)
from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace
where c.relkind in ('r', 'p', 'v', 'm', 'f') and not c.relispartition
  and n.nspname !~ '^pg_' and n.nspname <> 'information_schema' and n.nspname <> all(%s)
"""


@dataclass(frozen=True, slots=True)
class Relation:
    """One table or view."""

    kind: str
    schema: str
    name: str
    row_security: bool
    row_security_forced: bool
    has_policy: bool

    @property
    def label(self) -> str:
        """``table public.vendors``: how reports and the ledger name it."""
        return f"{self.kind} {self.schema}.{self.name}"


def list_relations(conn: psycopg.Connection) -> dict[int, Relation]:
    """All tables and views outside the system's and the ledger's schemas, by their oid."""
    rows = conn.execute(_RELATIONS, (list(LEDGER_SCHEMAS),)).fetchall()
    return {oid: Relation(_KINDS[kind], *rest) for oid, kind, *rest in rows}


@dataclass(frozen=True, slots=True)
class RelationChange:
    """What a migration did to the set of relations, as labels; a renamed one is dropped and created."""

    created: tuple[str, ...]
    dropped: tuple[str, ...]
    faults: tuple[str, ...]


def compare_relations(
    before: Mapping[int, Relation], after: Mapping[int, Relation], rules: RowLevelSecuritySettings
) -> RelationChange:
    """What changed between two listings, and which new tables lack what every new table must have."""
    labels_before = {relation.label for relation in before.values()}
    labels_after = {relation.label for relation in after.values()}
    faults: list[str] = []
    if rules.required:
        new = [relation for oid, relation in after.items() if oid not in before]
        faults = [fault for relation in new for fault in row_security_faults(relation, rules)]
    return RelationChange(
        created=tuple(sorted(labels_after - labels_before)),
        dropped=tuple(sorted(labels_before - labels_after)),
        faults=tuple(sorted(faults)),
    )


def row_security_faults(relation: Relation, rules: RowLevelSecuritySettings) -> list[str]:
    """What a table in a schema that clients can reach lacks (plan P2 and P5: RLS enabled with policies)."""
    if relation.kind != "table" or relation.schema not in rules.schemas:
        return []
    faults = []
    if not relation.row_security:
        faults.append(f"{relation.label}: row-level security is not enabled")
    elif not relation.row_security_forced:
        faults.append(f"{relation.label}: row-level security is not forced, so the table's owner sees every tenant")
    if not relation.has_policy:
        faults.append(f"{relation.label}: has no policy")
    return faults


def find_drift(
    row: LedgerRow, later: Iterable[LedgerRow], present: Mapping[int, Relation], rules: RowLevelSecuritySettings
) -> list[str]:
    """What a migration made and is not there, or not protected, any more.

    Args:
        row: the migration.
        later: the ledger's rows above it; what they dropped is no drift.
        present: the relations of the database.
        rules: what every new table must have.
    """
    dropped_on_purpose = {label for other in later for label in other.dropped_relations}
    by_label = {relation.label: relation for relation in present.values()}
    drift = []
    for label in row.created_relations:
        if label in dropped_on_purpose:
            continue
        relation = by_label.get(label)
        if relation is None:
            drift.append(f"{label} is missing")
        elif rules.required:
            drift.extend(row_security_faults(relation, rules))
    return sorted(drift)
