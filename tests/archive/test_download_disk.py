"""What a download asks of the machine: room on the disk, and little memory."""

from __future__ import annotations

import errno
import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

import pytest

from nustar_widgets.archive import transfer
from nustar_widgets.archive.download import download
from nustar_widgets.archive.hosts import HeasarcHost
from nustar_widgets.archive.plan import DownloadPlan, plan_download
from nustar_widgets.errors import OutputError
from tests.archive.archivefiles import OBSID, contents, small_observation
from tests.archive.servers import QUICK, ArchiveServer


@pytest.fixture
def archive(tmp_path: Path) -> Iterator[ArchiveServer]:
    with ArchiveServer(tmp_path / "archive") as server:
        yield server


def plan_of(archive: ArchiveServer, folder: Path) -> DownloadPlan:
    return plan_download(OBSID, folder, host=HeasarcHost(base_url=archive.url), patience=QUICK)


def test_a_disk_that_is_too_small_is_refused_before_anything_is_written(
    archive: ArchiveServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    small_observation(archive.root)
    plan = plan_of(archive, tmp_path / "mine")
    usage = shutil.disk_usage(tmp_path)._replace(free=1_000_000)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage)
    with pytest.raises(
        OutputError, match=r"needs 1.39 MB, and 1 MB are free. Make room, choose another folder"
    ):
        download(plan, patience=QUICK)
    assert not (tmp_path / "mine").exists()


def test_only_what_is_missing_must_find_room(
    archive: ArchiveServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    small_observation(archive.root)
    plan = plan_of(archive, tmp_path)
    download(plan, patience=QUICK)
    usage = shutil.disk_usage(tmp_path)._replace(free=0)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage)
    download(plan, patience=QUICK)


def test_a_disk_that_fills_up_leaves_nothing_half_and_the_rest_is_fetched_later(
    archive: ArchiveServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    there = small_observation(archive.root)
    plan = plan_of(archive, tmp_path)
    room = [1_200_000]

    def write_until_full(stream: BinaryIO, block: bytes) -> None:
        room[0] -= len(block)
        if room[0] < 0:
            raise OSError(errno.ENOSPC, "No space left on device")
        stream.write(block)

    with monkeypatch.context() as patch:
        patch.setattr(transfer, "write_all", write_until_full)
        with pytest.raises(OutputError, match=r"\(No space left on device\)\. Make room"):
            download(plan, patience=QUICK)
    found, expected = contents(plan.folder), contents(there)
    assert all(name.endswith(".part") or expected[name] == body for name, body in found.items())
    assert contents(download(plan, patience=QUICK)) == expected


def test_a_folder_that_cannot_be_made_is_named(archive: ArchiveServer, tmp_path: Path) -> None:
    small_observation(archive.root)
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(OutputError, match=r"file/.*cannot be written \(Not a directory\)"):
        download(plan_of(archive, tmp_path / "file"), patience=QUICK)


def test_200_megabytes_pass_through_little_memory(archive: ArchiveServer, tmp_path: Path) -> None:
    size = 200 << 20
    folder = small_observation(archive.root, sizes={f"event_cl/f{n}": 256 for n in range(4)})
    for path in folder.rglob("f*"):
        with path.open("wb") as stream:
            stream.truncate(size // 4)
    run = subprocess.run(
        [sys.executable, "-c", _DOWNLOADING, OBSID, str(tmp_path), archive.url],
        check=True,
        stdout=subprocess.PIPE,
    )
    found = json.loads(run.stdout)
    assert found["bytes"] == size
    assert found["grown"] < 100e6


_DOWNLOADING = """
import json, sys, threading
import psutil
from nustar_widgets.archive.download import download
from nustar_widgets.archive.hosts import HeasarcHost
from nustar_widgets.archive.plan import plan_download

obsid, folder, url = sys.argv[1:]
plan = plan_download(obsid, folder, host=HeasarcHost(base_url=url))
process = psutil.Process()
before, peak, ended = process.memory_info().rss, 0, threading.Event()

def watch():
    global peak
    while not ended.wait(0.005):
        peak = max(peak, process.memory_info().rss)

watcher = threading.Thread(target=watch)
watcher.start()
download(plan)
ended.set()
watcher.join()
print(json.dumps({"grown": peak - before, "bytes": plan.bytes_total}))
"""
