"""ftgrouppha without HEASoft: the same file with a GROUPING column."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from astropy.io import fits

from nustar_widgets.engines.base import Product
from nustar_widgets.engines.embedded_run import Made, Run
from nustar_widgets.spectra.fitsfile import open_fits, table, write_whole
from nustar_widgets.spectra.grouping import group
from nustar_widgets.spectra.pha import read_pha
from nustar_widgets.spectra.rmf import read_rmf


def run_ftgrouppha(run: Run) -> Made:
    """Group the spectrum of one ftgrouppha call in its staging folder.

    Raises
    ------
    TaskNotSupported
        The call has a parameter the embedded engine does not have.
    NustarWidgetsError
        An input or parameter is wrong.
    """
    infile = run.folder / run.text("infile")
    outfile = Path(run.text("outfile"))
    background, response, template = (
        run.file(name) for name in ("backfile", "respfile", "templatefile")
    )
    run.tell(f"grouping {infile.name}")
    grouped = group(
        read_pha(infile),
        run.text("grouptype"),
        run.number("groupscale"),
        background=None if background is None else read_pha(background),
        rmf=None if response is None else read_rmf(response),
        minchannel=_channel(run, "minchannel"),
        maxchannel=_channel(run, "maxchannel"),
        template=template,
    )
    _copy_with_grouping(infile, run.staging / outfile.name, grouped.grouping)
    read = tuple(path for path in (infile, background, response, template) if path is not None)
    return Made(
        products=(Product(kind="grouped spectrum", path=run.staging / outfile.name),),
        inputs=read,
        outdir=(run.folder / outfile).parent,
    )


def _channel(run: Run, name: str) -> int | None:
    """Return a channel limit; -1 is ftgrouppha's own word for none."""
    value = run.whole(name)
    return None if value == -1 else value


def _copy_with_grouping(infile: Path, outfile: Path, grouping: Any) -> None:
    """Copy a PHA file, every extension of it, with a new GROUPING column."""
    with open_fits(infile) as hdus:
        old = table(hdus, infile, "SPECTRUM", hduclas="SPECTRUM")
        kept = [column for column in old.columns if column.name.upper() != "GROUPING"]
        columns = [*kept, fits.Column("GROUPING", "I", array=grouping)]
        new = fits.BinTableHDU.from_columns(columns, header=old.header)
        new.header.remove("GROUPING", ignore_missing=True)  # the keyword would contradict it
        parts = [new if hdu is old else hdu for hdu in hdus]
        write_whole(fits.HDUList(parts), outfile)
