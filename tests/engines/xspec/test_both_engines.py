"""One fit protocol: the embedded engine and XSPEC on a stand-in that has PyXspec's manners."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from nustar_widgets.engines.fit_embedded import EmbeddedFit
from nustar_widgets.engines.fit_xspec import XspecFit
from nustar_widgets.engines.fitting import FitEngine, FitStep
from nustar_widgets.errors import ExpressionError, NeedsHeasoftError, ParameterError, SelectionError
from nustar_widgets.session.values import FitChoice, ParameterChoice
from tests.engines.fitcases import TRUTH, made_choice, made_data, made_pair

Made = Callable[..., FitEngine]


def _line(**changes: Any) -> FitChoice:
    return FitChoice(expression="constant*tbabs*(powerlaw+gauss+gauss)", **changes)


@pytest.mark.parametrize("statistic", ["chi", "cstat", "pgstat"])
def test_a_joint_fit_returns_the_truth_of_noiseless_spectra(fit: Made, statistic: str) -> None:
    engine = fit(made_pair(), made_choice(statistic))
    result = engine.fit()
    assert result.status == "converged"
    assert result.statistic == pytest.approx(0.0, abs=1e-3)
    assert [p.value for p in result.free] == pytest.approx([*TRUTH, 1.04], rel=1e-3)
    assert result.dof == sum(result.n_bins) - 4
    assert np.shape(result.covariance) == (4, 4)
    assert result.statistic_name == statistic


def test_both_engines_tell_the_same_of_one_fit(make: Callable[..., XspecFit]) -> None:
    pair, choice = made_pair(seed=5), made_choice("cstat")
    ours, xspec = EmbeddedFit(pair, choice), make(pair, choice)
    assert xspec.statistic() == pytest.approx(ours.statistic(), rel=1e-5)
    assert [row.name for row in xspec.table.rows] == [row.name for row in ours.table.rows]
    assert [row.unit for row in xspec.table.rows] == [row.unit for row in ours.table.rows]
    assert xspec.result().data_key == ours.result().data_key
    for one, other in zip(ours.errors().parameters, xspec.errors().parameters, strict=True):
        near = 0.01 * one.sigma if one.sigma else 1e-3 * abs(one.value)
        assert other.value == pytest.approx(one.value, abs=near)
        for name in ("sigma", "error_low", "error_high"):
            expected = getattr(one, name)
            close = None if expected is None else pytest.approx(expected, abs=2.0 * near)
            assert getattr(other, name) == close, name
        assert (other.status, other.link, other.frozen) == (one.status, one.link, one.frozen)
    for mine, theirs in zip(ours.flux(3.0, 10.0), xspec.flux(3.0, 10.0), strict=True):
        assert theirs.energy == pytest.approx(mine.energy, rel=1e-4)
        assert theirs.unabsorbed_energy == pytest.approx(mine.unabsorbed_energy, rel=1e-3)
        assert theirs.energy_sigma == pytest.approx(mine.energy_sigma, rel=1e-2)
        assert theirs.photons_sigma == pytest.approx(mine.photons_sigma, rel=1e-2)
    for mine_too, theirs_too in zip(ours.photons(), xspec.photons(), strict=True):
        assert theirs_too == pytest.approx(mine_too, rel=1e-3)


def test_components_add_up_to_the_folded_model(fit: Made) -> None:
    first = ParameterChoice(name="gaussian.norm", value=2e-4)
    second = ParameterChoice(name="gaussian_5.norm", link="2*gaussian.norm")
    engine = fit(made_pair(seed=1), _line(parameters=(first, second)))
    before = engine.values
    for curve in engine.curves():
        assert list(curve.components) == ["powerlaw", "gaussian", "gaussian_5"]
        assert sum(curve.components.values()) == pytest.approx(curve.total, rel=1e-9)
        assert curve.components["gaussian_5"].sum() > 0
        assert curve.total.shape == curve.lo_kev.shape
    assert engine.values == before


def test_a_link_is_an_expression_over_names_of_any_spectrum(fit: Made) -> None:
    choices = (
        ParameterChoice(name="gaussian.Sigma", link="0.1 + 0.05*gaussian_5.Sigma"),
        ParameterChoice(name="gaussian_5.Sigma", value=0.4, frozen=True),
        ParameterChoice(name="powerlaw.norm[2]", link="constant.factor[2]*powerlaw.norm/2"),
        ParameterChoice(name="constant.factor[2]", value=1.5),
        ParameterChoice(name="gaussian.LineE[2]", value=6.2),
    )
    engine = fit(made_pair(seed=1), _line(parameters=choices))
    values = engine.values
    assert values["gaussian.Sigma"] == pytest.approx(0.12)
    assert values["gaussian.Sigma[2]"] == pytest.approx(0.12)
    assert values["powerlaw.norm[2]"] == pytest.approx(0.75)
    assert values["gaussian.LineE[2]"] == 6.2
    assert values["gaussian.LineE"] == 6.5
    engine.set({"powerlaw.norm": 2.0, "gaussian_5.Sigma": 0.2})
    assert engine.values["powerlaw.norm[2]"] == pytest.approx(1.5)
    assert engine.values["gaussian.Sigma[2]"] == pytest.approx(0.11)


def test_a_value_outside_its_limits_is_refused_and_all_stay_where_they_were(fit: Made) -> None:
    limited = ParameterChoice(name="powerlaw.PhoIndex", value=1.5, min=1.0, max=2.0)
    engine = fit([made_data(seed=1)], FitChoice(expression="powerlaw", parameters=(limited,)))
    before = engine.values
    with pytest.raises(ParameterError, match=r"2\.5 is outside its limits 1 to 2"):
        engine.set({"powerlaw.norm": 0.5, "powerlaw.PhoIndex": 2.5})
    assert engine.values == before


def test_a_fit_keeps_to_limits_wider_than_usual(fit: Made) -> None:
    wide = ParameterChoice(name="powerlaw.PhoIndex", value=11.0, max=12.0)
    engine = fit([made_data(seed=1)], FitChoice(expression="powerlaw", parameters=(wide,)))
    assert engine.values["powerlaw.PhoIndex"] == 11.0


def test_a_frozen_parameter_can_be_set_and_thawed_by_choice(fit: Made) -> None:
    frozen = ParameterChoice(name="powerlaw.PhoIndex", value=1.7, frozen=True)
    engine = fit([made_data(seed=1)], FitChoice(expression="powerlaw", parameters=(frozen,)))
    engine.set({"powerlaw.PhoIndex": 1.9})
    result = engine.fit()
    assert result["powerlaw.PhoIndex"].value == 1.9
    assert [parameter.name for parameter in result.free] == ["powerlaw.norm"]


def test_a_fit_is_watched_and_ends_at_its_best(fit: Made) -> None:
    steps: list[FitStep] = []
    engine = fit([made_data(seed=2)], made_choice("cstat"))
    start = engine.statistic()
    result = engine.fit(watch=steps.append)
    assert steps[-1].statistic == result.statistic < start
    assert steps[-1].values == engine.values
    falling = [statistic for _, statistic in steps[-1].trace]
    assert falling == sorted(falling, reverse=True)


def test_a_stopped_fit_says_so(fit: Made) -> None:
    engine = fit([made_data(seed=2)], made_choice("cstat"))
    start = engine.statistic()
    result = engine.fit(stop=lambda: True)
    assert result.status == "stopped"
    assert result.statistic <= start


def test_setting_a_value_forgets_the_fit(fit: Made) -> None:
    engine = fit([made_data(seed=2)], made_choice("cstat"))
    best = engine.errors().statistic
    engine.set({"powerlaw.PhoIndex": 1.7})
    result = engine.result()
    assert result.status == "not fitted"
    assert result.delta is None
    assert result["TBabs.nH"].error_low is None
    assert result.statistic > best


def test_a_contour_fills_in_row_by_row(fit: Made) -> None:
    engine = fit([made_data(seed=2)], made_choice("cstat"))
    engine.fit()
    best, values = engine.statistic(), engine.values
    known: list[int] = []
    picture = engine.contour(
        "TBabs.nH",
        "powerlaw.PhoIndex",
        x=np.linspace(4.0, 6.0, 5),
        y=np.linspace(1.7, 1.9, 3),
        watch=lambda part: known.append(int(np.isfinite(part.statistic).sum())),
    )
    assert picture.statistic.shape == (3, 5)
    assert picture.best == best
    assert picture.statistic.min() >= best - 1e-3
    assert known == sorted(known)
    assert known[-1] == 15
    assert engine.values == pytest.approx(values)


def test_an_uneven_grid_gives_the_same_statistic(make: Callable[..., XspecFit]) -> None:
    data, choice = [made_data(seed=2)], made_choice("cstat")
    grids: dict[str, Any] = {"x": [4.0, 4.5, 6.0], "y": [1.75, 1.85]}
    ours = EmbeddedFit(data, choice).contour("TBabs.nH", "powerlaw.PhoIndex", **grids)
    xspec = make(data, choice).contour("TBabs.nH", "powerlaw.PhoIndex", **grids)
    assert xspec.statistic == pytest.approx(ours.statistic, abs=0.1)


def test_one_error_range_of_a_frozen_or_unknown_parameter_is_refused(fit: Made) -> None:
    engine = fit(made_pair(seed=1), made_choice("cstat"))
    with pytest.raises(ParameterError, match="it is not free but frozen: thaw it first"):
        engine.errors(["constant.factor"])
    with pytest.raises(ParameterError, match="no such parameter"):
        engine.errors(["powerlaw.Gamma"])
    with pytest.raises(ParameterError, match="delta: 0: expected a rise above 0"):
        engine.errors(delta=0.0)


def test_what_cannot_be_fitted_is_refused(fit: Made) -> None:
    with pytest.raises(SelectionError, match="no spectrum is loaded"):
        fit([], made_choice())
    with pytest.raises(SelectionError, match="no bin is in use"):
        fit([made_data(seed=1).ignore("all")], made_choice()).statistic()
    with pytest.raises(ExpressionError, match="did you mean powerlaw"):
        fit([made_data(seed=1)], FitChoice(expression="tbabs*powrlaw"))
    with pytest.raises(ParameterError, match="band: 10 to 3 keV"):
        fit([made_data(seed=1)], made_choice()).flux(10.0, 3.0)


def test_a_model_only_xspec_has_is_fitted_there_and_refused_by_name_here(
    make: Callable[..., XspecFit],
) -> None:
    reflection = ParameterChoice(name="pexrav.rel_refl", value=0.5, frozen=True)
    fold = ParameterChoice(name="pexrav.foldE", value=300.0, frozen=True)
    choice = FitChoice(expression="pexrav", parameters=(reflection, fold))
    with pytest.raises(NeedsHeasoftError, match="pexrav needs HEASoft"):
        EmbeddedFit([made_data(seed=1)], choice)
    engine = make([made_data(seed=1)], choice)
    result = engine.fit()
    assert result.status == "converged"
    assert result["pexrav.rel_refl"].value == 0.5
    assert result["pexrav.foldE"].unit == "keV"
