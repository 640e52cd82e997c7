"""Fixtures every test may use."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from nustar_widgets.simulate import SimulatedObservation, simulate_observation
from tests.standins import here

# No clock in tests; and the same examples every time, so that a change is judged by itself.
# New ones are looked for by `make explore`.
settings.register_profile("project", deadline=None, derandomize=True)
settings.register_profile("explore", deadline=None, max_examples=1000)
settings.load_profile("project")

SHARED = Path(__file__).resolve().parents[2] / "shared"


@pytest.fixture(scope="session", autouse=True)
def state_home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Folder the list of recent sessions goes to, instead of the user's own."""
    folder = tmp_path_factory.mktemp("state")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_STATE_HOME", str(folder))
        yield folder


@pytest.fixture(scope="session")
def shared() -> Path:
    """Folder of real files and HEASoft reference values; skips where it is absent."""
    if not (SHARED / "fixtures").is_dir():
        pytest.skip("the folder of reference values is not beside this checkout")
    return SHARED


@pytest.fixture(
    scope="session", params=["stand-in", pytest.param("real", marks=pytest.mark.heasoft)]
)
def heasoft(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> here.Here:
    """HEASoft and heasoftpy: the stand-ins, or with ``-m heasoft`` what HEADAS names."""
    if request.param == "stand-in":
        return here.stand_in(tmp_path_factory.mktemp("heasoft") / "headas")
    found = here.real()
    if found is None:
        pytest.skip("HEADAS is not set")
    return found


@pytest.fixture(scope="session")
def standin(tmp_path_factory: pytest.TempPathFactory) -> here.Here:
    """Return the stand-in HEASoft, for tests of what only its tasks do: hang, crash, flood."""
    return here.stand_in(tmp_path_factory.mktemp("standin") / "headas")


@pytest.fixture(scope="session")
def sample(tmp_path_factory: pytest.TempPathFactory) -> SimulatedObservation:
    """Return a short simulated observation; tests must not change its files."""
    return simulate_observation(tmp_path_factory.mktemp("sample"), exposure_s=4000.0)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark every test that uses ``shared``, so that they can be counted and deselected."""
    for item in items:
        if "shared" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.shared)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say how many tests needed what may be missing, so that a gap is seen."""
    for mark, named in (("shared", "the reference values"), ("browser", "a browser")):
        counts = {
            outcome: sum(mark in getattr(report, "keywords", ()) for report in reports)
            for outcome, reports in terminalreporter.stats.items()
            if outcome in ("passed", "failed", "skipped", "xfailed")
        }
        told = ", ".join(f"{number} {outcome}" for outcome, number in counts.items() if number)
        terminalreporter.write_line(f"Tests that need {named}: {told or 'none'}")
    terminalreporter.write_line(here.described())
