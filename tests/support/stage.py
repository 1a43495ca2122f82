"""A copy of this project with a stack, a real PostgreSQL and a local AWS: where engine tests release for real."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import boto3
import psycopg
import yaml
from psycopg import sql

from rehearsal import aws, postgres
from rehearsal.plugins.install import install
from rehearsal.seed import seed
from tests.support.pulumi import ROOT, Pulumi

STACK = "rehearsal"
COPIED = ("__main__.py", "Pulumi.yaml", "components", "providers", "fleetify", "releases", "migrations")
LEDGER = ("fleetify", "supabase_migrations")


@dataclass
class Stage:
    """One project copy, one database, one stack.

    Attributes:
        folder: the project copy.
        url: the database.
        server: the PostgreSQL server.
        cloud: what ``rehearsal.aws.start`` returned.
        pulumi: the engine on the copy.
    """

    folder: Path
    url: str
    server: postgres.Server
    cloud: dict[str, Any]
    pulumi: Pulumi
    extra_env: dict[str, str] = field(default_factory=dict)

    def configure(self, **values: Any) -> None:
        """Set ``fleetify:<key>`` values in the stack's config file, as an editor would."""
        path = self.folder / f"Pulumi.{STACK}.yaml"
        document = yaml.safe_load(path.read_text())
        for key, value in values.items():
            document["config"][f"fleetify:{key}"] = value
        path.write_text(yaml.safe_dump(document))

    def release(self, name: str, *, check: bool = True) -> subprocess.CompletedProcess[str]:
        """Set ``fleetify:schema`` and run ``pulumi up``."""
        self.configure(schema=name)
        return self.pulumi.up(check=check)

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        """What the database answers."""
        with psycopg.connect(self.url) as connection:
            return connection.execute(query.encode()).fetchall()

    def execute(self, statement: str) -> None:
        """Run a statement on the database and commit."""
        with psycopg.connect(self.url, autocommit=True) as connection:
            connection.execute(statement.encode())

    def applied(self) -> list[str]:
        """Versions of the ledger's migrations above the baseline, sorted."""
        return [
            row[0]
            for row in self.rows("select version from fleetify.migration_ledger where kind = 'migration' order by 1")
        ]

    def schema_digest(self, url: str | None = None) -> str:
        """sha256 of ``pg_dump --schema-only``, ledger aside."""
        return hashlib.sha256(self._dump("--schema-only", url=url)).hexdigest()

    def data_digest(self, tables: list[str], url: str | None = None) -> str:
        """sha256 of the sorted rows of tables."""
        flags = ["--data-only", "--inserts", *(f"--table={table}" for table in tables)]
        lines = sorted(line for line in self._dump(*flags, url=url).splitlines() if line.startswith(b"INSERT"))
        return hashlib.sha256(b"\n".join(lines)).hexdigest()

    def tables(self) -> list[str]:
        """The tables of schema public, sorted."""
        return [
            row[0]
            for row in self.rows(
                "select format('public.%I', tablename) from pg_tables where schemaname = 'public' order by 1"
            )
        ]

    def _dump(self, *flags: str, url: str | None = None) -> bytes:
        command = [str(self.server.bindir / "pg_dump"), *(f"--exclude-schema={name}" for name in LEDGER), *flags]
        probe = subprocess.run([*command[:1], "--help"], capture_output=True, text=True, check=True)
        if "--restrict-key" in probe.stdout:
            command.append("--restrict-key=test")
        return subprocess.run([*command, url or self.url], capture_output=True, check=True, timeout=120).stdout

    def databases(self) -> set[str]:
        """All databases of the server."""
        with psycopg.connect(self.url) as connection:
            return {row[0] for row in connection.execute("select datname from pg_database").fetchall()}

    def bucket(self) -> Any:
        """The stack's bucket, as boto3 sees it."""
        resource = boto3.resource(
            "s3",
            endpoint_url=self.cloud["url"],
            region_name=self.cloud["region"],
            aws_access_key_id=self.cloud["access_key"],
            aws_secret_access_key=self.cloud["secret_key"],
        )
        return resource.Bucket(self.pulumi.outputs()["bucket"])

    def objects(self) -> dict[str, str]:
        """Key to version id of everything in the bucket, and no more versions than that."""
        return {version.object_key: version.id for version in self.bucket().object_versions.all()}

    def write_release(self, name: str, through: str) -> None:
        """Write a manifest."""
        document = {"release": name, "title": name, "database": {"through": through}}
        (self.folder / "releases" / f"{name}.yaml").write_text(yaml.safe_dump(document))

    def fake_tools(self, body: str, *, tool: str = "pg_dump") -> dict[str, str]:
        """Environment in which ``pg_dump`` (and its ``pg_restore``) are scripts around the real ones.

        Args:
            body: shell lines that one of them runs before the real tool; ``"$REAL" "$@"`` calls it.
            tool: which of the two; the other one only passes on.
        """
        folder = self.folder.parent / "tools"
        folder.mkdir(exist_ok=True)
        for name in ("pg_dump", "pg_restore"):
            lines = body if name == tool else ""
            text = (
                f"#!/bin/sh\nREAL={self.server.bindir / name}\n"
                f'[ "$1" = --version ] && exec "$REAL" "$@"\n{lines}\nexec "$REAL" "$@"\n'
            )
            (folder / name).write_text(text)
            (folder / name).chmod(0o755)
        return {"PG_DUMP": str(folder / "pg_dump")}


