"""A stored backup that is not what was stored any more, and a store that misbehaves on the way."""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, ClassVar

import boto3
import pytest

from fleetify.database.backups.archive import BackupRecord, parse_manifest
from fleetify.database.backups.create import create_backup, list_backups, load_backup
from fleetify.database.backups.restore import fetch, restore_backup, verify_stored
from fleetify.errors import BackupError, FleetifyError, ObjectStoreError, RestoreError
from fleetify.storage.object_store import ObjectStore, Retention
from fleetify.storage.parts import Part, encode_sha256
from fleetify.storage.problems import ObjectMissingError
from rehearsal import postgres
from tests.database.backup.backup_world import Bucket, scalar

pytestmark = pytest.mark.database


@pytest.fixture
def record(awkward: str, bucket: Bucket) -> BackupRecord:
    return create_backup(awkward, bucket.store(), release="r", database="erp")


def overwrite(bucket: Bucket, key: str, content: bytes) -> None:
    boto3.client("s3").put_object(Bucket=bucket.name, Key=key, Body=content)


def forget_version(bucket: Bucket, record: BackupRecord, **changes: Any) -> None:
    """Write a manifest that points at the key's current version, with other values."""
    values = json.loads(record.to_json()) | {"version_id": None} | changes
    overwrite(bucket, record.manifest_key, json.dumps(values).encode())


def refused_everywhere(awkward: str, bucket: Bucket, key: str, tmp_path: Path, message: str) -> None:
    store = bucket.store()
    with pytest.raises(FleetifyError, match=message):
        verify_stored(store, key)
    with pytest.raises(FleetifyError, match=message):
        fetch(store, key, tmp_path / "x.dump")
    assert list(tmp_path.iterdir()) == []
    with pytest.raises(FleetifyError, match=message):
        restore_backup(store, key, awkward, name="fleetify_scratch_damaged")
    assert scalar(awkward, "SELECT count(*) FROM pg_database WHERE datname = 'fleetify_scratch_damaged'") == 0


def test_a_new_version_of_the_object_changes_nothing(record: BackupRecord, bucket: Bucket) -> None:
    overwrite(bucket, record.key, b"rubbish")
    assert verify_stored(bucket.store(), record.key) == record


