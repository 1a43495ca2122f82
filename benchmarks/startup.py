"""Where an empty ``pulumi preview`` spends its time: engine, host, imports, planning, providers."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable

from benchmarks.databases import fresh
from benchmarks.engine import (
    Engine,
    configure,
    copy_project,
    database_environment,
    engine_on,
    local_aws,
    write_program,
)
from benchmarks.model import Benchmark, Lab, Measurement, Result, interleave, median
from benchmarks.noop import CONFIG, MINIMAL_IMPORTS, TRIVIAL
from benchmarks.processes import ROOT, child, timed
from rehearsal.seed import seed

PREVIEW = "pulumi preview of the project, nothing to do"
PROGRAMS = {
    "preview of an empty program": "",
    "preview of a program that imports pulumi": "import pulumi",
    "preview of a program with our third-party imports": MINIMAL_IMPORTS,
    "preview of a program with one dynamic resource": "from trivial import Trivial\nTrivial('one', {'number': 1})",
}
SHOWN_MODULES = 12
PROGRAM_IMPORTS = "import components.backup_store, components.database_release, fleetify.database.schema.plan"


def measure(lab: Lab) -> Result:
    """Previews that differ by one thing each, and the program's own steps."""
    room = lab.room("startup")
    project = copy_project(room / "project", config=CONFIG)
    config = {**CONFIG, "schema": "phase-7d"}
    result = Result()
    with local_aws(room / "aws") as cloud, fresh(lab.server) as url:
        env = {**cloud, **database_environment(lab.server, url)}
        with engine_on(project, lab.room("home"), env) as ours:
            ours.up()
            seed(url)
            configure(project, config)
            ours.up()
            contestants: dict[str, Callable[[], float]] = {
                PREVIEW: ours.preview,
                "pulumi version": lambda: ours.timed("version"),
                "python -c 'import pulumi'": lambda: timed([sys.executable, "-c", "import pulumi"]),
                "python: everything our program imports": lambda: timed(
                    [sys.executable, "-c", PROGRAM_IMPORTS], cwd=ROOT
                ),
            }
            engines: list[Engine] = []
            for number, (name, source) in enumerate(PROGRAMS.items()):
                folder = write_program(room / f"program{number}", source, trivial=TRIVIAL)
                engine = Engine(folder, lab.room("home"), cloud)
                engine.start_over()
                engine.up()
                engines.append(engine)
                contestants[name] = engine.preview
            try:
                found = interleave(contestants, lab.settings.runs, lab.settings.say)
            finally:
                for engine in engines:
                    engine.reap()
    result.measurements = [Measurement(name, values, ours=name == PREVIEW) for name, values in found.items()]
    steps = [child("plan", project, json.dumps(config)) for _ in range(lab.settings.runs)]
    result.measurements += [
        Measurement(f"program: {name}", tuple(step[name] for step in steps), ours=True) for name in steps[0]
    ]
    for other in PROGRAMS:
        result.compare(PREVIEW, other)
    result.notes.append(f"Slowest imports, cumulated: {_slowest_imports()}.")
    result.notes.append(_describe_parts(result))
    return result


def _slowest_imports() -> str:
    """``python -X importtime`` of what the program imports: packages with their share, largest first."""
    done = subprocess.run(
        [sys.executable, "-X", "importtime", "-c", PROGRAM_IMPORTS],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    shares: dict[str, float] = {}
    total = 0.0
    for line in done.stderr.splitlines():
        parts = line.removeprefix("import time:").split("|")
        if len(parts) == 3 and parts[0].strip().isdigit():
            own, name = float(parts[0]), parts[2].strip().split(".")[0]
            shares[name] = shares.get(name, 0.0) + own
            total += own
    ranked = sorted(shares.items(), key=lambda item: -item[1])[:SHOWN_MODULES]
    return ", ".join(f"{name} {100 * own / total:.0f} %" for name, own in ranked)


def _describe_parts(result: Result) -> str:
    """Differences of medians, as shares of the whole preview."""
    whole = result.find(PREVIEW)
    chain = [result.find(name) for name in list(PROGRAMS)[:3]]
    if whole is None or None in chain:
        return ""
    empty, plain, imports = (median(step.values) for step in chain if step)
    shares = {
        "engine, language host and Python": empty,
        "import of the SDK": plain - empty,
        "import of the other packages": imports - plain,
        "our program, the provider processes and the comparison": whole.median - imports,
    }
    return "Parts of the preview: " + ", ".join(
        f"{name} {100 * seconds / whole.median:.0f} %" for name, seconds in shares.items()
    )


BENCHMARK = Benchmark(
    "startup",
    "Where a preview spends its time",
    "Previews of programs that differ by one thing each, and the steps of our program timed inside it. Nothing here has"
    " a target: it shows what to look at.",
    measure,
)
