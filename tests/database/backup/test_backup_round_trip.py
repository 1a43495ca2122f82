"""From the database into the bucket and back, equal to the last row."""

from __future__ import annotations

import hashlib
import json
import subprocess
from pathlib import Path

import boto3
import psycopg
import pytest
import zstandard
from botocore.exceptions import ClientError
from typer.testing import CliRunner

from fleetify.commands.backups import app
from fleetify.database.backups.create import create_backup, list_backups, load_backup
from fleetify.database.backups.restore import drop_scratch, fetch, prove, restore_backup, scratch_is_restored
from fleetify.database.connection import with_database
from fleetify.errors import RestoreError
from fleetify.gates.evidence import Verdict
from fleetify.storage.object_store import Retention
from rehearsal import postgres
from tests.database.backup.backup_world import Bucket, execute, scalar

pytestmark = pytest.mark.database


def test_a_backup_restores_to_the_same_contents(awkward: str, bucket: Bucket) -> None:
    lines: list[str] = []
    store = bucket.store()

    record = create_backup(awkward, store, release="phase-7d", database="erp", progress=lines.append)

    assert record.key.startswith("backups/erp/phase-7d/2")
    assert record.tables["public.things"].rows == 2001
    assert record.tables['"Odd ""Schema"."Odd Table"'].rows == 50
    assert record.tables["public.parts_1"].rows == 100
    assert record.tables["public.parent"].rows == 2, "rows of inheriting tables are not counted twice"
    assert record.tables["public.secret"].rows == 10, "row-level security must not hide rows"
    assert record.tables["public.nothing"].rows == 1
    assert record.tables["large objects"].rows == 1
    assert record.archive_bytes > 1_000_000
    assert not record.empty
    assert record.snapshot_lsn is not None
    assert lines

    proof = prove(store, record.key, awkward, progress=lines.append)

    assert proof.differences == ()
    assert proof.equal
    assert proof.content_digest == record.content_digest
    assert proof.evidence().verdict is Verdict.GO
    assert proof.evidence().subject == record.evidence().subject
    assert scalar(awkward, f"SELECT count(*) FROM pg_database WHERE datname = '{proof.scratch}'") == 0


def test_the_objects_are_locked_encrypted_and_described(awkward: str, bucket: Bucket) -> None:
    record = create_backup(awkward, bucket.store(), release="phase-7d", database="erp", retention=Retention(days=30))

    s3 = boto3.client("s3")
    for key in (record.key, record.manifest_key):
        head = s3.head_object(Bucket=bucket.name, Key=key, ChecksumMode="ENABLED")
        assert head["ObjectLockMode"] == "GOVERNANCE"
        assert (head["ObjectLockRetainUntilDate"] - head["LastModified"]).days >= 29
        assert head["ServerSideEncryption"] == "aws:kms"
        assert head["SSEKMSKeyId"] == bucket.kms_key
        assert head["Metadata"] == {"release": "phase-7d", "database": "erp", "taken-at": record.taken_at}
        assert head["ChecksumSHA256"]
        with pytest.raises(ClientError, match="AccessDenied"):
            s3.delete_object(Bucket=bucket.name, Key=key, VersionId=head["VersionId"])
    content = s3.get_object(Bucket=bucket.name, Key=record.key)["Body"].read()
    assert hashlib.sha256(content).hexdigest() == record.stored_sha256
    archive = zstandard.ZstdDecompressor().decompressobj().decompress(content)
    assert hashlib.sha256(archive).hexdigest() == record.archive_sha256
    assert len(archive) == record.archive_bytes


def test_the_record_survives_its_manifest(awkward: str, bucket: Bucket) -> None:
    store = bucket.store()
    record = create_backup(awkward, store, release="phase-7d", database="erp")

    assert load_backup(store, record.key) == record
    assert [backup.key for backup in list_backups(store, "erp")] == [record.key]
    assert list_backups(store, "other") == []
    flat = record.summary()
    assert json.loads(json.dumps(flat)) == flat
    assert "tables" not in flat
    assert flat["location"] == f"s3://{bucket.name}/{record.key}"