def test_a_truncated_object_is_refused(awkward: str, record: BackupRecord, bucket: Bucket, tmp_path: Path) -> None:
    content = boto3.client("s3").get_object(Bucket=bucket.name, Key=record.key)["Body"].read()
    forget_version(bucket, record)
    overwrite(bucket, record.key, content[: len(content) // 2])
    refused_everywhere(awkward, bucket, record.key, tmp_path, "is not the one that was stored")


def test_one_changed_byte_is_refused_though_the_store_says_nothing(
    awkward: str, record: BackupRecord, bucket: Bucket, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    content = bytearray(boto3.client("s3").get_object(Bucket=bucket.name, Key=record.key)["Body"].read())
    content[len(content) // 2] ^= 1
    forget_version(bucket, record)
    overwrite(bucket, record.key, bytes(content))
    # A store that lies about its checksum: only the bytes themselves tell.
    honest = ObjectStore.head

    def lying(self: ObjectStore, key: str, *, version_id: str | None = None) -> Any:
        found = honest(self, key, version_id=version_id)
        return type(found)(key=found.key, size=found.size, checksum=record.object_checksum)

    monkeypatch.setattr(ObjectStore, "head", lying)
    refused_everywhere(awkward, bucket, record.key, tmp_path, "is not what was stored: the backup is damaged")


def test_an_archive_larger_than_the_manifest_says_is_not_unpacked(
    awkward: str, record: BackupRecord, bucket: Bucket, tmp_path: Path
) -> None:
    forget_version(bucket, record, archive_bytes=1_000_000, version_id=record.version_id)
    refused_everywhere(awkward, bucket, record.key, tmp_path, "archive in .* is not the one that was stored")


def test_a_dump_without_manifest_is_no_backup(record: BackupRecord, bucket: Bucket) -> None:
    boto3.client("s3").delete_object(Bucket=bucket.name, Key=record.manifest_key)
    assert list_backups(bucket.store()) == []
    with pytest.raises(ObjectMissingError):
        load_backup(bucket.store(), record.key)


def test_a_manifest_copied_to_another_key_is_refused(record: BackupRecord) -> None:
    other = re.sub(r"-[0-9a-f]{8}\.", "-00000000.", record.key)
    with pytest.raises(BackupError, match="about another backup"):
        parse_manifest(record.to_json(), bucket="b", key=other)


def test_a_restore_that_fails_leaves_no_database(
    awkward: str, record: BackupRecord, bucket: Bucket, tmp_path: Path, server: postgres.Server
) -> None:
    tool = tmp_path / "pg_restore"
    tool.write_text(
        "#!/bin/sh\nhead -c 1000 >/dev/null\necho 'pg_restore: error: No space left on device' >&2\nexit 1\n"
    )
    tool.chmod(0o755)
    with pytest.raises(RestoreError, match="No space left on device"):
        restore_backup(bucket.store(), record.key, awkward, name="fleetify_scratch_full", pg_restore=tool)
    assert scalar(awkward, "SELECT count(*) FROM pg_database WHERE datname = 'fleetify_scratch_full'") == 0


def test_a_file_that_cannot_be_written_is_told(record: BackupRecord, bucket: Bucket, tmp_path: Path) -> None:
    with pytest.raises(RestoreError, match="cannot be written"):
        fetch(bucket.store(), record.key, tmp_path / "missing" / "x.dump")


def test_a_small_object_is_limited_and_confirmed(bucket: Bucket) -> None:
    store = bucket.store()
    stored = store.put_bytes("evidence/a.json", b"{}" * 100, retention=Retention(days=1))
    assert stored.lock_mode == "GOVERNANCE"
    assert store.get_bytes("evidence/a.json", maximum=200) == b"{}" * 100
    with pytest.raises(ObjectStoreError, match="too large"):
        store.get_bytes("evidence/a.json", maximum=199)
    assert store.exists("evidence/a.json")
    assert not store.exists("evidence/b.json")
    assert [entry.key for entry in store.list("evidence/")] == ["evidence/a.json"]


def test_an_upload_that_is_left_early_leaves_nothing(bucket: Bucket) -> None:
    store = bucket.store()

    def give_up() -> None:
        with store.upload("backups/x") as upload:
            upload.write(bytes(20_000_000))
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        give_up()
    s3 = boto3.client("s3")
    assert not s3.list_multipart_uploads(Bucket=bucket.name).get("Uploads")
    assert not store.exists("backups/x")


CONTENT = bytes(range(256)) * 40_000


class Unreliable(BaseHTTPRequestHandler):
    """Serves one object, breaking the connection in the middle of the first answers; or sends the caller elsewhere."""

    breaks: ClassVar[int] = 0
    redirect: ClassVar[str | None] = None
    requests: ClassVar[list[str]] = []

    def do_GET(self) -> None:
        type(self).requests.append(self.path)
        if self.redirect:
            self.send_response(307)
            self.send_header("Location", self.redirect)
            self.send_header("Content-Length", "0")
            self.end_headers()
            return
        first, last = (int(number) for number in self.headers["Range"].removeprefix("bytes=").split("-"))
        body = CONTENT[first : last + 1]
        self.send_response(206)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if type(self).breaks > 0:
            type(self).breaks -= 1
            self.wfile.write(body[: len(body) // 2])
            self.wfile.flush()
            self.close_connection = True
            return
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002  # the base class names it so
        """Say nothing."""


@contextmanager
def serving(*, breaks: int = 0, redirect: str | None = None) -> Iterator[tuple[str, type[Unreliable]]]:
    handler = type("Handler", (Unreliable,), {"breaks": breaks, "redirect": redirect, "requests": []})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}", handler
        server.shutdown()
        thread.join()


def parts_of(content: bytes, size: int) -> list[Part]:
    import hashlib  # noqa: PLC0415

    pieces = [content[start : start + size] for start in range(0, len(content), size)]
    return [Part(len(piece), encode_sha256(hashlib.sha256(piece).digest())) for piece in pieces]


def test_a_download_goes_on_where_the_connection_broke(bucket: Bucket) -> None:
    with serving(breaks=3) as (url, handler):
        store = ObjectStore("bucket", endpoint_url=url)
        assert b"".join(store.read_parts("key", parts_of(CONTENT, 1_000_000))) == CONTENT
        assert len(handler.requests) == 11 + 3


def test_a_connection_that_always_breaks_is_told(bucket: Bucket) -> None:
    with serving(breaks=1000) as (url, _), pytest.raises(ObjectStoreError, match="connection broke"):
        list(ObjectStore("bucket", endpoint_url=url).read_parts("key", parts_of(CONTENT, 1_000_000)))


def test_a_redirect_to_another_host_is_not_followed(bucket: Bucket) -> None:
    with serving() as (elsewhere, stranger), serving(redirect=f"{elsewhere}/stolen") as (url, _):
        with pytest.raises(ObjectStoreError):
            ObjectStore("bucket", endpoint_url=url).get_bytes("key", maximum=10)
        assert stranger.requests == []
