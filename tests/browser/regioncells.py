"""A cell that makes a panel of the parts that show regions, without any observation."""

from __future__ import annotations

PARTS = """
import numpy as np
import ipywidgets as widgets
from nustar_widgets.events.regions import *
from nustar_widgets.events.skygrid import SkyGrid
from nustar_widgets.panels.base import Panel
from nustar_widgets.panels.regions.regiontable import RegionTable
from nustar_widgets.panels.regions.regiontextbox import RegionTextBox
from nustar_widgets.panels.images.staticsky import StaticSky
from nustar_widgets.session.session import Session
from nustar_widgets.session.values import ModuleRegions, Regions, RegionText

RA, DEC = 321.9375, 56.9433
GRID = SkyGrid(
    nx=1000, ny=1000, crpix_x=500.5, crpix_y=500.5, crval_ra_deg=RA, crval_dec_deg=DEC,
    cdelt_x_deg=-2.457 / 3600, cdelt_y_deg=2.457 / 3600)
y, x = np.mgrid[:400, :400]
RANDOM = np.random.default_rng(1)
COUNTS = RANDOM.poisson(0.2 + 40 * np.exp(-np.hypot(x - 199, y - 199) / 8))

class Parts(Panel):
    FIELDS = ("regions",)

    def __init__(self, session, names):
        self.names = names
        super().__init__(session)

    def _build(self):
        self.table = RegionTable(self, place=lambda: (RA, DEC), grid=lambda module: GRID)
        self.text = RegionTextBox(self, lambda module: GRID)
        self.sky = StaticSky()
        self.sky.show_image("FPMA", COUNTS, grid=GRID, x0=301, y0=301)
        return [getattr(self, name) for name in self.names]

    def _show(self, fields):
        regions = self.session.regions
        self.table.show(regions), self.text.show(regions), self.sky.show_regions(regions)

CORNERS = (
    (321.75, 56.87), (321.72, 56.93), (321.80, 56.95), (321.83, 56.90), (321.80, 56.86))
SOURCE = SkyRegion((SkyCircle(RA, DEC, 60.0),))
BACKGROUND = SkyRegion((
    SkyAnnulus(RA, DEC, 100.0, 150.0), SkyEllipse(322.1, 57.02, 90.0, 45.5, 30.0),
    SkyBox(322.12, 56.86, 200.0, 90.0, 345.0), SkyPolygon(CORNERS),
    SkyEllipticalAnnulus(321.75, 57.03, 30.0, 20.0, 80.0, 60.0, 20.0),
    SkyPanda(321.95, 56.83, 30.0, 150.0, 40.0, 90.0), SkyPoint(321.9, 57.05),
    SkyCircle(321.98, 56.965, 147.4153, include=False)))
session = Session(regions=Regions(
    fpma=ModuleRegions(source=SOURCE, background=BACKGROUND),
    fpmb=ModuleRegions(source=SOURCE, background=BACKGROUND)))
"""
