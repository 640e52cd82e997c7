"""Servers that say no, lie about lengths, unpack or pack by themselves, or name files elsewhere."""

from __future__ import annotations

import gzip
from collections.abc import Iterator
from pathlib import Path

import pytest

from nustar_widgets.archive.content import Content, chosen_names
from nustar_widgets.archive.download import download
from nustar_widgets.archive.hosts import AwsHost, HeasarcHost
from nustar_widgets.archive.indexpage import read_index
from nustar_widgets.archive.plan import DownloadPlan, plan_download
from nustar_widgets.errors import DownloadError, ProprietaryData
from tests.archive.archivefiles import OBSID, PATH, contents, small_observation
from tests.archive.servers import BUCKET, QUICK, ArchiveServer, Fault, fill_bucket, s3_server

BIG = f"event_cl/nu{OBSID}A01_cl.evt.gz"
KEY = PATH.removeprefix("/FTP/")


@pytest.fixture(scope="module")
def bucket() -> Iterator[str]:
    with s3_server({}) as url:
        yield url


@pytest.fixture
def archive(tmp_path: Path) -> Iterator[ArchiveServer]:
    with ArchiveServer(tmp_path / "archive") as server:
        small_observation(server.root)
        yield server


def plan_of(archive: ArchiveServer, folder: Path) -> DownloadPlan:
    return plan_download(OBSID, folder, host=HeasarcHost(base_url=archive.url), patience=QUICK)


def from_bucket(bucket: str, folder: Path, name: str = BUCKET) -> DownloadPlan:
    host = AwsHost(endpoint_url=bucket, bucket=name)
    return plan_download(OBSID, folder, host=host, patience=QUICK)


def test_a_server_error_that_passes_is_not_noticed(archive: ArchiveServer, tmp_path: Path) -> None:
    archive.faults += [
        Fault(path=BIG, times=1, status=500),
        Fault(path=BIG, method="HEAD", times=1, status=503),
        Fault(path="hk/", times=1, status=502),
    ]
    assert contents(download(plan_of(archive, tmp_path), patience=QUICK)) == contents(
        archive.folder
    )


@pytest.mark.parametrize(
    ("status", "words", "asked"),
    [
        (500, r"the server has a fault \(HTTP 500 Internal Server Error\)", 2),
        (403, r"the server refuses it \(HTTP 403 Forbidden\)", 1),
        (404, r"the server does not have it \(HTTP 404 Not Found\)", 1),
        (429, r"the server is asked too often \(HTTP 429 Too Many Requests\)", 2),
        (416, r"shorter in the archive than the list of files says.*HTTP 416", 1),
    ],
)
def test_a_server_that_says_no_is_quoted(
    archive: ArchiveServer, tmp_path: Path, status: int, words: str, asked: int
) -> None:
    archive.faults.append(Fault(path=BIG, status=status))
    with pytest.raises(DownloadError, match=f"{BIG} could not be fetched: .*{words}"):
        download(plan_of(archive, tmp_path), patience=QUICK)
    assert archive.n_asked("GET", BIG) == asked


def test_a_server_that_refuses_everything_is_not_asked_for_everything(
    archive: ArchiveServer, tmp_path: Path
) -> None:
    small_observation(archive.root, sizes={f"event_cl/f{n:02}": 256 for n in range(60)})
    plan = plan_of(archive, tmp_path)
    archive.faults.append(Fault(path="event_cl/", status=403))
    with pytest.raises(DownloadError, match=r"and \d+ more files.*choose another host"):
        download(plan, patience=QUICK)
    assert archive.n_asked("GET", "event_cl/f") < 20


def test_a_host_that_is_away_is_one_clear_message(archive: ArchiveServer, tmp_path: Path) -> None:
    url = archive.url
    archive.__exit__()
    with pytest.raises(DownloadError, match=r"takes no connection.*another host"):
        plan_download(OBSID, tmp_path, host=HeasarcHost(base_url=url), patience=QUICK)
    with pytest.raises(DownloadError, match="the server cannot be asked"):
        from_bucket(url, tmp_path)


def test_a_bucket_that_is_not_there_is_one_clear_message(bucket: str, tmp_path: Path) -> None:
    fill_bucket({})
    with pytest.raises(DownloadError, match="the server said no: NoSuchBucket"):
        from_bucket(bucket, tmp_path, "another")


@pytest.mark.parametrize("announce", [-100, 100])
def test_a_wrong_content_length_is_refused(
    archive: ArchiveServer, tmp_path: Path, announce: int
) -> None:
    archive.faults.append(Fault(path=BIG, announce=announce))
    plan = plan_of(archive, tmp_path)
    size = 1 << 20
    with pytest.raises(
        DownloadError, match=f"the server announces {size + announce} bytes, where {size} are"
    ):
        download(plan, patience=QUICK)
    assert not (plan.folder / BIG).exists()


def test_a_file_that_ends_early_never_gets_its_name(archive: ArchiveServer, tmp_path: Path) -> None:
    archive.faults.append(Fault(path=BIG, cut=100, no_length=True))
    plan = plan_of(archive, tmp_path)
    with pytest.raises(DownloadError, match="the connection broke"):
        download(plan, patience=QUICK)
    assert not (plan.folder / BIG).exists()
    archive.faults.clear()
    assert contents(download(plan, patience=QUICK)) == contents(archive.folder)


def test_more_than_was_listed_is_refused(archive: ArchiveServer, tmp_path: Path) -> None:
    plan = plan_of(archive, tmp_path)
    with (archive.folder / BIG).open("ab") as stream:
        stream.write(b"more")
    archive.faults.append(Fault(path=BIG, no_length=True))
    with pytest.raises(DownloadError, match="the server sends more than it announced"):
        download(plan, patience=QUICK)
    assert not (plan.folder / BIG).exists()


