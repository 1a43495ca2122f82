"""The local AWS server for tests: started like the rehearsal's, with clients that hold its credentials."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3

from rehearsal import aws
from rehearsal.plugins.aws.account import Account


@dataclass(frozen=True)
class Cloud:
    """One server.

    Attributes:
        part: what ``rehearsal.aws.start`` returned.
    """

    part: dict[str, Any]

    @property
    def env(self) -> dict[str, str]:
        """What programs need in their environment to use it."""
        return {
            "AWS_ENDPOINT_URL": self.part["url"],
            "AWS_REGION": self.part["region"],
            "AWS_ACCESS_KEY_ID": self.part["access_key"],
            "AWS_SECRET_ACCESS_KEY": self.part["secret_key"],
            "AWS_EC2_METADATA_DISABLED": "true",
        }

    def client(self, service: str, *, access_key: str = "") -> Any:
        """A boto3 client of the server."""
        connect: Any = boto3.client
        return connect(
            service,
            endpoint_url=self.part["url"],
            region_name=self.part["region"],
            aws_access_key_id=access_key or self.part["access_key"],
            aws_secret_access_key=self.part["secret_key"],
        )

    def account(self, **config: Any) -> Account:
        """The stand-in provider's view of it."""
        services = dict.fromkeys(("s3", "kms", "sts"), self.part["url"])
        return Account(
            {
                "region": self.part["region"],
                "accessKey": self.part["access_key"],
                "secretKey": self.part["secret_key"],
                "endpoints": [services],
                **config,
            }
        )


@contextmanager
def running_cloud(folder: Path) -> Iterator[Cloud]:
    """A server for the length of a ``with`` block; it logs into the folder."""
    part = aws.start(folder, lambda _part: None)
    try:
        yield Cloud(part)
    finally:
        aws.stop(part)
