"""``aws:kms/key:Key`` and ``aws:kms/alias:Alias``."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from rehearsal.plugins.aws.account import Account, unless, vendor_words
from rehearsal.plugins.kind import Kind
from rehearsal.plugins.schema import Document, Fault, Flag, Table, Text, Whole

_REGION = Text(replaces=True, computed=True)
_SPECS = ("SYMMETRIC_DEFAULT", "RSA_2048", "RSA_3072", "RSA_4096", "ECC_NIST_P256", "ECC_NIST_P384", "HMAC_256")
_LONGEST_WAIT = 30


class Key(Kind[Account]):
    """A key; deleting it schedules its end, and until then it counts as gone."""

    type_name = "aws:kms/key:Key"
    inputs = {
        "bypassPolicyLockoutSafetyCheck": Flag(local=True),
        "customerMasterKeySpec": Text(replaces=True, computed=True, values=_SPECS),
        "deletionWindowInDays": Whole(local=True, minimum=7, maximum=_LONGEST_WAIT),
        "description": Text(computed=True),
        "enableKeyRotation": Flag(),
        "isEnabled": Flag(computed=True),
        "keyUsage": Text(
            replaces=True, computed=True, values=("ENCRYPT_DECRYPT", "SIGN_VERIFY", "GENERATE_VERIFY_MAC")
        ),
        "multiRegion": Flag(replaces=True, computed=True),
        "policy": Document(computed=True),
        "region": _REGION,
        "rotationPeriodInDays": Whole(computed=True, minimum=90, maximum=2560),
        "tags": Table(),
    }
    outputs = ("arn", "keyId", "tagsAll")
    refused = {"customKeyStoreId": "there is no key store here", "xksKeyId": "there is no key store here"}

    def create(self, vendor: Account, inputs: Mapping[str, Any]) -> str:
        kms = vendor.client("kms", inputs.get("region"))
        request = {
            "Description": inputs.get("description"),
            "KeySpec": inputs.get("customerMasterKeySpec", "SYMMETRIC_DEFAULT"),
            "KeyUsage": inputs.get("keyUsage", "ENCRYPT_DECRYPT"),
            "MultiRegion": inputs.get("multiRegion"),
            "Policy": self.inputs["policy"].to_api(inputs["policy"]) if "policy" in inputs else None,
            "Tags": _pairs(vendor.tags(inputs.get("tags"))) or None,
        }
        with vendor_words():
            answer = kms.create_key(**{name: value for name, value in request.items() if value is not None})
            identity = str(answer["KeyMetadata"]["KeyId"])
            self._switch(kms, identity, {}, inputs)
        return identity

    def read(self, vendor: Account, identity: str, region: str | None) -> dict[str, Any] | None:
        kms = vendor.client("kms", region)
        found: dict[str, Any] | None = None
        with vendor_words():
            with unless("NotFoundException"):
                found = kms.describe_key(KeyId=identity)["KeyMetadata"]
            if found is None or found["KeyState"] in ("PendingDeletion", "PendingReplicaDeletion"):
                return None
            rotation = kms.get_key_rotation_status(KeyId=identity)
            policy = kms.get_key_policy(KeyId=identity, PolicyName="default")["Policy"]
            answer = kms.list_resource_tags(KeyId=identity)
        tags = {item["TagKey"]: item["TagValue"] for item in answer.get("Tags", [])}
        own = {name: value for name, value in tags.items() if vendor.default_tags.get(name) != value}
        return {
            "arn": found["Arn"],
            "keyId": found["KeyId"],
            "customerMasterKeySpec": found.get("KeySpec", "SYMMETRIC_DEFAULT"),
            "description": found.get("Description", ""),
            "enableKeyRotation": rotation["KeyRotationEnabled"],
            "isEnabled": found["Enabled"],
            "keyUsage": found["KeyUsage"],
            "multiRegion": found.get("MultiRegion", False),
            "policy": policy,
            "region": region or vendor.region,
            **({"rotationPeriodInDays": days} if (days := rotation.get("RotationPeriodInDays")) else {}),
            **({"tags": own} if own else {}),
            "tagsAll": tags,
        }

    def update(self, vendor: Account, identity: str, old: Mapping[str, Any], inputs: Mapping[str, Any]) -> None:
        kms = vendor.client("kms", inputs.get("region"))
        with vendor_words():
            if inputs.get("description", "") != old.get("description", ""):
                kms.update_key_description(KeyId=identity, Description=inputs.get("description", ""))
            if self.inputs["policy"].differs(old.get("policy"), inputs.get("policy")):
                document = self.inputs["policy"].to_api(inputs["policy"])
                kms.put_key_policy(KeyId=identity, PolicyName="default", Policy=document)
            self._switch(kms, identity, old, inputs)
            wanted, had = vendor.tags(inputs.get("tags")), old.get("tagsAll") or {}
            if gone := sorted(set(had) - set(wanted)):
                kms.untag_resource(KeyId=identity, TagKeys=gone)
            if wanted:
                kms.tag_resource(KeyId=identity, Tags=_pairs(wanted))

    def delete(self, vendor: Account, identity: str, state: Mapping[str, Any]) -> None:
        kms = vendor.client("kms", state.get("region"))
        wait = state.get("deletionWindowInDays", _LONGEST_WAIT)
        with vendor_words(), unless("NotFoundException", "KMSInvalidStateException"):
            kms.schedule_key_deletion(KeyId=identity, PendingWindowInDays=wait)

    @staticmethod
    def _switch(kms: Any, identity: str, old: Mapping[str, Any], inputs: Mapping[str, Any]) -> None:
        rotate, period = bool(inputs.get("enableKeyRotation")), inputs.get("rotationPeriodInDays")
        if rotate and (not old.get("enableKeyRotation") or period not in (None, old.get("rotationPeriodInDays"))):
            kms.enable_key_rotation(KeyId=identity, **({"RotationPeriodInDays": period} if period else {}))
        elif not rotate and old.get("enableKeyRotation"):
            kms.disable_key_rotation(KeyId=identity)
        if inputs.get("isEnabled", True) != old.get("isEnabled", True):
            (kms.enable_key if inputs.get("isEnabled", True) else kms.disable_key)(KeyId=identity)


class Alias(Kind[Account]):
    """A readable name for a key."""

    type_name = "aws:kms/alias:Alias"
    inputs = {
        "name": Text(replaces=True, computed=True, pattern=r"alias/(?!aws/)[a-zA-Z0-9:/_-]{1,250}"),
        "namePrefix": Text(replaces=True, computed=True, pattern=r"alias/(?!aws/)[a-zA-Z0-9:/_-]{1,220}"),
        "region": _REGION,
        "targetKeyId": Text(required=True),
    }
    outputs = ("arn", "targetKeyArn")

    def faults(self, inputs: Mapping[str, Any]) -> Iterator[Fault]:
        yield from super().faults(inputs)
        if "name" in inputs and "namePrefix" in inputs:
            yield Fault("namePrefix", '"namePrefix": conflicts with name')

    def named(self, inputs: dict[str, Any], *, name: str, suffix: str, old: Mapping[str, Any]) -> dict[str, Any]:
        if "name" in inputs:
            return inputs
        prefix = inputs.get("namePrefix") or f"alias/{name}-"
        given = {key: value for key, value in inputs.items() if key != "namePrefix"}
        return {**given, "name": old.get("name") or f"{prefix}{suffix}"}

    def create(self, vendor: Account, inputs: Mapping[str, Any]) -> str:
        with vendor_words():
            kms = vendor.client("kms", inputs.get("region"))
            kms.create_alias(AliasName=inputs["name"], TargetKeyId=_key_id(inputs["targetKeyId"]))
        return str(inputs["name"])

    def read(self, vendor: Account, identity: str, region: str | None) -> dict[str, Any] | None:
        kms = vendor.client("kms", region)
        with vendor_words():
            pages = kms.get_paginator("list_aliases").paginate()
            aliases = [alias for page in pages for alias in page["Aliases"]]
        for alias in aliases:
            if alias["AliasName"] == identity and alias.get("TargetKeyId"):
                arn = str(alias["AliasArn"])
                return {
                    "name": identity,
                    "namePrefix": "",
                    "region": region or vendor.region,
                    "targetKeyId": alias["TargetKeyId"],
                    "arn": arn,
                    "targetKeyArn": f"{arn.rpartition(':alias/')[0]}:key/{alias['TargetKeyId']}",
                }
        return None

    def update(self, vendor: Account, identity: str, old: Mapping[str, Any], inputs: Mapping[str, Any]) -> None:
        with vendor_words():
            kms = vendor.client("kms", inputs.get("region"))
            kms.update_alias(AliasName=identity, TargetKeyId=_key_id(inputs["targetKeyId"]))

    def delete(self, vendor: Account, identity: str, state: Mapping[str, Any]) -> None:
        with vendor_words(), unless("NotFoundException"):
            vendor.client("kms", state.get("region")).delete_alias(AliasName=identity)


def _pairs(tags: Mapping[str, str]) -> list[dict[str, str]]:
    return [{"TagKey": name, "TagValue": value} for name, value in tags.items()]


def _key_id(key: str) -> str:
    """AWS takes a key's id and its ARN alike."""
    return key.rpartition(":key/")[2]
