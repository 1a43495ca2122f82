"""The SQL and the messages of docs/how-to/write-a-migration.md."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

from typer.testing import CliRunner

from fleetify.commands.migrations import app
from tests.support.migration_samples import write

ROOT = Path(__file__).parents[2]
GUIDE = (ROOT / "docs/how-to/write-a-migration.md").read_text()
BLOCKS = re.findall(r"```sql\n(.*?)```", GUIDE, re.DOTALL)
UP, DOWN = (block.split("\n", 1)[1] for block in BLOCKS[:2])
NAME = "20260110090000_create_tags"


def project(tmp_path: Path, files: dict[str, str | bytes]) -> Path:
    shutil.copytree(ROOT / "migrations", tmp_path / "migrations")
    write(tmp_path / "migrations", files)
    return tmp_path


def lint(folder: Path, *arguments: str) -> str:
    shown = CliRunner().invoke(app, ["lint", "--project", str(folder), *arguments])
    return shown.output


def test_the_example_is_clean(tmp_path: Path) -> None:
    folder = project(tmp_path, {f"{NAME}.sql": UP, f"{NAME}.down.sql": DOWN})
    command = re.search(r"\$ fleetify migrations lint (--above \d+)\n(.*)\n", GUIDE)
    assert command
    assert lint(folder, *command.group(1).split()) == f"{command.group(2)}\n"


def test_the_messages_are_real(tmp_path: Path) -> None:
    broken = UP.split("create index")[0]
    said = lint(project(tmp_path, {f"{NAME}.sql": broken}), "--above", "20251219120000")
    shown = GUIDE.split("$ fleetify migrations lint\n")[1].split("```")[0]
    for line in shown.splitlines():
        assert line in said


def test_the_concurrent_index_is_clean(tmp_path: Path) -> None:
    index = next(block for block in BLOCKS if "concurrently" in block)
    down = re.search(r"`(drop index concurrently[^`]+)`", GUIDE)
    assert down
    files: dict[str, str | bytes] = {
        "20260111000000_i.sql": index,
        "20260111000000_i.down.sql": f"-- fleetify: transaction=off\n{down.group(1)}\n",
    }
    assert lint(project(tmp_path, files), "--above", "20251219120000") == "1 migrations: 0 errors, 0 warnings\n"


def test_the_misspelt_header_is_real(tmp_path: Path) -> None:
    name = "20260111000000_tags_label_index.sql"
    folder = project(tmp_path, {name: "-- fleetify: transacton=off\nselect 1;"})
    shown = CliRunner().invoke(app, ["list", "--project", str(folder)])
    assert shown.stderr in GUIDE
