"""A thousand small migrations on an empty database: ``Baseline`` and the whole ``up``, beside other tools."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import yaml

from benchmarks import sql_files
from benchmarks.databases import count_tables, fresh
from benchmarks.engine import Engine, copy_project, database_environment, engine_on, local_aws
from benchmarks.model import Benchmark, CannotRun, Lab, Measurement, Result, interleave
from benchmarks.peers import PEERS, Peer, Psql, Sqitch
from benchmarks.processes import child

FILES = 1000
SQL = "Baseline, SQL part"
UP = "pulumi up, everything"


def measure(lab: Lab) -> Result:
    """Run every tool on the same files."""
    result = Result()
    files = sql_files.small_migrations(FILES)
    contestants: dict[str, Callable[[], float]] = {}
    notes: dict[str, str] = {
        SQL: "connection, ledger, a thousand files, their statements recorded",
        UP: "engine, bucket, backup, restore proof, rehearsal, baseline, verification",
    }
    project = _write_project(lab.room("migrations") / "project", files)
    contestants[SQL] = lambda: _sql_part(lab, project)
    for peer_class in PEERS:
        try:
            peer = peer_class(files, lab.room("peer") / "files")
        except CannotRun as reason:
            result.skipped[peer_class.name] = str(reason)
            continue
        result.versions[peer.name] = peer.tool.version
        notes[peer.name] = peer.note
        contestants[peer.name] = _on_fresh(lab, peer)
    room = lab.room("up")
    with local_aws(room / "aws") as cloud, engine_on(project, room / "home", cloud) as engine:
        contestants[UP] = lambda: _whole_up(lab, engine)
        contestants[UP]()  # compiles the copy's modules, as any run before would have
        found = interleave(contestants, lab.settings.runs, lab.settings.say, once=(Sqitch.name,))
    result.measurements = [
        Measurement(name, values, ours=name in (SQL, UP), note=notes.get(name, "")) for name, values in found.items()
    ]
    result.compare(SQL, Psql.name, target=1.3)
    for peer_class in PEERS:
        result.compare(UP, peer_class.name, target=1.0 if peer_class.name in ("Flyway", "sqitch") else None)
    return result


def _write_project(folder: Path, files: list[sql_files.SqlFile]) -> Path:
    baseline = {"baseline": {"through": files[-1].version}}
    copy_project(folder, config={"schema": "bench", "migrations": baseline, "backup": {"minimumBytes": 0}})
    for path in (folder / "migrations").iterdir():
        path.unlink()
    sql_files.write_supabase(files, folder / "migrations")
    manifest = {"release": "bench", "title": "Bench", "database": {"through": files[-1].version}}
    (folder / "releases" / "bench.yaml").write_text(yaml.safe_dump(manifest))
    return folder


def _on_fresh(lab: Lab, peer: Peer) -> Callable[[], float]:
    def measure_once() -> float:
        with fresh(lab.server) as url:
            seconds = peer.measure(url)
            _check(url, peer.name)
            return seconds

    return measure_once


def _sql_part(lab: Lab, project: Path) -> float:
    with fresh(lab.server) as url:
        found = child("baseline", project, env={"FLEETIFY_DATABASE_URL": url})
        _check(url, SQL)
        return float(found["seconds"])


def _whole_up(lab: Lab, engine: Engine) -> float:
    with fresh(lab.server) as url:
        engine.set(database_environment(lab.server, url))
        engine.start_over()
        seconds = engine.up()
        _check(url, UP)
        return seconds


def _check(url: str, name: str) -> None:
    made = count_tables(url, "bench_%")
    if made != FILES // 4:
        raise AssertionError(f"{name} made {made} of {FILES // 4} tables")


BENCHMARK = Benchmark(
    "migrations",
    "1,000 small migrations on an empty database",
    "A quarter of the files makes a table with an index, a quarter adds a checked column, a quarter a trigger, the rest"
    " row-level security. Each run has a database of its own. Our SQL part runs in a fresh Python process and is timed"
    " from the first connection; the others are timed from the start of their process. The whole `up` runs on a copy of"
    " this project whose baseline is these files, against a new stack and a local AWS.",
    measure,
)