def test_a_fetched_backup_restores_with_plain_tools(
    awkward: str, bucket: Bucket, tmp_path: Path, server: postgres.Server, database: str
) -> None:
    record = create_backup(awkward, bucket.store(), release="phase-7d", database="erp")
    path = tmp_path / "erp.dump"

    outcome = CliRunner().invoke(app, ["fetch", "latest", str(path), "--bucket", bucket.name, "--database", "erp"])

    assert outcome.exit_code == 0, outcome.output
    assert path.stat().st_mode & 0o777 == 0o600
    assert hashlib.sha256(path.read_bytes()).hexdigest() == record.archive_sha256
    execute(server.url, "CREATE DATABASE by_hand TEMPLATE template0")
    by_hand = with_database(server.url, "by_hand")
    try:
        subprocess.run(
            [server.bindir / "pg_restore", "--exit-on-error", f"--dbname={by_hand}", path], check=True, timeout=60
        )
        assert scalar(by_hand, "SELECT count(*) FROM things") == 2001
    finally:
        execute(server.url, "DROP DATABASE by_hand")
    with pytest.raises(RestoreError, match="exists already"):
        fetch(bucket.store(), record.key, path)


def test_the_command_lists_and_verifies(awkward: str, bucket: Bucket, monkeypatch: pytest.MonkeyPatch) -> None:
    record = create_backup(awkward, bucket.store(), release="phase-7d", database="erp")
    runner = CliRunner()

    listed = runner.invoke(app, ["list", "--bucket", bucket.name])
    assert listed.exit_code == 0
    assert record.key in listed.output

    downloaded = runner.invoke(app, ["verify", record.key, "--bucket", bucket.name, "--download-only"])
    assert downloaded.exit_code == 0, downloaded.output
    assert "is what was stored" in downloaded.output

    monkeypatch.setenv("FLEETIFY_DATABASE_URL", awkward)
    verified = runner.invoke(app, ["verify", record.key, "--bucket", bucket.name])
    assert verified.exit_code == 0, verified.output
    assert "equal" in verified.output

    monkeypatch.delenv("FLEETIFY_DATABASE_URL")
    unset = runner.invoke(app, ["verify", record.key, "--bucket", bucket.name])
    assert unset.exit_code == 1
    assert "FLEETIFY_DATABASE_URL is not set" in unset.output
    assert runner.invoke(app, ["list", "--bucket", bucket.name, "--database", "other"]).exit_code == 1


def test_roles_that_a_foreign_server_lacks_are_created_without_rights(
    awkward: str, bucket: Bucket, server: postgres.Server
) -> None:
    execute(
        awkward,
        "CREATE ROLE app_owner; CREATE ROLE app_reader LOGIN PASSWORD 'x'; ALTER TABLE wide OWNER TO app_owner;"
        " GRANT SELECT ON parts TO app_reader; CREATE POLICY theirs ON secret TO app_reader USING (true)",
    )
    clean = "DROP OWNED BY app_owner, app_reader CASCADE; DROP ROLE app_owner, app_reader"
    record = create_backup(awkward, bucket.store(), release="phase-7d", database="erp")
    assert {"app_owner", "app_reader"} <= set(record.roles)
    execute(awkward, clean)

    proof = prove(bucket.store(), record.key, server.url, keep=True)

    try:
        assert proof.equal
        assert proof.url is not None
        assert scalar(server.url, "SELECT bool_or(rolcanlogin) FROM pg_roles WHERE rolname ~ '^app_'") is False
        assert scalar(proof.url, "SELECT relowner::regrole::text FROM pg_class WHERE relname = 'wide'") == "app_owner"
        execute(proof.url, clean)
    finally:
        drop_scratch(server.url, proof.scratch)


