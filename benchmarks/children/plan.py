"""What the program does before it declares a resource, timed step by step, on the project that the argument names."""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

steps: dict[str, float] = {}
_at = time.perf_counter()


def _step(name: str) -> None:
    global _at  # noqa: PLW0603 one clock for the whole script
    now = time.perf_counter()
    steps[name] = now - _at
    _at = now


import pulumi  # noqa: E402, F401

_step("import pulumi")
import pulumi_aws  # noqa: E402, F401

_step("import pulumi_aws")
import components.backup_store  # noqa: E402

_step("import components.backup_store")
import components.database_release  # noqa: E402, F401

_step("import components.database_release")

from fleetify.database.migrations.folder import load_folder  # noqa: E402
from fleetify.database.schema import plan  # noqa: E402
from fleetify.releases import load_release  # noqa: E402
from fleetify.settings import load_settings  # noqa: E402

project = Path(sys.argv[1])
config = json.loads(sys.argv[2])
_step("other imports")
settings = load_settings({f"fleetify:{key}": value for key, value in config.items()})
release = load_release(project, settings.schema_release)
_step("settings and release")
load_folder(project / settings.migrations.folder, root=project, layout=settings.migrations.layout)
_step("read the migrations folder")
plan.plan_schema(project, settings, release)
_step("plan: read, check and lint")
print(json.dumps(steps))
