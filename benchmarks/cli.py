"""The command: which benchmarks, how often, what to write."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from benchmarks import machine, report
from benchmarks.model import Benchmark, Lab, Result, Settings
from benchmarks.page import write_page
from benchmarks.processes import ROOT, ProgramFailedError
from benchmarks.registry import BENCHMARKS, select
from rehearsal import postgres
from rehearsal.errors import RehearsalError

OUTPUT = ROOT / "out" / "benchmarks.json"
PAGE = ROOT / "docs" / "performance.md"
BUSY = 0.7
NAMES = ", ".join(benchmark.name for benchmark in BENCHMARKS)

app = typer.Typer(add_completion=False)
console = Console(highlight=False)


@app.command()
def compare(
    only: Annotated[list[str] | None, typer.Option(help=f"One benchmark; may be repeated: {NAMES}.")] = None,
    runs: Annotated[int, typer.Option(min=1, help="How often each contestant runs; medians count.")] = 3,
    large: Annotated[bool, typer.Option("--large", help="Also a database of 4 GB: 10 GB of disk, minutes.")] = False,
    write_docs: Annotated[bool, typer.Option("--write-docs", help="Write docs/performance.md anew.")] = False,
) -> None:
    """Compare with the tools people use today, side by side on this machine.

    Peers are fetched once from their package registries into $FLEETIFY_CACHE (default ~/.cache/fleetify); one that
    cannot be had is left out by name. Results go to out/benchmarks.json. A missed target is shown, not an error.
    """
    try:
        chosen = select(only or [])
    except KeyError as unknown:
        raise typer.BadParameter(f"there is no benchmark {unknown}; there are: {NAMES}") from None
    if write_docs and only:
        raise typer.BadParameter("--write-docs writes the whole page, so it goes without --only")
    facts = machine.facts()
    if float(facts["load at start"]) > BUSY:
        console.print(f"[yellow]This machine is busy (load {facts['load at start']}): expect scattered figures.[/]")
    results: dict[Benchmark, Result] = {}
    settings = Settings(runs, large, lambda line: console.print(f"[dim]{line}[/]"))
    try:
        for benchmark in chosen:
            console.rule(benchmark.title)
            results[benchmark], versions = _run(benchmark, settings)
            report.show(console, benchmark, results[benchmark])
            document = report.as_document(results, facts, versions, runs)
            report.write_json(OUTPUT, document)
    except (RehearsalError, ProgramFailedError) as error:
        console.print(f"[red]{error}[/]")
        raise typer.Exit(1) from None
    console.print(f"figures: {OUTPUT}")
    if write_docs:
        PAGE.write_text(write_page(json.loads(OUTPUT.read_text())), encoding="utf-8")
        console.print(f"page: {PAGE}")


def _run(benchmark: Benchmark, settings: Settings) -> tuple[Result, dict[str, str]]:
    # Durable: people's databases write to disk, and so does each tool's own record.
    with (
        postgres.running(durable=True) as server,
        tempfile.TemporaryDirectory(prefix="fleetify-benchmark-", ignore_cleanup_errors=True) as folder,
    ):
        result = benchmark.run(Lab(settings, server, Path(folder)))
        return result, machine.versions(server)
