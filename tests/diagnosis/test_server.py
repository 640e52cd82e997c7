"""The Jupyter server: which it is, what its environment holds, and what mends it."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import venv
from collections.abc import Iterator
from pathlib import Path

import pytest

from nustar_widgets.diagnosis import kernelside, serverfindings, servers, serverside
from nustar_widgets.diagnosis.findings import Finding
from nustar_widgets.diagnosis.serverfindings import Environment, environment_findings
from nustar_widgets.diagnosis.servers import Server

VERSIONS = {"ipywidgets": "8.1.9", "anywidget": "0.11.0", "bqplot": "0.13.1"}
EXTENSIONS = {
    "@jupyter-widgets/jupyterlab-manager": ["5.0.16", "/s/manager"],
    "anywidget": ["0.11.0", "/s/anywidget"],
    "bqplot": ["0.6.1", "/s/bqplot"],
}


@pytest.fixture(autouse=True)
def _versions(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (kernelside, serverfindings):
        monkeypatch.setattr(module, "version_of", lambda name: VERSIONS.get(name, ""))
    # The bqplot that is installed may ask for something else than the one of these tests.
    monkeypatch.setattr(kernelside, "_FRONT_END_VERSION", re.compile("(?!)"))


def environment(**told: object) -> Environment:
    known: dict[str, object] = {
        "prefix": "/s", "python": "/s/bin/python", "is_writable": True,
        "data_dir": "/home/me/share",
        "packages": {"jupyterlab": "4.4.1", "jupyter_server": "2.15.0"},
        "extensions": EXTENSIONS, "disabled": [], "has_ours": True, "ours_is_enabled": True,
    }  # fmt: skip
    server = Server(pid=17, python="/s/bin/python", environ={}, command="jupyter-lab")
    return Environment(server=server, told=known | told)


def findings(here: Environment, **options: bool) -> dict[str, Finding]:
    return {item.name: item for item in environment_findings(here, **options)}


def test_another_environment_is_named_and_all_is_well_where_it_has_the_pages_parts() -> None:
    found = findings(environment())
    assert found["server"].found == (
        "jupyterlab 4.4.1, jupyter_server 2.15.0 in /s (NOT the kernel's; process 17)"
    )
    assert all(item.ok for item in found.values())
    assert found["bqplot in pages"].found == "0.6.1 in /s/bqplot"


def test_the_kernels_own_environment_is_known() -> None:
    found = findings(environment(prefix=os.path.realpath(sys.prefix)), is_running=False)
    assert found["server"].found.endswith("(the kernel's own environment; none runs now)")


@pytest.mark.parametrize(
    ("package", "brings"),
    [
        ("ipywidgets", "'jupyterlab_widgets>=3.0.13,<4'"),
        ("anywidget", "'anywidget==0.11.*'"),
        ("bqplot", "'bqplot==0.13.*'"),
    ],
)
def test_what_a_server_lacks_is_installed_with_the_servers_python(
    package: str, brings: str
) -> None:
    finding = findings(environment(extensions={}))[f"{package} in pages"]
    assert (finding.ok, finding.found) == (False, "not there")
    assert finding.remedy == (
        f"/s/bin/python -m pip install {brings}\n# then reload the page of the notebook"
    )


def test_a_version_the_kernel_cannot_use_is_told() -> None:
    old = EXTENSIONS | {"bqplot": ["0.5.46", "/s/bqplot"]}
    finding = findings(environment(extensions=old))["bqplot in pages"]
    assert not finding.ok
    assert finding.found.startswith("0.5.46, but bqplot 0.13.1 of the kernel needs ^0.6")
    assert "pip install 'bqplot==0.13.*'" in finding.remedy


def test_what_is_switched_off_is_switched_on() -> None:
    finding = findings(environment(disabled=["anywidget"]))["anywidget in pages"]
    assert (finding.ok, finding.found) == (False, "0.11.0, switched off")
    assert finding.remedy.startswith("/s/bin/python -m jupyter labextension enable anywidget\n")


def test_where_the_servers_environment_is_not_ones_own_the_kernels_part_is_copied(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kernel = tmp_path / "kernel of mine"
    for name in EXTENSIONS:
        place = kernel / "share/jupyter/labextensions" / name
        place.mkdir(parents=True)
        (place / "package.json").write_text('{"version": "9"}')
    monkeypatch.setattr(sys, "prefix", str(kernel))
    mine = tmp_path / "my home/jupyter"
    found = findings(environment(extensions={}, is_writable=False, data_dir=str(mine)))
    for name in ("ipywidgets", "anywidget", "bqplot"):
        lines = found[f"{name} in pages"].remedy
        subprocess.run(["sh", "-e", "-c", lines], check=True)
        subprocess.run(["sh", "-e", "-c", lines], check=True)  # twice does no harm
    brought = serverside.extensions([str(mine / "labextensions")])
    assert {name: told[0] for name, told in brought.items()} == dict.fromkeys(EXTENSIONS, "9")


def test_what_only_makes_it_quicker_or_more_patient_is_optional() -> None:
    slow = environment(
        has_ours=False, ours_is_enabled=False,
        packages={"jupyterlab": "4.2.5", "jupyter_server": "2.14"},
    )  # fmt: skip
    found = findings(slow)
    ours, busy = found["our extension"], found["busy kernels"]
    assert (ours.mark, busy.mark) == ("without", "without")
    assert ours.remedy.startswith("/s/bin/python -m pip install nustar-widgets\n")
    assert busy.remedy == "/s/bin/python -m pip install 'jupyterlab>=4.4'"
    off = findings(environment(ours_is_enabled=False))["our extension"]
    assert off.remedy.startswith("/s/bin/python -m jupyter server extension enable nustar_widgets")


def test_a_kernel_that_no_python_started_is_told_and_no_error() -> None:
    editor = Server(pid=9, python="", environ={}, command="code")
    (finding,) = environment_findings(serverfindings.environment_of(editor))
    assert finding.ok
    assert finding.found == "started by code (process 9): no Python of its own"


def test_without_jupyter_the_extra_is_the_remedy() -> None:
    (finding,) = environment_findings(environment(packages={}), is_running=False)
    assert (finding.ok, finding.mark) == (False, "without")
    assert finding.remedy == "pip install 'nustar-widgets[lab]'"


@pytest.fixture
def elsewhere(tmp_path: Path) -> Iterator[tuple[Path, subprocess.Popen[bytes]]]:
    """Another environment, and a process in it that was started by its relative name."""
    place = tmp_path / "another"
    venv.create(place, with_pip=False, symlinks=True)
    process = subprocess.Popen(
        ["bin/python", "-c", "print('up', flush=True); input()", "jupyter-lab"],
        cwd=place, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        env={"PATH": "/usr/bin", "SECRET_TOKEN": "do not tell", "JUPYTER_PATH": str(tmp_path)},
    )  # fmt: skip
    assert process.stdout is not None
    process.stdout.readline()
    with process:
        yield place, process
        process.kill()


def test_the_server_of_a_kernel_is_its_parent_in_its_own_environment(
    elsewhere: tuple[Path, subprocess.Popen[bytes]],
) -> None:
    place, process = elsewhere
    server = servers.server_of_kernel({"JPY_PARENT_PID": str(process.pid)})
    assert server is not None
    assert server.python == str(place / "bin/python")
    assert "SECRET_TOKEN" not in server.environ
    here = serverfindings.environment_of(server)
    assert here.problem == ""
    assert here.told["prefix"] == os.path.realpath(place)
    assert here.package("bqplot") == ""


@pytest.mark.parametrize("told", ["", "0", "1", "nonsense", "999999999"])
def test_a_kernel_without_a_server_has_none(told: str) -> None:
    assert servers.server_of_kernel({"JPY_PARENT_PID": told}) is None


def test_servers_that_run_are_found_by_the_files_they_leave(
    tmp_path: Path, elsewhere: tuple[Path, subprocess.Popen[bytes]]
) -> None:
    _, process = elsewhere
    files = {
        "jpserver-1.json": json.dumps({"pid": process.pid, "token": "not looked at"}),
        "jpserver-2.json": json.dumps({"pid": 999999999}),
        "jpserver-3.json": "{half a fi",
        "jpserver-4.json": "[]",
        "kernel-5.json": json.dumps({"pid": os.getpid()}),
    }
    for name, text in files.items():
        (tmp_path / name).write_text(text)
    assert [server.pid for server in servers.running_servers(tmp_path)] == [process.pid]
    assert servers.running_servers(tmp_path / "none") == ()


def test_the_first_folder_has_the_last_word(tmp_path: Path) -> None:
    for name, version in (("first", "2"), ("second", "1")):
        for package in ("bqplot", "@jupyter-widgets/jupyterlab-manager"):
            place = tmp_path / name / package
            place.mkdir(parents=True)
            (place / "package.json").write_text(json.dumps({"version": version}))
    (tmp_path / "second/broken").mkdir()
    (tmp_path / "second/broken/package.json").write_text("{")
    found = serverside.extensions([str(tmp_path / "first"), str(tmp_path / "second")])
    assert {name: told[0] for name, told in found.items()} == {
        "bqplot": "2", "@jupyter-widgets/jupyterlab-manager": "2", "broken": "",
    }  # fmt: skip


def test_settings_are_read_as_jupyter_does(tmp_path: Path) -> None:
    mine, theirs = tmp_path / "mine", tmp_path / "theirs"
    for folder, disabled, enabled in ((mine, {"anywidget": False}, False), (theirs, ["a"], True)):
        (folder / "labconfig").mkdir(parents=True)
        (folder / "labconfig/page_config.json").write_text(
            json.dumps({"disabledExtensions": disabled})
        )
        (folder / "jupyter_server_config.d").mkdir()
        (folder / "jupyter_server_config.d/x.json").write_text(
            json.dumps({"ServerApp": {"jpserver_extensions": {"x": enabled}}})
        )
    folders = [str(mine), str(theirs)]
    assert serverside.disabled(folders) == ["a"]
    assert not serverside.enabled(folders, "x")
    assert serverside.enabled(folders[1:], "x")
    assert not serverside.enabled(folders, "y")
