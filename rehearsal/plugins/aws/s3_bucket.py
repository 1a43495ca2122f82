"""``aws:s3/bucket:Bucket``: the bucket itself. What is set on it has resource types of its own."""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterator, Mapping
from typing import Any

from rehearsal.plugins.aws.account import Account, unless, vendor_words
from rehearsal.plugins.kind import Kind, Refused
from rehearsal.plugins.schema import Fault, Flag, Table, Text

_OWN = "use the resource type of that name instead"
_NAME = r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]"
_REGION = Text(replaces=True, computed=True)


def bucket_name_fault(name: str) -> str | None:
    """Why AWS refuses a bucket name, or None (S3 User Guide, bucket naming rules)."""
    if not re.fullmatch(_NAME, name):
        return (
            f"invalid bucket name {name!r}: 3 to 63 lowercase letters, digits, dots and hyphens,"
            " beginning and ending with a letter or digit"
        )
    if ".." in name or re.fullmatch(r"(\d+\.){3}\d+", name):
        return f"invalid bucket name {name!r}: no two dots side by side, and not in the form of an IP address"
    if name.startswith(("xn--", "sthree-", "amzn-s3-demo-")) or name.endswith(("-s3alias", "--ol-s3", ".mrap")):
        return f"invalid bucket name {name!r}: this prefix or suffix is reserved"
    return None


class Bucket(Kind[Account]):
    """A bucket."""

    type_name = "aws:s3/bucket:Bucket"
    inputs = {
        "bucket": Text(replaces=True, computed=True, rules=(bucket_name_fault,)),
        "bucketPrefix": Text(replaces=True, computed=True, pattern=r"[a-z0-9][a-z0-9.-]{0,36}"),
        "forceDestroy": Flag(local=True),
        "objectLockEnabled": Flag(replaces=True, computed=True),
        "region": _REGION,
        "tags": Table(),
    }
    outputs = ("arn", "bucketDomainName", "bucketRegion", "bucketRegionalDomainName", "tagsAll")
    refused = {
        "accelerationStatus": _OWN,
        "acl": _OWN,
        "bucketNamespace": "the account's own namespace is not simulated",
        "corsRules": _OWN,
        "grants": _OWN,
        "lifecycleRules": _OWN,
        "logging": _OWN,
        "objectLockConfiguration": _OWN,
        "policy": _OWN,
        "replicationConfiguration": _OWN,
        "requestPayer": _OWN,
        "serverSideEncryptionConfiguration": _OWN,
        "versioning": _OWN,
        "website": _OWN,
    }

    def faults(self, inputs: Mapping[str, Any]) -> Iterator[Fault]:
        yield from super().faults(inputs)
        if "bucket" in inputs and "bucketPrefix" in inputs:
            yield Fault("bucketPrefix", '"bucketPrefix": conflicts with bucket')

    def named(self, inputs: dict[str, Any], *, name: str, suffix: str, old: Mapping[str, Any]) -> dict[str, Any]:
        if "bucket" in inputs or "bucketPrefix" in inputs:
            return inputs
        readable = re.sub(r"[^a-z0-9-]+", "-", name.lower()).strip("-")[:55] or "bucket"
        return {**inputs, "bucket": old.get("bucket") or f"{readable}-{suffix}"}

    def create(self, vendor: Account, inputs: Mapping[str, Any]) -> str:
        name = str(inputs.get("bucket") or f"{inputs['bucketPrefix']}{secrets.token_hex(13)}")
        region = inputs.get("region") or vendor.region
        s3 = vendor.client("s3", region)
        request: dict[str, Any] = {"Bucket": name}
        if region != "us-east-1":
            request["CreateBucketConfiguration"] = {"LocationConstraint": region}
        if inputs.get("objectLockEnabled"):
            request["ObjectLockEnabledForBucket"] = True
        with vendor_words():
            s3.create_bucket(**request)
            self._tag(s3, name, vendor.tags(inputs.get("tags")))
        return name

    def read(self, vendor: Account, identity: str, region: str | None) -> dict[str, Any] | None:
        s3 = vendor.client("s3", region)
        with vendor_words():
            head = None
            with unless("404", "NoSuchBucket"):
                head = s3.head_bucket(Bucket=identity)
            if head is None:
                return None
            tags: dict[str, str] = {}
            with unless("NoSuchTagSet"):
                answer = s3.get_bucket_tagging(Bucket=identity)
                tags = {item["Key"]: item["Value"] for item in answer["TagSet"]}
            locked = False
            with unless("ObjectLockConfigurationNotFoundError"):
                s3.get_object_lock_configuration(Bucket=identity)
                locked = True
            place = s3.get_bucket_location(Bucket=identity).get("LocationConstraint") or "us-east-1"
        own = {name: value for name, value in tags.items() if vendor.default_tags.get(name) != value}
        return {
            "bucket": identity,
            "bucketPrefix": "",
            "region": place,
            "objectLockEnabled": locked,
            **({"tags": own} if own else {}),
            "tagsAll": tags,
            "arn": f"arn:aws:s3:::{identity}",
            "bucketDomainName": f"{identity}.s3.amazonaws.com",
            "bucketRegion": place,
            "bucketRegionalDomainName": f"{identity}.s3.{place}.amazonaws.com",
        }

    def update(self, vendor: Account, identity: str, old: Mapping[str, Any], inputs: Mapping[str, Any]) -> None:
        with vendor_words():
            s3 = vendor.client("s3", inputs.get("region"))
            self._tag(s3, identity, vendor.tags(inputs.get("tags")))

    def delete(self, vendor: Account, identity: str, state: Mapping[str, Any]) -> None:
        s3 = vendor.client("s3", state.get("region"))
        with vendor_words(), unless("NoSuchBucket"):
            if state.get("forceDestroy"):
                self._empty(s3, identity)
            s3.delete_bucket(Bucket=identity)

    @staticmethod
    def _tag(s3: Any, name: str, tags: Mapping[str, str]) -> None:
        if tags:
            pairs = [{"Key": key, "Value": value} for key, value in tags.items()]
            s3.put_bucket_tagging(Bucket=name, Tagging={"TagSet": pairs})
        else:
            s3.delete_bucket_tagging(Bucket=name)

    @staticmethod
    def _empty(s3: Any, name: str) -> None:
        for page in s3.get_paginator("list_object_versions").paginate(Bucket=name):
            doomed = [
                {"Key": item["Key"], "VersionId": item["VersionId"]}
                for item in (*page.get("Versions", ()), *page.get("DeleteMarkers", ()))
            ]
            if not doomed:
                continue
            # As the vendor's plugin does: governance can be bypassed, compliance cannot.
            answer = s3.delete_objects(
                Bucket=name, Delete={"Objects": doomed, "Quiet": True}, BypassGovernanceRetention=True
            )
            for error in answer.get("Errors", ()):
                raise Refused(f"{error['Code']}: {error['Key']}: {error.get('Message', '')}")
