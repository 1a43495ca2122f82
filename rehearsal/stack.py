"""The stack ``rehearsal``: its environment, and calls of ``pulumi`` on it.

Our own calls read a copy of the committed ``Pulumi.rehearsal.yaml`` in the rehearsal's folder, so that neither a
rehearsal nor its violent end leaves a change in the work tree. ``PULUMI_OPTION_CONFIG_FILE`` points them at the copy;
``stack init`` alone ignores it and therefore runs beside the copy. Whoever works by hand (``exports``) uses the file in
the work tree, as with any stack.
"""

from __future__ import annotations

import ctypes
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import yaml

from rehearsal.errors import RehearsalError
from rehearsal.home import HOME_VARIABLE, ROOT, STACK, Home, Record

SCHEMA_KEY = "fleetify:schema"
OLD_RELEASE, NEW_RELEASE = "phase-7c", "phase-7d"
# Everything that it protects is made for one rehearsal on loopback; the committed config's salt belongs to it.
PASSPHRASE = "rehearsal"  # noqa: S105 nothing is secret here
_TIMEOUT_SECONDS = 1800.0
_STOP_SECONDS = 60.0


def exports(home: Home, record: Record) -> dict[str, str]:
    """The environment with which plain ``pulumi … -s rehearsal`` works, PATH aside."""
    found = {
        "PULUMI_HOME": str(home.pulumi_home),
        "PULUMI_BACKEND_URL": home.backend.as_uri(),
        "PULUMI_CONFIG_PASSPHRASE": PASSPHRASE,
        "PULUMI_SKIP_UPDATE_CHECK": "true",
        "PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION": "true",
        "FLEETIFY_DATABASE_URL": str(record.postgres.get("database_url", "")),
        "PG_DUMP": str(Path(str(record.postgres.get("bindir", ""))) / "pg_dump"),
        "AWS_ENDPOINT_URL": str(record.aws.get("url", "")),
        "AWS_REGION": str(record.aws.get("region", "")),
        "AWS_ACCESS_KEY_ID": str(record.aws.get("access_key", "")),
        "AWS_SECRET_ACCESS_KEY": str(record.aws.get("secret_key", "")),
        "AWS_EC2_METADATA_DISABLED": "true",
    }
    if (ROOT / "policies" / "PulumiPolicy.yaml").exists():
        found["PULUMI_OPTION_POLICY_PACK"] = str(ROOT / "policies")
    if os.environ.get(HOME_VARIABLE):
        found[HOME_VARIABLE] = str(home.path)
    return found


def path_entries(record: Record) -> list[str]:
    """What goes in front of PATH: the engine, and the virtualenv's programs."""
    return [record.engine, str(Path(sys.executable).parent)]


def environment(home: Home, record: Record) -> dict[str, str]:
    """The whole environment of a call of ours, without another stack's settings and AWS profiles."""
    ours = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("PULUMI_", "AWS_", "PG")) and name != "FLEETIFY_DATABASE_URL"
    }
    path = os.pathsep.join([*path_entries(record), os.environ.get("PATH", "")])
    return ours | exports(home, record) | {"PATH": path, "PULUMI_OPTION_CONFIG_FILE": str(home.stack_config)}


def create(home: Home, record: Record) -> None:
    """Create the stack, with a copy of its config that is at the release which a rehearsal starts from.

    Raises:
        RehearsalError: the project's files are missing, or the engine refused.
    """
    for name in ("Pulumi.yaml", f"Pulumi.{STACK}.yaml", "__main__.py"):
        if not (ROOT / name).exists():
            raise RehearsalError(f"{ROOT / name} is missing.", remedy=f"restore it: git checkout -- {name}")
    home.stack_folder.mkdir(parents=True, exist_ok=True)
    home.backend.mkdir(exist_ok=True)
    shutil.copy(ROOT / "Pulumi.yaml", home.stack_folder)
    settings = yaml.safe_load((ROOT / f"Pulumi.{STACK}.yaml").read_text()) or {}
    settings.setdefault("config", {})[SCHEMA_KEY] = OLD_RELEASE
    home.stack_config.write_text(yaml.safe_dump(settings, sort_keys=False))
    run(home, record, ["stack", "init", STACK], cwd=home.stack_folder)


def run(
    home: Home,
    record: Record,
    args: Sequence[str],
    *,
    cwd: Path = ROOT,
    show: Callable[[str], None] | None = None,
    accept: Sequence[int] = (0,),
) -> tuple[int, str]:
    """Run ``pulumi`` on the stack.

    Args:
        home: the rehearsal.
        record: what runs.
        args: the command and its flags.
        cwd: where; the project by default.
        show: called with each line as it comes; without it the output is only returned.
        accept: exit codes that are no failure.

    Returns:
        The exit code and everything it said.

    Raises:
        RehearsalError: another exit code, or half an hour passed.
    """
    command = [str(Path(record.engine) / "pulumi"), *args, "--non-interactive", "--color", "never"]
    child = subprocess.Popen(
        command,
        cwd=cwd,
        env=environment(home, record) | {"PULUMI_DEBUG_COMMANDS": "true"},  # for --event-log
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        preexec_fn=_interrupt_with_parent(),  # noqa: PLW1509 - no threads run here
    )
    lines: list[str] = []
    try:
        for line in child.stdout or ():
            lines.append(line)
            if show:
                show(line.rstrip("\n"))
        code = child.wait(_TIMEOUT_SECONDS)
    except BaseException:
        _interrupt(child)
        raise
    finally:
        if child.stdout:
            child.stdout.close()
    said = "".join(lines)
    if code not in accept:
        raise RehearsalError(
            f"`pulumi {' '.join(args)}` ended with {code}.",
            seen=None if show else said.strip()[-2000:],
            remedy="see what it says above" if show else None,
        )
    return code, said


def config() -> dict[str, Any]:
    """The stack's config in the work tree, secret values left out."""
    try:
        loaded = yaml.safe_load((ROOT / f"Pulumi.{STACK}.yaml").read_text()) or {}
    except OSError:
        return {}
    values = loaded.get("config") or {}
    return {
        name: "[secret]" if isinstance(value, dict) and "secure" in value else value for name, value in values.items()
    }


def _interrupt(child: subprocess.Popen[str]) -> None:
    """Let the engine finish the step in flight and save its state; ask once, then end it."""
    if child.poll() is None:
        child.send_signal(signal.SIGINT)
        try:
            child.wait(_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()


def _interrupt_with_parent() -> Callable[[], None] | None:
    """Linux: the engine gets a Ctrl-C when this process is killed (prctl(2), PR_SET_PDEATHSIG)."""
    if not sys.platform.startswith("linux"):
        return None
    library = ctypes.CDLL(None)

    def ask() -> None:
        library.prctl(1, int(signal.SIGINT))

    return ask
