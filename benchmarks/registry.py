"""All benchmarks, in the order in which they run."""

from __future__ import annotations

from benchmarks import backup, chain, migrations, noop, startup
from benchmarks.model import Benchmark

BENCHMARKS: tuple[Benchmark, ...] = (
    migrations.BENCHMARK,
    chain.BENCHMARK,
    backup.BENCHMARK,
    noop.BENCHMARK,
    startup.BENCHMARK,
)


def select(names: list[str]) -> tuple[Benchmark, ...]:
    """The benchmarks of those names; all of them for no name.

    Raises:
        KeyError: there is none of that name.
    """
    by_name = {benchmark.name: benchmark for benchmark in BENCHMARKS}
    return tuple(by_name[name] for name in names) if names else BENCHMARKS
