"""Models of the same data side by side: F-test, AIC, BIC, and minima that cannot be the lowest.

Akaike 1974, IEEE Trans. Autom. Control 19, 716: AIC = S + 2 k; Schwarz 1978, Ann. Statist. 6, 461:
BIC = S + k ln n, with the fit statistic S (chi-squared, or C and W, which are -2 ln L but for a
constant), k free parameters and n bins. F-test as XSPEC's ``ftest``, after Bevington 1969.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import blake2b
from math import log
from typing import TYPE_CHECKING, Final

import numpy as np
from scipy.special import fdtrc

from nustar_widgets.errors import ParameterError
from nustar_widgets.spectra.registry import full_name

if TYPE_CHECKING:
    from nustar_widgets.engines.fitting import FitResult
    from nustar_widgets.spectra.folding import SpectralData

LOWER: Final = 0.01
"""A statistic lower by more than this is lower, as in XSPEC's search for errors."""

_CONTAINS: Final = {
    "cutoffpl": "powerlaw", "bknpower": "powerlaw", "bkn2pow": "bknpower", "zTBabs": "TBabs",
    "zphabs": "phabs", "zgauss": "gaussian", "zpowerlw": "powerlaw", "logpar": "powerlaw",
    "pexrav": "cutoffpl", "diskpbb": "diskbb",
}  # fmt: skip
"""Models that are another one for some values of their parameters."""

_PROTASSOV: Final = (
    "the F-test is not valid for a component added at its boundary, as a line whose norm cannot "
    "be negative (Protassov et al. 2002, ApJ 571, 545): simulate instead"
)


@dataclass(frozen=True, kw_only=True)
class Rival:
    """One model among several of the same data.

    Attributes
    ----------
    result
        Its fit.
    n_free
        Free parameters.
    aic, bic
        Information criteria; lower is better, and only differences mean anything.
    over_aic, over_bic
        Above the lowest of all.
    notes
        What the user should know.
    """

    result: FitResult
    n_free: int
    aic: float
    bic: float
    over_aic: float
    over_bic: float
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class FTest:
    """Whether a fuller model is better than chance.

    Attributes
    ----------
    f
        Fall of chi-squared per further parameter over the fuller model's reduced chi-squared.
    probability
        Chance of such an F or a higher one if the simpler model is true.
    notes
        What the user should know.
    """

    f: float
    probability: float
    notes: tuple[str, ...] = ()


def data_key(datasets: Sequence[SpectralData]) -> str:
    """Return a short text that is the same for the same bins and counts.

    Parameters
    ----------
    datasets
        The spectra.
    """
    digest = blake2b(digest_size=8)
    for data in datasets:
        arrays = [data.lo_kev, data.hi_kev, data.source_counts, data.background_counts]
        for array in arrays:
            digest.update(b"-" if array is None else np.ascontiguousarray(array).tobytes())
    return digest.hexdigest()


def ranked(results: Sequence[FitResult]) -> tuple[Rival, ...]:
    """Compare models by AIC and BIC, the lowest AIC first.

    Parameters
    ----------
    results
        Fits of the same data.

    Raises
    ------
    ParameterError
        If there is none, or they are not of the same bins and statistic.
    """
    if not results:
        raise ParameterError("models", "no fit to compare: keep at least one")
    for other in results[1:]:
        require_same_data(results[0], other)
    aics, bics = [_aic(r) for r in results], [_bic(r) for r in results]
    rivals = [
        Rival(
            result=result,
            n_free=len(result.free),
            aic=aic,
            bic=bic,
            over_aic=aic - min(aics),
            over_bic=bic - min(bics),
            notes=worse_than(result, [other for other in results if other is not result]),
        )
        for result, aic, bic in zip(results, aics, bics, strict=True)
    ]
    return tuple(sorted(rivals, key=lambda rival: rival.aic))


def _aic(result: FitResult) -> float:
    return result.statistic + 2.0 * len(result.free)


def _bic(result: FitResult) -> float:
    return result.statistic + len(result.free) * log(max(sum(result.n_bins), 1))


