"""A download that is interrupted goes on where it was: broken lines, a killed process, a cancel."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from nustar_widgets.archive.download import download
from nustar_widgets.archive.hosts import HeasarcHost, HeasarcTarHost
from nustar_widgets.archive.layout import ObservationFolder
from nustar_widgets.archive.part import Part
from nustar_widgets.archive.patience import Patience
from nustar_widgets.archive.plan import DownloadPlan, plan_download
from nustar_widgets.errors import DownloadCancelled, DownloadError, InputFileError
from tests.archive.archivefiles import OBSID, contents, small_observation
from tests.archive.servers import QUICK, ArchiveServer, Fault, until

BIG = f"event_cl/nu{OBSID}A01_cl.evt.gz"
BIG_SIZE = 1 << 20


@pytest.fixture
def archive(tmp_path: Path) -> Iterator[ArchiveServer]:
    with ArchiveServer(tmp_path / "archive") as server:
        small_observation(server.root)
        yield server


def plan_of(archive: ArchiveServer, folder: Path) -> DownloadPlan:
    return plan_download(OBSID, folder, host=HeasarcHost(base_url=archive.url), patience=QUICK)


def part_of(plan: DownloadPlan, name: str) -> Part:
    return next(plan.part(file.remote) for file in plan.files if file.remote.relative == name)


def only_lacks(plan: DownloadPlan, name: str, at_least: int) -> bool:
    """Whether every file is whole but one, and of that so many bytes are here."""
    parts = [plan.part(file.remote) for file in plan.files if file.remote.relative != name]
    return all(part.is_whole for part in parts) and part_of(plan, name).n_bytes >= at_least


def total(plan: DownloadPlan) -> int:
    assert plan.bytes_total is not None
    return plan.bytes_total


def when(condition: Callable[[], bool], event: threading.Event) -> threading.Thread:
    """Set an event when something has happened, from another thread."""

    def wait() -> None:
        until(condition)
        event.set()

    thread = threading.Thread(target=wait)
    thread.start()
    return thread


def unfinished(folder: Path) -> list[str]:
    return [name for name in contents(folder) if name.endswith(".part")]


@pytest.mark.parametrize("tenth", range(10))
def test_a_line_that_breaks_at_any_tenth_costs_nothing_twice(
    archive: ArchiveServer, tmp_path: Path, tenth: int
) -> None:
    archive.faults.append(Fault(path=BIG, times=1, drop_after=tenth / 10))
    plan = plan_of(archive, tmp_path)
    assert contents(download(plan, patience=QUICK)) == contents(archive.folder)
    assert archive.sent_total == total(plan)


def test_a_line_that_breaks_again_and_again_gets_there_as_long_as_it_gets_on(
    archive: ArchiveServer, tmp_path: Path
) -> None:
    archive.faults.append(Fault(path=BIG, times=12, drop_after=0.1))
    plan = plan_of(archive, tmp_path)
    assert contents(download(plan, patience=QUICK)) == contents(archive.folder)
    assert archive.sent_total == total(plan)
    assert archive.n_asked("GET", BIG) == 11


def test_a_line_that_brings_nothing_is_tried_once_more_and_then_given_up(
    archive: ArchiveServer, tmp_path: Path
) -> None:
    archive.faults.append(Fault(path=BIG, drop_after=0.0))
    with pytest.raises(DownloadError, match=f"{BIG} could not be fetched: the connection broke"):
        download(plan_of(archive, tmp_path), patience=QUICK)
    assert archive.n_asked("GET", BIG) == 2


def test_a_try_that_gets_on_earns_another(archive: ArchiveServer, tmp_path: Path) -> None:
    for fraction in (0.0, 0.3, 0.0, 0.3, 0.0):
        archive.faults.append(Fault(path=BIG, times=1, drop_after=fraction))
    plan = plan_of(archive, tmp_path)
    assert contents(download(plan, patience=QUICK)) == contents(archive.folder)
    assert archive.sent_total == total(plan)


def test_one_file_that_cannot_be_had_keeps_no_other_away(
    archive: ArchiveServer, tmp_path: Path
) -> None:
    archive.faults.append(Fault(path=BIG, drop_after=0.5, times=1))
    archive.faults.append(Fault(path=BIG, drop_after=0.0))
    plan = plan_of(archive, tmp_path)
    with pytest.raises(DownloadError, match="What has come is kept"):
        download(plan, patience=QUICK)
    there = contents(archive.folder)
    assert set(contents(plan.folder)) - set(unfinished(plan.folder)) == set(there) - {BIG}
    archive.faults.clear()
    assert contents(download(plan, patience=QUICK)) == there
    assert archive.sent_total == total(plan)


def test_without_ranges_a_broken_file_is_fetched_from_its_beginning(
    archive: ArchiveServer, tmp_path: Path
) -> None:
    archive.faults.append(Fault(path=BIG, times=1, drop_after=0.5, no_range=True))
    archive.faults.append(Fault(path=BIG, no_range=True))
    plan = plan_of(archive, tmp_path)
    assert contents(download(plan, patience=QUICK)) == contents(archive.folder)
    assert archive.sent_total == total(plan) + BIG_SIZE // 2


def test_a_file_changed_in_the_archive_is_not_glued_to_its_older_half(
    archive: ArchiveServer, tmp_path: Path
) -> None:
    archive.faults.append(Fault(path=BIG, drop_after=0.5, times=1))
    archive.faults.append(Fault(path=BIG, drop_after=0.0))
    with pytest.raises(DownloadError):
        download(plan_of(archive, tmp_path), patience=QUICK)
    archive.faults.clear()
    for method in ("HEAD", "GET"):
        archive.faults.append(Fault(path=BIG, method=method, date="Fri, 14 Nov 2025 00:00:00 GMT"))
    (archive.folder / BIG).write_bytes(b"new!" * (BIG_SIZE // 4))
    plan = plan_of(archive, tmp_path)
    assert contents(download(plan, patience=QUICK)) == contents(archive.folder)


def test_a_file_changed_after_planning_is_refused(archive: ArchiveServer, tmp_path: Path) -> None:
    plan = plan_of(archive, tmp_path)
    archive.faults.append(Fault(path=BIG, date="Fri, 14 Nov 2025 00:00:00 GMT"))
    with pytest.raises(DownloadError, match=r"has been changed in the archive.*plan the download"):
        download(plan, patience=QUICK)


def test_a_killed_process_loses_nothing(archive: ArchiveServer, tmp_path: Path) -> None:
    held = Fault(path=BIG, times=1, hold_after=BIG_SIZE * 7 // 10)
    archive.faults.append(held)
    plan = plan_of(archive, tmp_path)
    part = part_of(plan, BIG)
    with subprocess.Popen(
        [sys.executable, "-c", _DOWNLOADING, OBSID, str(tmp_path), archive.url]
    ) as process:
        until(lambda: only_lacks(plan, BIG, BIG_SIZE // 2))
        os.kill(process.pid, signal.SIGKILL)
    held.go_on.set()
    kept = sum(len(body) for body in contents(plan.folder).values())
    assert unfinished(plan.folder) == [part.path.relative_to(plan.folder).as_posix()]
    assert not part.final.exists()
    sent = archive.sent_total
    again = plan_of(archive, tmp_path)
    assert again.bytes_to_fetch == total(plan) - kept
    assert contents(download(again, patience=QUICK)) == contents(archive.folder)
    asked = [wanted for _, path, wanted in archive.asked if BIG in path and wanted]
    assert asked == [f"bytes={BIG_SIZE - (total(plan) - kept)}-"]
    assert archive.sent_total - sent <= total(plan) - kept + (1 << 16)  # the first had one in hand


def test_a_process_killed_before_the_last_step_left_a_whole_file(
    archive: ArchiveServer, tmp_path: Path
) -> None:
    plan = plan_of(archive, tmp_path)
    part = part_of(plan, BIG)
    part.final.parent.mkdir(parents=True)
    part.path.write_bytes((archive.folder / BIG).read_bytes())
    assert contents(download(plan, patience=QUICK)) == contents(archive.folder)
    assert archive.n_asked("GET", BIG) == 0


def test_a_part_that_is_too_long_is_thrown_away(archive: ArchiveServer, tmp_path: Path) -> None:
    plan = plan_of(archive, tmp_path)
    part = part_of(plan, BIG)
    part.final.parent.mkdir(parents=True)
    part.path.write_bytes(bytes(BIG_SIZE + 1))
    assert part.n_bytes == 0
    assert contents(download(plan, patience=QUICK)) == contents(archive.folder)


def test_parts_of_other_states_are_removed_and_strangers_are_not(
    archive: ArchiveServer, tmp_path: Path
) -> None:
    plan = plan_of(archive, tmp_path)
    old = Part(final=plan.folder / BIG, size=7, version="older").path
    stranger = old.with_name(".mine.part")
    old.parent.mkdir(parents=True)
    old.write_bytes(b"old")
    stranger.write_bytes(b"mine")
    download(plan, patience=QUICK)
    assert not old.exists()
    assert stranger.read_bytes() == b"mine"


def test_a_cancelled_download_stops_though_the_server_is_silent(
    archive: ArchiveServer, tmp_path: Path
) -> None:
    archive.faults.append(Fault(path=BIG, times=1, hold_after=BIG_SIZE // 2))
    plan = plan_of(archive, tmp_path)
    cancelled = threading.Event()
    part = part_of(plan, BIG)
    waiter = when(lambda: only_lacks(plan, BIG, BIG_SIZE // 4), cancelled)
    with pytest.raises(DownloadCancelled, match="Start it again to go on from there"):
        download(plan, cancelled=cancelled, patience=Patience(read_s=600.0))
    waiter.join()
    assert not part.final.exists()
    left = ObservationFolder.open(plan.folder)
    assert len(left.found.unfinished) == 1
    assert "a download is not finished" in left.describe()
    kept = sum(len(body) for body in contents(plan.folder).values())
    assert plan_of(archive, tmp_path).bytes_to_fetch == total(plan) - kept
    assert contents(download(plan, patience=QUICK)) == contents(archive.folder)


def test_a_cancelled_packed_download_leaves_nothing(archive: ArchiveServer, tmp_path: Path) -> None:
    archive.faults.append(Fault(method="POST", hold_after=BIG_SIZE // 2))
    host = HeasarcTarHost(base_url=archive.url)
    plan = plan_download(OBSID, tmp_path / "mine", host=host)
    cancelled = threading.Event()
    waiter = when(lambda: archive.sent_total >= BIG_SIZE // 2, cancelled)
    with pytest.raises(DownloadCancelled):
        download(plan, cancelled=cancelled, patience=Patience(read_s=600.0))
    waiter.join()
    assert contents(tmp_path / "mine") == {}


def test_planning_can_be_cancelled(archive: ArchiveServer, tmp_path: Path) -> None:
    cancelled = threading.Event()
    cancelled.set()
    host = HeasarcHost(base_url=archive.url)
    with pytest.raises(DownloadCancelled, match="stopped on request"):
        plan_download(OBSID, tmp_path, host=host, cancelled=cancelled)


def test_a_folder_with_nothing_but_parts_says_how_to_go_on(tmp_path: Path) -> None:
    part = Part(final=tmp_path / OBSID / BIG, size=7).path
    part.parent.mkdir(parents=True)
    part.write_bytes(b"half")
    with pytest.raises(InputFileError, match=r"not finished a single file.*Start it again"):
        ObservationFolder.open(tmp_path / OBSID)


def test_two_downloads_do_not_write_the_same_file(archive: ArchiveServer, tmp_path: Path) -> None:
    plan = plan_of(archive, tmp_path)
    part = part_of(plan, BIG)
    part.final.parent.mkdir(parents=True)
    with part.opened(0), pytest.raises(DownloadError, match="another download is writing"):
        download(plan, patience=QUICK)
    assert contents(download(plan, patience=QUICK)) == contents(archive.folder)


_DOWNLOADING = """
import sys
from nustar_widgets.archive.download import download
from nustar_widgets.archive.hosts import HeasarcHost
from nustar_widgets.archive.plan import plan_download
obsid, folder, url = sys.argv[1:]
download(plan_download(obsid, folder, host=HeasarcHost(base_url=url)))
"""
