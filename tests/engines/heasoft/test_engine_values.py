"""Values reach a task exactly or are refused; names on disk can be anything; no shell runs any."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from nustar_widgets.engines.heasoft.engine import HeasoftEngine
from nustar_widgets.errors import NustarWidgetsError, ParameterError, TaskFailed
from nustar_widgets.session.taskcall import ParamValue, TaskCall, TextFile
from nustar_widgets.simulate import SimulatedObservation
from tests.engines.heasoft.builders import Run, left_in, report, standin_call
from tests.engines.test_embedded import region
from tests.standins.here import Here

NASTY = [
    "plain",
    "it's",
    'say "x"',
    '"quoted"',
    "'quoted'",
    "two  words",
    " lead and trail ",
    "Größe ✓ 日本",
    "a=b=c",
    "-x",
    "--help",
    "x" * 300,
    "$HOME $(touch canary) `touch canary`",
    "; touch canary #",
    "a,b",
    "a,'b'",
    "back\\slash\\n",
    "*?[a-z]",
    "%s %(x)s {x}",
    "#hash",
    "~",
    "NONE",
    "INDEF",
    "TRUE",
    "1_000",
    "@list",
    "!out",
    "$( )",
]


@pytest.mark.parametrize("value", NASTY)
def test_a_value_reaches_a_task_that_uses_no_shell_exactly(run: Run, value: str) -> None:
    seen = report(run(value=value))
    assert seen["value"] == value
    assert seen["sent"] == ["outfile=out.json", f"value={value}"]
    assert seen["there"] == []  # nothing was made on the way


@pytest.mark.parametrize("value", ['"a,b"', '"a",b', 'a,"b"'])
def test_a_value_heasoftpy_would_change_is_refused_and_nothing_runs(
    run: Run, tmp_path: Path, scratch: Path, value: str
) -> None:
    heard: list[str] = []
    with pytest.raises(TaskFailed) as caught:
        run(heard.append, value=value)
    stripped = value.strip('"')
    assert str(caught.value).endswith(
        f"value: {value!r} was asked for, heasoftpy would send {stripped!r}; nothing was run"
    )
    assert caught.value.status is None
    assert heard == []
    assert left_in(tmp_path) == left_in(scratch) == set()


@pytest.mark.parametrize(
    ("params", "sent"),
    [
        ({"clobber": True}, ["clobber=yes"]),
        ({"clobber": "t"}, ["clobber=yes"]),
        ({"clobber": "F"}, ["clobber=no"]),
        ({"lines": 3}, ["lines=3"]),
        ({"lines": "+03"}, ["lines=3"]),
        ({"seconds": 0.125}, ["seconds=0.125"]),
        ({"seconds": "1e-3"}, ["seconds=0.001"]),
    ],
)
def test_numbers_and_flags_reach_a_task_with_the_same_meaning(
    run: Run, params: dict[str, ParamValue], sent: list[str]
) -> None:
    assert report(run(**params))["sent"] == ["outfile=out.json", *sent]


def test_what_is_not_asked_for_is_not_sent(run: Run) -> None:
    assert report(run())["sent"] == ["outfile=out.json"]


@pytest.mark.parametrize(
    ("name", "final"),
    [
        ("deep/er/x.json", "run/deep/er/x.json"),
        ("../x.json", "x.json"),
        ("a b/Größe 'x'.json", "run/a b/Größe 'x'.json"),
        ("{root}/elsewhere/x.json", "elsewhere/x.json"),
        ("$(touch canary).json", "run/$(touch canary).json"),
        ("-x.json", "run/-x.json"),
        ("n" * 200 + ".json", "run/" + "n" * 200 + ".json"),
    ],
)
def test_a_product_gets_the_name_that_was_asked_for_wherever_that_is(
    engine: HeasoftEngine, tmp_path: Path, scratch: Path, name: str, final: str
) -> None:
    folder = tmp_path / "run"
    folder.mkdir()
    result = engine.run(standin_call(outfile=name.format(root=tmp_path)), folder=folder)
    (product,) = result.products
    assert Path(os.path.normpath(product.path)) == tmp_path / final
    assert report(result)["value"] == "none"
    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert files == [tmp_path / final]
    assert left_in(scratch) == set()


@pytest.mark.parametrize(
    "name", ["a b", "it's", "Größe", "x" * 200, "[old]", "12:30", "; rm -rf ~"]
)
def test_a_run_may_have_a_folder_of_any_name(standin: Here, tmp_path: Path, name: str) -> None:
    folder = tmp_path / name
    folder.mkdir()
    (folder / "in put.txt").write_text("content", encoding="utf-8")
    result = HeasoftEngine(standin.environ).run(standin_call(value="./in put.txt"), folder=folder)
    seen = report(result)
    assert left_in(folder) == {"out.json", "in put.txt"}
    assert Path(seen["value"]).name in ("in_put.txt", "in put.txt")
    assert [item.path for item in result.provenance.inputs] == ["in put.txt"]
    assert result.provenance.inputs[0].size == len("content")


def nuproducts(sample: SimulatedObservation, indir: str, outdir: str, own: str) -> TaskCall:
    truth = sample.truth.of("FPMA")
    return TaskCall(
        task="nuproducts",
        params=(
            ("indir", indir),
            ("instrument", "FPMA"),
            ("steminputs", "nu00000000001"),
            ("outdir", outdir),
            ("srcregionfile", own),
            ("bkgextract", False),
            *((name, "NONE") for name in ("lcfile", "imagefile")),
            *((name, False) for name in ("correctlc", "runbackscale", "runmkarf", "runmkrmf")),
        ),
        files=(TextFile(name=own, text=region(truth.ra_deg, truth.dec_deg, 60.0)),),
    )


HOSTILE = [
    "$(touch $CANARY)",
    "`touch $CANARY`",
    "; touch $CANARY ;",
    "&& touch $CANARY &&",
    "| touch $CANARY |",
    'x" ; touch $CANARY ; "',
    "x' ; touch $CANARY ; '",
]


@pytest.mark.parametrize("name", HOSTILE)
def test_a_shell_never_runs_what_a_folder_is_called(
    sample: SimulatedObservation, standin: Here, scratch: Path, tmp_path: Path, name: str
) -> None:
    folder, canary = tmp_path / name / "run", tmp_path / "canary"
    folder.mkdir(parents=True)
    (folder.parent / name).symlink_to(sample.path / "event_cl")
    engine = HeasoftEngine(standin.environ | {"CANARY": str(canary)}, scratch=scratch)
    call = nuproducts(sample, f"../{name}", f"{name} out", "src.reg")
    result = engine.run(call, folder=folder)
    assert [product.path for product in result.products] == [
        folder / f"{name} out" / "nu00000000001A01_sr.pha"
    ]
    assert result.products[0].path.stat().st_size > 10000
    assert not canary.exists()


@pytest.mark.parametrize("name", HOSTILE)
@pytest.mark.parametrize("parameter", ["steminputs", "srcregionfile", "stemout", "phafile"])
def test_a_shell_never_runs_what_a_value_says(
    sample: SimulatedObservation,
    standin: Here,
    scratch: Path,
    tmp_path: Path,
    parameter: str,
    name: str,
) -> None:
    canary, heard = tmp_path / "canary", list[str]()
    engine = HeasoftEngine(standin.environ | {"CANARY": str(canary)}, scratch=scratch)
    call = nuproducts(sample, str(sample.path / "event_cl"), "out", "src.reg")
    params = tuple({**dict(call.params), parameter: name}.items())
    changed = TaskCall(task=call.task, params=params, files=call.files)
    with pytest.raises(NustarWidgetsError) as caught:
        engine.run(changed, folder=tmp_path, progress=heard.append)
    assert repr(name) in str(caught.value) or name in str(caught.value)
    assert heard == []
    assert left_in(tmp_path) == left_in(scratch) == set()
    assert not canary.exists()


@pytest.mark.parametrize("name", HOSTILE)
def test_the_canary_above_is_one_a_shell_would_make(tmp_path: Path, name: str) -> None:
    canary = tmp_path / "canary"
    environ = {"PATH": os.environ["PATH"], "CANARY": str(canary)}
    quote = {'"': '"', "'": "'"}.get(name[1], "")
    command = f"mkdir -p {quote}{tmp_path}/{name}x{quote}"
    subprocess.run(
        ["/bin/sh", "-c", command], env=environ, cwd=tmp_path, check=False, capture_output=True
    )
    assert canary.exists()


def test_an_expression_for_a_shell_is_refused_in_a_value_of_nuproducts_by_name(
    sample: SimulatedObservation, engine: HeasoftEngine, tmp_path: Path
) -> None:
    call = nuproducts(sample, str(sample.path / "event_cl"), "out", "src.reg")
    params = (*call.params, ("stemout", "STATUS==b0000xxx00xxxx000&&SHIELD==0"))
    with pytest.raises(ParameterError) as caught:
        engine.run(TaskCall(task=call.task, params=params, files=call.files), folder=tmp_path)
    assert str(caught.value) == (
        "stemout: 'STATUS==b0000xxx00xxxx000&&SHIELD==0': nuproducts hands its values to a shell, "
        "in which '&' does not stand for itself; use letters, digits and _ . , : / + = @ % -"
    )
    assert left_in(tmp_path) == set()


def test_the_same_expression_reaches_nupipeline_exactly(
    sample: SimulatedObservation, standin: Here, scratch: Path, tmp_path: Path
) -> None:
    expression = "STATUS==b0000xxx00xxxx000&&SHIELD==0"
    headas = tmp_path / "headas"
    shutil.copytree(standin.headas, headas)
    (headas / "bin" / "nupipeline").write_text(
        '#!/bin/sh\nmkdir out\nprintf "%s\\n" "$@" > out/nu1A01_cl.evt.txt\n', encoding="utf-8"
    )
    engine = HeasoftEngine(standin.environ | {"HEADAS": str(headas)}, scratch=scratch)
    call = TaskCall(
        task="nupipeline",
        params=(
            ("indir", str(sample.path)),
            ("steminputs", "nu1"),
            ("outdir", "out"),
            ("statusexpr", expression),
        ),
    )
    (product,) = engine.run(call, folder=tmp_path).products
    assert product.path.read_text(encoding="utf-8").splitlines() == [
        f"indir={sample.path}" if len(str(sample.path)) <= 100 else "indir=i1/00000000001",
        "steminputs=nu1",
        "outdir=out",
        f"statusexpr={expression}",
    ]
