"""squawk: rules about locks, rewrites and breaking changes. https://squawkhq.com/docs/rules

The scripts are handed over as files of a temporary folder, one call for those with a transaction and one for those
without: squawk takes paths as glob patterns (a bracket in a name would hide the file), dbmate's files hold more than
the up script, and what is linted is thus exactly what was loaded.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from fleetify.database.migrations.lint.options import LintOptions
from fleetify.database.migrations.model import Finding, Migration
from fleetify.errors import ToolError

# The program sets both timeouts on its connection before a migration starts.
SET_BY_THE_PROGRAM = ("require-timeout-settings", "require-lock-timeout", "require-statement-timeout")
# The other colour keeps running the previous release on the new schema, so what that release relies on must stay.
BREAKS_THE_PREVIOUS_RELEASE = frozenset(
    {
        "adding-required-field",
        "ban-drop-column",
        "ban-drop-database",
        "ban-drop-table",
        "ban-truncate-cascade",
        "changing-column-type",
        "renaming-column",
        "renaming-table",
    }
)
_REMEDY = "see https://squawkhq.com/docs/{rule}; where it is right, put '-- squawk-ignore {rule}' above the statement"


def run_squawk(migrations: Sequence[Migration], options: LintOptions) -> list[Finding]:
    """What squawk finds in the up scripts.

    Raises:
        ToolError: squawk is missing, fails, answers nonsense, or takes too long.
    """
    findings: list[Finding] = []
    for transactional in (True, False):
        group = [migration for migration in migrations if migration.transactional is transactional]
        if group:
            findings += _run(group, options, transactional=transactional)
    return findings


def _run(group: Sequence[Migration], options: LintOptions, *, transactional: bool) -> list[Finding]:
    with tempfile.TemporaryDirectory(prefix="fleetify-squawk-") as folder:
        by_file: dict[str, Migration] = {}
        for number, migration in enumerate(group):
            name = f"{number:06d}.sql"
            by_file[name] = migration
            (Path(folder) / name).write_text(migration.up_sql, encoding="utf-8", newline="\n")
        # An empty config keeps squawk from looking for one in the folders above.
        (Path(folder) / "empty.toml").touch()
        command = [
            _binary(),
            "--config=empty.toml",
            "--reporter=json",
            f"--pg-version={options.postgres_version}",
            "--assume-in-transaction" if transactional else "--no-assume-in-transaction",
            *(f"--exclude={rule}" for rule in (*SET_BY_THE_PROGRAM, *_squawks_own(options.excluded))),
            "*.sql",
        ]
        answer = _call(command, folder, options.squawk_timeout_seconds)
        return [_finding(item, by_file) for item in answer]


def _squawks_own(excluded: Sequence[str]) -> list[str]:
    # Imported here: the registry imports the rules, and those the options that this module needs as well.
    from fleetify.database.migrations.lint.registry import RULE_IDS  # noqa: PLC0415

    return [rule for rule in excluded if rule not in RULE_IDS]


def _binary() -> str:
    beside_python = Path(sys.executable).with_name("squawk")
    found = str(beside_python) if beside_python.is_file() else shutil.which("squawk")
    if found is None:
        remedy = "run `make setup`, which installs squawk-cli into the virtualenv"
        raise ToolError("squawk is not installed.", seen=f"neither {beside_python} nor on PATH", remedy=remedy)
    return found


def _call(command: list[str], folder: str, timeout: float) -> list[dict[str, Any]]:
    try:
        done = subprocess.run(command, cwd=folder, capture_output=True, timeout=timeout, check=False)
    except subprocess.TimeoutExpired:
        remedy = "lint fewer files at once, or raise the limit"
        raise ToolError("squawk took too long.", seen=f"more than {timeout:g} s", remedy=remedy) from None
    except OSError as error:
        raise ToolError("squawk cannot be run.", seen=str(error), remedy="reinstall it with `make setup`") from error
    problem = done.stderr.decode(errors="replace").strip()
    # 0: nothing found; 1: something found, unless stderr says otherwise.
    if done.returncode not in {0, 1} or (done.returncode and problem):
        remedy = "check the names of excluded rules against https://squawkhq.com/docs/rules"
        raise ToolError("squawk failed.", seen=problem[:500] or f"exit status {done.returncode}", remedy=remedy)
    try:
        answer = json.loads(done.stdout or b"[]")
    except ValueError as error:
        remedy = "check `squawk --version`; 2.70 is known to work"
        raise ToolError("squawk did not answer in JSON.", seen=str(error), remedy=remedy) from error
    return list(answer)


def _finding(item: dict[str, Any], by_file: dict[str, Migration]) -> Finding:
    migration = by_file[Path(item["file"]).name]
    rule = str(item["rule_name"])
    level = "error" if item["level"] == "Error" or rule in BREAKS_THE_PREVIOUS_RELEASE else "warning"
    message = " ".join(str(item["message"]).split())
    if rule == "syntax-error":
        # PostgreSQL's own grammar has judged the file already; squawk's differs from it here and there.
        level, message = "warning", f"squawk cannot read this, so its rules may miss something: {message}"
    remedy = " ".join(str(item.get("help") or "").split())
    hint = _REMEDY.format(rule=rule)
    line = int(item["line"]) + migration.up_line
    return Finding(rule, level, migration.path, line, message, f"{remedy} {hint}".strip())
