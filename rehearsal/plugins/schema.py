"""How a resource type's properties are declared: what they accept, how they compare, what the API calls them.

A declaration serves four uses, so that adding a resource type is mostly a table: refusing what the vendor's
plugin would refuse, telling changes from what the vendor fills in by itself, and translating to and from
the vendor's API.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from rehearsal.plugins.values import UNKNOWN, has_unknown

Rule = Callable[[Any], "str | None"]
"""Looks at a value without unknowns; the reason to refuse it, or None."""


@dataclass(frozen=True)
class Fault:
    """One refused property: its path from the resource, and why."""

    path: str
    reason: str


@dataclass(frozen=True, kw_only=True)
class Property:
    """One property.

    Attributes:
        required: must be given.
        replaces: a change cannot be made in place.
        computed: the vendor fills it in when it is omitted.
        local: steers the plugin, never sent to the vendor and never read back.
        api: the API's name for it; by default the same with a capital first letter.
        rules: further reasons to refuse a value of the right type.
    """

    required: bool = False
    replaces: bool = False
    computed: bool = False
    local: bool = False
    api: str = ""
    rules: tuple[Rule, ...] = ()

    kind = ""  # the name of the type in Pulumi's package schema

    def matches(self, value: Any) -> bool:
        """Whether the value has this property's outer type."""
        raise NotImplementedError

    def faults(self, value: Any, path: str) -> Iterator[Fault]:
        """All reasons to refuse the value; unknown ones are let pass."""
        if value is UNKNOWN:
            return
        if not self.matches(value):
            yield Fault(path, f"expected {self.kind}, got {_type_name(value)}")
            return
        yield from self.inner_faults(value, path)
        if not has_unknown(value):
            yield from (Fault(path, reason) for rule in self.rules if (reason := rule(value)))

    def inner_faults(self, value: Any, path: str) -> Iterator[Fault]:
        """Reasons inside a value of the right outer type."""
        yield from ()

    def differs(self, old: Any, new: Any) -> bool:
        """Whether going from the old state to the new input is a change."""
        if new is None:
            return not (self.computed or old in (None, "", False, [], {}))
        return bool(new is UNKNOWN or old != new)

    def to_api(self, value: Any) -> Any:
        """The value as the API wants it."""
        return value

    def from_api(self, value: Any) -> Any:
        """The API's value as a property."""
        return value


@dataclass(frozen=True, kw_only=True)
class Text(Property):
    """A string; ``values`` and ``pattern`` (full match) narrow it."""

    values: tuple[str, ...] = ()
    pattern: str = ""
    kind = "string"

    def matches(self, value: Any) -> bool:
        return isinstance(value, str)

    def inner_faults(self, value: Any, path: str) -> Iterator[Fault]:
        if self.values and value not in self.values:
            yield Fault(path, f"expected one of {', '.join(self.values)}, got {value!r}")
        if self.pattern and not re.fullmatch(self.pattern, value):
            yield Fault(path, f"invalid value {value!r}: it must match {self.pattern}")


@dataclass(frozen=True, kw_only=True)
class Flag(Property):
    """A boolean."""

    kind = "boolean"

    def matches(self, value: Any) -> bool:
        return isinstance(value, bool)

    def differs(self, old: Any, new: Any) -> bool:
        # A vendor's plugin cannot tell false from absent.
        return super().differs(old or False, new)


@dataclass(frozen=True, kw_only=True)
class Whole(Property):
    """An integer between two bounds, both allowed."""

    minimum: int | None = None
    maximum: int | None = None
    kind = "integer"

    def matches(self, value: Any) -> bool:
        return isinstance(value, int) and not isinstance(value, bool)

    def inner_faults(self, value: Any, path: str) -> Iterator[Fault]:
        if (self.minimum is not None and value < self.minimum) or (self.maximum is not None and value > self.maximum):
            yield Fault(path, f"expected a number in ({self.minimum} - {self.maximum}), got {value}")


@dataclass(frozen=True, kw_only=True)
class Document(Property):
    """A JSON document as a string, or as the object itself; compared by content."""

    kind = "string"

    def matches(self, value: Any) -> bool:
        return isinstance(value, str | dict)

    def inner_faults(self, value: Any, path: str) -> Iterator[Fault]:
        if isinstance(value, str):
            try:
                json.loads(value)
            except ValueError as error:
                yield Fault(path, f"contains an invalid JSON policy: {error}")

    def differs(self, old: Any, new: Any) -> bool:
        if new is None or has_unknown(new):
            return super().differs(old, new)
        return bool(_parsed(old) != _parsed(new))

    def to_api(self, value: Any) -> Any:
        return value if isinstance(value, str) else json.dumps(value)


