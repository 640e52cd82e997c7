"""Whether products are current, in one line; the line follows session and jobs by itself."""

from __future__ import annotations

import gc
import re
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from nustar_widgets.events.regions import SkyCircle, SkyRegion
from nustar_widgets.jobs import productlook
from nustar_widgets.jobs.liveproducts import LiveProducts
from nustar_widgets.jobs.plan import plan, submit
from nustar_widgets.jobs.productlook import product_state
from nustar_widgets.jobs.productstate import Made, ProductState, clock
from nustar_widgets.jobs.queues import queue_in
from nustar_widgets.jobs.runner import Runner
from nustar_widgets.live.observation import LiveObservation
from nustar_widgets.session.session import Session
from nustar_widgets.session.values import Regions, SpectrumInput
from nustar_widgets.simulate import SimulatedObservation
from tests.jobs.test_plan import session


def until(is_so: Callable[[], object]) -> None:
    """Wait for what happens on another thread."""
    give_up = time.monotonic() + 120.0
    while not is_so():
        assert time.monotonic() < give_up, "it does not happen"
        time.sleep(0.01)


def of_fpma(chosen: Session, **changes: SkyRegion | None) -> Regions:
    """Return the regions of a session with some of FPMA changed."""
    return replace(chosen.regions, fpma=replace(chosen.regions.fpma, **changes))


def run_all(chosen: Session, runner: Runner) -> None:
    runner.wait(*submit(runner, plan(chosen)), timeout_s=120)


def test_what_was_made_is_current_until_something_it_was_made_from_changes(
    sample: SimulatedObservation, runner: Runner
) -> None:
    chosen = session(sample, runner.work_dir, modules=("FPMA",))
    assert product_state(chosen, runner.jobs).words() == "none yet"
    run_all(chosen, runner)
    found = product_state(chosen, runner.jobs)
    assert re.fullmatch(r"current: made \d\d:\d\d", found.words())
    assert re.fullmatch(
        r"current, made by the embedded engine at \d\d:\d\d", found.steps[0].words()
    )
    chosen.edit("bin", bin_s=256.0)
    stale = product_state(chosen, runner.jobs)
    assert stale.made is Made.STALE
    assert re.fullmatch(
        r"stale: binsize was 100, is now 256 since nuproducts FPMA ran \(\d\d:\d\d\)", stale.words()
    )
    chosen.undo()
    assert product_state(chosen, runner.jobs).made is Made.CURRENT


def test_regions_are_named_as_people_do(sample: SimulatedObservation, runner: Runner) -> None:
    chosen = session(sample, runner.work_dir, modules=("FPMA",))
    run_all(chosen, runner)
    small = SkyRegion((SkyCircle(321.9, 56.9, 30.0),))
    chosen.edit("smaller", regions=of_fpma(chosen, source=small))
    words = product_state(chosen, runner.jobs).words()
    assert words.startswith("stale: the source region has changed since nuproducts FPMA ran (")
    chosen.edit("both", regions=of_fpma(chosen, background=small))
    words = product_state(chosen, runner.jobs).words()
    assert words.startswith("stale: the source region and the background region have changed since")
    chosen.edit("none", regions=of_fpma(chosen, source=None))
    words = product_state(chosen, runner.jobs).words()
    assert words.startswith("stale: FPMA: no source region; draw one")


def test_a_module_that_was_not_made_is_named(sample: SimulatedObservation, runner: Runner) -> None:
    chosen = session(sample, runner.work_dir, modules=("FPMA",))
    run_all(chosen, runner)
    chosen.edit("both", modules=("FPMA", "FPMB"))
    assert (
        product_state(chosen, runner.jobs).words() == "not all made: nuproducts FPMB: not made yet"
    )


def test_what_failed_is_said(sample: SimulatedObservation, runner: Runner) -> None:
    chosen = session(sample, runner.work_dir, modules=("FPMA",))
    (first, *_) = plan(chosen)
    broken = replace(first, responses=(("FPMA", "no.arf", "no.rmf"),))
    runner.wait(*submit(runner, (broken,)), timeout_s=120)
    found = product_state(chosen, runner.jobs).words()
    assert re.fullmatch(r"not made: nuproducts FPMA failed \(\d\d:\d\d\)", found)


