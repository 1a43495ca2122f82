"""``python -m rehearsal.app_server``: serve the API on 127.0.0.1 until SIGTERM.

The database's URL and the secret of the tokens come from environment variables, named on the command line, so that
neither appears among the machine's processes. With ``--state FILE`` the port is chosen and written to the file as
``{"pid", "started", "port"}``, and serving begins once ``serve`` is read from standard input: whoever started the
server has written it down by then. Without, the address is printed and serving begins at once.
"""

from __future__ import annotations

import argparse
import json
import logging
import os
import signal
import socket
import sys
from pathlib import Path
from types import FrameType

import uvicorn

from rehearsal.app_server.application import application
from rehearsal.app_server.live import Hub
from rehearsal.processes import ProcessId

USAGE_ERROR = 2
_GRACE_SECONDS = 5
_MOST_CONNECTIONS = 2000
_BACKLOG = 1024


class _Server(uvicorn.Server):
    """Ends the live streams first: uvicorn would wait for browsers that never leave."""

    def __init__(self, config: uvicorn.Config, hub: Hub) -> None:
        super().__init__(config)
        self._hub = hub

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        self._hub.close()
        if sig == signal.SIGTERM:
            self.should_exit = True
        else:
            super().handle_exit(sig, frame)


def main() -> None:
    """Read the command line and serve."""
    arguments = _arguments()
    url, secret = (_variable(name) for name in (arguments.database_url_env, arguments.jwt_secret_env))
    try:
        app = application(url, secret, connections=arguments.connections)
    except ValueError as error:
        sys.exit(f"error: {error}")
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    # With the protocol named, asyncio sets TCP_NODELAY; without, each answer waits 40 ms for an acknowledgement.
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP) as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(("127.0.0.1", arguments.port))
        listener.listen(_BACKLOG)
        port = listener.getsockname()[1]
        if not _announced(arguments.state, port):
            return
        if arguments.state:
            signal.signal(signal.SIGINT, signal.SIG_IGN)  # the terminal's Ctrl-C is for the command in front
        config = uvicorn.Config(
            app,
            log_config=None,
            access_log=False,
            server_header=False,
            lifespan="on",
            timeout_keep_alive=30,
            timeout_graceful_shutdown=_GRACE_SECONDS,
            limit_concurrency=_MOST_CONNECTIONS,
            proxy_headers=False,
        )
        _Server(config, app.state.hub).run(sockets=[listener])


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m rehearsal.app_server", description="The demo app's API.")
    parser.add_argument("--port", type=int, default=0, help="on 127.0.0.1; 0 chooses a free one")
    parser.add_argument("--state", type=Path, help="write pid and port here, and wait for the word on standard input")
    parser.add_argument("--database-url-env", default="FLEETIFY_DATABASE_URL", help="variable with the database's URL")
    parser.add_argument("--jwt-secret-env", default="FLEETIFY_JWT_SECRET", help="variable with the tokens' secret")
    parser.add_argument("--connections", type=int, default=12, help="most database connections at once")
    return parser.parse_args()


def _variable(name: str) -> str:
    value = os.environ.get(name)
    if not value:
        print(f"error: the environment variable {name} is not set", file=sys.stderr)  # noqa: T201 - a command's error
        sys.exit(USAGE_ERROR)
    return value


def _announced(state: Path | None, port: int) -> bool:
    """Say where we are; False when whoever started us is gone."""
    if state is None:
        print(f"http://127.0.0.1:{port}", flush=True)  # noqa: T201 - the command's answer
        return True
    me = ProcessId.of(os.getpid())
    scratch = state.with_suffix(".part")
    scratch.write_text(json.dumps({"pid": os.getpid(), "started": me.started if me else "", "port": port}))
    scratch.rename(state)
    return sys.stdin.readline().strip() == "serve"


if __name__ == "__main__":
    main()
