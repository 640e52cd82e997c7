"""From a region file to shapes that can be edited, and what people are to know of it."""

from __future__ import annotations

from nustar_widgets.errors import RegionError
from nustar_widgets.events.regionfile import RegionFile
from nustar_widgets.events.regions import SkyRegion
from nustar_widgets.events.skygrid import SkyGrid
from nustar_widgets.live.module import region_mask


def editable(
    file: RegionFile, grid: SkyGrid | None, *, module: str, whatever_heasoft_reads: bool = False
) -> SkyRegion:
    """Read a region file as its author meant it.

    Parameters
    ----------
    file
        The file.
    grid
        The sky plane of the module; ``None`` while no event list is open.
    module
        The module, for messages.
    whatever_heasoft_reads
        Also where HEASoft reads something else than the file says.

    Raises
    ------
    RegionError
        No event list is open, or the file cannot be read; a line at fault is named.
    RegionTrapError
        HEASoft reads something else; the text says why, and what to do.
    """
    if grid is None:
        raise RegionError(
            f"{module}: expected an open event list, because a region file is read on its sky "
            "plane; open an observation first"
        )
    region = file.as_meant(grid)
    if not whatever_heasoft_reads:
        file.require_safe(grid)
    return region


def told_of(file: RegionFile, region: SkyRegion, grid: SkyGrid) -> str:
    """Tell what has become of a file: shapes, pixels, and whether these are HEASoft's.

    Parameters
    ----------
    file
        The file.
    region
        What was read.
    grid
        The sky plane.
    """
    shapes = f"{len(region.shapes)} shape{'s' if len(region.shapes) != 1 else ''}"
    ours, theirs = region_mask(region, grid), file.as_heasoft(grid)
    told = f"{file.origin}: read as {shapes}, {ours.n_pixels} sky pixels"
    if theirs.region is None:
        return f"{told}; HEASoft would not have read the file"
    mask = theirs.mask(grid)
    if mask.same_pixels(ours):
        return f"{told}, those HEASoft selects with the file"
    return f"{told}; with the file HEASoft selects {mask.n_pixels}"
