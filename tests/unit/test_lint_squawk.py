from __future__ import annotations

import os
import stat
import sys
from pathlib import Path

import pytest

from fleetify.database.migrations.lint import LintOptions, lint
from fleetify.errors import ToolError
from tests.support.migration_samples import migration


def test_findings_have_file_line_level_and_remedy() -> None:
    up = "select 1;\nalter table app.t rename column a to b;\nalter table app.t add column n int;"
    found = {item.rule: item for item in lint([migration(up)])}
    assert found["renaming-column"].level == "error"
    assert found["renaming-column"].line == 2
    assert found["renaming-column"].path == "migrations/20260101000000_x.sql"
    assert found["prefer-bigint-over-int"].level == "warning"
    assert found["prefer-bigint-over-int"].line == 3
    assert "squawk-ignore prefer-bigint-over-int" in found["prefer-bigint-over-int"].remedy


def test_squawks_own_ignores_work() -> None:
    assert lint([migration("-- squawk-ignore renaming-column\nalter table app.t rename column a to b;")]) == ()


def test_timeouts_are_not_asked_for() -> None:
    assert lint([migration("alter table app.t add column n bigint;")]) == ()


def test_files_without_transaction_are_told_apart() -> None:
    inside = lint([migration("create index i on app.t (a);")])
    outside = lint([migration("-- fleetify: transaction=off\ncreate index concurrently i on app.t (a);")])
    assert [item.rule for item in inside] == ["require-concurrent-index-creation"]
    assert [item.rule for item in outside] == ["prefer-robust-stmts"]


def test_excluded_rules_reach_squawk() -> None:
    options = LintOptions(excluded=("require-concurrent-index-creation", "require-rls"))
    assert lint([migration("create index i on app.t (a);")], options=options) == ()


def test_unknown_rule_is_named() -> None:
    with pytest.raises(ToolError, match="no-such-rule"):
        lint([migration("select 1;")], options=LintOptions(excluded=("no-such-rule",)))


def test_config_of_the_machine_has_no_say(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / ".squawk.toml").write_text('excluded_rules = ["renaming-column"]\n')
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    found = lint([migration("alter table app.t rename column a to b;")])
    assert [item.rule for item in found] == ["renaming-column"]


@pytest.mark.parametrize(
    ("script", "message"),
    [
        ("exec sleep 60", "took too long"),
        ("echo 'out of memory' >&2; exit 3", "out of memory"),
        ("echo no json", "did not answer in JSON"),
    ],
)
def test_a_failing_squawk_is_no_clean_bill(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, script: str, message: str
) -> None:
    fake = tmp_path / "squawk"
    fake.write_text(f"#!/bin/sh\n{script}\n")
    fake.chmod(fake.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setattr(sys, "executable", str(tmp_path / "python"))
    with pytest.raises(ToolError, match=message):
        lint([migration("select 1;")], options=LintOptions(squawk_timeout_seconds=0.5))


def test_missing_squawk_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", str(tmp_path / "python"))
    monkeypatch.setenv("PATH", str(tmp_path))
    assert os.environ["PATH"] == str(tmp_path)
    with pytest.raises(ToolError, match="make setup"):
        lint([migration("select 1;")])
