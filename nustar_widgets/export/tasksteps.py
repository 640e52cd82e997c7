"""The steps of the tasks, in the order of HEASARC's NuSTAR tutorial."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import PurePath
from typing import Final

from nustar_widgets.export.analysis import Analysis
from nustar_widgets.export.source import Source
from nustar_widgets.export.step import Step
from nustar_widgets.export.written import Written
from nustar_widgets.session.literals import literal
from nustar_widgets.session.script import WRITE_GTI, files_of, python_file
from nustar_widgets.session.taskcall import GtiFile, TextFile

_IMPORTS: Final = {
    "heasoft": ("import heasoftpy",),
    "embedded": ("from nustar_widgets import tasks",),
}
_FITS: Final = "from astropy.io import fits"

_PIPELINE: Final = (
    "nupipeline calibrates the raw data and makes clean event lists. It takes some ten minutes. "
    "noprompt=True: nothing is asked, what is not named has its default. allow_failure=False: a "
    "task that fails ends the script."
)
_REGIONS: Final = (
    "The region files say which pixels of the sky are source and which are background, in DS9's "
    "way of writing (fk5 coordinates, sizes in arcsec)."
)
_GTI: Final = (
    " The intervals are the good time that was chosen: seconds since 2010, as in the event lists."
)
_PRODUCTS: Final = (
    "nuproducts extracts spectra, light curves and an image, for each module by itself."
)
_HEASOFT_PRODUCTS: Final = (
    " It also makes the responses (ARF and RMF) for these regions, and corrects the light curves. "
    "noprompt=True: nothing is asked; allow_failure=False: a task that fails ends the script."
)
_EMBEDDED_PRODUCTS: Final = (
    " What is listed as not applied needs HEASoft and its calibration files."
)
_CURVE: Final = (
    "The light curves of the source region, background not subtracted. Bins of which less than "
    "half was observed are left out."
)
_GROUPING: Final = (
    "ftgrouppha joins channels of the spectra, so that each bin holds enough counts for the fit."
)
_PLOT: Final = """\
fig, axis = plt.subplots(figsize=(10, 4))
for module, name in {curves}:
    with fits.open(name) as file:
        curve = file["RATE"].data
        good = curve["FRACEXP"] > 0.5
        time_ks = curve["TIME"][good] / 1e3
        axis.errorbar(time_ks, curve["RATE"][good], curve["ERROR"][good], fmt=".", label=module)
axis.set_xlabel("Time since the start [ks]")
axis.set_ylabel("Count rate [counts/s]")
axis.legend()
plt.show()"""


def task_steps(analysis: Analysis) -> Iterator[Step]:
    """Yield the steps up to grouped spectra.

    Parameters
    ----------
    analysis
        What is written.
    """
    source = Source(data=analysis.data)
    yield from _run(analysis, source, "nupipeline", "Calibrate and clean the data", _PIPELINE)
    yield from _file_step(analysis)
    yield from _products(analysis, source)
    yield from _curve_step(analysis)
    yield from _run(analysis, source, "ftgrouppha", "Group the spectra", _GROUPING)


def call_step(source: Source, item: Written, number: int) -> Step:
    """Return the step that makes one call.

    Parameters
    ----------
    source
        Writes values.
    item
        The call.
    number
        Of the call, among those of its task.
    """
    return Step(
        key=f"{item.call.task.replace('_', '-')}-{number}",
        code=f"made = {source.call(item)}",
        imports=_IMPORTS[item.engine],
    )


def _run(analysis: Analysis, source: Source, task: str, title: str, words: str) -> Iterator[Step]:
    calls = analysis.of(task)
    if calls:
        yield Step(key=task, title=title, words=words)
    for number, item in enumerate(calls, start=1):
        yield call_step(source, item, number)


def _file_step(analysis: Analysis) -> Iterator[Step]:
    """Write the region files, and the good time."""
    files = files_of(item.call for item in analysis.calls)
    texts = [file for file in files if isinstance(file, TextFile)]
    intervals = [file for file in files if isinstance(file, GtiFile)]
    parts, imports = [], list[str]()
    if texts:
        parts.append(_texts(texts))
        imports.append("from pathlib import Path")
    is_embedded = any(item.engine == "embedded" for item in analysis.of("nuproducts"))
    if intervals and is_embedded:
        imports += _IMPORTS["embedded"]
    elif intervals:
        parts.append(WRITE_GTI.rstrip())
        imports.append(_FITS)
    name = "tasks.write_gti" if is_embedded else "write_gti"
    parts += [python_file(file, write_gti=name).rstrip() for file in intervals]
    if files:
        yield Step(
            key="regions",
            title="Regions and good time" if intervals else "Regions",
            words=(_REGIONS if texts else "") + (_GTI if intervals else ""),
            code="\n\n".join(parts),
            imports=tuple(imports),
        )


def _texts(files: list[TextFile]) -> str:
    """Write text files, each line of them on a line."""
    lines = ["regions = {"]
    for file in files:
        lines.append(f"    {literal(file.name)}: (")
        lines += [
            f"        {literal(line)}" for line in file.text.splitlines(keepends=True) or [""]
        ]
        lines.append("    ),")
    lines += ["}", "for name, text in regions.items():", "    Path(name).write_text(text)"]
    return "\n".join(lines)


def _products(analysis: Analysis, source: Source) -> Iterator[Step]:
    calls = analysis.of("nuproducts")
    if not calls:
        return
    is_heasoft = calls[0].engine == "heasoft"
    words = _PRODUCTS + (_HEASOFT_PRODUCTS if is_heasoft else _EMBEDDED_PRODUCTS)
    yield Step(key="products", title="Extract light curves and spectra", words=words)
    for number, item in enumerate(calls, start=1):
        code = source.call(item, *_responses(analysis, item))
        if item.engine == "embedded":
            code = (
                f'made = {code}\nprint("Not applied:", *made.provenance.not_applied, sep="\\n  ")'
            )
        yield Step(key=f"products-{number}", code=code, imports=_IMPORTS[item.engine])


def _responses(analysis: Analysis, item: Written) -> Iterator[tuple[str, object]]:
    """Yield the responses the embedded engine puts beside the spectra."""
    found = next((one for one in analysis.inputs if one.module == item.module), None)
    for name in ("arf", "rmf"):
        if found is not None and (path := getattr(found, name)):
            yield name, path


def _curve_step(analysis: Analysis) -> Iterator[Step]:
    curves = [
        (item.module, name)
        for item in analysis.of("nuproducts")
        if (name := _curve(item)) is not None
    ]
    if curves:
        yield Step(
            key="light-curve",
            title="Look at the light curves",
            words=_CURVE,
            code=_PLOT.format(curves=literal(curves)),
            imports=("import matplotlib.pyplot as plt", _FITS),
            is_picture=True,
        )


def _curve(item: Written) -> str | None:
    """Name of the light curve of the source; ``None`` where none is made."""
    given = str(item.call.get("lcfile") or "DEFAULT")
    if given.upper() == "NONE":
        return None
    folder = PurePath(str(item.call.get("outdir") or "."))
    stem = item.call.get("stemout")
    if given.upper() != "DEFAULT":
        return str(folder / PurePath(given).name)
    if stem is None or str(stem).upper() == "DEFAULT":  # as nuproducts names it
        stem = f"{item.call.get('steminputs')}{item.module[-1:]}01"
    return str(folder / f"{stem}_sr.lc")
