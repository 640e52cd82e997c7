"""A fit in a few lines equals that of the engine, and says what it found."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from nustar_widgets.engines.fit_embedded import EmbeddedFit
from nustar_widgets.errors import FitError, InputFileError, ParameterError
from nustar_widgets.fitjob import notice
from nustar_widgets.fits.spectralfit import SpectralFit
from nustar_widgets.session.values import FitChoice, ParameterChoice
from nustar_widgets.spectra.loading import load
from nustar_widgets.spectra.ogip import write_arf, write_pha, write_rmf
from tests.spectra.builders import a_background, a_spectrum, an_arf, an_rmf


@pytest.fixture
def files(tmp_path: Path) -> dict[str, str]:
    """A spectrum and what belongs to it."""
    write_rmf(tmp_path / "r.rmf", an_rmf())
    write_arf(tmp_path / "r.arf", an_arf())
    write_pha(tmp_path / "b.pha", a_background())
    write_pha(tmp_path / "s.pha", a_spectrum())
    names = {"pha": "s.pha", "background": "b.pha", "arf": "r.arf", "rmf": "r.rmf"}
    return {name: str(tmp_path / file) for name, file in names.items()}


def test_it_finds_what_the_engine_finds(files: dict[str, str]) -> None:
    fit = SpectralFit(
        [files],
        "tbabs*powerlaw",
        parameters={"TBabs.nH": {"value": 0.5, "frozen": True}},
        statistic="chi",
        notice_kev=[(3.0, 20.0)],
    )
    choice = FitChoice(
        expression="tbabs*powerlaw",
        parameters=(ParameterChoice(name="TBabs.nH", value=0.5, frozen=True),),
        statistic="chi",
        notice_kev=((3.0, 20.0),),
    )
    data = load(**files, number=1)
    engine = EmbeddedFit([notice(data, choice.notice_kev)], choice)
    assert fit.fit() == engine.fit()
    assert fit.errors() == engine.errors(delta=2.706)
    assert fit.errors(["powerlaw.norm"], delta=1.0).delta == 1.0
    assert fit.flux(3.0, 10.0) == engine.flux(3.0, 10.0)
    assert fit.luminosity(3.0, 10.0, redshift=0.1) == engine.luminosity(3.0, 10.0, redshift=0.1)


def test_it_measures_the_width_of_a_line(files: dict[str, str]) -> None:
    fit = SpectralFit([files], "powerlaw+gauss", notice_kev=[(3.0, 20.0)])
    fit.fit()
    (width,) = fit.width("gaussian")
    assert width == fit.engine.width("gaussian")[0]


def test_it_says_what_it_found_in_text_and_with_a_picture(files: dict[str, str]) -> None:
    fit = SpectralFit([files], "powerlaw", notice_kev=[(3.0, 20.0)])
    assert "not fitted" in repr(fit)
    fit.fit()
    fit.flux(3.0, 10.0)
    lines = str(fit).splitlines()
    assert lines[0].startswith("powerlaw: cstat ")
    assert any(line.strip().startswith("powerlaw.PhoIndex = ") for line in lines)
    assert lines[-1].strip().startswith("flux 3-10 keV, s.pha: ")
    page = fit._repr_html_()
    assert 'src="data:image/png;base64,' in page
    assert "<pre>powerlaw: cstat " in page
    fit.fit()
    assert "flux" not in str(fit)  # they were of other values


def test_the_grouping_of_the_fit_is_its_own(files: dict[str, str]) -> None:
    plain = SpectralFit([files], "powerlaw").engine.datasets[0].n_bins
    grouped = SpectralFit(
        [files],
        "powerlaw",
        grouping={"grouptype": "constant", "groupscale": 2, "minchannel": None, "maxchannel": None},
    )
    assert grouped.engine.datasets[0].n_bins < plain


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"parameters": {"powerlaw.norm": {"vlue": 1.0}}}, "powerlaw.norm: 'vlue': expected froz"),
        ({"grouping": {"grouptyp": "min"}}, "grouping: 'grouptyp': expected groupscale, grouptype"),
        ({"spectra": [{"file": "s.pha"}]}, "spectra: .*expected arf, background, pha, rmf"),
    ],
)
def test_a_name_that_is_wrong_is_told_with_those_that_are_right(
    files: dict[str, str], wrong: dict[str, Any], told: str
) -> None:
    given: dict[str, Any] = {"spectra": [files], "model": "powerlaw", **wrong}
    with pytest.raises(ParameterError, match=told):
        SpectralFit(**given)


def test_a_file_that_is_missing_is_named_and_ranges_need_a_fit(
    files: dict[str, str], tmp_path: Path
) -> None:
    with pytest.raises(InputFileError, match=r"none\.pha"):
        SpectralFit([tmp_path / "none.pha"], "powerlaw")
    with pytest.raises(FitError):
        SpectralFit([files], "powerlaw").flux(3.0, 10.0, draws=10)
