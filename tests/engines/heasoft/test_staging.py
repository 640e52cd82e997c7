"""A call said in a working folder: plain, short, and nothing in it that a shell would run."""

from __future__ import annotations

import re
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nustar_widgets.engines.heasoft.scratch import (
    PLAIN,
    Staged,
    stage,
)
from nustar_widgets.engines.taskhelp import help_for
from nustar_widgets.engines.taskspec import Kind, Parameter, TaskSpec
from nustar_widgets.errors import (
    InputFileError,
    NustarWidgetsError,
    ParameterError,
)
from nustar_widgets.session.taskcall import ParamValue, TaskCall, TextFile

SHELL = "`$(){}[]<>|&;*?~!#'\"\\ \t"
NAMES = [
    "a b",
    "x" * 300,
    "Größe",
    "; rm -rf ~",
    "$(touch canary)",
    "`touch canary`",
    '"q"',
    "it's",
]


def spec(task: str) -> TaskSpec:
    """A task with one parameter of every sort, with our words and conditions beside them."""
    files = ["infile", "indir", "srcregionfile", "usrgtifile", "outfile", "phafile"]
    files += ["outdir"] if task.startswith("nu") else []
    parameters = (
        *(Parameter(name=name, kind=Kind.FILE) for name in (*files, "unknownfile")),
        *(Parameter(name=name) for name in ("steminputs", "statusexpr", "gtiexpr01", "text")),
        Parameter(name="binsize", kind=Kind.NUMBER),
        Parameter(name="clobber", kind=Kind.YES_NO),
    )
    return help_for(task).added_to(TaskSpec(task=task, parameters=parameters, source="a test"))


@pytest.fixture
def places() -> Iterator[tuple[Path, Path]]:
    """Return a run's folder and a working folder, both with short paths."""
    root = Path(tempfile.mkdtemp(prefix="nwt"))
    (root / "run").mkdir()
    (root / "work").mkdir()
    yield root / "run", root / "work"
    shutil.rmtree(root)


def staged(
    places: tuple[Path, Path], task: str, own: tuple[str, ...] = (), /, **params: ParamValue
) -> Staged:
    files = tuple(TextFile(name=name, text="fk5\n") for name in own)
    call = TaskCall(task=task, params=tuple(params.items()), files=files)
    return stage(call, spec(task), folder=places[0], work=places[1])


def sent(places: tuple[Path, Path], task: str, **params: ParamValue) -> dict[str, str]:
    return dict(staged(places, task, **params).params)