def f_test(simple: FitResult, full: FitResult) -> FTest:
    """Test whether a fuller model is better than chance, as XSPEC's ``ftest``.

    Parameters
    ----------
    simple, full
        Fits by chi-squared of the same data; the fuller model contains the simpler one.

    Raises
    ------
    ParameterError
        If the two cannot be compared so.
    """
    require_same_data(simple, full)
    if simple.statistic_name != "chi":
        raise ParameterError(
            "F-test",
            f"the fits are by {simple.statistic_name}: it is made for chi-squared; compare AIC "
            "and BIC, or fit both by chi-squared",
        )
    if not is_nested(simple, full):
        raise ParameterError(
            "F-test",
            f"{full.expression} does not contain {simple.expression} with fewer free parameters: "
            "expected a model and the same with something added or thawed",
        )
    notes = [] if _names(simple.expression) == _names(full.expression) else [_PROTASSOV]
    limits = [parameter.name for parameter in full.free if parameter.at_limit]
    if limits:
        notes.append(f"not valid with a parameter at its limit: {', '.join(limits)}")
    fall = simple.statistic - full.statistic
    if fall < 0.0:
        notes += worse_than(full, [simple])
    more = simple.dof - full.dof
    f = max(fall, 0.0) / more / (full.statistic / full.dof) if full.statistic > 0.0 else np.inf
    return FTest(f=f, probability=float(fdtrc(more, full.dof, f)), notes=tuple(notes))


def require_same_data(one: FitResult, other: FitResult) -> None:
    """Refuse to compare fits of different data.

    Raises
    ------
    ParameterError
        Saying what differs.
    """
    if one.statistic_name != other.statistic_name:
        raise ParameterError(
            "models",
            f"one fit is by {one.statistic_name}, another by {other.statistic_name}: "
            "fit both by the same statistic",
        )
    if one.n_bins != other.n_bins:
        raise ParameterError(
            "models",
            f"one fit has {_bins(one)} bins, another {_bins(other)}: fit both with the same "
            "spectra, grouping and energy ranges",
        )
    if one.data_key and other.data_key and one.data_key != other.data_key:
        raise ParameterError(
            "models",
            "the fits are of different spectra, groupings or energy ranges: fit both to the same",
        )


def _bins(result: FitResult) -> str:
    return " + ".join(map(str, result.n_bins)) or "no"


def same_data(one: FitResult, other: FitResult) -> bool:
    """Whether two fits can be compared."""
    try:
        require_same_data(one, other)
    except ParameterError:
        return False
    return True


def is_nested(simple: FitResult, full: FitResult) -> bool:
    """Whether a model is a special case of another with more free parameters.

    Its components are among the other's, or are what one of those becomes for some values
    (``powerlaw`` of ``cutoffpl``).

    Parameters
    ----------
    simple, full
        Fits of the two.
    """
    if len(simple.free) >= len(full.free):
        return False
    needed, there = _names(simple.expression), _names(full.expression)
    missing, left = needed - there, there - needed
    return all(_stands_in(name, left) for name in missing.elements())


def _stands_in(name: str, left: Counter[str]) -> bool:
    for fuller in list(left):
        simpler = _CONTAINS.get(fuller)
        while simpler is not None and simpler != name:
            simpler = _CONTAINS.get(simpler)
        if simpler == name and left[fuller] > 0:
            left[fuller] -= 1
            return True
    return False


def _names(expression: str) -> Counter[str]:
    """Models of an expression, counted; those only XSPEC has are counted too."""
    words = re.findall(r"[A-Za-z_]\w*(?:\s*\{[^}]*\})?", expression)
    return Counter(word if "{" in word else full_name(word) or word for word in words)


def worse_than(result: FitResult, others: Sequence[FitResult]) -> tuple[str, ...]:
    """Say where a simpler model that this one contains has a lower statistic.

    That cannot be at the true minimum: either the fit ended in another one, or a limit keeps it
    from there.

    Parameters
    ----------
    result
        The fit in question.
    others
        Fits made before, of whatever; those that cannot be compared are passed over.
    """
    better = [
        other
        for other in others
        if same_data(result, other)
        and is_nested(other, result)
        and other.statistic < result.statistic - LOWER
    ]
    if not better:
        return ()
    best = min(better, key=lambda other: other.statistic)
    limits = [parameter.name for parameter in result.free if parameter.at_limit]
    why = (
        f"a limit may keep it from there ({', '.join(limits)})"
        if limits
        else "this is not its lowest minimum"
    )
    return (
        f"{best.expression}, a special case of this model, fits better: {best.statistic_name} "
        f"{best.statistic:.2f}, here {result.statistic:.2f}; {why}: start again from the values "
        "of the simpler fit",
    )
