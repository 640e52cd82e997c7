"""Where a fit by XSPEC stands, as this process remembers it, and the results made of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from nustar_widgets.engines.fit_results import parameter_results
from nustar_widgets.engines.fitting import NOT_FITTED, ParameterResult

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from nustar_widgets.engines.fit_parameters import FitParameter, ParameterTable

    Array = NDArray[np.float64]


@dataclass(frozen=True)
class Found:
    """A confidence range as XSPEC tells it.

    Attributes
    ----------
    low, high
        Its ends; None where the search found none.
    letters
        The nine letters.
    """

    low: float | None
    high: float | None
    letters: str

    @classmethod
    def told(cls, answer: Mapping[str, Any], row: FitParameter) -> Found:
        """Read an answer: an end that was not found is 0 there, one at a limit is the limit."""
        letters = str(answer["letters"])
        flags = letters.ljust(9, "F")
        lost = flags[5] == "T" or flags[8] == "T"

        def end(value: float, limit: float, at_limit: str, failed: str) -> float | None:
            if at_limit == "T":
                return limit
            return None if lost or failed == "T" else value

        return cls(
            low=end(float(answer["low"]), row.min, flags[3], flags[6]),
            high=end(float(answer["high"]), row.max, flags[4], flags[7]),
            letters=letters,
        )

    @property
    def renewed(self) -> bool:
        """A lower statistic was found on the way."""
        return self.letters.startswith("T")


@dataclass(frozen=True, eq=False)
class Standing:
    """Where the parameters are and what is known there.

    Attributes
    ----------
    statistic
        Value of the statistic.
    values
        (n_rows,) of all parameters.
    sigmas
        (n_rows,) standard deviations as XSPEC has them; NaN where there is none.
    covariance
        (n_free, n_free) of the free parameters; (0, 0) before a fit.
    status
        ``not fitted``, or how the fit ended.
    ranges
        Confidence ranges by row.
    delta
        What they are for; None without them.
    """

    statistic: float
    values: tuple[float, ...]
    covariance: Array = field(default_factory=lambda: np.zeros((0, 0)))
    status: str = NOT_FITTED
    ranges: Mapping[int, Found] = field(default_factory=dict)
    delta: float | None = None

    @classmethod
    def told(cls, answer: Mapping[str, Any], table: ParameterTable, status: str) -> Standing:
        """Read the part of an answer that says where XSPEC is.

        Parameters
        ----------
        answer
            Of XSPEC.
        table
            The parameters.
        status
            How the fit ended; ``not fitted`` without one.
        """
        values = tuple(map(float, answer["values"]))
        if len(values) != len(table.rows):
            raise ValueError(f"{len(values)} values for {len(table.rows)} parameters")
        n = len(table.free)
        covariance = np.zeros((0, 0)) if status == NOT_FITTED else _square(answer, n)
        return cls(
            statistic=float(answer["statistic"]),
            values=values,
            covariance=covariance,
            status=status,
        )

    def free(self, table: ParameterTable) -> Array:
        """(n_free,) values of the free parameters."""
        return np.array([self.values[row] for row in table.free])

    def parameters(self, table: ParameterTable) -> tuple[ParameterResult, ...]:
        """Sum up every parameter."""
        plain = parameter_results(table, self.free(table), self.covariance, {})
        return tuple(
            _with_range(result, self.ranges.get(row), value)
            for row, (result, value) in enumerate(zip(plain, self.values, strict=True))
        )


def _with_range(result: ParameterResult, found: Found | None, value: float) -> ParameterResult:
    here = replace(result, value=value)
    if found is None:
        return here
    return replace(here, error_low=found.low, error_high=found.high, status=found.letters)


def _square(answer: Mapping[str, Any], n: int) -> Array:
    """Covariance from its lower triangle; NaN where XSPEC gave another number of elements."""
    triangle: Sequence[float] = answer["covariance"]
    square = np.full((n, n), np.nan)
    if len(triangle) == n * (n + 1) // 2:
        rows, columns = np.tril_indices(n)
        square[rows, columns] = square[columns, rows] = triangle
    return square
