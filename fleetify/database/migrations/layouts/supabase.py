"""Supabase CLI: ``20251019000000_create_sales_system.sql``; the way back is ``….down.sql`` beside it.

The CLI itself has no way back; see https://supabase.com/docs/guides/deployment/database-migrations. It takes any
digits as version and orders by text; here a version has the 14 digits that ``supabase migration new`` writes, because
shorter ones collide and sort in surprising places.
"""

from __future__ import annotations

import re

from fleetify.database.migrations.layouts.base import FileName, Unmatched, unmatched

_NAME = re.compile(r"([0-9]+)_(.+?)(\.down)?\.sql", re.DOTALL)
VERSION_DIGITS = 14


class Supabase:
    """The layout of ``supabase/migrations``."""

    id = "supabase"
    example = "20251019000000_create_sales_system.sql"
    down_may_differ = False

    def read(self, filename: str) -> FileName | Unmatched:
        """Version: 14 digits."""
        refusal = unmatched(filename, self.example)
        match = _NAME.fullmatch(filename)
        if match is None or refusal.kind == "backup-copy":
            return refusal
        version, name, down = match.groups()
        if len(version) != VERSION_DIGITS:
            return Unmatched(
                "short-version" if len(version) < VERSION_DIGITS else "long-version",
                f"has a version of {len(version)} digits; the layout has {VERSION_DIGITS} (year to second).",
                f"if it never ran, rename it like {self.example}; if it ran, list it under 'ignore'"
                " and let the baseline cover it",
            )
        return FileName(version, name, "down" if down else "up")

    def down_name(self, filename: str) -> str | None:
        """``x.sql`` → ``x.down.sql``."""
        return f"{filename.removesuffix('.sql')}.down.sql"
