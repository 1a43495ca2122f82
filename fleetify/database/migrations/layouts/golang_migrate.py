"""golang-migrate: ``000001_create_sales.up.sql`` and ``000001_create_sales.down.sql``.

Source of the rules: https://github.com/golang-migrate/migrate/blob/master/MIGRATIONS.md. A version is a
number, so ``1`` and ``000001`` are the same one; its ledger records it without leading zeros.
"""

from __future__ import annotations

import re

from fleetify.database.migrations.layouts.base import LONGEST_VERSION, FileName, Unmatched, unmatched

_NAME = re.compile(r"([0-9]+)_(.*?)\.(up|down)\.sql", re.DOTALL)
HIGHEST_VERSION = 2**63 - 1  # its PostgreSQL driver keeps the version in a bigint


class GolangMigrate:
    """The layout of golang-migrate's file source."""

    id = "golang-migrate"
    example = "000001_create_sales_system.up.sql"
    down_may_differ = True

    def read(self, filename: str) -> FileName | Unmatched:
        """Version: the number in front, leading zeros dropped."""
        refusal = unmatched(filename, self.example)
        match = _NAME.fullmatch(filename)
        if match is None or refusal.kind == "backup-copy" or not match.group(2):
            return refusal
        digits = match.group(1)
        if len(digits) > LONGEST_VERSION or int(digits) > HIGHEST_VERSION:
            return Unmatched("long-version", "has a version above 2^63-1.", f"rename it like {self.example}")
        return FileName(str(int(digits)), match.group(2), "up" if match.group(3) == "up" else "down")

    def down_name(self, filename: str) -> str | None:
        """``x.up.sql`` → ``x.down.sql``."""
        return f"{filename.removesuffix('.up.sql')}.down.sql"
