"""The doctor asks the page: which front end it is, and which widgets it really has."""

from __future__ import annotations

import json
import sys
import sysconfig
import venv
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Locator, expect

from tests.browser import server
from tests.browser.chromium import Chromium
from tests.browser.notebook import Lab, Notebook

DOCTOR = "import nustar_widgets as nw\nnw.doctor(network=False)"
MANAGER = "labextensions/@jupyter-widgets"
PATIENCE_MS = 60_000


@pytest.fixture(scope="module")
def other_server(
    chromium: Chromium, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Lab, Path]]:
    """Return a JupyterLab in an environment of its own that has only ipywidgets for pages.

    Its kernels run in this environment, as on a hub; and that environment of the server.
    """
    home = tmp_path_factory.mktemp("two-environments")
    place, here = home / "server", Path(sys.prefix, "share", "jupyter")
    venv.create(place, with_pip=False, symlinks=True)
    (packages,) = place.glob("lib/python*/site-packages")
    (packages / "borrowed.pth").write_text(sysconfig.get_path("purelib"), encoding="utf-8")
    share, kernel = place / "share/jupyter", place / "share/jupyter/kernels/python3"
    for name in ("lab", MANAGER):
        (share / name).parent.mkdir(parents=True, exist_ok=True)
        (share / name).symlink_to(here / name)
    kernel.mkdir(parents=True)
    command = [sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}"]
    spec = {"argv": command, "display_name": "Python 3", "language": "python"}
    (kernel / "kernel.json").write_text(json.dumps(spec), encoding="utf-8")
    with server.lab(home, python=str(place / "bin/python")) as running:
        opened = Lab(chromium, running)
        yield opened, place
        opened.close()


def row(notebook: Notebook, name: str) -> Locator:
    """Return what the doctor says of something: the first one of that name is the page's."""
    rows = notebook.widget(".nw-doctor tr")
    return rows.filter(has=notebook.page.get_by_role("cell", name=name, exact=True)).first


def test_the_page_says_what_it_is_and_shows_every_kind_of_widget(notebook: Notebook) -> None:
    notebook.run(DOCTOR)
    expect(row(notebook, "front end")).to_contain_text("JupyterLab 4.", timeout=PATIENCE_MS)
    for name in ("ipywidgets", "anywidget", "bqplot"):
        expect(row(notebook, name)).to_contain_text("in the page, ", timeout=PATIENCE_MS)
        expect(row(notebook, name)).to_contain_text("ok")
    expect(row(notebook, "itables")).to_contain_text("shown; ", timeout=PATIENCE_MS)
    expect(row(notebook, "server")).to_contain_text("the kernel's own environment")

    # It is text when the notebook is opened again; of the widgets that asked nothing is left.
    notebook.open(notebook.save())
    expect(row(notebook, "front end")).to_contain_text("JupyterLab 4.", timeout=PATIENCE_MS)
    expect(notebook.page.get_by_text("Error displaying widget")).to_be_hidden()


def test_a_server_in_another_environment_is_told_apart_with_its_own_remedies(
    other_server: tuple[Lab, Path], screenshots: Path
) -> None:
    lab, place = other_server
    with lab.lend("two-environments", screenshots) as notebook:
        notebook.run(DOCTOR)
        expect(row(notebook, "anywidget")).to_contain_text("missing", timeout=PATIENCE_MS)
        expect(row(notebook, "front end")).to_contain_text("JupyterLab 4.")
        expect(row(notebook, "ipywidgets")).to_contain_text("shown; version 5.")
        for name in ("anywidget", "bqplot"):
            told = row(notebook, name)
            expect(told).to_contain_text("not shown: the Jupyter server does not have it")
            expect(told).to_contain_text(f"{place}/bin/python -m pip install '{name}==0.1")
        expect(row(notebook, "server")).to_contain_text("NOT the kernel's")
