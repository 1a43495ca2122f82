"""Puts the stand-in plugins where the engine looks for plugins: ``<PULUMI_HOME>/plugins``.

The engine takes a plugin whose folder bears the SDK's version and never asks the network for it. The folder
holds an executable; no ``PulumiPlugin.yaml``, which would make the engine start it through a language host.
"""

from __future__ import annotations

import importlib.metadata
import shlex
import sys
from pathlib import Path

PLUGINS = ("aws",)
_ROOT = Path(__file__).resolve().parents[2]


def install(pulumi_home: Path) -> list[Path]:
    """Install every stand-in; returns the folders. Existing ones are rewritten.

    Args:
        pulumi_home: the rehearsal's own PULUMI_HOME, never the user's: there the real plugins lie.
    """
    return [_install(pulumi_home / "plugins", name) for name in PLUGINS]


def _install(plugins: Path, name: str) -> Path:
    version = importlib.metadata.version(f"pulumi-{name}")
    folder = plugins / f"resource-{name}-v{version}"
    folder.mkdir(parents=True, exist_ok=True)
    executable = folder / f"pulumi-resource-{name}"
    # A shell script, because a #! line takes no path with spaces and none over 127 characters. -P keeps the
    # program's own folder off the import path.
    start = shlex.join([sys.executable, "-P", "-m", f"rehearsal.plugins.{name}"])
    executable.write_text(
        f'#!/bin/sh\nPYTHONPATH={shlex.quote(str(_ROOT))} PYTHONDONTWRITEBYTECODE= exec {start} "$@"\n'
    )
    executable.chmod(0o755)
    return folder
