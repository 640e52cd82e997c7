"""What stands around the images: numbers, plots, words, suggestions, the table of regions."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import ipywidgets as widgets

from nustar_widgets.errors import NustarWidgetsError
from nustar_widgets.events.regionlint import ProductFlags
from nustar_widgets.events.regions import SkyRegion
from nustar_widgets.events.skygrid import SkyGrid
from nustar_widgets.live.checks import check_regions
from nustar_widgets.live.counts import LiveCounts
from nustar_widgets.live.observation import LiveObservation
from nustar_widgets.live.profileview import SourceProfile, source_profile
from nustar_widgets.panels.base import Panel
from nustar_widgets.panels.images.skyview import SkyView
from nustar_widgets.panels.readings.profileplot import ProfilePlot
from nustar_widgets.panels.readings.skynumbers import Findings, SkyNumbers
from nustar_widgets.panels.readings.spectrumplot import SpectrumPlot
from nustar_widgets.panels.readings.suggestionbox import SuggestionBox
from nustar_widgets.panels.regions.regiontable import RegionTable
from nustar_widgets.panels.regions.regiontextbox import RegionTextBox


class SkyReadings:
    """Everything around the images of a sky panel.

    Parameters
    ----------
    panel
        The panel.
    live
        Counts of its session.
    view
        Its images.
    """

    def __init__(self, panel: Panel, live: LiveObservation, view: SkyView) -> None:
        self._panel, self._live, self._view = panel, live, view
        self.numbers, self.findings = SkyNumbers(), Findings()
        self.spectrum, self.profile = SpectrumPlot(), ProfilePlot()
        self.suggestions = SuggestionBox(panel, live, view)
        self.table = RegionTable(panel, place=self._middle, grid=self._grid)
        self.text = RegionTextBox(panel, self._grid)
        self.undo = _step_button("Undo", panel.clicked(panel.session.undo))
        self.redo = _step_button("Redo", panel.clicked(panel.session.redo))
        steps = widgets.HBox(
            (self.undo, self.redo, self.suggestions), layout=widgets.Layout(width="100%")
        )
        tabs = widgets.Tab((self.table, self.text), titles=("Regions by numbers", "Region files"))
        self.beside = (self.numbers, self.spectrum)
        """What stands on the right of the images."""
        self.below = (steps, self.findings, self.profile, tabs)
        """What stands below them."""
        panel.follow(panel.session, self._history, ["can_undo", "can_redo"])
        self._history()
        self.show_regions()

    def show_regions(self) -> None:
        """Show the regions of the session as numbers and as text; a proposal is out of date."""
        self.suggestions.clear()
        self.table.refresh()
        self.text.show(self._panel.session.regions)

    def show_counts(self, counts: LiveCounts | None, *, revision: int) -> None:
        """Show counts, quick things first; of those of a moving hand, not everything each time.

        Parameters
        ----------
        counts
            The counts.
        revision
            The step of a drag they answer.
        """
        self.numbers.show(counts, revision=revision)
        time.sleep(0)  # lets the thread that writes to the page have them at once
        if counts is None or counts.is_turn_of(0):
            self.spectrum.show(counts)
        if not self._live.is_warm:  # what the rest needs is still being made
            return
        if counts is None or counts.is_turn_of(0, of=6):  # text that changes moves what is below
            self.show_findings()
        if counts is None or not counts.is_preview:
            self.profile.show(self._profiles())

    def show_findings(self) -> None:
        """Say what to watch out for."""
        counts, session = self._live.counts, self._panel.session
        regions = session.regions if counts is None else counts.regions
        flags = ProductFlags.from_parameters(dict(session.products))
        self.findings.show(
            {
                name: check_regions(module, regions.of(name), flags=flags)
                for name, module in self._live.modules.items()
            }
        )

    def _profiles(self) -> dict[str, SourceProfile | str]:
        found: dict[str, SourceProfile | str] = {}
        for name, module in self._live.modules.items():
            region = self._panel.session.regions.of(name).source
            if region is None or (isinstance(region, SkyRegion) and not region.includes):
                continue
            try:
                found[name] = source_profile(module, region)
            except NustarWidgetsError as problem:
                found[name] = str(problem)
        return found

    def _history(self, _: Any = None) -> None:
        session = self._panel.session
        for button, able, label in (
            (self.undo, session.can_undo, session.undo_label),
            (self.redo, session.can_redo, session.redo_label),
        ):
            button.disabled = not able
            button.tooltip = f"{button.description} {label}" if label else button.description

    def _grid(self, module: str) -> SkyGrid | None:
        found = self._live.modules.get(module)
        return None if found is None else found.grid

    def _middle(self) -> tuple[float, float]:
        """Right ascension and declination of the middle of the view [deg]."""
        return self._view.looking_at["ra"], self._view.looking_at["dec"]


def _step_button(words: str, clicked: Callable[[Any], None]) -> widgets.Button:
    button = widgets.Button(
        description=words,
        tooltip=words,
        disabled=True,
        layout=widgets.Layout(width="60px", flex="none"),
    )
    button.on_click(clicked)
    return button
