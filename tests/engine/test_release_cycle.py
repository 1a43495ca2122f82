"""A release of the database half and its rollback, with the real engine: what the world looks like after each step."""

from __future__ import annotations

import hashlib
import io
import re
import subprocess

import psycopg
import pytest
import zstandard

from tests.support.stage import Stage, outputs_of

pytestmark = [pytest.mark.engine, pytest.mark.database]

VERSIONS = ["20251019000000", "20251019210015", "20251019230000", "20251219120000"]


def test_release_rollback_and_forward_again(stage: Stage) -> None:
    before = stage.schema_digest()
    old_tables = stage.tables()
    old_data = stage.data_digest(old_tables)

    stage.configure(schema="phase-7d")
    preview = stage.pulumi.preview().stdout
    assert "+ 4 to create" in preview
    assert stage.applied() == []
    stage.pulumi.up()
    assert stage.applied() == VERSIONS
    assert "public.sales_quotes" in stage.tables()
    assert stage.rows("select version from fleetify.schema_target") == [(VERSIONS[-1],)]
    assert stage.rows(
        "select version from supabase_migrations.schema_migrations where version > '20251' order by 1"
    ) == [(version,) for version in VERSIONS]
    assert stage.rows("select distinct applied_by from fleetify.migration_ledger") == [("duty engineer",)]
    released = stage.schema_digest()
    assert released != before

    stage.pulumi.preview("--expect-no-changes")
    stage.pulumi.up("--expect-no-changes")
    stage.pulumi.refresh("--expect-no-changes")

    for path in (stage.folder / "migrations").glob("202512*"):
        path.unlink()
    for path in (stage.folder / "migrations").glob("20251019*"):
        path.unlink()
    stage.release("phase-7c")
    assert stage.applied() == []
    assert stage.schema_digest() == before
    assert stage.tables() == old_tables
    assert stage.data_digest(old_tables) == old_data


def test_forward_again_after_a_rollback(stage: Stage) -> None:
    stage.release("phase-7d")
    released = stage.schema_digest()
    stage.release("phase-7c")
    stage.release("phase-7d")
    assert stage.schema_digest() == released
    assert stage.applied() == VERSIONS
    actions = [
        row[0]
        for row in stage.rows("select action from fleetify.ledger_events where version = '20251219120000' order by id")
    ]
    assert actions == ["target", "applied", "rolled back", "target", "applied"]
    assert not {name for name in stage.databases() if name.startswith("fleetify_scratch")}


def test_the_backup_is_locked_encrypted_and_restores_by_hand(stage: Stage) -> None:
    tables = stage.tables()
    data = stage.data_digest(tables)
    stage.release("phase-7d")
    backup = outputs_of(stage, "backup")
    key = backup["key"]
    assert re.fullmatch(r"backups/fleetify/phase-7d/\d{8}T\d{6}Z-[0-9a-f]+\.dump\.zst", key)
    head = stage.bucket().Object(key).get()
    assert head["ObjectLockMode"] == "GOVERNANCE"
    assert (head["ObjectLockRetainUntilDate"] - head["LastModified"]).days >= 89
    assert head["ServerSideEncryption"] == "aws:kms"
    assert head["Metadata"]["release"] == "phase-7d"
    body = head["Body"].read()
    assert len(body) > 1_000_000
    assert hashlib.sha256(body).hexdigest() == backup["stored_sha256"]

    archive = zstandard.ZstdDecompressor().stream_reader(io.BytesIO(body)).read()
    with psycopg.connect(stage.server.url, autocommit=True) as connection:
        connection.execute("create database by_hand")
    url = f"{stage.server.url.rsplit('/', 1)[0]}/by_hand"
    try:
        subprocess.run(
            [str(stage.server.bindir / "pg_restore"), "--exit-on-error", f"--dbname={url}"], input=archive, check=True
        )
        assert stage.data_digest(tables, url) == data
    finally:
        with psycopg.connect(stage.server.url, autocommit=True) as connection:
            connection.execute("drop database by_hand with (force)")

    evidence = backup["evidence"]
    assert (evidence["id"], evidence["verdict"]) == ("backup_verified", "go")
    proof = outputs_of(stage, "restore-proof")["evidence"]
    assert (proof["id"], proof["verdict"], proof["subject"]["backup"]) == ("backup_restores", "go", key)
    rehearsed = outputs_of(stage, "migration-rehearsal")["evidence"]
    assert rehearsed["verdict"] == "go"
    assert sorted(rehearsed["subject"]["checksums"]) == VERSIONS
    assert [step["direction"] for step in rehearsed["measurements"]["steps"]] == ["up"] * 4 + ["down"] * 4 + [
        "up again"
    ] * 4


def test_destroy_drops_no_table_and_deletes_no_object(stage: Stage) -> None:
    stage.release("phase-7d")
    tables, schema, objects = stage.tables(), stage.schema_digest(), stage.objects()
    bucket = stage.bucket()
    assert objects
    stage.pulumi.destroy()
    assert stage.tables() == tables
    assert stage.schema_digest() == schema
    assert stage.applied() == VERSIONS
    assert {version.object_key: version.id for version in bucket.object_versions.all()} == objects


def test_a_table_dropped_by_hand_is_drift_of_its_migration(stage: Stage) -> None:
    stage.release("phase-7d")
    stage.execute("drop table public.vendor_evaluations cascade")
    found = stage.pulumi.run("refresh", "-s", "rehearsal", "--preview-only", "--expect-no-changes", check=False)
    assert found.returncode != 0
    assert "drift: migration 20251219120000: table public.vendor_evaluations is missing" in found.stdout
    stage.pulumi.refresh()
    refused = stage.pulumi.up(check=False)
    assert refused.returncode != 0
    assert "migration 20251219120000_enhance_vendors_system made is not as it was" in refused.stdout


def test_rows_are_not_lost_unasked(stage: Stage) -> None:
    stage.release("phase-7d")
    company = stage.rows("select id from public.companies order by id limit 1")[0][0]
    stage.execute(f"insert into public.vendor_categories (company_id, code, name) values ('{company}', 'T', 'tyres')")
    stage.configure(schema="phase-7c")
    preview = stage.pulumi.preview(check=False)
    assert preview.returncode != 0
    assert "loses table public.vendor_categories: 1 row" in preview.stdout
    assert "pulumi config set --path 'fleetify:rollback.acceptRowLossOf' phase-7d" in preview.stdout
    assert stage.pulumi.up(check=False).returncode != 0
    assert stage.applied() == VERSIONS
    stage.configure(rollback={"acceptRowLossOf": "phase-7d"})
    stage.pulumi.up()
    assert stage.applied() == []


def test_a_target_past_the_rehearsal_is_refused(stage: Stage) -> None:
    stage.configure(schema="phase-7d")
    urn = next(urn for urn in _urns(stage) if urn.endswith("::baseline")).replace(
        "Baseline::baseline", "Migration::migration-20251019000000"
    )
    refused = stage.pulumi.up("--target", urn, check=False)
    assert refused.returncode != 0
    assert stage.applied() == []


def _urns(stage: Stage) -> list[str]:
    return [resource["urn"] for resource in stage.pulumi.export()["deployment"]["resources"]]
