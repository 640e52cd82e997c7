"""Every notebook runs from top to bottom, and finds what its text says it finds."""

from __future__ import annotations

import json
import math
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from nustar_widgets.simulate import simulate_observation
from tests.standins import here

FOLDER = Path(__file__).parents[1] / "notebooks"
NOTEBOOKS = sorted(FOLDER.glob("*.ipynb"))
NAMES = ["fitting", "from_clicks_to_script", "quickstart", "regions", "tutorial", "workshop"]

Cell = dict[str, Any]

_EXECUTE = "from nbclient.cli import main; main()"
_TOLD = re.compile(r"```text\n(.*?)```", re.DOTALL)
_NUMBER = re.compile(r"(?<![\w.])[-+]?\d+(?:\.\d+)?(?:e[-+]?\d+)?", re.IGNORECASE)
_PICTURE = re.compile(r"!\[(.*?)\]\((.*?)\)")
# A picture of a panel is some 100 kB; a folder of notebooks is looked at over the network.
_MOST_BYTES = 160_000


@pytest.fixture(scope="session")
def full_sample(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folder of the simulated observation that the notebooks open, made once for all of them."""
    folder = tmp_path_factory.mktemp("full_sample")
    simulate_observation(folder)
    return folder


def test_there_are_notebooks() -> None:
    assert [path.stem for path in NOTEBOOKS] == NAMES


@pytest.mark.parametrize("notebook", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_runs_and_finds_what_its_text_says(
    notebook: Path, tmp_path: Path, full_sample: Path
) -> None:
    cells = ran(notebook, tmp_path, full_sample)
    code = [cell for cell in cells if cell["cell_type"] == "code"]
    assert code
    assert all(cell["execution_count"] for cell in code)
    missing = [line for told, said in promises(cells) for line in not_said(told, said)]
    assert not missing, f"the text of {notebook.name} says what no run says: {missing}"


@pytest.mark.parametrize("notebook", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_is_stored_without_outputs(notebook: Path) -> None:
    assert not any(cell.get("outputs") for cell in cells_of(notebook))


@pytest.mark.parametrize("notebook", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_can_be_read_without_running_it(notebook: Path) -> None:
    cells = cells_of(notebook)
    assert list(promises(cells)), "it says nowhere what comes out"
    pictures = [found for cell in cells for found in _PICTURE.findall(text_of(cell))]
    assert pictures, "it shows no panel"
    for words, name in pictures:
        assert len(words) > 20, f"{name}: say in words what is seen"
        assert (FOLDER / name).stat().st_size < _MOST_BYTES, name


@pytest.mark.parametrize("notebook", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_links_to_what_is_there(notebook: Path) -> None:
    text = "\n".join(text_of(cell) for cell in cells_of(notebook))
    targets = re.findall(r"(?<!!)\[[^\]]*\]\(([^)#]+)\)", text)
    local = [target for target in targets if "://" not in target]
    assert all((FOLDER / target).exists() for target in local), local


def test_the_solutions_of_the_workshop_are_right(tmp_path: Path, full_sample: Path) -> None:
    solved = with_solutions(json.loads((FOLDER / "workshop.ipynb").read_text(encoding="utf-8")))
    notebook = tmp_path / "solved" / "workshop.ipynb"
    notebook.parent.mkdir()
    notebook.write_text(json.dumps(solved), encoding="utf-8")
    cells = ran(notebook, tmp_path, full_sample)
    checks = [output_of(cell) for cell in cells if is_tagged(cell, "check")]
    assert len(checks) == 9
    assert not [text for text in checks if ". Right: " not in text]
    (progress,) = [output_of(cell) for cell in cells if is_tagged(cell, "progress")]
    assert "9 of 9 exercises are solved." in progress


@pytest.fixture
def downloaded(tmp_path: Path, full_sample: Path) -> Path:
    """Folder in which the tutorial finds its observation: a simulated one under that name."""
    observation = tmp_path / "tutorial_output" / "60001110002"
    shutil.copytree(full_sample / "00000000001", observation)
    for path in sorted(observation.rglob("*00000000001*")):
        path.rename(path.with_name(path.name.replace("00000000001", "60001110002")))
    return tmp_path


def test_where_the_observation_is_the_tutorial_takes_it_and_says_what_it_lacks(
    downloaded: Path, full_sample: Path
) -> None:
    cells = ran(FOLDER / "tutorial.ipynb", downloaded, full_sample)
    said = "\n".join(output_of(cell) for cell in cells)
    assert "Data:    60001110002\nTasks:   the embedded engine\n" in said
    assert "Analysed from here on: 60001110002" in said
    assert "nu60001110002A01_net.lc: 119 bins" in said
    assert "Not run: the ARF and RMF need HEASoft and its calibration database." in said
    assert "SIMULATED" not in said


def test_where_heasoft_is_the_tutorials_calls_are_run_by_it(
    downloaded: Path, standin: here.Here
) -> None:
    index = downloaded / "data" / "nustar" / "fpm" / "caldb.indx"
    index.parent.mkdir(parents=True)
    for path in (index, downloaded / "caldb.config", downloaded / "alias_config.fits"):
        path.touch()
    calibrated = standin.environ | {
        "CALDB": str(downloaded),
        "CALDBCONFIG": str(downloaded / "caldb.config"),
        "CALDBALIAS": str(downloaded / "alias_config.fits"),
    }
    notebook = downloaded / "begun" / "tutorial.ipynb"
    notebook.parent.mkdir()
    written = json.loads((FOLDER / "tutorial.ipynb").read_text(encoding="utf-8"))
    sources = ["".join(cell["source"]) for cell in written["cells"]]
    runs = next(number for number, text in enumerate(sources) if text.endswith("\nrun_jobs()"))
    written["cells"] = written["cells"][: runs + 1]  # the stand-in groups and fits nothing
    notebook.write_text(json.dumps(written), encoding="utf-8")
    cells = ran(notebook, downloaded, None, environ=calibrated)
    assert "Data:    60001110002\nTasks:   HEASoft\n" in "\n".join(map(output_of, cells))
    assert output_of(cells[-1]).split("\n")[:2] == [
        "nupipeline FPMA by heasoft: done", "nuproducts FPMA by heasoft: done"
    ]  # fmt: skip


def test_numbers_of_the_text_may_differ_in_their_last_digit_only() -> None:
    assert not not_said("net 23236.3, S/N 145.4", "FPMA: net 23236.4, S/N 145.4\n")
    assert not_said("net 23236.3", "net 23246.3") == ["net 23236.3"]
    assert not_said("95 arcsec: good", "95 arcsec: bad") == ["95 arcsec: good"]
    assert not not_said("= 4.543e-05 keV", "= 4.544e-05 keV")
    assert not_said("= 4.543e-05 keV", "= 4.643e-05 keV") == ["= 4.543e-05 keV"]


# -- running ------------------------------------------------------------------------------


def ran(
    notebook: Path, folder: Path, sample: Path | None, *, environ: dict[str, str] | None = None
) -> list[Cell]:
    """Run a notebook in a folder that has the simulated observation, and return its cells."""
    written = json.loads(notebook.read_text(encoding="utf-8"))
    for cell in written["cells"]:  # tests ask nobody outside
        cell["source"] = "".join(cell["source"]).replace(
            "ASK_ARCHIVE = True", "ASK_ARCHIVE = False"
        )
    (folder / notebook.name).write_text(json.dumps(written), encoding="utf-8")
    if sample is not None:
        (folder / "sample_output").symlink_to(sample, target_is_directory=True)
    done = subprocess.run(
        [sys.executable, "-c", _EXECUTE, "--inplace", notebook.name],
        cwd=folder, env=environ or environment(), capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-3000:]
    return cells_of(folder / notebook.name)


def environment() -> dict[str, str]:
    """Environment of a machine without HEASoft, whatever this one has."""
    return {
        name: value for name, value in os.environ.items() if name not in ("HEADAS", "PYTHONPATH")
    }


def cells_of(notebook: Path) -> list[Cell]:
    """Return the cells of a notebook file."""
    cells: list[Cell] = json.loads(notebook.read_text(encoding="utf-8"))["cells"]
    return cells


def text_of(cell: Cell) -> str:
    """Return the text of a markdown cell; of others none."""
    return "".join(cell["source"]) if cell["cell_type"] == "markdown" else ""


def with_solutions(notebook: dict[str, Any]) -> dict[str, Any]:
    """Put the solutions a workshop's text gives into the cells that are left for answers."""
    solution = ""
    for cell in notebook["cells"]:
        for details in re.findall(
            r"<summary>Solution</summary>(.*?)</details>", text_of(cell), re.S
        ):
            (solution,) = re.findall(r"```python\n(.*?)```", details, re.S)
        if is_tagged(cell, "answer"):
            assert solution, f"there is no solution in the text before {cell['source']}"
            cell["source"], solution = solution, ""
    return notebook


def is_tagged(cell: Cell, tag: str) -> bool:
    """Whether a cell has a tag."""
    return tag in cell["metadata"].get("tags", ())


# -- what the text promises ---------------------------------------------------------------


def promises(cells: list[Cell]) -> Iterator[tuple[str, str]]:
    """Pair what the text says comes out with what the code cell before it has said."""
    said = ""
    for cell in cells:
        if cell["cell_type"] == "code":
            said = output_of(cell)
        for told in _TOLD.findall(text_of(cell)):
            yield told, said


def output_of(cell: Cell) -> str:
    """Return all that a cell has printed."""
    texts = (
        output.get("text") or output.get("data", {}).get("text/plain", ())
        for output in cell.get("outputs", ())
    )
    return "\n".join("".join(text) for text in texts)


def not_said(told: str, said: str) -> list[str]:
    """List the lines of a promise that no line of an output keeps.

    A line keeps a promise if it holds the same words, and the same numbers but for the last digit:
    other processors and libraries round differently.
    """
    lines = [line.strip() for line in said.splitlines()]
    wanted = [line.strip() for line in told.splitlines() if line.strip()]
    return [line for line in wanted if not any(keeps(line, other) for other in lines)]


def keeps(promise: str, line: str) -> bool:
    """Whether a line of an output is what was promised."""
    words = [re.escape(part) for part in _NUMBER.split(promise)]
    found = re.search(f"({_NUMBER.pattern})".join(words), line, re.IGNORECASE)
    if found is None:
        return False
    pairs = zip(_NUMBER.findall(promise), found.groups(), strict=True)
    return all(abs(float(one) - float(other)) <= 1.01 * last_digit(one) for one, other in pairs)


def last_digit(number: str) -> float:
    """Return what one more in the last digit of a number is; 0 of a whole number."""
    digits, _, power = number.lower().partition("e")
    decimals = len(digits.partition(".")[2])
    return math.pow(10.0, int(power or 0) - decimals) if decimals or power else 0.0
