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
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote

from rehearsal.aws_policy import UnknownCondition, actions, denied
from rehearsal.processes import ProcessId

_CREDENTIAL = re.compile(r"Credential=([^/,\s]+)/[^/]+/[^/]+/([^/]+)/aws4_request")
_SECURE = {"aws:securetransport": "true"}
_Start = Callable[..., Any]
_Wsgi = Callable[[dict[str, Any], _Start], Iterable[bytes]]


class Door:
    """Stands before moto: refuses strangers, and what the bucket's policy denies.

    Args:
        inner: moto's application.
        key: the only access key id.
        policy_of: the policy of a bucket, or None.
        account: the account's number.
    """

    def __init__(self, inner: _Wsgi, *, key: str, account: str, policy_of: Callable[[str], str | None]) -> None:
        self._inner = inner
        self._key = key
        self._account = account
        self._policy_of = policy_of

    def __call__(self, environ: dict[str, Any], start_response: _Start) -> Iterable[bytes]:
        """Answer one request."""
        query = parse_qs(environ.get("QUERY_STRING", ""), keep_blank_values=True)
        signed_query = "Credential=" + query.get("X-Amz-Credential", [""])[0]
        match = _CREDENTIAL.search(environ.get("HTTP_AUTHORIZATION", "")) or _CREDENTIAL.search(signed_query)
        if not match or match[1] != self._key:
            message = "The AWS Access Key Id you provided does not exist in our records."
            return _refuse(start_response, "403 Forbidden", "InvalidAccessKeyId", message)
        if match[2] != "s3":
            return self._inner(environ, start_response)
        try:
            action = self._denied_action(environ, query)
        except UnknownCondition as unknown:
            return _refuse(start_response, "501 Not Implemented", "NotImplemented", f"policy condition {unknown}")
        if action:
            message = f"not authorized to perform: {action} with an explicit deny in a resource-based policy"
            return _refuse(start_response, "403 Forbidden", "AccessDenied", message)
        return self._inner(environ, start_response)

    def _denied_action(self, environ: Mapping[str, Any], query: Mapping[str, Any]) -> str | None:
        bucket, _, key = unquote(environ.get("PATH_INFO", "")).lstrip("/").partition("/")
        policy = self._policy_of(bucket)
        if not policy:
            return None
        headers = {
            name.removeprefix("HTTP_").replace("_", "-").lower(): str(value)
            for name, value in environ.items()
            if name.startswith("HTTP_")
        }
        context = _SECURE | {f"s3:{name}": value for name, value in headers.items() if name.startswith("x-amz-")}
        resource = f"arn:aws:s3:::{bucket}" + (f"/{key}" if key else "")
        for action in actions(environ["REQUEST_METHOD"], key, query, headers):
            if denied(policy, action, resource, account=self._account, context=context):
                return action
        return None


def _refuse(start_response: _Start, status: str, code: str, message: str) -> list[bytes]:
    body = f'<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>{code}</Code><Message>{message}</Message></Error>'
    start_response(status, [("Content-Type", "application/xml"), ("x-amzn-ErrorType", code)])
    return [body.encode()]


def application(key: str, account: str) -> _Wsgi:
    """moto's application behind the door."""
    from moto.iam.access_control import PermissionResult  # noqa: PLC0415 - a second; only the server pays it
    from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app  # noqa: PLC0415
    from moto.s3.models import FakeBucket, s3_backends  # noqa: PLC0415

    def policy_of(name: str) -> str | None:
        bucket = s3_backends[account]["aws"].buckets.get(name)
        return bucket.policy.decode() if bucket is not None and bucket.policy else None

    def permission(bucket: Any, action: str, resource: str) -> Any:
        policy = policy_of(bucket.name)
        if policy and denied(policy, action, resource, account=account, context=_SECURE):
            return PermissionResult.DENIED
        return PermissionResult.NEUTRAL

    # moto's own evaluation takes a Deny whose condition does not hold for a Deny; it asks for each object here.
    FakeBucket.get_permission = permission  # type: ignore[method-assign,assignment] # there is no other hook
    return Door(DomainDispatcherApplication(create_backend_app), key=key, account=account, policy_of=policy_of)


def main() -> None:
    """Serve until SIGTERM."""
    state = Path(sys.argv[1])
    from moto.moto_server.werkzeug_app import MotoRequestHandler  # noqa: PLC0415
    from werkzeug.serving import make_server  # noqa: PLC0415

    serving = application(os.environ["AWS_ACCESS_KEY_ID"], os.environ["MOTO_ACCOUNT_ID"])
    server = make_server("127.0.0.1", 0, serving, threaded=True, request_handler=MotoRequestHandler)
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
