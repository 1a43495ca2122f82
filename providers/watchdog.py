"""Ends the provider process when its engine is gone.

The engine starts one process for all dynamic providers, in a process group of its own, and a killed engine leaves it
behind for ever, at work on something whose result nobody will record. The engine's address is its first argument.
"""

from __future__ import annotations

import os
import socket
import sys
import threading
import time

INTERVAL_SECONDS = 1.0
PATIENCE = 3

_started = threading.Lock()


def watch_engine() -> None:
    """Start watching, once per process; does nothing outside the engine's provider process."""
    address = _engine_address()
    if address is None or not _started.acquire(blocking=False):
        return
    threading.Thread(target=_watch, args=(address,), name="engine-watchdog", daemon=True).start()


def _engine_address() -> tuple[str, int] | None:
    if len(sys.argv) < 2:  # noqa: PLR2004 the program and its first argument
        return None
    host, _, port = sys.argv[1].rpartition(":")
    return (host, int(port)) if host and port.isdigit() else None


def _watch(address: tuple[str, int]) -> None:
    failures = 0
    while failures < PATIENCE:
        time.sleep(INTERVAL_SECONDS)
        try:
            socket.create_connection(address, timeout=INTERVAL_SECONDS).close()
            failures = 0
        except ConnectionRefusedError:
            failures += 1
        except OSError:
            # A busy machine is no dead engine.
            continue
    # Open transactions roll back with their connections, uploads are cleaned up by the next run.
    os._exit(1)
