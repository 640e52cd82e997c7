"""Reading installed ``.par`` files as HEASoft's own parameter library (ape) does."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from nustar_widgets.engines.parfile import read_par_file, split_fields
from nustar_widgets.engines.taskhelp import help_for
from nustar_widgets.engines.taskspec import Kind, Parameter, TaskSpec
from nustar_widgets.errors import InputFileError
from tests.standins import headas

KINDS = {
    "b": Kind.YES_NO,
    "i": Kind.WHOLE,
    "r": Kind.NUMBER,
    "f": Kind.FILE,
    "s": Kind.TEXT,
}


def par(folder: Path, *lines: str, name: str = "dotask.par") -> TaskSpec:
    path = folder / name
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return read_par_file(path)


def one(folder: Path, line: str) -> Parameter:
    (made,) = par(folder, line).parameters
    return made


@pytest.mark.parametrize(
    ("line", "fields"),
    [
        ("p,i,h,1,0,10,Prompt", ["p", "i", "h", "1", "0", "10", "Prompt"]),
        (' p , s , a ,  "x y" , , , Prompt ', ["p", "s", "a", "x y", "", "", "Prompt"]),
        ('p,s,a,"a,b",,,"One, two"', ["p", "s", "a", "a,b", "", "", "One, two"]),
        ("p,s,a,'a,b',,,'One, \"two\"'", ["p", "s", "a", "a,b", "", "", 'One, "two"']),
        (r'p,s,a,"a \"b\"",,,x', ["p", "s", "a", 'a "b"', "", "", "x"]),
        (r"p,s,a,a\,b,,,x", ["p", "s", "a", "a,b", "", "", "x"]),
        ("p,s,a,x,,,The file's name", ["p", "s", "a", "x", "", "", "The file's name"]),
        ("p,s,a,x,,,No more, no less", ["p", "s", "a", "x", "", "", "No more, no less"]),
        ("p,s,a,x,,,Prompt # a comment", ["p", "s", "a", "x", "", "", "Prompt"]),
        ("p,s,a,x,,,'Prompt # none'", ["p", "s", "a", "x", "", "", "Prompt # none"]),
        (r"p,s,a,x,,,Prompt \# none", ["p", "s", "a", "x", "", "", "Prompt # none"]),
        # As in ape's own tests: only the prompt can be followed by a comment.
        ("p,s,h,a # b,lo # w,hi # gh,x", ["p", "s", "h", "a # b", "lo # w", "hi # gh", "x"]),
        ("p,s,h,#,,,x", ["p", "s", "h", "#", "", "", "x"]),
        ("# p,s,h,1,,,x", []),
        ("   # p", []),
        ("", []),
        (" \t", []),
        ("p", ["p"]),
        ("p,s,h,1", ["p", "s", "h", "1"]),
        (",,", ["", "", ""]),
    ],
)
def test_a_line_is_split_as_the_parameter_library_splits_it(line: str, fields: list[str]) -> None:
    assert split_fields(line) == fields


def test_a_parameter_is_read_with_name_type_default_and_prompt(tmp_path: Path) -> None:
    read = par(
        tmp_path,
        "# made by hand",
        "",
        'binsize,r,h,10,,,"Bin size (s), as in lcurve"  # and a comment',
        'outdir,s,a,"./",,,"Output directory"',
        "flag,b,h,yes,,,Do it?",
        "",
        'mode,s,h,"ql",,,"Mode"',
    )
    assert (read.task, read.source) == ("dotask", str(tmp_path / "dotask.par"))
    assert [(item.name, item.kind, item.default, item.prompt) for item in read.parameters] == [
        ("binsize", Kind.NUMBER, "10", "Bin size (s), as in lcurve"),
        ("outdir", Kind.TEXT, "./", "Output directory"),
        ("flag", Kind.YES_NO, "yes", "Do it?"),
    ]


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        ("b", Kind.YES_NO),
        ("i", Kind.WHOLE),
        ("r", Kind.NUMBER),
        ("d", Kind.NUMBER),
        ("s", Kind.TEXT),
        ("g", Kind.TEXT),
        ("f", Kind.FILE),
        ("fr", Kind.FILE),
        ("fw", Kind.FILE),
        ("rF", Kind.NUMBER),
        ("S", Kind.TEXT),
    ],
)
def test_every_type_has_its_kind(tmp_path: Path, code: str, kind: Kind) -> None:
    assert one(tmp_path, f"p,{code},h,,,,Prompt").kind is kind


@pytest.mark.parametrize(
    ("line", "role"),
    [
        ("evt,fr,a,,,,Prompt", "input"),
        ("evt,fw,a,,,,Prompt", "output"),
        ("evt,f,a,,,,Prompt", ""),
        ("outfile,f,a,,,,Prompt", "output"),
        ("outdir,s,a,,,,Prompt", "output"),
        ("Outfile,s,a,,,,Prompt", "output"),
        ("infile,s,a,,,,Prompt", ""),
    ],
)
def test_whether_a_file_is_read_or_written_is_taken_from_its_type_or_its_name(
    tmp_path: Path, line: str, role: str
) -> None:
    assert one(tmp_path, line).role == role


@pytest.mark.parametrize(
    ("line", "low", "high", "choices"),
    [
        ("p,i,h,3,0,5,Prompt", 0, 5, ()),
        ("p,r,h,3,0.,,Prompt", 0, None, ()),
        ("p,r,h,3,,1e3,Prompt", None, 1000, ()),
        ("p,r,h,3,INDEF,INDEF,Prompt", None, None, ()),
        ("p,r,h,3,other,,Prompt", None, None, ()),
        ("p,s,h,a,a| b |c,,Prompt", None, None, ("a", "b", "c")),
        ('p,s,h,a,"a|b,c|d",,Prompt', None, None, ("a", "b,c", "d")),
        ("p,i,h,1,1|2|4,,Prompt", None, None, ("1", "2", "4")),
        ("p,s,h,b,a,c,Prompt", None, None, ()),
        ("p,i,h,3", None, None, ()),
    ],
)
def test_a_minimum_is_a_limit_or_a_list_of_the_only_values(
    tmp_path: Path, line: str, low: float | None, high: float | None, choices: tuple[str, ...]
) -> None:
    made = one(tmp_path, line)
    assert (made.minimum, made.maximum, made.choices) == (low, high, choices)


@pytest.mark.parametrize(
    ("mode", "asks", "default", "required"),
    [
        ("a", "ql", "", True),
        ("a", "ql", "x", False),
        ("a", "hl", "", False),
        ("q", "hl", "", True),
        ("h", "ql", "", False),
        ("hl", "ql", "", False),
        ("ql", "h", "", True),
    ],
)
def test_a_parameter_the_task_would_ask_for_is_required_unless_it_has_a_default(
    tmp_path: Path, mode: str, asks: str, default: str, required: bool
) -> None:
    read = par(tmp_path, f"p,s,{mode},{default},,,Prompt", f"mode,s,h,{asks},,,Mode")
    assert [(item.name, item.required) for item in read.parameters] == [("p", required)]


def test_without_a_mode_a_task_asks(tmp_path: Path) -> None:
    assert one(tmp_path, "p,s,a,,,,Prompt").required


def test_a_missing_file_says_what_may_be_wrong(tmp_path: Path) -> None:
    with pytest.raises(InputFileError) as caught:
        read_par_file(tmp_path / "gone.par")
    assert str(caught.value) == (
        f"{tmp_path / 'gone.par'}: cannot be read (No such file or directory). "
        "Is HEASoft installed whole?"
    )


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("p,x,h,1,,,Prompt", "line 2: p has the type 'x'. Expected b, i, r, d, f, s, g"),
        ("p,,h,1,,,Prompt", "line 2: p has the type ''. Expected b, i, r, d, f, s, g"),
        ("p,s,h", "line 2: 'p, s, h'. Expected name,type,mode,default,minimum,maximum,prompt"),
        ("hello", "line 2: 'hello'. Expected name,type,mode,default,minimum,maximum,prompt"),
    ],
)
def test_a_line_that_is_none_is_refused_by_its_number(tmp_path: Path, line: str, says: str) -> None:
    with pytest.raises(InputFileError) as caught:
        par(tmp_path, "# first", line, "q,i,h,1,,,Prompt")
    assert str(caught.value) == f"{tmp_path / 'dotask.par'}: {says}"


def test_letters_of_another_code_do_not_stop_the_reading(tmp_path: Path) -> None:
    path = tmp_path / "dotask.par"
    path.write_bytes("p,s,h,1,,,Größe\n".encode("latin-1"))
    assert [item.name for item in read_par_file(path).parameters] == ["p"]


def test_our_own_words_are_put_beside_a_known_tasks(tmp_path: Path) -> None:
    read = par(tmp_path, "srcra,s,a,,,,Source RA", "teldef,f,h,CALDB,,,x", name="nuproducts.par")
    srcra = read.parameter("srcra")
    assert (srcra.prompt, srcra.group, srcra.unit) == ("Source RA", "regions", "deg or hh mm ss.s")
    assert read.joins_unquoted
    assert read.parameter("teldef").role == "input"


def table(task: str, shared: Path) -> list[dict[str, Any]]:
    return [item for item in headas.reference(shared)[task] if item["name"] != "mode"]


@pytest.mark.parametrize(
    "task",
    [
        *("nupipeline", "nuproducts", "ftgrouppha", "grppha"),
        *("nulccorr", "numkarf", "numkrmf", "nubackscale"),
    ],
)
def test_a_task_of_the_reference_reads_back_name_by_name(
    shared: Path, tmp_path: Path, task: str
) -> None:
    path = tmp_path / f"{task}.par"
    headas.write_reference_par(path, headas.reference(shared)[task])
    read = read_par_file(path)
    wanted = table(task, shared)
    assert len(wanted) >= 5
    assert [item.name for item in read.parameters] == [item["name"] for item in wanted]
    for item, known in zip(read.parameters, wanted, strict=True):
        has_range = "enum" not in known and known["type"] in ("i", "r")
        assert item.kind is KINDS[known["type"]], item.name
        assert item.default == known.get("default", ""), item.name
        ours = tuple(help_for(task).parameters.get(item.name, {}).get("choices", ()))
        assert item.choices == tuple(known.get("enum", ours)), item.name
        for limit, key in ((item.minimum, "min"), (item.maximum, "max")):
            expected = float(known[key]) if has_range and known.get(key) else None
            assert limit == expected, (item.name, key)
        assert item.required is (known["mode"] == "a" and not known.get("default")), item.name
        assert item.prompt == "A prompt, quoted"


def test_the_reference_has_no_other_task(shared: Path) -> None:
    assert len(headas.reference(shared)) == 8


def test_every_default_of_the_reference_passes_its_own_check(shared: Path, tmp_path: Path) -> None:
    checked = 0
    for task, parameters in headas.reference(shared).items():
        path = tmp_path / f"{task}.par"
        headas.write_reference_par(path, parameters)
        for item in read_par_file(path).parameters:
            if item.default:
                checked += 1
                assert item.problem(item.default) is None, (task, item.name)
    assert checked > 300
