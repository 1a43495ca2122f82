"""tenant-foreign-key."""

from __future__ import annotations

from collections.abc import Iterator

from fleetify.database.migrations.lint.rule import Hit, Rule, Subject


def _find(subject: Subject) -> Iterator[Hit]:
    tenant = subject.options.tenant_column
    for table, key in subject.catalogue.foreign_keys_of(subject.migration.path):
        target = subject.catalogue.get(key.target)
        if tenant not in table.columns:
            continue
        if target is None or (target.open_columns and tenant not in target.columns):
            # A table of the live database, say below a trusted baseline: its columns are not known here.
            if tenant not in key.columns and key.target[0] in subject.options.exposed_schemas:
                label = ".".join(key.target)
                message = f"no file says whether {label} has the column {tenant}, which the foreign key would need"
                yield Hit(key.line, message, "warning")
            continue
        if tenant not in target.columns:
            continue
        target_columns = key.target_columns or target.primary_key() or key.columns
        if (tenant, tenant) not in zip(key.columns, target_columns, strict=False):
            columns = ", ".join(key.columns)
            yield Hit(
                key.line,
                f"the foreign key {table.label} ({columns}) → {target.label} does not include {tenant}",
            )


RULE = Rule(
    id="tenant-foreign-key",
    level="error",
    statement="A foreign key between two tables that both belong to a tenant includes the tenant's column.",
    why=(
        "PostgreSQL checks foreign keys without row-level security. With a key on the id alone, a client can write a"
        " row that points at another tenant's row, and so learn that it exists or block its deletion."
    ),
    remedy=(
        "give the referenced table `unique (company_id, id)` and write"
        " `foreign key (company_id, x_id) references … (company_id, id)`"
    ),
    bad="""create table app.customers (company_id uuid not null, id uuid primary key);
create table app.invoices (company_id uuid not null, customer_id uuid references app.customers (id));
create index on app.invoices (customer_id);""",
    good="""create table app.customers (company_id uuid not null, id uuid primary key, unique (company_id, id));
create table app.invoices (
  company_id uuid not null,
  customer_id uuid,
  foreign key (company_id, customer_id) references app.customers (company_id, id)
);
create index on app.invoices (company_id, customer_id);""",
    find=_find,
)
