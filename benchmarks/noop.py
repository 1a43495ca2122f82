"""An ``up`` that changes nothing, beside a minimal program with the same packages and as many resources."""

from __future__ import annotations

from benchmarks.databases import fresh
from benchmarks.engine import configure, copy_project, database_environment, engine_on, local_aws, write_program
from benchmarks.model import Benchmark, Lab, Measurement, Result, interleave
from rehearsal.seed import seed

OURS = "no-op up of the rehearsal stack"
MINIMAL = "no-op up of a minimal program"
CONFIG = {"schema": "phase-7c", "migrations": {"baseline": {"through": "20250901000400"}}}
AWS_PREFIX = "aws:"
DYNAMIC_PREFIX = "pulumi-python:dynamic"

# What the product's program imports, and nothing done with it but as many resources.
MINIMAL_IMPORTS = """
import pglast
import psycopg
import pulumi
import pulumi_aws as aws
import pydantic
import yaml
"""
_MINIMAL = (
    MINIMAL_IMPORTS
    + """
from trivial import Trivial

for number in range({aws}):
    aws.kms.Key(f"key-{{number}}", description="bench")
for number in range({dynamic}):
    Trivial(f"resource-{{number}}", {{"number": number}})
for number in range({components}):
    pulumi.ComponentResource("bench:index:Component", f"component-{{number}}")
"""
)
TRIVIAL = """
from pulumi.dynamic import CreateResult, Resource, ResourceProvider


class TrivialProvider(ResourceProvider):
    def create(self, props):
        return CreateResult(str(props["number"]), props)


class Trivial(Resource):
    def __init__(self, name, props):
        super().__init__(TrivialProvider(), name, props)
"""


def measure(lab: Lab) -> Result:
    """Deploy both, then run both again and again."""
    room = lab.room("noop")
    project = copy_project(room / "project", config=CONFIG)
    result = Result()
    with local_aws(room / "aws") as cloud, fresh(lab.server) as url:
        env = {**cloud, **database_environment(lab.server, url)}
        with engine_on(project, lab.room("home"), env) as ours:
            ours.up()
            seed(url)
            configure(project, {**CONFIG, "schema": "phase-7d"})
            ours.up()
            types = [resource["type"] for resource in ours.resources()]
            counts = {
                "aws": sum(kind.startswith(AWS_PREFIX) for kind in types),
                "dynamic": sum(kind.startswith(DYNAMIC_PREFIX) for kind in types),
                "components": sum(kind.startswith("fleetify:") for kind in types),
            }
            minimal = write_program(room / "minimal", _MINIMAL.format(**counts), trivial=TRIVIAL)
            with engine_on(minimal, lab.room("home"), cloud) as bare:
                bare.up()
                contestants = {OURS: ours.up, MINIMAL: bare.up}
                found = interleave(contestants, lab.settings.runs, lab.settings.say)
    result.measurements = [Measurement(name, values, ours=name == OURS) for name, values in found.items()]
    result.compare(OURS, MINIMAL, target=1.5)
    result.notes.append(
        f"Both have {counts['aws']} AWS resources of the stand-in plugin, {counts['dynamic']} dynamic ones and"
        f" {counts['components']} components."
    )
    return result


BENCHMARK = Benchmark(
    "noop",
    "An `up` that changes nothing",
    "The rehearsal stack at release phase-7d, on a seeded database, run again without a change. The minimal program"
    " imports the same packages and has as many resources of the same kinds, already created, without our code.",
    measure,
)
