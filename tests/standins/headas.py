"""Builds a stand-in ``$HEADAS``: parameter files and small programs named as the real tasks."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

PROGRAMS = Path(__file__).with_name("bin")
HEASOFTPY = Path(__file__).with_name("python")

Row = tuple[str, str, str, str]
"""Name, type, mode and default of a parameter."""

_ASKED = [(name, "s", "a", "") for name in ("indir", "instrument", "steminputs")]
_DEFAULTS = (
    "stemout infile srcregionfile bkgregionfile hkfile lcfile phafile bkglcfile bkgphafile "
    "imagefile outarffile outrmffile"
)

TASKS: dict[str, list[Row]] = {
    "nuproducts": [
        *_ASKED,
        ("outdir", "s", "a", "./"),
        *[(name, "f", "h", "DEFAULT") for name in _DEFAULTS.split()],
        *[(name, "s", "a", "") for name in ("srcra", "srcdec", "bkgra", "bkgdec")],
        ("srcradius", "r", "h", "20"),
        ("bkgradius1", "r", "h", "50"),
        ("bkgradius2", "r", "h", "80"),
        ("usrgtifile", "f", "h", "NONE"),
        ("binsize", "r", "h", "10"),
        ("pilow", "i", "h", "35"),
        ("pihigh", "i", "h", "1909"),
        *[(name, "b", "h", "yes") for name in ("bkgextract", "correctlc", "runbackscale")],
        *[(name, "b", "h", "yes") for name in ("runmkarf", "runmkrmf", "cleanup")],
        *[(name, "b", "h", "yes") for name in ("psfflag", "grflag", "lcpsfflag")],
        *[(name, "b", "h", "no") for name in ("extended", "barycorr", "rungrppha", "clobber")],
        *[(name, "r", "a", "") for name in ("srcra_barycorr", "srcdec_barycorr")],
        ("orbitfile", "f", "a", ""),
        ("clockfile", "f", "h", "CALDB"),
        ("chatter", "i", "h", "3"),
    ],
    "nupipeline": [
        ("instrument", "s", "h", "ALL"),
        *[(name, "s", "a", "") for name in ("indir", "steminputs", "outdir")],
        ("statusexpr", "s", "h", "DEFAULT"),
        ("gradeexpr", "s", "h", "DEFAULT"),
        ("entrystage", "i", "h", "1"),
        ("exitstage", "i", "h", "2"),
        ("clobber", "b", "h", "no"),
    ],
    "ftgrouppha": [
        *[(name, "f", "a", "") for name in ("infile", "outfile")],
        ("grouptype", "s", "a", ""),
        ("groupscale", "r", "a", ""),
        *[(name, "f", "h", "") for name in ("backfile", "respfile", "templatefile")],
        ("minchannel", "i", "h", "-1"),
        ("maxchannel", "i", "h", "-1"),
        ("clobber", "b", "h", "no"),
    ],
    "standin": [
        ("outfile", "f", "a", ""),
        ("value", "s", "h", "none"),
        ("how", "s", "h", "well"),
        ("lines", "i", "h", "0"),
        ("seconds", "r", "h", "0"),
        ("clobber", "b", "h", "no"),
    ],
}


HELP = """<html><body>
<h2>NAME</h2>
nuproducts -- a stand-in
<h2>PARAMETERS</h2>
<dl>
<dt>indir [string]
<dd>Input Directory Path.
<p>
<dt>(binsize = 10) [real]
<dd>Bin size of the light curves;
<b>partly</b> exposed bins are kept.
</dl>
<h2>BUGS</h2>
</body></html>
"""


def build(folder: Path, tasks: Mapping[str, Iterable[Row]] = TASKS) -> Path:
    """Make a stand-in HEADAS and return its path."""
    (folder / "bin").mkdir(parents=True)
    for name in ("syspfiles", "help"):
        (folder / name).mkdir()
    (folder / "help" / "nuproducts.html").write_text(HELP)
    for task, rows in tasks.items():
        write_par(folder / "syspfiles" / f"{task}.par", rows)
        program = PROGRAMS / task
        if program.is_file():
            # Started as a program would be; -E because PYTHONPATH is heasoftpy's business.
            quick = " -S" if task == "standin" else ""
            text = f'#!/bin/sh\nexec "{sys.executable}" -E{quick} "{program}" "$@"\n'
            (folder / "bin" / task).write_text(text)
            (folder / "bin" / task).chmod(0o755)
    version = folder / "bin" / "fversion"
    version.write_text("#!/bin/sh\necho stand-in\n")
    version.chmod(0o755)
    return folder


def write_par(path: Path, rows: Iterable[Row]) -> None:
    """Write a parameter file."""
    lines = [
        f'{name},{kind},{mode},"{default}",,,"The {name}"' for name, kind, mode, default in rows
    ]
    path.write_text("\n".join([*lines, 'mode,s,h,"ql",,,"Mode"']) + "\n")


def write_reference_par(path: Path, parameters: list[dict[str, Any]]) -> None:
    """Write a parameter file from a reference table."""
    lines = []
    for item in parameters:
        low = "|".join(item["enum"]) if "enum" in item else item.get("min", "")
        fields = [item["name"], item["type"], item["mode"], f'"{item.get("default", "")}"']
        lines.append(",".join([*fields, str(low), str(item.get("max", "")), '"A prompt, quoted"']))
    path.write_text("\n".join(lines) + "\n")


def reference(shared: Path) -> dict[str, list[dict[str, Any]]]:
    """Return the reference tables of the NuSTAR tasks by name."""
    text = (shared / "reference" / "parameters.json").read_text(encoding="utf-8")
    return {task: table["params"] for task, table in json.loads(text).items()}
