"""Waiting for servers: how long, how often, how many at once, and what is said when it fails."""

from __future__ import annotations

import errno
import fcntl
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests
import urllib3

from nustar_widgets.archive.answers import session, trouble_of
from nustar_widgets.archive.download import download
from nustar_widgets.archive.hosts import AwsHost, HeasarcHost
from nustar_widgets.archive.patience import Patience, Stopped, Trouble, patiently, pause
from nustar_widgets.archive.plan import DownloadPlan, plan_download
from nustar_widgets.errors import DownloadError
from tests.archive.archivefiles import OBSID, contents, small_observation
from tests.archive.servers import BUCKET, QUICK, ArchiveServer, Fault, until


@pytest.fixture
def archive(tmp_path: Path) -> Iterator[ArchiveServer]:
    with ArchiveServer(tmp_path / "archive") as server:
        small_observation(server.root)
        yield server


def plan_of(archive: ArchiveServer, folder: Path) -> DownloadPlan:
    return plan_download(OBSID, folder, host=HeasarcHost(base_url=archive.url), patience=QUICK)


def test_as_many_files_as_asked_for_come_at_once(archive: ArchiveServer, tmp_path: Path) -> None:
    held = Fault(path="/6000", hold_after=0)
    plan = plan_of(archive, tmp_path)
    before = archive.n_asked("GET")
    archive.faults.append(held)
    loader = threading.Thread(
        target=download, args=(plan,), kwargs={"parallel": 4, "patience": QUICK}
    )
    loader.start()
    until(lambda: archive.n_asked("GET") == before + 4)
    held.go_on.set()
    loader.join()
    assert contents(plan.folder) == contents(archive.folder)


def test_one_at_a_time_the_largest_comes_first(archive: ArchiveServer, tmp_path: Path) -> None:
    plan = plan_of(archive, tmp_path)
    archive.asked.clear()
    download(plan, parallel=1, patience=QUICK)
    sizes = [(archive.root / path.lstrip("/")).stat().st_size for _, path, _ in archive.asked]
    assert sizes == sorted(sizes, reverse=True)


def test_a_silent_server_is_given_up(archive: ArchiveServer, tmp_path: Path) -> None:
    plan = plan_of(archive, tmp_path)
    archive.faults.append(Fault(path="A01_cl", hold_after=0))
    with pytest.raises(DownloadError, match="could not be fetched: the server does not answer"):
        download(plan, patience=Patience(read_s=0.2, backoff_s=0.01))


@pytest.mark.parametrize(("status", "asked"), [(403, 2), (500, 2)])
def test_a_bucket_that_says_no_is_quoted(
    archive: ArchiveServer, tmp_path: Path, status: int, asked: int
) -> None:
    archive.faults.append(Fault(path=f"/{BUCKET}", status=status))
    host = AwsHost(endpoint_url=archive.url, bucket=BUCKET)
    with pytest.raises(DownloadError, match=rf"s3://archive/nustar.*said no: .*HTTP {status}"):
        plan_download(OBSID, tmp_path, host=host, patience=QUICK)
    assert archive.n_asked("GET", f"/{BUCKET}") == asked


def test_an_endpoint_that_is_no_address_is_one_clear_message(tmp_path: Path) -> None:
    host = AwsHost(endpoint_url="not an address")
    with pytest.raises(DownloadError, match="boto3 cannot be set up"):
        plan_download(OBSID, tmp_path, host=host, patience=QUICK)


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (requests.ConnectTimeout("slow"), "the server does not answer"),
        (requests.ReadTimeout("slow"), "the server does not answer"),
        (requests.ConnectionError("Read timed out."), "the server does not answer"),
        (requests.ConnectionError("NameResolutionError(host)"), "is there a network?"),
        (requests.ConnectionError("NewConnectionError(host)"), "takes no connection"),
        (requests.ConnectionError("('Connection aborted.')"), "the connection broke"),
        (requests.exceptions.SSLError("expired"), r"not secure \(expired\)"),
        (urllib3.exceptions.ProtocolError("Connection broken"), "the connection broke"),
    ],
)
def test_what_goes_wrong_on_the_way_is_said_in_words(
    error: requests.RequestException | urllib3.exceptions.HTTPError, words: str
) -> None:
    trouble = trouble_of(error)
    with pytest.raises(Trouble, match=words):
        raise trouble
    assert trouble.may_pass is not isinstance(error, requests.exceptions.SSLError)


def test_what_cannot_pass_is_not_tried_again() -> None:
    tried = []

    def step() -> None:
        tried.append(1)
        raise Trouble("no", may_pass=False)

    with pytest.raises(Trouble, match="no"):
        patiently(step, QUICK, threading.Event())
    assert len(tried) == 1


def test_waiting_for_the_second_try_ends_when_somebody_asks_to_stop() -> None:
    stop = threading.Event()
    stop.set()
    with pytest.raises(Stopped):
        pause(Patience(backoff_s=600.0), stop)


def test_servers_are_told_who_asks_and_not_to_pack() -> None:
    with session() as http:
        assert http.headers["Accept-Encoding"] == "identity"
        assert str(http.headers["User-Agent"]).startswith("nustar_widgets/")


def test_a_file_system_without_locks_is_good_enough(
    archive: ArchiveServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise OSError(errno.ENOSYS, "Function not implemented")

    monkeypatch.setattr(fcntl, "flock", refuse)
    assert contents(download(plan_of(archive, tmp_path), patience=QUICK)) == contents(
        archive.folder
    )
