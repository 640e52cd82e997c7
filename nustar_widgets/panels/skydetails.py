"""Below the images: the radial profile, the regions by numbers, and region files."""

from __future__ import annotations

from collections.abc import Callable

import ipywidgets as widgets

from nustar_widgets.errors import NustarWidgetsError
from nustar_widgets.events.regions import SkyRegion
from nustar_widgets.events.skygrid import SkyGrid
from nustar_widgets.live.observation import LiveObservation
from nustar_widgets.live.profileview import SourceProfile, source_profile
from nustar_widgets.panels.base import Panel
from nustar_widgets.panels.profileplot import ProfilePlot
from nustar_widgets.panels.regiontable import RegionTable
from nustar_widgets.panels.regiontextbox import RegionTextBox


class SkyDetails(widgets.VBox):
    """What one looks at after the images.

    Parameters
    ----------
    panel
        The panel it belongs to.
    live
        The events.
    place
        Asked for the middle of the view: right ascension and declination [deg].
    """

    def __init__(
        self, panel: Panel, live: LiveObservation, place: Callable[[], tuple[float, float]]
    ) -> None:
        super().__init__()
        self._panel, self._live = panel, live
        self.profile = ProfilePlot()
        self.table = RegionTable(panel, place=place, grid=self._grid)
        self.text = RegionTextBox(panel, self._grid)
        below = widgets.Tab((self.table, self.text), titles=("Regions by numbers", "Region files"))
        self.children = (self.profile, below)

    def show_regions(self) -> None:
        """Show the regions of the session as numbers and as text."""
        self.table.refresh()
        self.text.show(self._panel.session.regions)

    def show_profile(self) -> None:
        """Measure the profile of the source regions of the session, and show it."""
        self.profile.show(self._profiles())

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

    def _grid(self, module: str) -> SkyGrid | None:
        found = self._live.modules.get(module)
        return None if found is None else found.grid
