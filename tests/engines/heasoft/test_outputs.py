"""What a call must make, what was made, and what is only litter."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from nustar_widgets.engines.base import Product
from nustar_widgets.engines.heasoft.outputs import Expected, collect, expected
from nustar_widgets.engines.heasoft.scratch import Staged, stage
from nustar_widgets.engines.parfile import read_par_file
from nustar_widgets.engines.taskspec import Parameter, TaskSpec
from nustar_widgets.session.taskcall import ParamValue, TaskCall
from tests.standins import headas

HEAD = b"SIMPLE  =                    T".ljust(80) + b"BITPIX  = 8".ljust(80)
FITS = (HEAD + b"NAXIS   = 0".ljust(80) + b"END").ljust(2880)
ALWAYS = {"indir": ".", "instrument": "FPMB", "steminputs": "nu1", "outdir": "out"}


@pytest.fixture
def work(tmp_path: Path) -> Path:
    folder = tmp_path / "w"
    folder.mkdir()
    return folder


def task_spec(task: str, folder: Path) -> TaskSpec:
    path = folder / f"{task}.par"
    headas.write_par(path, headas.TASKS[task])
    return read_par_file(path)


def patterns(task: str, work: Path, **params: ParamValue) -> dict[str, str]:
    """Patterns of what a call must make, by kind, as seen from a run's folder beside it."""
    spec = task_spec(task, work.parent)
    call = TaskCall(task=task, params=tuple(params.items()))
    staged = stage(call, spec, folder=work.parent, work=work)
    return {item.kind: item.pattern for item in expected(call, spec, staged)}


def put(path: Path, content: bytes = FITS) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return path


def outputs(*names: str) -> Staged:
    return Staged(params=(), inputs=(), outputs={name: Path("/final", name) for name in names})


def collected(
    work: Path, *wanted: Expected, staged: Staged | None = None, own: tuple[str, ...] = ()
) -> tuple[list[tuple[str, str]], list[str]]:
    found, problems = collect(
        wanted, staged or outputs(), work=work, own=set(own), before={work / "before"}
    )
    return [(item.kind, str(item.path.relative_to(work))) for item in found], problems


SPECTRUM = Expected(kind="source spectrum", pattern="nu1_sr.pha")


def test_nuproducts_makes_everything_it_is_not_told_to_leave_out(work: Path) -> None:
    assert patterns("nuproducts", work, **ALWAYS) == {
        "source spectrum": "out/nu1B01_sr.pha",
        "background spectrum": "out/nu1B01_bk.pha",
        "source light curve": "out/nu1B01_sr.lc",
        "background light curve": "out/nu1B01_bk.lc",
        "image": "out/nu1B01_sk.img",
        "arf": "out/nu1B01_sr.arf",
        "rmf": "out/nu1B01_sr.rmf",
    }


@pytest.mark.parametrize(
    ("change", "missing"),
    [
        ({"bkgextract": "no"}, {"background spectrum", "background light curve"}),
        ({"bkgphafile": "none"}, {"background spectrum"}),
        ({"runmkarf": False}, {"arf"}),
        ({"runmkrmf": "N"}, {"rmf"}),
        ({"phafile": "NONE"}, {"source spectrum", "arf"}),  # numkarf is only warned of then
        ({"lcfile": "NONE", "imagefile": "None"}, {"source light curve", "image"}),
    ],
)
def test_what_nuproducts_is_told_to_leave_out_is_not_missed(
    work: Path, change: dict[str, ParamValue], missing: set[str]
) -> None:
    every = set(patterns("nuproducts", work, **ALWAYS))
    assert set(patterns("nuproducts", work, **ALWAYS, **change)) == every - missing


@pytest.mark.parametrize(
    ("change", "name"),
    [
        ({"stemout": "mine"}, "out/mine_sr.pha"),
        ({"infile": "nu1B06_chu12_N_cl.evt.gz"}, "out/nu1B06_chu12_N_sr.pha"),
        ({"infile": "nu1B_uf.evt"}, "out/nu1B_sr.pha"),
        ({"infile": "my.events_cl.fits"}, "out/my.events_sr.pha"),
        ({"infile": "nu1B01_bary.evt"}, "out/nu1B01_bary_sr.pha"),
        ({"infile": "default"}, "out/nu1B01_sr.pha"),
        ({"instrument": "fpma"}, "out/nu1A01_sr.pha"),
        ({"phafile": "else/where/mine.pha"}, "out/mine.pha"),
        ({"outdir": "./"}, "nu1B01_sr.pha"),
        ({"outdir": "/some/where"}, "o0/where/nu1B01_sr.pha"),
        ({"outdir": "../my run"}, "o0/my_run/nu1B01_sr.pha"),
    ],
)
def test_a_product_of_nuproducts_is_named_as_the_script_names_it(
    work: Path, change: dict[str, ParamValue], name: str
) -> None:
    if infile := change.get("infile"):
        put(work.parent / str(infile))
    made = patterns("nuproducts", work, **(ALWAYS | change))
    assert made["source spectrum"] == name


