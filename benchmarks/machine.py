"""What the figures were measured on."""

from __future__ import annotations

import datetime
import importlib.metadata
import os
import platform
import re
from pathlib import Path

from rehearsal.postgres import Server

PACKAGES = ("pulumi", "pulumi-aws", "psycopg", "pglast", "boto3", "zstandard", "squawk-cli")


def facts() -> dict[str, str]:
    """Processor, memory, system and date."""
    return {
        "date": datetime.datetime.now(datetime.UTC).isoformat(timespec="minutes"),
        "processor": _processor(),
        "cores": str(os.cpu_count()),
        "memory": f"{os.sysconf('SC_PAGE_SIZE') * os.sysconf('SC_PHYS_PAGES') / 2**30:.0f} GiB",
        "system": f"{platform.system()} {platform.release()}",
        "load at start": f"{os.getloadavg()[0]:.1f}",
    }


def versions(server: Server) -> dict[str, str]:
    """Of Python, PostgreSQL and the packages that matter."""
    found = {"Python": platform.python_version(), "PostgreSQL": str(server.version)}
    return found | {name: importlib.metadata.version(name) for name in PACKAGES}


def _processor() -> str:
    try:
        match = re.search(r"^model name\s*:\s*(.+)$", Path("/proc/cpuinfo").read_text(), re.MULTILINE)
    except OSError:
        match = None
    return match[1] if match else platform.machine()
