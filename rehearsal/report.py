"""What a rehearsal came to: a table for the terminal, ``out/rehearsal.json`` for everything else."""

from __future__ import annotations

import dataclasses
import datetime
import io
import json
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from rehearsal.errors import RehearsalError
from rehearsal.steps import Result

PICTURE_COLUMNS = 104
_ORDER = ("create", "update", "replace", "delete")


def show(results: Sequence[Result], console: Console) -> None:
    """Print the table; narrow terminals and files are fine."""
    table = Table(title="Rehearsal", title_justify="left")
    table.add_column("step", overflow="fold")
    table.add_column("seconds", justify="right")
    table.add_column("changes", overflow="fold")
    table.add_column("schema")
    table.add_column("verdict")
    for result in results:
        colour = "green" if result.verdict == "ok" else "red"
        table.add_row(
            result.name,
            f"{result.seconds:.1f}",
            ", ".join(f"{result.changes[name]} {name}" for name in _ORDER if result.changes.get(name)) or "none",
            result.schema_digest[:8],
            f"[{colour}]{result.verdict}[/]",
        )
    console.print(table)
    for result in results:
        if result.reason:
            console.print(f"{result.name}: {result.reason}", markup=False, highlight=False)


def draw(report: Path, picture: Path) -> None:
    """Draw the table of a written report as SVG, without fonts of other hosts.

    Raises:
        RehearsalError: there is no such report, or it is none.
    """
    try:
        content = json.loads(report.read_text())
        results = [Result(**step) for step in content["steps"]]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise RehearsalError(
            f"{report} is no report of a rehearsal.", seen=str(error), remedy="make one: make rehearse"
        ) from None
    console = Console(record=True, width=PICTURE_COLUMNS, file=io.StringIO())
    show(results, console)
    drawn = console.export_svg(title="make rehearse", clear=False)
    picture.parent.mkdir(parents=True, exist_ok=True)
    picture.write_text(re.sub(r"@font-face\s*\{.*?\}\s*", "", drawn, flags=re.DOTALL))


def write(path: Path, results: Sequence[Result], *, facts: dict[str, Any]) -> None:
    """Write the report in one step.

    Args:
        path: the file; its folder is created.
        results: of the steps, in order.
        facts: about the whole: versions, releases.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    failed = [result.name for result in results if result.verdict != "ok"]
    content = {
        "finished": datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
        "verdict": "failed" if failed else "ok",
        **facts,
        "steps": [dataclasses.asdict(result) for result in results],
    }
    scratch = path.with_suffix(".part")
    scratch.write_text(json.dumps(content, indent=2) + "\n")
    scratch.rename(path)
