"""A stage at phase-7c, deployed once per test process and copied for each test."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from rehearsal import postgres
from tests.support import stage as stages


@pytest.fixture(scope="session")
def deployed(server: postgres.Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[stages.Stage]:
    """The stage that the others are copied from. Do not change it."""
    home = tmp_path_factory.mktemp("deployed")
    with psycopg.connect(server.url, autocommit=True) as connection:
        connection.execute("create database phase_7c")
    url = f"{server.url.rsplit('/', 1)[0]}/phase_7c"
    with stages.cloud(home / "aws") as cloud:
        yield stages.deploy(home, url, server, cloud)


@pytest.fixture
def stage(deployed: stages.Stage, tmp_path: Path) -> Iterator[stages.Stage]:
    """A stage of the test's own at phase-7c, with data."""
    with stages.cloned(deployed, tmp_path) as mine:
        yield mine
