"""The benchmarks' registry and arithmetic. No time is asserted here: what is measured is for ``make bench``."""

from __future__ import annotations

import json
from functools import partial

import pytest

from benchmarks import peers, sql_files
from benchmarks.children.sink import Held
from benchmarks.model import Benchmark, Measurement, Result, interleave, median, ratio
from benchmarks.page import write_page
from benchmarks.registry import BENCHMARKS, select
from benchmarks.report import as_document, describe
from fleetify.storage.parts import Part, composite_checksum, encode_sha256


def test_registry_lists_each_benchmark_once() -> None:
    assert [benchmark.name for benchmark in BENCHMARKS] == ["migrations", "chain", "backup", "noop", "startup"]
    assert all(benchmark.title and benchmark.method for benchmark in BENCHMARKS)
    assert [peer.name for peer in peers.PEERS] == ["psql -1", "dbmate", "goose", "alembic", "Flyway", "sqitch"]


def test_selection_by_name() -> None:
    assert select([]) == BENCHMARKS
    assert [benchmark.name for benchmark in select(["noop", "chain"])] == ["noop", "chain"]
    with pytest.raises(KeyError, match="swiftness"):
        select(["swiftness"])


def test_median_and_ratio() -> None:
    assert median([3.0, 1.0, 2.0]) == 2.0
    assert median([4.0, 1.0, 2.0, 3.0]) == 2.5
    assert ratio([2.0, 9.0, 3.0], [1.0, 2.0, 40.0]) == 1.5
    with pytest.raises(ValueError, match="no values"):
        median([])
    with pytest.raises(ValueError, match="median of the other is 0"):
        ratio([1.0], [0.0, 0.0, 5.0])


def test_contestants_take_turns_and_slow_ones_run_once() -> None:
    order: list[str] = []

    def contestant(name: str, value: float) -> float:
        order.append(name)
        return value

    contestants = {name: partial(contestant, name, 1.0) for name in "abc"}
    found = interleave(contestants, 3, lambda _line: None, once="c")
    assert order == ["a", "b", "c", "a", "b", "a", "b"]
    assert {name: len(values) for name, values in found.items()} == {"a": 3, "b": 3, "c": 1}


def test_result_compares_what_was_measured() -> None:
    result = Result([Measurement("ours", (1.0, 1.4, 1.2), ours=True), Measurement("theirs", (1.0,))])
    result.compare("ours", "theirs", target=1.3)
    result.compare("ours", "theirs", target=1.1)
    result.compare("ours", "theirs")
    result.compare("ours", "one that was skipped", target=1.0)
    assert [comparison.ratio for comparison in result.comparisons] == [1.2, 1.2, 1.2]
    assert [comparison.best for comparison in result.comparisons] == [1.0, 1.0, 1.0]
    assert [comparison.met for comparison in result.comparisons] == [True, False, None]
    assert describe(result.comparisons[1]) == "ours : theirs = 1.20, best runs 1.00 (target: at most 1.1; MISSED)"


def test_page_and_document_hold_every_figure() -> None:
    result = Result(
        [Measurement("ours", (1.0, 2.0), ours=True), Measurement("peak", (107.6,), unit="MB", note="VmHWM")],
        skipped={"Flyway": "mvn is not installed"},
        versions={"ours": "9.9"},
        notes=["Read this."],
    )
    result.measurements.append(Measurement("theirs", (1.0,)))
    result.compare("ours", "theirs", target=1.3)
    document = as_document({Benchmark("b", "Title", "Method.", lambda _lab: result): result}, {"cores": "2"}, {}, 2)
    page = write_page(json.loads(json.dumps(document)))
    for line in (
        "| ours | theirs | 1.50 | 1.00 | ≤ 1.3 | **missed** |",
        "| **ours** 9.9 | 1.50 s | 1.00 s | 2.00 s | 2 |",
        "| peak (VmHWM) | 108 MB | 108 MB | 108 MB | 1 |",
        "- Left out: Flyway: mvn is not installed",
        "- Read this.",
    ):
        assert line in page.splitlines()


def test_migrations_are_distinct_and_ordered() -> None:
    for files in (sql_files.small_migrations(1000), sql_files.table_migrations(100)):
        versions = [file.version for file in files]
        assert versions == sorted(set(versions))
        assert len({file.sql for file in files}) == len(files)


def test_sink_answers_with_the_checksum_that_the_product_expects() -> None:
    parts = [Part(8, encode_sha256(bytes(32))), Part(3, encode_sha256(b"\1" * 32))]
    held = Held({number: (part.size, part.sha256) for number, part in enumerate(parts, start=1)})
    assert held.size == 11
    assert held.checksum == composite_checksum(parts)
