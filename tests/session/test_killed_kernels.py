from __future__ import annotations

import itertools
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

import pytest

from nustar_widgets.session import store
from nustar_widgets.session.session import Session
from tests.session.keptchild import DIARY, mark

ROOT = Path(__file__).resolve().parents[2]
WITHIN_S = 1.0


@dataclass
class Diary:
    """What a process had done to its session, and when."""

    marks: list[str] = field(default_factory=list)
    done: list[float] = field(default_factory=list)
    beats: list[float] = field(default_factory=list)

    @classmethod
    def read(cls, path: Path) -> Diary:
        diary = cls()
        for line in path.read_text().splitlines():
            match line.split():
                case ["start", when, found]:
                    diary.marks.append(found)
                    diary.done.append(float(when))
                    diary.beats.append(float(when))
                case ["about", found]:
                    diary.marks.append(found)
                case ["done", when]:
                    diary.done.append(float(when))
                case ["beat", when]:
                    diary.beats.append(float(when))
        return diary

    def starved_s(self, killed: float) -> float:
        """Longest time in which the machine let nothing get to the disk, of late [s]."""
        moments = [when for when in self.beats if when > killed - 4.0]
        moments = [max(moments[0], killed - 4.0) if moments else killed - 4.0, *moments, killed]
        return max(later - one for one, later in itertools.pairwise(moments))


def lost_for_s(folder: Path, killed: float) -> tuple[float, Diary]:
    """Return how old the oldest edit was that is not on disk [s]; the file must be readable."""
    diary = Diary.read(folder / DIARY)
    found = mark(store.read(folder / "session.json").state)
    assert found in diary.marks, "the file is no state the session ever had"
    at = len(diary.marks) - 1 - diary.marks[::-1].index(found)  # the newest that looks so
    lost = diary.done[at + 1 :]
    return (killed - lost[0] if lost else 0.0), diary


@pytest.fixture
def zygote() -> Iterator[tuple[IO[str], IO[str]]]:
    """Start a process that has imported everything and forks kernels."""
    with subprocess.Popen(
        [sys.executable, "-m", "tests.session.keptchild"],
        cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    ) as process:  # fmt: skip
        assert process.stdin is not None
        assert process.stdout is not None
        yield process.stdin, process.stdout
        process.stdin.close()


def until_it_edits(folder: Path) -> None:
    """Wait until a process has begun to edit."""
    until = time.monotonic() + 60.0
    while time.monotonic() < until:
        if (folder / DIARY).exists() and "done" in (folder / DIARY).read_text():
            return
        time.sleep(0.01)
    raise AssertionError("it does not begin")


def test_no_edit_older_than_a_second_is_lost_when_kernels_are_killed_at_a_hundred_moments(
    tmp_path: Path, zygote: tuple[IO[str], IO[str]]
) -> None:
    chance = random.Random(8)
    folders = [tmp_path / str(number) for number in range(5)]
    for folder in folders:
        folder.mkdir()
    n_steps = 0
    for round_ in range(20):
        pids = {}
        for folder in folders:
            (folder / DIARY).unlink(missing_ok=True)
            zygote[0].write(f"{folder} {chance.randrange(10**6)}\n")
            zygote[0].flush()
            pids[folder] = int(zygote[1].readline())
        for folder in folders:
            until_it_edits(folder)
            time.sleep(chance.random() * 0.4)
            os.kill(pids[folder], signal.SIGKILL)
            killed = time.monotonic()
            lost_s, diary = lost_for_s(folder, killed)
            assert lost_s < WITHIN_S + diary.starved_s(killed), (round_, folder.name)
            n_steps += len(diary.done) - 1
    assert n_steps > 1000
    for folder in folders:
        rest = {path.name for path in folder.iterdir()} - {DIARY, "beat", "beat.part"}
        assert {"session.json"} <= rest
        assert not [name for name in rest if name.startswith("session-")], "nothing was set aside"


def test_a_kernel_of_jupyter_that_is_killed_loses_nothing_either(tmp_path: Path) -> None:
    from jupyter_client.manager import KernelManager

    manager = KernelManager(kernel_name="python3")
    manager.start_kernel(cwd=str(ROOT), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    client = manager.client()
    try:
        client.start_channels()
        client.wait_for_ready(timeout=120)
        client.execute(
            f"from tests.session.keptchild import edit_forever\nedit_forever({str(tmp_path)!r}, 3)"
        )
        until_it_edits(tmp_path)
        time.sleep(1.5)
        manager.signal_kernel(signal.SIGKILL)
        killed = time.monotonic()
        lost_s, diary = lost_for_s(tmp_path, killed)
        assert lost_s < WITHIN_S + diary.starved_s(killed)
        assert len(diary.done) > 10
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)
    session = Session()
    session.restore(store.read(tmp_path / "session.json").state)
    while session.undo() is not None:
        pass
    assert session.snapshot() == Session(work_dir=str(tmp_path)).snapshot()
