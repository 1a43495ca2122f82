"""Lint: our rules on PostgreSQL's syntax tree, and squawk."""

from fleetify.database.migrations.lint.options import LintOptions
from fleetify.database.migrations.lint.run import lint

__all__ = ["LintOptions", "lint"]
