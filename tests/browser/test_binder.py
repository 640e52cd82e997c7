"""A Binder, made as repo2docker makes it: pinned packages, postBuild, the notebook opened.

Needs the package index, and takes minutes: ``make newcomer`` runs it.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
from playwright.sync_api import expect

from tests import pythons
from tests.browser import server
from tests.browser.chromium import Chromium
from tests.browser.notebook import Lab
from tests.install.places import ROOT, Place, empty
from tests.install.test_binder_files import code_of

pytestmark = pytest.mark.install

GB = 1e9
LIMIT_BYTES = 2 * GB  # mybinder.org ends what is larger
WHOLE_MINUTES_S = 120.0


@pytest.fixture(scope="module")
def binder(tmp_path_factory: pytest.TempPathFactory) -> Place:
    """Return the environment of a Binder; its home holds a copy of what git knows here."""
    folder = tmp_path_factory.mktemp("binder")
    place = empty(folder, pythons.named("3.12") or sys.executable)
    listed = subprocess.run(
        ["git", "ls-files"], cwd=ROOT, check=True, capture_output=True, text=True
    ).stdout.splitlines()
    for name in filter(lambda name: (ROOT / name).is_file(), listed):
        (place.home / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, place.home / name)
    place.run("pip", "install", "--quiet", "-r", "binder/requirements.txt", sealed=False)
    place.run("./binder/postBuild")
    return place


@pytest.fixture(scope="module")
def lab(
    chromium: Chromium, binder: Place, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Lab]:
    """Return the JupyterLab of the Binder, in the folder of its notebook."""
    home = tmp_path_factory.mktemp("lab")
    (home / "root").symlink_to(binder.home / "binder", target_is_directory=True)
    with server.lab(home, python=str(binder.bin / "python")) as running:
        opened = Lab(chromium, running)
        yield opened
        opened.close()


def test_nothing_is_fetched_when_the_image_is_finished(binder: Place) -> None:
    assert not binder.tries.exists()
    assert (binder.home / "binder" / "sample" / "00000000001" / "event_cl").is_dir()


def test_the_versions_fit_each_other_and_what_repo2docker_brings(binder: Place) -> None:
    binder.run("pip", "install", "--quiet", "jupyterhub==5.*", "jupyter-resource-usage==1.*",
               sealed=False)  # fmt: skip
    assert binder.run("pip", "check").strip() == "No broken requirements found."


def test_the_application_is_on_the_page_within_the_memory_of_a_binder(
    lab: Lab, binder: Place, tmp_path: Path
) -> None:
    with lab.lend("binder", tmp_path) as notebook:
        notebook.run(code_of(binder.home / "binder" / "start.ipynb"))
        expect(notebook.widget(".nw-app")).to_be_visible(timeout=WHOLE_MINUTES_S * 1e3)
        expect(notebook.widget(".nw-sky").first).to_be_visible(timeout=WHOLE_MINUTES_S * 1e3)
        family = [lab.server.process, *lab.server.process.children(recursive=True)]
        used = sum(one.memory_info().rss for one in family if isinstance(one, psutil.Process))
        assert used < 0.5 * LIMIT_BYTES, f"server and kernel use {used / GB:.2f} GB"