def test_differences_are_listed(awkward: str, bucket: Bucket, monkeypatch: pytest.MonkeyPatch) -> None:
    store = bucket.store()
    record = create_backup(awkward, store, release="phase-7d", database="erp")
    restored = restore_backup(store, record.key, awkward, name="fleetify_scratch_differs")
    from fleetify.database.backups.comparison import compare  # noqa: PLC0415
    from fleetify.database.backups.snapshot import fingerprint_of  # noqa: PLC0415

    try:
        assert compare(record, fingerprint_of(restored.url)) == []
        execute(
            restored.url,
            "DELETE FROM wide WHERE i = 1; UPDATE parts SET v = 'x' WHERE k = 1 AND v = (SELECT min(v) FROM parts_1);"
            " DROP TABLE nothing; CREATE TABLE extra (); SELECT nextval('downwards');"
            " UPDATE things SET mood = 'glad' WHERE id = 3",
        )
        assert compare(record, fingerprint_of(restored.url)) == [
            "public.extra was not in the backup",
            "public.nothing is missing",
            "public.parts_1 has the backup's 100 rows with other contents",
            "public.things has the backup's 2,001 rows with other contents",
            "public.wide has 2,999 rows, the backup 3,000",
            "the sequence public.downwards stands at -3, in the backup at -2",
        ]
    finally:
        drop_scratch(awkward, "fleetify_scratch_differs")


def test_rows_written_during_the_dump_are_in_neither(awkward: str, bucket: Bucket, tmp_path: Path) -> None:
    """The dump and the fingerprint see the snapshot, whatever is committed meanwhile."""
    written = []

    def write_meanwhile(line: str) -> None:
        if line.startswith("dumping"):
            execute(awkward, "INSERT INTO wide VALUES (0, 'late'); SELECT nextval('downwards')")
            written.append(line)

    record = create_backup(awkward, bucket.store(), release="r", database="erp", progress=write_meanwhile)

    assert written
    assert record.tables["public.wide"].rows == 3000
    assert prove(bucket.store(), record.key, awkward).equal


def test_an_empty_database_is_recorded_as_such(database: str, bucket: Bucket) -> None:
    record = create_backup(database, bucket.store(), release="r", database="new")

    assert record.empty
    assert record.archive_bytes < record.minimum_bytes
    assert prove(bucket.store(), record.key, database).equal


def test_excluded_schemas_are_in_neither_dump_nor_fingerprint(awkward: str, bucket: Bucket) -> None:
    record = create_backup(awkward, bucket.store(), release="r", database="erp", exclude_schemas=['Odd "Schema'])

    assert record.excluded_schemas == ['Odd "Schema']
    assert not any("Odd" in label for label in record.tables)
    proof = prove(bucket.store(), record.key, awkward, keep=True)
    try:
        assert proof.equal
        assert proof.url is not None
        assert scalar(proof.url, "SELECT count(*) FROM pg_namespace WHERE nspname ~ 'Odd'") == 0
    finally:
        drop_scratch(awkward, proof.scratch)


def test_a_scratch_counts_as_restored_only_once(awkward: str, bucket: Bucket) -> None:
    store = bucket.store()
    record = create_backup(awkward, store, release="r", database="erp")
    assert scratch_is_restored(awkward, record) is False
    proof = prove(store, record.key, awkward, keep=True)
    try:
        assert scratch_is_restored(awkward, record) is True
        assert scratch_is_restored(awkward, record) is False
        execute(str(proof.url), "DROP TABLE wide CASCADE")
        again = prove(store, record.key, awkward, keep=True)
        assert again.equal, "a used scratch is replaced"
    finally:
        drop_scratch(awkward, proof.scratch)
        drop_scratch(awkward, proof.scratch)


def test_only_scratch_databases_are_replaced_or_dropped(awkward: str, bucket: Bucket, database: str) -> None:
    record = create_backup(awkward, bucket.store(), release="r", database="erp")
    name = str(psycopg.conninfo.conninfo_to_dict(database)["dbname"])

    with pytest.raises(RestoreError, match="exists already"):
        restore_backup(bucket.store(), record.key, awkward, name=name)
    with pytest.raises(RestoreError, match="Only scratch databases"):
        drop_scratch(awkward, name)

    assert scalar(awkward, "SELECT count(*) FROM things") == 2001
