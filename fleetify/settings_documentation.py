"""Writes ``docs/reference/config.md`` from the settings: ``python -m fleetify.settings_documentation``."""

from __future__ import annotations

import inspect
import typing
from typing import Any

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from fleetify.settings import NAMESPACE, Settings

_HEAD = """\
# Stack config

<!-- Generated: python -m fleetify.settings_documentation > docs/reference/config.md -->

Everything that `Pulumi.<stack>.yaml` may say. Faults are reported all at once, before anything is touched; an unknown
key is refused with the nearest name. Set one value of a section with
`pulumi config set --path 'fleetify:<section>.<key>' <value>`.
"""


def render() -> str:
    """The page."""
    parts = [_HEAD, _table(Settings, only_scalars=True)]
    for name, field in Settings.model_fields.items():
        section = _section(field)
        if section is not None:
            parts += [f"\n## {NAMESPACE}:{field.alias or name}\n", f"{field.description}\n", _table(section)]
            parts += _nested(section, f"{NAMESPACE}:{field.alias or name}")
    return "\n".join(parts)


def _nested(section: type[BaseModel], path: str) -> list[str]:
    found: list[str] = []
    for name, field in section.model_fields.items():
        inner = _section(field)
        if inner is not None:
            found += [f"\n### {path}.{field.alias or name}\n", f"{field.description}\n", _table(inner)]
    return found


def _table(model: type[BaseModel], *, only_scalars: bool = False) -> str:
    prefix = f"{NAMESPACE}:" if only_scalars else ""
    lines = ["| key | default | what | example |", "|---|---|---|---|"]
    for name, field in model.model_fields.items():
        if only_scalars and _section(field) is not None:
            continue
        example = f"`{field.examples[0]}`" if field.examples else ""
        description = _escape(field.description or "")
        lines.append(f"| `{prefix}{field.alias or name}` | {_default(field)} | {description} | {_escape(example)} |")
    return "\n".join(lines) + "\n"


def _default(field: FieldInfo) -> str:
    if field.is_required():
        return "required"
    value: Any = field.default
    if isinstance(value, tuple):
        value = list(value)
    if isinstance(value, bool):
        value = str(value).lower()
    return "none" if value is None or isinstance(value, BaseModel) else f"`{value}`"


def _section(field: FieldInfo) -> type[BaseModel] | None:
    for candidate in (field.annotation, *typing.get_args(field.annotation)):
        if inspect.isclass(candidate) and issubclass(candidate, BaseModel):
            return candidate
    return None


def _escape(text: str) -> str:
    return text.replace("|", "\\|")


if __name__ == "__main__":
    print(render(), end="")  # noqa: T201 the page is its output
