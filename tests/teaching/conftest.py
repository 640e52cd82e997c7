"""A workshop on a simulated observation that is long enough to hold a flare."""

from __future__ import annotations

from pathlib import Path

import pytest

from nustar_widgets.opening import open_in
from nustar_widgets.session.session import Session
from nustar_widgets.simulate import SimulatedObservation, simulate_observation
from nustar_widgets.teaching import Workshop


@pytest.fixture(scope="session")
def flaring(tmp_path_factory: pytest.TempPathFactory) -> SimulatedObservation:
    """Return a simulated observation of 8 ks: the background flares around its first passage."""
    return simulate_observation(tmp_path_factory.mktemp("flaring"), exposure_s=8000.0)


@pytest.fixture
def workshop(flaring: SimulatedObservation, tmp_path: Path) -> Workshop:
    session = Session(work_dir=str(tmp_path), engine="embedded")
    open_in(session, flaring.path)
    return Workshop(session)