def test_without_outdir_products_lie_where_the_task_runs(work: Path) -> None:
    params = {name: text for name, text in ALWAYS.items() if name != "outdir"}
    assert patterns("nuproducts", work, **params)["image"] == "nu1B01_sk.img"


def test_a_product_another_version_does_not_have_is_not_missed(work: Path) -> None:
    # The stand-in's parameter file has no grpphafile, so rungrppha makes no known name.
    assert "grouped spectrum" not in patterns("nuproducts", work, **ALWAYS, rungrppha="yes")


@pytest.mark.parametrize(
    "run", ["FPMA", "FPMB", "FPMA_usergti", "trap_no_events", "trap_exclude_first"]
)
def test_what_is_missed_of_a_run_of_heasoft_is_what_heasoft_made(
    shared: Path, work: Path, run: str
) -> None:
    index = json.loads((shared / "fixtures/extraction/index.json").read_text(encoding="utf-8"))
    trap = index["nuproducts_traps"].get(run)
    made = trap["files"] if trap else list(index["nuproducts"]["runs"][run]["products"])
    path = work.parent / "nuproducts.par"
    headas.write_reference_par(path, headas.reference(shared)["nuproducts"])
    spec = read_par_file(path)
    params: dict[str, ParamValue] = {
        "indir": ".",
        "instrument": run[:4] if run.startswith("FPM") else "FPMA",
        "steminputs": "nu90000000101",
        "runmkarf": False,
        "runmkrmf": False,
        "rungrppha": True,
    }
    call = TaskCall(task="nuproducts", params=tuple(params.items()))
    staged = stage(call, spec, folder=work.parent, work=work)
    names = {item.pattern for item in expected(call, spec, staged)}
    assert len(names) == 6
    assert names <= set(made)


STAGES = {"indir": ".", "steminputs": "nu1", "outdir": "out"}


@pytest.mark.parametrize(
    ("change", "kind", "pattern"),
    [
        ({}, "cleaned events", "out/nu1*_cl.evt*"),
        ({"exitstage": 3}, "cleaned events", "out/nu1*_cl.evt*"),
        ({"exitstage": 1}, "calibrated events", "out/nu1*_uf.evt*"),
        ({"outdir": "../x y"}, "cleaned events", "o0/x_y/nu1*_cl.evt*"),
    ],
)
def test_nupipeline_makes_the_events_of_its_last_stage(
    work: Path, change: dict[str, ParamValue], kind: str, pattern: str
) -> None:
    assert patterns("nupipeline", work, **(STAGES | change)) == {kind: pattern}


def test_nupipeline_names_its_files_by_the_stem_it_is_given(work: Path) -> None:
    spec = TaskSpec(
        task="nupipeline",
        source="a test",
        parameters=tuple(
            Parameter(name=name, default="DEFAULT") for name in (*STAGES, "stemoutputs")
        ),
    )
    for given, stem in (("mine", "mine"), ("default", "nu1")):
        call = TaskCall(task="nupipeline", params=(*STAGES.items(), ("stemoutputs", given)))
        staged = stage(call, spec, folder=work.parent, work=work)
        assert [item.pattern for item in expected(call, spec, staged)] == [f"out/{stem}*_cl.evt*"]


def test_ftgrouppha_makes_one_file(work: Path) -> None:
    put(work.parent / "a.pha")
    assert patterns("ftgrouppha", work, infile="a.pha", outfile="!g.pha") == {
        "grouped spectrum": "g.pha"
    }


def test_any_other_task_makes_the_files_its_parameters_name(work: Path) -> None:
    call = TaskCall(task="ftcopy", params=())
    spec = TaskSpec(task="ftcopy", parameters=(), source="a test")
    staged = outputs("a.fits", "deep/b.fits", "-", "stdout", "NONE")
    assert [item.pattern for item in expected(call, spec, staged)] == ["a.fits", "deep/b.fits"]


def test_a_folder_for_products_is_no_file_that_is_missed(work: Path) -> None:
    call = TaskCall(task="nusplitsc", params=())
    spec = TaskSpec(task="nusplitsc", parameters=(Parameter(name="outdir"),), source="a test")
    staged = Staged(params=(("outdir", "out"),), inputs=(), outputs={"out": Path("/final/out")})
    assert expected(call, spec, staged) == ()


