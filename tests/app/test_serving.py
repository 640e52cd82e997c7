"""The command lines of `nustar-widgets lab` and `nustar-widgets app`, without starting a server."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

import nbformat
import pytest
from click.testing import CliRunner

from nustar_widgets import cli
from nustar_widgets.app import serving
from nustar_widgets.app.application import App
from nustar_widgets.app.page import FOLDER, shown
from nustar_widgets.errors import MissingPackageError, OutputError

PAGES = Path(serving.__file__).with_name("pages")


def test_lab_opens_a_folder_that_is_made_with_a_notebook_to_start_from(here: Path) -> None:
    server = serving.lab("new/one")
    start = here / "new/one" / serving.START
    assert server.command[:3] == (sys.executable, "-m", "jupyterlab")
    assert server.command[-1] == str(start)
    assert f"--ServerApp.root_dir={start.parent}" in server.command
    assert "nw.App()" in start.read_text()


def test_a_notebook_that_is_there_already_is_never_written_over(here: Path) -> None:
    start = here / serving.START
    start.write_text("mine")
    serving.lab()
    assert start.read_text() == "mine"


def test_servers_listen_to_this_machine_alone(here: Path) -> None:
    assert "--ServerApp.ip=127.0.0.1" in serving.lab().command
    page = serving.page().command
    assert "--Voila.ip=127.0.0.1" in page
    assert "--Voila.auto_token=True" in page


def test_the_page_works_in_the_folder_that_is_given_and_by_default_in_work(here: Path) -> None:
    assert serving.page("a b").variables[FOLDER] == str(here / "a b")
    assert serving.page().variables[FOLDER] == str(here / "work")
    assert (here / "work").is_dir()


def test_port_browser_and_theme_reach_the_servers(here: Path) -> None:
    page = serving.page(port=8123, browser=False, theme="dark").command
    assert {"--port=8123", "--no-browser", "--theme=dark"} <= set(page)
    lab = serving.lab(port=8123, browser=False).command
    assert {"--ServerApp.port=8123", "--no-browser"} <= set(lab)


def test_the_template_of_the_page_is_found_before_those_of_the_user(
    here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("JUPYTER_PATH", "/mine")
    paths = serving.page().variables["JUPYTER_PATH"].split(os.pathsep)
    assert paths == [str(PAGES / "share"), "/mine"]
    assert (Path(paths[0]) / "voila/templates/nustar/index.html.j2").is_file()


def test_without_voila_the_line_that_installs_it_is_told(
    here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(serving, "find_spec", lambda _: None)
    with pytest.raises(MissingPackageError) as refused:
        serving.page()
    assert str(refused.value) == (
        "voila is needed for this and is not installed here. "
        f"Do: {sys.executable} -m pip install 'voila>=0.5.8'"
    )
    assert refused.value.package == "voila"


def test_a_folder_that_cannot_be_made_is_told(here: Path) -> None:
    (here / "file").touch()
    with pytest.raises(OutputError, match="cannot be made") as refused:
        serving.page(here / "file" / "work")
    assert "Choose a folder you may write to" in str(refused.value)


@pytest.mark.parametrize("name", ["app", "start"])
def test_the_notebooks_that_come_with_the_package_are_valid_and_empty(name: str) -> None:
    notebook = nbformat.read(PAGES / f"{name}.ipynb", as_version=4)
    nbformat.validate(notebook)
    cells = [cell for cell in notebook.cells if cell.cell_type == "code"]
    assert cells
    assert not any(cell.outputs or cell.execution_count for cell in cells)


def test_the_cell_of_the_page_shows_the_application_on_its_folder(
    here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(FOLDER, str(here / "mine"))
    app = shown()
    assert isinstance(app, App)
    assert app.session.work_dir == str(here / "mine")
    assert Path.cwd() == here / "mine"
    app.close()


def test_a_session_that_cannot_be_read_stays_and_another_is_begun_beside_it(
    here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(FOLDER, str(here / "mine"))
    (here / "mine").mkdir()
    (here / "mine" / "session.json").write_text("{")
    app = shown()
    assert app.session.work_dir == str(here / "mine-2")
    assert "a new session was begun in" in app.strip.text
    assert (here / "mine" / "session.json").read_text() == "{"
    app.close()


def test_both_commands_are_told_by_help() -> None:
    for name in ("lab", "app"):
        told = CliRunner().invoke(cli.group, [name, "--help"])
        assert told.exit_code == 0
        assert "FOLDER" in told.output


def test_commands_become_the_server(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    became: list[tuple[str, ...]] = []
    monkeypatch.setattr(os, "execve", lambda _, command, __: became.append(tuple(command)))
    for name in ("lab", "app"):
        told = CliRunner().invoke(cli.group, [name, "there", "--no-browser", "--port", "8123"])
        assert told.exit_code == 0, told.output
    assert [command[2] for command in became] == ["jupyterlab", "voila"]
    assert json.loads((here / "there" / serving.START).read_text())["nbformat"] == 4
