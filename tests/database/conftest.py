"""Databases with the schema and data of the two releases, built once per test process and cloned."""

from __future__ import annotations

from collections.abc import Iterator

import psycopg
import pytest

from rehearsal import postgres
from tests.database.app_world import App, serving
from tests.database.schema_world import Session, build_phase_7c, build_phase_7d, clone


def _name(url: str) -> str:
    return url.rsplit("/", 1)[1]


@pytest.fixture(scope="session")
def phase_7c_template(server: postgres.Server) -> Iterator[str]:
    """URL of a database at phase-7c, with data. Do not write to it."""
    with clone(server) as url:
        build_phase_7c(url)
        yield url


@pytest.fixture(scope="session")
def phase_7d_template(server: postgres.Server, phase_7c_template: str) -> Iterator[str]:
    """URL of a database at phase-7d, with data. Do not write to it."""
    with clone(server, _name(phase_7c_template)) as url:
        build_phase_7d(url)
        yield url


@pytest.fixture
def phase_7c(server: postgres.Server, phase_7c_template: str) -> Iterator[str]:
    """URL of a database of the test's own at phase-7c, with data."""
    with clone(server, _name(phase_7c_template)) as url:
        yield url


@pytest.fixture
def phase_7d(phase_7d_template: str) -> Iterator[Session]:
    """A superuser's transaction at phase-7d, rolled back at the end."""
    with psycopg.connect(phase_7d_template, connect_timeout=10) as connection:
        yield Session(connection)
        connection.rollback()


@pytest.fixture(scope="session")
def app(server: postgres.Server, phase_7d_template: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[App]:
    """The demo app's API at phase-7d. Tests share its data: add what you need, do not count what others may add."""
    with clone(server, _name(phase_7d_template)) as url, serving(url, tmp_path_factory.mktemp("app")) as started:
        yield started


@pytest.fixture(scope="session")
def old_app(server: postgres.Server, phase_7c_template: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[App]:
    """The same API while the database is still at phase-7c."""
    with clone(server, _name(phase_7c_template)) as url, serving(url, tmp_path_factory.mktemp("old_app")) as started:
        yield started
