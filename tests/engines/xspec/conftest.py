"""XSPEC processes on the stand-in, closed when a test has ended."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from nustar_widgets.engines.fit_xspec import XspecFit
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


@pytest.fixture(scope="module")
def make() -> Iterator[Callable[..., XspecFit]]:
    """Make fits by the stand-in with numbers, one process for a module."""
    keeper = Keeper(environment())

    def made(datasets: Any, choice: FitChoice, **settings: Any) -> XspecFit:
        keeper.forget()
        return XspecFit(datasets, choice, keeper=keeper, **settings)

    yield made
    with suppress(OSError):
        keeper.close()
