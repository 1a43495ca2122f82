"""What every dynamic provider here shares: configuration, comparison of inputs, errors that people can read.

The module path and class name of a provider are pickled into every saved state: moving or renaming one breaks the
stacks that have it.
"""

from __future__ import annotations

import functools
import sys
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any, ClassVar, ParamSpec, TypeVar

import pulumi
from pulumi.dynamic import CheckFailure, CheckResult, ConfigureRequest, DiffResult, Resource, ResourceProvider
from pulumi.runtime.rpc import UNKNOWN

from fleetify.errors import FleetifyError
from fleetify.settings import NAMESPACE, Settings, config_keys, load_settings
from providers.watchdog import watch_engine

PROJECT = Path(__file__).resolve().parents[1]
Properties = dict[str, Any]
_P = ParamSpec("_P")
_R = TypeVar("_R")


class Stopped(Exception):  # noqa: N818 users read this name before each message
    """What the engine shows: the message of whatever stopped the operation."""


# The engine prints "<module>.<class>: <message>" and a traceback; readers need the message alone.
Stopped.__module__ = "builtins"
Stopped.__qualname__ = "stopped"


def verb(method: Callable[_P, _R]) -> Callable[_P, _R]:
    """Turn what a provider's method raises into a message, without the password; a traceback only where it helps."""

    @functools.wraps(method)
    def call(*args: _P.args, **kwargs: _P.kwargs) -> _R:
        try:
            return method(*args, **kwargs)
        except FleetifyError as error:
            raise Stopped(str(error)) from None
        except Exception as error:  # noqa: BLE001 the last frame before the engine, which would show everything
            provider = args[0]
            text = "".join(traceback.format_exception(error))
            if isinstance(provider, ReleaseProvider) and provider.settings is not None:
                from fleetify.database.connection import hide_password

                text = hide_password(text, _url_or_empty(provider.settings))
            raise Stopped(f"unexpected: {type(error).__name__}; please report this with what follows\n{text}") from None

    return call


def _url_or_empty(settings: Settings) -> str:
    try:
        return settings.resolve_database_url()
    except FleetifyError:
        return ""


def say(line: str) -> None:
    """Show progress: the engine prints what a provider writes to its standard output while it works."""
    print(line, flush=True)  # noqa: T201 standard output is the channel to the engine's display


class ReleaseProvider(ResourceProvider):
    """A provider that is configured by the stack's config and holds nothing else.

    Attributes:
        replaces: inputs whose change makes a new resource.
        updates: inputs whose change updates it; all others are recorded, never compared.
        settings: the stack's config; None until ``configure``.
    """

    replaces: ClassVar[frozenset[str]] = frozenset()
    updates: ClassVar[frozenset[str]] = frozenset()
    settings: Settings | None = None

    def configure(self, req: ConfigureRequest) -> None:
        """Read the stack's config, credentials included; they are never inputs or outputs.

        Raises:
            Stopped: the config is wrong.
        """
        # The engine's dynamic provider host prints tracebacks of what we raise; ``verb`` adds one where it helps.
        sys.tracebacklimit = 0
        watch_engine()
        values = {f"{NAMESPACE}:{key}": req.config.get(f"{NAMESPACE}:{key}") for key in config_keys()}
        try:
            self.settings = load_settings({key: value for key, value in values.items() if value is not None})
        except FleetifyError as error:
            raise Stopped(str(error)) from None

    @property
    def stack_settings(self) -> Settings:
        """The stack's config."""
        if self.settings is None:
            raise AssertionError("configure comes before every verb")
        return self.settings

    @verb
    def check(self, olds: Properties, news: Properties) -> CheckResult:
        """Check the known inputs; no I/O."""
        failures = [CheckFailure(key, reason) for key, reason in self.find_faults(olds, known(news)).items()]
        return CheckResult(news, failures)

    def find_faults(self, olds: Properties, news: Properties) -> dict[str, str]:
        """Input to reason, for inputs that are wrong. ``news`` holds known values only."""
        del olds, news
        return {}

    @verb
    def diff(self, id_: str, olds: Properties, news: Properties) -> DiffResult:
        """Compare the declared inputs; drift that ``read`` has found is a change as well."""
        replaced = sorted(key for key in self.replaces if olds.get(key) != news.get(key))
        updated = sorted(key for key in self.updates if olds.get(key) != news.get(key))
        if olds.get("drift"):
            updated.append("drift")
        self.inspect_change(id_, olds, news, changes=[*replaced, *updated])
        return DiffResult(changes=bool(replaced or updated), replaces=replaced, delete_before_replace=False)

    def inspect_change(self, id_: str, olds: Properties, news: Properties, *, changes: list[str]) -> None:
        """Look at a change before it is made, in preview too: say what it costs, or refuse it by raising."""


def known(properties: Properties) -> Properties:
    """The properties whose values are known; at preview some are not."""
    return {key: value for key, value in properties.items() if not _is_unknown(value)}


def _is_unknown(value: object) -> bool:
    return isinstance(value, str) and value == UNKNOWN


class ReleaseResource(Resource):
    """A dynamic resource with one provider class and a fixed set of outputs.

    Attributes:
        provider_class: the verbs.
        outputs: names of what the provider adds to the inputs.
    """

    provider_class: ClassVar[type[ReleaseProvider]]
    outputs: ClassVar[tuple[str, ...]] = ()

    def __init__(self, name: str, inputs: Properties, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__(self.provider_class(), name, {**dict.fromkeys(self.outputs), **inputs}, opts)
