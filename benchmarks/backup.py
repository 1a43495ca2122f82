"""A backup of a large database, and its proof, beside PostgreSQL's own tools."""

from __future__ import annotations

import shlex
import shutil
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import psycopg

from benchmarks.databases import create, drop, fresh, libpq_environment, size_of
from benchmarks.model import Benchmark, CannotRun, Lab, Measurement, Result, interleave
from benchmarks.object_stores import BUCKET, delete_everything, gateway, nowhere, on_disk
from benchmarks.processes import child, shell

GIGABYTE = 10**9
ROWS_A_GIGABYTE = 3_800_000
OURS = "our backup, into nothing"
OURS_STORED = "our backup, into an S3 server on the same cores"
PLAIN = "pg_dump -Fc -Z0 > /dev/null"
FILE_ZSTD = "pg_dump -Fc -Z0 | zstd -1 -T0 > file"
ZLIB = "pg_dump -Fc > file"
PROOF = "our restore proof (restore, compare, drop)"
RESTORE = "pg_restore of a file"
PEAK = "our peak memory, {size} GB"
PEAK_LIMIT_MEGABYTES = 200

# Rows as applications have them: keys, times, words, numbers, JSON; a third of it does not compress.
_FILL = """
create table readings_{n} as
select i as id, gen_random_uuid() as company_id, timestamptz '2025-01-01' + i * interval '1 second' as at,
       (array['open', 'paid', 'late', 'disputed', 'closed'])[1 + i % 5] as status,
       'Order ' || i || ' of customer ' || (i * 7919 % 100003) || ' to be delivered to gate ' || i % 97 as note,
       (i * 31 % 1000000)::numeric / 100 as amount,
       jsonb_build_object('source', 'import', 'batch', i / 1000, 'hash', md5(i::text), 'ok', i % 7 > 0) as payload
from generate_series(1::bigint, {rows}) as i;
alter table readings_{n} add primary key (id);
"""
_TABLES = 4


def measure(lab: Lab) -> Result:
    """Back up, beside pg_dump; then prove, beside pg_restore."""
    result = Result()
    _measure_size(lab, result, gigabytes=1)
    if lab.settings.large:
        _measure_size(lab, result, gigabytes=4, only_memory=True)
        result.compare(PEAK.format(size=4), PEAK.format(size=1), target=1.1)
    else:
        result.skipped[PEAK.format(size=4)] = "asked for with --large"
    result.skipped["pgBackRest"] = (
        "copies a whole server's files, with WAL archiving and a configuration on that server: another kind of backup"
    )
    result.notes.append(
        "Into nothing: a server on the same machine reads each request and throws it away, so the figure is the"
        " backup's own cost. The S3 server shares the two cores with the database, which no real bucket does: that"
        " figure is the worst case."
    )
    return result


def _measure_size(lab: Lab, result: Result, *, gigabytes: int, only_memory: bool = False) -> None:
    name = f"bench_large_{gigabytes}"
    lab.settings.say(f"filling a database of {gigabytes} GB")
    url = create(lab.server, name)
    try:
        _fill(url, gigabytes * ROWS_A_GIGABYTE)
        with ExitStack() as stack:
            runs = _Runs(lab, url, stack, result)
            contestants = {OURS: runs.backup_into_nothing} if only_memory else runs.contestants()
            found = interleave(contestants, 1 if only_memory else lab.settings.runs, lab.settings.say)
            if not only_memory:
                result.measurements += [Measurement(n, v, ours=n.startswith("our")) for n, v in found.items()]
                runs.compare()
                result.notes.append(runs.describe(size_of(url)))
            peak = PEAK.format(size=gigabytes)
            result.measurements.append(Measurement(peak, tuple(runs.peaks), unit="MB", ours=True))
            if max(runs.peaks) > PEAK_LIMIT_MEGABYTES:
                result.notes.append(f"Peak memory is above the limit of {PEAK_LIMIT_MEGABYTES} MB.")
    finally:
        drop(lab.server, name)


