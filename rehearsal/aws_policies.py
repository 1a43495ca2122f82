"""Conditions in bucket policies, as AWS reads them: a statement whose condition is not met does not apply.

moto takes every statement with a condition that it cannot evaluate as a denial, so that a bucket which admits TLS only would
admit nobody. Here ``aws:SecureTransport`` is true: loopback stands for TLS in the rehearsal.
"""

from __future__ import annotations

from typing import Any

_KNOWN = {"aws:SecureTransport": "true"}


def evaluate_conditions() -> None:
    """Teach this process's moto to evaluate them."""
    from moto.iam.access_control import IAMPolicyStatement, PermissionResult  # noqa: PLC0415 - a second

    judge = IAMPolicyStatement.is_action_permitted

    def is_action_permitted(self: Any, *args: Any, **kwargs: Any) -> PermissionResult:
        condition = self._statement.get("Condition") or {}
        if not condition:
            return judge(self, *args, **kwargs)
        if not all(_is_met(operator, expected) for operator, expected in condition.items()):
            return PermissionResult.NEUTRAL
        plain = {name: value for name, value in self._statement.items() if name != "Condition"}
        return judge(IAMPolicyStatement(plain), *args, **kwargs)

    IAMPolicyStatement.is_action_permitted = is_action_permitted  # type: ignore[method-assign] # there is no other hook


def _is_met(operator: str, expected: dict[str, Any]) -> bool:
    """Whether a condition on values that are known here is met; one on others is not."""
    return operator == "Bool" and all(_KNOWN.get(name) == str(value).lower() for name, value in expected.items())
