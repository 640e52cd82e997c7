"""A chain as a corner plot: every parameter by itself and against every other."""

from __future__ import annotations

import io
import math
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from nustar_widgets.panels.fitting.contourlines import LEVELS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from matplotlib.axes import Axes
    from matplotlib.colors import Colormap
    from numpy.typing import NDArray

    from nustar_widgets.engines.fit_measures import Chain

    Array = NDArray[np.float64]

MOST_PARAMETERS: Final = 10
"""More would be too small to read; the rest is in the table."""

_INK: Final = "#777777"  # is read on white and on the dark theme
_FILL: Final = "#4d8fcb"
_BEST: Final = "#d0703a"
_BINS: Final = 30
_SIDE_INCH: Final = 1.35
_MARGIN_INCH: Final = 0.85
_DPI: Final = 100
_TAILS: Final = (0.1, 99.9)  # what is drawn of the samples [%]


def corner_png(chain: Chain, *, best: Mapping[str, float], units: Mapping[str, str]) -> bytes:
    """Draw a corner plot.

    Parameters
    ----------
    chain
        The chain; its first ten parameters are drawn.
    best
        Values of the best fit, by full name.
    units
        Units, by full name.
    """
    # Slow to import, and by no means everybody runs a chain.
    from matplotlib.figure import Figure  # noqa: PLC0415

    names = chain.names[:MOST_PARAMETERS]
    columns = [_Column(name, chain.of(name), units.get(name, "")) for name in names]
    side = max(_SIDE_INCH * len(names), 3.0) + _MARGIN_INCH
    figure = Figure(figsize=(side, side), dpi=_DPI)
    margin, edge = _MARGIN_INCH / side, 1.0 - 0.1 / side
    figure.subplots_adjust(
        left=margin, bottom=margin, right=edge, top=edge, wspace=0.08, hspace=0.08
    )
    axes = figure.subplots(len(names), len(names), squeeze=False)
    for i, below in enumerate(columns):
        for j, beside in enumerate(columns):
            axis = axes[i, j]
            if j > i:
                axis.set_axis_off()
                continue
            _draw(axis, beside, below, best)
            _label(axis, beside, below, is_left=j == 0, is_bottom=i == len(names) - 1)
    written = io.BytesIO()
    figure.savefig(written, format="png", transparent=True)
    return written.getvalue()


class _Column:
    """The samples of a parameter, in a unit that makes short numbers."""

    def __init__(self, name: str, samples: Array, unit: str) -> None:
        largest = float(np.abs(samples).max()) or 1.0
        power = math.floor(math.log10(largest))
        self.power = power if not -2 <= power < 4 else 0
        self.name = name
        self.samples = samples / 10.0**self.power
        scaled = f"10^{self.power} {unit}".strip() if self.power else unit
        self.label = f"{_broken(name)}\n[{scaled}]" if scaled else _broken(name)
        low, high = np.percentile(self.samples, _TAILS)
        reach = 0.04 * (high - low) or 0.01 * abs(high) or 1.0
        self.low, self.high = float(low - reach), float(high + reach)

    def best(self, values: Mapping[str, float]) -> float | None:
        """Return the best fit in the same unit."""
        found = values.get(self.name)
        return None if found is None else found / 10.0**self.power


def _draw(axis: Axes, x: _Column, y: _Column, values: Mapping[str, float]) -> None:
    axis.patch.set_alpha(0.0)
    axis.set_xlim(x.low, x.high)
    best_x, best_y = x.best(values), y.best(values)
    if best_x is not None:
        axis.axvline(best_x, color=_BEST, linewidth=0.9)
    if x is y:
        axis.hist(x.samples, bins=_BINS, range=(x.low, x.high), color=_FILL, alpha=0.75)
        return
    axis.set_ylim(y.low, y.high)
    _density(axis, x, y)
    if best_y is not None:
        axis.axhline(best_y, color=_BEST, linewidth=0.9)


def _density(axis: Axes, x: _Column, y: _Column) -> None:
    """Draw where the samples are, with lines that hold 68, 90 and 99 % of them."""
    ends = [[x.low, x.high], [y.low, y.high]]
    counts, x_edges, y_edges = np.histogram2d(x.samples, y.samples, bins=_BINS, range=ends)
    smooth = _smoothed(counts.T)
    axis.pcolormesh(
        x_edges, y_edges, np.ma.masked_less_equal(smooth, 0.0), cmap=_colours(),
        rasterized=True,
    )  # fmt: skip
    levels = sorted(set(_levels(smooth)))
    if levels and levels[-1] < smooth.max():
        middles = [0.5 * (edges[:-1] + edges[1:]) for edges in (x_edges, y_edges)]
        axis.contour(*middles, smooth, levels=levels, colors=[_INK], linewidths=0.8)


def _colours() -> Colormap:
    """From nothing at all, whatever is below, to ink."""
    from matplotlib.colors import LinearSegmentedColormap, to_rgba  # noqa: PLC0415

    ends = [to_rgba(_FILL, 0.0), to_rgba(_FILL, 1.0)]
    return LinearSegmentedColormap.from_list("samples", ends)


def _levels(density: Array) -> list[float]:
    ordered = np.sort(density, axis=None)[::-1]
    inside = np.cumsum(ordered) / max(float(ordered.sum()), 1.0)
    wanted = np.array([float(name.split()[0]) / 100.0 for name in LEVELS])
    places = np.minimum(np.searchsorted(inside, wanted), ordered.size - 1)
    return [float(level) for level in ordered[places]]


def _smoothed(counts: Array) -> Array:
    from scipy.ndimage import gaussian_filter  # noqa: PLC0415  # with the drawing, not before

    return np.asarray(gaussian_filter(counts.astype(np.float64), 0.9))


def _label(axis: Axes, x: _Column, y: _Column, *, is_left: bool, is_bottom: bool) -> None:
    from matplotlib.ticker import MaxNLocator  # noqa: PLC0415

    settings: dict[str, Any] = {"colors": _INK, "labelsize": 7, "length": 2}
    axis.tick_params(
        axis="both", labelbottom=is_bottom, labelleft=is_left and x is not y, **settings
    )
    axis.xaxis.set_major_locator(MaxNLocator(3, prune="both"))
    axis.yaxis.set_major_locator(MaxNLocator(3, prune="both"))
    for ticks in (axis.xaxis, axis.yaxis):
        ticks.get_major_formatter().set_useOffset(False)  # type: ignore[attr-defined]
    for label in axis.get_xticklabels():
        label.set_rotation(35)
    for spine in axis.spines.values():
        spine.set_color(_INK)
    if x is y:
        axis.set_yticks([])
    if is_bottom:
        axis.set_xlabel(x.label, color=_INK, fontsize=7)
    if is_left and x is not y:
        axis.set_ylabel(y.label, color=_INK, fontsize=7)


def _broken(name: str) -> str:
    return name.replace(".", "\n", 1) if len(name) > 14 else name
