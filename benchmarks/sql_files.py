"""Small migrations as people write them, in the layout of each tool."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

_TABLE = """create table {t} (
  id uuid primary key default gen_random_uuid(),
  company_id uuid not null,
  name text not null,
  created_at timestamptz not null default now()
);
create index {t}_company_id_idx on {t} (company_id);
"""
_COLUMN = """alter table {t} add column status text not null default 'open' check (status in ('open', 'closed'));
comment on column {t}.status is 'open until somebody closes it';
"""
_TRIGGER = """create function trim_{t}() returns trigger language plpgsql as $$
begin
  new.name = trim(new.name);
  return new;
end
$$;
create trigger {t}_trim before insert or update on {t} for each row execute function trim_{t}();
"""
_SECURITY = """alter table {t} enable row level security;
alter table {t} force row level security;
create policy {t}_tenant on {t} using (company_id = current_setting('app.company_id', true)::uuid);
"""
_STEPS = (
    ("table", "public.bench_{n:04}", _TABLE),
    ("status", "", _COLUMN),
    ("trim", "", _TRIGGER),
    ("security", "", _SECURITY),
)


@dataclass(frozen=True)
class SqlFile:
    """One migration.

    Attributes:
        version: fourteen digits, rising.
        name: letters and underscores.
        sql: the way up.
        down: the way back; empty where it has none.
    """

    version: str
    name: str
    sql: str
    down: str = ""


def small_migrations(count: int) -> list[SqlFile]:
    """A quarter makes a table with an index, a quarter adds a checked column, one a trigger, one row-level security."""
    files = []
    for number in range(count):
        kind, _, template = _STEPS[number % len(_STEPS)]
        table = f"bench_{number // len(_STEPS):04}"
        files.append(SqlFile(f"2025010100{number:04}", f"{kind}_{table}", template.format(t=table)))
    return files


def table_migrations(count: int) -> list[SqlFile]:
    """Each makes a table with an index and forced row-level security, and has its way back."""
    return [
        SqlFile(
            f"2025020100{number:04}",
            f"table_bench_{number:04}",
            (_TABLE + _SECURITY).format(t=f"bench_{number:04}"),
            f"drop table bench_{number:04};\n",
        )
        for number in range(count)
    ]


def write_supabase(files: Sequence[SqlFile], folder: Path) -> None:
    """``<version>_<name>.sql``, with ``.down.sql`` beside it."""
    folder.mkdir(parents=True, exist_ok=True)
    for file in files:
        (folder / f"{file.version}_{file.name}.sql").write_text(file.sql)
        if file.down:
            (folder / f"{file.version}_{file.name}.down.sql").write_text(file.down)
