"""The ``fleetify`` command: what the release needs beside ``pulumi``."""

from __future__ import annotations

import sys
from importlib.metadata import entry_points

import typer

from fleetify.commands import backups, migrations
from fleetify.errors import FleetifyError

app = typer.Typer(
    help="Takes FleetifyApp to production and back. The release itself is `pulumi up`; this is what stands beside it.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
app.add_typer(migrations.app, name="migrations")
app.add_typer(backups.app, name="backups")
for _found in entry_points(group="fleetify.commands"):
    app.add_typer(_found.load(), name=_found.name)


def main() -> None:
    """Run the command; errors are a message and exit code 1."""
    try:
        app()
    except FleetifyError as error:
        typer.echo(f"error: {error}", err=True)
        sys.exit(1)
