"""What the resource types that set one thing on a bucket have in common.

Sources: the S3 API reference for the calls, terraform-provider-aws for ids, defaults and validation.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from rehearsal.plugins.aws.account import Account, unless, vendor_words
from rehearsal.plugins.aws.s3_bucket import bucket_name_fault
from rehearsal.plugins.kind import Kind
from rehearsal.plugins.schema import Property, Text

_BUCKET = Text(required=True, replaces=True, local=False, api="Bucket", rules=(bucket_name_fault,))
_REGION = Text(replaces=True, computed=True)
_OWNER = Text(replaces=True, pattern=r"\d{12}", local=True)


class BucketSetting(Kind[Account]):
    """One setting, identified by its bucket's name.

    Attributes:
        settings: the properties that make up the setting itself.
        absent: error codes that say the bucket or its setting is gone.
        owner: whether the type has ``expectedBucketOwner``.
    """

    settings: ClassVar[Mapping[str, Property]]
    absent: ClassVar[tuple[str, ...]] = ()
    owner: ClassVar[bool] = True

    def __init_subclass__(cls) -> None:
        common: dict[str, Property] = {"bucket": _BUCKET, "region": _REGION}
        if cls.owner:
            common["expectedBucketOwner"] = _OWNER
        cls.inputs = common | dict(cls.settings)

    def put(self, s3: Any, bucket: str, inputs: Mapping[str, Any]) -> None:
        """Send the whole setting."""
        raise NotImplementedError

    def get(self, s3: Any, bucket: str) -> dict[str, Any] | None:
        """Ask for the setting; None when the bucket has none."""
        raise NotImplementedError

    def remove(self, s3: Any, bucket: str, state: Mapping[str, Any]) -> None:
        """Take the setting off the bucket."""
        raise NotImplementedError

    def create(self, vendor: Account, inputs: Mapping[str, Any]) -> str:
        with vendor_words():
            self.put(vendor.client("s3", inputs.get("region")), inputs["bucket"], inputs)
        return str(inputs["bucket"])

    def read(self, vendor: Account, identity: str, region: str | None) -> dict[str, Any] | None:
        found: dict[str, Any] | None = None
        with vendor_words(), unless("NoSuchBucket", *self.absent):
            found = self.get(vendor.client("s3", region), identity)
        return found and {"bucket": identity, "region": region or vendor.region, **found}

    def update(self, vendor: Account, identity: str, old: Mapping[str, Any], inputs: Mapping[str, Any]) -> None:
        self.create(vendor, inputs)

    def delete(self, vendor: Account, identity: str, state: Mapping[str, Any]) -> None:
        with vendor_words(), unless("NoSuchBucket", *self.absent):
            self.remove(vendor.client("s3", state.get("region")), identity, state)


def pruned(value: Any) -> Any:
    """Without Nones and empty lists, which the server puts where AWS puts nothing; dates as AWS writes them."""
    if isinstance(value, dict):
        kept = {name: pruned(item) for name, item in value.items()}
        return {name: item for name, item in kept.items() if item not in (None, [])}
    if isinstance(value, list):
        return [pruned(item) for item in value]
    if hasattr(value, "strftime"):
        return value.strftime("%Y-%m-%dT%H:%M:%SZ")
    return value
