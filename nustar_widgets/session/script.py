"""Task calls as code a person can run: a Python script on heasoftpy, or a shell script."""

from __future__ import annotations

from collections.abc import Sequence

from nustar_widgets.instrument import MJDREFF, MJDREFI
from nustar_widgets.session.taskcall import GtiFile, TaskCall, TextFile
from nustar_widgets.version import __version__

_WRITE_GTI = f'''\
def write_gti(name, intervals):
    """Good time intervals [s, TT since 2010-01-01 UTC] as a file nuproducts reads."""
    start, stop = zip(*intervals)
    table = fits.BinTableHDU.from_columns([
        fits.Column("START", "1D", unit="s", array=start),
        fits.Column("STOP", "1D", unit="s", array=stop),
    ], name="STDGTI")
    table.header.update(
        TELESCOP="NuSTAR", HDUCLASS="OGIP", HDUCLAS1="GTI", HDUCLAS2="STANDARD", TIMESYS="TT",
        TIMEUNIT="s", TIMEZERO=0.0, MJDREFI={MJDREFI}, MJDREFF={MJDREFF},
    )
    table.writeto(name, overwrite=True)
'''


def to_python(calls: Sequence[TaskCall], *, about: str = "") -> str:
    """Return a Python script that makes the calls with heasoftpy.

    Parameters
    ----------
    calls
        As `nustar_widgets.session.recipe.recipe` returns them.
    about
        One line for the head of the script.
    """
    files = _files(calls)
    has_gti = any(isinstance(file, GtiFile) for file in files)
    imports = ["import heasoftpy"]
    if has_gti:
        imports.append("from astropy.io import fits")
    if any(isinstance(file, TextFile) for file in files):
        imports.insert(0, "from pathlib import Path\n")
    parts = [
        f'"""{_heading(about)}"""\n',
        "\n".join(imports) + "\n",
        *([f"\n{_WRITE_GTI}\n"] if has_gti else []),
        *[_python_file(file) for file in files],
        *[f"{call.to_python()}\n" for call in calls],
    ]
    return "\n".join(parts)


def to_shell(calls: Sequence[TaskCall], *, about: str = "") -> str:
    """Return a shell script that makes the calls.

    Parameters
    ----------
    calls
        As `nustar_widgets.session.recipe.recipe` returns them.
    about
        One line for the head of the script.
    """
    heading = "".join(f"# {line}\n" for line in _heading(about).splitlines())
    parts = [
        f"#!/bin/sh\n{heading}set -e\n",
        *[_shell_file(file) for file in _files(calls)],
        *[f"{call.to_shell()}\n" for call in calls],
    ]
    return "\n".join(parts)


def _heading(about: str) -> str:
    made = f"Written by nustar_widgets {__version__}. Run it in an empty folder."
    return f"{about}\n{made}" if about else made


def _files(calls: Sequence[TaskCall]) -> list[TextFile | GtiFile]:
    """Every file the calls need, each once: both modules may share one."""
    return list(dict.fromkeys(file for call in calls for file in call.files))


def _python_file(file: TextFile | GtiFile) -> str:
    if isinstance(file, GtiFile):
        rows = "".join(f"    ({start!r}, {stop!r}),\n" for start, stop in file.intervals)
        return f"write_gti({file.name!r}, [\n{rows}])\n"
    lines = "".join(f"    {line!r}\n" for line in file.text.splitlines(keepends=True))
    return f"Path({file.name!r}).write_text(\n{lines})\n"


def _shell_file(file: TextFile | GtiFile) -> str:
    if isinstance(file, GtiFile):
        code = f"from astropy.io import fits\n\n{_WRITE_GTI}\n\n{_python_file(file)}"
        return f"python3 - <<'END_OF_FILE'\n{code}END_OF_FILE\n"
    text = file.text if file.text.endswith("\n") else file.text + "\n"
    return f"cat > {file.name} <<'END_OF_FILE'\n{text}END_OF_FILE\n"
