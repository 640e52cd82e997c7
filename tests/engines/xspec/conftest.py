"""XSPEC processes on the stand-in, closed when a test has ended."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from nustar_widgets.engines.fit_embedded import EmbeddedFit
from nustar_widgets.engines.fit_xspec import XspecFit, xspec_problem
from nustar_widgets.engines.xspec.home import xspec_environment
from nustar_widgets.engines.xspec.keeper import Keeper
from nustar_widgets.engines.xspec.process import Patience
from nustar_widgets.session.values import FitChoice
from tests.engines.fitcases import made_data
from tests.standins.xspechere import environment

PATIENT = Patience(start_s=60.0, silence_s=60.0, stop_s=0.05, poll_s=0.005, print_bytes=1 << 20)
"""For a stand-in that answers: what is slow on a busy machine is no fault."""

TOY_CHOICE = FitChoice(expression="constant*powerlaw", statistic="cstat")


@pytest.fixture
def fault(tmp_path: Path) -> Path:
    """File that says what goes wrong at the next command."""
    return tmp_path / "fault"


@pytest.fixture
def toy(fault: Path) -> Iterator[XspecFit]:
    """A fit of two spectra by a stand-in that starts at once; see `fault`."""
    keeper = Keeper(environment(toy=True, fault=fault), PATIENT)
    engine = XspecFit([made_data(seed=1), made_data(seed=2, number=2)], TOY_CHOICE, keeper=keeper)
    yield engine
    keeper.close()


REAL = pytest.param("XSPEC", marks=pytest.mark.heasoft)
"""The real one, with ``-m heasoft`` where PyXspec imports."""


@pytest.fixture(scope="module")
def xspecs() -> Iterator[Callable[[str], Callable[..., XspecFit]]]:
    """Return what makes fits by the stand-in or by XSPEC, one process of each for a module."""
    keepers: dict[str, Keeper] = {}

    def keeper(which: str) -> Keeper:
        if which not in keepers:
            if which == "XSPEC" and (problem := xspec_problem()):
                pytest.skip(problem)
            keepers[which] = Keeper(xspec_environment() if which == "XSPEC" else environment())
        return keepers[which]

    def maker(which: str) -> Callable[..., XspecFit]:
        def made(datasets: Any, choice: FitChoice, **settings: Any) -> XspecFit:
            keeper(which).forget()
            return XspecFit(datasets, choice, keeper=keeper(which), **settings)

        keeper(which)
        return made

    yield maker
    for kept in keepers.values():
        with suppress(OSError):
            kept.close()


@pytest.fixture(params=["stand-in", REAL])
def make(
    request: pytest.FixtureRequest, xspecs: Callable[[str], Callable[..., XspecFit]]
) -> Callable[..., XspecFit]:
    """Make fits by the stand-in with numbers, and by XSPEC."""
    return xspecs(request.param)


@pytest.fixture(params=["embedded", "stand-in", REAL])
def fit(
    request: pytest.FixtureRequest, xspecs: Callable[[str], Callable[..., XspecFit]]
) -> Callable[..., Any]:
    """Return what makes a fit, by one engine after the other."""
    return EmbeddedFit if request.param == "embedded" else xspecs(request.param)
