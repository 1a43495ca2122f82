"""What a benchmark is, what it measures, and the arithmetic on it."""

from __future__ import annotations

import statistics
import tempfile
from collections.abc import Callable, Container, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from rehearsal.postgres import Server


class CannotRun(Exception):  # noqa: N818 it is a reason, not a fault: the contestant is left out and named
    """A contestant cannot take part; the text says why."""


@dataclass(frozen=True)
class Settings:
    """How to measure.

    Attributes:
        runs: how often each contestant runs.
        large: also what takes many minutes and 10 GB of disk.
        say: takes a line of progress.
    """

    runs: int
    large: bool
    say: Callable[[str], None]


@dataclass
class Lab:
    """Where a benchmark works: a folder and a PostgreSQL server of its own, both thrown away afterwards."""

    settings: Settings
    server: Server
    folder: Path

    def room(self, name: str) -> Path:
        """A new folder."""
        return Path(tempfile.mkdtemp(prefix=f"{name}-", dir=self.folder))


@dataclass(frozen=True)
class Measurement:
    """One contestant's figures.

    Attributes:
        name: the contestant.
        values: one per run, in ``unit``.
        unit: ``s`` or ``MB``.
        ours: whether it is the product.
        note: what the name does not say.
    """

    name: str
    values: tuple[float, ...]
    unit: str = "s"
    ours: bool = False
    note: str = ""

    @property
    def median(self) -> float:
        """The middle value."""
        return median(self.values)


@dataclass(frozen=True)
class Comparison:
    """One ratio of medians.

    Attributes:
        ours, other: names of measurements.
        ratio: median of ours by median of the other; below 1 means ours is faster or smaller.
        best: lowest by lowest, which other programs on the machine disturb least.
        target: the most it should be; None where it is only told.
    """

    ours: str
    other: str
    ratio: float
    best: float
    target: float | None = None

    @property
    def met(self) -> bool | None:
        """Whether the target is met; None without one."""
        return None if self.target is None else self.ratio <= self.target


@dataclass
class Result:
    """What a benchmark found.

    Attributes:
        measurements: by the order in which they are shown.
        comparisons: ratios of them.
        skipped: contestants that could not take part, and why.
        versions: of the tools that took part.
        notes: what one must know to read the figures.
    """

    measurements: list[Measurement] = field(default_factory=list)
    comparisons: list[Comparison] = field(default_factory=list)
    skipped: dict[str, str] = field(default_factory=dict)
    versions: dict[str, str] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)

    def find(self, name: str) -> Measurement | None:
        """The measurement of that name."""
        return next((measurement for measurement in self.measurements if measurement.name == name), None)

    def compare(self, ours: str, other: str, *, target: float | None = None) -> None:
        """Add a ratio, where both were measured."""
        left, right = self.find(ours), self.find(other)
        if left and right:
            best = min(left.values) / min(right.values)
            self.comparisons.append(Comparison(ours, other, ratio(left.values, right.values), best, target))


@dataclass(frozen=True)
class Benchmark:
    """One question about speed.

    Attributes:
        name: for ``--only``.
        title: the question.
        method: how it is measured, for the report; plain sentences.
        run: measures.
    """

    name: str
    title: str
    method: str
    run: Callable[[Lab], Result]


def median(values: tuple[float, ...] | list[float]) -> float:
    """The middle value; the mean of the two middle ones of an even number.

    Raises:
        ValueError: there are none.
    """
    if not values:
        raise ValueError("no values")
    return statistics.median(values)


def ratio(ours: tuple[float, ...] | list[float], other: tuple[float, ...] | list[float]) -> float:
    """Median by median.

    Raises:
        ValueError: one has no values, or the other's median is not above zero.
    """
    divisor = median(other)
    if divisor <= 0:
        raise ValueError(f"the median of the other is {divisor}")
    return median(ours) / divisor


def interleave(
    contestants: Mapping[str, Callable[[], float]],
    runs: int,
    say: Callable[[str], None],
    *,
    once: Container[str] = (),
) -> dict[str, tuple[float, ...]]:
    """Run each contestant ``runs`` times, in turns (A B C A B C …): a slow minute of the machine hits all alike.

    Args:
        contestants: by name; each does one run, with its own preparation, and returns what it measured.
        runs: how often.
        say: told each figure.
        once: contestants that run in the first turn only, because they take long.
    """
    found: dict[str, list[float]] = {name: [] for name in contestants}
    for turn in range(1, runs + 1):
        for name, measure in contestants.items():
            if turn > 1 and name in once:
                continue
            value = measure()
            found[name].append(value)
            say(f"run {turn} of {runs}: {name} {value:.2f}")
    return {name: tuple(values) for name, values in found.items()}
