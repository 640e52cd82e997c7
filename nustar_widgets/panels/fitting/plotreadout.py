"""What the plot of a fit shows at an energy: under the mouse, or typed."""

from __future__ import annotations

import html
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import ipywidgets as widgets
import traitlets

from nustar_widgets.fits.plotreading import readings
from nustar_widgets.panels.page import PageView, PageWatch, joined

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from nustar_widgets.fits.plotlines import MovingSpectrum, PlotChoice, StillSpectrum
    from nustar_widgets.fits.plotreading import BinReading

_FRONT: Final = Path(__file__).with_name("front")
_LINE_EM: Final = 1.45
_RESIDUALS: Final = {
    "delchi": "{:+.2f} sigma", "ratio": "ratio {:.3g}", "resid": "difference {:+.2g}", "none": "",
}  # fmt: skip


class PlotPointer(PageView):
    """Nothing to see: it tells the energy under the mouse, and whether the plot is shown."""

    _esm = joined(_FRONT, ("plotpointer.js",))

    low_kev = traitlets.Float(1.0, help="Left end of the plot [keV]").tag(sync=True)
    high_kev = traitlets.Float(100.0, help="Right end of the plot [keV]").tag(sync=True)
    is_log = traitlets.Bool(True, help="Whether the axis is logarithmic").tag(sync=True)
    energy_kev = traitlets.Float(0.0, help="Energy under the mouse [keV]; 0: none").tag(sync=True)
    width_px = traitlets.Int(0, help="Width of the plot [pixel]; 0: not on the screen").tag(
        sync=True
    )


_HINT: Final = (
    "<div style='font-size:12px;color:var(--jp-ui-font-color2,#666)'>point at the plot, or type an "
    "energy, to read a bin</div>"
)


class PlotReadout(widgets.HBox):
    """The line below the plot.

    Parameters
    ----------
    seen
        Called when the plot comes onto the screen for the first time, and when ``pointer`` is to
        be shown no more.
    guarded
        Wraps callbacks, so that errors are shown.
    """

    def __init__(
        self,
        seen: Callable[[], Any],
        guarded: Callable[[Callable[..., Any]], Callable[..., None]],
    ) -> None:
        super().__init__(layout=widgets.Layout(padding="0 4px", align_items="flex-start"))
        self.add_class("nw-plot-readout")
        self._drawn: tuple[Sequence[StillSpectrum], Sequence[MovingSpectrum]] = ((), ())
        self._choice: PlotChoice | None = None
        self._seen = guarded(seen)
        self.pointer = PlotPointer()
        """To be put among what the plot is made of."""
        self.typed = widgets.BoundedFloatText(
            min=0.0, max=1e4, step=0.1, description="At [keV]",
            style={"description_width": "auto"}, layout=widgets.Layout(width="116px"),
            tooltip="Energy to read the plot at; the mouse over the plot comes before it",
        )  # fmt: skip
        self.words = widgets.HTML(layout=widgets.Layout(flex="1 1 auto", overflow="hidden"))
        told = guarded(lambda _: self._tell())
        self.pointer.observe(told, "energy_kev")
        self.typed.observe(told, "value")
        self.children = (self.typed, self.words)
        self._watch = PageWatch(self.pointer, self._seen)
        self.is_seen = not self._watch.is_awaited
        """Whether figures may be shown: one that is made while it has no size is drawn wrong."""
        self.pointer.observe(self._sized, "width_px")

    @property
    def has_pointer(self) -> bool:
        """Whether the page can show the pointer."""
        return not self._watch.lacks_the_view

    @property
    def energy_kev(self) -> float:
        """Energy that is read [keV]; 0 for none."""
        return float(self.pointer.energy_kev or self.typed.value)

    def show_axis(self, low_kev: float, high_kev: float, *, log: bool) -> None:
        """Take the energies that are shown.

        Parameters
        ----------
        low_kev, high_kev
            Ends of the axis.
        log
            Whether it is logarithmic.
        """
        with self.pointer.hold_sync():
            self.pointer.low_kev, self.pointer.high_kev = low_kev, high_kev
            self.pointer.is_log = log

    def show(
        self,
        spectra: Sequence[StillSpectrum],
        moved: Sequence[MovingSpectrum],
        choice: PlotChoice,
    ) -> None:
        """Take what is drawn.

        Parameters
        ----------
        spectra, moved
            The spectra and the model.
        choice
            What is shown.
        """
        self._drawn, self._choice = (spectra, moved), choice
        self._tell()

    def close(self) -> None:
        """Wait for the page no longer, and close."""
        self._watch.close()
        super().close()

    def _tell(self) -> None:
        height = f"{_LINE_EM * max(len(self._drawn[0]), 1) + 0.6:.2f}em"
        if self.words.layout.height != height:  # the same for any number of bins: nothing jumps
            self.words.layout.height = height
        energy = self.energy_kev
        if not energy or self._choice is None:
            self.words.value = _HINT
            return
        found = readings(*self._drawn, energy)
        lines = [_line(reading, self._choice.residual) for reading in found]
        self.words.value = (
            f"<div style='font-size:12px;line-height:{_LINE_EM};white-space:nowrap;"
            "font-variant-numeric:tabular-nums'>"
            f"{'<br>'.join(lines) or f'{energy:.2f} keV: no bin in use'}</div>"
        )

    def _sized(self, _: Any) -> None:
        if self.pointer.width_px and not self.is_seen:
            self.is_seen = True
            self._seen()


def _line(reading: BinReading, residual: str) -> str:
    words = f"{html.escape(reading.name)} {reading.low_kev:.2f}-{reading.high_kev:.2f} keV: "
    parts = []
    if reading.y is not None:
        error = "" if reading.error is None else f" ± {reading.error:.2g}"
        parts.append(f"<b>{reading.y:.4g}</b>{error}")
    if reading.model is not None:
        parts.append(f"model {reading.model:.4g}")
    if reading.residual is not None:
        parts.append(_RESIDUALS[residual].format(reading.residual))
    return words + ", ".join(parts)
