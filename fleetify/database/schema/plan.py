"""What a release wants of the database: the baseline, and the migrations above it up to the release's version."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path

from fleetify.database.migrations.folder import load_folder
from fleetify.database.migrations.lint.options import LintOptions
from fleetify.database.migrations.lint.run import lint
from fleetify.database.migrations.model import Finding, Migration
from fleetify.database.migrations.validate import validate
from fleetify.database.versions import version_key
from fleetify.errors import ManifestError, MigrationFileError
from fleetify.releases import Release
from fleetify.settings import BaselineSettings, Settings


@dataclass(frozen=True, slots=True)
class SchemaPlan:
    """The files of one release.

    Attributes:
        baseline: what the stack's config says of it; None without one.
        baseline_files: files up to it, in order; empty where the live database is trusted.
        migrations: files above it, up to the release's version, in order.
        folder: all files above the baseline, those of later releases included.
        findings: what lint says of ``migrations``.
    """

    baseline: BaselineSettings | None
    baseline_files: tuple[Migration, ...]
    migrations: tuple[Migration, ...]
    folder: tuple[Migration, ...]
    findings: tuple[Finding, ...]

    def errors_by_version(self) -> dict[str, list[str]]:
        """Findings of level error, as lines, by the version of their migration."""
        version_of = {path: m.version for m in self.migrations for path in (m.path, m.down_path) if path}
        errors: dict[str, list[str]] = defaultdict(list)
        for finding in self.findings:
            if finding.level == "error":
                errors[version_of[finding.path]].append(describe_finding(finding))
        return dict(errors)


def describe_finding(finding: Finding) -> str:
    """One line: place, rule, message, remedy."""
    place = finding.path if finding.line is None else f"{finding.path}:{finding.line}"
    return f"{place}: {finding.message} [{finding.rule}]; {finding.remedy}"


def plan_schema(project: Path, settings: Settings, release: Release) -> SchemaPlan:
    """Read and check the files; no database is asked.

    Raises:
        MigrationFileError: the folder has faults, or a migration of the release cannot run; all at once.
        ManifestError: the release's version is not that of any file.
    """
    rules = settings.migrations
    files = load_folder(project / rules.folder, root=project, layout=rules.layout, ignore=rules.ignore)
    floor = version_key(rules.baseline.through) if rules.baseline else ()
    ceiling = version_key(release.database.through)
    trusted = rules.baseline is not None and rules.baseline.trust == "live"
    above = tuple(m for m in files if version_key(m.version) > floor)
    wanted = tuple(m for m in above if version_key(m.version) <= ceiling)
    _refuse_unknown_version(files, release, floor, rules.folder)
    _refuse_what_cannot_run(wanted)
    return SchemaPlan(
        baseline=rules.baseline,
        baseline_files=() if trusted else tuple(m for m in files if version_key(m.version) <= floor),
        migrations=wanted,
        folder=above,
        findings=tuple(lint(wanted, files, options=_lint_options(settings))),
    )


def _lint_options(settings: Settings) -> LintOptions:
    rules = settings.row_level_security
    switched_off = () if rules.required else ("require-rls",)
    return LintOptions(
        exposed_schemas=rules.schemas,
        tenant_column=rules.tenant_column,
        excluded=(*settings.migrations.lint_exclude, *switched_off),
    )


def _refuse_unknown_version(
    files: tuple[Migration, ...], release: Release, floor: tuple[int, ...], folder: str
) -> None:
    ceiling = version_key(release.database.through)
    if ceiling == floor or any(version_key(m.version) == ceiling for m in files):
        return
    if ceiling < floor:
        raise ManifestError(
            f"Release {release.name} is below the baseline; its schema cannot be declared any more.",
            seen=f"database.through: {release.database.through}",
            remedy="restore a backup instead (docs/how-to/restore-by-hand.md)",
        )
    raise ManifestError(
        f"Release {release.name} names a migration that {folder}/ does not have.",
        seen=f"database.through: {release.database.through}; highest file: {files[-1].version if files else 'none'}",
        remedy=f"mend database.through in releases/{release.name}.yaml, or add the file",
    )


def _refuse_what_cannot_run(migrations: tuple[Migration, ...]) -> None:
    faults = [describe_finding(finding) for migration in migrations for finding in validate(migration)]
    if faults:
        raise MigrationFileError(
            "Migrations of this release cannot run:\n" + "\n".join(f"  - {fault}" for fault in faults)
        )
