"""Proves that an engine works by running a program with it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from provision.console import EngineError

TIMEOUT = 180
"""Seconds for one pulumi command on a slow machine; it takes three."""

PROVIDER = """
from pulumi.dynamic import CreateResult, Resource, ResourceProvider
import pulumi


class DoubleProvider(ResourceProvider):
    def create(self, props):
        return CreateResult("double-1", {**props, "doubled": 2 * props["number"]})


class Double(Resource):
    doubled: pulumi.Output[int]

    def __init__(self, name, number):
        super().__init__(DoubleProvider(), name, {"number": number, "doubled": None})
"""

PROGRAM = """
import pulumi
from double import Double

first = Double("first", 21)
second = Double("second", first.doubled)
pulumi.export("doubled", second.doubled)
"""

EXPECTED = {"doubled": 84}


def verify(bindir: Path) -> None:
    """Run a program of two dynamic resources with the engine and this Python, and check the stack's output.

    Config, host, executor, dynamic providers, state and outputs all take part. It needs no network and leaves
    nothing behind.

    Raises:
        EngineError: the engine failed, or put out something else than expected.
    """
    with tempfile.TemporaryDirectory(prefix="fleetify-engine-") as scratch:
        folder = Path(scratch)
        (folder / "state").mkdir()
        runtime: dict[str, object] = {"name": "python"}
        if sys.prefix != sys.base_prefix:
            runtime["options"] = {"toolchain": "pip", "virtualenv": sys.prefix}
        (folder / "Pulumi.yaml").write_text(json.dumps({"name": "engine-check", "runtime": runtime}), encoding="utf-8")
        (folder / "double.py").write_text(PROVIDER, encoding="utf-8")
        (folder / "__main__.py").write_text(PROGRAM, encoding="utf-8")
        env = environment(bindir, folder)
        _pulumi(bindir, ["stack", "init", "check"], folder, env)
        _pulumi(bindir, ["up", "--yes", "--skip-preview", "--stack", "check"], folder, env)
        outputs = _pulumi(bindir, ["stack", "output", "--json", "--stack", "check"], folder, env)
        try:
            seen = json.loads(outputs)
        except ValueError:
            seen = outputs
        if seen != EXPECTED:
            raise EngineError("The engine ran a program and got a wrong result.", seen=repr(seen))


def environment(bindir: Path, folder: Path) -> dict[str, str]:
    """An environment in which no setting of the user's Pulumi plays a part and nothing is asked of the network."""
    env = {name: value for name, value in os.environ.items() if not name.startswith("PULUMI_")}
    return env | {
        "PATH": os.pathsep.join([str(bindir), env.get("PATH", os.defpath)]),
        "PULUMI_HOME": str(folder / "home"),
        "PULUMI_BACKEND_URL": f"file://{folder / 'state'}",
        "PULUMI_CONFIG_PASSPHRASE": "verification",  # of a stack that holds no secret and lives for seconds
        "PULUMI_SKIP_UPDATE_CHECK": "true",
        "PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION": "true",
        "NO_COLOR": "1",
    }


def _pulumi(bindir: Path, arguments: list[str], folder: Path, env: dict[str, str]) -> str:
    command = [str(bindir / "pulumi"), *arguments, "--non-interactive"]
    try:
        done = subprocess.run(
            command, cwd=folder, env=env, capture_output=True, text=True, timeout=TIMEOUT, check=False
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise EngineError(f"`pulumi {' '.join(arguments)}` did not end: {error}.") from error
    if done.returncode != 0:
        lines = (done.stdout + done.stderr).strip().splitlines()
        raise EngineError(f"`pulumi {' '.join(arguments)}` failed.", seen="\n        ".join(lines[-12:]))
    return done.stdout
