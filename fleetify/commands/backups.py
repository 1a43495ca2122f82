"""``fleetify backups``: see what is in the bucket, bring one back by hand, prove that one restores."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from fleetify.database.backups.archive import BackupRecord
from fleetify.database.backups.create import list_backups, load_backup
from fleetify.database.backups.restore import fetch, prove, verify_stored
from fleetify.database.progress import MEGABYTE
from fleetify.errors import FleetifyError
from fleetify.storage.object_store import ObjectStore

LATEST = "latest"

app = typer.Typer(no_args_is_help=True, help="Backups in the bucket: list them, fetch one, prove that one restores.")

Bucket = Annotated[
    str,
    typer.Option(
        envvar="FLEETIFY_BACKUP_BUCKET",
        help="The bucket. Credentials, region and endpoint come from AWS's usual places (AWS_PROFILE, AWS_REGION, "
        "AWS_ENDPOINT_URL).",
    ),
]
Database = Annotated[
    str | None,
    typer.Option(envvar="FLEETIFY_BACKUP_DATABASE", help="Only this database's backups; needed for 'latest'."),
]
Key = Annotated[
    str, typer.Argument(help="The backup's key, as 'fleetify backups list' prints it, or 'latest' (with --database).")
]


@app.command("list")
def list_command(bucket: Bucket, database: Database = None) -> None:
    """Show the complete backups, newest first."""
    with _told():
        backups = list_backups(ObjectStore(bucket), database)
    if not backups:
        typer.echo(f"There is no backup in s3://{bucket}" + (f" of {database}" if database else ""), err=True)
        raise typer.Exit(1)
    table = Table("taken (UTC)", "database", "release", "size", "key", box=None, pad_edge=False)
    for backup in backups:
        size = f"{backup.stored_bytes / MEGABYTE:,.1f} MB"
        table.add_row(backup.taken_at, backup.database, backup.release, size, backup.key)
    # A key must come out in one piece, to be copied or piped.
    Console(width=None if os.isatty(1) else 1000, soft_wrap=True).print(table)


@app.command("fetch")
def fetch_command(
    key: Key,
    path: Annotated[Path, typer.Argument(help="File to write; it must not exist. pg_restore reads it.")],
    bucket: Bucket,
    database: Database = None,
) -> None:
    """Download a backup, verify every byte, and write it as a plain archive for pg_restore.

    The file holds production data: it is readable by you alone; remove it when you are done.
    """
    with _told():
        store = ObjectStore(bucket)
        found = _resolve(store, key, database)
        fetch(store, found, path, progress=_say)
        record = load_backup(store, found)
    typer.echo(f"{path}: {record.archive_bytes:,} bytes, SHA-256 {record.archive_sha256}")
    typer.echo(f"restore it with: pg_restore --exit-on-error --no-subscriptions --dbname=NEW_DATABASE {path}")


@app.command("verify")
def verify_command(
    key: Key,
    bucket: Bucket,
    database: Database = None,
    *,
    download_only: Annotated[
        bool,
        typer.Option(
            "--download-only", help="Compare what the bucket holds with its checksums, without restoring it anywhere."
        ),
    ] = False,
    url_from: Annotated[
        str,
        typer.Option(
            metavar="VARIABLE",
            help="Environment variable with the URL of a server to restore on; a scratch database is made and dropped "
            "there. The URL itself is no option, because others could read it.",
        ),
    ] = "FLEETIFY_DATABASE_URL",
) -> None:
    """Prove that a backup restores: into a scratch database, compared table by table. Exit status 1 if it differs."""
    with _told():
        store = ObjectStore(bucket)
        found = _resolve(store, key, database)
        if download_only:
            record = verify_stored(store, found, progress=_say)
            typer.echo(f"{record.location} is what was stored: {_described(record)}")
            return
        url = os.environ.get(url_from)
        if not url:
            raise FleetifyError(
                f"No server to restore on: the environment variable {url_from} is not set.",
                remedy=f"export {url_from}=postgresql://…, name another with --url-from, or use --download-only",
            )
        proof = prove(store, found, url, progress=_say)
    if not proof.equal:
        typer.echo(
            f"{found} restores to something else than was dumped ({proof.difference_count} differences):", err=True
        )
        for difference in proof.differences:
            typer.echo(f"  {difference}", err=True)
        raise typer.Exit(1)
    typer.echo(f"{proof.record.location} restores: {_described(proof.record)} equal, in {proof.seconds:.1f} s")


def _described(record: BackupRecord) -> str:
    return f"{len(record.tables)} tables, {record.row_count:,} rows"


def _resolve(store: ObjectStore, key: str, database: str | None) -> str:
    """The key itself, or that of the newest backup."""
    if key != LATEST:
        return key
    if database is None:
        raise FleetifyError("'latest' needs to know of which database.", remedy="add --database NAME")
    backups = list_backups(store, database)
    if not backups:
        raise FleetifyError(f"There is no backup of {database} in s3://{store.bucket}.", remedy="fleetify backups list")
    typer.echo(f"latest: {backups[0].key}", err=True)
    return backups[0].key


def _say(line: str) -> None:
    typer.echo(line, err=True)


@contextmanager
def _told() -> Iterator[None]:
    """Turn an error of ours into its message and exit status 1."""
    try:
        yield
    except FleetifyError as error:
        typer.echo("\n".join([str(error), *getattr(error, "__notes__", [])]), err=True)
        raise typer.Exit(1) from None
