"""Names, manifests and checksums of backups, whatever comes from outside."""

from __future__ import annotations

import base64
import hashlib
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fleetify.database.backups.archive import (
    BackupRecord,
    check_name,
    manifest_key,
    new_key,
    parse_key,
    parse_manifest,
)
from fleetify.errors import BackupError
from fleetify.storage.parts import Part, composite_checksum, part_size, same_checksum

NAMES = st.from_regex(r"[A-Za-z0-9]([A-Za-z0-9_-]{0,20}[A-Za-z0-9])?", fullmatch=True)
MOMENTS = st.integers(min_value=946_684_800, max_value=4_102_444_800).map(
    lambda seconds: datetime.fromtimestamp(seconds, tz=UTC)
)
KEY = "backups/erp/phase-7d/20251220T081500Z-1a2b3c4d.dump.zst"


def manifest(**changes: Any) -> dict[str, Any]:
    part = base64.b64encode(hashlib.sha256(b"x").digest()).decode()
    return {
        "format": 1,
        "id": "1a2b3c4d",
        "database": "erp",
        "release": "phase-7d",
        "taken_at": "2025-12-20T08:15:00Z",
        "bucket": "backups",
        "key": KEY,
        "version_id": None,
        "stored_bytes": 1,
        "stored_sha256": "0" * 64,
        "archive_bytes": 5,
        "archive_sha256": "0" * 64,
        "object_checksum": f"{part}-1",
        "parts": [[1, part]],
        "server_version": "16.4",
        "server_major": 16,
        "tool_version": "16.4",
        "snapshot_lsn": None,
        "tables": {"public.t": {"rows": 1, "hash": "12"}},
        "sequences": {"public.s": [{"last_value": 1, "is_called": True}, {"last_value": 2, "is_called": True}]},
        "content_digest": "0" * 64,
        "roles": ["app"],
        "extensions": [{"name": "citext", "version": "1.6"}],
        "locale": {"encoding": "UTF8", "collate": "C", "ctype": "C", "provider": "libc", "locale": None},
        "excluded_schemas": [],
        "empty": False,
        "minimum_bytes": 0,
        "duration_seconds": 1.5,
        "encryption": None,
        "kms_key_id": None,
        "lock_mode": None,
        "retain_until": None,
    } | changes


def parsed(values: Any) -> BackupRecord:
    return parse_manifest(json.dumps(values).encode(), bucket="backups", key=KEY)


@given(NAMES, NAMES, MOMENTS)
def test_a_key_tells_what_it_was_made_of(database: str, release: str, moment: datetime) -> None:
    key = new_key(database, release, moment)
    found = parse_key(key)
    assert found[:2] == (database, release)
    assert found[2] == moment.replace(microsecond=0)
    assert manifest_key(key) == key.removesuffix(".dump.zst") + ".json"


@given(NAMES, MOMENTS, st.timedeltas(min_value=timedelta(seconds=1), max_value=timedelta(days=9000)))
def test_later_backups_sort_later(name: str, moment: datetime, later: timedelta) -> None:
    assert new_key(name, name, moment) < new_key(name, name, moment + later)


@given(st.text())
def test_a_name_that_passes_cannot_leave_its_place_in_a_key(name: str) -> None:
    try:
        check_name(name, "database")
    except BackupError:
        return
    assert name
    assert name.isascii()
    assert not set(name) & set("/\\%?#\0\n ")
    assert ".." not in name
    assert len(name) <= 63


@pytest.mark.parametrize(
    "key",
    [
        "",
        KEY + "\n",
        "/" + KEY,
        KEY.replace("erp", ".."),
        KEY.replace("erp", "a/b"),
        KEY.replace("erp", "-x"),
        KEY.replace("20251220", "20251399"),
        KEY.replace(".dump.zst", ".json"),
        KEY.replace("1a2b3c4d", "1A2B3C4D"),
    ],
)
def test_other_keys_are_refused(key: str) -> None:
    with pytest.raises(BackupError):
        parse_key(key)


def test_a_good_manifest_is_read_and_written_alike() -> None:
    record = parsed(manifest())
    assert parse_manifest(record.to_json(), bucket="backups", key=KEY) == record
    assert record.row_count == 1


@pytest.mark.parametrize(
    "changes",
    [
        {"format": 2},
        {"stored_bytes": -1},
        {"stored_bytes": "1"},
        {"stored_bytes": 2},
        {"archive_sha256": "xyz"},
        {"parts": []},
        {"parts": [[1, "short"]]},
        {"tables": {"t": {"rows": "many", "hash": "1"}}},
        {"sequences": {"s": []}},
        {"roles": ["x" * 64]},
        {"id": "ffffffff"},
        {"database": "other"},
        {"key": KEY.replace("erp", "other")},
        {"surprise": 1},
        {"locale": {"encoding": "UTF8", "provider": "libc; DROP DATABASE x"}},
    ],
)
def test_a_manifest_that_is_none_is_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(BackupError, match="manifest"):
        parsed(manifest(**changes))


@given(st.binary(max_size=200))
def test_noise_is_no_manifest(content: bytes) -> None:
    with pytest.raises(BackupError, match="manifest"):
        parse_manifest(content, bucket="backups", key=KEY)


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20),
        lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=10), inner, max_size=4),
    ),
    st.sampled_from(sorted(manifest())),
)
def test_a_manifest_with_any_other_value_is_refused_or_a_record(value: Any, field: str) -> None:
    try:
        record = parsed(manifest(**{field: value}))
    except BackupError:
        return
    assert record.key == KEY
    assert sum(part.size for part in record.stored_parts()) == record.stored_bytes


def test_deep_nesting_is_refused() -> None:
    with pytest.raises(BackupError, match="manifest"):
        parse_manifest(b"[" * 100_000, bucket="backups", key=KEY)


@given(st.lists(st.binary(max_size=50), min_size=1, max_size=20))
def test_the_composite_checksum_is_that_of_the_parts(contents: list[bytes]) -> None:
    digests = [hashlib.sha256(content).digest() for content in contents]
    parts = [
        Part(len(content), base64.b64encode(digest).decode()) for content, digest in zip(contents, digests, strict=True)
    ]
    ours = composite_checksum(parts)
    expected = base64.b64encode(hashlib.sha256(b"".join(digests)).digest()).decode()
    assert ours == f"{expected}-{len(contents)}"
    assert same_checksum(ours, ours)
    assert same_checksum(ours, expected), "some stores leave out the number of parts"
    assert not same_checksum(ours, f"{expected}-{len(contents) + 1}")
    assert not same_checksum(ours, "")


def test_ten_thousand_parts_hold_two_hundred_gigabytes_and_none_is_too_small() -> None:
    sizes = [part_size(number) for number in range(1, 10_001)]
    assert sum(sizes) > 200_000_000_000
    assert min(sizes) >= 5 * 1024 * 1024
