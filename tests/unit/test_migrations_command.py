from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from fleetify.commands.migrations import app
from tests.support.migration_samples import write


def call(root: Path, *arguments: str) -> Result:
    return CliRunner().invoke(app, [*arguments, "--project", str(root)])


@pytest.fixture
def project(tmp_path: Path) -> Path:
    return write(
        tmp_path,
        {
            "migrations/20260101000000_a.sql": "create table app.a (id uuid primary key);",
            "migrations/20260101000000_a.down.sql": "drop table app.a;",
            "migrations/20260102000000_b.sql": "-- fleetify: irreversible, transaction=off\nvacuum;",
        },
    )


def test_list(project: Path) -> None:
    shown = call(project, "list")
    assert shown.exit_code == 0
    assert shown.stdout == "20260101000000  a\n20260102000000  b  (without transaction, irreversible)\n"
    (first, _) = json.loads(call(project, "list", "--json").stdout)
    assert (first["path"], first["down_path"]) == (
        "migrations/20260101000000_a.sql",
        "migrations/20260101000000_a.down.sql",
    )


def test_list_refuses_a_faulty_folder(project: Path) -> None:
    (project / "migrations/x.sql").write_text("select 1;")
    shown = call(project, "list")
    assert shown.exit_code == 1
    assert "migrations/x.sql: the file has no version in front." in shown.stderr


def test_lint_clean(project: Path) -> None:
    shown = call(project, "lint")
    assert (shown.exit_code, shown.stdout) == (0, "")
    assert shown.stderr == "2 migrations: 0 errors, 0 warnings\n"


def test_lint_errors_and_warnings(project: Path) -> None:
    write(project / "migrations", {"20260103000000_c.sql": "create table t (a int);\nset search_path = x;"})
    shown = call(project, "lint")
    assert shown.exit_code == 1
    assert "migrations/20260103000000_c.sql:1: error: the table public.t has no row-level" in shown.stdout
    assert "[session-setting]" in shown.stdout
    found = json.loads(call(project, "lint", "--json").stdout)
    assert {item["rule"] for item in found} >= {"require-rls", "missing-down-script", "session-setting"}
    quiet = call(project, "lint", "--exclude", "require-rls", "--exclude", "missing-down-script")
    assert quiet.exit_code == 0
    assert "warning" in quiet.stdout
    assert call(project, "lint", "--above", "20260103000000").stdout == ""
    assert "require-rls" not in call(project, "lint", "--schema", "api").stdout


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["list", "--layout", "supabse"], "did you mean 'supabase'?"),
        (["lint", "--above", "x"], "no version"),
        (["adopt"], "FLEETIFY_DATABASE_URL is not set"),
        (["adopt", "--url", "postgresql://x"], "No such option"),
        (["nonsense"], "No such command"),
    ],
)
def test_wrong_use_is_exit_status_2(
    project: Path, monkeypatch: pytest.MonkeyPatch, arguments: list[str], message: str
) -> None:
    monkeypatch.delenv("FLEETIFY_DATABASE_URL", raising=False)
    shown = call(project, *arguments)
    assert shown.exit_code == 2
    assert message in shown.output
