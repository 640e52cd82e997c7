"""The README's commands in a newcomer's order, in a fresh clone, with nothing but Python.

Takes minutes: ``make newcomer`` runs it.
"""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import threading
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.install.places import ROOT, Place

pytestmark = pytest.mark.install

ADDRESS = re.compile(r"(http://127\.0\.0\.1:\d+)/lab\?(token=\w+)")
PATIENCE_S = 1800.0
# All that `make test` does but for most of the tests, which are running now.
FEW = "tests/test_front_door.py"


@pytest.fixture(scope="module")
def clone(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a fresh clone of what is committed here."""
    folder = tmp_path_factory.mktemp("newcomer") / "nustar_widgets"
    subprocess.run(["git", "clone", "--quiet", str(ROOT), str(folder)], check=True)
    return folder


def environ(clone: Path, **more: str) -> dict[str, str]:
    """Return the environment of somebody who has set nothing up."""
    home = clone.parent / "home"
    home.mkdir(exist_ok=True)
    return Place(clone / ".venv", home).environ(sealed=False) | {"BROWSER": "true"} | more


def make(*words: str) -> list[str]:
    return ["make", f"PYTHON={getattr(sys, '_base_executable', sys.executable)}", *words]


def lines_of(command: list[str], clone: Path) -> Iterator[str]:
    """Run a command that does not end by itself, and hear what it says; then end it."""
    with subprocess.Popen(
        command, cwd=clone, env=environ(clone), text=True, start_new_session=True,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
    ) as running:  # fmt: skip
        assert running.stdout is not None
        stop = threading.Timer(PATIENCE_S, os.killpg, (running.pid, signal.SIGTERM))
        stop.start()
        try:
            yield from running.stdout
        finally:
            stop.cancel()
            if running.poll() is None:
                os.killpg(running.pid, signal.SIGTERM)


def test_make_lab_sets_everything_up_and_serves_the_quickstart(clone: Path) -> None:
    said: list[str] = []
    for line in lines_of(make("lab"), clone):
        said.append(line)
        if found := ADDRESS.search(line):
            for path in ("lab/tree/quickstart.ipynb", "api/contents/quickstart.ipynb"):
                with urllib.request.urlopen(f"{found[1]}/{path}?{found[2]}") as page:
                    assert page.status == 200
            return
    pytest.fail(f"no page is served:\n{''.join(said)[-3000:]}")


@pytest.mark.parametrize(("words", "few"), [(("test",), FEW), (("demo", "DEMO=out"), "")])
def test_then_the_other_commands_of_the_readme_pass(
    clone: Path, words: tuple[str, ...], few: str
) -> None:
    done = subprocess.run(
        make(*words), cwd=clone, env=environ(clone, PYTEST_ADDOPTS=few),
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, f"{done.stdout[-3000:]}\n{done.stderr[-3000:]}"
    assert "passed" in done.stdout if few else list((clone / "out").rglob("report.html"))
