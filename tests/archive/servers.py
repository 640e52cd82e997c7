"""Archive servers on loopback: a web server that can misbehave in every way, and an S3 of moto's.

Only bytes of bodies are counted, by path, so that a test can say what was transferred twice.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.utils import formatdate
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Self
from urllib.parse import parse_qs, unquote, urlsplit

from nustar_widgets.archive.patience import Patience
from tests.archive.archivefiles import PATH, index_page, packed

QUICK = Patience(connect_s=20.0, read_s=20.0, backoff_s=0.01)
"""Patience of the tests: servers on loopback answer at once, or never."""
BUCKET = "archive"
_PIECE = 1 << 16
_DATE = formatdate(1_500_000_000, usegmt=True)


@dataclass
class Fault:
    """One way in which the server misbehaves.

    Attributes
    ----------
    path
        Part of the path it concerns.
    method
        Method it concerns.
    times
        How often; ``None`` for always.
    status
        Answer this instead.
    drop_after
        Cut the connection after this fraction of the whole file.
    announce
        Add this to Content-Length.
    cut
        Send so many bytes less, and announce the shorter length.
    no_range
        Send the whole file whatever is asked for.
    no_length
        Send no Content-Length.
    encoding
        Content-Encoding to claim.
    date
        Last-Modified to claim.
    hold_after
        After this many bytes of the body wait until ``go_on`` is set.
    """

    path: str = ""
    method: str = "GET"
    times: int | None = None
    status: int | None = None
    drop_after: float | None = None
    announce: int = 0
    cut: int = 0
    no_range: bool = False
    no_length: bool = False
    encoding: str | None = None
    date: str | None = None
    hold_after: int | None = None
    go_on: threading.Event = field(default_factory=threading.Event)


@dataclass
class ArchiveServer:
    """HEASARC's web server on loopback: folders as pages, files in ranges, and the tar service.

    Attributes
    ----------
    root
        Folder that holds ``FTP``.
    faults
        How it misbehaves; the first that concerns a request is taken.
    pages
        Pages to serve instead of those of the folders, by path.
    packed
        What the tar service sends instead of the folder.
    asked
        Requests so far: method, path and Range.
    """

    root: Path
    faults: list[Fault] = field(default_factory=list)
    pages: dict[str, str] = field(default_factory=dict)
    packed: bytes | None = None
    asked: list[tuple[str, str, str | None]] = field(default_factory=list)
    sent: dict[str, int] = field(default_factory=dict)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def __enter__(self) -> Self:
        handler = type("Handler", (_Handler,), {"archive": self})
        self._http = _Server(("127.0.0.1", 0), handler)
        self._thread = threading.Thread(target=self._http.serve_forever, args=(0.01,), daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        for fault in self.faults:
            fault.go_on.set()
        self._http.shutdown()
        self._http.server_close()
        self._thread.join()

    @property
    def url(self) -> str:
        """Its address."""
        return f"http://127.0.0.1:{self._http.server_address[1]}"

    @property
    def folder(self) -> Path:
        """Where `small_observation` puts its files."""
        return self.root / PATH.strip("/")

    @property
    def sent_total(self) -> int:
        """Bytes of files sent so far."""
        with self.lock:
            return sum(self.sent.values())

    def n_asked(self, method: str, path: str = "") -> int:
        """How often it was asked for something."""
        with self.lock:
            return sum(m == method and path in p for m, p, _ in self.asked)

    def fault(self, method: str, path: str) -> Fault:
        """Return what is to go wrong with a request; nothing in a fault of its own."""
        with self.lock:
            for fault in self.faults:
                if fault.method == method and fault.path in path and fault.times != 0:
                    if fault.times is not None:
                        fault.times -= 1
                    return fault
        return Fault()

    def count(self, path: str, n_bytes: int) -> None:
        """Count bytes sent."""
        with self.lock:
            self.sent[path] = self.sent.get(path, 0) + n_bytes


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing of connections that were cut; that is what these tests do."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    archive: ArchiveServer

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing."""

    def do_HEAD(self) -> None:
        self._answer("HEAD")

    def do_GET(self) -> None:
        self._answer("GET")

    def do_POST(self) -> None:
        archive = self.archive
        form = parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())
        path = form["files"][0].removeprefix(">").partition("&")[0]
        self._note("POST", path)
        fault = archive.fault("POST", path)
        if fault.status is not None:
            self._refuse(fault.status)
            return
        body = archive.packed or packed({path.split("/")[-2]: archive.root / path.lstrip("/")})
        self._send("POST", path, body, fault)

    def _answer(self, method: str) -> None:
        archive = self.archive
        path = unquote(urlsplit(self.path).path)
        self._note(method, path)
        fault = archive.fault(method, path)
        place = archive.root / path.lstrip("/")
        if fault.status is not None:
            self._refuse(fault.status)
        elif path in archive.pages or place.is_dir():
            self._send_page(archive.pages.get(path) or index_page(path, place))
        elif place.is_file():
            self._send(method, path, place.read_bytes(), fault)
        else:
            self._refuse(HTTPStatus.NOT_FOUND)

    def _note(self, method: str, path: str) -> None:
        with self.archive.lock:
            self.archive.asked.append((method, path, self.headers.get("Range")))

    def _refuse(self, status: int) -> None:
        body = b"<html>no</html>"
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def _send_page(self, text: str) -> None:
        body = text.encode()
        self.send_response(HTTPStatus.OK)
        self.send_header("Content-Type", "text/html;charset=UTF-8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command == "GET":
            self.wfile.write(body)

    def _send(self, method: str, path: str, body: bytes, fault: Fault) -> None:
        wanted = self.headers.get("Range")
        first = int(wanted.removeprefix("bytes=").rstrip("-")) if wanted else 0
        first = 0 if fault.no_range else first
        if first:
            self.send_response(HTTPStatus.PARTIAL_CONTENT)
            self.send_header("Content-Range", f"bytes {first}-{len(body) - 1}/{len(body)}")
        else:
            self.send_response(HTTPStatus.OK)
        end = len(body) if fault.drop_after is None else int(len(body) * fault.drop_after)
        body = body[first : len(body) - fault.cut]
        if fault.no_length:
            self.close_connection = True
        else:
            self.send_header("Content-Length", str(len(body) + fault.announce))
        if fault.encoding:
            self.send_header("Content-Encoding", fault.encoding)
        self.send_header("Last-Modified", fault.date or _DATE)
        self.end_headers()
        if method != "HEAD":
            self._send_body(path, body, end, fault)

    def _send_body(self, path: str, body: bytes, end: int, fault: Fault) -> None:
        held = end if fault.hold_after is None else min(end, fault.hold_after)
        self._send_pieces(path, body[:held])
        if fault.hold_after is not None:
            fault.go_on.wait(30)
        self._send_pieces(path, body[held:end])
        if end < len(body) or fault.announce > 0:
            self.close_connection = True

    def _send_pieces(self, path: str, body: bytes) -> None:
        for start in range(0, len(body), _PIECE):
            piece = body[start : start + _PIECE]
            self.archive.count(path, len(piece))  # before it is seen at the other end
            try:
                self.wfile.write(piece)
            except ConnectionError:
                self.archive.count(path, -len(piece))


def until(condition: Callable[[], bool]) -> None:
    """Wait for something another process or thread will do."""
    for _ in range(3000):
        if condition():
            return
        time.sleep(0.01)
    raise AssertionError("it did not happen within 30 s")


@contextmanager
def s3_server(files: Mapping[str, bytes]) -> Iterator[str]:
    """Run an S3 with these files in its bucket, by key, open to all; yield its address."""
    from moto.server import ThreadedMotoServer

    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    try:
        fill_bucket(files)
        host, port = server.get_host_and_port()
        yield f"http://{host}:{port}"
    finally:
        server.stop()


def fill_bucket(files: Mapping[str, bytes]) -> None:
    """Fill the bucket from inside: a thousand files by way of the network take their time."""
    from moto.s3.models import get_canned_acl, s3_backends

    backend = s3_backends["123456789012"]["aws"]
    backend.reset()
    backend.create_bucket(BUCKET, "us-east-1")
    for key, body in files.items():
        backend.put_object(BUCKET, key, body)
        backend.put_object_acl(BUCKET, key, get_canned_acl("public-read"))
