"""Turns the output of a failed tool into a cause and a next command."""

from __future__ import annotations

import errno
import os
import re

from provision.console import EngineError

NETWORK = (
    r"no such host|dial tcp|i/o timeout|connection refused|connection reset|network is unreachable"
    r"|TLS handshake|Temporary failure in name resolution|NewConnectionError|unexpected EOF|proxyconnect"
)

CAUSES = {
    r"no space left on device|ENOSPC|[Dd]isk quota exceeded": (
        "the disk is full",
        "free some space (such as `go clean -cache`), or move FLEETIFY_CACHE, GOCACHE, GOMODCACHE and TMPDIR",
    ),
    r"checksum mismatch|SECURITY ERROR|not a valid zip file|zip: |DO NOT MATCH THE HASHES": (
        "a download is damaged or was changed on the way",
        "run `go clean -modcache`, then run this again; if it stays, something on the way alters downloads",
    ),
    r"signal: killed|cannot allocate memory|out of memory": (
        "the machine ran out of memory",
        "close other programs or add swap, then run this again; what was compiled is kept",
    ),
    r"403 Forbidden|404 Not Found|410 Gone|No matching distribution": (
        "the registry refuses or does not have what was asked for",
        "check that GOPROXY and pip's index reach a registry that carries it",
    ),
    NETWORK: (
        "the network or the registry is not reachable",
        "check the network, GOPROXY, HTTPS_PROXY and pip's index, then run this again; what was downloaded is kept",
    ),
    r"updates to go\.mod needed|missing go\.sum entry": (
        "engine/go.mod and engine/go.sum do not agree",
        "run `go mod tidy` in engine/ and commit both",
    ),
}
"""Patterns of tool output, each with its cause and what to do next. The first that matches wins."""


def explain(problem: str, output: str) -> EngineError:
    """The error for a tool that failed, from what it printed."""
    seen = _telling_lines(output)
    for pattern, (cause, remedy) in CAUSES.items():
        if re.search(pattern, output):
            return EngineError(f"{problem}: {cause}.", seen=seen, remedy=remedy)
    return EngineError(f"{problem}.", seen=seen, remedy="mend what the output says, then run this again")


def explain_os(problem: str, error: OSError) -> EngineError:
    """The error for a file operation of our own that failed."""
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return explain(problem, f"no space left on device: {error.filename or ''}")
    return EngineError(
        f"{problem}: {os.strerror(error.errno) if error.errno else error}.",
        seen=str(error.filename or error),
        remedy="mend it, or point FLEETIFY_CACHE at another folder; then run this again",
    )


def is_network(output: str) -> bool:
    """Whether trying again may help."""
    return re.search(NETWORK, output) is not None


def _telling_lines(output: str) -> str:
    lines = [line.rstrip() for line in output.splitlines() if line.strip() and not line.startswith("go: downloading")]
    return "\n        ".join(lines[-6:]) or "no output"
