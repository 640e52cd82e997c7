"""Models of the same data side by side."""

from __future__ import annotations

from dataclasses import replace
from math import log

import numpy as np
import pytest
from scipy.stats import f as fisher

from nustar_widgets.engines.fit_embedded import EmbeddedFit
from nustar_widgets.engines.fit_rivals import (
    data_key,
    f_test,
    is_nested,
    ranked,
    same_data,
    worse_than,
)
from nustar_widgets.engines.fitting import FitResult, ParameterResult
from nustar_widgets.errors import ParameterError
from nustar_widgets.session.values import FitChoice, ParameterChoice
from tests.engines.fitcases import made_choice, made_data, made_pair

N_BINS = 100


def _result(
    expression: str, statistic: float, n_free: int, *, at_limit: bool = False, name: str = "chi"
) -> FitResult:
    free = tuple(
        ParameterResult(
            component="c", name=f"c.p{i}", unit="", value=1.0, at_limit=at_limit and i == 0
        )
        for i in range(n_free)
    )
    return FitResult(
        expression=expression, statistic_name=name, statistic=statistic, dof=N_BINS - n_free,
        n_bins=(60, 40), parameters=free,
    )  # fmt: skip


PLAIN = _result("tbabs*powerlaw", 130.0, 3)
LINE = _result("tbabs*(powerlaw+gauss)", 110.0, 5)


# -- information criteria ------------------------------------------------------------------


def test_models_are_ranked_by_akaike_s_criterion() -> None:
    best, other = ranked([PLAIN, LINE])
    assert (best.result, other.result) == (LINE, PLAIN)
    assert best.aic == 110.0 + 2 * 5
    assert best.bic == pytest.approx(110.0 + 5 * log(N_BINS))
    assert (best.over_aic, other.over_aic) == (0.0, 16.0)
    assert other.over_bic == pytest.approx(130 - 110 - 2 * log(N_BINS))
    assert best.notes == other.notes == ()


def test_a_model_behind_a_simpler_one_says_so_in_the_ranking() -> None:
    stuck = _result("tbabs*(powerlaw+gauss)", 131.0, 5)
    assert "fits better" in next(r for r in ranked([PLAIN, stuck]) if r.result is stuck).notes[0]


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"statistic_name": "cstat"}, "one fit is by chi, another by cstat: fit both by the same"),
        ({"n_bins": (60, 41)}, r"one fit has 60 \+ 40 bins, another 60 \+ 41: fit both with"),
        ({"n_bins": (100,)}, r"one fit has 60 \+ 40 bins, another 100"),
    ],
)
def test_fits_of_different_data_are_not_compared(changes: dict[str, object], problem: str) -> None:
    other = replace(LINE, **changes)  # type: ignore[arg-type]
    for compare in (lambda: ranked([PLAIN, other]), lambda: f_test(PLAIN, other)):
        with pytest.raises(ParameterError, match=problem):
            compare()
    assert not same_data(PLAIN, other)


def test_other_counts_in_the_same_bins_are_other_data() -> None:
    one, other = (EmbeddedFit([made_data(seed=s)], made_choice()).fit() for s in (1, 2))
    with pytest.raises(ParameterError, match="different spectra, groupings or energy ranges"):
        ranked([one, other])
    again = EmbeddedFit([made_data(seed=1)], made_choice(expression="powerlaw", parameters=()))
    assert same_data(one, again.fit())


def test_the_key_of_the_data_sees_counts_edges_and_background() -> None:
    data = made_data(seed=1)
    keys = {
        data_key([data]), data_key([data, data]), data_key([data.ignore("**-4.")]),
        data_key([made_data(seed=2)]), data_key(made_pair(seed=1)),
    }  # fmt: skip
    assert len(keys) == 5
    assert data_key([data]) == data_key([made_data(seed=1)])


def test_no_model_is_nothing_to_compare() -> None:
    with pytest.raises(ParameterError, match="no fit to compare: keep at least one"):
        ranked([])


# -- F-test --------------------------------------------------------------------------------


def test_the_f_test_is_xspec_s() -> None:
    """XSPEC's manual: F = (fall / further parameters) / (chi-squared / dof of the fuller model)."""
    full = _result("tbabs*cutoffpl", 110.0, 5)
    found = f_test(PLAIN, full)
    assert found.f == pytest.approx((20.0 / 2) / (110.0 / 95))
    assert found.probability == pytest.approx(fisher.sf(found.f, 2, 95))


def test_a_line_added_is_no_case_for_the_f_test() -> None:
    assert "Protassov et al. 2002, ApJ 571, 545" in f_test(PLAIN, LINE).notes[0]
    thawed = _result("tbabs*powerlaw", 120.0, 4)
    assert f_test(PLAIN, thawed).notes == ()


