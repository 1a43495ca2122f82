"""What S3 refuses in a bucket policy (S3 User Guide, "Policies and permissions"; IAM policy grammar)."""

from __future__ import annotations

import json
from typing import Any

_KNOWN = {
    "Sid", "Effect", "Principal", "NotPrincipal", "Action", "NotAction", "Resource", "NotResource", "Condition",
}  # fmt: skip


def policy_fault(document: str, bucket: str) -> str | None:
    """The sentence with which S3 refuses the policy for that bucket, or None."""
    try:
        policy = json.loads(document)
    except ValueError:
        return "Policies must be valid JSON and the first byte must be '{'"
    if not isinstance(policy, dict) or not _listed(policy.get("Statement")):
        return "Missing required field Statement"
    if policy.get("Version") not in ("2012-10-17", "2008-10-17", None):
        return f"The policy must contain a valid version string, got {policy['Version']!r}"
    if unknown := sorted(set(policy) - {"Version", "Id", "Statement"}):
        return f"Unknown field {unknown[0]}"
    for statement in _listed(policy["Statement"]):
        if reason := _statement_fault(statement, bucket):
            return reason
    return None


def public_policy(document: str) -> bool:
    """Whether a statement lets anybody in without a condition (a simplification of S3's own notion)."""
    return any(
        statement.get("Effect") == "Allow"
        and statement.get("Principal") in ("*", {"AWS": "*"}, {"AWS": ["*"]})
        and not statement.get("Condition")
        for statement in _listed(json.loads(document)["Statement"])
    )


def _statement_fault(statement: Any, bucket: str) -> str | None:
    if not isinstance(statement, dict):
        return "Statement is not a valid JSON object"
    if unknown := sorted(set(statement) - _KNOWN):
        return f"Unknown field {unknown[0]}"
    if statement.get("Effect") not in ("Allow", "Deny"):
        return f"Invalid effect: {statement.get('Effect')}"
    for pair in (("Principal", "NotPrincipal"), ("Action", "NotAction"), ("Resource", "NotResource")):
        if sum(name in statement for name in pair) != 1:
            return f"Missing required field {pair[0]}"
    if not all(
        action == "*" or str(action).startswith("s3:")
        for action in _listed(statement.get("Action", statement.get("NotAction")))
    ):
        return "Policy has invalid action"
    return _resource_fault(statement, f"arn:aws:s3:::{bucket}")


def _resource_fault(statement: dict[str, Any], arn: str) -> str | None:
    named = _listed(statement.get("Resource", statement.get("NotResource")))
    fits = all(resource == arn or str(resource).startswith(f"{arn}/") for resource in named)
    return None if fits else "Policy has invalid resource"


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [] if value is None else [value]
