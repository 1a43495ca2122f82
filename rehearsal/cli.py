"""``fleetify rehearsal …``: the laptop environment as commands."""

from __future__ import annotations

import functools
import os
import shlex
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any, ParamSpec, TypeVar

import typer
from rich.console import Console

from rehearsal import environment, report, stack
from rehearsal.errors import RehearsalError
from rehearsal.home import Home
from rehearsal.run import REPORT, rehearse

NOT_RUNNING = 3
"""Exit code of ``status`` when there is nothing (as init scripts have it)."""

P = ParamSpec("P")
R = TypeVar("R")

app = typer.Typer(
    help="The laptop environment: a real PostgreSQL, local vendors, the stack `rehearsal`.",
    no_args_is_help=True,
    add_completion=False,
)


def _command(function: Callable[P, R]) -> Callable[P, R]:
    """A subcommand whose errors are sentences and that cleans up when it is asked to end."""

    @functools.wraps(function)
    def call(*args: P.args, **kwargs: P.kwargs) -> R:
        for number in (signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, _leave)
        try:
            return function(*args, **kwargs)
        except RehearsalError as error:
            typer.echo(f"error: {error}", err=True)
            raise typer.Exit(1) from None

    return app.command()(call)


def _leave(number: int, _frame: Any) -> None:
    raise SystemExit(128 + number)


def _say(line: str) -> None:
    typer.echo(line)
    sys.stdout.flush()


@_command
def run(
    keep: Annotated[bool, typer.Option("--keep", envvar="KEEP", help="Leave everything running afterwards.")] = False,
) -> None:
    """Rehearse a release and its rollback from nothing: what `make rehearse` does."""
    if not rehearse(Home(), _say, Console(), keep=keep):
        raise typer.Exit(1)


@_command
def picture(
    target: Annotated[Path, typer.Argument(help="The SVG file to write.")] = Path("docs/images/rehearsal.svg"),
) -> None:
    """Draw the table of the last rehearsal, as the README shows it."""
    report.draw(REPORT, target)
    _say(f"wrote {target}")


@_command
def start() -> None:
    """Bring it up: database at phase-7c with data, stack deployed. Does nothing when it runs."""
    home = Home()
    if environment.start(home, _say):
        _say("")
        _say("The rehearsal runs. Use it from a shell:")
        _say('  eval "$(fleetify rehearsal env)"')
        _say("  pulumi preview -s rehearsal")
    else:
        _say(f"The rehearsal runs already, in {home.path}. See it with: fleetify rehearsal status")


@_command
def stop(
    force: Annotated[bool, typer.Option("--force", help="Also end a pulumi command that is at work on it.")] = False,
) -> None:
    """Stop exactly what was started and remove its data."""
    if environment.stop(Home(), _say, force=force):
        _say("The rehearsal is gone.")
    else:
        _say("No rehearsal runs.")


@_command
def status() -> None:
    """What runs, where, and with which config. Exit code 0: running, 3: not running."""
    home = Home()
    found = environment.status(home)
    record = found.record
    if record is None:
        _say("No rehearsal runs. Start it with: fleetify rehearsal start")
        raise typer.Exit(NOT_RUNNING)
    _say(f"folder     {home.path}")
    _say(f"started    {record.created}")
    if record.postgres:
        size = found.database_bytes
        shown = f", {size / 1e6:.1f} MB" if size is not None else ""
        port = environment.port_of(record.postgres["url"])
        _say(f"PostgreSQL {record.postgres['version']} on 127.0.0.1:{port}, pid {record.postgres['pid']}{shown}")
        _say(f"           {record.postgres['bindir']}")
    if record.aws:
        _say(f"AWS        {record.aws['url']}, pid {record.aws['pid']}, account {record.aws['account']}")
    for name, value in stack.config().items():
        _say(f"config     {name}: {value}")
    if not found.running:
        cause = f"{' and '.join(found.dead)} ended" if found.dead else "its start was not finished"
        _say(f"Not running: {cause}. Start it afresh with: fleetify rehearsal start")
        raise typer.Exit(NOT_RUNNING)


@_command
def env() -> None:
    """Print the shell exports with which plain `pulumi … -s rehearsal` works. Holds passwords."""
    home = Home()
    found = environment.status(home)
    if found.record is None or not found.running:
        raise RehearsalError("No rehearsal runs.", remedy="start it: fleetify rehearsal start")
    entries = os.pathsep.join(stack.path_entries(found.record))
    _say(f'export PATH={shlex.quote(entries)}:"$PATH"')
    for name, value in stack.exports(home, found.record).items():
        _say(f"export {name}={shlex.quote(value)}")
