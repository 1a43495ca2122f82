"""An S3 server that throws everything away, so that a client's own cost can be told from a server's.

It answers the requests of one upload and believes the checksums that the client sends. It prints one line, its port,
and ends when its standard input does.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
import sys
import threading
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import ClassVar
from urllib.parse import parse_qs, urlsplit

PIECE = 1 << 20


@dataclass
class Held:
    """What is remembered of an object: sizes and checksums of its parts."""

    parts: dict[int, tuple[int, str]] = field(default_factory=dict)

    @property
    def size(self) -> int:
        """Bytes of all parts."""
        return sum(size for size, _ in self.parts.values())

    @property
    def checksum(self) -> str:
        """As S3 writes it: of the one part, or over the parts' checksums with their number."""
        if list(self.parts) == [0]:
            return self.parts[0][1]
        digests = b"".join(base64.b64decode(self.parts[number][1]) for number in sorted(self.parts))
        return f"{base64.b64encode(hashlib.sha256(digests).digest()).decode()}-{len(self.parts)}"


class Sink(BaseHTTPRequestHandler):
    """The few requests of an upload."""

    protocol_version = "HTTP/1.1"
    objects: ClassVar[dict[str, Held]] = {}
    piece: ClassVar[threading.local] = threading.local()

    def do_POST(self) -> None:
        """Begin or complete an upload."""
        path, query = self._target()
        self._swallow()
        name = "InitiateMultipartUploadResult" if "uploads" in query else "CompleteMultipartUploadResult"
        if "uploads" in query:
            self.objects[path] = Held()
        self._answer(f"<{name}><Bucket>b</Bucket><Key>k</Key><UploadId>1</UploadId><ETag>e</ETag></{name}>")

    def do_PUT(self) -> None:
        """Take a part, or a whole object as its part 0."""
        path, query = self._target()
        number = int(query.get("partNumber", ["0"])[0])
        held = self.objects.setdefault(path, Held())
        held.parts[number] = (self._swallow(), self.headers.get("x-amz-checksum-sha256", ""))
        self._answer("", {"ETag": '"e"'})

    def do_GET(self) -> None:
        """List unfinished uploads: there are none."""
        self._answer("<ListMultipartUploadsResult><IsTruncated>false</IsTruncated></ListMultipartUploadsResult>")

    def do_HEAD(self) -> None:
        """What is there."""
        held = self.objects[self._target()[0]]
        self.send_response(200)
        self.send_header("Content-Length", str(held.size))
        self.send_header("Last-Modified", self.date_time_string())
        self.send_header("x-amz-checksum-sha256", held.checksum)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Say nothing."""

    def _target(self) -> tuple[str, dict[str, list[str]]]:
        parts = urlsplit(self.path)
        return parts.path, parse_qs(parts.query, keep_blank_values=True)

    def _swallow(self) -> int:
        total = left = int(re.sub(r"\D", "", self.headers.get("Content-Length", "")) or 0)
        piece = bytearray(PIECE)
        while left and (got := self.rfile.readinto(memoryview(piece)[: min(left, PIECE)])):
            left -= got
        return total

    def _answer(self, body: str, headers: dict[str, str] | None = None) -> None:
        self.send_response(200)
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body.encode())


if __name__ == "__main__":
    server = ThreadingHTTPServer(("127.0.0.1", 0), Sink)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    print(json.dumps({"port": server.server_port}), flush=True)
    sys.stdin.read()
