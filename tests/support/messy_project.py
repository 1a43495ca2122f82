"""A migrations folder and a live database as real Supabase projects have them after two years."""

from __future__ import annotations

from pathlib import Path

import psycopg

from tests.support.migration_samples import write

FILES: dict[str, str | bytes] = {
    "README.md": "# Migrations\n",
    ".gitkeep": "",
    # Applied by hand in the dashboard's editor, then by the CLI under an 8-digit version.
    "20240105_first_fix.sql": "alter table public.customers add column phone text;",
    # Not recorded: nobody knows whether it ran.
    "20240301_lost_fix.sql": "alter table public.customers add column fax text;",
    # History: the file that created customers was deleted long ago.
    "20240110000000_add_email.sql": "alter table public.customers add column email text;",
    "20240201000000_profiles.sql": """
        create extension if not exists "uuid-ossp";
        create table public.profiles (id uuid default uuid_generate_v4(), user_id uuid references auth.users);
        create trigger on_signup after insert on auth.users for each row execute function public.handle_new_user();
        insert into storage.buckets (id, name) values ('avatars', 'avatars');""",
    # Two files, one version; the ledger knows which one ran.
    "20240301120000_orders.sql": "create table public.orders (id uuid primary key);",
    "20240301120000_orders_fixed.sql": "create table public.orders (id uuid primary key, total numeric);",
    # No longer runs anywhere.
    "20240401000000_copied_from_chat.sql": "```sql\nselect 1;\n```",
    "20240402000000_dump.sql": "\\restrict abc\ncreate table public.dumped (id int);\n\\unrestrict abc\n",
    "20240501000000_empty.sql": "-- to be written\n",
    "20240601000000_latin.sql": b"comment on table public.orders is 'caf\xe9';",
    "20240701000000_backup_of_orders.sql.bak": "select 1;",
    "20240702000000_orders copy.sql": "select 1;",
    "20250101000000-4f3c9a1e.sql": "create table public.hyphen (id int);",
    "fix_customers.sql": "update public.customers set email = null;",
    "notes.txt": "call Ahmed",
    "archive/20230101000000_old.sql": "select 1;",
    "20250601000000_never_recorded.sql": "create table public.never (id int);",
    "20250701000000_last.sql": "create table public.last (id uuid primary key);",
    # The next release.
    "20260101000000_vehicles.sql": "create table public.vehicles (id uuid primary key);",
    "20260101000000_vehicles.down.sql": "drop table public.vehicles;",
    "20260102000000_trips.sql": "create table public.trips (id uuid primary key);",
}
RECORDED = [
    ("20230501000000", "create_customers"),  # its file is gone
    ("20240105", "first_fix"),
    ("20240110000000", "add_email"),
    ("20240201000000", "profiles"),
    ("20240301120000", "orders_fixed"),
    ("20240401000000", "copied_from_chat"),
    ("20240402000000", "dump"),
    ("20240601000000", "latin"),
    ("20250701000000", "last"),
]
DATABASE = """
create schema auth; create table auth.users (id uuid primary key);
create schema storage; create table storage.buckets (id text primary key, name text);
create table public.customers (id uuid primary key, phone text, email text);
create table public.profiles (id uuid primary key);
create table public.orders (id uuid primary key, total numeric);
create table public.added_by_hand (id int);
create schema supabase_migrations;
create table supabase_migrations.schema_migrations (version text primary key, statements text[], name text);
"""


def make_folder(project: Path) -> Path:
    """The folder, below ``supabase/migrations`` of a project."""
    return write(project / "supabase/migrations", FILES)


def make_database(url: str) -> None:
    """The live database: not what the files would build. The table ``last`` is missing, another came by hand."""
    with psycopg.connect(url, autocommit=True) as conn:
        conn.execute(DATABASE)
        with conn.cursor() as cursor:
            cursor.executemany(
                "insert into supabase_migrations.schema_migrations (version, name) values (%s, %s)", RECORDED
            )
