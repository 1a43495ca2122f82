"""Runs all rules over migrations."""

from __future__ import annotations

from collections.abc import Sequence

from fleetify.database.migrations.lint.catalogue import Catalogue
from fleetify.database.migrations.lint.ignores import Ignores, read_ignores
from fleetify.database.migrations.lint.options import LintOptions
from fleetify.database.migrations.lint.registry import RULES
from fleetify.database.migrations.lint.replay import Replay
from fleetify.database.migrations.lint.rule import Subject
from fleetify.database.migrations.lint.squawk import run_squawk
from fleetify.database.migrations.model import Finding, Migration
from fleetify.database.migrations.sql import SqlSyntaxError, Statement, parse
from fleetify.database.migrations.validate import validate
from fleetify.database.versions import version_key


def lint(
    migrations: Sequence[Migration],
    catalogue_sources: Sequence[Migration] = (),
    *,
    options: LintOptions | None = None,
    squawk: bool = True,
) -> tuple[Finding, ...]:
    """What is wrong with migrations: what ``validate`` says, our rules, squawk.

    Args:
        migrations: the ones to judge.
        catalogue_sources: migrations that only tell what the database is like, such as those of the baseline; may
            include the ones to judge. One that does not parse is passed over.
        options: the project's settings.
        squawk: whether to run squawk as well.

    Returns:
        Ordered by path, line and rule.

    Raises:
        ToolError: squawk is missing or failed.
    """
    options = options or LintOptions()
    catalogue = Catalogue()
    judged = {migration.path for migration in migrations}
    everything = {migration.path: migration for migration in [*catalogue_sources, *migrations]}
    findings: list[Finding] = []
    ordered = sorted(everything.values(), key=lambda item: version_key(item.version))
    # A thousand files take a third of a second to parse; those after the last one to judge tell nothing about it.
    needed = max((place for place, item in enumerate(ordered, start=1) if item.path in judged), default=0)
    for migration in ordered[:needed]:
        statements = _statements(migration)
        if statements is not None:
            Replay(catalogue, migration.path).run(statements)
        if migration.path in judged:
            findings += validate(migration)
            findings += _rules(migration, statements or (), catalogue, options)
    if squawk:
        findings += [item for item in run_squawk(migrations, options) if item.rule not in options.excluded]
    return tuple(sorted(set(findings), key=lambda item: (item.path, item.line or 0, item.rule, item.message)))


def has_errors(findings: Sequence[Finding]) -> bool:
    """Whether any finding stops the release."""
    return any(finding.level == "error" for finding in findings)


def _statements(migration: Migration) -> tuple[Statement, ...] | None:
    try:
        return parse(migration.up_sql)
    except SqlSyntaxError:
        return None


def _rules(
    migration: Migration, statements: tuple[Statement, ...], catalogue: Catalogue, options: LintOptions
) -> list[Finding]:
    subject = Subject(migration, statements, catalogue, options)
    ignores = read_ignores(migration.up_sql, statements, migration.path, migration.up_line)
    findings = list(ignores.faults)
    for rule in RULES:
        if rule.id in options.excluded:
            continue
        for hit in rule.find(subject):
            if not ignores.keep_back(rule.id, hit.line):
                line = None if hit.line is None else hit.line + migration.up_line - 1
                level = hit.level or rule.level
                findings.append(Finding(rule.id, level, migration.path, line, hit.message, rule.remedy))
    return findings + _unused(ignores, migration, options)


def _unused(ignores: Ignores, migration: Migration, options: LintOptions) -> list[Finding]:
    return [
        Finding(
            "ignore",
            "warning",
            migration.path,
            entry.line + migration.up_line - 1,
            f"the ignore of {entry.rule} keeps nothing back",
            "remove it, or put it directly above the statement that it is about",
        )
        for entry in ignores.entries
        if not entry.used and entry.rule not in options.excluded
    ]
