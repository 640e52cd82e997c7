"""Nothing from outside can break out of the code it stands in: it is run, and does what it says."""

from __future__ import annotations

import html
import json
import re
import subprocess
import tempfile
from pathlib import Path
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from nustar_widgets.errors import ParameterError
from nustar_widgets.export.analysis import analysis_of
from nustar_widgets.export.notebook import as_markdown, to_notebook
from nustar_widgets.export.python import to_python
from nustar_widgets.export.shell import to_shell
from nustar_widgets.session.literals import one_line
from nustar_widgets.session.session import Session
from nustar_widgets.session.values import (
    FitChoice,
    GroupingChoice,
    ModuleRegions,
    ParameterChoice,
    Regions,
    RegionText,
    Target,
)
from tests.calls.observed import session
from tests.export.recorder import Recorder
from tests.export.test_python import assert_same_calls, with_responses

BAD = (
    "'", '"', '"""', "'''", "\\", "\\N{", "{data}", "{{", "}", "\n", "\r", "\u2028", "\x0c", "#",
    "*/", "`id`", "$(id)", "${HOME}", ";id;", "&", "|", "<img src=x onerror=alert(1)>", "</script>",
    "END_OF_FILE", "\nEND_OF_FILE\n", "_", "%s", "ß", "\U0001f600", "\N{RIGHT-TO-LEFT OVERRIDE}",
    "raise SystemExit", "$$x$$", "[a](javascript:alert(1))", "![]()", "~~~", "```", " ",
)  # fmt: skip
TEXT = st.lists(st.sampled_from(BAD) | st.text(max_size=4), max_size=5).map("".join)
NAME = TEXT.map(lambda text: text.replace("/", "").replace("\0", ""))


@st.composite
def sessions(draw: st.DrawFn) -> Session:
    """A session in which every text that comes from outside may be anything."""
    folder = Path("/nowhere", draw(NAME) or "data")
    region = RegionText(text=draw(TEXT), origin=draw(TEXT))
    both = ModuleRegions(source=region, background=RegionText(text=draw(TEXT)))
    values = TEXT | st.booleans() | st.integers(-(10**6), 10**6) | st.floats(
        allow_nan=False, allow_infinity=False
    )  # fmt: skip
    chosen = session(
        folder,
        target=Target(name=draw(TEXT)),
        regions=Regions(fpma=both, fpmb=both, linked=False),
        products=tuple(draw(st.dictionaries(NAME.filter(bool), values, max_size=2)).items()),
        grouping=GroupingChoice(grouptype=draw(NAME) or "min", others=(("rows", draw(TEXT)),)),
        fit=FitChoice(
            expression=draw(st.just("constant*tbabs*powerlaw") | TEXT),
            statistic=draw(st.just("cstat") | TEXT),
            abundance=draw(st.just("wilm") | TEXT),
            parameters=draw(
                st.just(()) | TEXT.map(lambda name: (ParameterChoice(name=name, link=name),))
            ),
        ),
    )
    return with_responses(chosen)


def assert_does_what_it_says(done: Recorder, chosen: Session, engine: str) -> None:
    analysis = analysis_of(chosen, engine)
    assert_same_calls(done, analysis)
    if engine == "embedded" and analysis.fit is not None:
        assert done.fits[0]["model"] == chosen.fit.expression
        names = {item.name for item in chosen.fit.parameters}
        assert set(done.fits[0].get("parameters", {})) == names


@settings(max_examples=60)
@given(sessions())
def test_whatever_is_typed_the_python_script_does_what_the_session_stands_for(
    chosen: Session,
) -> None:
    for engine in ("heasoft", "embedded"):
        done = Recorder().run(to_python(chosen, engine))
        assert_does_what_it_says(done, chosen, engine)


@settings(max_examples=40)
@given(sessions())
def test_whatever_is_typed_the_notebook_does_it_too_and_shows_text_as_text(
    chosen: Session,
) -> None:
    for engine in ("heasoft", "embedded"):
        text = to_notebook(chosen, engine)
        assert_does_what_it_says(Recorder().run_notebook(text), chosen, engine)
        for cell in json.loads(text)["cells"]:
            if cell["cell_type"] == "markdown":
                words = "".join(cell["source"])
                assert "<" not in words


@given(TEXT)
def test_markdown_shows_a_text_as_it_is(text: str) -> None:
    written = as_markdown(text)
    assert html.unescape(written) == one_line(text)
    assert not set(re.sub(r"&#\d+;", "", written)) & set("\\`*_{}[]<>&#!|~$:@\n")


def run_shell(text: str, tasks: Path, folder: Path) -> tuple[list[list[str]], dict[str, str]]:
    """Run a script; return the calls it made and the text files it left."""
    environ = {"PATH": f"{tasks}:/usr/bin:/bin", "RECORD": str(folder / "record")}
    (folder / "record").write_bytes(b"")
    (folder / "script.sh").write_text(text, encoding="utf-8", newline="")
    subprocess.run(["sh", "script.sh"], cwd=folder, env=environ, check=True, capture_output=True)
    words = (folder / "record").read_bytes().decode().split("\0")
    calls: list[list[str]] = [[]]
    for word in words[:-1]:
        if word == "\n":
            calls.append([])
        else:
            calls[-1].append(word)
    made = {
        path.name: path.read_bytes().decode()
        for path in (folder / "nustar_60001110002").glob("*.reg")
    }
    return [[Path(call[0]).name, *call[1:]] for call in calls[:-1]], made


@settings(max_examples=25)
@given(sessions())
def test_whatever_is_typed_the_shell_script_does_what_the_session_stands_for(
    tasks: Path, chosen: Session
) -> None:
    chosen.edit("there", obsid="60001110002", data_dir="")
    try:
        text = to_shell(chosen)
    except ParameterError:  # the character no shell takes
        assert r"\x00" in repr(chosen.snapshot())
        return
    with tempfile.TemporaryDirectory() as folder:
        calls, files = run_shell(text, tasks, Path(folder))
    expected = [
        [item.call.task, *(f"{name}={_as_shell(value)}" for name, value in item.call.params)]
        for item in analysis_of(chosen, "heasoft").in_order
    ]
    assert [call for call in calls if call[0] != "xspec"] == expected
    assert [call for call in calls if call[0] == "xspec"] in ([], [["xspec", "-", "fit.xcm"]])
    for which, region in (
        ("src", chosen.regions.fpma.source),
        ("bkg", chosen.regions.fpma.background),
    ):
        assert isinstance(region, RegionText)
        wanted = region.text if region.text.endswith("\n") else region.text + "\n"
        assert files[f"nu60001110002A01_{which}.reg"] == wanted


def _as_shell(value: Any) -> str:
    return {True: "yes", False: "no"}[value] if isinstance(value, bool) else str(value)
