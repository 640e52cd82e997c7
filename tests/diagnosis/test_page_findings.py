"""What a page says of itself, and what mends it."""

from __future__ import annotations

import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nustar_widgets.diagnosis import kernelside, pagefindings, serverfindings
from nustar_widgets.diagnosis.findings import Finding
from nustar_widgets.diagnosis.pagefindings import PageAnswer, page_findings
from nustar_widgets.diagnosis.serverfindings import Environment
from nustar_widgets.diagnosis.servers import Server

VERSIONS = {"ipywidgets": "8.1.9", "anywidget": "0.11.0", "bqplot": "0.13.1", "itables": "2.9.1"}
ASKED = tuple(VERSIONS)
LAB: dict[str, Any] = {
    "front": "JupyterLab", "version": "4.6.6", "browser": "Firefox 140", "knows_extensions": True,
    "extensions": {
        "@jupyter-widgets/jupyterlab-manager": "5.0.16", "anywidget": "0.11.0", "bqplot": "0.6.1",
    },
    "disabled": [],
}  # fmt: skip
SERVER = Environment(
    server=Server(pid=2, python="/s/bin/python", environ={}, command="jupyter-lab"), told={}
)


@pytest.fixture(autouse=True)
def _versions(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (kernelside, pagefindings, serverfindings):
        monkeypatch.setattr(module, "version_of", lambda name: VERSIONS.get(name, ""))
    # The bqplot that is installed may ask for something else than the one of these tests.
    monkeypatch.setattr(kernelside, "_FRONT_END_VERSION", re.compile("(?!)"))


def findings(
    seen: tuple[str, ...] = (), *, over: bool = True, server: Environment | None = SERVER,
    **facts: Any,
) -> dict[str, Finding]:  # fmt: skip
    answer = PageAnswer(asked=ASKED, seen=seen, facts=facts, is_over=over)
    return {item.name: item for item in page_findings(answer, server)}


def without(name: str) -> dict[str, Any]:
    return LAB | {"extensions": LAB["extensions"] | {name: None}}


def test_a_page_that_shows_everything_is_told_with_versions_on_both_sides() -> None:
    found = findings(ASKED, **LAB)
    assert found["front end"].found == "JupyterLab 4.6.6 in Firefox 140"
    assert found["bqplot"].found == "shown; version 0.6.1 in the page, 0.13.1 in the kernel"
    assert all(item.ok for item in found.values())


def test_before_a_page_has_answered_nothing_is_missed() -> None:
    found = findings(over=False)
    assert {item.found for item in found.values()} == {"asked; no answer yet"}
    assert all(item.ok for item in found.values())


def test_where_no_page_answers_that_is_said() -> None:
    found = findings()
    assert found["front end"].found == "no page shows widgets here: none has answered"
    assert "/s/bin/python -m pip install 'jupyterlab_widgets" in found["front end"].remedy
    assert not any(item.ok for item in found.values())


def test_what_the_server_does_not_have_is_installed_there() -> None:
    found = findings(("ipywidgets", "bqplot"), **without("anywidget"))
    assert found["anywidget"].found == "not shown: the Jupyter server does not have it"
    assert found["anywidget"].remedy.startswith("/s/bin/python -m pip install 'anywidget==0.11.*'")
    assert found["itables"].remedy == found["anywidget"].remedy
    alone = findings(("ipywidgets",), server=None, **without("anywidget"))["anywidget"]
    assert alone.remedy.startswith("# with the Python of the Jupyter server:\npip install ")


def test_another_version_in_the_page_is_told_with_what_the_kernel_needs() -> None:
    old = LAB | {"extensions": LAB["extensions"] | {"bqplot": "0.5.46"}}
    finding = findings(("ipywidgets", "anywidget", "itables"), **old)["bqplot"]
    assert finding.found.startswith("not shown: the page has 0.5.46, but 0.13.1 of the kernel")
    assert "'bqplot==0.13.*'" in finding.remedy


def test_what_is_switched_off_or_fails_for_another_reason_is_told_apart() -> None:
    off = findings(("ipywidgets",), **LAB | {"disabled": ["anywidget"]})
    assert off["anywidget"].found == "not shown: it is switched off on the server"
    assert off["anywidget"].remedy.startswith("/s/bin/python -m jupyter labextension enable ")
    assert off["bqplot"].found == "not shown, though the page was given version 0.6.1"
    assert "press F12" in off["bqplot"].remedy


@pytest.mark.parametrize(
    ("front", "says"),
    [("VS Code", "jupyter.widgetScriptSources"), ("Colab", "enable_custom_widget_manager()")],
)
def test_other_front_ends_have_remedies_of_their_own(front: str, says: str) -> None:
    found = findings(("ipywidgets",), front=front)
    assert found["anywidget"].found == f"not shown: {front} did not load its code"
    assert says in found["anywidget"].remedy


def test_a_page_that_shows_widgets_but_says_nothing_is_believed() -> None:
    found = findings(("ipywidgets", "bqplot"))
    assert found["front end"].found == "a page that shows widgets, but does not say what it is"
    assert found["bqplot"].found == "shown; in the page, 0.13.1 in the kernel"


def test_it_is_complete_when_all_have_answered() -> None:
    assert PageAnswer(asked=ASKED, seen=ASKED, facts=LAB).is_complete
    assert not PageAnswer(asked=ASKED, seen=ASKED).is_complete
    assert not PageAnswer(asked=ASKED, seen=ASKED[1:], facts=LAB).is_complete


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner),
    max_leaves=6,
)


@given(st.fixed_dictionaries({}, optional=dict.fromkeys(LAB, JSON)), st.booleans())
def test_whatever_a_page_says_is_read(facts: dict[str, Any], over: bool) -> None:
    answer = PageAnswer(asked=ASKED, facts=facts, is_over=over)
    assert [item.name for item in page_findings(answer, SERVER)] == ["front end", *ASKED]
