"""Plain Python for what travels between the engine and a plugin.

The engine keeps secrets to itself because these plugins do not announce that they accept them: it takes
the marks off before a call and puts them back on the outputs of the same name. Values not known before
an update travel as a fixed string, which becomes ``UNKNOWN`` here.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from pulumi.provider.experimental.property_value import Computed, PropertyValue
from pulumi.runtime.rpc import UNKNOWN as UNKNOWN_ON_THE_WIRE


class _Unknown:
    """The type of ``UNKNOWN``."""

    def __repr__(self) -> str:
        return "UNKNOWN"

    def __deepcopy__(self, memo: object) -> _Unknown:
        return self


UNKNOWN: Final = _Unknown()
"""A value that only the update itself will bring."""


def plain(value: PropertyValue) -> Any:
    """None, bool, int, float, str, list, dict or ``UNKNOWN``; whole floats become ints.

    Raises:
        TypeError: an asset, an archive or a reference, which none of these plugins takes.
    """
    inner = value.value
    if isinstance(inner, Computed) or inner == UNKNOWN_ON_THE_WIRE:
        return UNKNOWN
    if isinstance(inner, float):
        return int(inner) if inner.is_integer() else inner
    if inner is None or isinstance(inner, bool | str):
        return inner
    if isinstance(inner, Mapping):
        return {name: plain(item) for name, item in inner.items()}
    if isinstance(inner, tuple):  # what PropertyValue makes of every sequence
        return [plain(item) for item in inner]
    raise TypeError(f"A value of type {type(inner).__name__} is not supported.")


def plain_map(values: Mapping[str, PropertyValue]) -> dict[str, Any]:
    """The same for all properties of a resource; nulls and the engine's own ``__names`` left out."""
    converted = {name: plain(value) for name, value in values.items() if not name.startswith("__")}
    return {name: value for name, value in converted.items() if value is not None}


def wire(value: Any) -> PropertyValue:
    """The other way round."""
    if value is UNKNOWN:
        return PropertyValue(UNKNOWN_ON_THE_WIRE)
    if isinstance(value, dict):
        return PropertyValue({name: wire(item) for name, item in value.items() if item is not None})
    if isinstance(value, list):
        return PropertyValue([wire(item) for item in value])
    if isinstance(value, int) and not isinstance(value, bool):
        return PropertyValue(float(value))
    return PropertyValue(value)


def wire_map(values: Mapping[str, Any]) -> dict[str, PropertyValue]:
    """The other way round, for all properties of a resource; None left out."""
    return {name: wire(value) for name, value in values.items() if value is not None}


def has_unknown(value: Any) -> bool:
    """Whether the value or anything inside it is ``UNKNOWN``."""
    if isinstance(value, dict):
        return any(has_unknown(item) for item in value.values())
    if isinstance(value, list):
        return any(has_unknown(item) for item in value)
    return value is UNKNOWN
