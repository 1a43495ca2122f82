"""``BackupStore``: the bucket that backups and evidence are kept in, where nobody can delete them before their time."""

from __future__ import annotations

import json
from typing import Any

import pulumi
from pulumi_aws import kms, s3

from fleetify.settings import BackupSettings

BACKUPS = "backups/"
EVIDENCE = "evidence/"
# What would let an object go before its time; lifecycle rules are not bound by a bucket policy.
FORBIDDEN_ACTIONS = [
    "s3:DeleteObject",
    "s3:DeleteObjectVersion",
    "s3:BypassGovernanceRetention",
    "s3:DeleteBucket",
    "s3:PutBucketVersioning",
]


class BackupStore(pulumi.ComponentResource):
    """A bucket with versioning, object lock, retention, encryption by a key of its own, and a policy against deletes.

    Destroying the stack keeps bucket, key and all of their settings.

    Outputs: ``bucket`` (name), ``kms_key_id`` (ARN).
    """

    bucket: pulumi.Output[str]
    kms_key_id: pulumi.Output[str]

    def __init__(self, name: str, settings: BackupSettings, *, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("fleetify:storage:BackupStore", name, {}, opts)
        kept = pulumi.ResourceOptions(parent=self, retain_on_delete=True)
        tags = {"project": pulumi.get_project(), "stack": pulumi.get_stack(), "purpose": "backups and evidence"}
        prefix = f"{pulumi.get_project()}-{pulumi.get_stack()}"
        key = kms.Key(
            f"{prefix}-backups",
            description=f"Backups and evidence of {prefix}",
            enable_key_rotation=True,
            deletion_window_in_days=30,
            tags=tags,
            opts=kept,
        )
        kms.Alias(f"{prefix}-backups", target_key_id=key.key_id, opts=kept)
        bucket = s3.Bucket(
            f"{prefix}-backups",
            bucket=settings.bucket,
            object_lock_enabled=True,
            force_destroy=False,
            tags=tags,
            # Deleting and creating anew is never what a changed setting should mean for a bucket of backups.
            opts=pulumi.ResourceOptions.merge(kept, pulumi.ResourceOptions(protect=False)),
        )
        self._harden(prefix, bucket, key, settings, kept)
        self.bucket = bucket.bucket
        self.kms_key_id = key.arn
        self.register_outputs({"bucket": self.bucket, "kms_key_id": self.kms_key_id})

    def _harden(
        self, name: str, bucket: s3.Bucket, key: kms.Key, settings: BackupSettings, kept: pulumi.ResourceOptions
    ) -> None:
        versioning = s3.BucketVersioning(
            name, bucket=bucket.id, versioning_configuration={"status": "Enabled"}, opts=kept
        )
        after_versioning = pulumi.ResourceOptions.merge(kept, pulumi.ResourceOptions(depends_on=[versioning]))
        s3.BucketObjectLockConfiguration(
            name,
            bucket=bucket.id,
            rule={"default_retention": {"mode": settings.lock_mode, "days": settings.retention_days}},
            opts=after_versioning,
        )
        s3.BucketLifecycleConfiguration(name, bucket=bucket.id, rules=_lifecycle(settings), opts=after_versioning)
        s3.BucketServerSideEncryptionConfiguration(
            name,
            bucket=bucket.id,
            rules=[
                {
                    "apply_server_side_encryption_by_default": {
                        "sse_algorithm": "aws:kms",
                        "kms_master_key_id": key.arn,
                    },
                    "bucket_key_enabled": True,
                }
            ],
            opts=kept,
        )
        access = s3.BucketPublicAccessBlock(
            name,
            bucket=bucket.id,
            block_public_acls=True,
            block_public_policy=True,
            ignore_public_acls=True,
            restrict_public_buckets=True,
            opts=kept,
        )
        s3.BucketOwnershipControls(name, bucket=bucket.id, rule={"object_ownership": "BucketOwnerEnforced"}, opts=kept)
        s3.BucketPolicy(
            name,
            bucket=bucket.id,
            policy=bucket.arn.apply(_policy),
            opts=pulumi.ResourceOptions.merge(kept, pulumi.ResourceOptions(depends_on=[access])),
        )


def _lifecycle(settings: BackupSettings) -> list[Any]:
    def expire(prefix: str, days: int) -> dict[str, Any]:
        return {
            "id": f"{prefix.rstrip('/')}-retention",
            "status": "Enabled",
            "filter": {"prefix": prefix},
            "expiration": {"days": days},
            "noncurrent_version_expiration": {"noncurrent_days": 1},
        }

    return [
        expire(BACKUPS, settings.retention_days),
        expire(EVIDENCE, settings.evidence_retention_days),
        {
            "id": "broken-uploads",
            "status": "Enabled",
            "filter": {"prefix": ""},
            "abort_incomplete_multipart_upload": {"days_after_initiation": 1},
        },
    ]


def _policy(arn: str) -> str:
    objects = f"{arn}/*"
    everyone = {"Effect": "Deny", "Principal": "*"}
    return json.dumps(
        {
            "Version": "2012-10-17",
            "Statement": [
                {
                    "Sid": "OnlyOverTls",
                    **everyone,
                    "Action": "s3:*",
                    "Resource": [arn, objects],
                    "Condition": {"Bool": {"aws:SecureTransport": "false"}},
                },
                {"Sid": "NobodyDeletes", **everyone, "Action": FORBIDDEN_ACTIONS, "Resource": [arn, objects]},
            ],
        }
    )
