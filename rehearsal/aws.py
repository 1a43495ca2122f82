"""Starts and stops the local AWS server."""

from __future__ import annotations

import json
import os
import secrets
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from rehearsal.errors import RehearsalError
from rehearsal.home import ROOT, process_of

REGION = "eu-central-1"
_START_SECONDS = 60.0


def start(folder: Path, record: Callable[[dict[str, Any]], None]) -> dict[str, Any]:
    """Start the server, detached from this process and its terminal.

    Args:
        folder: where it writes its log and its pid.
        record: called with the result before the server begins to serve, so that a killed start leaves either a
            server that is written down or none.

    Returns:
        url, region, account, access_key, secret_key, pid, started.

    Raises:
        RehearsalError: it did not come up.
    """
    state, log = folder / "aws.json", folder / "aws.log"
    found = {
        "region": REGION,
        "account": f"{secrets.randbelow(9 * 10**11) + 10**11}",
        "access_key": f"AKIA{secrets.token_hex(8).upper()}",
        "secret_key": secrets.token_urlsafe(30),
    }
    env = {
        **{name: os.environ[name] for name in ("PATH", "HOME", "TMPDIR", "LANG") if name in os.environ},
        "PYTHONPATH": str(ROOT),
        "AWS_ACCESS_KEY_ID": found["access_key"],
        "MOTO_ACCOUNT_ID": found["account"],
    }
    with log.open("ab") as output:
        child = subprocess.Popen(
            [sys.executable, "-m", "rehearsal.aws_server", str(state)],
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
                    "The local AWS server did not start.",
                    seen=log.read_text(errors="replace")[-800:],
                    remedy="make sure the rehearsal's packages are installed: make setup",
                )
            time.sleep(0.02)
        answer = json.loads(state.read_text())
        found |= {
            "url": f"http://127.0.0.1:{answer['port']}",
            "pid": answer["pid"],
            "started": answer["started"],
        }
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
