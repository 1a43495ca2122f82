"""Provides a working `pulumi` and prints the bin directory that holds it, as the last line.

    .venv/bin/python engine/provide.py
    export PATH="$(.venv/bin/python engine/provide.py):$PATH"

It takes the first that works: the `pulumi` on PATH, the official installer, a build from Go modules. What it chose
and why goes to standard error. A chosen engine is verified once by running a small program with it.
Exit codes: 0 found, 1 none could be had, 130 interrupted.
"""

from __future__ import annotations

import argparse
import signal
import sys
import time

from provision import cache
from provision.console import EngineError, say
from provision.pins import sdk, wanted
from provision.sources import SOURCES, Engine
from provision.verify import verify


def main(arguments: list[str] | None = None) -> int:
    """Run the command line; returns the exit code."""
    parser = argparse.ArgumentParser(
        prog="engine/provide.py",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        epilog="The cache is $FLEETIFY_CACHE, else $XDG_CACHE_HOME/fleetify, else ~/.cache/fleetify. "
        "Delete it at any time.",
    )
    parser.add_argument("--source", choices=SOURCES, default="auto", help="where to take it from (default: auto)")
    parser.add_argument("--verify", action="store_true", help="verify again, even if it passed before")
    options = parser.parse_args(arguments)
    signal.signal(signal.SIGTERM, signal.getsignal(signal.SIGINT))  # both clear away what is half-made
    try:
        engine = provide(options.source, again=options.verify)
    except EngineError as error:
        say(str(error))
        return 1
    except KeyboardInterrupt:
        say("interrupted; nothing half-made was kept")
        return 130
    sys.stdout.write(f"{engine.bindir}\n")
    return 0


def provide(source: str, *, again: bool = False) -> Engine:
    """The first engine of the source that passes verification.

    Args:
        source: a key of SOURCES.
        again: verify even what passed before.

    Raises:
        EngineError: every place failed; the message has a line for each.
    """
    sdk()  # says at once when this is the wrong Python
    failures: list[str] = []
    for name, take in SOURCES[source]:
        try:
            engine = take()
            note = _verified(engine, again=again)
        except EngineError as error:
            failures.append(f"{name}: {error}")
            if name != "cache":
                say(f"{name}: {error}")
            continue
        say(f"taking {engine.origin} ({note}): {engine.bindir}")
        return engine
    raise EngineError(
        f"No engine of version {wanted()} or newer could be had.",
        seen="; ".join(failure.splitlines()[0] for failure in failures),
        remedy="mend one of the places above, or install Pulumi from https://www.pulumi.com/docs/install/ onto PATH",
    )


def _verified(engine: Engine, *, again: bool) -> str:
    pulumi = engine.bindir / "pulumi"
    if not again and cache.verified(pulumi):
        return "verified before"
    start = time.monotonic()
    try:
        verify(engine.bindir)
    except EngineError as error:
        if engine.bindir.is_relative_to(cache.root()):
            raise EngineError(
                f"The engine in {engine.bindir.parent} does not work.",
                seen=str(error),
                remedy=f"if its files are damaged, `rm -r {engine.bindir.parent}` and run this again",
            ) from error
        raise
    with cache.locked():
        cache.note_verified(pulumi, engine.origin.split()[0])
    return f"verified by running a program, {time.monotonic() - start:.1f} s"


if __name__ == "__main__":
    sys.exit(main())