def put(path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("content", encoding="utf-8")
    return path


@pytest.mark.parametrize("word", ["DEFAULT", "NONE", "none", "CALDB", "caldb", "default"])
def test_words_that_stand_for_a_file_are_left_alone(places: tuple[Path, Path], word: str) -> None:
    put(places[0] / word)  # even if a file has that name
    made = staged(places, "nuproducts", usrgtifile=word, phafile=word, unknownfile=word)
    assert dict(made.params) == dict.fromkeys(("usrgtifile", "phafile", "unknownfile"), word)
    assert (made.inputs, made.outputs) == ((), {})


def test_a_file_the_call_brings_is_named_as_it_lies_in_the_working_folder(
    places: tuple[Path, Path],
) -> None:
    made = staged(places, "nuproducts", ("src.reg",), srcregionfile="src.reg")
    assert made.params == (("srcregionfile", "src.reg"),)
    assert made.inputs == ()


def test_an_input_with_a_plain_path_is_named_by_it(places: tuple[Path, Path]) -> None:
    there = put(places[0] / "obs" / "a.evt")
    made = staged(places, "nuproducts", infile="obs/a.evt", indir=str(there.parent))
    assert made.params == (("infile", str(there)), ("indir", str(there.parent)))
    assert made.inputs == (there, there.parent)
    assert list(places[1].iterdir()) == []


def test_an_input_named_twice_is_read_once(places: tuple[Path, Path]) -> None:
    there = put(places[0] / "a.evt")
    made = staged(places, "nuproducts", infile="a.evt", usrgtifile=str(there))
    assert made.inputs == (there,)


@pytest.mark.parametrize("name", [name for name in NAMES if "/" not in name and len(name) < 256])
@pytest.mark.parametrize("task", ["nuproducts", "ftgrouppha"])
def test_an_input_whose_path_is_not_plain_is_reached_through_a_link_that_is(
    places: tuple[Path, Path], task: str, name: str
) -> None:
    there = put(places[0] / name / f"{name}.evt")
    made = staged(places, task, infile=str(there), indir=f"{name}")
    said = dict(made.params)
    assert made.inputs == (there, there.parent)
    for text, path in ((said["infile"], there), (said["indir"], there.parent)):
        assert PLAIN.fullmatch(text)
        assert not Path(text).is_absolute()
        assert (places[1] / text).resolve() == path
    assert said["infile"].endswith(".evt")


def test_an_input_with_a_long_path_is_reached_through_a_short_one(
    places: tuple[Path, Path],
) -> None:
    there = put(places[0] / ("d" * 150) / ("n" * 200 + ".pha"))
    text = sent(places, "ftgrouppha", infile=str(there))["infile"]
    assert len(text) < 50
    assert (places[1] / text).resolve() == there


def test_a_name_of_only_strange_letters_still_gets_a_link(places: tuple[Path, Path]) -> None:
    there = put(places[0] / "---" / "…")
    text = sent(places, "nuproducts", infile=str(there))["infile"]
    assert (places[1] / text).resolve() == there
    assert not Path(text).name.startswith("-")


@pytest.mark.parametrize(
    ("text", "name", "rest"),
    [
        ("a b.evt[EVENTS]", "a b.evt", "[EVENTS]"),
        ("a b.evt[EVENTS][PI>35 && PI<1909]", "a b.evt", "[EVENTS][PI>35 && PI<1909]"),
        ("a b.evt+1", "a b.evt", "+1"),
        ("@a b.lis", "a b.lis", ""),
        ("!a b.evt", "a b.evt", ""),
    ],
)
def test_what_stands_around_a_file_name_is_kept_around_the_link(
    places: tuple[Path, Path], text: str, name: str, rest: str
) -> None:
    there = put(places[0] / name)
    mark = text[0] if text[0] in "@!" else ""
    made = staged(places, "ftgrouppha", infile=text)
    said = dict(made.params)["infile"]
    assert made.inputs == (there,)
    assert said.startswith(f"{mark}i1/")
    assert said.endswith(f"a_b{Path(name).suffix}{rest}")
    link = said.removeprefix(mark).removesuffix(rest)
    assert (places[1] / link).resolve() == there


def test_a_filter_stays_behind_a_plain_path(places: tuple[Path, Path]) -> None:
    there = put(places[0] / "a.evt")
    assert sent(places, "ftgrouppha", infile="a.evt[EVENTS]")["infile"] == f"{there}[EVENTS]"


def test_a_name_with_brackets_is_that_file_if_there_is_one(places: tuple[Path, Path]) -> None:
    there = put(places[0] / "[old] obs" / "a[1].pha")
    made = staged(places, "ftgrouppha", infile="[old] obs/a[1].pha")
    assert made.inputs == (there,)  # and not the whole of the folder before the bracket
    assert (places[1] / dict(made.params)["infile"]).resolve() == there


@pytest.mark.parametrize(
    "text", ["gone.evt", "gone/a.evt", "gone.evt[EVENTS]", "@gone.lis", "x" * 300]
)
def test_a_missing_input_is_named(places: tuple[Path, Path], text: str) -> None:
    with pytest.raises(InputFileError) as caught:
        staged(places, "ftgrouppha", infile=text)
    assert str(caught.value) == (
        f"{places[0].resolve() / text.removeprefix('@')}: there is no such file or folder. "
        "Check infile"
    )


def test_a_folder_with_brackets_behind_it_is_no_input(places: tuple[Path, Path]) -> None:
    (places[0] / "obs").mkdir()
    with pytest.raises(InputFileError, match="there is no such file or folder"):
        staged(places, "ftgrouppha", infile="obs/[gone]/a.evt")


def test_a_parameter_we_know_nothing_of_may_name_what_is_not_there_yet(
    places: tuple[Path, Path],
) -> None:
    assert sent(places, "ftgrouppha", unknownfile="new.fits", text="1.5") == {
        "unknownfile": "new.fits",
        "text": "1.5",
    }


def test_a_text_with_a_dot_or_a_slash_that_is_a_file_is_reached_as_one(
    places: tuple[Path, Path],
) -> None:
    there = put(places[0] / "a b" / "x.fits")
    put(places[0] / "bare")
    made = staged(places, "ftgrouppha", text="a b/x.fits")
    assert made.inputs == (there,)
    assert sent(places, "ftgrouppha", text="bare") == {"text": "bare"}


@pytest.mark.parametrize(
    ("text", "said", "final"),
    [
        ("grp.pha", "grp.pha", "grp.pha"),
        ("./grp.pha", "grp.pha", "grp.pha"),
        ("deep/er/grp.pha", "deep/er/grp.pha", "deep/er/grp.pha"),
        ("!grp.pha", "!grp.pha", "grp.pha"),
        ("../grp.pha", "o0/grp.pha", "../grp.pha"),
        ("!../grp.pha", "!o0/grp.pha", "../grp.pha"),
        ("a b.pha", "o0/a_b.pha", "a b.pha"),
        ("$(touch canary).pha", "o0/__touch_canary_.pha", "$(touch canary).pha"),
        ("-rf.pha", "-rf.pha", "-rf.pha"),
        ("ü" * 100 + ".pha", "o0/" + "_" * 36 + ".pha", "ü" * 100 + ".pha"),
        ("a/" + "x" * 300, "o0/" + "x" * 40, "a/" + "x" * 300),
    ],
)
def test_an_output_is_made_inside_and_its_real_name_is_remembered(
    places: tuple[Path, Path], text: str, said: str, final: str
) -> None:
    made = staged(places, "ftgrouppha", outfile=text)
    assert made.params == (("outfile", said),)
    local = said.removeprefix("!")
    assert made.outputs == {local: places[0].resolve() / final}
    assert (places[1] / local).parent.is_dir()


def test_an_absolute_output_is_made_inside_too(places: tuple[Path, Path], tmp_path: Path) -> None:
    made = staged(places, "nuproducts", outdir=str(tmp_path / "out"), phafile="/x/a.pha")
    assert dict(made.params) == {"outdir": "o0/out", "phafile": "o1/a.pha"}
    assert made.outputs == {"o0/out": tmp_path / "out", "o1/a.pha": Path("/x/a.pha")}


@pytest.mark.parametrize("name", ["my source.pha", "Größe.pha", "x" * 41, "/x/$(id).pha", "!a b"])
def test_a_name_a_task_would_put_into_outdir_changed_is_refused(
    places: tuple[Path, Path], name: str
) -> None:
    if len(name) == 41:
        name = f"/{'d' * 80}/{name}"
    with pytest.raises(ParameterError) as caught:
        staged(places, "nuproducts", outdir="my out", phafile=name)
    assert str(caught.value) == (
        f"phafile: {name!r}: nuproducts writes it into outdir under its own name, which must "
        "therefore be of at most 40 letters, digits and _ . + = -"
    )


def test_the_folder_itself_can_be_where_products_go(places: tuple[Path, Path]) -> None:
    made = staged(places, "nuproducts", outdir="./")
    assert made.params == (("outdir", "."),)
    assert made.outputs == {".": places[0].resolve()}


@pytest.mark.parametrize(
    ("value", "text"), [(True, "yes"), (False, "no"), ("Y", "yes"), ("t", "yes"), ("FALSE", "no")]
)
def test_yes_and_no_are_said_in_the_one_way_everything_between_understands(
    places: tuple[Path, Path], value: ParamValue, text: str
) -> None:
    assert sent(places, "nuproducts", clobber=value) == {"clobber": text}


@pytest.mark.parametrize(
    ("value", "text"), [(10, "10"), (0.5, "0.5"), ("1e3", "1e3"), ("indef", "INDEF")]
)
def test_numbers_are_said_as_they_are(
    places: tuple[Path, Path], value: ParamValue, text: str
) -> None:
    assert sent(places, "nuproducts", binsize=value) == {"binsize": text}


def test_a_number_is_never_taken_for_a_file(places: tuple[Path, Path]) -> None:
    put(places[0] / "0.5")
    made = staged(places, "nuproducts", binsize=0.5)
    assert (made.params, made.inputs) == ((("binsize", "0.5"),), ())


EXPRESSION = "STATUS==b0000xxx00xxxx000&&SHIELD==0"


@pytest.mark.parametrize("text", [EXPRESSION, "ELV>3 && (SUNSHINE==1 || x!='a') ; ls", "PI > 35.5"])
def test_an_expression_nupipeline_quotes_itself_is_passed_exactly(
    places: tuple[Path, Path], text: str
) -> None:
    assert sent(places, "nupipeline", statusexpr=text, gtiexpr01=text) == {
        "statusexpr": text,
        "gtiexpr01": text,
    }


@pytest.mark.parametrize("letter", ['"', "$", "`", "\\"])
def test_what_is_not_itself_between_double_quotes_is_refused_there(
    places: tuple[Path, Path], letter: str
) -> None:
    with pytest.raises(ParameterError) as caught:
        staged(places, "nupipeline", statusexpr=f"STATUS==1{letter}")
    assert caught.value.parameter == "statusexpr"
    assert f"in which {letter!r} does not stand for itself" in str(caught.value)


@pytest.mark.parametrize("letter", [*SHELL, "ü", "…"])
@pytest.mark.parametrize("name", ["steminputs", "statusexpr", "unknownfile", "text"])
def test_a_letter_a_shell_would_act_on_is_refused_in_a_value_of_nuproducts(
    places: tuple[Path, Path], name: str, letter: str
) -> None:
    value = f"nu1{letter}x"
    call = TaskCall(task="nuproducts", params=((name, value),))
    with pytest.raises(ParameterError) as caught:
        stage(call, spec("nuproducts"), folder=places[0], work=places[1])
    assert str(caught.value) == (
        f"{name}: {value!r}: nuproducts hands its values to a shell, in which {letter!r} does not "
        "stand for itself; use letters, digits and _ . , : / + = @ % -"
    )


def test_an_expression_is_refused_where_nothing_quotes_it(places: tuple[Path, Path]) -> None:
    with pytest.raises(ParameterError, match=r"statusexpr: 'STATUS.*'&' does not stand for itself"):
        staged(places, "nuproducts", statusexpr=EXPRESSION)


def test_a_filter_is_refused_where_it_would_reach_a_shell(places: tuple[Path, Path]) -> None:
    put(places[0] / "a.evt")
    with pytest.raises(ParameterError, match=r"infile: .*'\[' does not stand for itself"):
        staged(places, "nuproducts", infile="a.evt[EVENTS]")


@pytest.mark.parametrize("value", ["nu60001110002", "a=b", "-x", "50%", "x,y", "@list", "1:2"])
def test_letters_that_mean_nothing_to_a_shell_pass(places: tuple[Path, Path], value: str) -> None:
    assert sent(places, "nuproducts", steminputs=value) == {"steminputs": value}


TEXT = st.text(st.characters(exclude_categories=["Cc", "Cs"]), min_size=1, max_size=40)


@given(value=TEXT, name=st.sampled_from(["steminputs", "text", "phafile", "infile", "outdir"]))
def test_nothing_but_plain_letters_ever_reaches_a_task_that_uses_a_shell(
    value: str, name: str
) -> None:
    with tempfile.TemporaryDirectory(prefix="nwt") as root:
        places = Path(root, "run"), Path(root, "work")
        for place in places:
            place.mkdir()
        said, problem = None, ""
        call = TaskCall(task="nuproducts", params=((name, value),))
        try:
            made = stage(call, spec("nuproducts"), folder=places[0], work=places[1])
            said = dict(made.params)[name]
        except NustarWidgetsError as error:
            problem = str(error)
    if said is None:
        assert name in problem
    else:
        plain = said.removeprefix("!") if name in ("phafile", "outdir") else said
        assert re.fullmatch(r"[A-Za-z0-9_.,:/+=@%-]*", plain)


@given(value=TEXT.filter(lambda text: "/" not in text and "." not in text))
def test_any_text_reaches_a_task_that_uses_no_shell_as_it_is(value: str) -> None:
    call = TaskCall(task="ftgrouppha", params=(("text", value),))
    made = stage(call, spec("ftgrouppha"), folder=Path("/gone"), work=Path("/gone"))
    assert made.params == (("text", value),)
