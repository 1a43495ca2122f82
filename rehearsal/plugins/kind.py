"""One resource type of a vendor: its declaration and its five verbs."""

from __future__ import annotations

import abc
from collections.abc import Iterator, Mapping
from typing import Any, ClassVar, Generic, TypeVar

from rehearsal.plugins.schema import Fault, Property, faults_of

Vendor = TypeVar("Vendor")


class Refused(Exception):  # noqa: N818 - the vendor's word, not a fault of this program
    """The vendor, or the stand-in in its place, refuses the call; the message is the vendor's."""


class Kind(abc.ABC, Generic[Vendor]):
    """A resource type.

    Attributes:
        type_name: the type as in the SDK, ``package:module/name:Name``.
        inputs: the properties that a program may give.
        outputs: names of those that only the vendor gives.
        refused: inputs of the real plugin that this stand-in does not know, with what to use instead.
    """

    type_name: ClassVar[str]
    inputs: ClassVar[Mapping[str, Property]]
    outputs: ClassVar[tuple[str, ...]] = ()
    refused: ClassVar[Mapping[str, str]] = {}

    def faults(self, inputs: Mapping[str, Any]) -> Iterator[Fault]:
        """Everything that the vendor's plugin would refuse before calling the vendor."""
        for name, instead in self.refused.items():
            if name in inputs:
                yield Fault(name, f"the stand-in plugin does not carry this property: {instead}")
        known = {name: value for name, value in inputs.items() if name not in self.refused}
        yield from faults_of(self.inputs, known)

    def named(self, inputs: dict[str, Any], *, name: str, suffix: str, old: Mapping[str, Any]) -> dict[str, Any]:
        """The inputs, completed with a physical name where the program leaves it open.

        Args:
            inputs: what the program gave.
            name: the resource's name in the program.
            suffix: seven random hex digits.
            old: the inputs of the last update; a name once given is kept.
        """
        return inputs

    @abc.abstractmethod
    def create(self, vendor: Vendor, inputs: Mapping[str, Any]) -> str:
        """Create it; the id."""

    @abc.abstractmethod
    def read(self, vendor: Vendor, identity: str, region: str | None) -> dict[str, Any] | None:
        """All properties as the vendor has them now; None when it is gone."""

    @abc.abstractmethod
    def update(self, vendor: Vendor, identity: str, old: Mapping[str, Any], inputs: Mapping[str, Any]) -> None:
        """Change it in place."""

    @abc.abstractmethod
    def delete(self, vendor: Vendor, identity: str, state: Mapping[str, Any]) -> None:
        """Delete it; fine when it is gone."""
