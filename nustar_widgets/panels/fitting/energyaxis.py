"""The energy axis all panes of a plot share: its range, its ticks, its bands."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import bqplot
import numpy as np

from nustar_widgets.panels.fitting.axisrange import ticks

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

_BEYOND: Final = (0.92, 1.08)  # so much is shown beside the energies in use, in parts of them
_TINT: Final = "#5b8fc4"
_RIM_PX: Final = 4.0  # bqplot leaves room for the widest line: the same in all panes


class EnergyAxis:
    """Energies as they are shown.

    Parameters
    ----------
    log
        Whether the axis is logarithmic.
    """

    def __init__(self, *, log: bool) -> None:
        self.is_log = log
        self.scale = (
            bqplot.LogScale(min=2.8, max=85.0)
            if log
            else bqplot.LinearScale(min=2.8, max=85.0, allow_padding=False)
        )
        self._axes: list[bqplot.Axis] = []
        self._bands: list[bqplot.Lines] = []
        self._home = (2.8, 85.0)
        self.moved: Callable[[], Any] = lambda: None
        """Told when other energies are shown."""
        self.scale.observe(self._on_range, ["min", "max"])

    @property
    def ends(self) -> tuple[float, float]:
        """Lowest and highest energy shown [keV]."""
        return float(self.scale.min), float(self.scale.max)

    def axis(self) -> bqplot.Axis:
        """Make an axis of one pane."""
        axis = bqplot.Axis(scale=self.scale, grid_lines="none", label_offset="2.3em")
        self._axes.append(axis)
        self._tick(axis)
        return axis

    def band(self) -> bqplot.Lines:
        """Make the tint behind energies in use, of one pane."""
        height = bqplot.LinearScale(min=0.0, max=1.0, allow_padding=False)
        mark = bqplot.Lines(
            x=np.ones(2), y=np.zeros(2), scales={"x": self.scale, "y": height}, fill="bottom",
            fill_colors=[_TINT], fill_opacities=[0.12], stroke_width=_RIM_PX, colors=[_TINT],
            opacities=[0.0], visible=False, preserve_domain={"x": True, "y": True},
        )  # fmt: skip
        self._bands.append(mark)
        return mark

    def show_ranges(self, ranges: Sequence[tuple[float, float]]) -> None:
        """Tint energies in use; where their ends are others than before, show those.

        Parameters
        ----------
        ranges
            Lower and upper end of each [keV], ascending.
        """
        ends = np.asarray(ranges, np.float64).reshape(-1, 2)
        for mark in self._bands:
            with mark.hold_sync():
                if len(ends):
                    mark.x = np.repeat(ends, 2, axis=1).ravel()
                    mark.y = np.tile([0.0, 1.0, 1.0, 0.0], len(ends))
                mark.visible = bool(len(ends))
        if len(ends):
            home = (_BEYOND[0] * float(ends[0, 0]), _BEYOND[1] * float(ends[-1, 1]))
            if home != self._home:
                self._home = home
                self.reset()

    def reset(self) -> None:
        """Show all energies in use."""
        with self.scale.hold_sync():
            self.scale.min, self.scale.max = self._home
        self._on_range()

    def _on_range(self, _: Any = None) -> None:
        for axis in self._axes:
            self._tick(axis)
        self.moved()

    def _tick(self, axis: bqplot.Axis) -> None:
        low, high = self.ends
        if low < high and (low > 0 or not self.is_log):
            with axis.hold_sync():
                axis.tick_values, axis.tick_format = ticks(low, high, log=self.is_log, most=11)
