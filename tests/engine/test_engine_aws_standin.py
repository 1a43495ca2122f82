"""The aws stand-in under the real engine: preview, create, quiet, drift, replace, import, secrets, destroy."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from rehearsal.plugins.install import install
from tests.support.cloud import Cloud, running_cloud
from tests.support.pulumi import Pulumi, write_program

pytestmark = pytest.mark.engine

PROGRAM = """
import json, pulumi, pulumi_aws as aws
from pulumi_aws import kms, s3

config = pulumi.Config()
key = kms.Key("backups", description="Backups", enable_key_rotation=True, tags={"secret": config.require_secret("tag")})
kms.Alias("backups", target_key_id=key.key_id)
bucket = s3.Bucket("backups", bucket=config.get("name"), object_lock_enabled=True)
versioning = s3.BucketVersioning("v", bucket=bucket.id, versioning_configuration={"status": "Enabled"})
after = pulumi.ResourceOptions(depends_on=[versioning])
lock = {"default_retention": {"mode": config.get("mode") or "GOVERNANCE", "days": 30}}
s3.BucketObjectLockConfiguration("lock", bucket=bucket.id, rule=lock, opts=after)
s3.BucketServerSideEncryptionConfiguration("encryption", bucket=bucket.id, rules=[
    {"apply_server_side_encryption_by_default": {"sse_algorithm": "aws:kms", "kms_master_key_id": key.arn}}])
s3.BucketPublicAccessBlock("access", bucket=bucket.id, block_public_policy=True)
statement = {"Effect": "Deny", "Principal": "*", "Action": "s3:DeleteObject*"}
s3.BucketPolicy("policy", bucket=bucket.id, policy=bucket.arn.apply(lambda arn: json.dumps(
    {"Version": "2012-10-17", "Statement": [{**statement, "Resource": [arn, arn + "/*"]}]})))
pulumi.export("bucket", bucket.bucket)
pulumi.export("account", aws.get_caller_identity().account_id)
"""
SECRET = "tag-nobody-may-see"


@pytest.fixture(scope="module")
def cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cloud]:
    with running_cloud(tmp_path_factory.mktemp("cloud")) as running:
        yield running


@pytest.fixture
def pulumi(cloud: Cloud, tmp_path: Path) -> Iterator[Pulumi]:
    runner = Pulumi(tmp_path, write_program(tmp_path / "program", PROGRAM), env=cloud.env)
    install(runner.home)
    with runner:
        runner.config_set("tag", SECRET, secret=True)
        yield runner


def test_life_of_a_stack(pulumi: Pulumi, cloud: Cloud) -> None:
    foreseen = pulumi.preview().stdout
    assert "9 to create" in foreseen
    assert cloud.client("s3").list_buckets()["Buckets"] == []  # a preview makes nothing

    pulumi.up()
    outputs = pulumi.outputs()
    assert outputs["account"] == cloud.part["account"]
    assert outputs["bucket"].startswith("backups-")
    state = json.dumps(pulumi.export())
    assert SECRET not in state
    kms = cloud.client("kms")
    tags = [kms.list_resource_tags(KeyId=key["KeyId"])["Tags"] for key in kms.list_keys()["Keys"]]
    assert [{"TagKey": "secret", "TagValue": SECRET}] in tags
    assert pulumi.preview("--expect-no-changes", check=False).returncode == 0
    assert pulumi.refresh("--expect-no-changes", check=False).returncode == 0

    cloud.client("s3").delete_public_access_block(Bucket=outputs["bucket"])
    assert pulumi.run("preview", "--refresh", "--expect-no-changes", "-s", "test", check=False).returncode != 0
    pulumi.refresh()
    assert "access" not in pulumi.resources()
    pulumi.up()
    assert cloud.client("s3").get_public_access_block(Bucket=outputs["bucket"])

    pulumi.config_set("name", "another-bucket-name")
    pulumi.up()
    assert pulumi.outputs()["bucket"] == "another-bucket-name"
    assert [found["Name"] for found in cloud.client("s3").list_buckets()["Buckets"]] == ["another-bucket-name"]

    pulumi.destroy()
    assert cloud.client("s3").list_buckets()["Buckets"] == []
    assert pulumi.processes() == []


def test_refusals_are_the_vendors_words_without_a_traceback(pulumi: Pulumi) -> None:
    pulumi.config_set("mode", "WISH")
    answer = pulumi.up(check=False)
    said = answer.stdout + answer.stderr
    assert answer.returncode != 0
    assert "rule.defaultRetention.mode" in said
    assert "expected one of GOVERNANCE, COMPLIANCE, got 'WISH'" in said
    assert "Traceback" not in said
    assert "server.py" not in said
    pulumi.destroy()


def test_bucket_made_by_hand_can_be_imported(pulumi: Pulumi, cloud: Cloud) -> None:
    cloud.client("s3").create_bucket(
        Bucket="made-by-hand", CreateBucketConfiguration={"LocationConstraint": cloud.part["region"]}
    )
    flags = ("--yes", "--generate-code=false", "--protect=false", "-s", "test")
    pulumi.run("import", "aws:s3/bucket:Bucket", "hand", "made-by-hand", *flags)
    imported = pulumi.resources()["hand"]
    assert imported["id"] == "made-by-hand"
    assert imported["inputs"]["bucket"] == "made-by-hand"
    missing = pulumi.run("import", "aws:s3/bucket:Bucket", "no", "not-there", *flags, check=False)
    assert missing.returncode != 0
    assert "resource 'not-there' does not exist" in missing.stdout + missing.stderr
    pulumi.destroy()


def test_without_a_region_the_provider_refuses(pulumi: Pulumi) -> None:
    answer = pulumi.preview(check=False, env={"AWS_REGION": ""})
    assert answer.returncode != 0
    assert "Missing region" in answer.stdout + answer.stderr
