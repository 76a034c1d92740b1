"""A real HTTP server on the loopback for download tests, which misbehaves as a test tells it to."""

import gzip
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass
class Behaviour:
    """What the server does.

    Attributes:
        content: the file at ``/file``.
        etag: its ETag, None for no header.
        modified: its Last-Modified, None for no header.
        ranges: whether ranges are obeyed.
        obeys_if_range: whether a range is refused when If-Range names another version.
        cuts: per request in turn, after how many body bytes the connection is cut; None for not at all.
        statuses: per request in turn, a status to answer instead.
        length: the Content-Length to claim, None for the true one.
        kind: Content-Type.
        chunked: send without Content-Length, in chunks.
        gzip: compress the body although nobody asked for it.
        on_request: called with the number of each request to ``/file`` before it is answered.
        seen: headers of the requests so far.
    """

    content: bytes
    etag: str | None = '"one"'
    modified: str | None = None
    ranges: bool = True
    obeys_if_range: bool = True
    cuts: list[int | None] = field(default_factory=list)
    statuses: list[int | None] = field(default_factory=list)
    length: int | None = None
    kind: str = "text/plain"
    chunked: bool = False
    gzip: bool = False
    on_request: Any = None
    seen: list[dict[str, str]] = field(default_factory=list)


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    behaviour: Behaviour

    def log_message(self, format: str, *arguments: Any) -> None:
        pass

    def do_GET(self) -> None:
        behaviour = self.behaviour
        if self.path == "/moved":
            self.send_response(302)
            self.send_header("Location", "/file")
            self.send_header("Content-Length", "0")
            self.end_headers()
            return
        if self.path != "/file":
            self._plain(404)
            return
        number = len(behaviour.seen)
        behaviour.seen.append(dict(self.headers.items()))
        if behaviour.on_request:
            behaviour.on_request(number)
        status = behaviour.statuses[number] if number < len(behaviour.statuses) else None
        if status:
            self._plain(status)
            return
        self._file(behaviour.cuts[number] if number < len(behaviour.cuts) else None)

    def _plain(self, status: int) -> None:
        self.send_response(status)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def _file(self, cut: int | None) -> None:
        behaviour = self.behaviour
        content = gzip.compress(behaviour.content, mtime=0) if behaviour.gzip else behaviour.content
        start = 0
        asked, condition = self.headers.get("Range"), self.headers.get("If-Range")
        valid = condition in (None, behaviour.etag, behaviour.modified) or not behaviour.obeys_if_range
        if asked and behaviour.ranges and valid:
            start = int(asked.removeprefix("bytes=").split("-")[0])
            if start >= len(content):
                self._plain(416)
                return
            self.send_response(206)
            self.send_header("Content-Range", f"bytes {start}-{len(content) - 1}/{len(content)}")
        else:
            self.send_response(200)
        body = content[start:]
        if behaviour.gzip:
            self.send_header("Content-Encoding", "gzip")
        self.send_header("Content-Type", behaviour.kind)
        for name, value in (("ETag", behaviour.etag), ("Last-Modified", behaviour.modified)):
            if value:
                self.send_header(name, value)
        if behaviour.chunked:
            self.send_header("Transfer-Encoding", "chunked")
        else:
            self.send_header("Content-Length", str(len(body) if behaviour.length is None else behaviour.length))
        self.end_headers()
        if behaviour.chunked:
            body = b"%x\r\n%s\r\n0\r\n\r\n" % (len(body), body)
        self.wfile.write(body if cut is None else body[:cut])
        if cut is not None or behaviour.length is not None:
            self.wfile.flush()
            self.close_connection = True


class Server(ThreadingHTTPServer):
    """One that does not complain of clients that go in the middle of an answer."""

    daemon_threads = True

    def handle_error(self, request: Any, client_address: Any) -> None:
        if not isinstance(sys.exc_info()[1], ConnectionError):
            super().handle_error(request, client_address)


@contextmanager
def serving(behaviour: Behaviour) -> Iterator[str]:
    """Serve ``behaviour`` at the address that is given while the block runs."""
    handler = type("Serving", (Handler,), {"behaviour": behaviour})
    server = Server(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