class _Runs:
    """The contestants, on one database."""

    def __init__(self, lab: Lab, url: str, stack: ExitStack, result: Result) -> None:
        self.lab, self.url, self.result = lab, url, result
        self.peaks: list[float] = []
        self.folder = lab.room("backup")
        self._env = libpq_environment(url)
        self._ours = {"FLEETIFY_DATABASE_URL": url, "PG_DUMP": str(lab.server.bindir / "pg_dump")}
        self._dump = shlex.quote(str(lab.server.bindir / "pg_dump"))
        self._nowhere = stack.enter_context(nowhere())
        self._last: dict[str, Any] = {}
        self._proof_key = ""
        self._disk: dict[str, str] | None = None
        try:
            tool = gateway()
            self._disk = stack.enter_context(on_disk(tool, self.folder / "gateway"))
            result.versions[tool.name] = tool.version
        except CannotRun as reason:
            result.skipped[OURS_STORED] = result.skipped[PROOF] = str(reason)

    def contestants(self) -> dict[str, Callable[[], float]]:
        """By name, in the order of the report."""
        found: dict[str, Callable[[], float]] = {
            OURS: self.backup_into_nothing,
            PLAIN: lambda: self._pipe(f"{self._dump} -Fc -Z0 > /dev/null"),
        }
        if self._disk is not None:
            found[OURS_STORED] = self._backup_to_disk
        if shutil.which("zstd"):
            found[FILE_ZSTD] = lambda: self._pipe(f"{self._dump} -Fc -Z0 | zstd -q -1 -T0 > dump.zst")
        else:
            self.result.skipped[FILE_ZSTD] = "zstd is not installed"
        found[ZLIB] = lambda: self._pipe(f"{self._dump} -Fc > dump.zlib")
        if self._disk is not None:
            found[PROOF] = self._prove
        found[RESTORE] = self._restore
        return found

    def compare(self) -> None:
        """The ratios that count."""
        self.result.compare(OURS, PLAIN, target=1.25)
        for other in (FILE_ZSTD, ZLIB):
            self.result.compare(OURS, other)
        for other in (PLAIN, FILE_ZSTD, ZLIB):
            self.result.compare(OURS_STORED, other)
        self.result.compare(PROOF, RESTORE)

    def backup_into_nothing(self) -> float:
        """Seconds of a backup whose upload is thrown away."""
        return self._backup(self._nowhere)

    def describe(self, size: int) -> str:
        """How large everything is."""
        archive, stored = self._last["archive_bytes"], self._last["stored_bytes"]
        zlib = (self.folder / "dump.zlib").stat().st_size
        return (
            f"The database has {size / GIGABYTE:.2f} GB, its archive {archive / GIGABYTE:.2f} GB,"
            f" our object {stored / GIGABYTE:.2f} GB, zlib's file {zlib / GIGABYTE:.2f} GB."
            f" Our process took {self._last['cpu']:.1f} s of processor time."
        )

    def _backup(self, store: dict[str, str]) -> float:
        found = self._last = child("backup", BUCKET, env={**self._ours, **store})
        self.peaks.append(found["peak"])
        return float(found["seconds"])

    def _backup_to_disk(self) -> float:
        assert self._disk is not None
        delete_everything(self._disk)
        seconds = self._backup(self._disk)
        self._proof_key = self._last["key"]
        return seconds

    def _pipe(self, script: str) -> float:
        return shell(script, env=self._env, cwd=self.folder)

    def _prove(self) -> float:
        found = child("proof", BUCKET, self._proof_key, env={**self._ours, **(self._disk or {})})
        if not found["equal"]:
            raise AssertionError("the restored backup differs")
        return float(found["seconds"])

    def _restore(self) -> float:
        dump: Path = self.folder / "dump.custom"
        if not dump.exists():
            self._pipe(f"{self._dump} -Fc -Z0 > {dump.name}")
        with fresh(self.lab.server) as url:
            restore = shlex.quote(str(self.lab.server.bindir / "pg_restore"))
            script = f'{restore} --exit-on-error -d "$PGDATABASE" {dump.name}'
            return shell(script, env=libpq_environment(url), cwd=self.folder)


def _fill(url: str, rows: int) -> None:
    with psycopg.connect(url, autocommit=True) as connection:
        for number in range(_TABLES):
            connection.execute(_FILL.format(n=number, rows=rows // _TABLES).encode())
        connection.execute("vacuum analyze")
        connection.execute("checkpoint")


BENCHMARK = Benchmark(
    "backup",
    "Backup of a database of 1 GB, and its restore proof",
    "The backup dumps one snapshot, hashes it, compresses it with zstd, uploads it in parts with checksums and computes"
    " rows and hashes of every table beside the dump; it runs in a fresh Python process and is timed from its first"
    " connection. The restore proof downloads, verifies, restores into a new database, compares every table and drops"
    " it; pg_restore only restores. Peak memory is the largest resident set of our process (VmHWM).",
    measure,
)
