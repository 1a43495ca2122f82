"""What was found: a table for the terminal, a file for programs."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path

from rich.console import Console
from rich.table import Table

from benchmarks.model import Benchmark, Comparison, Measurement, Result


def show(console: Console, benchmark: Benchmark, result: Result) -> None:
    """Print one benchmark's figures and ratios."""
    table = Table(title=benchmark.title, title_justify="left", title_style="bold")
    table.add_column("contestant")
    for heading in ("median", "lowest", "highest", "runs"):
        table.add_column(heading, justify="right")
    table.add_column("version")
    for measurement in result.measurements:
        table.add_row(
            f"[bold]{measurement.name}[/]" if measurement.ours else measurement.name,
            figure(measurement, measurement.median),
            figure(measurement, min(measurement.values)),
            figure(measurement, max(measurement.values)),
            str(len(measurement.values)),
            result.versions.get(measurement.name, ""),
        )
    console.print(table)
    for comparison in result.comparisons:
        colour = {True: "green", False: "red", None: "default"}[comparison.met]
        console.print(f"  [{colour}]{describe(comparison)}[/]")
    for name, reason in result.skipped.items():
        console.print(f"  [dim]left out: {name}: {reason}[/]")
    for note in result.notes:
        console.print(f"  [dim]{note}[/]")
    console.print()


def figure(measurement: Measurement, value: float) -> str:
    """A value with its unit: ``1.23 s``, ``108 MB``."""
    return f"{value:.2f} s" if measurement.unit == "s" else f"{value:.0f} {measurement.unit}"


def describe(comparison: Comparison) -> str:
    """A ratio as a sentence."""
    verdict = {True: "; met", False: "; MISSED", None: ""}[comparison.met]
    target = "" if comparison.target is None else f" (target: at most {comparison.target:g}{verdict})"
    return f"{comparison.ours} : {comparison.other} = {comparison.ratio:.2f}, best runs {comparison.best:.2f}{target}"


def as_document(
    results: Mapping[Benchmark, Result], machine: Mapping[str, str], versions: Mapping[str, str], runs: int
) -> dict[str, object]:
    """Everything, as JSON values."""
    return {
        "machine": dict(machine),
        "versions": dict(versions),
        "runs": runs,
        "benchmarks": [
            {
                "name": benchmark.name,
                "title": benchmark.title,
                "method": benchmark.method,
                "measurements": [
                    {**asdict(measurement), "median": measurement.median} for measurement in result.measurements
                ],
                "comparisons": [{**asdict(found), "met": found.met} for found in result.comparisons],
                "skipped": result.skipped,
                "versions": result.versions,
                "notes": result.notes,
            }
            for benchmark, result in results.items()
        ],
    }


def write_json(path: Path, document: Mapping[str, object]) -> None:
    """Write the document; the folder is made if need be."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(document, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
