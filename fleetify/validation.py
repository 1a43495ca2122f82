"""Every fault of a pydantic model at once, each with its key, the value seen and a valid example."""

from __future__ import annotations

import difflib
import inspect
import typing
from typing import Any

from pydantic import BaseModel, ValidationError

MAX_SHOWN = 80


def describe_faults(problem: ValidationError, model: type[BaseModel], *, prefix: str, secret: set[str]) -> list[str]:
    """One line per fault.

    Args:
        problem: what pydantic found.
        model: the model that was validated; its field examples and aliases make the advice.
        prefix: put before each key (``fleetify:``).
        secret: top-level keys whose values must not be shown.
    """
    lines = []
    for fault in problem.errors(include_url=False):
        location = list(fault["loc"])
        key = prefix + ".".join(str(part) for part in location)
        if fault["type"] == "extra_forbidden":
            lines.append(f"{key} is no known key{_nearest(model, location)}")
            continue
        if fault["type"] == "missing":
            lines.append(f"{key} is missing{_example(model, location)}")
            continue
        hidden = bool(location) and str(location[0]) in secret
        seen = "(secret)" if hidden else _shorten(fault["input"])
        lines.append(f"{key}: {_sentence(fault)}; seen: {seen}{_example(model, location)}")
    return lines


def _sentence(fault: Any) -> str:
    message = str(fault["msg"]).removeprefix("Value error, ")
    return message[:1].lower() + message[1:]


def _shorten(value: Any) -> str:
    shown = repr(value)
    return shown if len(shown) <= MAX_SHOWN else shown[: MAX_SHOWN - 1] + "…"


def _nearest(model: type[BaseModel], location: list[Any]) -> str:
    owner = _model_at(model, location[:-1])
    if owner is None:
        return ""
    names = [field.alias or name for name, field in owner.model_fields.items()]
    close = difflib.get_close_matches(str(location[-1]), names, n=1, cutoff=0.5)
    if close:
        return f"; did you mean {close[0]}?"
    return f"; known are: {', '.join(sorted(names))}"


def _example(model: type[BaseModel], location: list[Any]) -> str:
    names = [part for part in location if isinstance(part, str)]
    while names:
        owner = _model_at(model, names[:-1])
        field = _field(owner, names[-1]) if owner else None
        if field is not None and field.examples:
            return f"; for example: {field.examples[0]}"
        names.pop()
    return ""


def _field(owner: type[BaseModel], key: str) -> Any:
    for name, field in owner.model_fields.items():
        if key in (name, field.alias):
            return field
    return None


def _model_at(model: type[BaseModel], location: list[Any]) -> type[BaseModel] | None:
    current: type[BaseModel] | None = model
    for part in location:
        if isinstance(part, int):
            continue
        field = _field(current, str(part)) if current else None
        current = _model_in(field.annotation) if field is not None else None
    return current


def _model_in(annotation: Any) -> type[BaseModel] | None:
    if inspect.isclass(annotation) and not typing.get_args(annotation):
        return annotation if issubclass(annotation, BaseModel) else None
    for argument in typing.get_args(annotation):
        found = _model_in(argument)
        if found is not None:
            return found
    return None
