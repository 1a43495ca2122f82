"""Makes migrations for tests without a folder."""

from __future__ import annotations

from pathlib import Path

from fleetify.database.migrations.assemble import Script, assemble
from fleetify.database.migrations.layouts import FileName, layout_named
from fleetify.database.migrations.model import Migration


def migration(
    up: str, *, down: str | None = "select 1;", version: str = "20260101000000", name: str = "x"
) -> Migration:
    """A migration of the Supabase layout with this SQL; an irreversible one gets no down script."""
    path = f"migrations/{version}_{name}"
    script = None if down is None or "fleetify: irreversible" in up else Script(f"{path}.down.sql", down)
    found = assemble(layout_named("supabase"), FileName(version, name, "up"), Script(f"{path}.sql", up), script)
    assert isinstance(found, Migration), found
    return found


def write(folder: Path, files: dict[str, str | bytes]) -> Path:
    """Write files below a folder, with the folders they need."""
    for name, content in files.items():
        target = folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content.encode() if isinstance(content, str) else content)
    return folder
