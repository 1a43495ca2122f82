"""The AWS APIs on loopback: moto's server, on a port of its own choosing, closed to strangers.

``python -m rehearsal.aws_server <state file>`` chooses a free port, writes ``{"pid", "started", "port"}`` to the
file, and serves once it reads ``serve`` on its standard input. Without that word it ends: whoever started it
was killed before it could write down what it started.

Access key and account come from the environment (``AWS_ACCESS_KEY_ID``, ``MOTO_ACCOUNT_ID``). Requests signed
with another key are refused as AWS refuses them; the signature itself is not computed again.
"""

from __future__ import annotations

import json
import os
import re
import signal
import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from rehearsal.aws_policies import evaluate_conditions
from rehearsal.processes import ProcessId

_CREDENTIAL = re.compile(r"Credential=([^/,\s]+)/|X-Amz-Credential=([^/&%]+)(?:/|%2F)|^AWS ([^:]+):", re.IGNORECASE)
_REFUSAL = (
    b'<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>InvalidAccessKeyId</Code>'
    b"<Message>The AWS Access Key Id you provided does not exist in our records.</Message></Error>"
)
_Wsgi = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]


def only_with_key(application: _Wsgi, key: str) -> _Wsgi:
    """The application, refusing requests that are not signed with this access key id."""

    def answer(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        if environ.get("PATH_INFO") == "/moto-api/":
            return application(environ, start_response)
        for place in (environ.get("HTTP_AUTHORIZATION", ""), environ.get("QUERY_STRING", "")):
            match = _CREDENTIAL.search(place)
            if match and next(group for group in match.groups() if group) == key:
                return application(environ, start_response)
        start_response(
            "403 Forbidden", [("Content-Type", "application/xml"), ("x-amzn-ErrorType", "InvalidAccessKeyId")]
        )
        return [_REFUSAL]

    return answer


def main() -> None:
    """Serve until SIGTERM."""
    state = Path(sys.argv[1])
    from moto.moto_server.werkzeug_app import (  # noqa: PLC0415 - a second; the pid file need not wait for it
        DomainDispatcherApplication,
        MotoRequestHandler,
        create_backend_app,
    )
    from werkzeug.serving import make_server  # noqa: PLC0415

    evaluate_conditions()
    application = only_with_key(DomainDispatcherApplication(create_backend_app), os.environ["AWS_ACCESS_KEY_ID"])
    server = make_server("127.0.0.1", 0, application, threaded=True, request_handler=MotoRequestHandler)
    me = ProcessId.of(os.getpid())
    record = {"pid": os.getpid(), "started": me.started if me else "", "port": server.server_port}
    scratch = state.with_suffix(".part")
    scratch.write_text(json.dumps(record))
    scratch.rename(state)
    if sys.stdin.readline().strip() != "serve":
        return
    signal.signal(signal.SIGTERM, lambda *_: os._exit(0))
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the terminal's Ctrl-C is for the command in front
    server.serve_forever()


if __name__ == "__main__":
    main()
