"""A store that speaks S3 on loopback, and databases to back up into it."""

from __future__ import annotations

import logging
import secrets
from collections.abc import Iterator
from pathlib import Path

import boto3
import psycopg
import pytest
from moto.server import ThreadedMotoServer
from psycopg import sql

from rehearsal import postgres
from tests.database.backup.backup_world import AWKWARD, Bucket, execute

PASSWORD = "pass:word\\with 'signs %"


@pytest.fixture(scope="session")
def object_store_server() -> Iterator[str]:
    """URL of an S3 and KMS stand-in of this test process's own."""
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture
def bucket(object_store_server: str, monkeypatch: pytest.MonkeyPatch) -> Bucket:
    """A fresh bucket with object lock and a key; the environment points at it."""
    environment = {
        "AWS_ENDPOINT_URL": object_store_server,
        "AWS_ACCESS_KEY_ID": "test-key",
        "AWS_SECRET_ACCESS_KEY": "test-secret",
        "AWS_REGION": "us-east-1",
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_CONFIG_FILE": "/dev/null",
        "AWS_SHARED_CREDENTIALS_FILE": "/dev/null",
    }
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    name = f"backups-{secrets.token_hex(6)}"
    boto3.client("s3").create_bucket(Bucket=name, ObjectLockEnabledForBucket=True)
    key = boto3.client("kms").create_key()["KeyMetadata"]["Arn"]
    return Bucket(name, key, environment)


@pytest.fixture(autouse=True)
def tools_of_the_server(server: postgres.Server, monkeypatch: pytest.MonkeyPatch) -> None:
    """The client tools that came with the server."""
    monkeypatch.setenv("PG_DUMP", str(server.bindir / "pg_dump"))


@pytest.fixture
def awkward(database: str, server: postgres.Server) -> Iterator[str]:
    """URL of a database with every kind of column and name, over 1 MB; its password needs escaping everywhere."""
    role = f"admin_{secrets.token_hex(4)}"
    execute(database, without_missing_types(database))
    with psycopg.connect(server.url, autocommit=True) as conn:
        conn.execute(
            sql.SQL("CREATE ROLE {} SUPERUSER LOGIN PASSWORD {}").format(sql.Identifier(role), sql.Literal(PASSWORD))
        )
    try:
        yield psycopg.conninfo.make_conninfo(database, user=role, password=PASSWORD)
    finally:
        with psycopg.connect(database, autocommit=True) as conn:
            conn.execute(sql.SQL("DROP OWNED BY {} CASCADE").format(sql.Identifier(role)))
            conn.execute(sql.SQL("DROP ROLE {}").format(sql.Identifier(role)))


def without_missing_types(url: str) -> str:
    """The awkward contents, less what this build of PostgreSQL was compiled without (libxml, ICU)."""
    contents = AWKWARD
    with psycopg.connect(url, autocommit=True) as conn:
        try:
            conn.execute("SELECT '<a/>'::xml")
        except psycopg.errors.FeatureNotSupported:
            contents = contents.replace("x xml,", "x text,")
        try:
            conn.execute("CREATE COLLATION probe (provider = icu, locale = 'und')")
            conn.execute("DROP COLLATION probe")
        except psycopg.Error:
            contents = contents.replace(" COLLATE folded", "")
            contents = "\n".join(line for line in contents.splitlines() if "CREATE COLLATION" not in line)
    return contents


@pytest.fixture
def tools_directory(tmp_path: Path) -> Path:
    """Where fake tools are put."""
    return tmp_path / "tools"
