"""Production, staging and the rehearsal declare the same resources in the same order."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from rehearsal.plugins.install import install
from tests.support.pulumi import ROOT, Pulumi
from tests.support.stage import Stage, copy_project, engine_on

pytestmark = [pytest.mark.engine, pytest.mark.database]


def declared(pulumi: Pulumi, stack: str) -> list[tuple[str, list[str]]]:
    """Each resource's type with the types it depends on, sorted; names aside, which hold the stack's."""
    pulumi.run("stack", "init", stack)
    answer = pulumi.run("preview", "--json", "-s", stack)
    states: list[dict[str, Any]] = [step["newState"] for step in json.loads(answer.stdout)["steps"]]
    type_of = {state["urn"]: state["type"] for state in states}
    return sorted((state["type"], sorted(type_of[urn] for urn in state.get("dependencies", []))) for state in states)


def test_all_stacks_declare_the_same(deployed: Stage, tmp_path: Path) -> None:
    folder = copy_project(tmp_path / "project")
    for stack in ("prod", "staging"):
        shutil.copy(ROOT / f"Pulumi.{stack}.yaml", folder)
    pulumi = engine_on(folder, tmp_path, deployed.url, deployed.server, deployed.cloud)
    install(pulumi.home)
    try:
        rehearsed = declared(pulumi, "rehearsal")
        assert ("pulumi-python:dynamic/database:RestoreProof", ["pulumi-python:dynamic/database:Backup"]) in [
            (kind, [name for name in before if "Backup" in name and "dynamic" in name]) for kind, before in rehearsed
        ]
        assert declared(pulumi, "prod") == rehearsed
        assert declared(pulumi, "staging") == rehearsed
    finally:
        pulumi.reap()
