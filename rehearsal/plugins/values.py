"""Plain Python for what travels between the engine and a plugin.

Values not known before an update travel as a fixed string, which becomes ``UNKNOWN`` here. Secrets travel marked; the
marks are taken off on the way in, and whatever holds a secret's text on the way out is marked again, under whichever
name the vendor returns it (a tag comes back in ``tags`` and in ``tagsAll``).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from pulumi.provider.experimental.property_value import Computed, PropertyValue
from pulumi.runtime.rpc import UNKNOWN as UNKNOWN_ON_THE_WIRE

_TELLING_LENGTH = 6


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


def secrets_in(*maps: Mapping[str, PropertyValue]) -> frozenset[str]:
    """The texts that are secret, or lie inside something secret."""
    return frozenset(
        text for values in maps for value in values.values() for text in _secret_texts(value, inside=False)
    )


def _secret_texts(value: PropertyValue, *, inside: bool) -> Iterator[str]:
    inner, secret = value.value, inside or value.is_secret
    if isinstance(inner, str):
        if secret and inner and inner != UNKNOWN_ON_THE_WIRE:
            yield inner
    elif isinstance(inner, Mapping):
        for item in inner.values():
            yield from _secret_texts(item, inside=secret)
    elif isinstance(inner, tuple):
        for item in inner:
            yield from _secret_texts(item, inside=secret)


def wire(value: Any, secrets: frozenset[str] = frozenset()) -> PropertyValue:
    """The other way round; texts that hold one of the secrets are marked."""
    if value is UNKNOWN:
        return PropertyValue(UNKNOWN_ON_THE_WIRE)
    if isinstance(value, dict):
        return PropertyValue({name: wire(item, secrets) for name, item in value.items() if item is not None})
    if isinstance(value, list):
        return PropertyValue([wire(item, secrets) for item in value])
    if isinstance(value, str):
        return PropertyValue(value, is_secret=any(_holds(value, secret) for secret in secrets))
    if isinstance(value, int) and not isinstance(value, bool):
        return PropertyValue(float(value))
    return PropertyValue(value)


def _holds(text: str, secret: str) -> bool:
    """Short secrets count only as the whole text: "a" is in almost every other."""
    return text == secret or (len(secret) >= _TELLING_LENGTH and secret in text)


def wire_map(values: Mapping[str, Any], secrets: frozenset[str] = frozenset()) -> dict[str, PropertyValue]:
    """The other way round, for all properties of a resource; None left out."""
    return {name: wire(value, secrets) for name, value in values.items() if value is not None}


def has_unknown(value: Any) -> bool:
    """Whether the value or anything inside it is ``UNKNOWN``."""
    if isinstance(value, dict):
        return any(has_unknown(item) for item in value.values())
    if isinstance(value, list):
        return any(has_unknown(item) for item in value)
    return value is UNKNOWN
