"""Everything a session can leave as files, each kind by itself."""

from __future__ import annotations

import html
import json
import tempfile
import textwrap
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from nustar_widgets.errors import FitError, RegionError, SessionError
from nustar_widgets.events.gti import Gti
from nustar_widgets.export.fitting import measures_of, parameters_of
from nustar_widgets.export.notebook import to_notebook
from nustar_widgets.export.outfile import OutFile
from nustar_widgets.export.python import to_python
from nustar_widgets.export.shell import to_shell
from nustar_widgets.fits.livefit import LiveFit
from nustar_widgets.fits.sources import sources_of
from nustar_widgets.fits.spectra import LoadedSpectra, load_spectra
from nustar_widgets.session.fitparts import ScriptFit
from nustar_widgets.session.fitscript import to_pyxspec, to_sherpa, to_xcm
from nustar_widgets.session.measures import Measures
from nustar_widgets.session.session import Session
from nustar_widgets.session.store import to_dict
from nustar_widgets.session.values import SpectrumInput, region_text
from nustar_widgets.spectra.phawriter import write_pha

Files = tuple[OutFile, ...]


@dataclass(frozen=True, kw_only=True)
class Kind:
    """One kind of file.

    Attributes
    ----------
    key
        Short name.
    label
        What people call it.
    about
        What it is good for.
    make
        Makes the files of a session for an engine; raises a NustarWidgetsError that says what is
        missing.
    has_engine
        Whether the engine matters.
    copied
        What the button copies, where it is not the file itself.
    """

    key: str
    label: str
    about: str
    make: Callable[[Session, str], Files]
    has_engine: bool = False
    copied: str = ""


def _base(session: Session) -> str:
    return f"nustar_{session.obsid or 'session'}"


def _python(session: Session, engine: str) -> Files:
    return (OutFile.of_text(f"{_base(session)}.py", to_python(session, engine)),)


def _shell(session: Session, _: str) -> Files:
    return (OutFile.of_text(f"{_base(session)}.sh", to_shell(session)),)


def _notebook(session: Session, engine: str) -> Files:
    text = to_notebook(session, engine)
    return (OutFile.of_text(f"{_base(session)}.ipynb", text, preview=_as_read(text)),)


def _as_read(notebook: str) -> str:
    """Return a notebook as people read it: words as comments, code as code."""
    cells = []
    for cell in json.loads(notebook)["cells"]:
        text = "".join(cell["source"])
        if cell["cell_type"] == "markdown":
            text = "\n".join(_comment(html.unescape(line)) for line in text.splitlines())
        cells.append(text)
    return "\n\n".join(cells) + "\n"


def _comment(line: str) -> str:
    if line.startswith("#"):  # a heading
        return line
    return textwrap.fill(line, 96, initial_indent="# ", subsequent_indent="# ") if line else "#"


def _xcm(session: Session, _: str) -> Files:
    return _of_fit(session, f"{_base(session)}.xcm", to_xcm)


def _pyxspec(session: Session, _: str) -> Files:
    return _of_fit(session, f"{_base(session)}_xspec.py", to_pyxspec)


def _sherpa(session: Session, _: str) -> Files:
    return _of_fit(session, f"{_base(session)}_sherpa.py", to_sherpa)


def _of_fit(session: Session, name: str, write: Callable[[ScriptFit], str]) -> Files:
    """Write the fit of the spectra that are there, with those that were grouped for it alone."""
    live, choice = LiveFit.of(session), session.fit
    inputs = _spectra_there(session, live.loaded)
    grouped: Files = ()
    if choice.grouping is not None:
        loaded = live.loaded or load_spectra(inputs, lambda _: None)
        inputs, grouped = _grouped(session, loaded)
        choice = replace(choice, grouping=None)
    measures = measures_of(live)
    script = ScriptFit(
        choice=choice,
        spectra=inputs,
        parameters=parameters_of(session, len(inputs), "xspec"),
        measures=Measures(fluxes=measures.fluxes) if measures.delta is None else measures,
    )
    return (OutFile.of_text(name, write(script)), *grouped)


def _spectra_there(session: Session, loaded: LoadedSpectra | None) -> tuple[SpectrumInput, ...]:
    if loaded is not None:
        return loaded.inputs
    sources = sources_of(session)
    if not sources.spectra:
        raise FitError(sources.missing)
    return sources.spectra


