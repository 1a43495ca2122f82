"""Bucket policies as S3 evaluates them."""

from __future__ import annotations

import json
from typing import Any

import pytest

from rehearsal.aws_policy import UnknownCondition, actions, denied

ARN = "arn:aws:s3:::bucket"

REQUESTS: list[tuple[str, str, set[str], dict[str, str], list[str]]] = [
    ("PUT", "k", set(), {}, ["s3:PutObject"]),
    ("POST", "k", {"uploads"}, {}, ["s3:PutObject"]),
    ("DELETE", "k", {"uploadId"}, {}, ["s3:AbortMultipartUpload"]),
    ("DELETE", "k", set(), {}, ["s3:DeleteObject"]),
    ("DELETE", "k", {"versionId"}, {}, ["s3:DeleteObjectVersion"]),
    ("GET", "k", {"versionId"}, {}, ["s3:GetObjectVersion"]),
    ("PUT", "k", {"retention"}, {}, ["s3:PutObjectRetention"]),
    (
        "DELETE",
        "k",
        {"versionId"},
        {"x-amz-bypass-governance-retention": "true"},
        ["s3:DeleteObjectVersion", "s3:BypassGovernanceRetention"],
    ),
    ("PUT", "", {"versioning"}, {}, ["s3:PutBucketVersioning"]),
    ("DELETE", "", {"policy"}, {}, ["s3:DeleteBucketPolicy"]),
    ("DELETE", "", {"lifecycle"}, {}, ["s3:PutLifecycleConfiguration"]),
    ("DELETE", "", set(), {}, ["s3:DeleteBucket"]),
    ("GET", "", {"list-type"}, {}, ["s3:ListBucket"]),
    ("POST", "", {"delete"}, {}, []),
]


@pytest.mark.parametrize(("method", "key", "query", "headers", "expected"), REQUESTS)
def test_actions_of_requests(
    method: str, key: str, query: set[str], headers: dict[str, str], expected: list[str]
) -> None:
    assert list(actions(method, key, dict.fromkeys(query, ""), headers)) == expected


def verdict(action: str = "s3:PutObject", resource: str = f"{ARN}/k", **statement: Any) -> bool:
    whole = {"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": [ARN, f"{ARN}/*"], **statement}
    policy = json.dumps({"Statement": [{name: value for name, value in whole.items() if value is not None}]})
    context = {"aws:securetransport": "true", "s3:x-amz-server-side-encryption": "aws:kms"}
    return denied(policy, action, resource, account="111122223333", context=context)


STATEMENTS: list[tuple[dict[str, Any], bool]] = [
    ({}, True),
    ({"Effect": "Allow"}, False),
    ({"Action": "s3:PUT*"}, True),
    ({"Action": ["s3:Get*", "s3:List*"]}, False),
    ({"Action": None, "NotAction": "s3:Get*"}, True),
    ({"Resource": ARN}, False),
    ({"Resource": f"{ARN}/other/*"}, False),
    ({"Principal": {"AWS": "arn:aws:iam::111122223333:root"}}, True),
    ({"Principal": {"AWS": "arn:aws:iam::999999999999:root"}}, False),
    ({"Principal": None, "NotPrincipal": {"AWS": "111122223333"}}, False),
    ({"Condition": {"Bool": {"aws:SecureTransport": "false"}}}, False),
    ({"Condition": {"Bool": {"aws:SecureTransport": True}}}, True),
    ({"Condition": {"StringNotEquals": {"s3:x-amz-server-side-encryption": "aws:kms"}}}, False),
    ({"Condition": {"StringNotEquals": {"s3:x-amz-server-side-encryption": ["AES256"]}}}, True),
    ({"Condition": {"StringNotEquals": {"s3:absent": "x"}}}, True),
    ({"Condition": {"StringEquals": {"s3:absent": "x"}}}, False),
    ({"Condition": {"StringEqualsIfExists": {"s3:absent": "x"}}}, True),
    ({"Condition": {"Null": {"s3:absent": "true"}}}, True),
    ({"Condition": {"Null": {"s3:x-amz-server-side-encryption": "true"}}}, False),
]


@pytest.mark.parametrize(("statement", "expected"), STATEMENTS)
def test_verdicts(statement: dict[str, Any], expected: bool) -> None:
    assert verdict(**statement) is expected


def test_condition_that_is_not_simulated_is_said_so() -> None:
    with pytest.raises(UnknownCondition, match="IpAddress"):
        verdict(Condition={"IpAddress": {"aws:SourceIp": "10.0.0.0/8"}})
