"""Fluxes, luminosities and equivalent widths of the model, as tables and as text to copy."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, ClassVar, Final

import ipywidgets as widgets

from nustar_widgets.errors import ParameterError
from nustar_widgets.panels.code.codeview import CodeBox
from nustar_widgets.panels.fitting.bands import bands_of
from nustar_widgets.panels.fitting.detailpane import DetailPane, button, quiet, row, words
from nustar_widgets.panels.fitting.fittables import table, text_table
from nustar_widgets.panels.fitting.fluxes import (
    DRAWS,
    Fluxes,
    Rows,
    flux_rows,
    luminosity_rows,
    measured,
    width_rows,
)
from nustar_widgets.session.measures import FluxWishes

BANDS: Final = "3-10, 10-30, 3-79"
"""Bands that are offered [keV]."""

_NO_COMPONENT: Final = "(none)"
_STALE: Final = "These are of other values or another model: measure again."


class FluxPane(DetailPane):
    """What the model gives in bands of energy."""

    WATCHED: ClassVar[tuple[str, ...]] = ("moved", "result")

    def _build(self) -> Sequence[widgets.Widget]:
        self.add_class("nw-detail-fluxes")
        self.found: Fluxes | None = None
        """What was measured last."""
        self._of: Any = None  # the engine it was measured with
        self.bands = widgets.Text(
            value=BANDS, description="Bands [keV]", continuous_update=False,
            style={"description_width": "84px"}, layout=widgets.Layout(width="300px", flex="none"),
        )  # fmt: skip
        self.redshift = widgets.FloatText(
            value=0.0, step=0.01, description="Redshift", continuous_update=False,
            tooltip="For luminosities; 0 gives none. H0 = 70 km/s/Mpc, flat, Omega_m = 0.27",
            style={"description_width": "60px"}, layout=widgets.Layout(width="146px", flex="none"),
        )  # fmt: skip
        self.component = widgets.Dropdown(
            options=[_NO_COMPONENT], description="Equivalent width of",
            style={"description_width": "138px"}, layout=widgets.Layout(width="284px", flex="none"),
        )  # fmt: skip
        self.ranges = widgets.Checkbox(
            value=False, indent=False, description="90 % ranges",
            tooltip=f"From {DRAWS} parameters drawn from the covariance of the fit",
            layout=widgets.Layout(width="104px", flex="none"),
        )  # fmt: skip
        self.measure = button("Measure", width="90px")
        self.measure.on_click(self.host.clicked(self._measure))
        self.starts = (self.measure,)
        self.about = words()
        self.tables = words(overflow="auto", max_height="190px")
        self.text = CodeBox(rows=3)
        self.text.layout.display = "none"
        controls = (self.bands, self.redshift, self.component, self.ranges, self.measure)
        return (row(*controls), self.about, self.tables, self.text)

    def show_plainly(self, *, plain: bool) -> None:
        """Do without views of our own, or no longer.

        Parameters
        ----------
        plain
            Whether the page lacks them.
        """
        self.text.show_plainly(plain=plain)

    def _measure(self) -> None:
        redshift = float(self.redshift.value)
        if not (math.isfinite(redshift) and 0.0 <= redshift < 100.0):
            raise ParameterError(
                "redshift", f"{redshift:g}: expected a number from 0 up; 0 for no luminosity"
            )
        component = str(self.component.value)
        wishes = FluxWishes(
            bands_kev=bands_of(self.bands.value),
            redshift=redshift,
            component="" if component == _NO_COMPONENT else component,
            draws=DRAWS if self.ranges.value else 0,
        )
        self.start(lambda: self._work(wishes))

    def _work(self, wishes: FluxWishes) -> None:
        found = self.live.measure(
            "measuring fluxes", lambda engine, stop: measured(engine, wishes, stop)
        )
        self.found, self._of = found, self.live.engine
        self.live.wishes = wishes
        self._show_safely(())
        self._put()

    def _show(self, names: Sequence[str]) -> None:
        if "generation" in names:
            self._offer_components()
        self.about.value = self._about()

    def _offer_components(self) -> None:
        engine = self.live.engine
        rows = () if engine is None else engine.table.rows
        additive = dict.fromkeys(item.component for item in rows if item.is_norm)
        offered = (_NO_COMPONENT, *additive)
        if offered != tuple(self.component.options):
            chosen = self.component.value
            self.component.options = offered
            self.component.value = chosen if chosen in offered else _NO_COMPONENT

    def _about(self) -> str:
        if self.found is None:
            return quiet(
                "Of the model at the fitted values, on the whole energy grid of the response; "
                "errors are 1 sigma, from the covariance of the fit."
            )
        engine = self.live.engine
        if engine is not self._of or engine is None or engine.values != self.found.values:
            return f"<div class='nw-detail-warn'>{_STALE}</div>"
        if all(item.energy_sigma is None for item in self.found.fluxes):
            return quiet("Without errors: fit first.")
        return quiet("Errors are 1 sigma, from the covariance of the fit.")

    def _put(self) -> None:
        """Show what was measured."""
        assert self.found is not None
        made: list[Rows] = [flux_rows(self.found)]
        if self.found.luminosities:
            made.append(luminosity_rows(self.found))
        if self.found.widths:
            made.append(width_rows(self.found))
        self.tables.value = "<div style='height:6px'></div>".join(
            table(head, rows, left=(0, 1)) for head, rows in made
        )
        self.text.show("\n\n".join(text_table(*rows) for rows in made), label="as text")
        self.text.layout.display = None
