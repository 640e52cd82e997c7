"""A session as a shell script of HEASoft's own commands."""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from pathlib import PurePath
from typing import Final

from nustar_widgets.archive.location import locate_by_rule
from nustar_widgets.errors import NustarWidgetsError
from nustar_widgets.export.analysis import Analysis, Origin, analysis_of
from nustar_widgets.session.fitscript import to_xcm
from nustar_widgets.session.literals import one_line
from nustar_widgets.session.script import files_of, shell_file, shell_safe
from nustar_widgets.session.session import Session
from nustar_widgets.session.taskcall import TextFile
from nustar_widgets.version import __version__

_QUIET: Final = """\
# Nothing is asked: what is not named has its default.
export HEADASNOQUERY=yes HEADASPROMPT=/dev/null
set -e"""

_FETCH: Final = """\
# The observation, fetched from HEASARC's archive if it is not there.
if [ ! -d {data} ]; then
    wget -q -nH --cut-dirs=6 -r -l0 -c -N -np -R 'index*' -e robots=off --retr-symlinks \\
        -P {parent} {url}
fi"""


def to_shell(session: Session) -> str:
    """Return a shell script that does the whole analysis of a session with HEASoft and XSPEC.

    Parameters
    ----------
    session
        The session.

    Returns
    -------
    str
        The script: data, tasks, fit. It makes one folder, beside where it is started, and works
        in it.

    Raises
    ------
    SessionError
        A choice is still missing; the message names it.
    ParameterError
        A text cannot stand in a shell script.
    """
    analysis = analysis_of(session, "heasoft")
    parts = [
        f"#!/bin/sh\n# {one_line(analysis.title)}.\n# Written by nustar_widgets {__version__}.",
        *(f"# {one_line(note)}" for note in analysis.notes),
        _QUIET,
        *_data(analysis),
        *_work(analysis),
        *(shell_file(file).rstrip("\n") for file in files_of(c.call for c in analysis.calls)),
        *(item.call.to_shell(broken=True) for item in analysis.in_order),
        *_fit(analysis),
    ]
    return shell_safe("\n\n".join(parts) + "\n")


def _data(analysis: Analysis) -> Iterator[str]:
    if analysis.origin is not Origin.ARCHIVE or not analysis.calls:
        return
    url = locate_by_rule(analysis.obsid).heasarc or ""
    words = (analysis.data, str(PurePath(analysis.data).parent), url)
    data, parent, url = map(shlex.quote, words)
    yield _FETCH.format(data=data, parent=parent, url=url)


def _work(analysis: Analysis) -> Iterator[str]:
    if analysis.in_order:
        work = shlex.quote(analysis.work)
        yield f"# Everything is made in this folder.\nmkdir -p {work}\ncd {work}"


def _fit(analysis: Analysis) -> Iterator[str]:
    """Write the fit as a command file and give it to XSPEC."""
    problem, text = analysis.no_fit, ""
    if analysis.fit is not None:
        try:
            text = to_xcm(analysis.fit.script)
        except NustarWidgetsError as error:
            problem = str(error)
    if not text:
        yield f"# There is no fit: {one_line(problem)}"
        return
    assert analysis.fit is not None  # it was written
    folder = analysis.fit.folder
    name = str(PurePath(folder, "fit.xcm"))
    yield "# The fit, as a command file of XSPEC.\n" + shell_file(
        TextFile(name=name, text=f"{text}exit\n")
    ).rstrip("\n")
    there = f"cd {shlex.quote(folder)}\n" if folder else ""
    yield f"{there}xspec - fit.xcm"