def test_a_parameter_at_its_limit_is_no_case_for_the_f_test() -> None:
    thawed = _result("tbabs*powerlaw", 120.0, 4, at_limit=True)
    assert f_test(PLAIN, thawed).notes == ("not valid with a parameter at its limit: c.p0",)


def test_a_fuller_model_that_fits_worse_is_chance() -> None:
    worse = _result("tbabs*(powerlaw+gauss)", 131.0, 5)
    found = f_test(PLAIN, worse)
    assert (found.f, found.probability) == (0.0, 1.0)
    assert "fits better: chi 130.00, here 131.00" in found.notes[1]


def test_the_f_test_is_for_chi_squared_and_nested_models() -> None:
    w = [replace(result, statistic_name="cstat") for result in (PLAIN, LINE)]
    with pytest.raises(ParameterError, match="by cstat: it is made for chi-squared; compare AIC"):
        f_test(*w)
    with pytest.raises(ParameterError, match=r"does not contain .* with fewer free parameters"):
        f_test(LINE, PLAIN)
    with pytest.raises(ParameterError, match=r"tbabs\*bbody does not contain tbabs\*powerlaw"):
        f_test(PLAIN, _result("tbabs*bbody", 120.0, 4))


# -- nested models -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("simple", "full", "nested"),
    [
        ("powerlaw", "tbabs*powerlaw", True),
        ("po", "constant*tbabs(powerlaw+ga)", True),
        ("tbabs*powerlaw", "tbabs*cutoffpl", True),
        ("powerlaw+powerlaw", "cutoffpl+bknpower", True),
        ("powerlaw+powerlaw", "cutoffpl+gauss", False),
        ("tbabs*powerlaw", "tbabs*bbody", False),
        ("powerlaw", "bkn2pow", True),
        ("tbabs*powerlaw", "tbabs*powerlaw", True),
        ("tbabs*pexrav", "tbabs*(pexrav+gauss)", True),
        ("atable{a.fits}", "atable{b.fits}+gauss", False),
        ("atable{a.fits}", "atable{a.fits}+gauss", True),
    ],
)
def test_a_model_contains_another_by_its_components(simple: str, full: str, nested: bool) -> None:
    assert is_nested(_result(simple, 1.0, 3), _result(full, 1.0, 5)) is nested
    assert not is_nested(_result(simple, 1.0, 5), _result(full, 1.0, 5))


def test_a_fit_in_a_worse_minimum_than_a_simpler_model_says_so() -> None:
    worse = _result("tbabs*(powerlaw+gauss)", 131.0, 5)
    others = [PLAIN, _result("powerlaw", 130.5, 2), _result("tbabs*bbody", 1.0, 3)]
    assert worse_than(worse, others) == (
        "tbabs*powerlaw, a special case of this model, fits better: chi 130.00, here 131.00; this "
        "is not its lowest minimum: start again from the values of the simpler fit",
    )
    assert worse_than(LINE, others) == ()
    assert worse_than(worse, []) == ()


def test_a_limit_may_be_what_keeps_a_fit_from_the_simpler_one() -> None:
    bound = _result("tbabs*cutoffpl", 131.0, 5, at_limit=True)
    assert "a limit may keep it from there (c.p0)" in worse_than(bound, [PLAIN])[0]


def test_fits_of_other_data_are_passed_over() -> None:
    worse = _result("tbabs*(powerlaw+gauss)", 131.0, 5)
    assert worse_than(worse, [replace(PLAIN, n_bins=(99,))]) == ()


def test_a_cut_off_that_a_limit_holds_back_is_found_out_in_a_real_fit() -> None:
    data = [made_data(seed=3)]
    simple = EmbeddedFit(data, made_choice("cstat")).fit()
    low = ParameterChoice(name="cutoffpl.HighECut", value=20.0, max=30.0)
    choice = FitChoice(expression="constant*tbabs*cutoffpl", statistic="cstat", parameters=(low,))
    bent = EmbeddedFit(data, choice).fit()
    assert any("at a limit: cutoffpl.HighECut" in note for note in bent.notes)
    assert "a limit may keep it from there (cutoffpl.HighECut" in worse_than(bent, [simple])[0]


def test_a_fit_that_has_not_converged_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("nustar_widgets.engines.fit_minimise._MAX_EVALUATIONS", 2)
    result = EmbeddedFit([made_data(seed=3)], made_choice("cstat")).fit()
    assert result.status == "not converged"
    assert "the fit has not converged: fit again from here" in result.notes[0]
    assert np.isfinite(result.statistic)
