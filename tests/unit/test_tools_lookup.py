"""Which pg_dump is taken, and which is refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from fleetify.database import tools
from fleetify.database.tools import find_tools
from fleetify.errors import ToolError


def install(directory: Path, version: str, *, restore: str | None = None) -> Path:
    directory.mkdir(parents=True)
    for name, said in (("pg_dump", version), ("pg_restore", restore or version)):
        tool = directory / name
        tool.write_text(f'#!/bin/sh\necho "{name} (PostgreSQL) {said}"\n')
        tool.chmod(0o755)
    return directory / "pg_dump"


@pytest.fixture
def nothing_installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.delenv("PG_DUMP", raising=False)
    monkeypatch.setenv("PATH", str(tmp_path / "path"))
    monkeypatch.setattr(tools, "_INSTALLED", tmp_path / "installed")
    return tmp_path


def test_without_any_tool_the_error_says_what_to_install(nothing_installed: Path) -> None:
    with pytest.raises(ToolError, match="pg_dump was not found") as caught:
        find_tools()
    assert "postgresql-client" in str(caught.value)


def test_the_named_one_comes_first(nothing_installed: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    install(nothing_installed / "path", "17.1")
    named = install(nothing_installed / "named", "16.4 (Debian 16.4-1)")
    monkeypatch.setenv("PG_DUMP", str(named))
    found = find_tools(16)
    assert (found.pg_dump, found.pg_restore) == (named, named.with_name("pg_restore"))
    assert (found.version, found.major) == ("16.4", 16)


def test_a_named_one_that_is_too_old_is_refused_though_others_would_do(
    nothing_installed: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    install(nothing_installed / "path", "17.1")
    monkeypatch.setenv("PG_DUMP", str(install(nothing_installed / "named", "15.3")))
    with pytest.raises(ToolError, match=r"version 15\.3, the server is version 16") as caught:
        find_tools(16)
    assert "postgresql-client-16" in str(caught.value)


def test_one_on_the_path_that_is_too_old_gives_way_to_a_newer_installed_one(nothing_installed: Path) -> None:
    install(nothing_installed / "path", "15.3")
    install(nothing_installed / "installed" / "9" / "bin", "9.6.24")
    newest = install(nothing_installed / "installed" / "18" / "bin", "18.0")
    assert find_tools(16).pg_dump == newest
    assert find_tools(15).version == "15.3"
    with pytest.raises(ToolError, match=r"version 18\.0, the server is version 19"):
        find_tools(19)


def test_development_versions_are_read(nothing_installed: Path) -> None:
    install(nothing_installed / "path", "19devel")
    assert find_tools(19).version == "19"


def test_an_older_pg_restore_beside_it_is_refused(nothing_installed: Path) -> None:
    install(nothing_installed / "path", "17.1", restore="16.2")
    with pytest.raises(ToolError, match="pg_restore is older"):
        find_tools()


def test_a_missing_file_and_one_that_is_no_pg_dump_are_refused(nothing_installed: Path) -> None:
    with pytest.raises(ToolError, match="does not run"):
        find_tools(pg_dump=nothing_installed / "nowhere" / "pg_dump")
    other = install(nothing_installed / "other", "17.1")
    other.write_text("#!/bin/sh\necho hello\n")
    with pytest.raises(ToolError, match="does not say which version"):
        find_tools(pg_dump=other)
