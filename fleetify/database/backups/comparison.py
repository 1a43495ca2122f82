"""How a restored database differs from what was backed up, in sentences."""

from __future__ import annotations

from fleetify.database.backups.archive import BackupRecord
from fleetify.database.backups.fingerprint import Fingerprint, SequenceState


def compare(record: BackupRecord, found: Fingerprint) -> list[str]:
    """The differences between a backup and the database it was restored into; empty if there are none.

    A sequence may stand anywhere between its states before and after the dump: it does not follow the snapshot.
    """
    differences = []
    for label in sorted(record.tables.keys() | found.tables.keys()):
        before, after = record.tables.get(label), found.tables.get(label)
        if after is None:
            differences.append(f"{label} is missing")
        elif before is None:
            differences.append(f"{label} was not in the backup")
        elif before.rows != after.rows:
            differences.append(f"{label} has {after.rows:,} rows, the backup {before.rows:,}")
        elif before.hash != after.hash:
            differences.append(f"{label} has the backup's {before.rows:,} rows with other contents")
    for label in sorted(record.sequences.keys() | found.sequences.keys()):
        states, state = record.sequences.get(label), found.sequences.get(label)
        if state is None:
            differences.append(f"the sequence {label} is missing")
        elif states is None:
            differences.append(f"the sequence {label} was not in the backup")
        elif not _between(states, state):
            differences.append(
                f"the sequence {label} stands at {state.last_value}, in the backup at {states[0].last_value}"
            )
    return differences


def _between(states: tuple[SequenceState, SequenceState], state: SequenceState) -> bool:
    lowest, highest = sorted(known.last_value for known in states)
    return lowest <= state.last_value <= highest and state.is_called in {known.is_called for known in states}
