"""What tests of the application share."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from nustar_widgets.app.application import App
from nustar_widgets.opening import open_in
from nustar_widgets.session.session import Session
from nustar_widgets.simulate import SimulatedObservation
from tests.panels.conftest import _callbacks_raise, at_once

__all__ = ["_callbacks_raise"]


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The present folder: a new one."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def app(here: Path) -> Iterator[App]:
    """Return an application on a new session, whose slow work is done at once."""
    made = App(start=at_once, has_page=False)
    yield made
    made.close()


@pytest.fixture
def opened(here: Path, sample: SimulatedObservation) -> Session:
    """Return a session with the sample opened, in a work folder of its own."""
    session = Session(work_dir=str(here / "work"))
    open_in(session, sample.path)
    return session


def placed(folder: Path, sample: SimulatedObservation) -> Path:
    """Copy the sample to where an application looks for it, and return its folder."""
    place = folder / "00000000001"
    shutil.copytree(sample.path, place, copy_function=os.link)
    return place
