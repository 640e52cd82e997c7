"""The tests' own archive on loopback: VOSI tables, TAP, datalink and Sesame, and their bad days.

TAP is answered by a real SQL engine, so that what a query means is found out and not guessed: a
text that could escape from its quotes would be obeyed. Datalink answers as recorded in
astropy/astroquery issue 3652 (two rows an observation, a doubled slash in the folder's address,
``text/html``) and with IDs as in published manifests (``ivo://nasa.heasarc/chanmaster?2487``).
"""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Self
from urllib.parse import parse_qs, unquote, urlsplit

from nustar_widgets.archive.catalog import Catalog
from tests.archive.loopback_tables import OBSERVATIONS, SESAME, TABLES, database, vosi, votable


@dataclass(frozen=True)
class Asked:
    """One request the archive received."""

    route: str
    form: Mapping[str, list[str]]


@dataclass(frozen=True)
class Reply:
    """What goes over the wire: a whole answer, or one that breaks off.

    ``length`` is the size promised; a body that is shorter ends with a closed connection. Nothing
    at all is sent if there is no status. ``wait`` is waited for before anything is sent.
    """

    body: bytes = b""
    status: int | None = 200
    kind: str = "application/x-votable+xml"
    length: int | None = None
    wait: threading.Event | None = None


Change = Callable[[Reply], Reply]


@dataclass
class LoopbackArchive:
    """An archive on loopback. Ask it through `vo_url` and `sesame_url`.

    Attributes
    ----------
    rows
        The catalogue.
    tables
        Names and descriptions of the service's tables.
    links
        Datalink rows by ``__row``: those of public data are made from ``rows`` unless given.
    names
        What Sesame knows.
    asked
        Every request so far.
    """

    rows: Sequence[Mapping[str, Any]] = OBSERVATIONS
    tables: Mapping[str, str] = field(default_factory=lambda: dict(TABLES))
    links: Callable[[LoopbackArchive, str], Sequence[Mapping[str, Any]]] | None = None
    names: Mapping[str, tuple[float, float]] = field(default_factory=lambda: dict(SESAME))
    asked: list[Asked] = field(default_factory=list)
    _changes: dict[str, list[Change]] = field(default_factory=dict)

    def __enter__(self) -> Self:
        self.closing = threading.Event()
        self._lock = threading.Lock()
        self._base = database(self.rows)
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self._server.daemon_threads = False  # joined at the end: no socket is left open
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,))
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.closing.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()
        self._base.close()

    @property
    def root(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}"

    @property
    def vo_url(self) -> str:
        return f"{self.root}/xamin/vo"

    @property
    def tar_url(self) -> str:
        return f"{self.root}/xamin/TarServlet"

    @property
    def sesame_url(self) -> str:
        return f"{self.root}/sesame/"

    def next(self, route: str, *changes: Change) -> None:
        """Let the next answers of a route (``tap``, ``tables``, ``datalink``, ``sesame``) fail."""
        self._changes.setdefault(route, []).extend(changes)

    def always(self, route: str, change: Change) -> None:
        """Let every answer of a route fail."""
        self.next(route, *[change] * 99)

    def count(self, route: str) -> int:
        return sum(asked.route == route for asked in self.asked)

    @property
    def queries(self) -> list[str]:
        """The ADQL received, in order."""
        return [asked.form["QUERY"][0] for asked in self.asked if asked.route == "tap"]

    @property
    def names_asked(self) -> list[str]:
        return [asked.form["name"][0] for asked in self.asked if asked.route == "sesame"]

    def answer(self, path: str, form: Mapping[str, list[str]]) -> Reply:
        url = urlsplit(path)
        route, reply = self._routed(url.path, dict(form) | parse_qs(url.query), url.query)
        with self._lock:
            change = self._changes[route].pop(0) if self._changes.get(route) else None
        return change(reply) if change else reply

    def _routed(self, path: str, form: dict[str, list[str]], query: str) -> tuple[str, Reply]:
        route = next((name for part, name in _ROUTES.items() if f"/{part}" in path), "")
        if route == "sesame":
            form = {"name": [unquote(query)]}
        answers = {
            "tap": self._answer_tap,
            "tables": self._answer_tables,
            "datalink": self._answer_datalink,
            "sesame": self._answer_sesame,
        }
        with self._lock:
            self.asked.append(Asked(route, form))
            if route in answers:
                return route, answers[route](form)
        return route, Reply(b"nothing here", status=404, kind="text/plain")

    def _answer_tap(self, form: dict[str, list[str]]) -> Reply:
        try:
            # astroquery's own question for metadata has a column named by a word of SQLite's.
            found = self._base.execute(form["QUERY"][0].replace(" AS table,", ' AS "table",'))
        except sqlite3.Error as error:
            return Reply(votable((), (), error=str(error)), status=400)
        names = [column[0] for column in found.description]
        most = int(form.get("MAXREC", ["100000"])[0])
        rows = found.fetchmany(most)
        return Reply(votable(names, rows, overflow=found.fetchone() is not None))

    def _answer_tables(self, _: dict[str, list[str]]) -> Reply:
        return Reply(vosi(self.tables), kind="text/xml")

    def _answer_datalink(self, form: dict[str, list[str]]) -> Reply:
        links = self.links or public_folders
        rows = [link for key in form.get("ID", ()) for link in links(self, key)]
        return Reply(votable(_LINK, [[row.get(name) for name in _LINK] for row in rows]))

    def _answer_sesame(self, form: dict[str, list[str]]) -> Reply:
        name = form["name"][0]
        lines = [f"# {name}\t#Q1"]
        if name in self.names:
            ra, dec = self.names[name]
            lines += ["#=S=Simbad (via url):    1", f"%J {ra:.5f} {dec:+.5f} = made up"]
        else:
            lines.append(f"#!S=Simbad: Nothing found for {name}")
        return Reply("\n".join(lines).encode(), kind="text/plain")