def _grouped(session: Session, loaded: LoadedSpectra) -> tuple[tuple[SpectrumInput, ...], Files]:
    """Return the spectra as they are grouped for the fit, in files of their own."""
    inputs, files = [], []
    for data in loaded.grouped(session.fit.grouping):
        spectrum, response = data.spectrum, data.response
        assert spectrum.path is not None  # it was read from a file
        name = f"{Path(spectrum.path).name.partition('.')[0]}_fit.pha"
        bare = replace(spectrum, background_file=None, arf_file=None, rmf_file=None)
        with tempfile.TemporaryDirectory() as folder:
            content = write_pha(Path(folder, name), bare).read_bytes()
        told = f"{name}: the spectrum as it is grouped for the fit (FITS)"
        files.append(OutFile(name=name, content=content, preview=told))
        background = None if data.background is None else data.background.path
        arf = None if response.arf is None else response.arf.path
        inputs.append(
            SpectrumInput(
                pha=name,
                background=_whole(background),
                arf=_whole(arf),
                rmf=_whole(response.rmf.path),
            )
        )
    return tuple(inputs), tuple(files)


def _whole(path: Path | None) -> str | None:
    return None if path is None else str(path.absolute())


def _regions(session: Session, _: str) -> Files:
    files = []
    for module in session.modules:
        regions = session.regions.of(module)
        for which, ending in (("source", "src"), ("background", "bkg")):
            region = getattr(regions, which)
            if region is not None:
                name = f"nu{session.obsid}{module[-1]}_{ending}.reg"
                files.append(OutFile.of_text(name, region_text(region)))
    if not files:
        raise RegionError("no region is drawn yet: draw one on the sky image, or take a suggestion")
    return tuple(files)


def _gti(session: Session, _: str) -> Files:
    if session.user_gti is None:
        raise SessionError(
            "all good time is used: choose intervals in the light curve to have a file of them"
        )
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "gti")
        Gti.from_pairs(session.user_gti).write(path)
        content = path.read_bytes()
    rows = "".join(f"{start!r:>20} {stop!r:>20}\n" for start, stop in session.user_gti)
    told = "Good time intervals [s, mission time], as a FITS file for usrgtifile\n"
    return (OutFile(name=f"{_base(session)}_gti.fits", content=content, preview=told + rows),)


def _session(session: Session, _: str) -> Files:
    # Without the time, so that the same session is the same file.
    saved = {name: value for name, value in to_dict(session).items() if name != "saved_at"}
    text = json.dumps(saved, indent=1) + "\n"
    return (OutFile.of_text(f"{_base(session)}_session.json", text),)


KINDS: Final = (
    Kind(
        key="python", label="Python script", make=_python, has_engine=True,
        about="The whole analysis from the data to the fit, to run again or to change.",
    ),
    Kind(
        key="notebook", label="Notebook", make=_notebook, has_engine=True, copied="as text",
        about="The same steps with a word on each, in the order of HEASARC's tutorial.",
    ),
    Kind(
        key="shell", label="Shell script", make=_shell,
        about="The whole analysis as HEASoft and XSPEC commands.",
    ),
    Kind(
        key="xcm", label="XSPEC (.xcm)", make=_xcm,
        about="The fit of the spectra that are there, as a command file; in XSPEC: @ and its name.",
    ),
    Kind(
        key="pyxspec", label="PyXspec", make=_pyxspec,
        about="The fit of the spectra that are there, in Python with PyXspec.",
    ),
    Kind(
        key="sherpa", label="Sherpa", make=_sherpa,
        about="The fit of the spectra that are there, in Sherpa built with XSPEC's models.",
    ),
    Kind(
        key="regions", label="Region files", make=_regions,
        about="Source and background of each module, for DS9 and nuproducts.",
    ),
    Kind(
        key="gti", label="Good time (GTI)", make=_gti,
        about="The chosen good time, for nuproducts' usrgtifile.",
    ),
    Kind(
        key="session", label="Session file", make=_session,
        about="All choices as JSON; nustar_widgets.open_session reads it.",
    ),
)  # fmt: skip
