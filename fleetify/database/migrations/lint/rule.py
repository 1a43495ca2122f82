"""What a rule is."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Literal

from fleetify.database.migrations.lint.catalogue import Catalogue
from fleetify.database.migrations.lint.options import LintOptions
from fleetify.database.migrations.model import Migration
from fleetify.database.migrations.sql import Statement

Level = Literal["error", "warning"]


@dataclass(frozen=True, slots=True)
class Subject:
    """What a rule looks at: one migration, and what the database is like once it has run.

    Attributes:
        migration: the migration.
        statements: of its up script.
        catalogue: as the migration leaves it.
        options: the project's settings.
    """

    migration: Migration
    statements: tuple[Statement, ...]
    catalogue: Catalogue
    options: LintOptions


@dataclass(frozen=True, slots=True)
class Hit:
    """A place that breaks a rule.

    Attributes:
        line: 1-based in the up script; None where the whole file is meant.
        message: what is wrong there.
        level: where it differs from the rule's.
    """

    line: int | None
    message: str
    level: Level | None = None


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule, with its page of the docs.

    Attributes:
        id: how findings and ignores refer to it.
        level: ``error`` stops the release.
        statement: what must be so, one sentence.
        why: what happens otherwise.
        remedy: how to mend it.
        bad: SQL that breaks the rule, and nothing else about it is wrong.
        good: the same, mended.
        find: yields the places that break it.
    """

    id: str
    level: Level
    statement: str
    why: str
    remedy: str
    bad: str
    good: str
    find: Callable[[Subject], Iterable[Hit]]