def test_spectra_made_elsewhere_are_named() -> None:
    chosen = Session(spectra=(SpectrumInput(pha="/a/b.pha"),))
    assert product_state(chosen, ()).words() == "made elsewhere: b.pha"


def test_another_day_is_named_with_the_time() -> None:
    assert re.fullmatch(r"\d\d:\d\d", clock(time.time()))
    assert re.fullmatch(r"\d\d [A-Z]\w\w \d\d:\d\d", clock(time.time() - 3 * 86400.0))


def test_the_line_follows_the_session_and_the_queue(
    sample: SimulatedObservation, tmp_path: Path
) -> None:
    chosen = session(sample, tmp_path, modules=("FPMA",))
    live = LiveProducts.of(chosen)
    assert LiveProducts.of(chosen) is live
    until(lambda: live.state is not None)
    assert live.state.words() == "none yet"  # type: ignore[union-attr]
    runner = queue_in(tmp_path)
    try:
        submit(runner, plan(chosen))
        until(lambda: live.state.made is Made.RUNNING)  # type: ignore[union-attr]
        until(lambda: live.state.made is Made.CURRENT)  # type: ignore[union-attr]
        chosen.edit("bin", bin_s=256.0)
        until(lambda: live.state.made is Made.STALE)  # type: ignore[union-attr]
        chosen.undo()
        until(lambda: live.state.made is Made.CURRENT)  # type: ignore[union-attr]
    finally:
        runner.close()


def test_jobs_of_a_kernel_that_has_gone_are_read_and_no_queue_is_made(
    sample: SimulatedObservation, runner: Runner, tmp_path: Path
) -> None:
    chosen = session(sample, runner.work_dir, modules=("FPMA",))
    run_all(chosen, runner)
    threads = threading.active_count()
    again = Session(**chosen.snapshot())
    live = LiveProducts.of(again)
    until(lambda: live.state is not None)
    assert live.state.made is Made.CURRENT  # type: ignore[union-attr]
    until(lambda: threading.active_count() <= threads)


class _Dragged:
    """Counts as they are while a region moves, until it lies still."""

    def __init__(self) -> None:
        self.is_passing = True
        self.asked = threading.Event()

    @property
    def counts(self) -> Any:
        self.asked.set()
        return self


def test_nothing_is_looked_at_while_a_region_is_dragged(monkeypatch: Any) -> None:
    dragged, looked = _Dragged(), threading.Event()
    monkeypatch.setattr(LiveObservation, "known", lambda _: dragged)

    def look(*_: Any) -> Any:
        looked.set()
        return ProductState()

    monkeypatch.setattr(productlook, "product_state", look)
    chosen = Session()
    live = LiveProducts(chosen)
    for _ in range(3):  # each time it has waited and looked at the hand
        dragged.asked.clear()
        assert dragged.asked.wait(60.0)
    assert not looked.is_set()
    dragged.is_passing = False
    until(looked.is_set)
    until(lambda: live.state is not None)


def test_an_edit_no_product_is_made_from_is_not_looked_at(monkeypatch: Any) -> None:
    chosen = Session()
    live = LiveProducts(chosen)
    until(lambda: live.state is not None)
    asked: list[Any] = []
    monkeypatch.setattr(live, "ask", lambda **given: asked.append(given))
    chosen.edit("fit", fit=replace(chosen.fit, expression="powerlaw"))
    assert asked == []
    chosen.edit("bin", bin_s=20.0)
    assert len(asked) == 1


def test_the_products_of_a_session_nobody_uses_are_let_go() -> None:
    chosen = Session()
    live = LiveProducts.of(chosen)
    until(lambda: live.state is not None)
    del chosen
    gc.collect()
    live.ask()
    until(lambda: not live._is_looking)