def test_a_server_that_does_not_say_lengths_is_refused(
    archive: ArchiveServer, tmp_path: Path
) -> None:
    archive.faults.append(Fault(path=BIG, method="HEAD", no_length=True))
    with pytest.raises(DownloadError, match=f"{BIG}: the server does not say how long it is"):
        plan_of(archive, tmp_path)


def test_a_packed_file_called_an_encoding_stays_packed(
    archive: ArchiveServer, tmp_path: Path
) -> None:
    body = gzip.compress(b"events " * 10_000, mtime=0)
    (archive.folder / BIG).write_bytes(body)
    archive.faults += [
        Fault(path=".gz", encoding="gzip"),
        Fault(path=".gz", method="HEAD", encoding="gzip"),
    ]
    folder = download(plan_of(archive, tmp_path), patience=QUICK)
    assert (folder / BIG).read_bytes() == body


def test_an_empty_folder_is_an_error_not_a_success(
    archive: ArchiveServer, bucket: str, tmp_path: Path
) -> None:
    archive.pages[PATH] = "<html><body>Nothing here</body></html>"
    with pytest.raises(DownloadError, match=r"the list of files is empty.*public date"):
        plan_of(archive, tmp_path)
    fill_bucket({f"{KEY}": b"", "elsewhere": b"x"})
    with pytest.raises(DownloadError, match="the list of files is empty"):
        from_bucket(bucket, tmp_path)


def test_an_observation_without_what_is_wanted_is_an_error() -> None:
    with pytest.raises(DownloadError, match=r"none of its 1 files.*cleaned event lists"):
        chosen_names([f"hk/nu{OBSID}A_fpm.hk"], Content.EVENTS, source="host")


def test_encrypted_files_are_refused_with_words(archive: ArchiveServer, tmp_path: Path) -> None:
    (archive.folder / BIG).rename(archive.folder / f"{BIG}.gpg")
    with pytest.raises(ProprietaryData, match=r"1 of 9 files are encrypted.*Wait for its public"):
        plan_of(archive, tmp_path)
    assert archive.n_asked("HEAD") == 0


def test_an_encrypted_twin_of_a_readable_file_is_left_out() -> None:
    names = ["hk/a.gz", "hk/a.gz.gpg"]
    assert chosen_names(names, Content.EVERYTHING, source="host") == ("hk/a.gz",)


def test_encrypted_event_lists_are_known_as_event_lists() -> None:
    with pytest.raises(ProprietaryData):
        chosen_names([f"{BIG}.gpg", "hk/a.gz"], Content.EVENTS, source="host")


@pytest.mark.parametrize(
    "name",
    ["../evil", "hk/../../evil", "/evil", "hk//evil", "hk/.", "a\\b", "a\nb", "a\x00b", "n" * 250],
)
def test_a_key_that_would_lie_elsewhere_is_refused(bucket: str, tmp_path: Path, name: str) -> None:
    fill_bucket({f"{KEY}good": b"good", f"{KEY}{name}": b"evil"})
    with pytest.raises(DownloadError, match=r"would lie outside.*Nothing was written"):
        from_bucket(bucket, tmp_path)


@pytest.mark.parametrize("link", ["%2e%2e/", "..%2fevil", "%2Fevil", "a%5Cb", "a%0Ab"])
def test_a_link_that_would_lie_elsewhere_is_refused(
    archive: ArchiveServer, tmp_path: Path, link: str
) -> None:
    archive.pages[PATH] = f'<a href="{link}">evil</a>'
    with pytest.raises(DownloadError, match="would lie outside"):
        plan_of(archive, tmp_path)


def test_odd_but_harmless_names_are_fetched_as_they_are(
    archive: ArchiveServer, bucket: str, tmp_path: Path
) -> None:
    for name in ("a b+c%41.fits", "<script>'\"&.txt", "å;#?.fits", "*[x]?.fits"):
        (archive.folder / "hk" / name).write_bytes(name.encode())
    there = contents(archive.folder)
    assert contents(download(plan_of(archive, tmp_path / "web"), patience=QUICK)) == there
    fill_bucket({KEY + name: body for name, body in there.items()})
    assert contents(download(from_bucket(bucket, tmp_path / "s3"), patience=QUICK)) == there


def test_links_of_a_folders_page_that_lead_elsewhere_do_not_count() -> None:
    page = read_index(
        '<a href="?C=N;O=D">Name</a><a href="/FTP/obs/">Up</a><a href="../">Up</a>'
        '<a href="./">here</a><a href="https://other/FTP/obs/1/x">x</a><a href="http://[bad">x</a>'
        "<a>no</a><a href>"
        '<a href="f.fits">f</a><a href="/FTP/obs/1/g.fits#top">g</a><a href="hk/">hk</a>'
        '<a href="hk/deeper/">x</a><a href="f.fits">f</a><A HREF=\'h.fits\'>h</A>',
        "https://host/FTP/obs/1/",
    )
    assert page.files == ("f.fits", "g.fits", "h.fits")
    assert page.folders == ("hk",)


def test_a_folder_that_holds_itself_ends(archive: ArchiveServer, tmp_path: Path) -> None:
    page = '<a href="f.fits">f</a><a href="again/">again</a>'
    for depth in range(6):
        archive.pages[PATH + "again/" * depth] = page
    archive.faults.append(Fault(method="HEAD", status=404))
    with pytest.raises(DownloadError, match="does not have it"):
        plan_of(archive, tmp_path)
    assert archive.n_asked("GET", "again/") == 3
