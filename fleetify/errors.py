"""What can go wrong, as a tree.

FleetifyError
├── SettingsError            stack config
├── ManifestError            releases/<name>.yaml
├── MigrationFileError       a migration file or folder, before anything ran
├── DatabaseError            the server: unreachable, refused, failed statement
│   ├── LockHeldError        somebody else migrates, or blocks us
│   ├── LedgerError          ledger and files disagree
│   └── MigrationFailedError a migration or a down script failed and was rolled back
├── ToolError                pg_dump, pg_restore, squawk: missing, too old, failed
├── ObjectStoreError         the bucket: unreachable, refused, wrong content
├── BackupError              a backup that does not count as one
└── RestoreError             a restore that failed or differs from its backup
"""

from __future__ import annotations


class FleetifyError(Exception):
    """Something stopped the release.

    The message says what failed, the value seen, and what to do next, one line each, so that it reads
    the same in a terminal, in the Pulumi diagnostics and in a report.

    Args:
        problem: what failed, one sentence.
        seen: the value that was found; never a secret.
        remedy: what to do next, a command where there is one.
    """

    def __init__(self, problem: str, *, seen: str | None = None, remedy: str | None = None) -> None:
        self.problem = problem
        self.seen = seen
        self.remedy = remedy
        lines = [problem]
        if seen is not None:
            lines.append(f"  seen: {seen}")
        if remedy is not None:
            lines.append(f"  next: {remedy}")
        super().__init__("\n".join(lines))


class SettingsError(FleetifyError):
    """The stack's config is wrong."""


class ManifestError(FleetifyError):
    """A release manifest is missing or wrong."""


class MigrationFileError(FleetifyError):
    """A migration file or folder is wrong; found before anything ran."""


class DatabaseError(FleetifyError):
    """The database could not be reached, refused, or failed a statement."""


class LockHeldError(DatabaseError):
    """Somebody else holds a lock that this run needs."""


class LedgerError(DatabaseError):
    """The ledger in the database and the files in the tree disagree."""


class MigrationFailedError(DatabaseError):
    """A migration or a down script failed; its transaction was rolled back."""


class ToolError(FleetifyError):
    """A tool that this program calls is missing, too old, or failed."""


class ObjectStoreError(FleetifyError):
    """The bucket could not be reached, refused, or holds something else than was stored."""


class BackupError(FleetifyError):
    """The backup does not count as one."""


class RestoreError(FleetifyError):
    """The restore failed, or its result differs from the backup."""
