"""Two fits side by side, in words."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from nustar_widgets.engines.fit_comparison import compare_fits
from nustar_widgets.engines.fitting import FitResult, ParameterResult


def _parameter(name: str, value: float, **fields: Any) -> ParameterResult:
    given: dict[str, Any] = {"component": name.partition(".")[0], "unit": "", "sigma": 0.1}
    return ParameterResult(name=name, value=value, **(given | fields))


def _fit(*values: float, **changes: Any) -> FitResult:
    index, column = values or (1.8, 5.0)
    result = FitResult(
        expression="tbabs*powerlaw",
        statistic_name="cstat",
        statistic=100.0,
        dof=98,
        n_bins=(50, 50),
        parameters=(
            _parameter("TBabs.nH", column, unit="10^22 atoms/cm^2", sigma=0.5),
            _parameter("powerlaw.PhoIndex", index),
            _parameter("powerlaw.norm", 1.0, frozen=True, sigma=None),
        ),
    )
    return replace(result, **changes)


def test_the_same_fit_is_called_the_same() -> None:
    found = compare_fits(_fit(), _fit(1.801, 5.01, statistic=100.1))
    assert found.agrees
    assert found.words == (
        "Statistic 100.00 by the embedded engine, 100.10 by XSPEC: the same.",
        "No value differs by more than 0.02 standard deviations.",
    )


def test_a_value_that_differs_is_told_in_standard_deviations_the_worst_first() -> None:
    found = compare_fits(_fit(), _fit(1.7, 5.1))
    assert not found.agrees
    assert [item.name for item in found.differing] == ["powerlaw.PhoIndex", "TBabs.nH"]
    assert found.words[1] == (
        "powerlaw.PhoIndex: 1.8 and 1.7 (-1.00 standard deviations); "
        "TBabs.nH: 5 and 5.1 10^22 atoms/cm^2 (+0.20 standard deviations)."
    )


def test_a_worse_minimum_is_told_with_what_to_do() -> None:
    found = compare_fits(_fit(), _fit(statistic=103.0), names=("embedded", "xspec"))
    assert found.statistic_difference == 3.0
    assert found.words[0] == (
        "Statistic 100.00 by the embedded engine, 103.00 by XSPEC: the embedded engine found the "
        "better fit. Take its values as start values for the other one and fit again."
    )


def test_what_cannot_be_compared_says_why() -> None:
    other = _fit(expression="powerlaw", statistic_name="chi", n_bins=(50, 49))
    found = compare_fits(_fit(), other)
    assert not found.agrees
    assert found.words == (
        "The models differ: tbabs*powerlaw and powerlaw.",
        "The statistics differ: cstat and chi.",
        "The bins differ: 50, 50 by the embedded engine, 50, 49 by XSPEC.",
    )


def test_another_parameter_free_is_said() -> None:
    result = _fit()
    thawed = replace(result.parameters[2], frozen=False)
    other = replace(result, parameters=(*result.parameters[:2], thawed))
    assert compare_fits(result, other).words == (
        "Not the same parameters are free: powerlaw.norm.",
    )


def test_a_fixed_value_that_differs_is_told_without_standard_deviations() -> None:
    result = _fit()
    moved = replace(result.parameters[2], value=1.1)
    found = compare_fits(result, replace(result, parameters=(*result.parameters[:2], moved)))
    assert found.words[1] == "powerlaw.norm: 1 and 1.1."


def test_spaces_and_letter_case_of_the_expression_do_not_matter() -> None:
    assert compare_fits(_fit(), _fit(expression="TBabs * powerlaw")).agrees
