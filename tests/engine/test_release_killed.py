"""``kill -9`` of the whole run at any step, ``pulumi cancel``, ``up``: the end is that of an undisturbed run."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Callable

import psycopg
import pytest

from tests.support.stage import Stage, cloned

pytestmark = [pytest.mark.engine, pytest.mark.database]

SLOW = "select pg_sleep(2.5);"
SECOND = "20251019210015_enhance_inventory_features"
SECONDS = 90


@pytest.fixture(scope="module")
def released_digest(deployed: Stage, tmp_path_factory: pytest.TempPathFactory) -> str:
    """The schema after an undisturbed release."""
    with cloned(deployed, tmp_path_factory.mktemp("undisturbed")) as undisturbed:
        undisturbed.release("phase-7d")
        return undisturbed.schema_digest()


def kill_when(stage: Stage, moment: Callable[[str], bool], *, env: dict[str, str] | None = None) -> None:
    """Start ``pulumi up``; kill everything of it, unasked, once the moment has come."""
    log = stage.folder.parent / "killed.log"
    command = stage.pulumi.command("up", "--yes", "--skip-preview", "-s", "rehearsal")
    with log.open("wb") as output:
        run = subprocess.Popen(
            command, cwd=stage.folder, env={**stage.pulumi.env, **(env or {})}, stdout=output, stderr=output
        )
    deadline = time.monotonic() + SECONDS
    while not moment(log.read_text()):
        assert run.poll() is None, f"it ended before the moment came:\n{log.read_text()}"
        assert time.monotonic() < deadline, f"the moment never came:\n{log.read_text()}"
        time.sleep(0.02)
    stage.pulumi.reap()
    run.wait(30)
    assert run.returncode != 0


def sleeping(stage: Stage) -> Callable[[str], bool]:
    """Whether a statement with pg_sleep runs in the stage's database."""

    def moment(_: str) -> bool:
        with psycopg.connect(stage.server.url) as connection:
            row = connection.execute(
                "select count(*) from pg_stat_activity where datname = %s and query ~ 'pg_sleep' and state = 'active'",
                (stage.url.rsplit("/", 1)[1],),
            ).fetchone()
        return row is not None and row[0] > 0

    return moment


def go_on(stage: Stage) -> None:
    """What the docs say to do after a kill."""
    stage.pulumi.run("cancel", "--yes", "-s", "rehearsal", check=False)
    stage.pulumi.up()
    stage.pulumi.preview("--expect-no-changes")
    stage.pulumi.refresh("--expect-no-changes")
    assert not {name for name in stage.databases() if name.startswith("fleetify_scratch")}


@pytest.mark.parametrize(
    ("tool", "body", "words"),
    [
        ("pg_dump", "sleep 2.5", "dumping"),
        ("pg_dump", '"$REAL" "$@" | (head -c 9000000; sleep 2.5; cat); exit 0', "dumped"),
        ("pg_restore", "sleep 2.5", "backup: s3://"),
    ],
    ids=["before the dump", "while uploading", "while restoring"],
)
def test_while_the_backup_is_made_and_proven(
    stage: Stage, released_digest: str, tool: str, body: str, words: str
) -> None:
    stage.configure(schema="phase-7d")
    before = stage.schema_digest()
    kill_when(stage, lambda said: words in said, env=stage.fake_tools(body, tool=tool))
    assert stage.schema_digest() == before
    go_on(stage)
    assert stage.schema_digest() == released_digest


def test_inside_a_migration(stage: Stage, released_digest: str) -> None:
    path = stage.folder / "migrations" / f"{SECOND}.sql"
    path.write_text(f"{path.read_text()}\n{SLOW}\n")
    stage.configure(schema="phase-7d")
    kill_when(stage, sleeping(stage))
    assert stage.applied() == ["20251019000000"]
    go_on(stage)
    assert len(stage.applied()) == 4
    assert stage.schema_digest() == released_digest


def test_between_migrations(stage: Stage, released_digest: str) -> None:
    stage.configure(schema="phase-7d")
    kill_when(stage, lambda said: "migration 20251019000000_create_sales_system: applied" in said)
    assert "20251019000000" in stage.applied()
    go_on(stage)
    assert stage.schema_digest() == released_digest
    events = stage.rows("select version, count(*) from fleetify.ledger_events where action = 'applied' group by 1")
    assert {count for _, count in events} == {1}


def test_in_a_down_script(stage: Stage) -> None:
    before = stage.schema_digest()
    path = stage.folder / "migrations" / f"{SECOND}.down.sql"
    path.write_text(f"{path.read_text()}\n{SLOW}\n")
    stage.release("phase-7d")
    stage.configure(schema="phase-7c")
    kill_when(stage, sleeping(stage))
    assert stage.applied() == ["20251019000000", "20251019210015"]
    go_on(stage)
    assert stage.applied() == []
    assert stage.schema_digest() == before
