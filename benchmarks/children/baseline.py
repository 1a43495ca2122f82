"""The SQL part of ``Baseline``: read the folder, apply it to the empty database that the environment names."""

from __future__ import annotations

import json
import os
import sys
import time
from pathlib import Path

from fleetify.database.migrations.folder import load_folder
from fleetify.database.schema.baseline import establish_baseline
from fleetify.settings import ExecutionSettings

project = Path(sys.argv[1])
began = time.perf_counter()
files = load_folder(project / "migrations", root=project, layout="supabase")
read = time.perf_counter()
result = establish_baseline(
    os.environ["FLEETIFY_DATABASE_URL"],
    files,
    through=files[-1].version,
    trust_live=False,
    release="bench",
    client_schemas=("public",),
    execution=ExecutionSettings(),
    progress=lambda _line: None,
)
ended = time.perf_counter()
print(json.dumps({"read": read - began, "seconds": ended - read, "applied": result.applied}))
