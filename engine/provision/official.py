"""Runs Pulumi's official installer: ``official.py reach`` or ``official.py install ROOT VERSION``.

Fails with a traceback whose last line says why. The caller gives it a time limit.
"""

from __future__ import annotations

import socket
import subprocess
import sys
import urllib.request

INSTALLER = "https://get.pulumi.com/install.sh"


def reach() -> None:
    """Fetch the first bytes of the installer's script."""
    with urllib.request.urlopen(INSTALLER, timeout=5) as response:
        response.read(1)


def install(root: str, version: str) -> None:
    """Install the engine into ``root``/bin with the SDK's own function, which fetches and runs the script."""
    from pulumi.automation import PulumiCommand  # noqa: PLC0415 - takes a second, and `reach` does without
    from semver import VersionInfo  # noqa: PLC0415

    socket.setdefaulttimeout(60)
    try:
        PulumiCommand.install(root=root, version=VersionInfo.parse(version))
    except subprocess.CalledProcessError as error:
        raise RuntimeError(
            f"the installer's script failed: {error.output.decode(errors='replace')[-300:]!r}"
        ) from error


if __name__ == "__main__":
    if sys.argv[1:] == ["reach"]:
        reach()
    else:
        _, _, target, wanted = sys.argv
        install(target, wanted)
