"""One restore proof: of the backup that the arguments name, on the server that the environment names."""

from __future__ import annotations

import json
import os
import sys
import time

from benchmarks.memory import peak_megabytes
from fleetify.database.backups.restore import prove
from fleetify.storage.object_store import ObjectStore

began = time.perf_counter()
proof = prove(ObjectStore(sys.argv[1]), sys.argv[2], os.environ["FLEETIFY_DATABASE_URL"])
seconds = time.perf_counter() - began
print(json.dumps({"seconds": seconds, "peak": peak_megabytes(), "equal": proof.equal}))
