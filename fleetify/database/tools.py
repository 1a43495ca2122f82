"""The PostgreSQL client tools: which ones there are, and whether they can dump this server."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from fleetify.errors import ToolError

# Where distributions keep one folder per major version; not on PATH.
_INSTALLED = Path("/usr/lib/postgresql")
_VERSION = re.compile(r"^pg_(?:dump|restore) \(PostgreSQL\) (\d+)(?:\.(\d+))?\S*", re.MULTILINE)
VERSION_TIMEOUT_SECONDS = 20


@dataclass(frozen=True, slots=True)
class Tools:
    """A pair of client tools of one version.

    Attributes:
        pg_dump: path of the executable.
        pg_restore: path of the one beside it.
        version: as the tool says it (``16.4``).
        major: the number that must not be below the server's.
    """

    pg_dump: Path
    pg_restore: Path
    version: str
    major: int


def find_tools(server_major: int | None = None, *, pg_dump: Path | None = None) -> Tools:
    """The client tools to use, in this order: given, ``PG_DUMP``, on PATH, the newest in /usr/lib/postgresql.

    A tool that somebody named is used or refused, never passed over; of the others the first new enough is taken.

    Args:
        server_major: the server's major version; None accepts any tool.
        pg_dump: path of the pg_dump to use; its pg_restore lies beside it.

    Raises:
        ToolError: none was found, one does not run, or the newest is older than the server.
    """
    named = pg_dump or (Path(os.environ["PG_DUMP"]) if os.environ.get("PG_DUMP") else None)
    candidates = [named] if named is not None else _installed()
    if not candidates:
        raise ToolError(
            "pg_dump was not found.",
            seen=f"nothing on PATH nor in {_INSTALLED}",
            remedy="install PostgreSQL's client tools (postgresql-client), or set PG_DUMP to pg_dump's path",
        )
    tools = None
    for candidate in candidates:
        found = _inspect(candidate)
        if server_major is None or found.major >= server_major:
            return found
        if tools is None or found.major > tools.major:
            tools = found
    assert tools is not None  # noqa: S101  # for the type checker: there was a candidate
    raise ToolError(
        f"pg_dump is older than the server: it is version {tools.version}, the server is version {server_major}.",
        seen=str(tools.pg_dump),
        remedy=f"install postgresql-client-{server_major} or newer, or set PG_DUMP to a pg_dump of that version",
    )


def _installed() -> list[Path]:
    on_path = shutil.which("pg_dump")
    found = [Path(on_path)] if on_path else []
    folders = [folder for folder in _INSTALLED.glob("*/bin/pg_dump") if folder.parts[-3].isdigit()]
    return found + sorted(folders, key=lambda path: int(path.parts[-3]), reverse=True)


def _inspect(pg_dump: Path) -> Tools:
    version, major = _version(pg_dump)
    # Debian's /usr/bin/pg_dump picks a version by itself; its pg_restore does the same.
    pg_restore = pg_dump.with_name(pg_dump.name.replace("pg_dump", "pg_restore"))
    restore_version, restore_major = _version(pg_restore)
    if restore_major < major:
        raise ToolError(
            f"pg_restore is older than the pg_dump beside it: {restore_version} and {version}.",
            seen=str(pg_restore),
            remedy="install both from the same package",
        )
    return Tools(pg_dump, pg_restore, version, major)


def _version(tool: Path) -> tuple[str, int]:
    try:
        answer = subprocess.run(
            [tool, "--version"],
            capture_output=True,
            text=True,
            errors="replace",
            timeout=VERSION_TIMEOUT_SECONDS,
            stdin=subprocess.DEVNULL,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise ToolError(
            f"{tool.name} does not run.",
            seen=f"{tool}: {error.strerror if isinstance(error, OSError) else 'no answer'}",
            remedy="install PostgreSQL's client tools, or set PG_DUMP to pg_dump's path (pg_restore beside it)",
        ) from None
    match = _VERSION.search(answer.stdout)
    if answer.returncode != 0 or match is None:
        raise ToolError(
            f"{tool} does not say which version it is.",
            seen=(answer.stderr or answer.stdout).strip()[:300] or f"exit status {answer.returncode}",
            remedy="set PG_DUMP to the path of PostgreSQL's own pg_dump",
        )
    major, minor = match.group(1), match.group(2)
    return (f"{major}.{minor}" if minor else major), int(major)
