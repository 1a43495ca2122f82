"""Everything the aws stand-in carries. A new resource type is one line here."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rehearsal.plugins.aws.account import Account
from rehearsal.plugins.aws.kms import Alias, Key
from rehearsal.plugins.aws.s3_bucket import Bucket
from rehearsal.plugins.aws.s3_settings import SETTINGS
from rehearsal.plugins.kind import Kind


def _caller(account: Account, _args: Mapping[str, Any]) -> dict[str, Any]:
    identity = account.identity()
    return {**identity, "id": identity["accountId"]}


def _region(account: Account, args: Mapping[str, Any]) -> dict[str, Any]:
    region = args.get("region") or account.region
    return {"id": region, "name": region, "region": region, "endpoint": f"ec2.{region}.amazonaws.com"}


def _partition(account: Account, args: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "id": "aws",
        "partition": "aws",
        "dnsSuffix": "amazonaws.com",
        "reverseDnsPrefix": "com.amazonaws",
    }


KINDS: tuple[Kind[Account], ...] = (Bucket(), *(setting() for setting in SETTINGS), Key(), Alias())

FUNCTIONS = {
    "aws:index/getCallerIdentity:getCallerIdentity": _caller,
    "aws:index/getPartition:getPartition": _partition,
    "aws:index/getRegion:getRegion": _region,
}
