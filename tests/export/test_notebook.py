"""The exported notebook: well formed, in simple steps; what it makes is what the panels made."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import nbformat
import pytest

from nustar_widgets.events.eventlist import EventList
from nustar_widgets.export.notebook import to_notebook
from nustar_widgets.fitjob import summary
from nustar_widgets.session.measures import FluxWishes
from nustar_widgets.simulate import SimulatedObservation
from tests.calls.observed import session
from tests.export.panels import drawn, fitted, made
from tests.export.test_python import tutorial

_DATE = re.compile(rb"(DATE    = )'[^']*'")
_TELL = """\
import json
print(json.dumps({item.name: [item.value, item.error_low, item.error_high]
                  for item in fit.result.parameters} | {"statistic": fit.result.statistic}))
"""


def cells(text: str, kind: str) -> list[dict[str, Any]]:
    return [cell for cell in json.loads(text)["cells"] if cell["cell_type"] == kind]


@pytest.mark.parametrize("engine", ["heasoft", "embedded"])
def test_the_notebook_is_valid_without_outputs_and_its_cells_keep_their_ids(
    tmp_path: Path, engine: str
) -> None:
    chosen = session(tmp_path)
    text = to_notebook(chosen, engine)
    notebook = nbformat.reads(text, as_version=4)
    nbformat.validate(notebook)
    assert (notebook.nbformat, notebook.nbformat_minor) == (4, 5)
    assert notebook.metadata.kernelspec.name == "python3"
    assert not any(cell["outputs"] or cell["execution_count"] for cell in cells(text, "code"))
    ids = [cell["id"] for cell in json.loads(text)["cells"]]
    assert len(set(ids)) == len(ids)
    chosen.edit("bin", bin_s=256.0)
    changed = to_notebook(chosen, engine)
    assert changed != text
    assert [cell["id"] for cell in json.loads(changed)["cells"]] == ids


def test_the_steps_are_the_tutorials_in_its_order(tmp_path: Path) -> None:
    text = to_notebook(tutorial("Tutorial: spectrum", tmp_path), "heasoft")
    headings = re.findall(r"## (\d+\. .*?)(?:\n|$)", "\n".join(map("".join, sources(text))))
    assert headings == [
        "1. Setting up",
        "2. Find and download the data",
        "3. Calibrate and clean the data",
        "4. Regions",
        "5. Extract light curves and spectra",
        "6. Look at the light curves",
        "7. Group the spectra",
        "8. Fit the spectrum",
    ]


def sources(text: str) -> list[str]:
    return ["".join(cell["source"]) for cell in cells(text, "markdown")]


@pytest.fixture(scope="module")
def executed(
    sample: SimulatedObservation, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Any, Any, Path, list[str]]:
    """What the panels made, the fit, and the exported notebook's folder and printed text."""
    chosen = drawn(sample, tmp_path_factory.mktemp("panels"))
    gti = EventList.read(chosen.inputs[0].events).gti
    start, end = float(gti.start[0]), float(gti.stop[-1])
    chosen.edit("good time", user_gti=((start, start + 0.4 * (end - start)),
                                       (start + 0.5 * (end - start), end)))  # fmt: skip
    products = made(chosen)
    live = fitted(chosen)
    live.wishes = FluxWishes(bands_kev=((3.0, 10.0),), draws=50)
    folder = tmp_path_factory.mktemp("notebook")
    notebook = json.loads(to_notebook(chosen))
    tell: dict[str, Any] = {"cell_type": "code", "id": "tell", "metadata": {}, "outputs": [],
            "execution_count": None, "source": _TELL}  # fmt: skip
    notebook["cells"].append(tell)
    (folder / "again.ipynb").write_text(json.dumps(notebook))
    command = [sys.executable, "-m", "nbconvert", "--to", "notebook", "--execute", "--inplace"]
    done = subprocess.run(
        [*command, "again.ipynb"], cwd=folder, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr[-3000:]
    ran = json.loads((folder / "again.ipynb").read_text())["cells"]
    told = ["".join(output.get("text", "")) for cell in ran for output in cell.get("outputs", ())]
    return products, live, folder / "nustar_00000000001", told


def test_the_executed_notebook_makes_the_panels_products_byte_for_byte(executed: Any) -> None:
    products, _, folder, _ = executed
    assert len(products.products) > 20
    for name, path in products.products.items():
        ours, theirs = (_DATE.sub(rb"\1", at.read_bytes()) for at in (path, folder / name))
        assert ours == theirs, name
    others = {path.name for path in folder.iterdir()} - set(products.products)
    assert all(name.endswith("_provenance.json") for name in others)


def test_the_executed_notebook_finds_the_panels_fit(executed: Any) -> None:
    _, live, _, told = executed
    found = json.loads(told[-1])
    result = live.result
    assert found.pop("statistic") == pytest.approx(result.statistic, rel=1e-9)
    for item in result.parameters:
        within = 1e-2 * (item.sigma or 1e-2 * abs(item.value))  # ranges are not found better
        expected = [item.value, item.error_low, item.error_high]
        for number, other in zip(found.pop(item.name), expected, strict=True):
            assert number == (None if other is None else pytest.approx(other, abs=within))
    assert found == {}
    printed = next(text for text in told if text.startswith("constant*tbabs*powerlaw"))
    assert printed.startswith(summary(result).splitlines()[0])
    assert "flux 3-10 keV, nu00000000001A01_sr_grp.pha:" in printed


def test_what_was_not_applied_is_printed(executed: Any) -> None:
    *_, told = executed
    assert sum("light curves are not corrected for PSF losses" in text for text in told) == 2