@dataclass(frozen=True, kw_only=True)
class Table(Property):
    """Strings by name; with ``pairs`` the API has a list of ``{Key, Value}``."""

    pairs: bool = True
    kind = "object"

    def matches(self, value: Any) -> bool:
        return isinstance(value, dict)

    def inner_faults(self, value: Any, path: str) -> Iterator[Fault]:
        for name, item in value.items():
            yield from Text().faults(item, f"{path}.{name}")

    def to_api(self, value: Any) -> Any:
        return [{"Key": name, "Value": item} for name, item in value.items()] if self.pairs else value

    def from_api(self, value: Any) -> Any:
        return {item["Key"]: item["Value"] for item in value} if self.pairs else value


@dataclass(frozen=True, kw_only=True)
class Items(Property):
    """A list of one kind of value."""

    of: Property
    least: int = 0
    most: int | None = None
    kind = "array"

    def matches(self, value: Any) -> bool:
        return isinstance(value, list)

    def inner_faults(self, value: Any, path: str) -> Iterator[Fault]:
        if len(value) < self.least or (self.most is not None and len(value) > self.most):
            wanted = f"{self.least} to {self.most}" if self.most is not None else f"at least {self.least}"
            yield Fault(path, f"expected {wanted} items, got {len(value)}")
        for index, item in enumerate(value):
            yield from self.of.faults(item, f"{path}[{index}]")

    def differs(self, old: Any, new: Any) -> bool:
        if not isinstance(new, list) or not isinstance(old, list):
            return super().differs(old, new)
        return len(old) != len(new) or any(
            self.of.differs(before, after) for before, after in zip(old, new, strict=True)
        )

    def to_api(self, value: Any) -> Any:
        return [self.of.to_api(item) for item in value]

    def from_api(self, value: Any) -> Any:
        return [self.of.from_api(item) for item in value]


@dataclass(frozen=True, kw_only=True)
class Block(Property):
    """An object with declared properties."""

    fields: Mapping[str, Property] = field(default_factory=dict)
    kind = "object"

    def matches(self, value: Any) -> bool:
        return isinstance(value, dict)

    def inner_faults(self, value: Any, path: str) -> Iterator[Fault]:
        yield from faults_of(self.fields, value, f"{path}.")

    def differs(self, old: Any, new: Any) -> bool:
        if not isinstance(new, dict):
            return super().differs(old, new)
        before = old if isinstance(old, dict) else {}
        return any(item.differs(before.get(name), new.get(name)) for name, item in self.fields.items())

    def to_api(self, value: Any) -> Any:
        return to_api(self.fields, value)

    def from_api(self, value: Any) -> Any:
        return from_api(self.fields, value)


def faults_of(fields: Mapping[str, Property], values: Mapping[str, Any], prefix: str = "") -> Iterator[Fault]:
    """Everything to refuse in an object: unknown names, missing ones, wrong types and values."""
    for name in values:
        if name not in fields:
            yield Fault(f"{prefix}{name}", "Invalid or unknown key")
    for name, item in fields.items():
        path = f"{prefix}{name}"
        if values.get(name) is not None:
            yield from item.faults(values[name], path)
        elif item.required:
            yield Fault(path, "Missing required argument")


def to_api(fields: Mapping[str, Property], values: Mapping[str, Any]) -> dict[str, Any]:
    """An object's properties under the API's names, local ones left out."""
    return {
        _api_name(name, item): item.to_api(values[name])
        for name, item in fields.items()
        if values.get(name) is not None and not item.local
    }


def from_api(fields: Mapping[str, Property], answer: Mapping[str, Any]) -> dict[str, Any]:
    """The properties that the API's answer holds."""
    return {
        name: item.from_api(answer[_api_name(name, item)])
        for name, item in fields.items()
        if not item.local and answer.get(_api_name(name, item)) is not None
    }


def _api_name(name: str, item: Property) -> str:
    return item.api or name[0].upper() + name[1:]


def _parsed(document: Any) -> Any:
    try:
        return json.loads(document) if isinstance(document, str) else document
    except ValueError:
        return document


def _type_name(value: Any) -> str:
    return {bool: "boolean", int: "integer", float: "number", str: "string", list: "array", dict: "object"}.get(
        type(value), type(value).__name__
    )
