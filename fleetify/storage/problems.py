"""What went wrong in the bucket, in words: which request, the code seen, what to do next."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from fleetify.errors import ObjectStoreError

_MISSING = frozenset({"NoSuchKey", "NoSuchVersion", "NotFound", "404"})
_DENIED = frozenset({"AccessDenied", "Forbidden", "403", "AllAccessDisabled", "AccountProblem"})
_CREDENTIALS = frozenset({"InvalidAccessKeyId", "SignatureDoesNotMatch", "ExpiredToken", "InvalidToken"})


class ObjectMissingError(ObjectStoreError):
    """There is no such object (or object version) in the bucket."""


@contextmanager
def translated(action: str, bucket: str) -> Iterator[None]:
    """Turn what boto3 raises inside the block into :class:`ObjectStoreError`.

    Args:
        action: what was being done, as it reads after "Cannot": ``store backups/x.dump.zst``.
        bucket: the bucket's name.
    """
    from botocore.exceptions import BotoCoreError, ClientError  # noqa: PLC0415  # see ObjectStore._open

    try:
        yield
    except ClientError as error:
        raise from_response(action, bucket, error.response) from None
    except BotoCoreError as error:
        raise _from_transport(action, bucket, error) from None


def from_response(action: str, bucket: str, response: Any) -> ObjectStoreError:
    """The error for an S3 error answer (botocore's ``ClientError.response``)."""
    code = str(response.get("Error", {}).get("Code", "unknown"))
    status = response.get("ResponseMetadata", {}).get("HTTPStatusCode")
    message = str(response.get("Error", {}).get("Message", ""))[:300]
    seen = f"{code} (HTTP {status}): {message}" if message else f"{code} (HTTP {status})"
    if code == "NoSuchBucket":
        return ObjectStoreError(
            f"Cannot {action}: the bucket {bucket} does not exist.",
            seen=seen,
            remedy="check the bucket's name and region; the BackupStore component creates it with pulumi up",
        )
    if code in _MISSING:
        return ObjectMissingError(
            f"Cannot {action}: it is not in the bucket {bucket}.",
            seen=seen,
            remedy="list what is there: fleetify backups list",
        )
    if code in _CREDENTIALS:
        return ObjectStoreError(
            f"Cannot {action}: the credentials for the bucket {bucket} are not accepted.",
            seen=code,
            remedy="check AWS_PROFILE, or AWS_ACCESS_KEY_ID with its secret key and session token",
        )
    if code == "ObjectLockConfigurationNotFoundError" or "missing object lock" in message.lower():
        return ObjectStoreError(
            f"Cannot {action}: the bucket {bucket} has no object lock, so nothing would protect the object.",
            seen=seen,
            remedy="use a bucket created with object lock (the BackupStore component does)",
        )
    if code in _DENIED:
        return ObjectStoreError(
            f"Cannot {action}: access to the bucket {bucket} is denied.",
            seen=seen,
            remedy="grant s3:GetObject, s3:PutObject, s3:PutObjectRetention, s3:ListBucket, "
            "s3:AbortMultipartUpload, s3:ListBucketMultipartUploads; with a key, kms:GenerateDataKey and kms:Decrypt",
        )
    return ObjectStoreError(
        f"Cannot {action} in the bucket {bucket}.", seen=seen, remedy="see the code above; then run it again"
    )


def _from_transport(action: str, bucket: str, error: Exception) -> ObjectStoreError:
    """The error for a request that got no answer, or was never sent."""
    from botocore import exceptions  # noqa: PLC0415  # see ObjectStore._open

    if isinstance(error, exceptions.NoCredentialsError | exceptions.PartialCredentialsError):
        return ObjectStoreError(
            f"Cannot {action}: no complete credentials for the bucket {bucket} were found.",
            seen=type(error).__name__,
            remedy="set AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY",
        )
    if isinstance(error, exceptions.NoRegionError):
        return ObjectStoreError(
            f"Cannot {action}: no region is set for the bucket {bucket}.",
            seen="no region",
            remedy="set AWS_REGION, or aws:region in the stack's config",
        )
    if isinstance(error, exceptions.HTTPClientError | exceptions.ConnectionError):
        return ObjectStoreError(
            f"Cannot {action}: the store of the bucket {bucket} does not answer.",
            seen=f"{type(error).__name__}: {error}"[:300],
            remedy="check the network and AWS_ENDPOINT_URL; then run it again",
        )
    return ObjectStoreError(
        f"Cannot {action} in the bucket {bucket}.",
        seen=f"{type(error).__name__}: {error}"[:300],
        remedy="check the bucket's name, region and credentials",
    )
