"""What the parameter table shows of a parameter: simple values, whatever engine they are from."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class RowResult:
    """What a fit found of a parameter.

    Attributes
    ----------
    value
        The value the rest belongs to.
    error_low, error_high
        Ends of the confidence range, in the unit of the value (not differences from it); None
        where there is none.
    sigma
        Standard deviation; shown where there is no range.
    warnings
        What to know about the range, in words.
    at_limit
        The value is at a limit.
    """

    value: float
    error_low: float | None = None
    error_high: float | None = None
    sigma: float | None = None
    warnings: tuple[str, ...] = ()
    at_limit: bool = False


@dataclass(frozen=True, kw_only=True)
class ParameterRow(RowResult):
    """A parameter of one spectrum.

    Attributes
    ----------
    name
        Full name, as ``gaussian_4.LineE``; ``constant.factor[2]`` for the second spectrum.
    component, component_meaning
        Component it belongs to, as ``gaussian_4``, and what that is, in a line.
    group
        Number of the spectrum, from 1.
    label
        Name within the component, as ``LineE``.
    unit
        Unit of the values, empty where there is none.
    meaning
        One line for people.
    frozen
        Kept fixed.
    min, max
        Hard limits.
    slider_low, slider_high, log
        As :func:`~nustar_widgets.panels.fitting.sliderrange.slider_range` chooses them. The page
        takes them when it first sees the row and when limits change; as long as the value stays
        inside it keeps them, so that nothing jumps when a slider is let go.
    link
        Expression it follows, as ``2*gaussian_4.norm``; empty if it has a value of its own.
    """

    name: str
    component: str
    component_meaning: str = ""
    group: int = 1
    label: str
    unit: str = ""
    meaning: str = ""
    frozen: bool = False
    min: float
    max: float
    slider_low: float
    slider_high: float
    log: bool = False
    link: str = ""
