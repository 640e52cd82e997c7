"""The code panel as a person uses it: choose, read, write, and never lose a file."""

from __future__ import annotations

import html
import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from nustar_widgets.export.kinds import KINDS
from nustar_widgets.export.python import to_python
from nustar_widgets.panels.export import ExportPanel
from nustar_widgets.session.measures import FluxWishes
from nustar_widgets.session.session import Session
from tests.calls.observed import session as observed
from tests.export.test_python import with_responses
from tests.panels.conftest import at_once

BY_KEY = {kind.key: kind for kind in KINDS}


@pytest.fixture
def session(tmp_path: Path) -> Session:
    return with_responses(observed(tmp_path))


@pytest.fixture
def panel(session: Session) -> Iterator[ExportPanel]:
    made = ExportPanel(session, start=at_once, has_page=False)
    yield made
    made.close()


def choose(panel: ExportPanel, key: str) -> None:
    panel.kinds.value = BY_KEY[key]


def work(panel: ExportPanel) -> Path:
    return Path(panel.session.work_dir)


def is_shown(panel: ExportPanel) -> bool:
    """Whether the button that writes over files is there to be pressed."""
    return bool(panel.replace.layout.display != "none")


def test_what_is_shown_follows_every_edit_and_undo(panel: ExportPanel, session: Session) -> None:
    assert panel.code.code == to_python(session)
    assert "binsize=100," in panel.code.code
    session.edit("bin", bin_s=256.0)
    assert "binsize=256," in panel.code.code
    session.undo()
    assert "binsize=100," in panel.code.code
    panel.live.wishes = FluxWishes(bands_kev=((3.0, 10.0),))
    assert "fit.flux(low_kev, high_kev)" in panel.code.code  # measured, though no choice


def test_each_kind_is_shown_with_what_it_is_good_for(panel: ExportPanel, session: Session) -> None:
    session.edit("good time", user_gti=((1.0, 2.0),))
    for kind in KINDS:
        choose(panel, kind.key)
        assert html.escape(kind.about) in panel.about.value
        assert (panel.engine.layout.display != "none") is kind.has_engine
        assert bool(panel.made.files) is (kind.key not in ("xcm", "pyxspec", "sherpa"))
    choose(panel, "regions")
    assert "# nu60001110002B_bkg.reg\n" in panel.code.code
    choose(panel, "notebook")
    assert panel.code.view.label == "as text"


def test_who_runs_the_code_is_chosen(panel: ExportPanel) -> None:
    assert "tasks.nuproducts(" in panel.code.code
    panel.engine.value = "heasoft"
    assert "heasoftpy.nuproducts(" in panel.code.code


def test_what_cannot_be_written_says_what_is_missing(panel: ExportPanel, session: Session) -> None:
    choose(panel, "gti")
    assert "all good time is used: choose intervals" in panel.about.value
    assert panel.write.disabled
    assert panel.code.layout.display == "none"
    session.edit("good time", user_gti=((1.0, 2.0),))
    assert "all good time is used" not in panel.about.value
    assert not panel.write.disabled
    assert panel.code.layout.display is None


def test_a_file_is_written_into_the_work_folder(panel: ExportPanel, session: Session) -> None:
    assert str(work(panel)) in panel.folder.value
    assert panel.write.description == "Write nustar_60001110002.py"
    panel.write.click()
    assert (work(panel) / "nustar_60001110002.py").read_text() == to_python(session)
    assert panel.strip.text == f"Written into {work(panel)}: nustar_60001110002.py."
    panel.write.click()  # the same once more
    assert panel.strip.text.startswith("Written into")
    assert not is_shown(panel)


def test_another_file_in_the_way_is_told_and_written_over_only_when_asked(
    panel: ExportPanel,
) -> None:
    path = work(panel) / "nustar_60001110002.py"
    work(panel).mkdir(exist_ok=True)
    path.write_text("# mine\n")
    panel.write.click()
    assert path.read_text() == "# mine\n"
    assert panel.strip.text == (
        "There already, with another content: nustar_60001110002.py. Press Replace to write over "
        "it."
    )
    assert is_shown(panel)
    panel.replace.click()
    assert path.read_text() == panel.code.code
    assert panel.strip.text == f"Replaced in {work(panel)}: nustar_60001110002.py."
    assert not is_shown(panel)


def test_the_question_is_gone_once_something_else_is_shown(
    panel: ExportPanel, session: Session
) -> None:
    work(panel).mkdir(exist_ok=True)
    (work(panel) / "nustar_60001110002.py").write_text("# mine\n")
    panel.write.click()
    session.edit("bin", bin_s=256.0)
    assert not is_shown(panel)
    panel.write.click()
    choose(panel, "session")
    assert not is_shown(panel)
    assert panel.strip.text == ""


def test_all_is_written_at_once_and_what_was_not_is_told(panel: ExportPanel) -> None:
    work(panel).mkdir(exist_ok=True)
    (work(panel) / "nustar_60001110002.sh").write_text("# mine\n")
    panel.write_all.click()
    # Beside what a panel keeps there by itself.
    assert {path.name for path in work(panel).glob("nu*")} == {
        "nustar_60001110002.py", "nustar_60001110002.ipynb", "nustar_60001110002.sh",
        "nustar_60001110002_session.json",
        *(f"nu60001110002{letter}_{which}.reg" for letter in "AB" for which in ("src", "bkg")),
    }  # fmt: skip
    assert (work(panel) / "nustar_60001110002.sh").read_text() == "# mine\n"
    assert "There already, with another content: nustar_60001110002.sh." in panel.strip.text
    assert "Not written: XSPEC (.xcm): there is no spectrum yet" in panel.strip.text
    assert "Not written: Good time (GTI): all good time is used" in panel.strip.text
    notebook = json.loads((work(panel) / "nustar_60001110002.ipynb").read_text())
    assert notebook["nbformat"] == 4
    panel.replace.click()
    assert (work(panel) / "nustar_60001110002.sh").read_text().startswith("#!/bin/sh\n")


def test_a_folder_that_cannot_be_written_is_told(panel: ExportPanel, session: Session) -> None:
    blocked = Path(session.work_dir).with_name("file")
    blocked.touch()
    session.edit("elsewhere", work_dir=str(blocked / "work"))
    panel.write.click()
    assert panel.strip.is_error
    assert "cannot be made" in panel.strip.text


def test_text_from_outside_is_shown_as_text(panel: ExportPanel, session: Session) -> None:
    bad = "<img src=x onerror=alert(1)>"
    session.edit("elsewhere", work_dir=f"{session.work_dir}/{bad}", data_dir="", inputs=())
    for shown in (panel.folder.value, panel.about.value):
        assert "<img" not in shown
    session.edit("product", products=((bad, bad),))
    assert "<img" not in panel.about.value


def test_a_page_without_our_view_shows_the_code_plainly(panel: ExportPanel) -> None:
    panel._page.lacks_the_view = True
    panel._page_told()
    assert panel.code.plain is not None
    assert "tasks.nuproducts" in panel.code.plain.value
