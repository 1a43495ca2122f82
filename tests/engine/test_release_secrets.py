"""No secret of the stack in its state, its history, what it prints, its reports, or any process's arguments."""

from __future__ import annotations

import threading
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.support.pulumi import PASSPHRASE
from tests.support.stage import Stage

pytestmark = [pytest.mark.engine, pytest.mark.database]


def _watch_arguments(found: set[bytes], stop: threading.Event) -> None:
    while not stop.wait(0.02):
        for path in Path("/proc").glob("[0-9]*/cmdline"):
            try:
                found.add(path.read_bytes())
            except OSError:
                continue


def test_secrets_stay_secret(stage: Stage) -> None:
    password = urlsplit(stage.url).password
    assert password
    secrets = {"password": password, "AWS key": stage.cloud["secret_key"], "passphrase": PASSPHRASE}
    # The URL as secret config instead of the environment: the way a production stack has it.
    stage.pulumi.config_set("fleetify:databaseUrl", stage.url, secret=True)
    del stage.pulumi.env["FLEETIFY_DATABASE_URL"]
    arguments: set[bytes] = set()
    stop = threading.Event()
    watcher = threading.Thread(target=_watch_arguments, args=(arguments, stop))
    watcher.start()
    try:
        stage.configure(schema="phase-7d")
        said = [stage.pulumi.preview("--diff"), stage.pulumi.up("--diff", "--logtostderr", "-v=3")]
        stage.configure(schema="phase-7c")
        said.append(stage.pulumi.up())
        stage.pulumi.config_set("fleetify:databaseUrl", stage.url.replace(password, password + "x"), secret=True)
        stage.configure(schema="phase-7d")
        said.append(stage.pulumi.up(check=False))
    finally:
        stop.set()
        watcher.join()
    printed = "".join(answer.stdout + answer.stderr for answer in said)
    state = stage.pulumi.run("stack", "export", "-s", "rehearsal").stdout
    history = stage.pulumi.run("stack", "history", "--json", "-s", "rehearsal").stdout
    kept = b"".join(path.read_bytes() for path in stage.pulumi.backend.rglob("*") if path.is_file())
    reports = b"".join(item.get()["Body"].read() for item in stage.bucket().objects.all() if item.key.endswith(".json"))
    places = {
        "output": printed.encode(),
        "state": state.encode(),
        "history": history.encode(),
        "backend": kept,
        "reports": reports,
        "arguments": b"\n".join(arguments),
    }
    assert reports
    assert b"pg_dump" in places["arguments"]
    for what, secret in secrets.items():
        for place, content in places.items():
            assert secret.encode() not in content, f"{what} in {place}"
