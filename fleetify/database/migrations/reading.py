"""From a path to a script: inside the project, no symlink, a regular file, not too large, clean text."""

from __future__ import annotations

import os
import stat
from dataclasses import dataclass
from pathlib import Path

from fleetify.database.migrations.assemble import Script
from fleetify.database.migrations.faults import Fault, refuse
from fleetify.database.migrations.text import decode

LARGEST_BYTES = 16 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Place:
    """A folder inside the project.

    Attributes:
        absolute: where it is.
        relative: the same relative to the project, with forward slashes.
    """

    absolute: Path
    relative: str

    def path_of(self, filename: str) -> str:
        """The path of one of its files, relative to the project."""
        return filename if self.relative == "." else f"{self.relative}/{filename}"


def locate(path: Path, root: Path) -> Place:
    """The place of a folder, proven to lie inside the project without leaving it through a symlink.

    Raises:
        MigrationFaultsError: it is outside, missing, no folder, or reached through a symlink.
    """
    top = Path(os.path.abspath(root))  # noqa: PTH100 (lexical: Path.resolve would follow the symlinks to be refused)
    absolute = Path(os.path.abspath(top / path))  # noqa: PTH100 (as above)
    if not absolute.is_relative_to(top):
        remedy = "name a folder inside the project, relative to it"
        refuse([Fault(str(path), "the path leads out of the project.", f"project {top}", remedy)])
    relative = absolute.relative_to(top)
    if not str(relative).isprintable():
        shown = ascii(str(relative))
        refuse([Fault(shown, "the path holds characters that cannot be shown.", shown, "rename the folder")])
    step = top
    for part in relative.parts:
        step = step / part
        if os.path.islink(step):  # noqa: PTH114 (Path.is_symlink raises where a name is too long)
            shown = step.relative_to(top).as_posix()
            remedy = "put the real folder there: what a link points at is not under this project's review"
            refuse(
                [
                    Fault(
                        shown,
                        "a migrations path must not go through a symlink.",
                        f"link to {step.readlink()}",
                        remedy,
                    )
                ]
            )
    if not os.path.isdir(absolute):  # noqa: PTH112 (as above)
        seen = "a file" if os.path.lexists(absolute) else "nothing there"
        remedy = "set fleetify:migrations.folder to the folder that holds the migrations"
        refuse([Fault(relative.as_posix(), "there is no such migrations folder.", seen, remedy)])
    return Place(absolute, relative.as_posix())


def read_script(place: Place, filename: str) -> Script | Fault:
    """One file of the folder as text, or what is wrong with it."""
    path = place.path_of(filename)
    content = _read_bytes(place.absolute / filename, path)
    if isinstance(content, Fault):
        return content
    text = decode(content, path)
    return text if isinstance(text, Fault) else Script(path, text)


def _read_bytes(file: Path, path: str) -> bytes | Fault:
    # Opened first and judged by its descriptor, so that nobody can swap the file between look and read; O_NONBLOCK
    # keeps a pipe without writer from blocking the open.
    try:
        descriptor = os.open(file, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError as error:
        return _cannot_open(file, path, error)
    with os.fdopen(descriptor, "rb") as stream:
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode):
            return _not_regular(path, status.st_mode)
        if status.st_size > LARGEST_BYTES:
            remedy = "load data with a job of its own, not with a migration; or split the file"
            problem = f"the file is larger than {LARGEST_BYTES // 2**20} MiB."
            return Fault(path, problem, f"{status.st_size} bytes", remedy)
        try:
            return stream.read(LARGEST_BYTES + 1)
        except OSError as error:
            return _cannot_open(file, path, error)


def _cannot_open(file: Path, path: str, error: OSError) -> Fault:
    if os.path.islink(file):  # noqa: PTH114 (Path.is_symlink raises where a name is too long)
        remedy = "put the real file there: what a link points at is not under this project's review"
        return Fault(path, "the file is a symlink.", f"link to {file.readlink()}", remedy)
    if isinstance(error, FileNotFoundError):
        remedy = "restore it from version control, or correct the path"
        return Fault(path, "the file does not exist.", "nothing there", remedy)
    try:
        mode = file.lstat().st_mode
    except OSError:
        mode = stat.S_IFREG
    if not stat.S_ISREG(mode):
        return _not_regular(path, mode)
    return Fault(path, "the file cannot be read.", error.strerror or str(error), f"chmod u+r '{path}'")


def _not_regular(path: str, mode: int) -> Fault:
    kinds = {stat.S_IFDIR: "a folder", stat.S_IFIFO: "a named pipe", stat.S_IFSOCK: "a socket"}
    seen = kinds.get(stat.S_IFMT(mode), "a device")
    remedy = "move it out of the migrations folder, or list it under 'ignore'"
    return Fault(path, "this is not a regular file.", seen, remedy)
