"""What goes wrong with XSPEC costs a step, not the session."""

from __future__ import annotations

import threading
from dataclasses import replace
from pathlib import Path

import numpy as np
import psutil
import pytest

from nustar_widgets.engines.fit_xspec import XspecFit
from nustar_widgets.engines.xspec.messages import SetValues
from nustar_widgets.errors import FitError
from tests.engines.xspec.conftest import PATIENT

WORDS = {
    "killed": r"was setting values and crashed or was killed \(SIGKILL\)",
    "exits": r"was setting values and ended \(exit status 3\)",
    "hung": r"was setting values and did not stop when asked to",
    "flooding": r"printed without end",
    "dying while sending": r"was setting values and ended \(exit status 1\)",
    "garbage": r"sent what is no answer",
}
"""What is said of each fault."""

TIMES = 100


def _move(engine: XspecFit, number: int = 1) -> None:
    engine.set({"powerlaw.PhoIndex": 1.5 + 0.001 * number, "constant.factor[2]": 1.02})


def _fail(engine: XspecFit, fault: Path, what: str, number: int = 1) -> str:
    """Let something go wrong and return what is said of it."""
    fault.write_text(what)
    with pytest.raises(FitError, match=WORDS[what]) as caught:
        if what == "hung":  # somebody gives up once it hangs, not before
            values = SetValues(((1, 2, 1.5),))
            engine._keeper.ask(values, stop=lambda: not fault.exists())
        else:
            _move(engine, number)
    return str(caught.value)


def _here(engine: XspecFit) -> tuple[dict[str, float], float]:
    """Values and statistic as XSPEC has them, not as we remember them."""
    engine.set({"powerlaw.PhoIndex": engine.values["powerlaw.PhoIndex"]})
    return engine.values, engine.statistic()


@pytest.mark.parametrize("what", ["killed", "hung", "flooding", "dying while sending"])
def test_a_hundred_faults_leave_the_engine_where_it_was(
    toy: XspecFit, fault: Path, what: str
) -> None:
    _move(toy, 0)
    before = _here(toy)
    handles, threads = _handles(), threading.active_count()
    others = set(psutil.Process().children())  # of other tests, in the same process
    for number in range(1, TIMES + 1):
        assert "the session is not" in _fail(toy, fault, what, number)
        assert toy.values == before[0]
        assert _here(toy) == before
    children = set(psutil.Process().children()) - others
    assert [child for child in children if child.status() == psutil.STATUS_ZOMBIE] == []
    assert threading.active_count() <= threads
    assert _handles() <= handles


def _handles() -> int:
    folder = Path("/proc/self/fd")
    return len(list(folder.iterdir())) if folder.is_dir() else 0


@pytest.mark.parametrize("what", ["exits", "garbage"])
def test_an_exit_or_nonsense_is_told_and_survived(toy: XspecFit, fault: Path, what: str) -> None:
    before = _here(toy)
    text = _fail(toy, fault, what)
    assert f"Its last lines:\n  stand-in: {what}" in text
    assert _here(toy) == before


def test_silence_is_not_waited_for_for_ever(toy: XspecFit, fault: Path) -> None:
    before = _here(toy)
    fault.write_text("hung")
    toy._keeper.use(replace(PATIENT, quick_s=0.5))
    with pytest.raises(FitError, match=r"was setting values and gave no sign of life for 0\.5 s"):
        _move(toy)
    fault.unlink(missing_ok=True)  # on a busy machine it may not have come to it
    toy._keeper.use(PATIENT)
    assert _here(toy) == before


def test_what_is_printed_in_between_does_no_harm(toy: XspecFit, fault: Path) -> None:
    fault.write_text("chatty")
    _move(toy)
    assert toy.values["powerlaw.PhoIndex"] == 1.501


def test_data_model_and_values_are_those_of_before_after_a_fit_too(
    toy: XspecFit, fault: Path
) -> None:
    toy.fit()
    rates = [curve.total for curve in toy.curves()]
    best = toy.values
    _fail(toy, fault, "killed")
    assert toy.values == best
    assert toy.result().status == "converged"
    for before, curve in zip(rates, toy.curves(), strict=True):
        assert np.array_equal(before, curve.total)


def test_a_stop_keeps_the_best_so_far_also_where_xspec_does_not_hear_it(
    toy: XspecFit, fault: Path
) -> None:
    start = toy.statistic()
    fault.write_text("hung at fit 2")
    result = toy.fit(stop=lambda: not fault.exists())
    assert result.status == "stopped"
    assert result.statistic < start
    assert result.statistic == toy.statistic()
    assert result["powerlaw.norm"].value == toy.values["powerlaw.norm"] != 1.0
    assert toy.curves()[0].total[0] == pytest.approx(
        toy.values["powerlaw.norm"] * toy.datasets[0].source_exposure[0]
    )
    assert _here(toy)[1] == pytest.approx(result.statistic)
    assert toy.fit().status == "converged"