def test_files_that_were_wanted_come_first_and_all_that_came_along_after_them(work: Path) -> None:
    for name in ("z_im.gif", "a_src.reg", "nu1_sr.pha", "deep/x.fits"):
        put(work / name)
    assert collected(work, SPECTRUM) == (
        [
            ("source spectrum", "nu1_sr.pha"),
            ("region", "a_src.reg"),
            ("file", "deep/x.fits"),
            ("plot", "z_im.gif"),
        ],
        [],
    )


def test_a_wanted_file_that_is_missing_or_broken_is_a_problem(work: Path) -> None:
    put(work / "nu1_bk.pha", b"")
    put(work / "nu1_sk.img", FITS[:2000])
    wanted = (
        SPECTRUM,
        Expected(kind="background spectrum", pattern="nu1_bk.pha"),
        Expected(kind="image", pattern="nu1_sk.img"),
    )
    assert collected(work, *wanted)[1] == [
        "no source spectrum was written (nu1_sr.pha)",
        "nu1_bk.pha is empty",
        "nu1_sk.img ends inside a header",
    ]


def test_a_folder_of_a_wanted_name_is_no_file(work: Path) -> None:
    (work / "nu1_sr.pha").mkdir()
    assert collected(work, SPECTRUM)[1] == ["no source spectrum was written (nu1_sr.pha)"]


def test_one_file_is_enough_for_a_pattern_and_all_that_fit_it_are_looked_at(work: Path) -> None:
    wanted = Expected(kind="cleaned events", pattern="out/nu*_cl.evt*")
    put(work / "out/nu1A01_cl.evt")
    put(work / "out/nu1B01_cl.evt", b"half")
    put(work / "out/nu1A.attorb")
    made, problems = collected(work, wanted)
    assert made == [
        ("cleaned events", "out/nu1A01_cl.evt"),
        ("cleaned events", "out/nu1B01_cl.evt"),
        ("file", "out/nu1A.attorb"),
    ]
    assert problems == ["nu1B01_cl.evt is not a FITS file"]


@pytest.mark.parametrize(
    "name",
    [
        "nuA20100101v010.teldef",
        "nuAhkrange05_20100101v005.fits",
        "nuBcutevt20100101v001.fits",
        "nuA2dpsfen1_20100101v001.fits",
        "nuCalign20100101v005.fits",
        "nuCclock20100101v213.fits",
        "xselect.log",
        "xsel_timefile.asc",
        "xsel123_region.xsl",
        "xautosav.xcm",
        "core",
        "core.123",
        "123_tmp_nuproducts/x.evt",
        "nuproducts.par",
    ],
)
def test_what_tasks_leave_behind_is_no_product(work: Path, name: str) -> None:
    put(work / name)
    put(work / "nu1_sr.pha")
    assert collected(work, SPECTRUM) == ([("source spectrum", "nu1_sr.pha")], [])


@pytest.mark.parametrize(
    "name", ["nu80000000001A01_sr.pha", "mycore.fits", "result.log", "nu1A_hp.fits", "x.xcm"]
)
def test_what_only_looks_like_litter_is_a_product(work: Path, name: str) -> None:
    put(work / name)
    assert collected(work) == ([("file", name)], [])


def test_litter_that_was_asked_for_by_name_is_a_product(work: Path) -> None:
    put(work / "xselect.log", b"log")
    wanted = Expected(kind="file", pattern="xselect.log")
    assert collected(work, wanted, staged=outputs("xselect.log")) == (
        [("file", "xselect.log")],
        [],
    )


def test_litter_that_was_named_and_only_came_along_is_a_product_too(work: Path) -> None:
    put(work / "xselect.log", b"log")
    assert collected(work, staged=outputs("xselect.log"))[0] == [("file", "xselect.log")]
    assert collected(work, staged=outputs("other.log"))[0] == []


def test_what_lay_there_before_the_calls_own_files_and_links_are_no_products(work: Path) -> None:
    for name in ("before", "src.reg", "new.txt"):
        put(work / name)
    (work / "link").symlink_to(work / "new.txt")
    assert collected(work, own=("src.reg",)) == ([("file", "new.txt")], [])


def test_a_task_that_was_to_write_and_wrote_nothing_has_failed(work: Path) -> None:
    assert collected(work, staged=outputs("out")) == ([], ["nothing was written"])
    assert collected(work, staged=outputs("-")) == ([], [])
    assert collected(work) == ([], [])


def test_products_are_named_by_kind(work: Path) -> None:
    put(work / "nu1_sr.pha")
    found, _ = collect([SPECTRUM], outputs(), work=work, own=set(), before=set())
    assert found == [Product(kind="source spectrum", path=work / "nu1_sr.pha")]
