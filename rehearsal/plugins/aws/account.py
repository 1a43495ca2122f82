"""The AWS account behind the provider: its config, its region, its clients."""

from __future__ import annotations

import ipaddress
import json
import os
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from rehearsal.plugins.kind import Refused

if TYPE_CHECKING:
    from botocore.client import BaseClient

_SECONDS = 30

CONFIG_KEYS = frozenset(
    [
        "accessKey",
        "allowedAccountIds",
        "assumeRoleWithWebIdentity",
        "assumeRoles",
        "customCaBundle",
        "defaultTags",
        "ec2MetadataServiceEndpoint",
        "ec2MetadataServiceEndpointMode",
        "endpoints",
        "forbiddenAccountIds",
        "httpProxy",
        "httpsProxy",
        "ignoreTags",
        "insecure",
        "maxRetries",
        "noProxy",
        "profile",
        "region",
        "retryMode",
        "s3UsEast1RegionalEndpoint",
        "s3UsePathStyle",
        "secretKey",
        "sharedConfigFiles",
        "sharedCredentialsFiles",
        "skipCredentialsValidation",
        "skipMetadataApiCheck",
        "skipRegionValidation",
        "skipRequestingAccountId",
        "stsRegion",
        "tagPolicyCompliance",
        "token",
        "tokenBucketRateLimiterCapacity",
        "useDualstackEndpoint",
        "useFipsEndpoint",
        "userAgents",
    ]
)
"""What the real provider's config may hold."""


class Account:
    """One provider config, as a source of clients.

    Args:
        config: the provider's config; nested values may be JSON strings, as the SDK sends them.

    Raises:
        Refused: an unknown key, no region, no credentials, or an endpoint that is not on this machine.
    """

    def __init__(self, config: Mapping[str, Any]) -> None:
        settings = {name: _decoded(value) for name, value in config.items() if name != "version"}
        for name in settings.keys() - CONFIG_KEYS:
            raise Refused(f"could not validate provider configuration: Invalid or unknown key {name!r}.")
        self.region = _region(settings)
        self.default_tags: dict[str, str] = (settings.get("defaultTags") or {}).get("tags") or {}
        self._credentials = _credentials(settings)
        self._endpoints = {
            service: url for entry in settings.get("endpoints") or [] for service, url in entry.items() if url
        }
        self._clients: dict[tuple[str, str], BaseClient] = {}
        self._lock = threading.Lock()  # boto3 sessions are not thread-safe, clients are

    def client(self, service: str, region: str | None = None) -> Any:
        """A client of one service (boto3's name for it), in the provider's region unless another is named."""
        import boto3  # noqa: PLC0415 - half a second that the engine need not wait for at start
        from botocore.config import Config  # noqa: PLC0415

        where = region or self.region
        connect: Any = boto3.client  # its overloads want the service's name literally
        with self._lock:
            if (service, where) not in self._clients:
                self._clients[service, where] = connect(
                    service,
                    region_name=where,
                    endpoint_url=self._endpoint(service),
                    **self._credentials,
                    config=Config(
                        connect_timeout=5,
                        read_timeout=_SECONDS,
                        retries={"total_max_attempts": 3, "mode": "standard"},
                        s3={"addressing_style": "path"},
                    ),
                )
            return self._clients[service, where]

    def identity(self) -> dict[str, str]:
        """Account, user id and ARN of the credentials."""
        with vendor_words():
            answer = self.client("sts").get_caller_identity()
        return {"accountId": answer["Account"], "userId": answer["UserId"], "arn": answer["Arn"]}

    def tags(self, tags: Mapping[str, str] | None) -> dict[str, str]:
        """A resource's tags with the provider's default ones."""
        return {**self.default_tags, **(tags or {})}

    def _endpoint(self, service: str) -> str:
        url = (
            self._endpoints.get(service)
            or os.environ.get(f"AWS_ENDPOINT_URL_{service.upper()}")
            or os.environ.get("AWS_ENDPOINT_URL")
        )
        if not url or not _loopback(url):
            raise Refused(
                f"The stand-in plugin talks to local servers only, but the endpoint of {service} is"
                f" {url or 'not set'}. Set AWS_ENDPOINT_URL, as `fleetify rehearsal env` does."
            )
        return url


@contextmanager
def vendor_words() -> Iterator[None]:
    """Turns boto's errors into refusals with the vendor's code and sentence."""
    from botocore.exceptions import BotoCoreError, ClientError  # noqa: PLC0415

    try:
        yield
    except ClientError as error:
        raise Refused(f"{code_of(error)}: {error.response.get('Error', {}).get('Message', '')}") from error
    except BotoCoreError as error:
        raise Refused(str(error)) from error


def code_of(error: Exception) -> str:
    """The error code in an answer of AWS, such as ``NoSuchBucket``."""
    response = getattr(error, "response", {})
    return str(response.get("Error", {}).get("Code", ""))


@contextmanager
def unless(*codes: str) -> Iterator[None]:
    """Leave the block quietly when AWS answers with one of these error codes."""
    from botocore.exceptions import ClientError  # noqa: PLC0415

    try:
        yield
    except ClientError as error:
        if code_of(error) not in codes:
            raise


def _decoded(value: Any) -> Any:
    if isinstance(value, str) and value[:1] in ("[", "{"):
        try:
            return json.loads(value)
        except ValueError:
            return value
    return value


def _region(settings: Mapping[str, Any]) -> str:
    region = settings.get("region") or os.environ.get("AWS_REGION") or os.environ.get("AWS_DEFAULT_REGION")
    if not region:
        raise Refused(
            "Missing region information. Set it by one of: `pulumi config set aws:region …`, the environment"
            " variable AWS_REGION, or the `region` of an explicit provider."
        )
    return str(region)


def _credentials(settings: Mapping[str, Any]) -> dict[str, str]:
    key = settings.get("accessKey") or os.environ.get("AWS_ACCESS_KEY_ID")
    secret = settings.get("secretKey") or os.environ.get("AWS_SECRET_ACCESS_KEY")
    if not key or not secret:
        raise Refused("No valid credential sources found. Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY.")
    return {"aws_access_key_id": str(key), "aws_secret_access_key": str(secret)}


def _loopback(url: str) -> bool:
    host = urlsplit(url).hostname or ""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
