from __future__ import annotations

import errno
import gc
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import ipywidgets as widgets
import pytest

from nustar_widgets.errors import OutputError
from nustar_widgets.panels.base import Panel
from nustar_widgets.panels.keptline import KeptLine
from nustar_widgets.session import keptfile, store
from nustar_widgets.session.keeping import keep
from nustar_widgets.session.session import Session
from nustar_widgets.session.values import Target
from tests.panels.conftest import at_once
from tests.session.test_keeping import bin_in, set_aside, until


class Bins(Panel):
    FIELDS = ("bin_s",)

    def _build(self) -> Sequence[widgets.Widget]:
        self.label = widgets.Label()
        return (self.label,)

    def _show(self, fields: Sequence[str]) -> None:
        self.label.value = str(self.session.bin_s)


@pytest.fixture(autouse=True)
def _work_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let buttons do their work in place."""
    defaults = KeptLine.__init__.__kwdefaults__
    assert defaults is not None
    monkeypatch.setitem(defaults, "start", at_once)


def leave_session(folder: Path, **values: Any) -> None:
    """Leave a session in a folder, as a kernel that has ended does."""
    session = Session(work_dir=str(folder))
    session.edit("begin", **values)
    store.save(session, folder / "session.json")


def panel_in(folder: Path) -> Bins:
    panel = Bins(Session(work_dir=str(folder)))
    panel.keeping.flush()
    return panel


def texts(panel: Panel) -> str:
    if panel.kept is None:
        return ""
    return " ".join(
        part.value for row in panel.kept.children for part in row.children if hasattr(part, "value")
    )


def button(panel: Panel, label: str) -> widgets.Button:
    assert panel.kept is not None
    found = [part for row in panel.kept.children for part in row.children[1].children]
    return next(part for part in found if getattr(part, "description", "") == label)


def test_panels_keep_their_session_and_say_nothing_while_all_is_well(tmp_path: Path) -> None:
    panel = panel_in(tmp_path)
    panel.session.edit("bin", bin_s=20.0)
    until(lambda: panel.keeping.saved)
    assert bin_in(tmp_path / "session.json") == 20.0
    assert panel.kept is None
    panel.close()


def test_an_earlier_session_is_continued_with_one_click_in_every_panel(tmp_path: Path) -> None:
    leave_session(tmp_path, bin_s=20.0, target=Target(name="<img src=x onerror=alert(1)>"))
    panel = panel_in(tmp_path)
    other = Bins(panel.session)
    assert "This folder holds an earlier session (&lt;img src=x onerror=alert(1)&gt;" in texts(
        panel
    )
    assert panel.kept is not None
    assert panel.children[1] is panel.kept  # where it is seen
    button(other, "Continue it").click()
    assert (panel.label.value, other.label.value) == ("20.0", "20.0")
    assert texts(panel) == texts(other) == ""
    assert panel.kept.layout.display == "none"
    for one in (panel, other):
        one.close()


def test_a_notice_goes_when_it_was_understood(tmp_path: Path) -> None:
    leave_session(tmp_path, bin_s=20.0)
    panel = panel_in(tmp_path)
    button(panel, "Understood").click()
    assert texts(panel) == ""
    panel.close()


def test_what_a_button_cannot_do_is_said(tmp_path: Path) -> None:
    leave_session(tmp_path, bin_s=20.0)
    panel = panel_in(tmp_path)
    (tmp_path / "session.json").unlink()
    button(panel, "Continue it").click()
    assert panel.strip.is_error
    assert "session.json: cannot be read (No such file or directory)" in panel.strip.text
    panel.close()


def test_a_full_disk_is_said_and_another_folder_takes_the_session(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "refuge").mkdir()
    panel = panel_in(tmp_path / "work")

    def fail(path: Path, text: str) -> None:
        error = OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        raise OutputError(path, "cannot be written", "Choose") from error

    with monkeypatch.context() as full:
        full.setattr(keptfile, "write_text", fail)
        panel.session.edit("bin", bin_s=20.0)
        until(lambda: "the disk is full. Nothing is lost" in texts(panel))
        assert 'role="alert"' in texts(panel)
        assert panel.kept is not None
        field = panel.kept.folder
        assert field is not None
        field.value = str(tmp_path / "refuge")
        panel.keeping.flush()  # failing again, it leaves the field alone
        assert panel.kept.folder is field
    button(panel, "Keep it there").click()
    (file,) = set_aside(tmp_path / "refuge")
    assert bin_in(file) == 20.0
    assert f"This session is kept in {file}." in texts(panel)
    panel.close()


def test_who_holds_panels_may_say_it_instead(tmp_path: Path) -> None:
    leave_session(tmp_path, bin_s=20.0)
    panel = panel_in(tmp_path)
    panel.leave_keeping()
    assert panel.kept is None
    panel.keeping.dismiss()
    panel.close()


def test_a_closed_panel_does_not_follow_the_keeping(tmp_path: Path) -> None:
    leave_session(tmp_path, bin_s=20.0)
    panel = Bins(Session(work_dir=str(tmp_path)))
    keeping = keep(panel.session)
    panel.close()
    keeping.flush()
    assert keeping.notice
    assert panel.kept is None
    gc.collect()
