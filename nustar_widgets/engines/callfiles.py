"""The small files a call brings along, written where it runs."""

from __future__ import annotations

from pathlib import Path

from nustar_widgets.session.taskcall import TaskCall, TextFile


def write_files(call: TaskCall, folder: Path) -> None:
    """Write the region files and good time intervals of a call.

    Parameters
    ----------
    call
        The call.
    folder
        Where it runs.
    """
    for file in call.files:
        if isinstance(file, TextFile):
            (folder / file.name).write_text(file.text, encoding="utf-8", newline="")
        else:
            # Only now: writing FITS needs astropy, which takes longer to import than most tasks.
            from nustar_widgets.events.gti import Gti  # noqa: PLC0415

            Gti.from_pairs(file.intervals).write(folder / file.name)
