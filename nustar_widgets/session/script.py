"""Task calls as code a person can run: a Python script on heasoftpy, or a shell script."""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Sequence
from typing import Final

from nustar_widgets.errors import ParameterError
from nustar_widgets.instrument import MJDREFF, MJDREFI
from nustar_widgets.session.literals import docstring, literal, one_line
from nustar_widgets.session.taskcall import GtiFile, TaskCall, TextFile
from nustar_widgets.version import __version__

WRITE_GTI: Final = f'''\
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
"""Python that defines ``write_gti``; it needs ``astropy.io.fits``."""

_END: Final = "END_OF_FILE"


def to_python(calls: Sequence[TaskCall], *, about: str = "") -> str:
    """Return a Python script that makes the calls with heasoftpy.

    Parameters
    ----------
    calls
        As `nustar_widgets.session.recipe.recipe` returns them.
    about
        One line for the head of the script.
    """
    files = files_of(calls)
    has_gti = any(isinstance(file, GtiFile) for file in files)
    imports = ["import heasoftpy"]
    if has_gti:
        imports.append("from astropy.io import fits")
    if any(isinstance(file, TextFile) for file in files):
        imports.insert(0, "from pathlib import Path\n")
    parts = [
        docstring(*_heading(about)) + "\n",
        "\n".join(imports) + "\n",
        *([f"\n{WRITE_GTI}\n"] if has_gti else []),
        *[python_file(file) for file in files],
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

    Raises
    ------
    ParameterError
        A text cannot stand in a shell script.
    """
    heading = "".join(f"# {one_line(line)}\n" for line in _heading(about))
    parts = [
        f"#!/bin/sh\n{heading}set -e\n",
        *[shell_file(file) for file in files_of(calls)],
        *[f"{call.to_shell()}\n" for call in calls],
    ]
    return shell_safe("\n".join(parts))


def files_of(calls: Iterable[TaskCall]) -> list[TextFile | GtiFile]:
    """List the files calls need, each once: both modules may share one.

    Parameters
    ----------
    calls
        The calls.
    """
    return list(dict.fromkeys(file for call in calls for file in call.files))


def python_file(file: TextFile | GtiFile, *, write_gti: str = "write_gti") -> str:
    """Return Python that writes a file; it needs ``Path`` or ``write_gti``.

    Parameters
    ----------
    file
        The file.
    write_gti
        Name of the function that writes intervals.
    """
    if isinstance(file, GtiFile):
        rows = "".join(f"    {literal(pair)},\n" for pair in file.intervals)
        return f"{write_gti}({literal(file.name)}, [\n{rows}])\n"
    lines = "".join(f"    {literal(line)}\n" for line in file.text.splitlines(keepends=True))
    return f"Path({literal(file.name)}).write_text(\n{lines or '    ' + literal('')})\n"


def shell_file(file: TextFile | GtiFile) -> str:
    """Return shell commands that write a file.

    Parameters
    ----------
    file
        The file.
    """
    if isinstance(file, GtiFile):
        code = f"from astropy.io import fits\n\n{WRITE_GTI}\n\n{python_file(file)}"
        return f"python3 - <<'{_END}'\n{code}{_END}\n"
    text = file.text if file.text.endswith("\n") else file.text + "\n"
    end = _END
    while end in text:
        end += "_"
    return f"cat > {shlex.quote(file.name)} <<'{end}'\n{text}{end}\n"


def shell_safe(text: str) -> str:
    """Return a shell script as it is, if a file can hold it and a shell reads it.

    Parameters
    ----------
    text
        The script.

    Raises
    ------
    ParameterError
        It has a character no shell takes.
    """
    for letter in text:
        if letter == "\0" or "\ud800" <= letter <= "\udfff":
            raise ParameterError(
                "shell script", f"{letter!r} cannot stand in one: take it out, or rename the file"
            )
    return text


def _heading(about: str) -> list[str]:
    made = f"Written by nustar_widgets {__version__}. Run it in an empty folder."
    return [about, made] if about else [made]
