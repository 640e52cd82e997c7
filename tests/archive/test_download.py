"""Download in good weather: every host, every content, what is there already, progress."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import FrozenInstanceError, asdict
from pathlib import Path

import pytest

from nustar_widgets.archive.content import Content
from nustar_widgets.archive.download import download
from nustar_widgets.archive.hosts import (
    HOST_NAMES,
    AwsHost,
    HeasarcHost,
    HeasarcTarHost,
    Host,
    SciServerHost,
    default_host,
    host_named,
)
from nustar_widgets.archive.ondisk import open_data
from nustar_widgets.archive.paths import archive_path, observation_path
from nustar_widgets.archive.plan import DownloadPlan, plan_download
from nustar_widgets.archive.progress import DownloadProgress, Meter, size_text
from nustar_widgets.errors import DownloadError, ParameterError
from nustar_widgets.events.eventlist import EventList
from nustar_widgets.session.values import ModuleInputs
from nustar_widgets.simulate import SimulatedObservation
from tests.archive.archivefiles import OBSID, PATH, archived, contents, small_observation
from tests.archive.servers import BUCKET, QUICK, ArchiveServer, fill_bucket, s3_server


@pytest.fixture(scope="module")
def bucket() -> Iterator[str]:
    """Run one S3 for the module; each test fills its bucket."""
    with s3_server({}) as url:
        yield url


@pytest.fixture
def archive(tmp_path: Path) -> Iterator[ArchiveServer]:
    """Run HEASARC's web server on an empty archive."""
    with ArchiveServer(tmp_path / "archive") as server:
        yield server


@pytest.fixture(params=["aws", "heasarc", "heasarc-tar"])
def host(request: pytest.FixtureRequest, archive: ArchiveServer) -> Host:
    """Every host that has to be asked, showing the same archive; see `show`."""
    if request.param == "aws":
        return AwsHost(endpoint_url=request.getfixturevalue("bucket"), bucket=BUCKET)
    if request.param == "heasarc":
        return HeasarcHost(base_url=archive.url)
    return HeasarcTarHost(base_url=archive.url)


def show(archive: ArchiveServer, host: Host) -> None:
    """Put what is in the archive's folder into the bucket too."""
    if isinstance(host, AwsHost):
        fill_bucket(contents(archive.root / "FTP"))


def plan_of(
    archive: ArchiveServer, folder: Path, content: Content = Content.EVERYTHING
) -> DownloadPlan:
    host = HeasarcHost(base_url=archive.url)
    return plan_download(OBSID, folder, host=host, content=content, patience=QUICK)


def test_a_downloaded_observation_is_the_archives_byte_for_byte_and_opens(
    archive: ArchiveServer, host: Host, sample: SimulatedObservation, tmp_path: Path
) -> None:
    there = archived(sample, archive.root)
    show(archive, host)
    plan = plan_download(archive_path(sample.obsid), tmp_path, host=host, patience=QUICK)
    folder = download(plan, patience=QUICK)
    assert folder == tmp_path / sample.obsid
    assert contents(folder) == contents(there)
    data = open_data(folder)
    assert [step.is_possible for step in data.folder.steps] == [True] * 3 if data.folder else None
    inputs = [ModuleInputs(**asdict(item)) for item in data.inputs]
    assert [item.module for item in inputs] == ["FPMA", "FPMB"]
    events = EventList.read(inputs[0].events)
    assert len(events) == len(EventList.read(sample.event_file("FPMA")))


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (Content.EVERYTHING, 9),
        (Content.PRODUCTS, 7),
        (Content.EVENTS, 3),
    ],
)
def test_only_what_is_wanted_is_fetched(
    archive: ArchiveServer, host: Host, content: Content, expected: int, tmp_path: Path
) -> None:
    small_observation(archive.root)
    show(archive, host)
    plan = plan_download(OBSID, tmp_path, host=host, content=content, patience=QUICK)
    found = contents(download(plan, patience=QUICK))
    assert len(found) == expected
    assert all(content.wants(name) for name in found)


def test_what_is_there_is_not_fetched_again(archive: ArchiveServer, tmp_path: Path) -> None:
    small_observation(archive.root)
    download(plan_of(archive, tmp_path, Content.EVENTS), patience=QUICK)
    sent = archive.sent_total
    again = plan_of(archive, tmp_path)
    assert sum(file.is_whole for file in again.files) == 3
    assert again.bytes_to_fetch == (again.bytes_total or 0) - sent
    assert "9 files, 3 of them there already" in again.describe()
    download(again, patience=QUICK)
    assert archive.sent_total == again.bytes_total
    download(again, patience=QUICK)
    assert archive.sent_total == again.bytes_total


@pytest.mark.parametrize("length", [0, 100, 5000])
def test_a_file_of_another_length_is_replaced(
    archive: ArchiveServer, tmp_path: Path, length: int
) -> None:
    there = small_observation(archive.root)
    name = f"event_cl/nu{OBSID}A02_cl.evt.gz"
    mine = tmp_path / OBSID / name
    mine.parent.mkdir(parents=True)
    mine.write_bytes(b"x" * length)
    plan = plan_of(archive, tmp_path)
    assert [file.remote.relative for file in plan.files if file.is_replaced] == [name]
    assert contents(download(plan, patience=QUICK)) == contents(there)


