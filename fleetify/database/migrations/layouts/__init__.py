"""Folder layouts: how a tool names its files and where it keeps the way back. One file per layout."""

from __future__ import annotations

import difflib

from fleetify.database.migrations.layouts.base import FileName, Layout, Unmatched
from fleetify.database.migrations.layouts.dbmate import Dbmate
from fleetify.database.migrations.layouts.flyway import Flyway
from fleetify.database.migrations.layouts.golang_migrate import GolangMigrate
from fleetify.database.migrations.layouts.supabase import Supabase
from fleetify.errors import SettingsError

LAYOUTS: dict[str, Layout] = {layout.id: layout for layout in (Supabase(), Dbmate(), GolangMigrate(), Flyway())}


def layout_named(name: str) -> Layout:
    """The layout with this id.

    Raises:
        SettingsError: there is none.
    """
    if name in LAYOUTS:
        return LAYOUTS[name]
    nearest = difflib.get_close_matches(name, LAYOUTS, n=1, cutoff=0.3)
    hint = f"did you mean '{nearest[0]}'? " if nearest else ""
    raise SettingsError(
        "There is no such layout of migration folders.",
        seen=repr(name),
        remedy=f"{hint}valid are: {', '.join(LAYOUTS)}",
    )


__all__ = ["LAYOUTS", "FileName", "Layout", "Unmatched", "layout_named"]
