"""YAML from the tree, read as hostile: plain data only, bounded, every fault with file and line."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

from fleetify.errors import FleetifyError

MAX_BYTES = 256 * 1024
MAX_DEPTH = 20
PLAIN_TAGS = {
    f"tag:yaml.org,2002:{name}" for name in ("str", "int", "float", "bool", "null", "seq", "map", "timestamp")
}


def load_yaml(path: Path, *, error: type[FleetifyError]) -> dict[str, Any]:
    """Read one YAML mapping.

    Refused: files over 256 KiB, aliases and anchors (a few lines of them can expand to gigabytes), tags,
    keys that are given twice or are no strings, nesting deeper than 20, several documents in one file.

    Raises:
        error: of the class given, naming file, line and reason.
    """
    try:
        raw = path.read_bytes()
    except OSError as problem:
        raise error(f"Cannot read {path}.", seen=problem.strerror or str(problem)) from None
    if len(raw) > MAX_BYTES:
        raise error(f"{path} is too large for what it should hold.", seen=f"{len(raw)} bytes, at most {MAX_BYTES}")
    try:
        text = raw.decode("utf-8")
        _refuse_anchors(text, path, error)
        node = yaml.compose(text, Loader=yaml.SafeLoader)
    except UnicodeDecodeError as problem:
        raise error(f"{path} is not UTF-8.", seen=f"byte {problem.start}") from None
    except (yaml.YAMLError, RecursionError) as problem:
        mark = getattr(problem, "problem_mark", None)
        where = f":{mark.line + 1}" if mark else ""
        raise error(f"{path}{where} is no valid YAML.", seen=str(getattr(problem, "problem", problem))) from None
    if not isinstance(node, yaml.MappingNode):
        raise error(f"{path} must hold a mapping (key: value).", seen="nothing" if node is None else str(node.tag))
    _refuse_surprises(node, path, error, depth=0)
    try:
        value: dict[str, Any] = yaml.safe_load(text)
    except (yaml.YAMLError, ValueError) as problem:
        raise error(f"{path} holds a value that cannot be read.", seen=str(problem)) from None
    return value


def _refuse_anchors(text: str, path: Path, error: type[FleetifyError]) -> None:
    for event in yaml.parse(text, Loader=yaml.SafeLoader):
        if getattr(event, "anchor", None):
            line = event.start_mark.line + 1 if event.start_mark else 0
            raise error(
                f"{path}:{line} uses an anchor or alias, which is not allowed here.",
                remedy="write the value out",
            )


def _refuse_surprises(node: yaml.Node, path: Path, error: type[FleetifyError], *, depth: int) -> None:
    where = f"{path}:{node.start_mark.line + 1}"
    if depth > MAX_DEPTH:
        raise error(f"{where} is nested too deeply.", seen=f"more than {MAX_DEPTH} levels")
    if node.tag not in PLAIN_TAGS:
        raise error(f"{where} has a tag, which is not allowed here.", seen=node.tag)
    if isinstance(node, yaml.SequenceNode):
        for item in node.value:
            _refuse_surprises(item, path, error, depth=depth + 1)
    elif isinstance(node, yaml.MappingNode):
        seen: set[str] = set()
        for key, value in node.value:
            line = f"{path}:{key.start_mark.line + 1}"
            if key.tag != "tag:yaml.org,2002:str":
                raise error(f"{line} has a key that is no string.", seen=str(key.value), remedy="write it in quotes")
            if key.value in seen:
                raise error(f"{line} gives a key twice.", seen=key.value)
            seen.add(key.value)
            _refuse_surprises(value, path, error, depth=depth + 1)
