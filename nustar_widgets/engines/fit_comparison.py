"""The same fit by two engines: what differs, in standard deviations and in words."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from nustar_widgets.engines.fitting import FitResult, ParameterResult

STATISTIC_TOLERANCE: Final = 0.2
"""XSPEC's stopping rule may leave a fit this far above its minimum."""

VALUE_TOLERANCE_SIGMA: Final = 0.1
"""Values further apart than this are told [standard deviations]."""

_FIXED_TOLERANCE: Final = 1e-6
_NAMES: Final = {"embedded": "the embedded engine", "xspec": "XSPEC"}


@dataclass(frozen=True, kw_only=True)
class ParameterDifference:
    """One parameter in two fits.

    Attributes
    ----------
    name, unit
        Of the parameter.
    one, other
        Its values.
    sigmas
        Other minus one in standard deviations of the first; None where neither has any.
    is_free
        The fits moved it.
    """

    name: str
    unit: str
    one: float
    other: float
    sigmas: float | None
    is_free: bool

    @property
    def differs(self) -> bool:
        """Whether it is worth a word."""
        if self.sigmas is not None:
            return not abs(self.sigmas) <= VALUE_TOLERANCE_SIGMA
        return not math.isclose(self.one, self.other, rel_tol=_FIXED_TOLERANCE, abs_tol=1e-30)


@dataclass(frozen=True, kw_only=True)
class FitComparison:
    """Two fits of the same spectra with the same model.

    Attributes
    ----------
    names
        Who made them, for people.
    statistics
        Their lowest statistics.
    parameters
        Of all parameters both have.
    obstacles
        Why they cannot be compared: another model, statistic or number of bins; empty if they can.
    """

    names: tuple[str, str]
    statistics: tuple[float, float]
    parameters: tuple[ParameterDifference, ...]
    obstacles: tuple[str, ...] = ()

    @property
    def statistic_difference(self) -> float:
        """Statistic of the other minus that of the first."""
        return self.statistics[1] - self.statistics[0]

    @property
    def differing(self) -> tuple[ParameterDifference, ...]:
        """Parameters that differ, the worst first."""
        found = [parameter for parameter in self.parameters if parameter.differs]
        return tuple(sorted(found, key=lambda item: -abs(item.sigmas or math.inf)))

    @property
    def agrees(self) -> bool:
        """Whether both tell the same."""
        same = abs(self.statistic_difference) <= STATISTIC_TOLERANCE
        return same and not self.obstacles and not self.differing

    @property
    def words(self) -> tuple[str, ...]:
        """What differs, in sentences."""
        if self.obstacles:
            return self.obstacles
        return (self._on_statistic(), self._on_values())

    def _on_statistic(self) -> str:
        one, other = self.names
        first, second = self.statistics
        if abs(second - first) <= STATISTIC_TOLERANCE:
            return f"Statistic {first:.2f} by {one}, {second:.2f} by {other}: the same."
        lower = one if first < second else other
        return (
            f"Statistic {first:.2f} by {one}, {second:.2f} by {other}: {lower} found the better "
            "fit. Take its values as start values for the other one and fit again."
        )

    def _on_values(self) -> str:
        if not self.differing:
            reach = max((abs(p.sigmas) for p in self.parameters if p.sigmas is not None), default=0)
            return f"No value differs by more than {max(reach, 0.001):.2g} standard deviations."
        return "; ".join(map(_told, self.differing)) + "."


def compare_fits(
    one: FitResult, other: FitResult, *, names: tuple[str, str] = ("embedded", "xspec")
) -> FitComparison:
    """Compare two fits.

    Parameters
    ----------
    one, other
        The fits.
    names
        Names of the engines that made them, or what people call them.
    """
    theirs = {parameter.name.lower(): parameter for parameter in other.parameters}
    pairs = [(mine, theirs.get(mine.name.lower())) for mine in one.parameters]
    shown = (_NAMES.get(names[0], names[0]), _NAMES.get(names[1], names[1]))
    return FitComparison(
        names=shown,
        statistics=(one.statistic, other.statistic),
        parameters=tuple(_difference(a, b) for a, b in pairs if b is not None),
        obstacles=tuple(_obstacles(one, other, shown)),
    )


def _obstacles(one: FitResult, other: FitResult, names: tuple[str, str]) -> list[str]:
    found = []
    if _plain(one.expression) != _plain(other.expression):
        found.append(f"The models differ: {one.expression} and {other.expression}.")
    if one.statistic_name != other.statistic_name:
        found.append(f"The statistics differ: {one.statistic_name} and {other.statistic_name}.")
    if one.n_bins != other.n_bins:
        bins = [", ".join(map(str, result.n_bins)) for result in (one, other)]
        found.append(f"The bins differ: {bins[0]} by {names[0]}, {bins[1]} by {names[1]}.")
    free = [{p.name.lower() for p in result.free} for result in (one, other)]
    if not found and free[0] != free[1]:
        apart = ", ".join(sorted(free[0] ^ free[1]))
        found.append(f"Not the same parameters are free: {apart}.")
    return found


def _plain(expression: str) -> str:
    return "".join(expression.lower().split())


def _difference(one: ParameterResult, other: ParameterResult) -> ParameterDifference:
    sigma = one.sigma or other.sigma
    free = one.free and other.free
    return ParameterDifference(
        name=one.name,
        unit=one.unit,
        one=one.value,
        other=other.value,
        sigmas=(other.value - one.value) / sigma if free and sigma else None,
        is_free=free,
    )


def _told(item: ParameterDifference) -> str:
    unit = f" {item.unit}" if item.unit else ""
    apart = "" if item.sigmas is None else f" ({item.sigmas:+.2f} standard deviations)"
    return f"{item.name}: {item.one:.6g} and {item.other:.6g}{unit}{apart}"
