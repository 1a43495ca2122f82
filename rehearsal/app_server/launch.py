"""Starts and stops the API server."""

from __future__ import annotations

import json
import os
import secrets
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

from rehearsal.errors import RehearsalError
from rehearsal.home import ROOT, process_of

_START_SECONDS: Final = 60.0


def start(folder: Path, record: Callable[[dict[str, Any]], None], *, database_url: str) -> dict[str, Any]:
    """Start the server, detached from this process and its terminal.

    Args:
        folder: where it writes its log and its pid.
        record: called with the result before the server begins to serve, so that a killed start leaves either a
            server that is written down or none.
        database_url: what :func:`rehearsal.app_server.provision.provision` returned.

    Returns:
        url, secret (of the tokens, a new one), pid, started.

    Raises:
        RehearsalError: it did not come up.
    """
    state, log = folder / "app.json", folder / "app.log"
    state.unlink(missing_ok=True)
    found: dict[str, Any] = {"secret": secrets.token_urlsafe(40)}
    env = {
        **{name: os.environ[name] for name in ("PATH", "HOME", "TMPDIR", "LANG") if name in os.environ},
        "PYTHONPATH": str(ROOT),
        "FLEETIFY_DATABASE_URL": database_url,
        "FLEETIFY_JWT_SECRET": found["secret"],
    }
    with log.open("ab") as output:
        child = subprocess.Popen(
            [sys.executable, "-m", "rehearsal.app_server", "--state", str(state)],
            cwd=folder,
            env=env,
            stdin=subprocess.PIPE,
            stdout=output,
            stderr=output,
            start_new_session=True,
        )
    try:
        deadline = time.monotonic() + _START_SECONDS
        while not state.exists():
            if child.poll() is not None or time.monotonic() > deadline:
                raise RehearsalError(
                    "The demo app's API server did not start.",
                    seen=log.read_text(errors="replace")[-800:],
                    remedy="make sure the rehearsal's packages are installed: make setup",
                )
            time.sleep(0.02)
        answer = json.loads(state.read_text())
        found |= {"url": f"http://127.0.0.1:{answer['port']}", "pid": answer["pid"], "started": answer["started"]}
        record(found)
        if child.stdin:
            child.stdin.write(b"serve\n")
            child.stdin.close()
    except BaseException:
        child.kill()
        child.wait()
        raise
    child.returncode = 0  # it outlives us; without this, Python warns that it does
    return found


def stop(part: dict[str, Any]) -> None:
    """Stop exactly the server that this part of the record names."""
    process = process_of(part)
    if process:
        process.stop()
