"""The second output of a cell: when it is made, and when it is not."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

from nustar_widgets.panels.base import Panel
from nustar_widgets.panels.stills import stilloutput
from nustar_widgets.panels.stills.still import Still
from nustar_widgets.panels.stills.stilloutput import StillOutput, hiding, in_notebook
from nustar_widgets.session.session import Session

if TYPE_CHECKING:
    import pytest


class Shown:
    """Notes what was published."""

    def __init__(self) -> None:
        self.data: list[tuple[bool, str]] = []
        self.came = threading.Event()

    def __call__(self, data: dict[str, str], *, name: str, update: bool) -> None:
        self.data.append((update, data["text/html"]))
        if update:
            self.came.set()


def output(shown: Shown, *titles: str, quiet_s: float = 3600.0) -> StillOutput:
    left = list(titles)
    return StillOutput("u1", lambda: (Still(title=left.pop(0)),), publish=shown, quiet_s=quiet_s)


def test_it_is_empty_at_first_and_has_its_place() -> None:
    shown = Shown()
    output(shown, "one").show()
    assert shown.data == [(False, '<div class="nw-still-u1"></div>')]


def test_it_says_when_it_was_and_how_to_go_on_and_hides_the_message_about_the_widget() -> None:
    shown = Shown()
    kept = output(shown, "one")
    kept.show()
    kept.now()
    (_, (update, html)) = shown.data
    assert update
    assert "Last state, of 2" in html
    assert "Run the cell to go on." in html
    assert "<b>one</b>" in html
    assert ".jupyter-widgets.jp-OutputArea-output:not(:has(*)) { display: none; }" in html
    assert hiding("u1").count("nw-still-u1") == 2


def test_what_is_the_same_is_not_sent_again() -> None:
    shown = Shown()
    kept = output(shown, "one", "one", "two")
    kept.show()
    for _ in range(3):
        kept.now()
    assert [update for update, _ in shown.data] == [False, True, True]


def test_nothing_is_made_before_it_is_shown_and_after_it_is_closed() -> None:
    shown = Shown()
    kept = output(shown)
    kept.changed()
    kept.now()
    kept.show()
    kept.close()
    kept.changed()
    kept.now()
    assert len(shown.data) == 1


def test_it_is_made_by_itself_when_it_has_been_quiet() -> None:
    shown = Shown()
    output(shown, "one", quiet_s=0.05).show()
    assert shown.came.wait(30.0)


def test_what_goes_wrong_disturbs_nobody(caplog: pytest.LogCaptureFixture) -> None:
    asked = threading.Event()

    def take() -> tuple[Still, ...]:
        asked.set()
        raise RuntimeError("no picture")

    kept = StillOutput("u1", take, publish=Shown(), quiet_s=0.01)
    kept.show()
    assert asked.wait(30.0)
    kept.close()


def test_outside_a_notebook_there_is_no_such_output() -> None:
    assert in_notebook() is None
    StillOutput("u1", lambda: ()).show()


class Shell:
    """IPython's shell in a kernel, as far as it is used here."""

    kernel = True

    def __init__(self) -> None:
        self.events = self
        self.hooks: list[Any] = []

    def register(self, _: str, hook: Any) -> None:
        self.hooks.append(hook)

    def unregister(self, _: str, hook: Any) -> None:
        self.hooks.remove(hook)


def test_where_nobody_looks_it_is_made_at_the_end_of_the_cell_when_all_is_read(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    shell, shown, looks = Shell(), Shown(), [False, False, True]
    monkeypatch.setattr(stilloutput, "_shell", lambda: shell)
    monkeypatch.setattr(stilloutput, "_LOOK_S", 0.0)
    still = Still(title="read")
    kept = StillOutput("u1", lambda: (still,), publish=shown, is_whole=lambda: looks.pop(0))
    kept.show()
    assert len(shown.data) == 1
    for hook in list(shell.hooks):
        hook(None)
    assert (looks, shell.hooks) == ([], [])
    assert "<b>read</b>" in shown.data[1][1]


def test_voila_is_somebody_who_looks(monkeypatch: pytest.MonkeyPatch) -> None:
    assert stilloutput.nobody_looks()
    monkeypatch.setenv("SERVER_SOFTWARE", "voila/0.5.13")
    assert not stilloutput.nobody_looks()


class APanel(Panel):
    FIELDS = ("obsid",)

    def _build(self) -> tuple[Any, ...]:
        return ()

    def _show(self, fields: Any) -> None: ...


def test_every_panel_leaves_what_was_chosen() -> None:
    panel = APanel(Session(obsid="00000000001"))
    (still,) = panel.stills()
    assert still.title == "APanel: 00000000001"
    assert ("observation", "00000000001") in still.tables[0].rows
    shown = panel._repr_mimebundle_()
    assert shown["text/plain"] == "APanel: alive while its kernel runs"
    assert shown["text/html"] == ""
    assert panel.still_style in panel.children[-1].value
    panel.close()


def test_a_change_of_what_a_panel_follows_asks_for_another_picture(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    session = Session()
    panel = APanel(session)
    asked: list[int] = []
    monkeypatch.setattr(panel.still_output, "changed", lambda: asked.append(1))
    session.edit("choose", obsid="00000000001")
    assert asked == [1]
    panel.close()
    session.edit("choose", obsid="00000000002")
    assert asked == [1]


def test_a_panel_inside_another_widget_tells_that_one_too() -> None:
    session = Session()
    panel = APanel(session)
    told: list[int] = []
    panel.still_told = lambda: told.append(1)
    session.edit("choose", obsid="00000000001")
    assert told == [1]
    panel.close()
