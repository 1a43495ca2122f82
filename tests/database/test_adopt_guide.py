"""The how-to guide shows what the command really says."""

from __future__ import annotations

from pathlib import Path

import pytest

from fleetify.database.migrations.adopt import adopt
from fleetify.database.migrations.adopt.render import config_yaml, render
from tests.support.messy_project import make_database, make_folder

GUIDE = Path(__file__).parents[2] / "docs/how-to/adopt-your-project.md"


@pytest.mark.database
def test_the_guides_report_is_real(tmp_path: Path, database: str) -> None:
    make_folder(tmp_path)
    make_database(database)
    found = adopt(database, Path("supabase/migrations"), root=tmp_path)
    guide = GUIDE.read_text()
    report = render(found).split("\n\nConfig:")[0]
    assert f"```text\n{report}\n```" in guide
    assert f"```yaml\n{config_yaml(found)}```" in guide
    assert f"--above {found.through}" in guide
