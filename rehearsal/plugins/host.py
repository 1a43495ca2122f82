"""Serves a provider to the engine over gRPC, as an executable ``pulumi-resource-<name>`` must.

The SDK's own servicer puts a Python traceback into every error that the user sees. A vendor's plugin says
one sentence, so this one does too, and keeps the traceback for faults of the stand-in itself.
"""

from __future__ import annotations

import asyncio
import sys
import traceback
from collections.abc import Awaitable, Callable
from typing import Any

import grpc
import grpc.aio
from pulumi.provider.experimental.provider import Provider
from pulumi.provider.experimental.server import ProviderServicer
from pulumi.runtime._grpc_settings import _GRPC_CHANNEL_OPTIONS
from pulumi.runtime.proto import provider_pb2, provider_pb2_grpc

from rehearsal.plugins.kind import Refused

_LOOK_SECONDS = 5.0
_VERBS = ("Configure", "Check", "Diff", "Create", "Read", "Update", "Delete", "Invoke", "GetSchema")
_Verb = Callable[[Any, Any], Awaitable[Any]]


class _Servicer(ProviderServicer):
    def __init__(self, version: str, provider: Provider, engine_address: str) -> None:
        super().__init__([], version, provider, engine_address)
        for name in _VERBS:
            setattr(self, name, _worded(getattr(self, name)))

    async def Read(self, request: Any, context: Any) -> Any:  # noqa: N802 - gRPC's name
        """As the SDK's, but what is gone has no properties at all: an import takes empty ones for a resource."""
        answer = await super().Read(request, context)
        return answer if answer.id else provider_pb2.ReadResponse()


def _worded(verb: _Verb) -> _Verb:
    async def call(request: Any, context: Any) -> Any:
        try:
            return await verb(request, context)
        except Exception as error:
            refusal = _refusal(error)
            if refusal is None:
                traceback.print_exc(file=sys.stderr)
            await context.abort(grpc.StatusCode.UNKNOWN, refusal or f"the stand-in plugin failed: {error}")
            raise

    return call


def _refusal(error: BaseException | None) -> str | None:
    """The vendor's words, wherever the SDK's wrapper has put them."""
    while error is not None:
        if isinstance(error, Refused):
            return str(error)
        error = error.__cause__ or error.__context__
    return None


def serve(provider: Provider, version: str) -> None:
    """Serve until the engine ends the process; prints the port first, as the engine expects.

    Args:
        provider: what to serve.
        version: the plugin's version, without ``v``.
    """
    arguments = [argument for argument in sys.argv[1:] if not argument.startswith("-")]
    engine_address = arguments[0] if arguments else ""

    async def run() -> None:
        server = grpc.aio.server(options=_GRPC_CHANNEL_OPTIONS)
        servicer = _Servicer(version, provider, engine_address)
        provider_pb2_grpc.add_ResourceProviderServicer_to_server(servicer, server)
        port = server.add_insecure_port("127.0.0.1:0")
        await server.start()
        sys.stdout.write(f"{port}\n")
        sys.stdout.flush()
        await _outlived(engine_address)
        await server.stop(grace=None)

    try:
        asyncio.run(run())
    except KeyboardInterrupt:
        return


async def _outlived(engine_address: str) -> None:
    """Returns when the engine is gone: killed, it cannot end its plugins, and they must not stay for ever."""
    host, _, port = engine_address.rpartition(":")
    while True:
        await asyncio.sleep(_LOOK_SECONDS)
        try:
            _, writer = await asyncio.wait_for(asyncio.open_connection(host, int(port)), _LOOK_SECONDS)
        except ConnectionRefusedError:
            return
        except (OSError, TimeoutError):
            continue  # busy is not gone
        writer.close()
