"""What the comparison of two fits comes to, in words."""

from __future__ import annotations

from typing import Final

from nustar_widgets.engines.fit_rivals import Rival, f_test, ranked
from nustar_widgets.errors import ParameterError
from nustar_widgets.fits.records import FitRecord

_PLAIN: Final = 2.0
_STRONG: Final = 10.0


def criteria(record: FitRecord) -> Rival:
    """Return the information criteria of a fit.

    Parameters
    ----------
    record
        The fit.
    """
    return ranked([record.result])[0]


def rival_words(one: FitRecord, other: FitRecord) -> tuple[str, ...]:
    """Say how two fits of the same data compare.

    Parameters
    ----------
    one, other
        The fits.

    Raises
    ------
    ParameterError
        They are not of the same bins, or not with the same statistic.
    """
    ranked([one.result, other.result])  # refuses what cannot be compared
    simple, full = sorted((one, other), key=lambda record: len(record.result.free))
    fall = simple.result.statistic - full.result.statistic
    extra = len(full.result.free) - len(simple.result.free)
    lower = f"{abs(fall):.2f} {'lower' if fall >= 0.0 else 'higher'}"
    first = (
        f"Fit {full.number} has {extra} more free parameter{'' if extra == 1 else 's'} than fit "
        f"{simple.number}, and a statistic {lower}."
        if extra
        else f"Fits {simple.number} and {full.number} have as many free parameters; the statistic "
        f"of fit {full.number} is {lower}."
    )
    return (first, *_preferences(simple, full), *_tested(simple, full))


def _preferences(simple: FitRecord, full: FitRecord) -> tuple[str, str]:
    a, b = criteria(simple), criteria(full)
    return (
        _preferred("AIC", b.aic - a.aic, simple, full),
        _preferred("BIC", b.bic - a.bic, simple, full),
    )


def _preferred(name: str, more: float, simple: FitRecord, full: FitRecord) -> str:
    gap, better = abs(more), simple if more >= 0.0 else full
    if gap < _PLAIN:
        return f"{name} differs by {gap:.2f}: no preference."
    how = "clearly " if gap >= _STRONG else ""
    return f"{name} is {gap:.2f} lower for fit {better.number}: {how}preferred."


def _tested(simple: FitRecord, full: FitRecord) -> tuple[str, ...]:
    try:
        found = f_test(simple.result, full.result)
    except ParameterError as why:
        return (f"No {why}",)
    told = f"F-test: F = {found.f:.4g}, probability {found.probability:.2g} by chance."
    return (told, *(f"Note: {note}" for note in found.notes))
