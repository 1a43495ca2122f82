"""``aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration``."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from rehearsal.plugins.aws.s3_setting import BucketSetting, pruned
from rehearsal.plugins.schema import Block, Fault, Flag, Items, Property, Table, Text, Whole, from_api, to_api


def _expiration_fault(value: Any) -> str | None:
    given = [name for name in ("date", "days", "expiredObjectDeleteMarker") if value.get(name)]
    return None if len(given) == 1 else f"exactly one of date, days, expiredObjectDeleteMarker; got {given}"


def _transition_fault(value: Any) -> str | None:
    return "either date or days, not both" if value.get("date") and "days" in value else None


def _filter_fault(value: Any) -> str | None:
    return f"one condition at most, several under `and`; got {sorted(value)}" if len(value) > 1 else None


_ACTIONS = (
    "abortIncompleteMultipartUpload",
    "expiration",
    "noncurrentVersionExpiration",
    "noncurrentVersionTransitions",
    "transitions",
)


def _rule_fault(value: Any) -> str | None:
    if not any(value.get(name) for name in _ACTIONS):
        return f"at least one action must be given: {', '.join(_ACTIONS)}"
    return "either filter or prefix, not both" if "filter" in value and "prefix" in value else None


def _distinct_ids(rules: Any) -> str | None:
    ids = [rule["id"] for rule in rules]
    doubled = sorted({name for name in ids if ids.count(name) > 1})
    return (
        f"InvalidArgument: Rule ID must be unique. Found same ID for more than one rule: {doubled}" if doubled else None
    )


_STORAGE = ("GLACIER", "STANDARD_IA", "ONEZONE_IA", "INTELLIGENT_TIERING", "DEEP_ARCHIVE", "GLACIER_IR")
_SIZES: dict[str, Property] = {
    "objectSizeGreaterThan": Whole(minimum=0),
    "objectSizeLessThan": Whole(minimum=1),
}
_LIFECYCLE_RULE = Block(
    rules=(_rule_fault,),
    fields={
        "id": Text(required=True, api="ID", pattern=r".{1,255}"),
        "status": Text(required=True, values=("Enabled", "Disabled")),
        "abortIncompleteMultipartUpload": Block(fields={"daysAfterInitiation": Whole(minimum=1)}),
        "expiration": Block(
            rules=(_expiration_fault,),
            fields={
                "date": Text(pattern=r"\d{4}-\d\d-\d\dT00:00:00Z"),
                "days": Whole(minimum=1, computed=True),
                "expiredObjectDeleteMarker": Flag(computed=True),
            },
        ),
        "filter": Block(
            computed=True,
            rules=(_filter_fault,),
            fields={
                **_SIZES,
                "and": Block(fields={**_SIZES, "prefix": Text(), "tags": Table()}),
                "prefix": Text(computed=True),
                "tag": Block(fields={"key": Text(required=True), "value": Text(required=True)}),
            },
        ),
        "noncurrentVersionExpiration": Block(
            fields={
                "newerNoncurrentVersions": Whole(minimum=1, maximum=100),
                "noncurrentDays": Whole(required=True, minimum=1),
            }
        ),
        "noncurrentVersionTransitions": Items(
            of=Block(
                fields={
                    "newerNoncurrentVersions": Whole(minimum=1, maximum=100),
                    "noncurrentDays": Whole(required=True, minimum=0),
                    "storageClass": Text(required=True, values=_STORAGE),
                }
            )
        ),
        "prefix": Text(),
        "transitions": Items(
            of=Block(
                rules=(_transition_fault,),
                fields={
                    "date": Text(pattern=r"\d{4}-\d\d-\d\dT00:00:00Z"),
                    "days": Whole(minimum=0, computed=True),
                    "storageClass": Text(required=True, values=_STORAGE),
                },
            )
        ),
    },
)


class BucketLifecycleConfiguration(BucketSetting):
    """Which objects move or go after how long."""

    type_name = "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration"
    settings = {
        "rules": Items(of=_LIFECYCLE_RULE, least=1, most=1000, rules=(_distinct_ids,)),
        "timeouts": Block(local=True, fields={"create": Text(), "update": Text()}),
        "transitionDefaultMinimumObjectSize": Text(
            values=("all_storage_classes_128K", "varies_by_storage_class"), computed=True, local=True
        ),
    }
    absent = ("NoSuchLifecycleConfiguration",)

    def faults(self, inputs: Mapping[str, Any]) -> Iterator[Fault]:
        yield from super().faults(inputs)
        if "rules" not in inputs:
            yield Fault("rules", "Missing required argument")

    def put(self, s3: Any, bucket: str, inputs: Mapping[str, Any]) -> None:
        rules = to_api(self.settings, inputs)["Rules"]
        for rule in rules:
            if "Prefix" not in rule:
                rule.setdefault("Filter", {"Prefix": ""})
        s3.put_bucket_lifecycle_configuration(Bucket=bucket, LifecycleConfiguration={"Rules": rules})

    def get(self, s3: Any, bucket: str) -> dict[str, Any] | None:
        answer = s3.get_bucket_lifecycle_configuration(Bucket=bucket)
        return {
            **from_api(self.settings, pruned(answer)),
            "transitionDefaultMinimumObjectSize": "all_storage_classes_128K",
        }

    def remove(self, s3: Any, bucket: str, state: Mapping[str, Any]) -> None:
        s3.delete_bucket_lifecycle(Bucket=bucket)
