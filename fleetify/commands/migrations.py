"""``fleetify migrations``: list a folder, lint it, adopt a project as it is."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer

from fleetify.database.migrations.adopt import adopt
from fleetify.database.migrations.adopt.render import config_yaml, render
from fleetify.database.migrations.folder import load_folder
from fleetify.database.migrations.lint import LintOptions, lint
from fleetify.database.migrations.lint.run import has_errors
from fleetify.database.migrations.model import Finding, Migration
from fleetify.database.versions import version_key
from fleetify.errors import FleetifyError, SettingsError
from fleetify.settings import DATABASE_URL_VARIABLE

PROBLEMS, USAGE = 1, 2

app = typer.Typer(no_args_is_help=True, help="Migration files: list them, lint them, adopt a project as it is.")

Folder = Annotated[Path, typer.Argument(help="The migrations folder, relative to the project.")]
Layout = Annotated[str, typer.Option(help="supabase, dbmate, golang-migrate or flyway.")]
Project = Annotated[Path, typer.Option(help="The project's folder; the migrations folder must lie inside it.")]
Ignore = Annotated[
    list[str] | None, typer.Option(help="Glob pattern of files that are no migrations; may be repeated.")
]
Json = Annotated[bool, typer.Option("--json", help="Print JSON instead of text.")]
Above = Annotated[str | None, typer.Option(help="Judge only versions above this one: the baseline's.")]


@app.command("list")
def list_command(
    folder: Folder = Path("migrations"),
    layout: Layout = "supabase",
    project: Project = Path(),
    ignore: Ignore = None,
    *,
    as_json: Json = False,
) -> None:
    """Show the migrations of a folder in the order in which they run."""
    with _told():
        found = load_folder(folder, root=project, layout=layout, ignore=ignore or ())
        if as_json:
            typer.echo(json.dumps([_listed(item) for item in found], indent=2))
            return
        for item in found:
            notes = [
                *([] if item.transactional else ["without transaction"]),
                *(["irreversible"] if item.irreversible else [] if item.down_sql else ["no down script"]),
            ]
            typer.echo(f"{item.version}  {item.name}{'  (' + ', '.join(notes) + ')' if notes else ''}")
        typer.echo(f"{len(found)} migrations", err=True)


@app.command("lint")
def lint_command(
    folder: Folder = Path("migrations"),
    layout: Layout = "supabase",
    project: Project = Path(),
    ignore: Ignore = None,
    above: Above = None,
    tenant_column: Annotated[str, typer.Option(help="Column that names the tenant.")] = "company_id",
    schema: Annotated[list[str] | None, typer.Option(help="Schema that clients reach; may be repeated.")] = None,
    exclude: Annotated[list[str] | None, typer.Option(help="Rule to switch off; may be repeated.")] = None,
    postgres_version: Annotated[int, typer.Option(min=12, help="Major version of the server.")] = 15,
    *,
    as_json: Json = False,
) -> None:
    """Judge migrations. Exit status 1 if there is an error; warnings alone are 0."""
    with _told():
        found = load_folder(folder, root=project, layout=layout, ignore=ignore or ())
        judged = [item for item in found if above is None or version_key(item.version) > _key(above)]
        options = LintOptions(tuple(schema or ("public",)), tenant_column, postgres_version, tuple(exclude or ()))
        findings = lint(judged, found, options=options)
        if as_json:
            typer.echo(json.dumps([asdict(finding) for finding in findings], indent=2))
        else:
            for finding in findings:
                typer.echo(_described(finding))
            errors = sum(finding.level == "error" for finding in findings)
            summary = f"{len(judged)} migrations: {errors} errors, {len(findings) - errors} warnings"
            typer.echo(summary, err=True)
        if has_errors(findings):
            raise typer.Exit(PROBLEMS)


@app.command("adopt")
def adopt_command(
    folder: Folder = Path("supabase/migrations"),
    layout: Annotated[str | None, typer.Option(help="supabase, dbmate, golang-migrate or flyway; guessed.")] = None,
    project: Project = Path(),
    ignore: Ignore = None,
    *,
    everything: Annotated[bool, typer.Option("--all", help="Show long lists in full.")] = False,
    as_json: Json = False,
) -> None:
    """Compare a folder with its live database and print the config that takes both as they are. Reads only.

    The database's URL comes from the environment variable FLEETIFY_DATABASE_URL. Exit status 1 if there is
    something to decide first.
    """
    with _told():
        url = os.environ.get(DATABASE_URL_VARIABLE)
        if not url:
            raise SettingsError(
                "No database is named.",
                seen=f"{DATABASE_URL_VARIABLE} is not set",
                remedy=f"export {DATABASE_URL_VARIABLE}=postgresql://user:password@host:5432/database",
            )
        found = adopt(url, folder, root=project, layout=layout, ignore=ignore or ())
        if as_json:
            typer.echo(json.dumps({**found.as_json(), "config": config_yaml(found)}, indent=2))
        else:
            typer.echo(render(found, everything=everything), nl=False)
        if found.problems:
            raise typer.Exit(PROBLEMS)


def _listed(migration: Migration) -> dict[str, Any]:
    keys = ("version", "name", "path", "down_path", "checksum", "transactional", "irreversible")
    return {key: getattr(migration, key) for key in keys}


def _described(finding: Finding) -> str:
    place = finding.path if finding.line is None else f"{finding.path}:{finding.line}"
    return f"{place}: {finding.level}: {finding.message} [{finding.rule}]\n  next: {finding.remedy}"


def _key(version: str) -> tuple[int, ...]:
    try:
        return version_key(version)
    except ValueError:
        raise SettingsError("--above is no version.", seen=repr(version), remedy="write its digits") from None


@contextmanager
def _told() -> Iterator[None]:
    """Turn an error of ours into its message and exit status: 2 for wrong use, 1 for the rest."""
    try:
        yield
    except FleetifyError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(USAGE if isinstance(error, SettingsError) else PROBLEMS) from None
