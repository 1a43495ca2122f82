"""Flyway: ``V1.2__create_sales.sql``, the way back ``U1.2__create_sales.sql``.

Source of the rules: https://documentation.red-gate.com/flyway (migrations, naming). Underscores in a version are
dots (``V1_2__x`` is version 1.2); parts compare as numbers and trailing zeros do not count, so 1, 1.0 and 01 are the
same. Repeatable migrations (``R__``) are refused: they run again whenever they change, so no schema state belongs to a
release.
"""

from __future__ import annotations

import re

from fleetify.database.migrations.layouts.base import LONGEST_VERSION, FileName, Unmatched, unmatched

_NAME = re.compile(r"([VU])([0-9]+(?:[._][0-9]+)*)__(.+)\.sql", re.DOTALL)


class Flyway:
    """The layout of Flyway's ``locations``."""

    id = "flyway"
    example = "V1.2__create_sales_system.sql"
    down_may_differ = True

    def read(self, filename: str) -> FileName | Unmatched:
        """Version: the dotted numbers behind the V or U."""
        refusal = unmatched(filename, self.example)
        if refusal.kind in {"backup-copy", "not-sql"}:
            return refusal
        if filename.startswith("R__"):
            return Unmatched(
                "repeatable",
                "is a repeatable migration, which belongs to no release and has no way back.",
                f"put its statements into a versioned migration like {self.example}, or list it under 'ignore'",
            )
        if re.match(r"B[0-9]", filename):
            return Unmatched(
                "flyway-baseline",
                "is a Flyway baseline migration.",
                "list it under 'ignore' and set the baseline in the stack's config",
            )
        match = _NAME.fullmatch(filename)
        if match is None or len(match.group(2)) > LONGEST_VERSION:
            return Unmatched(
                "name",
                "is not named as the layout wants it.",
                f"rename it like {self.example}, or list it under 'ignore'",
            )
        prefix, version, name = match.groups()
        return FileName(version.replace("_", "."), name, "up" if prefix == "V" else "down")

    def down_name(self, filename: str) -> str | None:
        """``V1__x.sql`` → ``U1__x.sql``."""
        return f"U{filename[1:]}"
