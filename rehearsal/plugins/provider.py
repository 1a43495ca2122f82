"""A provider made of ``Kind``s: everything about Pulumi's protocol that resource types have in common."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Generic, TypeVar

from pulumi.provider.experimental import provider as protocol

from rehearsal.plugins.kind import Kind, Refused
from rehearsal.plugins.values import UNKNOWN, plain_map, secrets_in, wire_map

Vendor = TypeVar("Vendor")
Function = Callable[[Vendor, Mapping[str, Any]], dict[str, Any]]


class StandIn(protocol.Provider, Generic[Vendor]):
    """Serves resource types to the engine.

    Args:
        kinds: the resource types.
        functions: what programs can ask, by token.
        connect: makes the vendor's client from the provider's config; raises Refused when that is wrong.
    """

    def __init__(
        self,
        kinds: Iterable[Kind[Vendor]],
        functions: Mapping[str, Function[Vendor]],
        connect: Callable[[Mapping[str, Any]], Vendor],
    ) -> None:
        self._kinds = {kind.type_name: kind for kind in kinds}
        self._functions = functions
        self._connect = connect
        self._vendor: Vendor | None = None

    async def cancel(self) -> None:
        """Nothing runs for long here."""

    async def get_schema(self, request: protocol.GetSchemaRequest) -> protocol.GetSchemaResponse:
        raise Refused("The stand-in plugin carries no schema: import with --generate-code=false.")

    async def check_config(self, request: protocol.CheckRequest) -> protocol.CheckResponse:
        return protocol.CheckResponse(inputs=request.new_inputs)

    async def diff_config(self, request: protocol.DiffRequest) -> protocol.DiffResponse:
        return protocol.DiffResponse(changes=False)

    async def configure(self, request: protocol.ConfigureRequest) -> protocol.ConfigureResponse:
        self._vendor = self._connect(plain_map(request.args))
        return protocol.ConfigureResponse(supports_preview=True, accept_secrets=True)

    async def invoke(self, request: protocol.InvokeRequest) -> protocol.InvokeResponse:
        function = self._functions.get(request.tok)
        if function is None:
            raise Refused(f"The stand-in plugin does not carry the function {request.tok}.")
        answer = await asyncio.to_thread(function, self._ready(), plain_map(request.args))
        return protocol.InvokeResponse(return_value=wire_map(answer))

    async def check(self, request: protocol.CheckRequest) -> protocol.CheckResponse:
        kind = self._kind(request.type)
        old = plain_map(request.old_inputs)
        suffix = hashlib.sha256(request.random_seed).hexdigest()[:7]
        inputs = kind.named(plain_map(request.new_inputs), name=request.name, suffix=suffix, old=old)
        failures = [protocol.CheckFailure(fault.path, fault.reason) for fault in kind.faults(inputs)]
        return protocol.CheckResponse(inputs=wire_map(inputs, secrets_in(request.new_inputs)), failures=failures)

    async def diff(self, request: protocol.DiffRequest) -> protocol.DiffResponse:
        kind = self._kind(request.type)
        old, new = plain_map(request.old_state), plain_map(request.new_inputs)
        changed = [name for name, item in kind.inputs.items() if item.differs(old.get(name), new.get(name))]
        replaces = [name for name in changed if kind.inputs[name].replaces]
        return protocol.DiffResponse(
            changes=bool(changed),
            diffs=changed,
            replaces=replaces,
            detailed_diff={name: _difference(name, old, new, replaces) for name in changed},
        )

    async def create(self, request: protocol.CreateRequest) -> protocol.CreateResponse:
        kind, inputs = self._kind(request.type), plain_map(request.properties)
        if request.preview:
            return protocol.CreateResponse(
                properties=wire_map(_foreseen(kind, inputs, {}), secrets_in(request.properties))
            )

        def work() -> tuple[str, dict[str, Any]]:
            with _telling("creating", request.urn):
                identity = kind.create(self._ready(), inputs)
                return identity, self._state(kind, identity, inputs)

        identity, state = await asyncio.to_thread(work)
        return protocol.CreateResponse(resource_id=identity, properties=wire_map(state, secrets_in(request.properties)))

    async def update(self, request: protocol.UpdateRequest) -> protocol.UpdateResponse:
        kind, old, inputs = self._kind(request.type), plain_map(request.olds), plain_map(request.news)
        secrets = secrets_in(request.olds, request.news)
        if request.preview:
            return protocol.UpdateResponse(properties=wire_map(_foreseen(kind, inputs, old), secrets))

        def work() -> dict[str, Any]:
            with _telling("updating", request.urn):
                kind.update(self._ready(), request.resource_id, old, inputs)
                return self._state(kind, request.resource_id, inputs)

        return protocol.UpdateResponse(properties=wire_map(await asyncio.to_thread(work), secrets))

    async def read(self, request: protocol.ReadRequest) -> protocol.ReadResponse:
        kind = self._kind(request.type)
        given, old = plain_map(request.inputs), plain_map(request.properties)
        region = given.get("region") or old.get("region")

        def work() -> dict[str, Any] | None:
            with _telling("reading", request.urn):
                return kind.read(self._ready(), request.resource_id, region)

        found = await asyncio.to_thread(work)
        if found is None:
            return protocol.ReadResponse(resource_id="")
        remembered = given or {name: value for name, value in old.items() if name in kind.inputs}
        state = _with_local(kind, found, remembered)
        if given:
            # What the program said, as far as it is still true; drift shows as a changed input.
            inputs = {
                name: value if not kind.inputs[name].differs(state.get(name), value) else state.get(name)
                for name, value in given.items()
                if name in kind.inputs
            }
            extra = {
                name: state[name]
                for name, item in kind.inputs.items()
                if name not in given and not item.local and item.differs(state.get(name), None)
            }
            inputs |= extra
        else:
            inputs = {name: value for name, value in state.items() if name in kind.inputs}
        secrets = secrets_in(request.properties, request.inputs)
        return protocol.ReadResponse(request.resource_id, wire_map(state, secrets), wire_map(inputs, secrets))

    async def delete(self, request: protocol.DeleteRequest) -> None:
        kind, state = self._kind(request.type), plain_map(request.properties)

        def work() -> None:
            with _telling("deleting", request.urn):
                kind.delete(self._ready(), request.resource_id, state)

        await asyncio.to_thread(work)

    def _state(self, kind: Kind[Vendor], identity: str, inputs: Mapping[str, Any]) -> dict[str, Any]:
        found = kind.read(self._ready(), identity, inputs.get("region"))
        if found is None:
            raise Refused(f"it was gone right after the call (id {identity})")
        lost = [
            name
            for name, item in kind.inputs.items()
            if not item.local and item.differs(found.get(name), inputs.get(name))
        ]
        if lost:
            raise Refused(f"the local server did not keep what was asked for: {', '.join(lost)}")
        return _with_local(kind, found, inputs)

    def _kind(self, urn_type: str) -> Kind[Vendor]:
        # A child's type in a URN carries its parents': parent$child.
        name = urn_type.rpartition("$")[2]
        kind = self._kinds.get(name)
        if kind is None:
            raise Refused(f"The stand-in plugin does not carry the resource type {name}.")
        return kind

    def _ready(self) -> Vendor:
        if self._vendor is None:
            raise Refused("The provider is not configured.")
        return self._vendor


def _with_local(kind: Kind[Any], found: Mapping[str, Any], inputs: Mapping[str, Any]) -> dict[str, Any]:
    local = {name: inputs[name] for name, item in kind.inputs.items() if item.local and name in inputs}
    return {**found, **local}


def _foreseen(kind: Kind[Any], inputs: Mapping[str, Any], old: Mapping[str, Any]) -> dict[str, Any]:
    """What a preview can know: the inputs, and of the rest what was there before."""
    waiting = {name: UNKNOWN for name, item in kind.inputs.items() if item.computed} | dict.fromkeys(
        kind.outputs, UNKNOWN
    )
    kept = {name: old[name] for name in waiting if name in old}
    return {**waiting, **kept, **inputs}


def _difference(
    name: str, old: Mapping[str, Any], new: Mapping[str, Any], replaces: list[str]
) -> protocol.PropertyDiff:
    kinds = protocol.PropertyDiffKind
    pair = (
        (kinds.ADD, kinds.ADD_REPLACE)
        if name not in old
        else (kinds.DELETE, kinds.DELETE_REPLACE)
        if name not in new
        else (kinds.UPDATE, kinds.UPDATE_REPLACE)
    )
    return protocol.PropertyDiff(pair[name in replaces], input_diff=False)


class _telling:  # noqa: N801 - reads as a statement where it is used
    """Says in the vendor's refusal what was being done to which resource."""

    def __init__(self, doing: str, urn: str) -> None:
        kind, _, name = urn.rpartition("::")
        self._what = f"{doing} {kind.rpartition('::')[2].rpartition('$')[2]} ({name})"

    def __enter__(self) -> None:
        return None

    def __exit__(self, _type: object, error: BaseException | None, _trace: object) -> None:
        if isinstance(error, Refused):
            raise Refused(f"{self._what}: {error}") from error
