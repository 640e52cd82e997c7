"""What the embedded engine accepts: the tasks' own defaults, and the few rules of its own."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from astropy.io import fits

from nustar_widgets.engines.callfiles import write_files
from nustar_widgets.engines.embedded import EmbeddedEngine
from nustar_widgets.engines.embedded_spec import embedded_specs
from nustar_widgets.engines.taskhelp import help_for
from nustar_widgets.engines.taskspec import Kind
from nustar_widgets.errors import NustarWidgetsError, ParameterError
from nustar_widgets.session.taskcall import GtiFile, ParamValue, TaskCall, TextFile
from nustar_widgets.simulate import SimulatedObservation
from tests.engines.contractcall import SHORT, STEM, names, nuproducts
from tests.standins import headas

TYPES = {"b": Kind.YES_NO, "i": Kind.WHOLE, "r": Kind.NUMBER}
OWN = {"history", "chatter", "inobebhkfile"}  # of newer versions of the tasks


@pytest.mark.parametrize("task", ["nuproducts", "ftgrouppha"])
def test_defaults_types_and_ranges_are_those_of_the_task(shared: Path, task: str) -> None:
    known = {item["name"]: item for item in headas.reference(shared)[task]}
    compared = 0
    for item in embedded_specs()[task].parameters:
        if item.name in OWN and item.name not in known:
            continue
        compared += 1
        theirs: dict[str, Any] = known[item.name]
        default = str(Path(theirs["default"])) if item.name == "outdir" else theirs.get("default")
        assert item.default == (default or ("no" if item.name == "clobber" else "")), item.name
        if theirs["type"] in TYPES:
            assert item.kind is TYPES[theirs["type"]], item.name
        else:
            assert item.kind in (Kind.FILE, Kind.TEXT), item.name
        if "min" in theirs:
            limits = item.minimum, item.maximum
            assert limits == (float(theirs["min"]), float(theirs["max"])), item.name
    assert compared >= 10


@pytest.mark.parametrize("task", ["nuproducts", "ftgrouppha"])
def test_every_parameter_has_our_own_words(task: str) -> None:
    explained = help_for(task).parameters
    for item in embedded_specs()[task].parameters:
        if item.name in explained:
            assert item.help == explained[item.name]["help"]
        else:
            assert item.name in OWN
        assert item.default == "" or item.problem(item.default) is None, item.name


def test_housekeeping_may_be_named_without_the_correction_it_is_for_in_heasoft(
    sample: SimulatedObservation, tmp_path: Path
) -> None:
    spec = embedded_specs()["nuproducts"]
    assert spec.why_inapplicable("hkfile", {"correctlc": "no"}) is None
    assert spec.why_inapplicable("lcenergy", {"correctlc": "no"}) is not None
    hkfile = sample.housekeeping_file("FPMA")
    result = EmbeddedEngine().run(
        nuproducts(sample, **SHORT, hkfile=str(hkfile), correctlc=False), folder=tmp_path
    )
    assert str(hkfile) in {item.path for item in result.provenance.inputs}


@pytest.mark.parametrize("name", ["pilow", "pihigh"])
def test_a_number_that_is_not_set_is_refused_where_one_is_needed(
    sample: SimulatedObservation, tmp_path: Path, name: str
) -> None:
    with pytest.raises(ParameterError, match=rf"^{name}: 'indef': expected a whole number$"):
        EmbeddedEngine().run(nuproducts(sample, **{name: "indef"}), folder=tmp_path)
    assert names(tmp_path) == set()


def test_a_bin_that_is_not_set_is_refused(sample: SimulatedObservation, tmp_path: Path) -> None:
    with pytest.raises(NustarWidgetsError, match="expected a positive number of seconds"):
        EmbeddedEngine().run(nuproducts(sample, binsize="INDEF"), folder=tmp_path)
    assert names(tmp_path) == set()


def test_a_choice_may_be_written_in_any_case(sample: SimulatedObservation, tmp_path: Path) -> None:
    engine = EmbeddedEngine()
    engine.run(nuproducts(sample, **SHORT, instrument="fpma"), folder=tmp_path)
    grouping: dict[str, ParamValue] = {
        "infile": f"{STEM}_sr.pha",
        "outfile": "grouped.pha",
        "grouptype": "MIN",
        "groupscale": 20,
    }
    engine.run(TaskCall(task="ftgrouppha", params=tuple(grouping.items())), folder=tmp_path)
    assert fits.getdata(tmp_path / "grouped.pha", "SPECTRUM")["GROUPING"].min() == -1


def test_the_files_of_a_call_are_written_as_they_are(tmp_path: Path) -> None:
    intervals = ((10.0, 20.5), (30.0, 40.0))
    call = TaskCall(
        task="nuproducts",
        params=(),
        files=(
            TextFile(name="src.reg", text="fk5\r\n# Größe\n"),
            GtiFile(name="good.fits", intervals=intervals),
        ),
    )
    write_files(call, tmp_path)
    assert names(tmp_path) == {"src.reg", "good.fits"}
    assert (tmp_path / "src.reg").read_bytes() == "fk5\r\n# Größe\n".encode()
    rows = fits.getdata(tmp_path / "good.fits", 1)
    assert tuple(zip(rows["START"].tolist(), rows["STOP"].tolist(), strict=True)) == intervals
