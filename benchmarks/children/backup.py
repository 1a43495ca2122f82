"""One backup: of the database that the environment names, into the bucket that the first argument names."""

from __future__ import annotations

import json
import os
import sys
import time

from benchmarks.memory import peak_megabytes
from fleetify.database.backups.create import create_backup
from fleetify.storage.object_store import ObjectStore

store = ObjectStore(sys.argv[1])
began, cpu = time.perf_counter(), time.process_time()
record = create_backup(os.environ["FLEETIFY_DATABASE_URL"], store, release="bench", database="bench")
found = {
    "seconds": time.perf_counter() - began,
    "cpu": time.process_time() - cpu,
    "peak": peak_megabytes(),
    "key": record.key,
    "archive_bytes": record.archive_bytes,
    "stored_bytes": record.stored_bytes,
}
print(json.dumps(found))
