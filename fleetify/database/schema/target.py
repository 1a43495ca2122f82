"""The schema target: which version the database shall have, and what a way back to it would cost."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import psycopg

from fleetify.database.connection import connect
from fleetify.database.progress import Progress
from fleetify.database.schema.forecast import Loss, forecast_losses
from fleetify.database.schema.ledger import Ledger, LedgerRow, SchemaTargetRow, open_ledger
from fleetify.database.versions import version_key
from fleetify.errors import LedgerError
from fleetify.settings import ExecutionSettings

RESTORE_INSTEAD = "restore a backup instead"


@dataclass(frozen=True, slots=True)
class WayBack:
    """One migration that a lower target would roll back, newest first in a list of them."""

    row: LedgerRow
    losses: tuple[Loss, ...]

    @property
    def label(self) -> str:
        """``<version>_<name>``."""
        return f"{self.row.version}_{self.row.name}"

    @property
    def loses_rows(self) -> bool:
        """Whether rows would go, or could: what cannot be known counts as a loss."""
        return any(loss.rows is None or loss.rows > 0 for loss in self.losses)

    @property
    def lines(self) -> list[str]:
        """What happens, for people."""
        losses = [f"    loses {loss.text}" for loss in self.losses if loss.rows is None or loss.rows > 0]
        empty = [loss for loss in self.losses if loss.rows == 0]
        if empty:
            losses.append(f"    drops {len(empty)} empty: {', '.join(loss.what for loss in empty)}")
        return [f"  {self.label}: its down script runs (release {self.row.release})", *losses]


def plan_way_back(conn: psycopg.Connection, version: str) -> list[WayBack]:
    """The migrations above a version, newest first, each with the rows that its way back would lose.

    Raises:
        LedgerError: one of them has no way back.
    """
    ledger = Ledger(conn)
    if not ledger.exists():
        return []
    above = above_target(ledger, version)
    for row in above:
        if row.irreversible or row.down_sql is None:
            why = "is marked irreversible" if row.irreversible else "has no down script"
            raise LedgerError(
                f"Migration {row.version}_{row.name} cannot be rolled back: it {why}.",
                seen=f"target {version}, applied {row.applied_at:%Y-%m-%d} with release {row.release}",
                remedy=f"{RESTORE_INSTEAD} (docs/how-to/restore-by-hand.md)",
            )
    return [WayBack(row, tuple(forecast_losses(conn, row.down_sql or ""))) for row in above]


def above_target(ledger: Ledger, version: str) -> list[LedgerRow]:
    """The ledger's migrations above a version, newest first; the baseline is never among them."""
    limit = version_key(version)
    return [row for row in reversed(ledger.rows()) if row.kind == "migration" and version_key(row.version) > limit]


def refuse_unaccepted_losses(way_back: Sequence[WayBack], accepted: str | None) -> None:
    """Refuse a way back that loses rows which the config does not name.

    Raises:
        LedgerError: rows of a release that ``fleetify:rollback.acceptRowLossOf`` does not name would be lost.
    """
    refused = [step for step in way_back if step.loses_rows and step.row.release != accepted]
    if refused:
        releases = ", ".join(sorted({step.row.release for step in refused}))
        listing = "\n".join(line for step in refused for line in step.lines)
        raise LedgerError(
            f"This rollback would lose rows of release {releases}. Nothing was changed.\n{listing}",
            seen=f"fleetify:rollback.acceptRowLossOf is {accepted or 'not set'}",
            remedy="to lose them on purpose: pulumi config set --path 'fleetify:rollback.acceptRowLossOf' "
            f"{refused[0].row.release}",
        )


def set_schema_target(
    url: str,
    target: SchemaTargetRow,
    *,
    known_versions: Sequence[str],
    baseline: str | None,
    execution: ExecutionSettings,
    progress: Progress,
) -> list[WayBack]:
    """Set which version the database shall have. Migrations above it are rolled back only after this.

    Args:
        url: the database.
        target: what to set.
        known_versions: versions of all files above the baseline.
        baseline: highest version of the baseline; None without one.
        execution: how long to wait for others.
        progress: told when somebody else migrates.

    Returns:
        The way back that the target asks for; empty for a release.

    Raises:
        LedgerError: a migration above has no way back, rows would be lost that nobody accepted, or the database has
            migrations that the folder lacks.
    """
    with open_ledger(url, purpose="schema target", execution=execution, progress=progress) as (conn, ledger):
        _refuse_unknown_versions(ledger, target, known_versions, baseline)
        way_back = plan_way_back(conn, target.version)
        refuse_unaccepted_losses(way_back, target.accept_row_loss_of)
        with conn.transaction():
            ledger.set_target(target)
            ledger.log("target", version=target.version, release=target.release)
        return way_back


def _refuse_unknown_versions(
    ledger: Ledger, target: SchemaTargetRow, known_versions: Sequence[str], baseline: str | None
) -> None:
    floor = version_key(baseline) if baseline else ()
    ceiling = version_key(target.version)
    rolled_back_by_us = {row.version for row in ledger.rows()}
    gaps = [
        version
        for version in ledger.recorded_versions()
        if floor < version_key(version)
        and version not in known_versions
        # Above the target a file may be gone: its way back is in the ledger.
        and (version_key(version) <= ceiling or version not in rolled_back_by_us)
    ]
    if gaps:
        raise LedgerError(
            "The database has migrations that the folder lacks.",
            seen=", ".join(gaps[:10]),
            remedy="bring the files back (git log --all -- migrations), or move the baseline over them:"
            " fleetify migrations adopt prints the config lines",
        )


def forecast_way_back(url: str, version: str) -> list[WayBack]:
    """What going back to a version would do and cost now; reads only.

    Raises:
        LedgerError: a migration above has no way back.
        DatabaseError: the database is unreachable.
    """
    with connect(url, purpose="forecast", autocommit=False) as conn:
        conn.execute("set transaction read only")
        conn.execute("set local lock_timeout = '2s'")
        return plan_way_back(conn, version)


def read_schema_target(url: str) -> SchemaTargetRow | None:
    """The target that the ledger has; None where it has none, or there is no ledger.

    Raises:
        DatabaseError: the database is unreachable.
    """
    with connect(url, purpose="read target") as conn:
        ledger = Ledger(conn)
        return ledger.target() if ledger.exists() else None
