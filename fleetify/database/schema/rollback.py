"""Rolling one migration back with the ledger's own copy of its down script, or only letting go of it."""

from __future__ import annotations

import time
from dataclasses import dataclass

from fleetify.database.migrations.headers import read_header
from fleetify.database.progress import Progress
from fleetify.database.schema.forecast import forecast_losses
from fleetify.database.schema.ledger import Ledger, LedgerRow, open_ledger
from fleetify.database.schema.scripts import Script, run_in_transaction, run_without_transaction
from fleetify.database.schema.target import RESTORE_INSTEAD, WayBack, refuse_unaccepted_losses
from fleetify.database.versions import version_key
from fleetify.errors import LedgerError
from fleetify.settings import ExecutionSettings


@dataclass(frozen=True, slots=True)
class Retired:
    """What became of a migration that the program no longer declares.

    Attributes:
        action: ``rolled back``; ``let go`` where the target asks for no rollback; ``gone`` where it was not applied.
        duration_seconds: how long the down script ran.
    """

    action: str
    duration_seconds: float


def retire_migration(url: str, version: str, *, execution: ExecutionSettings, progress: Progress) -> Retired:
    """Run the ledger's down script if, and only if, the schema target is below the version.

    So ``pulumi destroy`` drops no table, and old migrations can move into the baseline.

    Raises:
        LedgerError: there is no way back, later ones are still applied, or rows would be lost that nobody accepted.
        MigrationFailedError: a statement of the down script failed; nothing of it is left.
        LockHeldError: another run migrates this database, or a lock was not to be had.
    """
    with open_ledger(url, purpose=f"roll back {version}", execution=execution, progress=progress) as (conn, ledger):
        row = ledger.get(version)
        if row is None:
            return Retired("gone", 0.0)
        target = ledger.target()
        if target is None or row.kind == "baseline" or version_key(version) <= version_key(target.version):
            ledger.log("let go", version=version, release=row.release)
            return Retired("let go", 0.0)
        down_sql = _way_back(row)
        _refuse_out_of_order(ledger, row)
        losses = WayBack(row, tuple(forecast_losses(conn, down_sql)))
        refuse_unaccepted_losses([losses], target.accept_row_loss_of)
        header, _ = read_header(down_sql, row.version)
        script = Script(f"down script of {row.version}_{row.name}", down_sql, header.statement_timeout_seconds)
        started = time.perf_counter()

        def record() -> None:
            ledger.remove(version)
            ledger.log(
                "rolled back",
                version=version,
                release=row.release,
                losses=[loss.text for loss in losses.losses if loss.rows != 0],
            )

        if header.transactional:
            run_in_transaction(conn, script, url=url, execution=execution, progress=progress, after=record)
        else:
            key = f"{version} down"
            run_without_transaction(
                conn,
                script,
                version=key,
                checksum=row.down_checksum or "",
                ledger=ledger,
                url=url,
                execution=execution,
                progress=progress,
            )
            with conn.transaction():
                record()
                ledger.set_statements_done(key, "", None)
        return Retired("rolled back", round(time.perf_counter() - started, 3))


def _way_back(row: LedgerRow) -> str:
    if row.irreversible or row.down_sql is None:
        why = "is marked irreversible" if row.irreversible else "has no down script"
        raise LedgerError(
            f"Migration {row.version}_{row.name} cannot be rolled back: it {why}.",
            remedy=f"{RESTORE_INSTEAD} (docs/how-to/restore-by-hand.md)",
        )
    return row.down_sql


def _refuse_out_of_order(ledger: Ledger, row: LedgerRow) -> None:
    mine = version_key(row.version)
    later = [version for version in ledger.recorded_versions() if version_key(version) > mine]
    if later:
        raise LedgerError(
            f"Migration {row.version}_{row.name} cannot be rolled back before later ones.",
            seen="still applied: " + ", ".join(later[:10]),
            remedy="run pulumi up again without --target; it rolls back newest first",
        )
