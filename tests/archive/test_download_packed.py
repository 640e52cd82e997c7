"""The tar service: checked before anything is unpacked, then unpacked file by file."""

from __future__ import annotations

import gzip
import shutil
import tarfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from nustar_widgets.archive.content import Content
from nustar_widgets.archive.download import download
from nustar_widgets.archive.hosts import HeasarcTarHost
from nustar_widgets.archive.plan import DownloadPlan, plan_download
from nustar_widgets.errors import DownloadError, OutputError, ProprietaryData
from tests.archive.archivefiles import OBSID, PATH, contents, packed, small_observation
from tests.archive.servers import QUICK, ArchiveServer, Fault

EVENTS = f"{OBSID}/event_cl/nu{OBSID}A01_cl.evt"


@pytest.fixture
def archive(tmp_path: Path) -> Iterator[ArchiveServer]:
    with ArchiveServer(tmp_path / "archive") as server:
        small_observation(server.root)
        yield server


def plan_of(
    archive: ArchiveServer, folder: Path, content: Content = Content.EVERYTHING
) -> DownloadPlan:
    host = HeasarcTarHost(base_url=archive.url)
    return plan_download(OBSID, folder, host=host, content=content, patience=QUICK)


def member(name: str, kind: bytes, target: str = "") -> tarfile.TarInfo:
    made = tarfile.TarInfo(name)
    made.type, made.linkname = kind, target
    return made


def test_nothing_is_known_before_the_server_has_packed(
    archive: ArchiveServer, tmp_path: Path
) -> None:
    plan = plan_of(archive, tmp_path)
    assert (plan.is_packed, plan.files_total, plan.bytes_total, plan.bytes_to_fetch) == (
        True, None, None, None,
    )  # fmt: skip
    assert plan.describe().startswith(f"{OBSID}: everything, packed by {archive.url}")


def test_the_service_is_asked_as_astroquery_asks_it() -> None:
    assert HeasarcTarHost().form(PATH) == {"files": f">{PATH}&&&filter="}


@pytest.mark.parametrize(
    "evil",
    [
        {"../evil": b"evil"},
        {f"{OBSID}/../../evil": b"evil"},
        {"/tmp/evil": b"evil"},
        {f"{OBSID}/hk/link": member(f"{OBSID}/hk/link", tarfile.SYMTYPE, "/etc/passwd")},
        {f"{OBSID}/hk/link": member(f"{OBSID}/hk/link", tarfile.LNKTYPE, "../evil")},
        {f"{OBSID}/hk/null": member(f"{OBSID}/hk/null", tarfile.CHRTYPE)},
        {f"{OBSID}/hk/disk": member(f"{OBSID}/hk/disk", tarfile.BLKTYPE)},
        {f"{OBSID}/hk/pipe": member(f"{OBSID}/hk/pipe", tarfile.FIFOTYPE)},
        {"../": member("../", tarfile.DIRTYPE)},
        {"60001110003/event_cl/a.evt": b"another observation"},
    ],
    ids=lambda evil: next(iter(evil)),
)
def test_a_member_that_would_do_harm_is_refused_and_nothing_is_written(
    archive: ArchiveServer, tmp_path: Path, evil: dict[str, bytes | tarfile.TarInfo]
) -> None:
    archive.packed = packed({EVENTS: b"good", **evil})
    mine = tmp_path / "a" / "b"
    with pytest.raises(DownloadError, match=r"Nothing was (written|unpacked)"):
        download(plan_of(archive, mine), patience=QUICK)
    assert contents(tmp_path / "a") == {}
    assert not Path("/tmp/evil").exists()


def test_members_may_lie_below_the_archives_own_path(
    archive: ArchiveServer, tmp_path: Path
) -> None:
    archive.packed = packed(
        {f"./{EVENTS}": b"one", f"FTP/nustar/data/obs/00/6/{OBSID}/hk/two": b"two"}
    )
    found = contents(download(plan_of(archive, tmp_path), patience=QUICK))
    assert found == {EVENTS.removeprefix(f"{OBSID}/"): b"one", "hk/two": b"two"}


def test_only_what_is_missing_is_unpacked(archive: ArchiveServer, tmp_path: Path) -> None:
    folder = download(plan_of(archive, tmp_path, Content.EVENTS), patience=QUICK)
    before = {path: path.stat().st_ino for path in folder.rglob("*") if path.is_file()}
    assert len(before) == 3
    assert contents(download(plan_of(archive, tmp_path), patience=QUICK)) == contents(
        archive.folder
    )
    assert all(path.stat().st_ino == node for path, node in before.items())


def test_a_line_that_breaks_once_is_tried_again(archive: ArchiveServer, tmp_path: Path) -> None:
    archive.faults.append(Fault(method="POST", times=1, drop_after=0.5))
    assert contents(download(plan_of(archive, tmp_path), patience=QUICK)) == contents(
        archive.folder
    )
    assert archive.n_asked("POST") == 2


@pytest.mark.parametrize("fraction", [0.0, 0.3, 0.99])
def test_a_tar_that_is_cut_off_is_refused_though_its_length_is_not_known(
    archive: ArchiveServer, tmp_path: Path, fraction: float
) -> None:
    archive.faults.append(Fault(method="POST", drop_after=fraction, no_length=True))
    with pytest.raises(DownloadError, match="not a whole tar file"):
        download(plan_of(archive, tmp_path / "mine"), patience=QUICK)
    assert contents(tmp_path / "mine") == {}


def test_a_tar_cut_between_two_files_is_refused(archive: ArchiveServer, tmp_path: Path) -> None:
    archive.packed = packed({EVENTS: b"good" * 128})[:1024]
    with pytest.raises(DownloadError, match="its end is missing"):
        download(plan_of(archive, tmp_path), patience=QUICK)


@pytest.mark.parametrize(
    "body", [b"<html>overloaded</html>", gzip.compress(packed({}))], ids=["page", "packed twice"]
)
def test_an_answer_that_is_no_tar_is_refused(
    archive: ArchiveServer, tmp_path: Path, body: bytes
) -> None:
    archive.packed = body
    with pytest.raises(DownloadError, match="not a whole tar file"):
        download(plan_of(archive, tmp_path), patience=QUICK)


def test_an_empty_tar_is_an_error_not_a_success(archive: ArchiveServer, tmp_path: Path) -> None:
    archive.packed = packed({})
    with pytest.raises(DownloadError, match="the list of files is empty"):
        download(plan_of(archive, tmp_path), patience=QUICK)


def test_a_tar_of_encrypted_files_is_refused(archive: ArchiveServer, tmp_path: Path) -> None:
    archive.packed = packed({f"{EVENTS}.gz.gpg": b"secret"})
    with pytest.raises(ProprietaryData, match="encrypted"):
        download(plan_of(archive, tmp_path), patience=QUICK)


def test_a_service_that_says_no_is_quoted(archive: ArchiveServer, tmp_path: Path) -> None:
    archive.faults.append(Fault(method="POST", status=500))
    with pytest.raises(DownloadError, match="HTTP 500"):
        download(plan_of(archive, tmp_path), patience=QUICK)
    assert archive.n_asked("POST") == 2


def test_a_tar_larger_than_the_disk_is_refused_before_it_comes(
    archive: ArchiveServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    usage = shutil.disk_usage(tmp_path)._replace(free=2_000_000)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage)
    with pytest.raises(OutputError, match=r"needs 2.85 MB, and 2 MB are free"):
        download(plan_of(archive, tmp_path), patience=QUICK)
