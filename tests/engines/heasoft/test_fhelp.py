"""HEASoft's own help: what is read of it, and that nothing odd in it does harm."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from nustar_widgets.engines.heasoft.fhelp import MAX_LETTERS, parameter_texts
from nustar_widgets.engines.heasoft.installation import Installation
from tests.standins import headas, here
from tests.standins.here import Here

HTML = """<! OLD (Apr2016) >
<h2>USAGE</h2> <tt>old infile [parameter = < value >]</tt>
<dl><dt>notone [string]<dd>An example.</dl>
<h2><a name="p">PARAMETERS</a></h2>
<dl>
<dt>infile [file name]
<dd>Name of the   input
file &amp; <b>ext</b>ension.
<p>
<dt>(cleanup =yes) [boolean]
<dd>One of:<ul><li>yes<li>no</ul><dl><dt>yes<dd>cleans up</dl>and so on.
<dt>ra, dec [string]
<dd>The place.
<dt>(low = 1) [integer]
<dt>(high=NASA/GSFC) [integer]
<dd>Of one pair.
<dt>(empty = ) [string]
<dd>
</dl>
<h3>More</h3>
<dl><dt>(last = a b)</dt><dd>The last.</dd></dl>
<h2>EXAMPLES</h2>
<dl><dt>example<dd>Not a parameter.</dl>
"""
TEXT = """NAME
    grp -- groups

PARAMETERS

    infile [character]
         The  input
        file, a BINARY table [1]

        extension.

    (low = 1) [integer]
    (high = 2) [integer]
\tOf one pair.

    (clobber = false) [boolean]
         Overwrites.


EXAMPLES
    1.   Extract [this]

            ft> grp
"""
ODD = (
    "<h2>PARAMETERS", "</h2>", "<dl>", "</dl>", "<dt>a [b]", "<dd>", "<![x", "<!--", "<script>",
    "&#0;", "PARAMETERS\n", "    a [b]\n", "\n",
)  # fmt: skip


def told(folder: Path, html: str = "", text: str = "") -> dict[str, str]:
    for ending, content in (("html", html), ("txt", text)):
        if content:
            (folder / f"task.{ending}").write_text(content, encoding="utf-8")
    return parameter_texts(folder, "task")


def test_a_page_tells_of_each_parameter_in_plain_words(tmp_path: Path) -> None:
    assert told(tmp_path, HTML) == {
        "infile": "Name of the input file & extension.",
        "cleanup": "One of: yes no yes cleans up and so on.",
        "ra": "The place.", "dec": "The place.",
        "low": "Of one pair.", "high": "Of one pair.",
        "last": "The last.",
    }  # fmt: skip


def test_an_older_text_is_read_where_there_is_no_page_that_tells(tmp_path: Path) -> None:
    found = {
        "infile": "The input file, a BINARY table [1] extension.",
        "low": "Of one pair.", "high": "Of one pair.",
        "clobber": "Overwrites.",
    }  # fmt: skip
    assert told(tmp_path, text=TEXT) == found
    assert told(tmp_path, "<h1>Nothing</h1>", TEXT) == found


def test_a_file_that_changes_is_read_again(tmp_path: Path) -> None:
    page = "<h2>PARAMETERS</h2><dl><dt>a<dd>{}</dl>"
    assert told(tmp_path, page.format("one")) == {"a": "one"}
    assert told(tmp_path, page.format("another")) == {"a": "another"}


def test_a_long_text_is_cut_at_a_word(tmp_path: Path) -> None:
    text = told(tmp_path, f"<h2>Parameters</h2><dl><dt>a [real]<dd>{'words ' * 1000}</dl>")["a"]
    assert len(text) <= MAX_LETTERS
    assert text.endswith("words ...")


@pytest.mark.parametrize("ending", ["html", "txt"])
def test_without_a_readable_file_nothing_is_told(tmp_path: Path, ending: str) -> None:
    assert parameter_texts(tmp_path / "gone", "task") == {}
    (tmp_path / f"task.{ending}").mkdir()
    assert parameter_texts(tmp_path, "task") == {}
    (tmp_path / f"empty.{ending}").touch()
    assert parameter_texts(tmp_path, "empty") == {}


def test_letters_of_another_age_are_read(tmp_path: Path) -> None:
    page = "<h2>PARAMETERS</h2><dl><dt>a<dd>Schr\u00f6der</dl>"
    (tmp_path / "task.html").write_bytes(page.encode("latin-1"))
    assert parameter_texts(tmp_path, "task") == {"a": "Schr\u00f6der"}


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    parts=st.lists(st.sampled_from(ODD) | st.text(max_size=8)),
    ending=st.sampled_from(["html", "txt"]),
)
def test_whatever_is_in_a_file_nothing_fails_and_texts_are_plain(
    parts: list[str], ending: str, tmp_path: Path
) -> None:
    path = tmp_path / f"task.{ending}"
    path.write_text("".join(parts), encoding="utf-8", errors="replace")
    for name, text in parameter_texts(tmp_path, "task").items():
        assert name
        assert text == " ".join(text.split())
        assert 0 < len(text) <= MAX_LETTERS
    path.unlink()


def test_an_installation_tells_it_beside_the_parameter_file(standin: Here) -> None:
    found = Installation.find(standin.environ)
    assert found is not None
    spec = found.spec("nuproducts")
    assert spec.parameter("binsize").manual == (
        "Bin size of the light curves; partly exposed bins are kept."
    )
    assert spec.parameter("pilow").manual == ""
    assert {item.manual for item in found.spec("nupipeline").parameters} == {""}


def test_a_stand_in_without_help_has_the_same_parameters(tmp_path: Path) -> None:
    built = headas.build(tmp_path / "headas")
    (built / "help" / "nuproducts.html").unlink()
    found = Installation.find({"HEADAS": str(built)})
    assert found is not None
    assert {item.manual for item in found.spec("nuproducts").parameters} == {""}


@pytest.mark.heasoft
@pytest.mark.parametrize("task", ["nuproducts", "nupipeline"])
def test_the_real_help_tells_of_nearly_every_parameter(task: str) -> None:
    found = here.real()
    if found is None:
        pytest.skip("HEADAS is not set")
    installation = Installation.find(found.environ)
    assert installation is not None
    parameters = installation.spec(task).parameters
    assert sum(bool(item.manual) for item in parameters) >= 0.8 * len(parameters)
