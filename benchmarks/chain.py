"""A hundred pending migrations as resources, beside a bare program with as many dynamic resources."""

from __future__ import annotations

from pathlib import Path

import yaml

from benchmarks import sql_files
from benchmarks.databases import count_tables, fresh
from benchmarks.engine import copy_project, database_environment, engine_on, write_program
from benchmarks.model import Benchmark, Lab, Measurement, Result, interleave

COUNT = 100
OURS = "100 migrations"
NOTHING = "bare: create does nothing"
SELECT = "bare: select 1 on a new connection"
SAME_SQL = "bare: the same SQL on a new connection"

# The database chain from the first migration on; what comes before it takes no part in this question.
_OURS = """
from pathlib import Path

import pulumi
from pulumi.runtime.config import get_config_env

from fleetify.database.migrations.folder import load_folder
from fleetify.settings import load_settings
from providers.database.migration import Migration

ROOT = Path(__file__).resolve().parent
settings = load_settings(get_config_env())
files = load_folder(ROOT / settings.migrations.folder, root=ROOT, layout=settings.migrations.layout)
last = []
for m in files:
    inputs = {
        "database": settings.database, "release": "bench", "version": m.version, "name": m.name, "path": m.path,
        "checksum": m.checksum, "down_checksum": m.down_checksum, "irreversible": m.irreversible,
        "transactional": m.transactional, "lint": [],
        "rehearsed": {"verdict": "go", "release": "bench", "backup": "bench", "checksum": m.checksum},
    }
    last = [Migration(f"migration-{m.version}", inputs, pulumi.ResourceOptions(depends_on=last))]
"""
_BARE = """
import pulumi

from bare import Bare

last = []
for number in range({count}):
    last = [Bare(f"resource-{{number}}", {{"number": number}}, pulumi.ResourceOptions(depends_on=last))]
"""
_RESOURCE = """
import os
from pathlib import Path

from pulumi.dynamic import CreateResult, Resource, ResourceProvider


class BareProvider(ResourceProvider):
    def create(self, props):
        {body}
        return CreateResult(str(props["number"]), props)


class Bare(Resource):
    def __init__(self, name, props, opts):
        super().__init__(BareProvider(), name, props, opts)
"""
_BODIES = {
    NOTHING: "pass",
    SELECT: """import psycopg
        with psycopg.connect(os.environ["FLEETIFY_DATABASE_URL"]) as connection:
            connection.execute("select 1")""",
    SAME_SQL: """import psycopg
        file = sorted(Path("sql").iterdir())[int(props["number"])]
        with psycopg.connect(os.environ["FLEETIFY_DATABASE_URL"]) as connection:
            connection.execute(file.read_bytes())""",
}


def measure(lab: Lab) -> Result:
    """Run the four programs in turns."""
    files = sql_files.table_migrations(COUNT)
    room = lab.room("chain")
    programs = {OURS: _write_ours(room / "ours", files)}
    for number, (name, body) in enumerate(_BODIES.items()):
        folder = write_program(room / f"bare{number}", _BARE.format(count=COUNT), bare=_RESOURCE.format(body=body))
        (folder / "sql").mkdir()
        for file in files:
            (folder / "sql" / f"{file.version}.sql").write_text(file.sql)
        programs[name] = folder

    def contestant(name: str, folder: Path) -> float:
        with fresh(lab.server) as url:
            environment = database_environment(lab.server, url)
            with engine_on(folder, lab.room("home"), environment) as engine:
                seconds = engine.up()
            made = count_tables(url, "bench_%")
            if made != (COUNT if name in (OURS, SAME_SQL) else 0):
                raise AssertionError(f"{name}: {made} tables were made")
            return seconds

    for name, folder in programs.items():
        contestant(name, folder)  # compiles the modules
    contestants = {name: lambda name=name, folder=folder: contestant(name, folder) for name, folder in programs.items()}
    found = interleave(contestants, lab.settings.runs, lab.settings.say)
    result = Result([Measurement(name, values, ours=name == OURS) for name, values in found.items()])
    result.compare(OURS, SAME_SQL, target=1.3)
    result.compare(OURS, SELECT)
    result.compare(OURS, NOTHING)
    return result


def _write_ours(folder: Path, files: list[sql_files.SqlFile]) -> Path:
    copy_project(folder, config={"schema": "bench"})
    for path in (folder / "migrations").iterdir():
        path.unlink()
    sql_files.write_supabase(files, folder / "migrations")
    (folder / "__main__.py").write_text(_OURS)
    settings = yaml.safe_load((folder / "Pulumi.yaml").read_text())
    settings.pop("config")
    (folder / "Pulumi.yaml").write_text(yaml.safe_dump(settings))
    return folder


BENCHMARK = Benchmark(
    "chain",
    "100 pending migrations as resources",
    "Each of ours makes a table with an index and forced row-level security, hangs behind the one before, takes the"
    " lock, checks the ledger, applies, checks the new table, records. The bare programs are chains of as many dynamic"
    " resources; three of them: one whose `create` does nothing, one that asks `select 1` on a new connection, one that"
    " runs the same SQL on a new connection without lock, ledger and checks. All start on an empty stack. The target"
    " is held against the last one, because the SQL itself is no overhead; the other two are told.",
    measure,
)
