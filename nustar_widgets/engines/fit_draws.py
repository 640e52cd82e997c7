"""Parameters drawn from the covariance of a fit, for the ranges of what follows from them.

XSPEC's ``err`` of ``flux``, ``lumin`` and ``eqwidth``, and its ``goodness sim``: a multivariate
normal distribution around the best fit, an approximation where the statistic is no parabola. Draws
outside the hard limits are drawn again here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, TypeAlias

import numpy as np

from nustar_widgets.errors import ParameterError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Array: TypeAlias = NDArray[np.float64]

_MAX_ROUNDS = 100

SEED = 60001047
"""Ranges from draws are the same each time they are asked for."""


class Limited(Protocol):
    """What knows the hard limits of the free parameters, as an objective does."""

    @property
    def low(self) -> Array:
        """(n_free,) lower limits."""
        ...

    @property
    def high(self) -> Array:
        """(n_free,) upper limits."""
        ...


def drawn(
    objective: Limited, x: Array, covariance: Array, n: int, rng: np.random.Generator
) -> Array:
    """Draw free parameters around a point.

    Parameters
    ----------
    objective
        What knows the hard limits.
    x
        (n_free,) the point, inside the limits.
    covariance
        (n_free, n_free) covariance; a parameter without one stays at its value.
    n
        How many.
    rng
        Source of chance.

    Returns
    -------
    (n, n_free) values inside the limits.
    """
    root = _root(np.nan_to_num(covariance))
    found = np.tile(x, (n, 1))
    open_ = np.arange(n)
    for _ in range(_MAX_ROUNDS):
        found[open_] = x + rng.standard_normal((open_.size, x.size)) @ root.T
        outside = (found[open_] < objective.low) | (found[open_] > objective.high)
        open_ = open_[outside.any(axis=1)]
        if not open_.size:
            break
    return np.clip(found, objective.low, objective.high)


def _root(covariance: Array) -> Array:
    """(n, n) matrix whose product with its own transpose is the covariance."""
    scale = np.sqrt(np.maximum(np.diag(covariance), 0.0))
    safe = np.where(scale > 0.0, scale, 1.0)
    values, vectors = np.linalg.eigh(covariance / np.outer(safe, safe))
    return np.asarray(scale[:, None] * vectors * np.sqrt(np.maximum(values, 0.0)))


def central(values: Array, percent: float) -> tuple[float, float]:
    """Return the ends of the central part of some values.

    Parameters
    ----------
    values
        (n,) values.
    percent
        How much of them lies inside [%].
    """
    half = 0.5 * (100.0 - percent)
    low, high = np.percentile(values, [half, 100.0 - half])
    return float(low), float(high)


def check_draws(draws: int, percent: float) -> None:
    """Refuse a number of draws or a part of them that makes no sense.

    Raises
    ------
    ParameterError
        Naming the one that is wrong.
    """
    if draws < 0:
        raise ParameterError("draws", f"{draws}: expected a number of draws, as 1000, or 0")
    if not 0.0 < percent < 100.0:
        raise ParameterError("percent", f"{percent:g}: expected more than 0 and less than 100")
