"""Which engine the project wants, read from the files that decide it."""

from __future__ import annotations

import hashlib
import platform
import re
import sys
from importlib import metadata
from pathlib import Path

from provision.console import EngineError

FOLDER = Path(__file__).resolve().parent.parent
PROGRAMS = (
    "pulumi",
    "pulumi-language-python",
    "pulumi-language-python-exec",
    "pulumi-resource-pulumi-python",
)
"""What a bin directory must hold, or PATH offer, for Python programs with dynamic providers to run."""

OLDEST_ON_PATH = (3, 259, 0)
"""The oldest installed engine that is good enough. It is the one that the project is tested with."""

Version = tuple[int, ...]


def wanted() -> str:
    """The version of the engine in go.mod, such as ``3.259.0``.

    Raises:
        EngineError: go.mod asks for different versions of the engine's two modules, or for none.
    """
    found: set[str] = set(re.findall(r"github\.com/pulumi/pulumi/(?:pkg|sdk)/v3 v([\w.\-]+)", _go_mod()))
    if len(found) != 1:
        raise EngineError(
            "engine/go.mod must ask for one version of github.com/pulumi/pulumi/pkg/v3 and sdk/v3.",
            seen=", ".join(sorted(found)) or "none",
            remedy="set both to the same version, as engine/README.md says",
        )
    return found.pop()


def oldest_go() -> Version:
    """The oldest Go that can build the engine: the ``go`` line of go.mod."""
    found = re.search(r"^go (\S+)$", _go_mod(), re.MULTILINE)
    if not found:
        raise EngineError("engine/go.mod has no `go` line.", remedy="restore it from version control")
    return numbers(found[1])


def build_key() -> str:
    """Names a build: engine version, hash of everything that goes into it, and machine type."""
    inputs = [FOLDER / "go.mod", FOLDER / "go.sum", FOLDER / "provision" / "build.py"]
    inputs += sorted((FOLDER / "pulumi-language-python").glob("*.go"))
    digest = hashlib.sha256()
    for path in inputs:
        if path.name.endswith("_test.go"):
            continue
        content = path.read_bytes()
        digest.update(f"{path.name}\0{len(content)}\0".encode() + content)
    return f"v{wanted()}-{digest.hexdigest()[:12]}-{machine()}"


def machine() -> str:
    """The machine type, such as ``linux-x86_64``."""
    return f"{sys.platform}-{platform.machine()}"


def sdk() -> str:
    """The version of the Pulumi SDK in this virtual environment.

    Raises:
        EngineError: it is not installed.
    """
    try:
        return metadata.version("pulumi")
    except metadata.PackageNotFoundError:
        raise EngineError(
            "The Python that runs this script has no Pulumi SDK, so no engine can be verified with it.",
            seen=sys.executable,
            remedy="run `make setup`, then `.venv/bin/python engine/provide.py`",
        ) from None


def numbers(text: str) -> Version:
    """The leading numbers of a version, ``(3, 259, 0)``. Pre-releases count as their release."""
    found = re.match(r"(?:go|v)?(\d+(?:\.\d+)*)", text.strip())
    return tuple(int(part) for part in found[1].split(".")) if found else ()


def _go_mod() -> str:
    return (FOLDER / "go.mod").read_text(encoding="utf-8")
