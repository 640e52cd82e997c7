"""Where products of any task go, what stands in their way, and what was read to make them."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from nustar_widgets.engines.heasoft.engine import HeasoftEngine
from nustar_widgets.errors import InputFileError, OutputError, TaskFailed
from nustar_widgets.session.provenance import Provenance, why_stale
from nustar_widgets.session.taskcall import ParamValue, TaskCall
from tests.engines.heasoft.builders import left_in, report, shell_engine, standin_call
from tests.standins import headas
from tests.standins.here import Here

ROWS: list[headas.Row] = [
    ("outdir", "s", "a", "./"),
    ("outfile", "f", "a", ""),
    ("infile", "f", "h", "NONE"),
    ("clobber", "b", "h", "no"),
]


def call(task: str = "dotask", **params: ParamValue) -> TaskCall:
    return TaskCall(task=task, params=tuple(params.items()))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "run"
    made.mkdir()
    return made


def put(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def files_in(folder: Path) -> set[str]:
    return {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}


def test_all_that_is_made_in_outdir_goes_there(standin: Here, scratch: Path, folder: Path) -> None:
    script = 'mkdir -p "$outdir/deep"; echo 1 >"$outdir/a"; echo 2 >"$outdir/deep/b"'
    engine = shell_engine(standin, scratch, "dotask", ROWS[:1], script)
    put(folder / "out" / "mine", "mine")
    result = engine.run(call(outdir="out"), folder=folder)
    assert {product.path for product in result.products} == {
        folder / "out" / "a",
        folder / "out" / "deep" / "b",
    }
    assert files_in(folder) == {"out/mine", "out/a", "out/deep/b"}
    assert left_in(scratch) == set()


def test_a_file_with_a_place_of_its_own_goes_there_and_not_into_the_folder_around_it(
    standin: Here, scratch: Path, folder: Path
) -> None:
    script = 'echo 1 >beside; echo 2 >"$outfile"'
    engine = shell_engine(standin, scratch, "dotask", ROWS[:2], script)
    engine.run(call(outdir=".", outfile="../elsewhere/x.txt"), folder=folder)
    assert files_in(folder.parent) == {"run/beside", "elsewhere/x.txt"}


def test_a_task_that_made_nothing_in_its_folder_has_failed(
    standin: Here, scratch: Path, folder: Path
) -> None:
    engine = shell_engine(standin, scratch, "dotask", ROWS[:1], 'mkdir -p "$outdir"')
    with pytest.raises(TaskFailed, match=r"^dotask: nothing was written$"):
        engine.run(call(outdir="out"), folder=folder)
    assert left_in(folder) == set()


def test_a_task_that_says_it_failed_has_failed_whatever_it_wrote(
    standin: Here, scratch: Path, folder: Path
) -> None:
    script = "echo 1 >x.txt; echo more; exit 4"
    engine = shell_engine(standin, scratch, "dotask", ROWS[1:2], script)
    with pytest.raises(TaskFailed) as caught:
        engine.run(call(outfile="x.txt"), folder=folder)
    assert str(caught.value) == "dotask: exit status 4; its last line: more"
    assert caught.value.status == 4
    assert left_in(folder) == set()


def test_a_file_that_comes_along_does_not_replace_another_unless_it_may(
    standin: Here, scratch: Path, folder: Path
) -> None:
    script = "echo 1 >x.txt; echo new >plot.gif"
    engine = shell_engine(standin, scratch, "dotask", ROWS[1:], script)
    put(folder / "plot.gif", "mine\n")
    with pytest.raises(OutputError) as caught:
        engine.run(call(outfile="x.txt"), folder=folder)
    assert str(caught.value) == (
        f"{folder / 'plot.gif'}: exists already. Move it away or set clobber=yes"
    )
    assert files_in(folder) == {"plot.gif"}
    assert (folder / "plot.gif").read_text(encoding="utf-8") == "mine\n"
    result = engine.run(call(outfile="x.txt", clobber=True), folder=folder)
    assert [product.kind for product in result.products] == ["file", "plot"]
    assert (folder / "plot.gif").read_text(encoding="utf-8") == "new\n"


def test_events_of_an_earlier_run_are_refused_before_the_next_one_starts(
    standin: Here, scratch: Path, folder: Path
) -> None:
    rows = [row for row in headas.TASKS["nupipeline"] if row[0] != "exitstage"]
    engine = shell_engine(standin, scratch, "nupipeline", rows, "echo started >&2; exit 1")
    heard: list[str] = []
    old = put(folder / "out" / "nu1B01_cl.evt", "mine")
    (folder / "obs").mkdir()
    asked = call("nupipeline", indir="obs", steminputs="nu1", outdir="out")
    with pytest.raises(OutputError) as caught:
        engine.run(asked, folder=folder, progress=heard.append)
    assert str(caught.value) == f"{old}: exists already. Move it away or set clobber=yes"
    assert heard == []
    old.rename(folder / "out" / "nu2B01_cl.evt")  # of another observation
    with pytest.raises(TaskFailed):
        engine.run(asked, folder=folder, progress=heard.append)
    assert heard == ["started\n"]


def test_a_leading_exclamation_mark_replaces_a_file_as_it_does_everywhere_in_heasoft(
    standin: Here, scratch: Path, folder: Path
) -> None:
    engine = shell_engine(standin, scratch, "dotask", ROWS[1:2], 'echo new >"${outfile#!}"')
    put(folder / "x.txt", "old\n")
    with pytest.raises(OutputError, match="exists already"):
        engine.run(call(outfile="x.txt"), folder=folder)
    (product,) = engine.run(call(outfile="!x.txt"), folder=folder).products
    assert product.path == folder / "x.txt"
    assert (folder / "x.txt").read_text(encoding="utf-8") == "new\n"


def test_a_product_that_is_cut_off_is_not_delivered(
    standin: Here, scratch: Path, folder: Path
) -> None:
    script = 'printf "SIMPLE  = T" >"$outfile"'
    engine = shell_engine(standin, scratch, "dotask", ROWS[1:2], script)
    with pytest.raises(TaskFailed, match=r"^dotask: x.pha ends inside a header$"):
        engine.run(call(outfile="x.pha"), folder=folder)
    assert left_in(folder) == set()


def test_what_is_written_to_the_screen_is_no_missing_file(
    standin: Here, scratch: Path, folder: Path
) -> None:
    engine = shell_engine(standin, scratch, "dotask", ROWS[1:2], "echo table")
    heard: list[str] = []
    result = engine.run(call(outfile="STDOUT"), folder=folder, progress=heard.append)
    assert (result.products, heard) == ((), ["table\n"])


def test_inputs_are_named_with_size_and_hash_and_as_seen_from_the_run(
    standin: Here, scratch: Path, folder: Path
) -> None:
    engine = shell_engine(standin, scratch, "dotask", ROWS[1:], 'cat "$infile" >"$outfile"')
    inside, outside = put(folder / "in put.txt", "one"), put(folder.parent / "out.txt", "three")
    for name, path, seen in (("in put.txt", inside, "in put.txt"), (str(outside),) * 2 + ("",)):
        asked = call(infile=name, outfile="x.txt", clobber=True)
        result = engine.run(asked, folder=folder)
        (made,) = result.provenance.inputs
        assert made.path == (seen or str(outside))
        content = Path(path).read_bytes()
        assert (made.size, made.sha256) == (len(content), hashlib.sha256(content).hexdigest())
        assert result.products[0].path.read_bytes() == content
        back = Provenance.from_dict(result.provenance.to_dict())
        assert back == result.provenance
        assert why_stale(back, asked, folder=folder) is None
        Path(path).write_text("changed", encoding="utf-8")
        assert why_stale(back, asked, folder=folder) == f"input {path} has changed"


def test_working_folders_inside_an_input_folder_are_no_inputs(standin: Here, scratch: Path) -> None:
    # An engine without a place of its own works in the run's folder where that is short.
    rows: list[headas.Row] = [("indir", "fr", "a", ""), *ROWS[1:2]]
    script = 'ls -A "$indir" >"$outfile"'
    made = shell_engine(standin, scratch, "dotask", rows, script)
    run = scratch / "run"
    put(run / "events.txt", "x")
    put(run / ".hidden" / "y", "y")
    engine = HeasoftEngine(standin.environ | {"HEADAS": str(scratch / "headas")})
    assert made.supports("dotask")
    result = engine.run(call(indir=".", outfile="list.txt"), folder=run)
    listed = result.products[0].path.read_text(encoding="utf-8").split()
    assert any(name.startswith(".nw-") for name in listed)
    assert [item.path for item in result.provenance.inputs] == ["events.txt"]
    assert left_in(run) == {"events.txt", ".hidden", "list.txt"}


def test_the_scripts_of_nustardas_find_the_parameters_of_their_sub_tasks(
    standin: Here, scratch: Path, folder: Path
) -> None:
    script = 'ls "${PFILES%%;*}" >"$outfile"'  # they only look into the first folder
    engine = shell_engine(standin, scratch, "nufake", ROWS[1:2], script)
    for name in ("nusub", "other"):
        headas.write_par(scratch / "headas" / "syspfiles" / f"{name}.par", ROWS[1:2])
    result = engine.run(call("nufake", outfile="x.txt"), folder=folder)
    listed = result.products[0].path.read_text(encoding="utf-8").split()
    assert listed == ["nufake.par", "nusub.par"]


def test_heasoftpy_is_found_where_the_set_up_of_heasoft_puts_it(
    standin: Here, scratch: Path, folder: Path
) -> None:
    script = 'PATH="$HEADAS/bin:$PATH"; PYTHONPATH=$HEADAS/lib/python; export PATH PYTHONPATH\n'
    made = shell_engine(standin, scratch, "dotask", ROWS[1:2], 'echo "$PATH" >"$outfile"')
    built = scratch / "headas"
    (built / "lib").mkdir()
    (built / "lib" / "python").symlink_to(headas.HEASOFTPY)
    environ = {name: text for name, text in standin.environ.items() if name != "PYTHONPATH"}
    environ["HEADAS"] = str(built)
    put(built / "headas-init.sh", script)
    result = HeasoftEngine(environ, scratch=scratch).run(call(outfile="x.txt"), folder=folder)
    text = result.products[0].path.read_text(encoding="utf-8")
    assert text.startswith(f"{built / 'bin'}:")
    assert made.supports("dotask")


def test_the_calibration_database_of_the_environment_is_noted(
    standin: Here, scratch: Path, folder: Path
) -> None:
    where = "https://example.org/caldb"
    engine = HeasoftEngine(standin.environ | {"CALDB": where}, scratch=scratch)
    result = engine.run(standin_call(), folder=folder)
    assert dict(result.provenance.versions)["CALDB"] == where
    assert report(result)["value"] == "none"


def test_a_set_up_of_heasoft_that_is_broken_is_named(
    standin: Here, scratch: Path, folder: Path
) -> None:
    shell_engine(standin, scratch, "dotask", ROWS[1:2], "exit 0")
    put(scratch / "headas" / "headas-init.sh", "exit 3\n")
    engine = HeasoftEngine(standin.environ | {"HEADAS": str(scratch / "headas")}, scratch=scratch)
    with pytest.raises(InputFileError, match=r"headas-init.sh: cannot be run"):
        engine.run(call(outfile="x.txt"), folder=folder)
    assert left_in(folder) == set()
    assert left_in(scratch) == set()
