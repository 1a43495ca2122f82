"""The project's own migrations as files: names, ways back, lint. What they do is tested against PostgreSQL."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from itertools import pairwise
from pathlib import Path

import pytest

MIGRATIONS = Path(__file__).parents[2] / "migrations"
RELEASE = [
    "20251019000000_create_sales_system",
    "20251019210015_enhance_inventory_features",
    "20251019230000_create_integration_views",
    "20251219120000_enhance_vendors_system",
]
SQUAWK = shutil.which("squawk", path=str(Path(sys.executable).parent)) or shutil.which("squawk")


def test_the_release_is_the_four_migrations_of_the_plan() -> None:
    ups = sorted(p.stem for p in MIGRATIONS.glob("*.sql") if not p.name.endswith(".down.sql"))
    assert [name for name in ups if name >= "20251019"] == RELEASE
    assert all(name < "20251019000000" for name in ups if name not in RELEASE)


def test_every_migration_of_the_release_has_a_way_back_and_the_baseline_none() -> None:
    downs = sorted(p.name.removesuffix(".down.sql") for p in MIGRATIONS.glob("*.down.sql"))
    assert downs == RELEASE


@pytest.mark.parametrize("path", sorted(MIGRATIONS.glob("*.sql")), ids=lambda path: path.name)
def test_names_and_bytes(path: Path) -> None:
    assert re.fullmatch(r"\d{14}_[a-z][a-z0-9_]*(\.down)?\.sql", path.name)
    content = path.read_bytes()
    assert b"\r" not in content
    assert content.endswith(b"\n")
    content.decode("utf-8")


@pytest.mark.parametrize("name", RELEASE)
def test_no_cascade_takes_along_what_a_way_back_does_not_name(name: str) -> None:
    statements = [
        line for line in (MIGRATIONS / f"{name}.down.sql").read_text().splitlines() if not line.startswith("--")
    ]
    assert statements
    assert not any("cascade" in line.lower() for line in statements)


@pytest.mark.skipif(SQUAWK is None, reason="squawk is not installed beside Python or on PATH")
@pytest.mark.parametrize("name", RELEASE)
def test_squawk_finds_nothing(name: str) -> None:
    assert SQUAWK is not None
    # Whoever applies the files sets both timeouts and opens the transaction.
    arguments = ["--assume-in-transaction", "--pg-version=15.0", "--reporter=json"]
    arguments.append("--exclude=require-lock-timeout,require-statement-timeout")
    done = subprocess.run(
        [SQUAWK, *arguments, MIGRATIONS / f"{name}.sql"], capture_output=True, text=True, timeout=60, check=False
    )
    assert json.loads(done.stdout) == []


@pytest.mark.parametrize("name", RELEASE)
def test_every_silenced_finding_says_why(name: str) -> None:
    lines = (MIGRATIONS / f"{name}.sql").read_text().splitlines()
    for before, line in pairwise(lines):
        if line.startswith("-- squawk-ignore"):
            assert before.startswith("-- "), f"no reason above: {line}"
            assert len(before) > 20
