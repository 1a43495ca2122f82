"""All rules of our own."""

from __future__ import annotations

from fleetify.database.migrations.lint.rule import Rule
from fleetify.database.migrations.lint.rules import (
    foreign_key_index,
    missing_down_script,
    no_grant_to_anon,
    one_statement_without_transaction,
    policy_always_true,
    require_rls,
    security_definer_search_path,
    session_setting,
    tenant_foreign_key,
    view_security_invoker,
)

RULES: tuple[Rule, ...] = (
    require_rls.RULE,
    policy_always_true.RULE,
    tenant_foreign_key.RULE,
    foreign_key_index.RULE,
    view_security_invoker.RULE,
    security_definer_search_path.RULE,
    no_grant_to_anon.RULE,
    missing_down_script.RULE,
    session_setting.RULE,
    one_statement_without_transaction.RULE,
)
RULE_IDS = tuple(rule.id for rule in RULES)