@contextmanager
def cloud(folder: Path) -> Iterator[dict[str, Any]]:
    """A local AWS for the length of a block."""
    folder.mkdir(parents=True, exist_ok=True)
    started = aws.start(folder, lambda _: None)
    try:
        yield started
    finally:
        aws.stop(started)


def copy_project(folder: Path) -> Path:
    """This project without its tests and tools, sharing its virtual environment."""
    folder.mkdir(parents=True)
    for name in COPIED:
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(source, folder / name)
    shutil.copy(ROOT / f"Pulumi.{STACK}.yaml", folder)
    document = yaml.safe_load((folder / f"Pulumi.{STACK}.yaml").read_text())
    (folder / f"Pulumi.{STACK}.yaml").write_text(yaml.safe_dump({"config": document["config"]}))
    (folder / ".venv").symlink_to(sys.prefix)
    return folder


def engine_on(folder: Path, home: Path, url: str, server: postgres.Server, cloud_: dict[str, Any]) -> Pulumi:
    """An engine for the project copy, against this database and cloud."""
    env = {
        "PYTHONPATH": str(folder),
        "FLEETIFY_DATABASE_URL": url,
        "PG_DUMP": str(server.bindir / "pg_dump"),
        "AWS_ENDPOINT_URL": cloud_["url"],
        "AWS_REGION": cloud_["region"],
        "AWS_ACCESS_KEY_ID": cloud_["access_key"],
        "AWS_SECRET_ACCESS_KEY": cloud_["secret_key"],
        "AWS_EC2_METADATA_DISABLED": "true",
        "FLEETIFY_ACTOR": "duty engineer",
    }
    return Pulumi(home, folder, stack=STACK, env=env)


def deploy(home: Path, url: str, server: postgres.Server, cloud_: dict[str, Any]) -> Stage:
    """A stage at phase-7c with data: what every test starts from."""
    folder = copy_project(home / "project")
    pulumi = engine_on(folder, home, url, server, cloud_)
    install(pulumi.home)
    pulumi.run("stack", "init", STACK)
    pulumi.up()
    seed(url)
    return Stage(folder, url, server, cloud_, pulumi)


@contextmanager
def cloned(template: Stage, home: Path) -> Iterator[Stage]:
    """A stage of one's own, copied from another: project, state and database. The bucket is shared."""
    name = f"stage_{os.urandom(5).hex()}"
    source = template.url.rsplit("/", 1)[1]
    admin = template.server.url
    with psycopg.connect(admin, autocommit=True) as connection:
        copy = sql.SQL("create database {} template {}")
        connection.execute(copy.format(sql.Identifier(name), sql.Identifier(source)))
    url = f"{admin.rsplit('/', 1)[0]}/{name}"
    folder = home / "project"
    shutil.copytree(template.folder, folder, symlinks=True, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copytree(template.pulumi.backend, home / "state")
    pulumi = engine_on(folder, home, url, template.server, template.cloud)
    install(pulumi.home)
    try:
        yield Stage(folder, url, template.server, template.cloud, pulumi)
    finally:
        pulumi.reap()
        with psycopg.connect(admin, autocommit=True) as connection:
            connection.execute(sql.SQL("drop database if exists {} with (force)").format(sql.Identifier(name)))


def outputs_of(stage: Stage, resource: str) -> dict[str, Any]:
    """The outputs of one resource in the state."""
    found: dict[str, Any] = json.loads(json.dumps(stage.pulumi.resources()[resource]["outputs"]))
    return found
