"""A fit as a drawing and a table for a saved notebook."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

import numpy as np

from nustar_widgets.engines.fitting import FitEngine, FitResult
from nustar_widgets.fits.plotlines import MovingSpectrum, PlotChoice, Points, StillSpectrum
from nustar_widgets.fits.plotpaths import StepPath, crosses_x, crosses_y
from nustar_widgets.panels.fitting.fitlegend import colour, total_dash
from nustar_widgets.panels.fitting.fitrows import range_heading
from nustar_widgets.panels.stills.still import Picture, Table
from nustar_widgets.panels.stills.svgaxis import Axis, steady_ends
from nustar_widgets.panels.stills.svgplot import Line, Pane, plot_svg

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Array = NDArray[np.float64]

_MOST_POINTS: Final = 160  # of a spectrum; more are joined, so that the drawing stays small
_STATISTICS: Final = {"chi": "\u03c7\u00b2", "cstat": "C-statistic", "pgstat": "PG-statistic"}


def fit_picture(
    spectra: Sequence[StillSpectrum], moved: Sequence[MovingSpectrum], choice: PlotChoice
) -> Picture | None:
    """Draw data, models and residuals as the plot of the panel shows them.

    Parameters
    ----------
    spectra
        What stays while the model moves.
    moved
        The model as it is; none where there is no model.
    choice
        What is shown.

    Returns
    -------
    Picture
        ``None`` where there is nothing to draw.
    """
    points = [
        moved[number].points if choice.is_unfolded and moved else item.points
        for number, item in enumerate(spectra)
    ]
    known = [item for item in points if item is not None and item.y.size]
    x = steady_ends(
        [end for item in known for end in (item.low_kev[0], item.high_kev[-1])],
        log=choice.log_x, margin=0.01,
    )  # fmt: skip
    axis = _value_axis(known, choice)
    if x is None or axis is None:
        return None
    energy = Axis(label="Energy [keV]", low=x[0], high=x[1], log=choice.log_x)
    lines = [
        _crosses(_joined(item), colour(number), log=choice.log_y, name=spectra[number].name)
        for number, item in enumerate(points)
        if item is not None and item.y.size
    ]
    lines += [_model(spectra[number], item, number, choice) for number, item in enumerate(moved)]
    panes = [Pane(axis=axis, lines=lines, height_px=260), *_residuals(moved, choice, x)]
    names = ", ".join(item.name for item in spectra)
    return Picture(svg=plot_svg(energy, panes), alt=f"Spectra and model: {names}")


def parameter_table(engine: FitEngine, result: FitResult | None) -> Table:
    """Tell the parameters of a fit with their ranges, as far as they are known.

    Parameters
    ----------
    engine
        The engine, at its present values.
    result
        What it found; ``None`` where nothing was fitted since.
    """
    values = engine.values
    found = {} if result is None else {item.name: item for item in result.parameters}
    rows = []
    for row in engine.table.rows:
        item = found.get(row.name)
        low = None if item is None else item.error_low
        high = None if item is None else item.error_high
        sigma = None if item is None else item.sigma
        rows.append(
            (row.name, f"{values[row.name]:.5g}", _range(low, high, sigma), row.unit or "",
             "frozen" if row.frozen else f"= {row.link}" if row.link else "")
        )  # fmt: skip
    head = ("parameter", "value", range_heading(result), "unit", "")
    return Table(head=head, rows=tuple(rows))


def fit_words(result: FitResult | None, expression: str) -> tuple[str, ...]:
    """Say what was fitted and how well.

    Parameters
    ----------
    result
        The fit; ``None`` where nothing was fitted since.
    expression
        The model.
    """
    if result is None:
        return (f"model {expression}; not fitted at these values",)
    name = _STATISTICS.get(result.statistic_name, result.statistic_name)
    return (
        f"model {expression}; {name} {result.statistic:.2f}, {result.dof} degrees of freedom; "
        f"{result.status}",
        *result.notes,
    )


def _value_axis(points: Sequence[Points], choice: PlotChoice) -> Axis | None:
    values = [item.y for item in points]
    with_errors = [item.y + item.error for item in points]
    shown = np.concatenate([np.zeros(0), *values, *with_errors])
    ends = steady_ends(shown, log=choice.log_y)
    if ends is None:
        return None
    return Axis(label=choice.unit, low=ends[0], high=ends[1], log=choice.log_y)


def _residuals(
    moved: Sequence[MovingSpectrum], choice: PlotChoice, x: tuple[float, float]
) -> list[Pane]:
    known = [(number, item.residuals) for number, item in enumerate(moved)]
    drawn = [(number, _joined(item)) for number, item in known if item is not None and item.y.size]
    level = 1.0 if choice.residual == "ratio" else 0.0
    values = [end for _, item in drawn for end in (item.y - item.error, item.y + item.error)]
    ends = _most(np.concatenate(values), level) if drawn else None
    if ends is None:
        return []
    axis = Axis(label=choice.residual_label, low=ends[0], high=ends[1])
    lines = [Line(x=x, y=(level, level), colour="#888", width_px=0.8)]
    lines += [_crosses(item, colour(number), log=False) for number, item in drawn]
    return [Pane(axis=axis, lines=lines, height_px=120)]


def _most(values: Array, level: float) -> tuple[float, float] | None:
    """Return ends that show nearly all values: a single wild one would flatten the others."""
    known = values[np.isfinite(values)]
    if not known.size:
        return None
    return steady_ends([level, *np.percentile(known, (1.0, 99.0))], log=False)


def _crosses(points: Points, ink: str, *, log: bool, name: str = "") -> Line:
    x, y = crosses_x(points), crosses_y(points, log=log)
    y[-1:] = np.where(np.isfinite(points.y[-1:]), y[-1:], np.nan)
    return Line(x=x, y=y, colour=ink, name=name, width_px=1.0, opacity=0.8)


def _model(item: StillSpectrum, moved: MovingSpectrum, number: int, choice: PlotChoice) -> Line:
    bins, nothing = item.bins, np.zeros(moved.total.size)
    shown = _joined(
        Points(low_kev=bins.low_kev, high_kev=bins.high_kev, y=moved.total, error=nothing)
    )
    steps = StepPath(shown.low_kev, shown.high_kev)
    y = steps.y(shown.y, log=choice.log_y)
    dashes = total_dash(number)
    # The path has each bin's lower edge and steps after it.
    return Line(
        x=np.repeat(steps.x, 2)[1:], y=np.repeat(y, 2)[:-1], colour=colour(number), width_px=1.5,
        dashes="" if dashes == "none" else dashes,
    )  # fmt: skip


def _joined(points: Points) -> Points:
    """Join neighbours where there are many: means by width, errors as of sums."""
    every = -(-points.y.size // _MOST_POINTS)
    if every == 1:
        return points
    at = np.arange(0, points.y.size, every)
    width = points.high_kev - points.low_kev
    whole = np.add.reduceat(width, at)
    return Points(
        low_kev=points.low_kev[at],
        high_kev=points.high_kev[np.append(at[1:], points.y.size) - 1],
        y=np.add.reduceat(points.y * width, at) / whole,
        error=np.sqrt(np.add.reduceat((points.error * width) ** 2, at)) / whole,
    )


def _range(low: float | None, high: float | None, sigma: float | None) -> str:
    if low is not None and high is not None and math.isfinite(low) and math.isfinite(high):
        return f"{low:.5g} to {high:.5g}"
    return "" if sigma is None or not math.isfinite(sigma) else f"\u00b1 {sigma:.2g}"
