"""``python -m rehearsal``: the same commands as ``fleetify rehearsal``."""

from rehearsal.cli import app

app(prog_name="fleetify rehearsal")
