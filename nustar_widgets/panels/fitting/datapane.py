"""Data with the model, its components and the background."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Final

import numpy as np

from nustar_widgets.fits.plotpaths import StepPath, bars, crosses_x, crosses_y
from nustar_widgets.panels.fitting.fitlegend import (
    GREY,
    colour,
    component_dash,
    row_style,
    total_dash,
)
from nustar_widgets.panels.fitting.pane import Pane, move, put

if TYPE_CHECKING:
    from collections.abc import Sequence

    import bqplot
    from numpy.typing import NDArray

    from nustar_widgets.fits.plotlines import MovingSpectrum, PlotChoice, Points, StillSpectrum
    from nustar_widgets.panels.fitting.energyaxis import EnergyAxis
    from nustar_widgets.panels.fitting.livelines import LiveLines

    Array = NDArray[np.float64]
    Single = NDArray[np.float32]

_MODELS: Final = 5  # place of the mark in the figure
_TOTAL_PX: Final = 1.6
_COMPONENT_PX: Final = 1.2
_DEEP: Final = 1e-3  # of the lowest value shown: what is lower is not drawn


class DataPane(Pane):
    """Data with the model.

    Parameters
    ----------
    energy
        The axis all panes share.
    log
        Whether the vertical axis is logarithmic.
    """

    def __init__(self, energy: EnergyAxis, *, log: bool) -> None:
        super().__init__(energy, log=log, height_px=300)
        self._name = f"nw-fit-data-{uuid.uuid4().hex[:8]}"
        for name in ("nw-fit-data", self._name):
            self.add_class(name)
        self.ignored = self.lines(stroke_width=1.0, opacities=[0.4] * 16)
        self.background = self.lines(stroke_width=1.3, opacities=[0.55] * 16)
        self.points = self.lines(stroke_width=1.0, opacities=[0.8] * 16)
        self.models = self.lines(stroke_width=_TOTAL_PX, interpolation="step-after")
        self._spectra: tuple[StillSpectrum, ...] = ()
        self._choice: PlotChoice | None = None
        self._steps: tuple[StepPath, ...] = ()
        self._rows: tuple[tuple[int, str], ...] = ()
        self.style = ""
        """CSS that gives models and components their dashes."""

    def show_data(self, spectra: Sequence[StillSpectrum], choice: PlotChoice) -> None:
        """Draw what stays while a model moves; the model is gone until it is shown.

        Parameters
        ----------
        spectra
            The spectra.
        choice
            What is shown.
        """
        self._spectra, self._choice = tuple(spectra), choice
        self._steps = tuple(StepPath(s.bins.low_kev, s.bins.high_kev) for s in spectra)
        self._rows = ()
        put(self.models, [])
        self._put_points([item.points for item in spectra], fresh=True)
        ignored = [item.ignored for item in spectra if item.ignored is not None]
        put(
            self.ignored,
            [crosses_y(points, log=self.is_log) for points in ignored],
            [crosses_x(points) for points in ignored],
            [GREY] * len(ignored),
        )
        self._put_background()
        if spectra:
            self.show_marks(self.ignored, self.background, self.points, self.models)

    def show_model(self, moved: Sequence[MovingSpectrum], *, hand: LiveLines | None = None) -> None:
        """Draw what follows the model: only values go to the page.

        Parameters
        ----------
        moved
            Of each spectrum.
        hand
            What draws it while the hand moves and others will come at once; ``None`` at rest.
        """
        assert self._choice is not None  # data are shown before a model is
        total = self._choice.total
        rows = tuple(
            (number, name)
            for number, item in enumerate(moved)
            for name in (*([""] if total else []), *_parts(item))
        )
        fresh, self._rows = rows != self._rows, rows
        heights = self._heights(moved)
        if self._choice.is_unfolded:  # below the model, also where the hand draws
            self._put_points([item.points for item in moved], hand=hand)
        if fresh:
            places = [self._steps[n].x for n, _ in rows]
            put(self.models, heights, places, [colour(n) for n, _ in rows])
            self.style = self._dashes(moved)
        else:
            move(self.models, heights, hand)

    def rows(self, moved: Sequence[MovingSpectrum]) -> list[tuple[bqplot.Lines, list[Single]]]:
        """Return marks that move and their rows, for the lines that are drawn already.

        Parameters
        ----------
        moved
            Of each spectrum, as many as are shown.
        """
        points = [item.points for item in moved if item.points is not None and item.points.y.size]
        crosses = [(self.points, [crosses_y(item, log=self.is_log) for item in points])]
        return [*(crosses if points else []), (self.models, self._heights(moved))]

    def _heights(self, moved: Sequence[MovingSpectrum]) -> list[Single]:
        values = [moved[n].components[name] if name else moved[n].total for n, name in self._rows]
        return [self._line(n, row) for (n, _), row in zip(self._rows, values, strict=True)]

    def _line(self, number: int, values: Array) -> Single:
        # Dashes far below the plot would be drawn one by one.
        unseen = _DEEP * float(self.scale.min) if self.is_log else None
        return self._steps[number].y(values, log=self.is_log, unseen=unseen)

    def components(self, moved: Sequence[MovingSpectrum]) -> tuple[str, ...]:
        """Components that are drawn, by name."""
        return tuple(dict.fromkeys(name for item in moved for name in _parts(item)))

    def _put_points(
        self,
        points: Sequence[Points | None],
        *,
        fresh: bool = False,
        hand: LiveLines | None = None,
    ) -> None:
        known = {n: item for n, item in enumerate(points) if item is not None and item.y.size}
        fresh = fresh or not self.points.visible
        heights = [crosses_y(item, log=self.is_log) for item in known.values()]
        if fresh or not known:
            places = [crosses_x(item) for item in known.values()]
            put(self.points, heights, places, [colour(number) for number in known])
        else:
            move(self.points, heights, hand)
        if known:
            ends = _range(tuple(known.values()), log=self.is_log)
            self.follow(*ends, fresh=fresh, passing=hand is not None)

    def _put_background(self) -> None:
        drawn = [
            (number, *bars(s.bins.low_kev, s.bins.high_kev, s.background, log=self.is_log))
            for number, s in enumerate(self._spectra)
            if s.background is not None and s.background.size
        ]
        put(
            self.background,
            [y for _, _, y in drawn],
            [x for _, x, _ in drawn],
            [colour(number) for number, _, _ in drawn],
        )

    def _dashes(self, moved: Sequence[MovingSpectrum]) -> str:
        names = self.components(moved)
        styles = [
            (component_dash(names.index(name)), _COMPONENT_PX)
            if name
            else (total_dash(number), _TOTAL_PX)
            for number, name in self._rows
        ]
        return row_style(f".{self._name}", _MODELS, styles)


def _parts(item: MovingSpectrum) -> tuple[str, ...]:
    """Components worth a line: one alone is the model."""
    return tuple(item.components) if len(item.components) > 1 else ()


def _range(points: Sequence[Points], *, log: bool) -> tuple[float, float]:
    """Smallest and largest value that should be seen, error bars as far as they are sensible."""
    y = np.concatenate([item.y for item in points])
    error = np.concatenate([item.error for item in points])
    if log:
        seen = y[np.isfinite(y) & (y > 0)]
        tops = (y + error)[np.isfinite(y + error) & (y > 0)]
        if not seen.size:
            return np.nan, np.nan
        return float(seen.min()) / 1.5, float(tops.max())
    ends = np.concatenate([y - error, y + error])
    ends = ends[np.isfinite(ends)]
    return (float(ends.min()), float(ends.max())) if ends.size else (np.nan, np.nan)
