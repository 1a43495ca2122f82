"""Release manifests: read strictly, refused with file, line and reason."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fleetify.errors import ManifestError
from fleetify.releases import list_releases, load_release

ROOT = Path(__file__).resolve().parents[2]
GOOD = """\
release: phase-9
title: Something
database:
  through: "20260101000000"
"""


def project(folder: Path, text: str | bytes) -> Path:
    (folder / "releases").mkdir(exist_ok=True)
    content = text if isinstance(text, bytes) else text.encode()
    (folder / "releases" / "phase-9.yaml").write_bytes(content)
    return folder


def test_our_own_manifests_load() -> None:
    assert list_releases(ROOT) == ("phase-7c", "phase-7d")
    for name in list_releases(ROOT):
        assert load_release(ROOT, name).name == name


def test_reads_a_manifest(tmp_path: Path) -> None:
    assert load_release(project(tmp_path, GOOD), "phase-9").database.through == "20260101000000"


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "must hold a mapping"),
        ("- a\n", "must hold a mapping"),
        ("release: [phase-9\n", "phase-9.yaml:2 is no valid YAML"),
        (GOOD + "title: Again\n", "phase-9.yaml:5 gives a key twice"),
        (GOOD + "extra: 1\n", "extra is no known key"),
        (GOOD.replace('"20260101000000"', "20260101000000"), "database.through: input should be a valid string"),
        (GOOD.replace("phase-9", "phase-8"), "describes another release"),
        ("a: &x [1]\nb: *x\n", "phase-9.yaml:1 uses an anchor"),
        ("a: !!python/object/apply:os.system ['true']\n", "has a tag"),
        ("1: x\n", "has a key that is no string"),
        ("a: " + "[" * 30 + "]" * 30 + "\n", "is nested too deeply"),
        ("a: " + "[" * 5000 + "\n", "phase-9.yaml"),
        ("a: " + "x" * 300_000, "is too large"),
        (b"\xff\xfe\x00", "is not UTF-8"),
        ("a: b\n---\nc: d\n", "is no valid YAML"),
        ("a: 9999-99-99\n", "phase-9.yaml"),
    ],
)
def test_refuses_with_the_reason(tmp_path: Path, text: str | bytes, reason: str) -> None:
    with pytest.raises(ManifestError) as caught:
        load_release(project(tmp_path, text), "phase-9")
    assert reason in str(caught.value)


def test_a_billion_laughs_is_refused_at_once(tmp_path: Path) -> None:
    levels = "".join(f"l{n}: &l{n} [{', '.join([f'*l{n - 1}'] * 9) if n else 'lol'}]\n" for n in range(12))
    started = time.monotonic()
    with pytest.raises(ManifestError, match="anchor or alias"):
        load_release(project(tmp_path, levels), "phase-9")
    assert time.monotonic() - started < 5


def test_a_missing_manifest_names_those_that_exist(tmp_path: Path) -> None:
    with pytest.raises(ManifestError, match="releases/ has: phase-9"):
        load_release(project(tmp_path, GOOD), "phase-10")


@pytest.mark.parametrize("name", ["../../etc/passwd", "a/b", "", "A", "x\0y"])
def test_a_name_cannot_leave_the_folder(tmp_path: Path, name: str) -> None:
    with pytest.raises(ManifestError, match="no name of a release"):
        load_release(project(tmp_path, GOOD), name)


@given(st.one_of(st.binary(max_size=200), st.text(max_size=200).map(str.encode)))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_any_bytes_are_refused_with_a_manifest_error(tmp_path: Path, content: bytes) -> None:
    with pytest.raises(ManifestError):
        load_release(project(tmp_path, content), "phase-9")
