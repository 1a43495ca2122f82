"""What ``make rehearse`` passes on, without running it."""

from __future__ import annotations

from typing import Any

import pytest
from typer.testing import CliRunner

from rehearsal import cli


@pytest.mark.parametrize(
    ("env", "flags", "kept"),
    [
        ({}, [], False),
        ({"KEEP": "1"}, [], True),
        ({"KEEP": ""}, [], False),
        ({"KEEP": "0"}, [], False),
        ({}, ["--keep"], True),
    ],
)
@pytest.mark.parametrize("good", [True, False])
def test_keep_and_exit_code(
    env: dict[str, str], flags: list[str], kept: bool, good: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[bool] = []

    def rehearse(*_args: Any, keep: bool) -> bool:
        seen.append(keep)
        return good

    monkeypatch.delenv("KEEP", raising=False)
    monkeypatch.setattr(cli, "rehearse", rehearse)
    answer = CliRunner().invoke(cli.app, ["run", *flags], env=env)
    assert (seen, answer.exit_code) == ([kept], 0 if good else 1)
