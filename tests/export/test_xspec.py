"""Exported XSPEC scripts, run: the stand-in's fit, and a real XSPEC's, is the panel's."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from nustar_widgets.engines.fit_xspec import xspec_problem
from nustar_widgets.engines.xspec.home import xspec_environment
from nustar_widgets.export.kinds import KINDS
from nustar_widgets.fits.livefit import LiveFit
from nustar_widgets.session.measures import FluxWishes
from nustar_widgets.session.values import GroupingChoice
from nustar_widgets.simulate import SimulatedObservation
from tests.export.panels import Made, drawn, fitted, made
from tests.standins.xspechere import environment

_SCRIPT = next(kind for kind in KINDS if kind.key == "pyxspec")


@pytest.fixture(params=["stand-in", pytest.param("XSPEC", marks=pytest.mark.heasoft)])
def environ(request: pytest.FixtureRequest) -> dict[str, str]:
    """Environment in which PyXspec is found."""
    if request.param == "stand-in":
        return environment()
    if problem := xspec_problem():
        pytest.skip(problem)
    return dict(xspec_environment())


@pytest.fixture(scope="module", autouse=True)
def _no_heasoft() -> None:
    """Keep what is installed: these tests run it."""


@pytest.fixture(scope="module")
def there(sample: SimulatedObservation, tmp_path_factory: pytest.TempPathFactory) -> Made:
    """A session whose products are there, each module's in a folder of its own, and fitted."""
    found = made(drawn(sample, tmp_path_factory.mktemp("panels")))
    fitted(found.session)
    return found


def run(there: Made, folder: Path, environ: dict[str, str]) -> dict[str, Any]:
    """Run the script where it was written; return what it printed, by the first word."""
    script, *others = _SCRIPT.make(there.session, "auto")
    for file in (script, *others):
        file.write(folder)
    done = subprocess.run(
        [sys.executable, script.name], cwd=folder, env=environ, text=True, capture_output=True,
        check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
    return {line.partition(" ")[0]: line for line in done.stdout.splitlines() if line[:1].strip()}


def test_spectra_in_two_folders_are_fitted_as_the_panel_fits_them(
    there: Made, tmp_path: Path, environ: dict[str, str]
) -> None:
    live = LiveFit.of(there.session)
    live.wishes = FluxWishes(bands_kev=((3.0, 10.0),), redshift=0.0144)
    result, engine = live.result, live.engine
    assert result is not None
    assert engine is not None
    printed = run(there, tmp_path, environ)
    _, statistic, _, dof, *_ = printed["statistic"].split()
    assert float(statistic) == pytest.approx(result.statistic, abs=1e-3)
    assert int(dof) == result.dof
    flux = float(printed["flux"].partition("(")[2].partition(",")[0])  # of the second spectrum
    assert flux == pytest.approx(engine.flux(3.0, 10.0)[1].energy, rel=1e-3)
    assert "lumin" in printed


def test_what_is_grouped_for_the_fit_alone_is_fitted_so(
    there: Made, tmp_path: Path, environ: dict[str, str]
) -> None:
    session = there.session
    session.edit(
        "group", fit=replace(session.fit, grouping=GroupingChoice(grouptype="min", groupscale=40.0))
    )
    result = LiveFit.of(session).fit()
    printed = run(there, tmp_path, environ)
    assert float(printed["statistic"].split()[1]) == pytest.approx(result.statistic, abs=1e-3)
    assert int(printed["statistic"].split()[3]) == result.dof
    assert "nu00000000001B01_sr_grp_fit.pha" in {path.name for path in tmp_path.iterdir()}
