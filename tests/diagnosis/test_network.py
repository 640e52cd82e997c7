"""The servers of the archive, played by one of the tests' own."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from nustar_widgets.diagnosis.network import Place, network_findings


class Answering(BaseHTTPRequestHandler):
    def do_HEAD(self) -> None:
        self.send_response(int(self.path.strip("/")))
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None: ...


@pytest.fixture
def url() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Answering) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


@pytest.fixture
def silent() -> Iterator[str]:
    """A server that takes a call and says nothing."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen()
        yield f"http://127.0.0.1:{listening.getsockname()[1]}/"


@pytest.fixture
def closed() -> str:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{probe.getsockname()[1]}/"


def place(url: str, name: str = "archive") -> Place:
    return Place(name=name, url=url, enables="downloads")


@pytest.mark.parametrize("status", [200, 301, 403, 404])
def test_a_server_that_answers_is_there_whatever_it_says(url: str, status: int) -> None:
    (finding,) = network_findings([place(f"{url}/{status}")])
    assert finding.ok
    assert finding.found.startswith("answers in ")


def test_an_error_of_the_server_is_told(url: str) -> None:
    (finding,) = network_findings([place(f"{url}/503")])
    assert (finding.ok, finding.is_optional) == (False, True)
    assert "answers with an error of its own (HTTP 503)" in finding.found


def test_all_are_asked_at_once_and_none_is_waited_for(url: str, silent: str, closed: str) -> None:
    asked = [place(silent, "a"), place(closed, "b"), place(f"{url}/200", "c")]
    a, b, c = network_findings(asked, timeout_s=0.5)
    assert a.found == "no answer within 0.5 s"
    assert b.found == "cannot be reached (connection refused)"
    assert c.ok
    assert "offline" not in a.found


def test_offline_is_said_plainly_and_is_no_error(closed: str) -> None:
    (finding,) = network_findings([place(closed)])
    assert finding.found.endswith("this machine seems to be offline")
    assert finding.mark == "without"
    assert finding.enables == "downloads; what lies on disk needs no network"
    assert "export HTTPS_PROXY=" in finding.remedy
