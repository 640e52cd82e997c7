"""A page is waited for while the kernel can hear it."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator

import pytest

from nustar_widgets.panels import page
from nustar_widgets.panels.ownkeys import OwnKeys
from nustar_widgets.panels.page import PageWatch

PATIENCE_S = 30.0
MANY_PATIENCES_S = 0.5


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(page, "PATIENCE_S", 0.03)
    monkeypatch.setattr(page, "_AT_ONCE_S", 0.02)


class Kernel:
    """A loop on a thread of its own that runs a cell until it is let go."""

    def __init__(self) -> None:
        self.loop = asyncio.new_event_loop()
        self.made, self.over, self.told = (threading.Event() for _ in range(3))
        self.view = OwnKeys()
        self.watch: PageWatch | None = None
        threading.Thread(target=self._run, daemon=True).start()
        assert self.made.wait(PATIENCE_S)

    def _run(self) -> None:
        self.loop.call_soon(self._cell)
        self.loop.run_forever()

    def _cell(self) -> None:
        self.watch = PageWatch(self.view, self.told.set, has_page=True)
        self.made.set()
        self.over.wait(PATIENCE_S)

    def answer(self) -> None:
        """Let the page answer: it is heard when the cell is over."""
        self.loop.call_soon_threadsafe(setattr, self.view, "ready", 1)


@pytest.fixture
def kernel() -> Iterator[Kernel]:
    made = Kernel()
    yield made
    made.over.set()
    made.loop.call_soon_threadsafe(made.loop.stop)


def test_an_answer_that_waits_behind_a_long_cell_is_no_silence(kernel: Kernel) -> None:
    kernel.answer()
    assert not kernel.told.wait(MANY_PATIENCES_S)
    kernel.over.set()
    assert kernel.told.wait(PATIENCE_S)
    assert kernel.watch is not None
    assert not kernel.watch.lacks_the_view


def test_who_is_silent_although_the_kernel_is_free_lacks_the_view(kernel: Kernel) -> None:
    kernel.over.set()
    assert kernel.told.wait(PATIENCE_S)
    assert kernel.watch is not None
    assert kernel.watch.lacks_the_view
    kernel.told.clear()
    kernel.answer()
    assert kernel.told.wait(PATIENCE_S)
    assert not kernel.watch.lacks_the_view


def test_without_a_kernel_the_time_alone_counts() -> None:
    told = threading.Event()
    watch = PageWatch(OwnKeys(), told.set, has_page=True)
    assert told.wait(PATIENCE_S)
    assert watch.lacks_the_view


def test_a_watch_that_is_closed_tells_nothing(kernel: Kernel) -> None:
    assert kernel.watch is not None
    kernel.watch.close()
    kernel.over.set()
    assert not kernel.told.wait(MANY_PATIENCES_S)
