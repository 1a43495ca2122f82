"""What is set on a bucket, one resource type each: a few calls, and what AWS refuses."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from rehearsal.plugins.aws.account import unless
from rehearsal.plugins.aws.s3_lifecycle import BucketLifecycleConfiguration
from rehearsal.plugins.aws.s3_policy import policy_fault, public_policy
from rehearsal.plugins.aws.s3_setting import BucketSetting, pruned
from rehearsal.plugins.kind import Refused
from rehearsal.plugins.schema import Block, Document, Flag, Items, Text, Whole, from_api, to_api


class BucketVersioning(BucketSetting):
    """Versioning; taking the resource away suspends it."""

    type_name = "aws:s3/bucketVersioning:BucketVersioning"
    settings = {
        "versioningConfiguration": Block(
            required=True,
            fields={
                "status": Text(required=True, values=("Enabled", "Suspended", "Disabled")),
                "mfaDelete": Text(values=("Enabled", "Disabled"), computed=True, api="MFADelete"),
            },
        ),
        "mfa": Text(local=True),
    }

    def put(self, s3: Any, bucket: str, inputs: Mapping[str, Any]) -> None:
        wanted = to_api(self.settings, inputs)["VersioningConfiguration"]
        if wanted["Status"] == "Disabled":  # the plugin's word for "never switched on": no call at all
            if s3.get_bucket_versioning(Bucket=bucket).get("Status"):
                raise Refused("versioning_configuration.status cannot be updated from 'Enabled' to 'Disabled'")
            return
        if wanted["Status"] != "Enabled" and _locked(s3, bucket):
            raise Refused(
                "InvalidBucketState: An Object Lock configuration is present on this bucket,"
                " so the versioning state cannot be changed."
            )
        s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration=wanted)

    def get(self, s3: Any, bucket: str) -> dict[str, Any] | None:
        answer = s3.get_bucket_versioning(Bucket=bucket)
        return {
            "versioningConfiguration": {
                "status": answer.get("Status", "Disabled"),
                "mfaDelete": answer.get("MFADelete", "Disabled"),
            }
        }

    def remove(self, s3: Any, bucket: str, state: Mapping[str, Any]) -> None:
        # A locked bucket stays versioned: AWS refuses the call and the vendor's plugin lets go of it.
        if not _locked(s3, bucket) and s3.get_bucket_versioning(Bucket=bucket).get("Status") == "Enabled":
            s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Suspended"})


def _retention_fault(value: Any) -> str | None:
    if ("days" in value) == ("years" in value):
        return "exactly one of days and years must be given"
    return None if "mode" in value else "mode must be given: GOVERNANCE or COMPLIANCE"


class BucketObjectLockConfiguration(BucketSetting):
    """The retention that new objects get when they bring none of their own."""

    type_name = "aws:s3/bucketObjectLockConfiguration:BucketObjectLockConfiguration"
    settings = {
        "objectLockEnabled": Text(values=("Enabled",), replaces=True, computed=True),
        "rule": Block(
            fields={
                "defaultRetention": Block(
                    required=True,
                    rules=(_retention_fault,),
                    fields={
                        "days": Whole(minimum=1, maximum=36500),
                        "mode": Text(values=("GOVERNANCE", "COMPLIANCE")),
                        "years": Whole(minimum=1, maximum=100),
                    },
                )
            }
        ),
        "token": Text(local=True),
    }
    absent = ("ObjectLockConfigurationNotFoundError",)

    def put(self, s3: Any, bucket: str, inputs: Mapping[str, Any]) -> None:
        if s3.get_bucket_versioning(Bucket=bucket).get("Status") != "Enabled":
            raise Refused(
                "InvalidBucketState: Versioning must be 'Enabled' on the bucket to apply a Object Lock configuration"
            )
        wanted = {"ObjectLockEnabled": "Enabled"} | to_api(self.settings, inputs)
        s3.put_object_lock_configuration(Bucket=bucket, ObjectLockConfiguration=wanted)

    def get(self, s3: Any, bucket: str) -> dict[str, Any] | None:
        answer = s3.get_object_lock_configuration(Bucket=bucket)["ObjectLockConfiguration"]
        found = from_api(self.settings, pruned(answer))
        if retention := found.get("rule", {}).get("defaultRetention"):
            found["rule"] = {"defaultRetention": {name: value for name, value in retention.items() if value}}
        return found

    def remove(self, s3: Any, bucket: str, state: Mapping[str, Any]) -> None:
        # The lock itself cannot be taken off, only the default retention.
        s3.put_object_lock_configuration(Bucket=bucket, ObjectLockConfiguration={"ObjectLockEnabled": "Enabled"})


def _key_fault(value: Any) -> str | None:
    if value.get("kmsMasterKeyId") and value["sseAlgorithm"] == "AES256":
        return "InvalidArgument: a KMS key goes with aws:kms or aws:kms:dsse, not with AES256"
    return None


class BucketServerSideEncryptionConfiguration(BucketSetting):
    """Encryption of new objects."""

    type_name = "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration"
    settings = {
        "rules": Items(
            required=True,
            least=1,
            most=1,
            of=Block(
                fields={
                    "applyServerSideEncryptionByDefault": Block(
                        rules=(_key_fault,),
                        fields={
                            "kmsMasterKeyId": Text(api="KMSMasterKeyID"),
                            "sseAlgorithm": Text(
                                required=True, values=("AES256", "aws:kms", "aws:kms:dsse"), api="SSEAlgorithm"
                            ),
                        },
                    ),
                    "blockedEncryptionTypes": Items(of=Text(values=("SSE-C", "NONE")), computed=True, local=True),
                    "bucketKeyEnabled": Flag(computed=True),
                }
            ),
        )
    }
    absent = ("ServerSideEncryptionConfigurationNotFoundError",)

    def put(self, s3: Any, bucket: str, inputs: Mapping[str, Any]) -> None:
        s3.put_bucket_encryption(Bucket=bucket, ServerSideEncryptionConfiguration=to_api(self.settings, inputs))

    def get(self, s3: Any, bucket: str) -> dict[str, Any] | None:
        answer = s3.get_bucket_encryption(Bucket=bucket)["ServerSideEncryptionConfiguration"]
        return from_api(self.settings, pruned(answer))

    def remove(self, s3: Any, bucket: str, state: Mapping[str, Any]) -> None:
        s3.delete_bucket_encryption(Bucket=bucket)


class BucketPublicAccessBlock(BucketSetting):
    """The four switches against public access."""

    type_name = "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock"
    settings = {
        "blockPublicAcls": Flag(),
        "blockPublicPolicy": Flag(),
        "ignorePublicAcls": Flag(),
        "restrictPublicBuckets": Flag(),
        "skipDestroy": Flag(local=True),
    }
    absent = ("NoSuchPublicAccessBlockConfiguration",)
    owner = False

    def put(self, s3: Any, bucket: str, inputs: Mapping[str, Any]) -> None:
        switches = {name: False for name, item in self.settings.items() if not item.local}
        wanted = to_api(self.settings, switches | {name: inputs[name] for name in switches if name in inputs})
        s3.put_public_access_block(Bucket=bucket, PublicAccessBlockConfiguration=wanted)

    def get(self, s3: Any, bucket: str) -> dict[str, Any] | None:
        answer = s3.get_public_access_block(Bucket=bucket)["PublicAccessBlockConfiguration"]
        return from_api(self.settings, answer)

    def remove(self, s3: Any, bucket: str, state: Mapping[str, Any]) -> None:
        if not state.get("skipDestroy"):
            s3.delete_public_access_block(Bucket=bucket)


class BucketOwnershipControls(BucketSetting):
    """Who owns objects that others upload."""

    type_name = "aws:s3/bucketOwnershipControls:BucketOwnershipControls"
    settings = {
        "rule": Block(
            required=True,
            fields={
                "objectOwnership": Text(
                    required=True, values=("BucketOwnerPreferred", "ObjectWriter", "BucketOwnerEnforced")
                )
            },
        )
    }
    absent = ("OwnershipControlsNotFoundError",)
    owner = False

    def put(self, s3: Any, bucket: str, inputs: Mapping[str, Any]) -> None:
        rule = to_api(self.settings, inputs)["Rule"]
        s3.put_bucket_ownership_controls(Bucket=bucket, OwnershipControls={"Rules": [rule]})

    def get(self, s3: Any, bucket: str) -> dict[str, Any] | None:
        answer = s3.get_bucket_ownership_controls(Bucket=bucket)["OwnershipControls"]
        return from_api(self.settings, {"Rule": answer["Rules"][0]})

    def remove(self, s3: Any, bucket: str, state: Mapping[str, Any]) -> None:
        s3.delete_bucket_ownership_controls(Bucket=bucket)


class BucketPolicy(BucketSetting):
    """The bucket's resource policy."""

    type_name = "aws:s3/bucketPolicy:BucketPolicy"
    settings = {"policy": Document(required=True)}
    absent = ("NoSuchBucketPolicy",)
    owner = False

    def put(self, s3: Any, bucket: str, inputs: Mapping[str, Any]) -> None:
        document = self.settings["policy"].to_api(inputs["policy"])
        if reason := policy_fault(document, bucket):
            raise Refused(f"MalformedPolicy: {reason}")
        if public_policy(document):
            block: dict[str, Any] = {}
            with unless("NoSuchPublicAccessBlockConfiguration"):
                block = s3.get_public_access_block(Bucket=bucket)["PublicAccessBlockConfiguration"]
            if block.get("BlockPublicPolicy"):
                raise Refused(
                    "AccessDenied: public policies are prevented by the BlockPublicPolicy setting"
                    " in S3 Block Public Access"
                )
        s3.put_bucket_policy(Bucket=bucket, Policy=document)

    def get(self, s3: Any, bucket: str) -> dict[str, Any] | None:
        return {"policy": s3.get_bucket_policy(Bucket=bucket)["Policy"]}

    def remove(self, s3: Any, bucket: str, state: Mapping[str, Any]) -> None:
        s3.delete_bucket_policy(Bucket=bucket)


SETTINGS: tuple[Callable[[], BucketSetting], ...] = (
    BucketVersioning,
    BucketObjectLockConfiguration,
    BucketLifecycleConfiguration,
    BucketServerSideEncryptionConfiguration,
    BucketPublicAccessBlock,
    BucketOwnershipControls,
    BucketPolicy,
)


def _locked(s3: Any, bucket: str) -> bool:
    answer: dict[str, Any] = {}
    with unless("ObjectLockConfigurationNotFoundError"):
        answer = s3.get_object_lock_configuration(Bucket=bucket)
    return bool(answer)
