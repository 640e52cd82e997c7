"""The first steps: where the code works, and where the data come from."""

from __future__ import annotations

from typing import Final

from nustar_widgets.archive.location import locate_by_rule
from nustar_widgets.export.analysis import Analysis, Origin
from nustar_widgets.export.step import Step
from nustar_widgets.session.literals import literal

_HEASARC: Final = "from astroquery.heasarc import Heasarc"
_STANDARD: Final = ("import os", "from pathlib")

_WORK: Final = """\
work = Path.cwd()
if work.name != {name}:
    work = work / {name}
work.mkdir(exist_ok=True)
os.chdir(work)"""

_ARCHIVE: Final = """\
data = {data}
if not Path(data).is_dir():
    found = Heasarc.query_tap("SELECT __row, obsid FROM numaster WHERE obsid = '{obsid}'")
    links = Heasarc.locate_data(found.to_table(), catalog_name="numaster")
    if len(links) == 0:  # some versions of astroquery lose the answer: the place is known by rule
        links = Table({{"aws": [{aws}]}})
    Heasarc.download_data(links, host="aws", location=str(Path(data).parent))"""

_SAMPLE: Final = """\
data = {data}
if not Path(data).is_dir():
    from nustar_widgets import simulate_observation

    simulate_observation(Path(data).parent)"""

_SETUP_WORDS: Final = "Everything is made in one folder, whose name is below."
_HEASOFT_WORDS: Final = (
    "The tasks are those of HEASoft, called through heasoftpy. Start Python where HEASoft and its "
    "calibration database are set up (HEADAS, CALDB)."
)
_EMBEDDED_WORDS: Final = (
    "The tasks are those of nustar_widgets itself: they count events exactly as HEASoft does, and "
    "leave out what needs calibration files. No HEASoft is needed."
)
_DATA_WORDS: Final = {
    Origin.ARCHIVE: (
        "The observation lies in the folder below. If it is not there, it is fetched from "
        "HEASARC's archive, from its copy at Amazon; host may also be heasarc or sciserver."
    ),
    Origin.SAMPLE: (
        "The observation is simulated: it is for learning and for tests, no telescope saw it. If "
        "it is not there, it is made again."
    ),
    Origin.UNKNOWN: "The data lie in the folder below. On another machine, change this line.",
}


def setup_step(analysis: Analysis, later: tuple[Step, ...]) -> Step:
    """Return the first step: what the others need, and the folder all is made in.

    Parameters
    ----------
    analysis
        What is written.
    later
        The other steps.
    """
    engines = {item.engine for item in analysis.in_order}
    words = [_HEASOFT_WORDS] * ("heasoft" in engines) + [_EMBEDDED_WORDS] * ("embedded" in engines)
    code, needed = "", {line for step in later for line in step.imports}
    if engines:
        words.append(_SETUP_WORDS)
        code = _WORK.format(name=literal(analysis.work))
        needed |= {"import os", "from pathlib import Path"}
    return Step(
        key="setup",
        title="Setting up",
        words=" ".join(words),
        notes=analysis.notes,
        code="\n\n".join(part for part in (import_lines(needed), code) if part),
    )


def data_step(analysis: Analysis) -> Step | None:
    """Return the step that has the data ready; ``None`` where there is no observation's folder.

    Parameters
    ----------
    analysis
        What is written.
    """
    if not (analysis.data and analysis.calls):
        return None
    data, obsid = literal(analysis.data), analysis.obsid
    imports = ["from pathlib import Path"]
    match analysis.origin:
        case Origin.ARCHIVE:
            aws = literal(locate_by_rule(obsid).aws)
            code = _ARCHIVE.format(data=data, obsid=obsid, aws=aws)
            imports += ["from astropy.table import Table", _HEASARC]
        case Origin.SAMPLE:
            code = _SAMPLE.format(data=data)
        case _:
            code, imports = f"data = {data}", []
    return Step(
        key="data",
        title="Find and download the data",
        words=_DATA_WORDS[analysis.origin],
        code=code,
        imports=tuple(imports),
    )


def import_lines(lines: set[str]) -> str:
    """Return import lines in the usual order.

    Parameters
    ----------
    lines
        The lines.
    """
    standard = sorted(line for line in lines if line.startswith(_STANDARD))
    others = sorted(lines - set(standard), key=lambda line: (line.split()[1], line))
    blocks = ("\n".join(_plain_first(block)) for block in (standard, others) if block)
    return "\n\n".join(blocks)


def _plain_first(lines: list[str]) -> list[str]:
    return sorted(lines, key=lambda line: line.startswith("from"))
