"""What the plot of a fit shows: its controls."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

import ipywidgets as widgets

from nustar_widgets.fits.plotlines import PlotChoice

if TYPE_CHECKING:
    from collections.abc import Callable

_KINDS: Final = (
    ("Counts / s / keV", "data"),
    ("Counts / keV", "counts"),
    ("Unfolded E² N(E)", "eeufspec"),
    ("Unfolded N(E)", "ufspec"),
)
_RESIDUALS: Final = (
    ("(data-model)/error", "delchi"),
    ("data/model", "ratio"),
    ("data-model", "resid"),
    ("none", "none"),
)
_FLAGS: Final = (
    ("log_x", "log E"),
    ("log_y", "log y"),
    ("area", "per cm²"),
    ("total", "model"),
    ("components", "components"),
    ("background", "background"),
)
_MOST_BINS: Final = 50
_STYLE: Final = """<style>
.nw-plot-choice { flex-wrap: wrap; gap: 0 7px; padding: 0 4px; align-items: center;
  --jp-widgets-inline-height: 24px; --jp-widgets-font-size: 12px; }
.nw-plot-choice .widget-label { width: auto; }
.nw-plot-choice .widget-checkbox { width: auto; margin: 0; }
.nw-plot-choice .widget-checkbox input { margin: 0 3px 0 0; }
</style>"""


class PlotChoiceBox(widgets.HBox):
    """Controls of what is shown.

    Parameters
    ----------
    changed
        Told each new choice.
    guarded
        Wraps callbacks, so that errors are shown.
    """

    def __init__(
        self,
        changed: Callable[[PlotChoice], Any],
        guarded: Callable[[Callable[..., Any]], Callable[..., None]],
    ) -> None:
        super().__init__()
        self.add_class("nw-plot-choice")
        self._changed = changed
        self._choice = PlotChoice()
        self._shows = False
        self._make_choices()
        self._make_joining()
        self._show()
        told = guarded(self._take)
        flags = tuple(self.flags.values())
        for control in (self.kind, self.residual, self.significance, self.most, *flags):
            control.observe(told, "value")
        self.children = (
            self.kind, self.residual, *flags, self.significance, self.most,
            widgets.Label("bins"), widgets.HTML(_STYLE),
        )  # fmt: skip

    def _make_choices(self) -> None:
        narrow, label = widgets.Layout(width="auto"), {"description_width": "auto"}
        self.kind = widgets.Dropdown(
            options=_KINDS, description="Plot", layout=narrow, style=label,
            tooltip="What is plotted: folded counts, or data unfolded with the model",
        )  # fmt: skip
        self.residual = widgets.Dropdown(
            options=_RESIDUALS, description="below", style=label,
            layout=widgets.Layout(width="192px"),  # its own would cut the longest words
            tooltip="What the pane below shows",
        )  # fmt: skip
        self.flags = {
            name: widgets.Checkbox(description=words, indent=False, value=True)
            for name, words in _FLAGS
        }
        self.flags["area"].tooltip = "Divide by the effective area, as XSPEC's setplot area"

    def _make_joining(self) -> None:
        label = {"description_width": "auto"}
        self.significance = widgets.BoundedFloatText(
            min=0.0, max=1e4, step=1.0, description="Join to", style=label,
            layout=widgets.Layout(width="100px"),
            tooltip="For the display only, as XSPEC's setplot rebin; 0 joins none",
        )  # fmt: skip
        self.most = widgets.BoundedIntText(
            min=1, max=10_000, value=_MOST_BINS, description="sigma, at most", style=label,
            layout=widgets.Layout(width="152px"), tooltip="Most bins that are joined to one",
        )  # fmt: skip

    @property
    def choice(self) -> PlotChoice:
        """What is chosen."""
        return self._choice

    @choice.setter
    def choice(self, choice: PlotChoice) -> None:
        if choice != self._choice:
            self._choice = choice
            self._show()
            self._changed(choice)

    def _take(self, _: Any) -> None:
        if self._shows:
            return
        rebin = (self.significance.value, self.most.value) if self.significance.value else None
        flags = {name: box.value for name, box in self.flags.items()}
        self.choice = replace(
            self._choice, kind=self.kind.value, residual=self.residual.value, rebin=rebin, **flags
        )

    def _show(self) -> None:
        """Show the choice; controls that mean nothing for it are switched off."""
        choice, self._shows = self._choice, True
        try:
            self.kind.value, self.residual.value = choice.kind, choice.residual
            for name, box in self.flags.items():
                box.value = getattr(choice, name)
            self.significance.value = choice.rebin[0] if choice.rebin else 0.0
            self.most.value = choice.rebin[1] if choice.rebin else self.most.value
        finally:
            self._shows = False
        self.flags["area"].disabled = choice.kind != "data" and choice.residual != "resid"
        self.flags["background"].disabled = choice.kind != "data"
