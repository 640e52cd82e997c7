"""What is left between data and model, below them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import bqplot
import numpy as np

from nustar_widgets.fits.plotpaths import crosses_x, crosses_y
from nustar_widgets.panels.fitting.fitlegend import colour
from nustar_widgets.panels.fitting.pane import Pane, move, put

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from nustar_widgets.fits.plotlines import MovingSpectrum, PlotChoice, Points
    from nustar_widgets.panels.fitting.energyaxis import EnergyAxis
    from nustar_widgets.panels.fitting.livelines import LiveLines

    Single = NDArray[np.float32]

_LEVELS: Final = {"delchi": 0.0, "ratio": 1.0, "resid": 0.0, "none": 0.0}
_SEEN: Final = (1.0, 99.0)  # percent of the error bars that are inside the range


class ResidualPane(Pane):
    """Residuals of all spectra.

    Parameters
    ----------
    energy
        The axis all panes share.
    """

    def __init__(self, energy: EnergyAxis) -> None:
        super().__init__(energy, log=False, height_px=150, most_ticks=5)
        self.add_class("nw-fit-residuals")
        self.level = bqplot.Lines(
            x=np.array([1e-3, 1e4]), y=np.zeros(2), colors=["#8a929b"], stroke_width=1.2,
            scales={"x": energy.scale, "y": self.scale}, preserve_domain={"x": True, "y": True},
        )  # fmt: skip
        self.points = self.lines(stroke_width=1.0, opacities=[0.8] * 16)
        self._level = 0.0
        self._is_placed = False

    def show_kind(self, choice: PlotChoice) -> None:
        """Take the kind of residual; nothing is drawn until there is a model.

        Parameters
        ----------
        choice
            What is shown.
        """
        self._level = _LEVELS[choice.residual]
        self._is_placed = False
        self.level.y = np.full(2, self._level)
        put(self.points, [])
        self.show_label(choice.residual_label, energy=True)

    def show_residuals(
        self, moved: Sequence[MovingSpectrum], *, hand: LiveLines | None = None
    ) -> None:
        """Draw residuals: only values go to the page.

        Parameters
        ----------
        moved
            Of each spectrum.
        hand
            What draws them while the hand moves and others will come at once; ``None`` at rest.
        """
        known = _known(moved)
        fresh = not self._is_placed
        [(_, heights)] = self.rows(moved)
        if fresh:
            places = [crosses_x(points) for _, points in known]
            put(self.points, heights, places, [colour(number) for number, _ in known])
        else:
            move(self.points, heights, hand)
        self._is_placed = bool(known)
        if known:
            self.show_marks(self.level, self.points)
            ends = _range([points for _, points in known], self._level)
            self.follow(*ends, fresh=fresh, passing=hand is not None)

    def rows(self, moved: Sequence[MovingSpectrum]) -> list[tuple[bqplot.Lines, list[Single]]]:
        """Return the mark that moves and its rows.

        Parameters
        ----------
        moved
            Of each spectrum, as many as are shown.
        """
        return [(self.points, [crosses_y(points, log=False) for _, points in _known(moved)])]


def _known(moved: Sequence[MovingSpectrum]) -> list[tuple[int, Points]]:
    return [(n, m.residuals) for n, m in enumerate(moved) if m.residuals is not None]


def _range(points: Sequence[Points], level: float) -> tuple[float, float]:
    ends = np.concatenate([side for p in points for side in (p.y - p.error, p.y + p.error)])
    ends = ends[np.isfinite(ends)]
    if not ends.size:
        return level - 1.0, level + 1.0
    low, high = np.percentile(ends, _SEEN)
    return min(float(low), level), max(float(high), level)
