"""Stand-ins for `pulumi` and `go`, so that every way to an engine can be walked in milliseconds."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

from tests.support.pulumi import ROOT

LAUNCHERS = ("pulumi-language-python-exec", "pulumi-resource-pulumi-python")

PULUMI = """#!/bin/sh
echo "pulumi $*" >> "{log}"
case "$1 $2" in
    "version "*) echo "{version}" ;;
    "stack output") echo '{output}' ;;
    "up "*) exit {up_code} ;;
esac
"""

GO = """#!/bin/sh
echo "go $*" >> "{log}"
case "$1 $2" in
    "env GOVERSION") echo "{version}"; exit ;;
    "env GOMODCACHE") echo "{folder}/mod"; exit ;;
    "env GOCACHE") echo "{folder}/build"; exit ;;
    "list -deps") echo one; echo two; exit ;;
    "list -m") echo "{folder}/sdk"; exit ;;
esac
{trouble}
while [ "$1" != -o ]; do shift; done
for name in pulumi pulumi-language-python; do cp "{folder}/pulumi" "$2/$name"; done
"""


def script(path: Path, text: str) -> Path:
    """Write a program."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    path.chmod(0o755)
    return path


@dataclass
class World:
    """A machine with nothing but what a test puts on its PATH, and no network."""

    folder: Path
    engine: Path = ROOT / "engine"
    env: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.log = self.folder / "calls.log"
        self.bin = self.folder / "path"
        self.bin.mkdir(parents=True)
        self.cache = self.folder / "cache"
        for name in ("sh", "cp", "sleep"):
            (self.bin / name).symlink_to(shutil.which(name) or name)
        nowhere = "http://127.0.0.1:9"  # the discard port: refuses at once
        self.env = {
            "PATH": str(self.bin),
            "HOME": str(self.folder),
            "FLEETIFY_CACHE": str(self.cache),
            "https_proxy": nowhere,
            "http_proxy": nowhere,
            "PIP_NO_INDEX": "1",
            "PIP_CONFIG_FILE": os.devnull,
        }

    def pulumi(
        self,
        folder: Path | None = None,
        *,
        version: str = "v3.300.1",
        output: str = '{"doubled": 84}',
        up_code: int = 0,
        host: bool = True,
    ) -> Path:
        """Put an engine into a folder, by default the one on PATH."""
        text = PULUMI.format(log=self.log, version=version, output=output, up_code=up_code)
        folder = folder or self.bin
        for name in ("pulumi-language-python", *LAUNCHERS) if host else ():
            script(folder / name, "#!/bin/sh\n")
        return script(folder / "pulumi", text)

    def go(self, *, version: str = "go1.99.2", trouble: str = "", output: str = '{"doubled": 84}') -> None:
        """Put a Go on PATH that builds a working engine, unless its trouble exits before."""
        self.pulumi(self.folder, version="v3.259.0", output=output, host=False)
        script(self.folder / "sdk/python/cmd/pulumi-language-python-exec", "#!/bin/sh\n")
        script(self.folder / "sdk/python/dist/pulumi-resource-pulumi-python", "#!/bin/sh\n")
        for kept in ("mod/github.com/pulumi/pulumi/pkg/v3@v3.259.0", "build/00"):
            (self.folder / kept).mkdir(parents=True, exist_ok=True)
        text = GO.format(log=self.log, version=version, folder=self.folder, trouble=trouble)
        script(self.bin / "go", text)

    def command(self, *arguments: str) -> list[str]:
        """The command line of the script."""
        return [sys.executable, str(self.engine / "provide.py"), *arguments]

    def provide(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run the script."""
        return subprocess.run(
            self.command(*arguments), env=self.env, capture_output=True, text=True, timeout=60, check=False
        )

    def calls(self, start: str) -> int:
        """How often a stand-in was called with a command line that starts so."""
        lines = self.log.read_text().splitlines() if self.log.exists() else []
        return sum(line.startswith(start) for line in lines)

    def leftovers(self) -> list[str]:
        """Half-made folders in the cache."""
        return [path.name for path in self.cache.glob("engine/tmp-*")]
