"""The HEASoft engine on the stand-in tasks, in folders of one test."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from nustar_widgets.engines.base import TaskResult
from nustar_widgets.engines.heasoft.engine import HeasoftEngine
from nustar_widgets.session.taskcall import ParamValue
from tests.engines.heasoft.builders import Run, short_folder, standin_call
from tests.standins.here import Here


@pytest.fixture
def scratch() -> Iterator[Path]:
    """Where working folders are made; a run must leave nothing in it."""
    with short_folder() as folder:
        yield folder


@pytest.fixture
def engine(standin: Here, scratch: Path) -> HeasoftEngine:
    """Return an engine on the stand-in tasks."""
    return HeasoftEngine(standin.environ, scratch=scratch)


@pytest.fixture
def run(engine: HeasoftEngine, tmp_path: Path) -> Run:
    """Run the stand-in task in a folder of the test."""

    def call(tell: Callable[[str], None] | None = None, **params: ParamValue) -> TaskResult:
        return engine.run(standin_call(**params), folder=tmp_path, progress=tell)

    return call
