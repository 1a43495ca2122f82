"""S3 servers to back up into: one that keeps objects on disk, and one that throws them away."""

from __future__ import annotations

import contextlib
import json
import secrets
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from benchmarks.model import CannotRun
from benchmarks.processes import ROOT
from benchmarks.tools import Tool, go_program

BUCKET = "bench"
_REGION = "us-east-1"
_START_SECONDS = 30.0


def gateway() -> Tool:
    """versitygw: an S3 server in Go that keeps objects as files. moto, the rehearsal's, keeps them in memory."""
    return go_program("versitygw", "github.com/versity/versitygw/cmd/versitygw", "1.8.0")


@contextmanager
def on_disk(tool: Tool, folder: Path) -> Iterator[dict[str, str]]:
    """versitygw with an empty bucket; the environment with which clients use it.

    Raises:
        CannotRun: it does not start, for instance on a file system without extended attributes.
    """
    data = folder / "objects"
    data.mkdir(parents=True)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    keys = {"ROOT_ACCESS_KEY": secrets.token_hex(8), "ROOT_SECRET_KEY": secrets.token_hex(16)}
    with (folder / "gateway.log").open("wb") as log:
        process = subprocess.Popen(
            [*tool.command, "--port", f"127.0.0.1:{port}", "--quiet", "posix", str(data)],
            env={"PATH": "/usr/bin:/bin", **keys},
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
        )
    try:
        env = _environment(port, keys["ROOT_ACCESS_KEY"], keys["ROOT_SECRET_KEY"])
        _make_bucket(env, process, folder / "gateway.log")
        yield env
    finally:
        process.terminate()
        process.wait(30)


@contextmanager
def nowhere() -> Iterator[dict[str, str]]:
    """The server that throws everything away."""
    process = subprocess.Popen(
        [sys.executable, "-m", "benchmarks.children.sink"],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        yield _environment(json.loads(process.stdout.readline())["port"], "bench", "bench")
    finally:
        process.stdin.close()
        process.wait(30)
        process.stdout.close()


def delete_everything(env: dict[str, str]) -> None:
    """Empty the bucket."""
    client = _client(env)
    for page in client.get_paginator("list_objects_v2").paginate(Bucket=BUCKET):
        for entry in page.get("Contents", []):
            client.delete_object(Bucket=BUCKET, Key=entry["Key"])


def _environment(port: int, access: str, secret: str) -> dict[str, str]:
    return {
        "AWS_ENDPOINT_URL": f"http://127.0.0.1:{port}",
        "AWS_REGION": _REGION,
        "AWS_DEFAULT_REGION": _REGION,
        "AWS_ACCESS_KEY_ID": access,
        "AWS_SECRET_ACCESS_KEY": secret,
        "AWS_EC2_METADATA_DISABLED": "true",
    }


def _client(env: dict[str, str]):  # type: ignore[no-untyped-def]
    return boto3.client(
        "s3",
        endpoint_url=env["AWS_ENDPOINT_URL"],
        region_name=env["AWS_REGION"],
        aws_access_key_id=env["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=env["AWS_SECRET_ACCESS_KEY"],
        config=Config(retries={"max_attempts": 0}, s3={"addressing_style": "path"}),
    )


def _make_bucket(env: dict[str, str], process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + _START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        with contextlib.suppress(BotoCoreError, ClientError):
            _client(env).create_bucket(Bucket=BUCKET)
            return
        time.sleep(0.1)
    raise CannotRun(f"versitygw does not start: {log.read_text(errors='replace')[-300:]}")