def test_a_bucket_of_1500_files_is_listed_to_the_end(bucket: str, tmp_path: Path) -> None:
    key = PATH.removeprefix("/FTP/")
    fill_bucket({f"{key}event_cl/f{n:04}": b"%d" % n for n in range(1500)})
    host = AwsHost(endpoint_url=bucket, bucket=BUCKET)
    plan = plan_download(OBSID, tmp_path, host=host, patience=QUICK)
    assert plan.files_total == 1500
    assert plan.files[-1].remote.relative == "event_cl/f1499"


def test_the_archive_mounted_at_sciserver_is_used_in_place(tmp_path: Path) -> None:
    there = small_observation(tmp_path / "archive")
    host = SciServerHost(root=tmp_path / "archive" / "FTP")
    plan = plan_download(PATH, tmp_path / "mine", host=host, content=Content.EVENTS)
    assert plan.is_in_place
    assert (plan.files_total, plan.bytes_to_fetch) == (3, 0)
    assert download(plan) == there
    assert not (tmp_path / "mine").exists()


def test_an_archive_that_is_not_mounted_is_an_error_that_says_so(tmp_path: Path) -> None:
    with pytest.raises(DownloadError, match=r"the archive is not mounted here.*Attach HEASARC"):
        plan_download(OBSID, tmp_path, host=SciServerHost(root=tmp_path))


def test_the_host_follows_from_where_this_runs() -> None:
    assert default_host({}) == AwsHost()
    assert default_host({"AWS_REGION": "us-east-1"}) == AwsHost()
    assert default_host({"SCISERVER_USER_ID": "7"}) == SciServerHost()


def test_hosts_have_names() -> None:
    assert [host_named(name).name for name in HOST_NAMES] == list(HOST_NAMES)
    with pytest.raises(ParameterError, match="'ftp': expected one of aws, heasarc, heasarc-tar"):
        host_named("ftp")


def test_hosts_say_where_an_observation_is() -> None:
    sources = {name: host_named(name).source(PATH) for name in HOST_NAMES}
    assert sources["aws"] == "s3://nasa-heasarc/nustar/data/obs/00/6/60001110002/"
    assert sources["heasarc"] == f"https://heasarc.gsfc.nasa.gov{PATH}"
    assert sources["sciserver"] == PATH.rstrip("/")
    assert AwsHost(prefix="mirror/").source(PATH).startswith("s3://nasa-heasarc/mirror/nustar/")


@pytest.mark.parametrize(
    "location", [OBSID, PATH, PATH.rstrip("/"), PATH.replace("/obs/", "//obs/")]
)
def test_an_observation_is_named_by_its_id_or_its_path(location: str) -> None:
    assert observation_path(location) == PATH


@pytest.mark.parametrize(
    "location", ["", "6000111000", "/FTP/nustar/", f"/FTP/../{OBSID}/", f"/other/{OBSID}/", "/FTP/"]
)
def test_anything_else_is_refused_as_a_location(location: str, tmp_path: Path) -> None:
    with pytest.raises(ParameterError, match="expected an observation ID, or an archive path"):
        plan_download(location, tmp_path)


def test_progress_is_told_in_the_calling_thread_and_ends_with_everything(
    archive: ArchiveServer, host: Host, tmp_path: Path
) -> None:
    small_observation(archive.root)
    show(archive, host)
    told: list[DownloadProgress] = []
    threads = set()

    def tell(progress: DownloadProgress) -> None:
        told.append(progress)
        threads.add(threading.current_thread())

    download(plan_download(OBSID, tmp_path, host=host, patience=QUICK), progress=tell)
    assert threads == {threading.current_thread()}
    assert (told[-1].files_done, told[-1].files_total) == (9, 9)
    assert told[-1].bytes_done == told[-1].bytes_total
    assert told[-1].seconds_left in (0.0, None)
    assert "9 of 9 files" in told[-1].describe()


def test_what_was_there_counts_as_done_but_not_as_transferred(
    archive: ArchiveServer, tmp_path: Path
) -> None:
    small_observation(archive.root)
    plan = plan_of(archive, tmp_path)
    download(plan, patience=QUICK)
    told: list[DownloadProgress] = []
    download(plan, patience=QUICK, progress=told.append)
    assert told[-1].bytes_done == plan.bytes_total
    assert told[-1].bytes_per_s == 0.0


def test_an_error_in_the_progress_callback_ends_the_download(
    archive: ArchiveServer, tmp_path: Path
) -> None:
    small_observation(archive.root)

    def tell(_: DownloadProgress) -> None:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        download(plan_of(archive, tmp_path), progress=tell, patience=QUICK)


def test_a_meter_without_a_total_does_not_know_the_time_left() -> None:
    meter = Meter(files_total=None, bytes_total=None)
    meter.add(1000)
    assert (meter.now().bytes_done, meter.now().seconds_left) == (1000, None)
    assert meter.now().describe().startswith("packing, 1 kB")


@pytest.mark.parametrize(
    ("count", "text"), [(0, "0 B"), (999, "999 B"), (202e6, "202 MB"), (2e12, "2 TB")]
)
def test_sizes_are_written_in_powers_of_1000(count: float, text: str) -> None:
    assert size_text(count) == text


def test_a_plan_cannot_be_changed(archive: ArchiveServer, tmp_path: Path) -> None:
    small_observation(archive.root)
    plan = plan_of(archive, tmp_path)
    with pytest.raises(FrozenInstanceError):
        plan.folder = tmp_path  # type: ignore[misc]


def test_planning_makes_no_folder(archive: ArchiveServer, tmp_path: Path) -> None:
    small_observation(archive.root)
    plan_of(archive, tmp_path / "mine")
    assert not (tmp_path / "mine").exists()
