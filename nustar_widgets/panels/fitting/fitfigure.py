"""The plot of a fit: data and model, residuals below, and what is shown and fitted of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import bqplot
import ipywidgets as widgets
import numpy as np
from bqplot.interacts import FastIntervalSelector

from nustar_widgets.fits.plotlines import PlotChoice, moving, noticed_kev, still
from nustar_widgets.panels.closing import close_tree
from nustar_widgets.panels.fitting.datapane import DataPane
from nustar_widgets.panels.fitting.energyaxis import EnergyAxis
from nustar_widgets.panels.fitting.energyband import MARKS, EnergyBand
from nustar_widgets.panels.fitting.fitlegend import legend
from nustar_widgets.panels.fitting.fitstill import fit_picture
from nustar_widgets.panels.fitting.livelines import LiveLines
from nustar_widgets.panels.fitting.plotchoice import PlotChoiceBox
from nustar_widgets.panels.fitting.plotreadout import PlotReadout
from nustar_widgets.panels.fitting.residualpane import ResidualPane

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from contextlib import AbstractContextManager

    from nustar_widgets.engines.fitting import FitEngine
    from nustar_widgets.fits.plotlines import MovingSpectrum, StillSpectrum
    from nustar_widgets.panels.fitting.ladder import Hold
    from nustar_widgets.panels.fitting.livelines import Rows
    from nustar_widgets.panels.stills.still import Picture
    from nustar_widgets.spectra.folding import SpectralData

    Ranges = tuple[tuple[float, float], ...]

# What moves is laid out and painted by itself.
_STYLE: Final = """<style>
.nw-fit-figure .bqplot { contain: layout paint style; will-change: transform; }
.nw-fit-figure .bqplot text.axislabel { font-size: 12px;
  fill: var(--jp-ui-font-color1, #222) !important; }
.nw-energy-band button { padding: 0 8px; }
</style>"""


class FitFigure(widgets.VBox):
    """The plot with its controls.

    Parameters
    ----------
    noticed
        Told the energies to fit when somebody chooses others: (low, high) [keV], ascending.
    choice_changed
        Told what is shown when somebody changes that.
    guarded
        Wraps callbacks, so that errors are shown.
    """

    def __init__(
        self,
        *,
        noticed: Callable[[Ranges], Any],
        choice_changed: Callable[[PlotChoice], Any],
        guarded: Callable[[Callable[..., Any]], Callable[..., None]],
    ) -> None:
        super().__init__(layout=widgets.Layout(width="100%"))
        self.add_class("nw-fit-figure")
        self._choice_changed, self._guarded = choice_changed, guarded
        self._datasets: tuple[SpectralData, ...] = ()
        self._names: tuple[str, ...] = ()
        self._spectra: tuple[StillSpectrum, ...] = ()
        self._engine: FitEngine | None = None
        self.moved: tuple[MovingSpectrum, ...] = ()
        """The model as it is drawn; empty without one."""
        self.choices = PlotChoiceBox(self._chosen, guarded)
        self.band = EnergyBand(
            noticed=noticed, mode_changed=self._interact, reset_view=self.reset_view,
            guarded=guarded,
        )  # fmt: skip
        self.readout = PlotReadout(self._show_panes, guarded)
        self.live = LiveLines()
        self._legend, self._dashes = widgets.HTML(), widgets.HTML()
        self._style = widgets.HTML(_STYLE)
        self._make_panes()
        self._show_panes()

    @property
    def choice(self) -> PlotChoice:
        """What is shown."""
        return self.choices.choice

    @choice.setter
    def choice(self, choice: PlotChoice) -> None:
        self.choices.choice = choice

    def show_data(
        self,
        datasets: Sequence[SpectralData],
        names: Sequence[str],
        *,
        notice_kev: Ranges | None = None,
    ) -> None:
        """Show spectra; the model is gone until it is shown.

        Parameters
        ----------
        datasets
            The spectra with the bins in use; none empties the plot.
        names
            Their names.
        notice_kev
            Energies that were chosen to be fitted [keV]; ``None`` for those of the bins in use.
        """
        self._datasets, self._names = tuple(datasets), tuple(names)
        self._engine = None
        in_use = noticed_kev(self._datasets)
        self.energy.show_ranges(in_use)
        if notice_kev or in_use:
            self.band.show_ranges(notice_kev or in_use)
        self._show_still()

    def show_model(
        self, engine: FitEngine, *, passing: bool = False, hold: Hold | None = None
    ) -> None:
        """Show the model at the parameters an engine has; quick.

        Parameters
        ----------
        engine
            Its spectra are those shown.
        passing
            Whether it is under the hand and another will come at once: it is then drawn over the
            plot, where the page can do that, and bqplot draws it once it is shown at rest.
        hold
            The slider under the hand, if the page tells of one.

        Raises
        ------
        ParameterError
            Its spectra are others.
        """
        moved = moving(self._spectra, engine, self.choice)
        fresh = not self.moved
        self._engine, self.moved = engine, moved
        hand = self.live if passing else None
        self.data.show_model(moved, hand=hand)
        if self.choice.residual != "none":
            self.residuals.show_residuals(moved, hand=hand)
        self.live.show(hold)
        if fresh:
            self._show_legend()
        self.readout.show(self._spectra, moved, self.choice)

    def look_ahead(
        self, hold: Hold, at: Callable[[float], AbstractContextManager[FitEngine]]
    ) -> None:
        """Send the page lines for values a slider may come to next.

        Parameters
        ----------
        hold
            The slider under the hand.
        at
            Lends the engine that is shown with the slider at another value.
        """

        def lines(value: float) -> Rows:
            with at(value) as engine:
                return self._rows(moving(self._spectra, engine, self.choice))

        if self.moved:
            self.live.look_ahead(hold, lambda: self._rows(self.moved), lines)

    def _rows(self, moved: Sequence[MovingSpectrum]) -> Rows:
        below = self.residuals.rows(moved) if self.choice.residual != "none" else []
        return [*self.data.rows(moved), *below]

    def picture(self) -> Picture | None:
        """Draw what is shown as it is now; ``None`` where there is nothing."""
        return fit_picture(self._spectra, self.moved, self.choice)

    def reset_view(self) -> None:
        """Show all energies in use, and all values."""
        self.energy.reset()
        self._redraw()

    def _make_panes(self) -> None:
        """Make figures; a scale is linear or logarithmic for good."""
        choice = self.choice
        self.energy = EnergyAxis(log=choice.log_x)
        self.data = DataPane(self.energy, log=choice.log_y)
        self.residuals = ResidualPane(self.energy)
        self.selector = FastIntervalSelector(scale=self.energy.scale, color="#5b8fc4")
        self.selector.observe(self._guarded(self._marked), "selected")
        self.energy.moved = self._tell_axis
        self._tell_axis()

    def _tell_axis(self) -> None:
        self.readout.show_axis(*self.energy.ends, log=self.energy.is_log)

    def _show_panes(self) -> None:
        """Show what there is to be shown; figures only once the plot is on the screen."""
        panes: tuple[widgets.Widget, ...] = ()
        if self.readout.is_seen or not self.readout.has_pointer:
            below = (self.residuals,) if self.choice.residual != "none" else ()
            panes = (self.data, *below)
        pointer = (self.readout.pointer, self.live) if self.readout.has_pointer else ()
        self.children = (
            self.choices, self._legend, *panes, self.readout, self.band, self._dashes,
            self._style, *pointer,
        )  # fmt: skip

    def _chosen(self, choice: PlotChoice) -> None:
        old: tuple[widgets.Widget, ...] = ()
        if (choice.log_x, choice.log_y) != (self.energy.is_log, self.data.is_log):
            old = (self.data, self.residuals, self.selector)
            self._make_panes()
            self.energy.show_ranges(noticed_kev(self._datasets))
            self._interact(self.band.mode.value)
        self._redraw()
        self._show_panes()  # after they are filled: half a figure makes the page complain
        for part in old:
            close_tree(part)
        self._choice_changed(choice)

    def _redraw(self) -> None:
        engine = self._engine
        self._show_still()
        if engine is not None:
            self.show_model(engine)

    def _show_still(self) -> None:
        choice = self.choice
        self.moved = ()
        self.live.show()
        with np.errstate(all="ignore"):
            self._spectra = still(self._datasets, self._names, choice)
        label = {"eeufspec": "E² N(E)", "ufspec": "N(E)"}.get(choice.kind)
        text = f"{label} [{choice.unit}]" if label else choice.unit
        self.data.show_label(text, energy=choice.residual == "none")
        self.data.show_data(self._spectra, choice)
        self.residuals.show_kind(choice)
        self.readout.show(self._spectra, (), choice)
        self._show_legend()

    def _show_legend(self) -> None:
        components = self.data.components(self.moved)
        self._legend.value = legend(self._names, components, model=bool(self.moved))
        self._dashes.value = f"<style>{self.data.style}</style>"

    def _interact(self, mode: str) -> None:
        """Let the mouse look, zoom or mark."""
        panes = (self.data, self.residuals)
        if mode in MARKS:
            self.selector.selected = None
        for pane in panes:
            zoom = {"x": [self.energy.scale], "y": [pane.scale]}
            pane.figure.interaction = bqplot.PanZoom(scales=zoom) if mode == "zoom" else None
        if mode in MARKS:
            self.data.figure.interaction = self.selector

    def _marked(self, change: Any) -> None:
        ends = change["new"]
        if ends is not None and np.size(ends) == 2:
            low, high = sorted(float(end) for end in ends)
            self.band.show_marked(max(low, self.energy.ends[0]), min(high, self.energy.ends[1]))