_ROUTES = {"tap/sync": "tap", "tap/tables": "tables", "datalink": "datalink", "sesame": "sesame"}
_LINK = ("ID", "access_url", "error_message", "semantics", "content_type", "content_length")


def public_folders(archive: LoopbackArchive, key: str, kind: str = "text/html") -> list[Any]:
    """Answer as the real service does since August 2026: two rows an observation."""
    row = next((row for row in archive.rows if row["__row"] == key), None)
    if row is None or row["status"] == "accepted" or row["public_date"] > 80000:
        return []
    obsid = row["obsid"]
    about = {"ID": f"ivo://nasa.heasarc/numaster?{key}", "semantics": "products.jsp#nustar.obs"}
    folder = f"{archive.root}/FTP/nustar/data/obs/{obsid[1:3]}/{obsid[0]}//{obsid}/"
    links = f"{archive.vo_url}/datalink?id={about['ID']}"
    return [
        about | {"access_url": links, "content_type": "application/x-votable+xml"},
        about | {"access_url": folder, "content_type": kind, "content_length": 202_000_000},
    ]


def folders_as_before(archive: LoopbackArchive, key: str) -> list[Any]:
    """Answer as the service did before August 2026, and as astroquery 0.4.11 expects."""
    return public_folders(archive, key, kind="directory")


def status(code: int, body: bytes = b"<html>no</html>") -> Change:
    """Answer with an HTTP status."""
    return lambda _: Reply(body, status=code, kind="text/html")


def status_with_the_answer(code: int) -> Change:
    """Answer as always, but with an HTTP status that says otherwise."""
    return lambda reply: replace(reply, status=code)


def web_page(_: Reply) -> Reply:
    """Answer with a web page, as a network does that wants a login first."""
    return Reply(b"<html><body><h1>Please log in</h1></body></html>", kind="text/html")


def cut_off(reply: Reply) -> Reply:
    """Send a part of the answer as if it were all."""
    return replace(reply, body=reply.body[: len(reply.body) // 2])


def dropped(reply: Reply) -> Reply:
    """Close the connection in the middle of the answer."""
    return replace(cut_off(reply), length=len(reply.body))


def hung_up(_: Reply) -> Reply:
    """Close the connection without a word."""
    return Reply(status=None)


def refused_in_words(words: str) -> Change:
    """Answer with a VOTable that says ERROR."""
    return lambda _: Reply(votable((), (), error=words))


def setting(event: threading.Event) -> Change:
    """Answer as always, but set an event before."""

    def change(reply: Reply) -> Reply:
        event.set()
        return reply

    return change


def silent(archive: LoopbackArchive) -> Change:
    """Say nothing until the archive closes."""
    return lambda reply: replace(reply, wait=archive.closing)


def catalog_at(archive: LoopbackArchive, cache_dir: Path, **changes: Any) -> Catalog:
    """Return a catalogue that asks the archive, and does not wait before its second try."""
    settings: dict[str, Any] = {
        "vo_url": archive.vo_url,
        "tar_url": archive.tar_url,
        "sesame_urls": (archive.sesame_url,),
        "cache_dir": cache_dir,
        "timeout_s": 10.0,
        "pause_s": 0.0,
    }
    return Catalog(**(settings | changes))


@contextmanager
def nobody() -> Iterator[str]:
    """Give an address where nobody listens."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), BaseHTTPRequestHandler, bind_and_activate=False)
    server.server_bind()  # bound, so that nobody else gets the port, but not listening
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.server_close()


def _handler(archive: LoopbackArchive) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        timeout = 10.0

        def do_GET(self) -> None:
            self._reply({})

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            self._reply(parse_qs(body.decode(), keep_blank_values=True))

        def log_message(self, *_: object) -> None:
            pass

        def _reply(self, form: dict[str, list[str]]) -> None:
            self.close_connection = True
            reply = archive.answer(self.path, form)
            if reply.wait is not None:
                reply.wait.wait(30.0)
            if reply.status is None:
                return
            with suppress(OSError):  # whoever asked may have gone
                self.send_response(reply.status)
                self.send_header("Content-Type", reply.kind)
                self.send_header("Content-Length", str(reply.length or len(reply.body)))
                self.send_header("Connection", "close")
                self.end_headers()
                self.wfile.write(reply.body)

    return Handler
