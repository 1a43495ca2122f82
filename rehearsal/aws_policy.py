"""Bucket policies, enforced as S3 does.

moto takes a Deny whose condition does not hold for a Deny, and knows no actions beyond the HTTP method. A bucket that
forbids plain HTTP or deletes could not be used at all, or would be deleted from. Here requests are mapped to S3's
action names and policies are evaluated with their conditions (IAM User Guide, "Policy evaluation logic").

``aws:SecureTransport`` is true: loopback stands in for TLS.
"""

from __future__ import annotations

import fnmatch
import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any

Evaluate = Callable[[str, str], bool]
"""Of one wanted value and the actual one."""

_OBJECT_READS = {"retention": "GetObjectRetention", "tagging": "GetObjectTagging", "legal-hold": "GetObjectLegalHold"}
_OBJECT_WRITES = {
    "retention": "PutObjectRetention",
    "legal-hold": "PutObjectLegalHold",
    "tagging": "PutObjectTagging",
    "acl": "PutObjectAcl",
}
_OBJECT_DELETES = {
    "uploadId": "AbortMultipartUpload",
    "tagging": "DeleteObjectTagging",
    "versionId": "DeleteObjectVersion",
}
_BUCKET = {  # subresource: what follows Get and Put
    "versioning": "BucketVersioning",
    "policy": "BucketPolicy",
    "lifecycle": "LifecycleConfiguration",
    "object-lock": "BucketObjectLockConfiguration",
    "encryption": "EncryptionConfiguration",
    "publicAccessBlock": "BucketPublicAccessBlock",
    "ownershipControls": "BucketOwnershipControls",
    "tagging": "BucketTagging",
    "location": "BucketLocation",
    "acl": "BucketAcl",
}
_DELETE_AS_PUT = {"lifecycle", "encryption", "publicAccessBlock", "ownershipControls", "tagging"}
_POSITIVE: dict[str, Evaluate] = {
    "Bool": lambda wanted, actual: wanted.lower() == actual.lower(),
    "StringEquals": lambda wanted, actual: wanted == actual,
    "StringEqualsIgnoreCase": lambda wanted, actual: wanted.lower() == actual.lower(),
    "StringLike": lambda wanted, actual: fnmatch.fnmatchcase(actual, wanted),
    "NumericLessThan": lambda wanted, actual: float(actual) < float(wanted),
    "NumericGreaterThan": lambda wanted, actual: float(actual) > float(wanted),
}
_NEGATIVE = {f"StringNot{name.removeprefix('String')}": test for name, test in _POSITIVE.items() if "String" in name}


class UnknownCondition(Exception):  # noqa: N818 - the server answers it, nobody catches it as a fault
    """A condition operator that is not simulated."""


def actions(method: str, key: str, query: Mapping[str, Any], headers: Mapping[str, str]) -> Iterator[str]:
    """The S3 actions that a request needs.

    Args:
        method: of HTTP.
        key: the object's, empty for a request on the bucket.
        query: the query's names.
        headers: lower-case names.
    """
    name = _object_action(method, query) if key else _bucket_action(method, query)
    if name:
        yield f"s3:{name}"
    if headers.get("x-amz-bypass-governance-retention", "").lower() == "true":
        yield "s3:BypassGovernanceRetention"


def denied(policy: str, action: str, resource: str, *, account: str, context: Mapping[str, str]) -> bool:
    """Whether a statement of the policy denies the action explicitly.

    Args:
        policy: the bucket's, JSON.
        action: such as ``s3:PutObject``.
        resource: ARN of the bucket or object.
        account: who asks.
        context: condition keys of the request, names in lower case.

    Raises:
        UnknownCondition: a condition operator is not simulated.
    """
    statements = json.loads(policy)["Statement"]
    return any(
        statement["Effect"] == "Deny"
        and _principal(statement, account)
        and _named(statement, "Action", action, str.lower)
        and _named(statement, "Resource", resource, str)
        and _conditions(statement.get("Condition", {}), context)
        for statement in _listed(statements)
    )


def _object_action(method: str, query: Mapping[str, Any]) -> str:
    table, rest = {
        "DELETE": (_OBJECT_DELETES, "DeleteObject"),
        "GET": ({**_OBJECT_READS, "versionId": "GetObjectVersion"}, "GetObject"),
        "HEAD": ({"versionId": "GetObjectVersion"}, "GetObject"),
    }.get(method, (_OBJECT_WRITES, "PutObject"))
    return next((action for name, action in table.items() if name in query), rest)


def _bucket_action(method: str, query: Mapping[str, Any]) -> str:
    for name, action in _BUCKET.items():
        if name in query:
            if method == "DELETE":
                return f"{'Put' if name in _DELETE_AS_PUT else 'Delete'}{action}"
            return f"{'Get' if method in ('GET', 'HEAD') else 'Put'}{action}"
    if "uploads" in query:
        return "ListBucketMultipartUploads"
    if "versions" in query:
        return "ListBucketVersions"
    # A POST here deletes several objects; the server asks about each of them.
    return {"PUT": "CreateBucket", "DELETE": "DeleteBucket", "GET": "ListBucket", "HEAD": "ListBucket"}.get(method, "")


def _principal(statement: Mapping[str, Any], account: str) -> bool:
    def fits(principal: Any) -> bool:
        named = [principal] if isinstance(principal, str) else _listed(principal.get("AWS"))
        return any(one == "*" or account in one for one in named)

    if "NotPrincipal" in statement:
        return not fits(statement["NotPrincipal"])
    return fits(statement["Principal"])


def _named(statement: Mapping[str, Any], what: str, value: str, fold: Callable[[str], str]) -> bool:
    def fits(patterns: Any) -> bool:
        return any(fnmatch.fnmatchcase(fold(value), fold(pattern)) for pattern in _listed(patterns))

    return not fits(statement[f"Not{what}"]) if f"Not{what}" in statement else fits(statement[what])


def _conditions(conditions: Mapping[str, Mapping[str, Any]], context: Mapping[str, str]) -> bool:
    return all(
        _condition(operator, [str(value) for value in _listed(wanted)], context.get(key.lower()))
        for operator, keys in conditions.items()
        for key, wanted in keys.items()
    )


def _condition(operator: str, wanted: list[str], actual: str | None) -> bool:
    if operator == "Null":
        return (actual is None) == (wanted[0].lower() == "true")
    base = operator.removesuffix("IfExists")
    if base in _NEGATIVE:
        return actual is None or not any(_NEGATIVE[base](value, actual) for value in wanted)
    if base not in _POSITIVE:
        raise UnknownCondition(operator)
    if actual is None:
        return base != operator
    return any(_POSITIVE[base](value, actual) for value in wanted)


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [] if value is None else [value]
