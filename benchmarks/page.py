"""``docs/performance.md``, written from ``out/benchmarks.json``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

_HEAD = """# Performance

<!-- Written by `python -m benchmarks --write-docs`; change benchmarks/page.py, not this file. -->

Measured beside the tools people use today, on the same data, on the same machine, in the same run. `make bench` does it
again and compares on your machine; `python -m benchmarks --help` tells how to run one of them. Every contestant runs
{runs} times in turns (A B C A B C …), unless the table says otherwise; medians count. Seconds depend on the machine, so
read the ratios: below 1 ours is faster, or smaller. Best runs: the lowest of ours by the lowest of the other, which
whatever else runs on the machine disturbs least.

{machine}

{versions}
"""


def write_page(document: Mapping[str, Any]) -> str:
    """The page as Markdown.

    Args:
        document: as :func:`benchmarks.report.as_document` makes it.
    """
    head = _HEAD.format(
        runs=document["runs"],
        machine="Machine: " + ", ".join(f"{name} {value}" for name, value in document["machine"].items()) + ".",
        versions="Versions: " + ", ".join(f"{name} {value}" for name, value in document["versions"].items()) + ".",
    )
    return "\n".join([head, _targets(document), *(_section(benchmark) for benchmark in document["benchmarks"])])


def _targets(document: Mapping[str, Any]) -> str:
    rows = [
        f"| {found['ours']} | {found['other']} | {found['ratio']:.2f} | {found['best']:.2f} | ≤ {found['target']:g} |"
        f" {'met' if found['met'] else '**missed**'} |"
        for benchmark in document["benchmarks"]
        for found in benchmark["comparisons"]
        if found["target"] is not None
    ]
    return "\n".join(
        [
            "## Targets",
            "",
            "| ours | beside | ratio | best runs | target | |",
            "|---|---|---:|---:|---:|---|",
            *rows,
            "",
        ]
    )


def _section(benchmark: Mapping[str, Any]) -> str:
    lines = [f"## {benchmark['title']}", "", benchmark["method"], ""]
    lines += ["| contestant | median | lowest | highest | runs |", "|---|---:|---:|---:|---:|"]
    for found in benchmark["measurements"]:
        version = benchmark["versions"].get(found["name"])
        name = f"**{found['name']}**" if found["ours"] else found["name"]
        name += f" {version}" if version else ""
        name += f" ({found['note']})" if found["note"] else ""
        digits = 2 if found["unit"] == "s" else 0
        values = (found["median"], min(found["values"]), max(found["values"]))
        cells = " | ".join(f"{value:.{digits}f} {found['unit']}" for value in values)
        lines.append(f"| {name} | {cells} | {len(found['values'])} |")
    lines.append("")
    lines += [
        f"- {found['ours']} : {found['other']} = {found['ratio']:.2f}, best runs {found['best']:.2f}"
        for found in benchmark["comparisons"]
    ]
    lines += [f"- Left out: {name}: {reason}" for name, reason in benchmark["skipped"].items()]
    lines += [f"- {note}" for note in benchmark["notes"]]
    return "\n".join([*lines, ""])
