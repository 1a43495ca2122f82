"""Which files of a migrations folder are no migrations."""

from __future__ import annotations

from collections.abc import Sequence
from fnmatch import fnmatchcase

USUAL = (
    "README",
    "README.*",
    "*.md",
    ".gitkeep",
    ".keep",
    ".gitignore",
    ".gitattributes",
    ".editorconfig",
    ".squawk.toml",
    ".DS_Store",
    "Thumbs.db",
)


def is_ignored(name: str, patterns: Sequence[str] = (), *, is_folder: bool = False) -> bool:
    """Whether a glob pattern takes the name out of the folder.

    A folder is taken out by its name, by ``name/``, and by ``name/*`` or ``name/**``.
    """
    candidates = [*patterns, *(() if is_folder else USUAL)]
    if is_folder:
        candidates = [pattern.removesuffix("/**").removesuffix("/*").removesuffix("/") for pattern in candidates]
    return any(fnmatchcase(name, pattern.removeprefix("./")) for pattern in candidates)
