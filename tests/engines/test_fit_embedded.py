"""The embedded fit engine on spectra made on the spot: what must hold without any real file."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING

import iminuit  # type: ignore[import-untyped]
import numpy as np
import pytest

from nustar_widgets.engines.fit_embedded import EmbeddedFit
from nustar_widgets.engines.fit_minimise import minimise
from nustar_widgets.errors import FitError, ParameterError, SelectionError
from nustar_widgets.session.values import FitChoice, ParameterChoice
from nustar_widgets.spectra.models import Model
from nustar_widgets.spectra.response import Response
from tests.engines.fitcases import EXPRESSION, TRUTH, made_choice, made_data, made_pair
from tests.spectra.builders import an_arf, an_rmf, spectral_data

if TYPE_CHECKING:
    from nustar_widgets.engines.fitting import FitEngine


def _minos(engine: EmbeddedFit, place: int) -> tuple[float, list[float], tuple[float, float]]:
    """Minimum, standard deviations and one 90 % range, by MINUIT."""
    start = [parameter.value for parameter in engine.result().free]
    minuit = iminuit.Minuit(lambda x: engine._objective.value(np.asarray(x)), start)
    minuit.errordef = 1.0
    minuit.strategy = 2
    minuit.migrad()
    minuit.hesse()
    sigma = list(minuit.errors)
    minuit.minos(place, cl=0.9)
    error, value = minuit.merrors[0], minuit.values[place]
    return minuit.fval, sigma, (value + error.lower, value + error.upper)


@pytest.mark.parametrize("statistic", ["chi", "cstat"])
def test_a_joint_fit_returns_the_truth_of_noiseless_spectra(statistic: str) -> None:
    result = EmbeddedFit(made_pair(), made_choice(statistic)).fit()
    assert result.status == "converged"
    assert result.statistic == pytest.approx(0.0, abs=1e-6)
    best = [p.value for p in result.free]
    assert best == pytest.approx([*TRUTH, 1.04], rel=1e-4)


def test_pgstat_fits_a_spectrum_with_background() -> None:
    data = spectral_data().ignore("**-3. 20.-**")
    fits = {}
    for statistic in ("cstat", "pgstat"):
        choice = FitChoice(expression="powerlaw", statistic=statistic)
        fits[statistic] = EmbeddedFit([data], choice).fit()
    assert fits["pgstat"].status == "converged"
    w, pg = (fits[s]["powerlaw.PhoIndex"] for s in ("cstat", "pgstat"))
    assert w.sigma is not None
    assert abs(w.value - pg.value) < w.sigma


def test_the_best_fit_is_the_minimum_iminuit_finds() -> None:
    engine = EmbeddedFit(made_pair(seed=11), made_choice("cstat"))
    result = engine.fit()
    minimum, sigma, ends = _minos(engine, 1)
    assert result.statistic == pytest.approx(minimum, abs=1e-3)
    assert [parameter.sigma for parameter in result.free] == pytest.approx(sigma, rel=0.05)
    index = engine.errors(["powerlaw.PhoIndex"])["powerlaw.PhoIndex"]
    assert (index.error_low, index.error_high) == pytest.approx(ends, rel=2e-3)


def test_a_start_far_off_in_scale_does_no_harm() -> None:
    far = ParameterChoice(name="powerlaw.norm", value=1e6)
    result = EmbeddedFit(made_pair(), made_choice("cstat", far)).fit()
    assert result.statistic == pytest.approx(0.0, abs=1e-6)


def test_90_per_cent_ranges_hold_the_truth_nine_times_in_ten() -> None:
    held = 0
    for seed in range(40):
        engine = EmbeddedFit([made_data(seed=seed)], made_choice("cstat"))
        index = engine.errors(["powerlaw.PhoIndex"])["powerlaw.PhoIndex"]
        assert index.error_low is not None
        assert index.error_high is not None
        held += index.error_low < 1.8 < index.error_high
    assert 31 <= held <= 40  # binomial(40, 0.9): 99.8 %


def test_the_statistic_at_the_end_of_a_range_has_risen_by_delta() -> None:
    engine = EmbeddedFit([made_data(seed=3)], made_choice("chi"))
    result = engine.errors(["powerlaw.PhoIndex"], delta=1.0)
    end = result["powerlaw.PhoIndex"].error_high
    assert end is not None
    fixed = ParameterChoice(name="powerlaw.PhoIndex", value=end, frozen=True)
    at_end = EmbeddedFit([made_data(seed=3)], made_choice("chi", fixed)).fit()
    assert at_end.statistic - result.statistic == pytest.approx(1.0, abs=0.01)
    assert at_end.dof == result.dof + 1
    assert result.delta == 1.0


def test_a_range_that_meets_a_limit_says_so() -> None:
    bound = ParameterChoice(name="TBabs.nH", max=5.2)
    result = EmbeddedFit([made_data()], made_choice("cstat", bound)).errors(["TBabs.nH"])
    assert result["TBabs.nH"].error_high == 5.2
    assert result["TBabs.nH"].status == "FFFFTFFTF"
    assert result["TBabs.nH"].warnings == ("hit the upper limit", "search failed upwards")


def test_a_fit_stays_inside_its_limits_and_notes_it() -> None:
    bound = ParameterChoice(name="powerlaw.PhoIndex", max=1.6)
    result = EmbeddedFit([made_data()], made_choice("cstat", bound)).fit()
    index = result["powerlaw.PhoIndex"]
    assert index.value == 1.6
    assert index.at_limit
    assert any("at a limit: powerlaw.PhoIndex" in note for note in result.notes)


def test_a_lower_statistic_found_on_the_way_becomes_the_best_fit() -> None:
    engine = EmbeddedFit([made_data(seed=5)], made_choice("cstat"))
    best = engine.fit()
    worse = EmbeddedFit([made_data(seed=5)], made_choice("cstat"))
    worse.fit()
    # Pretend the search had ended beside the minimum.
    worse._x = worse._x * np.array([1.3, 1.0, 1.0])
    worse._best = replace(minimise(worse._objective, worse._x), x=worse._x, value=worse.statistic())
    result = worse.errors(["powerlaw.PhoIndex"])
    assert result.statistic == pytest.approx(best.statistic, abs=1e-3)
    assert result["powerlaw.PhoIndex"].status[0] == "T"
    assert "new minimum found" in result["powerlaw.PhoIndex"].warnings


def test_a_contour_is_lowest_at_the_best_fit_and_fits_the_rest() -> None:
    engine = EmbeddedFit([made_data(seed=2)], made_choice("chi"))
    result = engine.fit()
    column, index = result["TBabs.nH"].value, result["powerlaw.PhoIndex"].value
    x, y = column + np.array([-0.5, 0.0, 0.5]), index + np.array([-0.1, 0.0, 0.1])
    contour = engine.contour("powerlaw.PhoIndex", "TBabs.nH", x=y, y=x)
    assert contour.statistic[1, 1] == pytest.approx(contour.best, abs=1e-3)
    assert contour.statistic.shape == (3, 3)
    assert np.all(np.delete(contour.statistic.ravel(), 4) > contour.best)
    fixed = (
        ParameterChoice(name="TBabs.nH", value=x[2], frozen=True),
        ParameterChoice(name="powerlaw.PhoIndex", value=y[0], frozen=True),
    )
    corner = EmbeddedFit([made_data(seed=2)], made_choice("chi", *fixed)).fit()
    assert contour.statistic[2, 0] == pytest.approx(corner.statistic, abs=2e-3)


def test_linked_parameters_move_together() -> None:
    link = ParameterChoice(name="powerlaw.norm[2]", link="1.04*powerlaw.norm")
    frozen = ParameterChoice(name="constant.factor[2]", value=1.0, frozen=True)
    result = EmbeddedFit(made_pair(), made_choice("cstat", link, frozen)).fit()
    assert result.statistic == pytest.approx(0.0, abs=1e-6)
    assert result["powerlaw.norm[2]"].value == pytest.approx(1.04 * TRUTH[2], rel=1e-4)
    assert result["powerlaw.norm[2]"].link == "1.04*powerlaw.norm"
    assert result["powerlaw.norm[2]"].sigma is None


@pytest.mark.parametrize("method", ["fit", "errors"])
def test_the_caller_can_stop_at_any_step(method: str) -> None:
    asked = []

    def stop() -> bool:
        asked.append(1)
        return len(asked) > 2

    engine = EmbeddedFit([made_data(seed=4)], made_choice("cstat"))
    result = getattr(engine, method)(stop=stop)
    assert result.status == "stopped"
    assert result["powerlaw.PhoIndex"].error_low is None
    assert engine.fit().status == "converged"


def test_a_stopped_contour_keeps_what_it_has() -> None:
    engine = EmbeddedFit([made_data(seed=4)], made_choice("cstat"))
    engine.fit()
    left = iter([False, False, True])
    contour = engine.contour(
        "TBabs.nH",
        "powerlaw.PhoIndex",
        x=[4.0, 5.0],
        y=[1.7, 1.8],
        stop=lambda: next(left),
    )
    done = np.isfinite(contour.statistic).sum(axis=1)
    assert sorted(done) == [0, 2]  # one row, the one beside the best fit


def test_setting_values_moves_the_curve_and_forgets_the_fit() -> None:
    engine = EmbeddedFit([made_data()], made_choice("cstat"))
    engine.fit()
    before = engine.counts()[0]
    engine.set({"powerlaw.norm": 2 * engine.values["powerlaw.norm"]})
    assert engine.counts()[0] == pytest.approx(2 * before)
    result = engine.result()
    assert result.status == "not fitted"
    assert result["powerlaw.norm"].sigma is None
    with pytest.raises(ParameterError, match=r"powerlaw\.norm: -1 .* is outside its limits"):
        engine.set({"powerlaw.norm": -1.0})


def test_fluxes_have_an_uncertainty_and_an_unabsorbed_value() -> None:
    engine = EmbeddedFit(made_pair(seed=8), made_choice("cstat"))
    assert engine.flux(3.0, 10.0)[0].energy_sigma is None
    engine.fit()
    first, second = engine.flux(3.0, 10.0)
    assert second.energy / first.energy == pytest.approx(engine.values["constant.factor[2]"])
    assert first.unabsorbed_energy is not None
    assert first.unabsorbed_energy > first.energy
    assert first.energy_sigma is not None
    assert 0.001 < first.energy_sigma / first.energy < 0.05


def test_the_uncertainty_of_a_flux_is_that_of_cflux() -> None:
    data = [made_data(seed=8)]
    engine = EmbeddedFit(data, made_choice("cstat", expression="tbabs*powerlaw"))
    engine.fit()
    flux = engine.flux(4.0, 10.0)[0]
    pegged = FitChoice(
        expression="cflux*tbabs*powerlaw",
        statistic="cstat",
        parameters=(
            ParameterChoice(name="cflux.Emin", value=4.0),
            ParameterChoice(name="cflux.Emax", value=10.0),
            ParameterChoice(name="cflux.lg10Flux", value=-10.0),
            ParameterChoice(name="powerlaw.norm", value=1.0, frozen=True),
            ParameterChoice(name="powerlaw.PhoIndex", value=1.4),
        ),
    )
    logarithm = EmbeddedFit(data, pegged).fit()["cflux.lg10Flux"]
    assert flux.energy == pytest.approx(10**logarithm.value, rel=1e-3)
    assert flux.energy_sigma is not None
    assert logarithm.sigma is not None
    assert flux.energy_sigma / flux.energy == pytest.approx(
        logarithm.sigma * np.log(10.0), rel=0.05
    )


def test_curves_are_the_folded_components() -> None:
    expression = "tbabs*(powerlaw+gaussian)"
    choice = FitChoice(expression=expression, statistic="cstat")
    engine = EmbeddedFit([made_data()], choice)
    curve = engine.curves()[0]
    assert list(curve.components) == ["powerlaw", "gaussian"]
    assert sum(curve.components.values()) == pytest.approx(curve.total)
    assert curve.total == pytest.approx(engine.counts()[0])
    assert curve.lo_kev[0] >= 3.0 - 0.4


def test_spectra_with_the_same_response_share_their_model() -> None:
    engine = EmbeddedFit(made_pair(), made_choice())
    assert engine._folds[0].model is engine._folds[1].model


def test_spectra_whose_areas_end_elsewhere_are_cut_from_one_model() -> None:
    short = Response(an_rmf(), an_arf(dark_from=35))
    pair = (made_data(), replace(made_data(number=2), response=short))
    engine = EmbeddedFit(pair, made_choice())
    for data, counts in zip(pair, engine.counts(), strict=True):
        values = (1.0, 1.0, 1.4, 0.01)
        direct = data.fold(Model.parse(EXPRESSION).evaluate(data.edges_kev, values))
        assert counts == pytest.approx(direct, rel=1e-13)


def test_the_slopes_are_those_of_the_statistic() -> None:
    engine = EmbeddedFit(made_pair(seed=6), made_choice("cstat"))
    x = np.array([3.0, 1.7, 0.04, 1.1])
    gradient = engine._objective.parabola(x).gradient
    for place, step in enumerate((1e-4, 1e-5, 1e-6, 1e-5)):
        ends = [x.copy(), x.copy()]
        ends[0][place] -= step
        ends[1][place] += step
        low, high = (engine._objective.value(end) for end in ends)
        assert gradient[place] == pytest.approx((high - low) / (2 * step), rel=2e-3)


def test_a_result_goes_into_json_and_names_everything() -> None:
    engine = EmbeddedFit(made_pair(seed=1), made_choice("cstat"))
    engine.fit()
    engine.errors()
    text = json.loads(json.dumps(engine.result(bands_kev=[(3.0, 10.0), (10.0, 20.0)]).to_dict()))
    assert text["statistic_name"] == "cstat"
    assert text["n_bins"] == [41, 41]
    assert text["dof"] == 78
    assert text["delta"] == 2.706
    norm = next(p for p in text["parameters"] if p["name"] == "powerlaw.norm")
    assert norm["unit"] == "photons/keV/cm^2/s"
    assert norm["error_low"] < norm["value"] < norm["error_high"]
    assert norm["status"] == "FFFFFFFFF"
    assert len(text["covariance"]) == 4
    assert [(f["spectrum"], f["high_kev"]) for f in text["fluxes"]] == [
        (1, 10.0), (2, 10.0), (1, 20.0), (2, 20.0),
    ]  # fmt: skip


def test_nothing_free_is_still_a_result() -> None:
    frozen = tuple(
        ParameterChoice(name=name, frozen=True)
        for name in ("TBabs.nH", "powerlaw.PhoIndex", "powerlaw.norm")
    )
    result = EmbeddedFit([made_data()], made_choice("cstat", *frozen)).errors()
    assert result.free == ()
    assert result.dof == 41


def test_impossible_requests_are_refused_in_words() -> None:
    with pytest.raises(SelectionError, match="no spectrum is loaded"):
        EmbeddedFit([], made_choice())
    engine = EmbeddedFit([made_data()], made_choice())
    with pytest.raises(ParameterError, match=r"delta: 0: expected a rise above 0"):
        engine.errors(delta=0.0)
    with pytest.raises(ParameterError, match="two different parameters"):
        engine.contour("TBabs.nH", "TBabs.nH", x=[1.0], y=[1.0])
    with pytest.raises(ParameterError, match=r"TBabs\.nH: -1 10\^22 is outside"):
        engine.contour("TBabs.nH", "powerlaw.norm", x=[-1.0, 1.0], y=[1.0])
    with pytest.raises(ParameterError, match=r"band: 10 to 3 keV: expected 0 <= low < high"):
        engine.flux(10.0, 3.0)
    with pytest.raises(KeyError, match="nowhere"):
        _ = engine.result()["nowhere"]


def test_a_model_without_a_value_at_the_start_is_refused() -> None:
    norm = ParameterChoice(name="bbody.norm", value=1e200, max=1e201, frozen=True)
    choice = FitChoice(expression="bbody", statistic="chi", parameters=(norm,))
    with pytest.raises(FitError, match="no finite value at the start: choose other start values"):
        EmbeddedFit([made_data()], choice).fit()


def test_the_embedded_engine_is_a_fit_engine() -> None:
    engine: FitEngine = EmbeddedFit([made_data()], made_choice())
    assert engine.statistic() > 0.0