def test_a_stop_between_two_steps_ends_the_fit_politely(toy: XspecFit) -> None:
    process = toy._keeper.process
    steps: list[float] = []
    result = toy.fit(stop=lambda: bool(steps), watch=lambda step: steps.append(step.statistic))
    assert result.status in ("stopped", "converged")
    assert result.statistic <= steps[0]
    assert toy._keeper.process is process


def test_a_fit_that_hangs_before_anything_is_known_stops_where_it_began(
    toy: XspecFit, fault: Path
) -> None:
    before = _here(toy)
    fault.write_text("hung")
    result = toy.fit(stop=lambda: True)
    assert result.status == "stopped"
    assert (toy.values, toy.statistic()) == before


def test_a_stop_while_xspec_is_started_again_leaves_it_to_start(toy: XspecFit, fault: Path) -> None:
    before = _here(toy)
    _fail(toy, fault, "killed")
    process = toy._keeper.process
    assert toy.fit(stop=lambda: True).status == "stopped"
    assert toy._keeper.process is process
    assert _here(toy) == before


def test_a_stopped_search_of_ranges_and_of_a_contour_keeps_what_there_is(
    toy: XspecFit, fault: Path
) -> None:
    toy.fit()
    told: list[str] = []

    def progress(name: str) -> None:
        told.append(name)
        if len(told) == 2:
            fault.write_text("hung")

    result = toy.errors(stop=lambda: fault.exists() or len(told) > 1, progress=progress)
    assert result[told[0]].error_low is not None
    assert result[told[1]].error_low is None
    rows: list[int] = []
    picture = toy.contour(
        "powerlaw.PhoIndex",
        "powerlaw.norm",
        x=[1.8, 1.9, 2.0],
        y=[0.019, 0.02, 0.021],
        stop=lambda: len(rows) > 1,
        watch=lambda _: rows.append(1),
    )
    assert np.isnan(picture.statistic[:, 0]).tolist() == [False, False, True]


def test_closing_from_another_thread_ends_a_request_that_hangs(toy: XspecFit, fault: Path) -> None:
    fault.write_text("hung")
    said: list[str] = []

    def ask() -> None:
        try:
            _move(toy)
        except FitError as error:
            said.append(str(error))

    thread = threading.Thread(target=ask)
    thread.start()
    while fault.exists():
        thread.join(0.01)
    toy._keeper.close()
    thread.join(30.0)
    assert not thread.is_alive()
    assert said == ["XSPEC was setting values and was closed\nIts last lines:\n  stand-in: hung"]
    with pytest.raises(FitError, match="this fit was closed"):
        _move(toy)


def test_an_xspec_that_crashes_at_its_start_says_so_each_time_and_is_tried_again(
    toy: XspecFit, fault: Path
) -> None:
    before = _here(toy)
    _fail(toy, fault, "killed")
    fault.write_text("exits")  # while the new process is told the model again
    with pytest.raises(FitError, match=r"exit status 3"):
        _move(toy)
    assert _here(toy) == before


def test_a_chain_that_hangs_keeps_the_steps_that_were_told(toy: XspecFit, fault: Path) -> None:
    toy.fit()
    before = toy.values
    fault.write_text("hung at chain 4")
    chain = toy.chain(walkers=8, length=100_000, burn=0, seed=1, stop=lambda: not fault.exists())
    assert chain.samples.shape[1] >= 1
    assert chain.notes[0].startswith("stopped after")
    assert toy.values == before
    assert _here(toy)[0] == pytest.approx(before)


def test_goodness_keeps_what_there_is_where_xspec_hangs_and_says_where_it_crashes(
    toy: XspecFit, fault: Path
) -> None:
    toy.fit()
    before, rates = toy.values, toy.curves()[0].total
    fault.write_text("hung at fit 3")
    found = toy.goodness(50, test="chi", seed=1, stop=lambda: not fault.exists())
    assert found.simulated.size == 2
    fault.write_text("killed at data 2")
    with pytest.raises(FitError, match=r"was loading spectra and crashed or was killed"):
        toy.goodness(50, test="chi", seed=1)
    assert toy.values == before
    assert _here(toy)[0] == pytest.approx(before)
    assert np.array_equal(toy.curves()[0].total, rates)


def test_simulations_leave_the_spectra_that_were_loaded(toy: XspecFit) -> None:
    toy.fit()
    before = toy.values
    found = toy.goodness(3, test="chi", seed=1, draw=True)
    assert found.simulated.size == 3
    assert toy.values == before
    assert _here(toy)[0] == pytest.approx(before)
