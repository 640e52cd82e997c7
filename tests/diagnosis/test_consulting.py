"""A diagnosis in a notebook: shown at once, and again as the page answers."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from nustar_widgets.diagnosis import consulting, kernelside
from nustar_widgets.diagnosis.consulting import Consultation
from nustar_widgets.diagnosis.findings import Diagnosis, Finding
from nustar_widgets.panels.handshake import Handshake

FACTS: dict[str, Any] = {
    "front": "JupyterLab", "version": "4.6.6", "browser": "Chrome 156", "knows_extensions": True,
    "extensions": {"anywidget": "0.11.0"}, "disabled": [],
    "shown": {"ipywidgets": True, "bqplot": True, "itables": True},
}  # fmt: skip
DISK = Finding(name="disk", ok=True, found="enough", enables="", group="Machine")


class Publisher:
    def __init__(self) -> None:
        self.shown: list[tuple[bool, dict[str, Any]]] = []

    def publish(self, data: dict[str, Any], _: Any, *, update: bool = False, **__: Any) -> None:
        self.shown.append((update, data))

    @property
    def last(self) -> str:
        return str(self.shown[-1][1]["text/html"])


@pytest.fixture(autouse=True)
def _no_server(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(consulting, "_server_here", lambda: None)


@pytest.fixture
def publisher() -> Publisher:
    return Publisher()


@pytest.fixture
def asked(publisher: Publisher) -> Iterator[Consultation]:
    consultation = Consultation(Diagnosis(findings=(DISK,)), publisher)
    consultation.begin()
    yield consultation
    consultation._close()


def handshake(consultation: Consultation) -> Handshake:
    assert consultation._handshake is not None
    return consultation._handshake


def test_what_is_known_is_shown_before_the_page_is_asked(
    asked: Consultation, publisher: Publisher
) -> None:
    first, *_, widgets = publisher.shown
    assert (first[0], "enough" in first[1]["text/html"]) == (False, True)
    assert "application/vnd.jupyter.widget-view+json" in widgets[1]
    found = asked.diagnosis.find("front end")
    assert found is not None
    assert found.found == "asked; no answer yet"


def test_it_is_shown_again_when_the_page_answers_and_nothing_is_left_in_the_page(
    asked: Consultation, publisher: Publisher
) -> None:
    probe = handshake(asked).probe
    probe.ready = 1
    probe.facts = FACTS
    assert "JupyterLab 4.6.6 in Chrome 156" in publisher.last
    assert [item.name for item in asked.diagnosis.findings][:3] == [
        "front end", "ipywidgets", "anywidget",
    ]  # fmt: skip
    assert asked.diagnosis.find("disk") == DISK
    assert probe.comm is None


def test_without_anywidget_a_script_fills_in_a_text_field(
    asked: Consultation, publisher: Publisher
) -> None:
    assert "<script>" not in publisher.last
    asked._ask_again()
    assert "<script>" in publisher.last
    assert "pageFacts" in publisher.last
    handshake(asked).plain.value = "no JSON"
    handshake(asked).plain.value = "[]"
    handshake(asked).plain.value = json.dumps(FACTS)
    assert "<script>" not in publisher.last
    asked._give_up()
    missing = [item.name for item in asked.diagnosis.missing]
    assert missing == ["anywidget"]
    assert handshake(asked).probe.comm is None


def test_a_page_that_says_nothing_is_given_up(asked: Consultation, publisher: Publisher) -> None:
    asked._give_up()
    assert "no page shows widgets here" in publisher.last
    before = len(publisher.shown)
    asked._give_up()
    asked._ask_again()
    assert len(publisher.shown) == before


def test_what_a_page_says_is_text(asked: Consultation, publisher: Publisher) -> None:
    handshake(asked).probe.facts = FACTS | {"front": "<img src=x onerror='pwned()'>"}
    assert "<img" not in publisher.last
    assert "&lt;img src=x" in publisher.last


def test_in_voila_it_is_shown_by_a_widget_which_stays(
    publisher: Publisher, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SERVER_SOFTWARE", "voila/0.5.13")
    consultation = Consultation(Diagnosis(findings=(DISK,)), publisher)
    consultation.begin()
    board = handshake(consultation).board
    assert board is not None
    assert len(publisher.shown) == 1
    handshake(consultation).probe.ready = 1
    handshake(consultation).probe.facts = FACTS | {"front": "Voila"}
    assert "Voila 4.6.6" in board.value
    assert board.comm is not None
    consultation._close()


def test_where_no_code_of_ours_runs_the_views_are_counted(asked: Consultation) -> None:
    handshake(asked).plain._view_count = 1
    assert handshake(asked).seen == {"ipywidgets"}


def test_what_bqplot_needs_in_the_page_is_read_from_its_own_file() -> None:
    assert kernelside._front_end_of_bqplot("of no version known").startswith(("^0.5", "^0.6"))
