"""A panel that is nothing but one part, to test the part in."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, ClassVar

from nustar_widgets.events.regions import SkyRegion, SkyShape
from nustar_widgets.events.skygrid import SkyGrid
from nustar_widgets.panels.base import Panel
from nustar_widgets.session.session import Session
from nustar_widgets.session.values import ModuleRegions, Regions, RegionText

if TYPE_CHECKING:
    import ipywidgets as widgets

MIDDLE = (321.9375, 56.9433)


def plane(ra_deg: float = MIDDLE[0], dec_deg: float = MIDDLE[1]) -> SkyGrid:
    """Return a sky plane as NuSTAR's, around a place."""
    return SkyGrid(
        nx=1000, ny=1000, crpix_x=500.5, crpix_y=500.5, crval_ra_deg=ra_deg, crval_dec_deg=dec_deg,
        cdelt_x_deg=-2.457 / 3600.0, cdelt_y_deg=2.457 / 3600.0,
    )  # fmt: skip


class PartPanel(Panel):
    """Shows one part.

    Parameters
    ----------
    session
        The session.
    make
        Makes the part; it must have ``show(regions)``.
    """

    FIELDS: ClassVar[tuple[str, ...]] = ("regions",)

    def __init__(self, session: Session, make: Callable[[Panel], Any]) -> None:
        self._make = make
        super().__init__(session)

    def _build(self) -> Sequence[widgets.Widget]:
        self.part = self._make(self)
        return (self.part,)

    def _show(self, fields: Sequence[str]) -> None:
        self.part.show(self.session.regions)


def region(*shapes: SkyShape) -> SkyRegion | None:
    """Return the region of some shapes; none of none."""
    return SkyRegion(shapes) if shapes else None


def both(
    source: SkyRegion | RegionText | None = None,
    background: SkyRegion | RegionText | None = None,
    *,
    linked: bool = True,
    offset_arcsec: tuple[float, float] = (0.0, 0.0),
) -> Regions:
    """Return the same regions for both modules."""
    one = ModuleRegions(source=source, background=background)
    return Regions(fpma=one, fpmb=one, linked=linked, offset_arcsec=offset_arcsec)
