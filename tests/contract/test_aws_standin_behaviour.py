"""What the stand-in does to the local AWS, and what it refuses, verb by verb."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError

from rehearsal.plugins.aws.account import Account
from rehearsal.plugins.aws.catalog import KINDS
from rehearsal.plugins.kind import Kind, Refused
from tests.support.cloud import Cloud, running_cloud

BY_NAME = {kind.type_name.rpartition(":")[2]: kind for kind in KINDS}


@pytest.fixture(scope="module")
def cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cloud]:
    with running_cloud(tmp_path_factory.mktemp("cloud")) as running:
        yield running


@pytest.fixture
def account(cloud: Cloud) -> Account:
    return cloud.account()


@pytest.fixture
def bucket(account: Account, request: pytest.FixtureRequest) -> str:
    name = "b-" + "".join(letter if letter.isalnum() else "-" for letter in request.node.name.lower())[-50:].strip("-")
    return BY_NAME["Bucket"].create(account, {"bucket": name, "objectLockEnabled": True})


def paths(kind: Kind[Account], inputs: dict[str, Any]) -> set[str]:
    """The paths of the refused properties."""
    return {fault.path for fault in kind.faults(inputs)}


TLS_ONLY = {
    "Effect": "Deny",
    "Principal": "*",
    "Action": "s3:*",
    "Condition": {"Bool": {"aws:SecureTransport": "false"}},
}


def policy(bucket: str, **statement: Any) -> str:
    arn = f"arn:aws:s3:::{bucket}"
    whole = {"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": [arn, f"{arn}/*"], **statement}
    return json.dumps({"Version": "2012-10-17", "Statement": [whole]})


def test_settings_reach_the_bucket(cloud: Cloud, account: Account, bucket: str) -> None:
    key = BY_NAME["Key"].create(account, {"enableKeyRotation": True, "description": "for the test"})
    BY_NAME["BucketVersioning"].create(account, {"bucket": bucket, "versioningConfiguration": {"status": "Enabled"}})
    rule = {"defaultRetention": {"mode": "COMPLIANCE", "days": 30}}
    BY_NAME["BucketObjectLockConfiguration"].create(account, {"bucket": bucket, "rule": rule})
    encryption = {"applyServerSideEncryptionByDefault": {"sseAlgorithm": "aws:kms", "kmsMasterKeyId": key}}
    BY_NAME["BucketServerSideEncryptionConfiguration"].create(account, {"bucket": bucket, "rules": [encryption]})
    BY_NAME["BucketPublicAccessBlock"].create(account, {"bucket": bucket, "blockPublicAcls": True})
    BY_NAME["BucketOwnershipControls"].create(
        account, {"bucket": bucket, "rule": {"objectOwnership": "BucketOwnerEnforced"}}
    )
    BY_NAME["BucketPolicy"].create(account, {"bucket": bucket, "policy": policy(bucket, Action="s3:DeleteObject*")})

    s3 = cloud.client("s3")
    stored = s3.put_object(Bucket=bucket, Key="backups/one", Body=b"data", ChecksumAlgorithm="SHA256")
    head = s3.head_object(Bucket=bucket, Key="backups/one")
    assert (head["ObjectLockMode"], head["ServerSideEncryption"]) == ("COMPLIANCE", "aws:kms")
    assert s3.get_public_access_block(Bucket=bucket)["PublicAccessBlockConfiguration"] == {
        "BlockPublicAcls": True,
        "IgnorePublicAcls": False,
        "BlockPublicPolicy": False,
        "RestrictPublicBuckets": False,
    }
    ownership = s3.get_bucket_ownership_controls(Bucket=bucket)["OwnershipControls"]
    assert ownership["Rules"] == [{"ObjectOwnership": "BucketOwnerEnforced"}]
    for arguments in ({}, {"VersionId": stored["VersionId"]}):
        with pytest.raises(ClientError, match="explicit deny"):
            s3.delete_object(Bucket=bucket, Key="backups/one", **arguments)
    errors = s3.delete_objects(Bucket=bucket, Delete={"Objects": [{"Key": "backups/one"}]})["Errors"]
    assert [error["Code"] for error in errors] == ["AccessDenied"]
    assert s3.get_object(Bucket=bucket, Key="backups/one")["Body"].read() == b"data"


def test_locked_version_cannot_be_deleted_even_without_a_policy(cloud: Cloud, account: Account, bucket: str) -> None:
    BY_NAME["BucketVersioning"].create(account, {"bucket": bucket, "versioningConfiguration": {"status": "Enabled"}})
    rule = {"defaultRetention": {"mode": "COMPLIANCE", "days": 1}}
    BY_NAME["BucketObjectLockConfiguration"].create(account, {"bucket": bucket, "rule": rule})
    s3 = cloud.client("s3")
    version = s3.put_object(Bucket=bucket, Key="k", Body=b"x", ChecksumAlgorithm="SHA256")["VersionId"]
    with pytest.raises(ClientError, match="AccessDenied"):
        s3.delete_object(Bucket=bucket, Key="k", VersionId=version)
    with pytest.raises(Refused, match="BucketNotEmpty"):
        BY_NAME["Bucket"].delete(account, bucket, {"forceDestroy": False})
    with pytest.raises(Refused, match=r"AccessDenied|object protected"):
        BY_NAME["Bucket"].delete(account, bucket, {"forceDestroy": True})


def test_force_destroy_empties_an_unprotected_bucket(cloud: Cloud, account: Account) -> None:
    name = BY_NAME["Bucket"].create(account, {"bucket": "to-be-emptied"})
    cloud.client("s3").put_object(Bucket=name, Key="k", Body=b"x")
    BY_NAME["Bucket"].delete(account, name, {"forceDestroy": True})
    assert BY_NAME["Bucket"].read(account, name, None) is None
    BY_NAME["Bucket"].delete(account, name, {})  # gone is fine


def test_tls_only_policy_admits_the_rehearsal(cloud: Cloud, account: Account, bucket: str) -> None:
    BY_NAME["BucketPolicy"].create(account, {"bucket": bucket, "policy": policy(bucket, **TLS_ONLY)})
    cloud.client("s3").put_object(Bucket=bucket, Key="k", Body=b"x", ChecksumAlgorithm="SHA256")


LIFECYCLE: list[dict[str, Any]] = [
    {
        "id": "backups",
        "status": "Enabled",
        "filter": {"prefix": "backups/"},
        "expiration": {"days": 365},
        "noncurrentVersionExpiration": {"noncurrentDays": 90},
    },
    {"id": "parts", "status": "Enabled", "abortIncompleteMultipartUpload": {"daysAfterInitiation": 2}},
    {
        "id": "cold",
        "status": "Disabled",
        "filter": {"and": {"prefix": "evidence/", "tags": {"a": "b"}}},
        "transitions": [{"days": 30, "storageClass": "GLACIER_IR"}],
    },
]

STATES: list[tuple[str, dict[str, Any]]] = [
    ("BucketVersioning", {"versioningConfiguration": {"status": "Enabled"}}),
    ("BucketLifecycleConfiguration", {"rules": LIFECYCLE}),
    (
        "BucketServerSideEncryptionConfiguration",
        {"rules": [{"applyServerSideEncryptionByDefault": {"sseAlgorithm": "AES256"}, "bucketKeyEnabled": True}]},
    ),
    ("BucketPublicAccessBlock", {"blockPublicAcls": True, "restrictPublicBuckets": True}),
    ("BucketOwnershipControls", {"rule": {"objectOwnership": "ObjectWriter"}}),
]


@pytest.mark.parametrize(("name", "inputs"), STATES, ids=[name for name, _ in STATES])
def test_what_was_created_reads_back_without_a_difference(
    name: str, inputs: dict[str, Any], account: Account, bucket: str
) -> None:
    kind, whole = BY_NAME[name], {"bucket": bucket, **inputs}
    assert paths(kind, whole) == set()
    identity = kind.create(account, whole)
    state = kind.read(account, identity, None)
    assert state is not None
    assert [prop for prop, item in kind.inputs.items() if item.differs(state.get(prop), whole.get(prop))] == []
    kind.delete(account, identity, state)
    kind.delete(account, identity, state)
    after = kind.read(account, identity, None)
    assert after is None or name == "BucketVersioning"


def test_a_change_behind_the_back_is_a_difference(cloud: Cloud, account: Account, bucket: str) -> None:
    kind, inputs = BY_NAME["BucketPublicAccessBlock"], {"bucket": bucket, "blockPublicAcls": True}
    kind.create(account, inputs)
    cloud.client("s3").put_public_access_block(
        Bucket=bucket, PublicAccessBlockConfiguration={"BlockPublicAcls": False, "IgnorePublicAcls": True}
    )
    state = kind.read(account, bucket, None)
    assert state is not None
    changed = [prop for prop, item in kind.inputs.items() if item.differs(state.get(prop), inputs.get(prop))]
    assert changed == ["blockPublicAcls", "ignorePublicAcls"]


REFUSED: list[tuple[str, dict[str, Any], str]] = [
    ("Bucket", {"bucket": "Upper_Case"}, "bucket"),
    ("Bucket", {"bucket": "192.168.1.1"}, "bucket"),
    ("Bucket", {"versioning": {"enabled": True}}, "versioning"),
    ("Bucket", {"colour": "blue"}, "colour"),
    ("Bucket", {"tags": {"a": 1}}, "tags.a"),
    ("Bucket", {"objectLockEnabled": "yes"}, "objectLockEnabled"),
    ("Bucket", {"bucket": "abc", "bucketPrefix": "abc"}, "bucketPrefix"),
    ("BucketVersioning", {"bucket": "abc"}, "versioningConfiguration"),
    (
        "BucketVersioning",
        {"bucket": "abc", "versioningConfiguration": {"status": "On"}},
        "versioningConfiguration.status",
    ),
    (
        "BucketObjectLockConfiguration",
        {"bucket": "abc", "rule": {"defaultRetention": {"mode": "COMPLIANCE", "days": 1, "years": 1}}},
        "rule.defaultRetention",
    ),
    (
        "BucketObjectLockConfiguration",
        {"bucket": "abc", "rule": {"defaultRetention": {"days": 1}}},
        "rule.defaultRetention",
    ),
    ("BucketLifecycleConfiguration", {"bucket": "abc"}, "rules"),
    ("BucketLifecycleConfiguration", {"bucket": "abc", "rules": [{"id": "a", "status": "Enabled"}]}, "rules[0]"),
    (
        "BucketLifecycleConfiguration",
        {"bucket": "abc", "rules": [{**LIFECYCLE[0]}, {**LIFECYCLE[0]}]},
        "rules",
    ),
    (
        "BucketServerSideEncryptionConfiguration",
        {"bucket": "abc", "rules": [{"applyServerSideEncryptionByDefault": {"sseAlgorithm": "DES"}}]},
        "rules[0].applyServerSideEncryptionByDefault.sseAlgorithm",
    ),
    ("BucketOwnershipControls", {"bucket": "abc", "rule": {"objectOwnership": "Me"}}, "rule.objectOwnership"),
    ("BucketPolicy", {"bucket": "abc", "policy": "{not json"}, "policy"),
    ("Key", {"deletionWindowInDays": 5}, "deletionWindowInDays"),
    ("Key", {"rotationPeriodInDays": 3000}, "rotationPeriodInDays"),
    ("Alias", {"name": "no-prefix", "targetKeyId": "k"}, "name"),
    ("Alias", {"name": "alias/aws/s3", "targetKeyId": "k"}, "name"),
    ("Alias", {"name": "alias/x"}, "targetKeyId"),
]


@pytest.mark.parametrize(("name", "inputs", "path"), REFUSED)
def test_refused_before_any_call(name: str, inputs: dict[str, Any], path: str) -> None:
    assert paths(BY_NAME[name], inputs) == {path}


def test_lock_needs_versioning(account: Account) -> None:
    name = BY_NAME["Bucket"].create(account, {"bucket": "never-versioned"})
    with pytest.raises(Refused, match="Versioning must be 'Enabled'"):
        BY_NAME["BucketObjectLockConfiguration"].create(account, {"bucket": name})


def test_locked_bucket_stays_versioned(account: Account, bucket: str) -> None:
    suspended = {"bucket": bucket, "versioningConfiguration": {"status": "Suspended"}}
    with pytest.raises(Refused, match="versioning state cannot be changed"):
        BY_NAME["BucketVersioning"].update(account, bucket, {}, suspended)


BAD_POLICIES: list[tuple[dict[str, Any], str]] = [
    ({"Resource": "arn:aws:s3:::another-bucket/*"}, "invalid resource"),
    ({"Action": "ec2:*"}, "invalid action"),
    ({"Effect": "Maybe"}, "Invalid effect"),
    ({"Colour": "blue"}, "Unknown field Colour"),
]


@pytest.mark.parametrize(("statement", "words"), BAD_POLICIES)
def test_malformed_policy_is_refused(statement: dict[str, Any], words: str, account: Account, bucket: str) -> None:
    with pytest.raises(Refused, match=f"MalformedPolicy.*{words}"):
        BY_NAME["BucketPolicy"].create(account, {"bucket": bucket, "policy": policy(bucket, **statement)})


def test_public_policy_is_refused_where_blocked(account: Account, bucket: str) -> None:
    BY_NAME["BucketPublicAccessBlock"].create(account, {"bucket": bucket, "blockPublicPolicy": True})
    open_to_all = policy(bucket, Effect="Allow", Action="s3:GetObject")
    with pytest.raises(Refused, match="BlockPublicPolicy"):
        BY_NAME["BucketPolicy"].create(account, {"bucket": bucket, "policy": open_to_all})


def test_key_life(cloud: Cloud, account: Account) -> None:
    kind = BY_NAME["Key"]
    inputs = {"description": "first", "enableKeyRotation": True, "deletionWindowInDays": 7, "tags": {"a": "b"}}
    identity = kind.create(account, inputs)
    state = kind.read(account, identity, None)
    assert state is not None
    changed = {**inputs, "description": "second", "enableKeyRotation": False, "tags": {"c": "d"}}
    kind.update(account, identity, state, changed)
    after = kind.read(account, identity, None)
    assert after is not None
    assert (after["description"], after["enableKeyRotation"], after["tags"]) == ("second", False, {"c": "d"})
    alias = BY_NAME["Alias"].create(account, {"name": "alias/test-key", "targetKeyId": after["arn"]})
    found = BY_NAME["Alias"].read(account, alias, None)
    assert found is not None
    assert found["targetKeyArn"] == after["arn"]
    kind.delete(account, identity, after)
    assert cloud.client("kms").describe_key(KeyId=identity)["KeyMetadata"]["KeyState"] == "PendingDeletion"
    assert kind.read(account, identity, None) is None


def test_stranger_is_refused(cloud: Cloud) -> None:
    with pytest.raises(ClientError, match="InvalidAccessKeyId"):
        cloud.client("s3", access_key="AKIASTRANGER").list_buckets()


CONFIGS: list[tuple[dict[str, Any], str]] = [
    ({"colour": "blue"}, "unknown key 'colour'"),
    ({"region": ""}, "Missing region"),
    ({"accessKey": ""}, "No valid credential sources"),
]


@pytest.mark.parametrize(("config", "words"), CONFIGS)
def test_wrong_provider_config_is_refused(
    config: dict[str, Any], words: str, cloud: Cloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("AWS_REGION", "AWS_DEFAULT_REGION", "AWS_ACCESS_KEY_ID"):
        monkeypatch.delenv(name, raising=False)
    with pytest.raises(Refused, match=words):
        cloud.account(**config)


def test_real_aws_is_never_called(cloud: Cloud) -> None:
    account = cloud.account(endpoints=[{"s3": "https://s3.eu-central-1.amazonaws.com"}])
    with pytest.raises(Refused, match="local servers only"):
        account.client("s3")
