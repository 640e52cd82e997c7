"""Two fits of the same bins compared: AIC, BIC, the F-test and the ratio of likelihoods.

None of them says that a model is right, and two of them hold only for nested models whose extra
parameters are not at the edge of what they may be (Protassov et al. 2002, ApJ 571, 545).
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from scipy import stats

from nustar_widgets.engines.fitting import FitResult
from nustar_widgets.errors import FitError
from nustar_widgets.fits.records import FitRecord

_WORSE: Final = 0.1  # less is what a minimiser may leave
_PLAIN: Final = 2.0
_STRONG: Final = 10.0

_CAVEAT: Final = (
    "For a component that is added, as a line, its norm 0 is at the edge of what it may be, and "
    "these probabilities do not hold (Protassov et al. 2002): simulate instead."
)


def aic(result: FitResult) -> float:
    """Return Akaike's criterion: the statistic and twice the free parameters.

    Akaike 1974, IEEE Trans. Autom. Control 19, 716; the statistic stands for -2 ln L, up to a
    constant that the same bins share.

    Parameters
    ----------
    result
        The fit.
    """
    return result.statistic + 2.0 * len(result.free)


def bic(result: FitResult) -> float:
    """Return the Bayesian criterion: free parameters weigh as the logarithm of the bins.

    Schwarz 1978, Ann. Stat. 6, 461.

    Parameters
    ----------
    result
        The fit.
    """
    return result.statistic + len(result.free) * math.log(max(sum(result.n_bins), 1))


@dataclass(frozen=True, kw_only=True)
class ModelComparison:
    """Two fits of the same bins.

    Attributes
    ----------
    simpler, fuller
        The fits; the fuller one has more free parameters, or as many.
    is_nested
        Whether the simpler model is a special case of the fuller one, as far as their components
        tell.
    f
        F of the F-test, as XSPEC's ``ftest``; ``None`` unless both are chi-square fits of nested
        models.
    f_probability
        Chance of an F as large if the simpler model were right.
    ratio_probability
        Chance of as large a fall of the statistic if the simpler model were right (Wilks 1938,
        Ann. Math. Stat. 9, 60); ``None`` unless nested.
    """

    simpler: FitRecord
    fuller: FitRecord
    is_nested: bool
    f: float | None = None
    f_probability: float | None = None
    ratio_probability: float | None = None

    @property
    def fall(self) -> float:
        """How much lower the statistic of the fuller model is."""
        return self.simpler.result.statistic - self.fuller.result.statistic

    @property
    def extra(self) -> int:
        """How many more free parameters it has."""
        return len(self.fuller.result.free) - len(self.simpler.result.free)

    @property
    def is_worse(self) -> bool:
        """Whether the fuller model, which contains the simpler one, fits worse."""
        return self.is_nested and self.fall < -_WORSE

    @property
    def words(self) -> tuple[str, ...]:
        """What it comes to, for people."""
        return tuple(_words(self))


def compare(one: FitRecord, other: FitRecord) -> ModelComparison:
    """Compare two fits.

    Parameters
    ----------
    one, other
        The fits.

    Raises
    ------
    FitError
        They are not of the same bins, or not with the same statistic.
    """
    _check_same(one, other)
    simpler, fuller = sorted((one, other), key=lambda record: len(record.result.free))
    extra = len(fuller.result.free) - len(simpler.result.free)
    nested = extra > 0 and _contains(fuller.result, simpler.result)
    fall = simpler.result.statistic - fuller.result.statistic
    found = ModelComparison(simpler=simpler, fuller=fuller, is_nested=nested)
    if not nested or fall < 0.0:
        return found
    f = _f_of(fall, extra, fuller.result)
    return ModelComparison(
        simpler=simpler,
        fuller=fuller,
        is_nested=True,
        f=f,
        f_probability=None if f is None else float(stats.f.sf(f, extra, fuller.result.dof)),
        ratio_probability=float(stats.chi2.sf(fall, extra)),
    )


def better_nested(record: FitRecord, history: Sequence[FitRecord]) -> FitRecord | None:
    """Return an earlier fit of a special case of a model that is better than a fit of it.

    Parameters
    ----------
    record
        The fit.
    history
        Fits to look among.
    """
    worse = [
        item
        for item in history
        if _why_not(record, item) is None
        and len(item.result.free) < len(record.result.free)
        and compare(record, item).is_worse
    ]
    return min(worse, key=lambda item: item.result.statistic, default=None)


def _check_same(one: FitRecord, other: FitRecord) -> None:
    why = _why_not(one, other)
    if why is not None:
        raise FitError(
            f"fits {one.number} and {other.number} cannot be compared: {why}. Fit both models to "
            "the same spectra, ranges and grouping with the same statistic"
        )


def _why_not(one: FitRecord, other: FitRecord) -> str | None:
    a, b = one.choice, other.choice
    if a.statistic != b.statistic:
        return f"one is a {a.statistic} fit, the other a {b.statistic} fit"
    if [name for name, _ in one.bins] != [name for name, _ in other.bins]:
        return "they are not of the same spectra"
    if (one.bins, a.notice_kev, a.grouping) != (other.bins, b.notice_kev, b.grouping):
        return f"they are not of the same bins ({_bins(one)} and {_bins(other)})"
    return None


def _bins(record: FitRecord) -> str:
    return " + ".join(str(number) for _, number in record.bins)


def _contains(fuller: FitResult, simpler: FitResult) -> bool:
    """Whether a model has all components of another, and what is free there is free in it."""
    more, fewer = _components(fuller), _components(simpler)
    if more == fewer:
        return {item.name for item in simpler.free} <= {item.name for item in fuller.free}
    return fewer <= more


def _components(result: FitResult) -> Counter[str]:
    names = {item.component for item in result.parameters}
    return Counter(re.sub(r"_\d+$", "", name).lower() for name in names)


def _f_of(fall: float, extra: int, fuller: FitResult) -> float | None:
    if fuller.statistic_name != "chi" or fuller.dof <= 0 or not fuller.statistic > 0.0:
        return None
    return (fall / extra) / (fuller.statistic / fuller.dof)


def _words(found: ModelComparison) -> list[str]:
    simpler, fuller = found.simpler, found.fuller
    more = f"{found.extra} more free parameter{'' if found.extra == 1 else 's'}"
    moved = f"{abs(found.fall):.2f} {'lower' if found.fall >= 0 else 'higher'}"
    told = [f"Fit {fuller.number} has {more} than fit {simpler.number}, and a statistic {moved}."]
    for name, criterion in (("AIC", aic), ("BIC", bic)):
        told.append(_preferred(name, criterion(simpler.result), criterion(fuller.result), found))
    if found.is_worse:
        told.append(
            f"Fit {fuller.number} is worse than fit {simpler.number}, a special case of its model: "
            "it has not found its minimum. Fit again from the values of the simpler model."
        )
    if found.f is not None and found.f_probability is not None:
        told.append(f"F-test: F = {found.f:.3g}, probability {found.f_probability:.2g}.")
    if found.ratio_probability is not None:
        told.append(f"Ratio of likelihoods: probability {found.ratio_probability:.2g}.")
        told.append(_CAVEAT)
    elif not found.is_nested:
        told.append("Neither model is a special case of the other: no F-test, AIC and BIC only.")
    return told


def _preferred(name: str, simpler: float, fuller: float, found: ModelComparison) -> str:
    gap = abs(simpler - fuller)
    better = found.simpler if simpler <= fuller else found.fuller
    if gap < _PLAIN:
        return f"{name} differs by {gap:.2f}: no preference."
    how = "clearly " if gap >= _STRONG else ""
    return f"{name} is {gap:.2f} lower for fit {better.number}: {how}preferred."
