"""What is here and what is missing, also where HEASoft is half broken."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from dataclasses import replace
from importlib import metadata
from itertools import chain
from pathlib import Path
from typing import NamedTuple

import psutil
import pytest

import nustar_widgets.diagnosis as diagnosis_of
from nustar_widgets import cli
from nustar_widgets.diagnosis import Diagnosis, Finding, asking, doctor, kernelside, machine
from nustar_widgets.engines.heasoft.installation import Caldb, Installation
from tests.standins.here import Here

INSTALL = "conda install -c https://heasarc.gsfc.nasa.gov/FTP/software/conda -c conda-forge heasoft"
NAMES = {
    "This kernel": [
        "Python", "nustar_widgets", "ipywidgets", "anywidget", "bqplot", "itables", "ipykernel",
    ],
    "HEASoft": [
        "HEASoft", "nupipeline", "nuproducts", "ftgrouppha", "heasoftpy", "CALDB", "PyXspec",
        "embedded engine",
    ],
    "Machine": ["working folder", "temporary folder", "memory", "cores"],
}  # fmt: skip


@pytest.fixture(autouse=True)
def _only_what_is_here(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ask neither the network nor the servers that happen to run on this machine."""
    monkeypatch.setattr(diagnosis_of, "network_findings", lambda: ())
    monkeypatch.setattr(diagnosis_of, "server_findings", lambda _: ())


def names_of(diagnosis: Diagnosis) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for item in diagnosis.findings:
        found.setdefault(item.group, []).append(item.name)
    return found


class Usage(NamedTuple):
    total: float
    used: float
    free: float


class Memory(NamedTuple):
    total: float
    available: float


@pytest.fixture
def bare(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """An environment without HEASoft, whatever Python the tests run in."""
    monkeypatch.setattr(sys, "prefix", str(tmp_path / "prefix"))
    hidden = ("HEADAS", "CALDB", "CONDA_PREFIX", "PYTHONPATH")
    return {name: text for name, text in os.environ.items() if not name.startswith(hidden)}


@pytest.fixture
def broken(tmp_path: Path, standin: Here) -> tuple[Path, dict[str, str]]:
    """A copy of the stand-in HEASoft to break, and the environment that names it."""
    place = tmp_path / "headas"
    shutil.copytree(standin.headas, place)
    return place, {**standin.environ, "HEADAS": str(place)}


def script(path: Path, text: str) -> None:
    path.write_text(f"#!/bin/sh\n{text}\n", encoding="utf-8")
    path.chmod(0o755)


def package(folder: Path, name: str, text: str) -> str:
    """Make a Python package and return the PYTHONPATH that finds it."""
    (folder / name).mkdir(parents=True)
    (folder / name / "__init__.py").write_text(text, encoding="utf-8")
    return str(folder)


def is_alive(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def found(diagnosis: Diagnosis, name: str) -> Finding:
    finding = diagnosis.find(name)
    assert finding is not None
    return finding


def with_caldb(environ: dict[str, str], folder: Path, where: str) -> dict[str, str]:
    folder.mkdir(exist_ok=True)
    for name in ("caldb.config", "alias_config.fits"):
        (folder / name).touch()
    return environ | {
        "CALDB": where,
        "CALDBCONFIG": str(folder / "caldb.config"),
        "CALDBALIAS": str(folder / "alias_config.fits"),
    }


def test_it_looks_for_these(bare: dict[str, str]) -> None:
    assert names_of(doctor(bare)) == NAMES


def test_without_heasoft_the_install_line_is_given_once_and_the_embedded_engine_stays(
    bare: dict[str, str],
) -> None:
    diagnosis = doctor(bare)
    for name in ("HEASoft", "nupipeline", "nuproducts", "ftgrouppha"):
        assert (found(diagnosis, name).ok, found(diagnosis, name).remedy) == (False, INSTALL)
    assert found(diagnosis, "HEASoft").found == "HEADAS is not set"
    assert found(diagnosis, "embedded engine").ok
    assert not diagnosis.can_run_heasoft
    lines = diagnosis.summary()
    assert lines.count(f"{'':11}fix: {INSTALL}") == 1
    assert f"{'':11}fix: as for HEASoft" in lines
    assert lines[-1].startswith("HEASoft is not complete (HEASoft, nupipeline, nuproducts, ")
    assert lines[-1].endswith("): the embedded engine does the work.")


@pytest.mark.parametrize("elsewhere", [False, True])
def test_a_headas_that_points_to_nothing_is_to_be_unset(
    bare: dict[str, str], tmp_path: Path, elsewhere: bool
) -> None:
    if elsewhere:  # as conda installs it
        (tmp_path / "prefix/heasoft/syspfiles").mkdir(parents=True)
    finding = found(doctor(bare | {"HEADAS": "/no/where"}), "HEASoft")
    assert finding.found == "HEADAS=/no/where, but no folder syspfiles can be seen there"
    assert finding.remedy == ("unset HEADAS" if elsewhere else f"unset HEADAS\n{INSTALL}")


def test_an_installation_is_found_with_its_release_and_tasks(heasoft: Here) -> None:
    diagnosis = doctor(heasoft.environ)
    release = found(diagnosis, "HEASoft")
    assert release.ok
    assert release.found.endswith(f" in {heasoft.headas}")
    assert heasoft.is_real or release.found.startswith("stand-in in ")
    for name in ("nupipeline", "nuproducts", "ftgrouppha"):
        assert found(diagnosis, name).ok
        assert found(diagnosis, name).found.startswith(str(heasoft.headas / "bin" / name))
    assert found(diagnosis, "heasoftpy").ok
    assert "heasoftpy" not in sys.modules


def test_a_complete_installation_is_said_to_be_so(standin: Here, tmp_path: Path) -> None:
    diagnosis = doctor(with_caldb(standin.environ, tmp_path / "caldb", "https://a.b/caldb"))
    assert diagnosis.can_run_heasoft
    assert found(diagnosis, "CALDB").found == "remote, https://a.b/caldb"
    assert diagnosis.verdict() == "HEASoft is here and complete."


def test_a_task_without_parameter_file_or_program_is_missing(
    broken: tuple[Path, dict[str, str]],
) -> None:
    place, environ = broken
    (place / "syspfiles/nuproducts.par").unlink()
    (place / "bin/nupipeline").unlink()
    diagnosis = doctor(environ)
    assert found(diagnosis, "HEASoft").ok
    missing = {item.name: item for item in diagnosis.missing}
    assert missing["nuproducts"].found == f"no {place / 'syspfiles/nuproducts.par'}"
    assert missing["nupipeline"].found == f"no {place / 'bin/nupipeline'}"
    assert missing["nuproducts"].remedy == INSTALL
    assert found(diagnosis, "ftgrouppha").ok


def test_a_hanging_fversion_is_bounded_and_nothing_of_it_stays(
    broken: tuple[Path, dict[str, str]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place, environ = broken
    script(place / "bin/fversion", f"echo $$ > {tmp_path}/pid\nsleep 600")
    monkeypatch.setattr(asking, "TIMEOUT_S", 4.0)
    diagnosis = doctor(environ)
    finding = found(diagnosis, "HEASoft")
    assert not finding.ok
    assert finding.found == (f"{place}, but its set-up or fversion fails: no answer within 4 s")
    assert finding.remedy == f"export HEADAS={place}\n. $HEADAS/headas-init.sh\nfversion"
    assert not is_alive(int((tmp_path / "pid").read_text()))
    assert found(diagnosis, "nuproducts").ok


def test_a_set_up_that_fails_is_told_and_the_rest_still_looked_for(
    broken: tuple[Path, dict[str, str]],
) -> None:
    place, environ = broken
    script(place / "headas-init.sh", "exit 3")
    diagnosis = doctor(environ)
    finding = found(diagnosis, "HEASoft")
    assert not finding.ok
    assert "headas-init.sh" in finding.found
    assert ". $HEADAS/headas-init.sh" in finding.remedy
    assert found(diagnosis, "nuproducts").ok
    assert found(diagnosis, "heasoftpy").ok


def test_a_release_that_does_not_name_itself_is_no_fault(
    broken: tuple[Path, dict[str, str]],
) -> None:
    place, environ = broken
    (place / "bin/fversion").unlink()
    finding = found(doctor(environ), "HEASoft")
    assert (finding.ok, finding.found) == (True, f"unknown release in {place}")


@pytest.mark.parametrize(
    ("home", "method", "name"),
    [
        (Installation, "find", "HEASoft"),
        (Installation, "executable", "nuproducts"),
        (Caldb, "find", "CALDB"),
    ],
)
def test_folders_that_may_not_be_read_are_a_finding(
    broken: tuple[Path, dict[str, str]],
    monkeypatch: pytest.MonkeyPatch,
    home: type,
    method: str,
    name: str,
) -> None:
    def closed(*_: object) -> None:
        raise PermissionError(13, "Permission denied", "/of/another")

    monkeypatch.setattr(home, method, closed)
    diagnosis = doctor(broken[1])
    assert names_of(diagnosis) == NAMES
    assert not found(diagnosis, name).ok
    assert found(diagnosis, name).remedy


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("raise RuntimeError('HEADAS is wrong')", "RuntimeError: HEADAS is wrong"),
        ("import os, signal; os.kill(os.getpid(), signal.SIGSEGV)", "ended with status -11"),
        ("import sys; sys.exit(0)", "ended with status 0"),
    ],
)
def test_a_heasoftpy_that_cannot_be_imported_is_told_with_the_reason(
    broken: tuple[Path, dict[str, str]], tmp_path: Path, text: str, says: str
) -> None:
    _, environ = broken
    path = package(tmp_path / "python", "heasoftpy", text)
    finding = found(doctor(environ | {"PYTHONPATH": path}), "heasoftpy")
    assert (finding.ok, finding.found) == (False, says)
    assert finding.remedy == INSTALL


def test_heasoftpy_beside_heasoft_only_needs_the_path(
    broken: tuple[Path, dict[str, str]], tmp_path: Path
) -> None:
    place, environ = broken
    (place / "lib/python/heasoftpy").mkdir(parents=True)
    path = package(tmp_path / "python", "heasoftpy", "raise ImportError('not this one')")
    finding = found(doctor(environ | {"PYTHONPATH": path}), "heasoftpy")
    assert finding.remedy == f'export PYTHONPATH={place}/lib/python:"$PYTHONPATH"'


def test_what_heasoftpy_prints_while_it_is_imported_is_ignored(
    standin: Here, tmp_path: Path
) -> None:
    text = "print('Welcome'); __version__ = '1.5'"
    path = package(tmp_path / "python", "heasoftpy", text)
    finding = found(doctor(standin.environ | {"PYTHONPATH": path}), "heasoftpy")
    assert (finding.ok, finding.found) == (True, "1.5")


def test_the_local_caldb_is_found_with_the_version_of_its_index(
    standin: Here, tmp_path: Path
) -> None:
    index = tmp_path / "caldb/data/nustar/fpm"
    index.mkdir(parents=True)
    (index / "index").mkdir()
    (index / "index/caldb.indx20240812").touch()
    (index / "caldb.indx").symlink_to("index/caldb.indx20240812")
    where = str(tmp_path / "caldb")
    finding = found(doctor(with_caldb(standin.environ, tmp_path / "caldb", where)), "CALDB")
    assert (finding.ok, finding.found) == (True, f"local, {where}, NuSTAR index 20240812")


def test_the_remote_caldb_is_the_remedy_where_nothing_is_local(
    standin: Here, tmp_path: Path
) -> None:
    unset = found(doctor(standin.environ), "CALDB")
    assert (unset.ok, unset.found) == (False, "CALDB is not set")
    assert "export CALDB=https://heasarc.gsfc.nasa.gov/FTP/caldb" in unset.remedy.splitlines()
    assert "export CALDBALIAS=$HOME/caldb/alias_config.fits" in unset.remedy.splitlines()
    empty = found(doctor(with_caldb(standin.environ, tmp_path, str(tmp_path))), "CALDB")
    assert empty.found == f"{tmp_path}/data/nustar/fpm/caldb.indx is missing"
    assert empty.remedy == unset.remedy


def test_a_local_caldb_that_is_not_set_up_has_its_own_script(standin: Here, tmp_path: Path) -> None:
    tools = tmp_path / "software/tools"
    tools.mkdir(parents=True)
    (tools / "caldbinit.sh").touch()
    finding = found(doctor(standin.environ | {"CALDB": str(tmp_path)}), "CALDB")
    assert finding.found == "CALDBCONFIG: not set"
    assert finding.remedy == f"export CALDB={tmp_path}\n. $CALDB/software/tools/caldbinit.sh"


def test_pyxspec_is_looked_for_where_heasoft_sets_up_and_never_imported(
    broken: tuple[Path, dict[str, str]], tmp_path: Path
) -> None:
    place, environ = broken
    path = package(tmp_path / "python", "xspec", "raise SystemExit('imported')")
    script(place / "headas-init.sh", f"PYTHONPATH={path}; export PYTHONPATH")
    finding = found(doctor(environ), "PyXspec")
    assert (finding.ok, finding.found) == (True, f"{path}/xspec/__init__.py")
    assert not finding.for_heasoft


def test_a_folder_that_happens_to_be_called_xspec_is_not_pyxspec(
    bare: dict[str, str], tmp_path: Path
) -> None:
    (tmp_path / "python/xspec").mkdir(parents=True)
    finding = found(doctor(bare | {"PYTHONPATH": str(tmp_path / "python")}), "PyXspec")
    assert (finding.ok, finding.found, finding.remedy) == (False, "no module xspec", INSTALL)


def kernel(monkeypatch: pytest.MonkeyPatch, **versions: str) -> dict[str, Finding]:
    def version(name: str) -> str:
        if name.replace("-", "_") not in versions:
            raise metadata.PackageNotFoundError(name)
        return versions[name.replace("-", "_")]

    monkeypatch.setattr(metadata, "version", version)
    return {item.name: item for item in kernelside.kernel_findings()}


ALL = {
    "ipywidgets": "8.1.9", "anywidget": "0.11.0", "bqplot": "0.13.1", "itables": "2.9.1",
    "ipykernel": "7.4.0",
}  # fmt: skip


def test_what_the_kernel_has_is_told_with_versions(monkeypatch: pytest.MonkeyPatch) -> None:
    here = kernel(monkeypatch, **ALL)
    assert {name: item.found for name, item in here.items()} == ALL
    assert all(item.ok for item in here.values())


def test_bqplot_gl_is_warned_of(monkeypatch: pytest.MonkeyPatch) -> None:
    plots = kernel(monkeypatch, **ALL, bqplot_gl="0.1.1")["bqplot"]
    assert not plots.ok
    assert plots.found == "0.13.1, but bqplot-gl 0.1.1 is here too and breaks its dragging"
    assert plots.remedy == f"{sys.executable} -m pip uninstall -y bqplot-gl"


def test_an_old_ipykernel_is_no_hindrance_but_told(monkeypatch: pytest.MonkeyPatch) -> None:
    old = kernel(monkeypatch, **ALL | {"ipykernel": "6.30.1"})["ipykernel"]
    assert (old.ok, old.mark, old.found) == (False, "without", "6.30.1, older than 7")
    assert old.remedy == f"{sys.executable} -m pip install 'ipykernel>=7'"


def test_without_a_front_end_the_extra_is_the_remedy(monkeypatch: pytest.MonkeyPatch) -> None:
    here = kernel(monkeypatch)
    for name in ("ipywidgets", "anywidget", "bqplot", "itables"):
        assert (here[name].ok, here[name].remedy) == (False, "pip install 'nustar-widgets[lab]'")
    assert here["ipykernel"].is_optional


def test_room_on_disk_is_told(
    bare: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda _: Usage(10**10, 0, 1_500_000_000))
    diagnosis = doctor(bare, tmp_path)
    work = found(diagnosis, "working folder")
    assert (work.ok, work.found) == (False, f"1.5 GB free in {tmp_path}")
    assert work.remedy == "df -h"
    assert found(diagnosis, "temporary folder").ok
    monkeypatch.setattr(shutil, "disk_usage", lambda _: Usage(10**10, 0, 500_000_000))
    assert found(doctor(bare), "temporary folder").remedy == "export TMPDIR=/a/folder/with/room"


def test_a_working_folder_that_is_missing_or_closed_is_told(
    bare: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    gone = found(doctor(bare, tmp_path / "my data"), "working folder")
    assert (gone.ok, gone.found) == (False, f"{tmp_path}/my data: No such file or directory")
    assert gone.remedy == f"mkdir -p '{tmp_path}/my data'"
    monkeypatch.setattr(os, "access", lambda *_: False)
    closed = found(doctor(bare, tmp_path), "working folder")
    assert closed.found.endswith("which cannot be written")
    assert closed.remedy == f"chmod u+wx {tmp_path}"


def test_without_any_temporary_folder_there_is_still_a_diagnosis(
    bare: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def nowhere() -> str:
        raise FileNotFoundError("No usable temporary directory found")

    monkeypatch.setattr("tempfile.gettempdir", nowhere)
    diagnosis = doctor(bare)
    assert names_of(diagnosis) == NAMES
    assert found(diagnosis, "temporary folder").found == "No usable temporary directory found"
    assert found(diagnosis, "heasoftpy").found == "No usable temporary directory found"


@pytest.mark.parametrize(
    ("text", "ok", "says"),
    [
        ("max\n", True, ""),
        ("2000000000\n", True, "2.0 GB allowed to this container, "),
        ("500000000\n", False, "0.5 GB allowed to this container, "),
        (None, True, ""),
    ],
)
def test_memory_is_what_the_container_may_have(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str | None, ok: bool, says: str
) -> None:
    limit = tmp_path / "memory.max"
    if text is not None:
        limit.write_text(text, encoding="ascii")
    monkeypatch.setattr(machine, "_CGROUP_LIMIT", limit)
    monkeypatch.setattr(psutil, "virtual_memory", lambda: Memory(8e9, 3e9))
    memory = next(item for item in machine.machine_findings(tmp_path) if item.name == "memory")
    assert memory.ok == ok
    assert memory.found.startswith(f"{says}8.0 GB, 3.0 GB free")


def test_an_answer_that_does_not_come_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(asking, "TIMEOUT_S", 0.5)
    code = "import subprocess, time; subprocess.Popen(['sleep', '600']); time.sleep(600)"
    assert asking.ask(code, os.environ).problem == "no answer within 0.5 s"


def test_it_reads_well_in_a_terminal_in_a_notebook_and_by_a_program() -> None:
    finding = Finding(
        name="<b>",
        ok=False,
        found="a & b",
        enables="x > y",
        remedy="one <1>\ntwo",
        for_heasoft=True,
    )
    diagnosis = Diagnosis(findings=(finding, replace(finding, name="second")))
    assert repr(diagnosis).splitlines() == [
        "missing  <b>                 a & b",
        "           for: x > y",
        "           fix: one <1>",
        "                two",
        "missing  second              a & b",
        "           for: x > y",
        "           fix: as for <b>",
        "HEASoft is not complete (<b>, second): the embedded engine does the work.",
    ]
    page = diagnosis._repr_html_()
    assert "&lt;b&gt;" in page
    assert "a &amp; b<br>for: x &gt; y<pre style" in page
    assert ">one &lt;1&gt;\ntwo</pre>" in page
    assert ">as for &lt;b&gt;</pre>" in page
    assert json.loads(json.dumps(diagnosis.to_dict()))["findings"][1]["name"] == "second"


def test_what_nothing_depends_on_is_not_missed_and_later_findings_take_the_place_of_earlier() -> (
    None
):
    one = Finding(name="AWS bucket", ok=False, found="offline", enables="", is_optional=True)
    diagnosis = Diagnosis(findings=(one,))
    assert (one.mark, diagnosis.missing) == ("without", ())
    two = replace(one, ok=True, found="answers")
    other = replace(one, name="page", group="This page")
    assert diagnosis.with_more((other, two)).findings == (other, two)


def test_a_group_is_headed_once() -> None:
    here = Finding(name="disk", ok=True, found="", enables="", group="Machine")
    diagnosis = Diagnosis(findings=(here, replace(here, name="memory")))
    assert repr(diagnosis).splitlines()[:2] == ["Machine", "ok       disk                "]
    assert diagnosis.to_html().count(">Machine</th>") == 1


def test_in_a_terminal_with_ipython_it_is_shown_as_text() -> None:
    with pytest.raises(NotImplementedError):
        Diagnosis(findings=())._ipython_display_()


def test_importing_it_looks_for_nothing_and_imports_nothing_heavy() -> None:
    code = (
        "import subprocess, sys\n"
        "subprocess.Popen = None\n"
        "import nustar_widgets.diagnosis\n"
        "heavy = {'numpy', 'astropy', 'ipywidgets', 'bqplot', 'heasoftpy', 'xspec'}\n"
        "print(heavy & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"


def ask_cli(
    monkeypatch: pytest.MonkeyPatch, environ: dict[str, str], *words: str
) -> int | str | None:
    for name in set(os.environ) - set(environ):
        monkeypatch.delenv(name)
    for name, text in environ.items():
        monkeypatch.setenv(name, text)
    monkeypatch.setattr("sys.argv", ["nustar-widgets", "doctor", *words])
    try:
        cli.main()
    except SystemExit as stop:
        return stop.code
    return 0


def test_the_command_line_says_it_in_words_and_ends_well(
    bare: dict[str, str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert ask_cli(monkeypatch, bare) == 0
    out = capsys.readouterr().out
    assert "missing  HEASoft             HEADAS is not set\n" in out
    assert "ok       embedded engine     always here: " in out


def test_the_command_line_says_it_in_json(
    bare: dict[str, str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert ask_cli(monkeypatch, bare, "--json") == 0
    told = json.loads(capsys.readouterr().out)
    assert told["can_run_heasoft"] is False
    assert [item["name"] for item in told["findings"]] == [*chain(*NAMES.values())]


@pytest.mark.parametrize("complete", [True, False])
def test_strict_is_an_error_only_where_heasoft_lacks_something(
    standin: Here, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, complete: bool
) -> None:
    environ = dict(standin.environ)
    if complete:
        environ = with_caldb(environ, tmp_path, "https://a.b/caldb")
    assert ask_cli(monkeypatch, environ, "--strict") == (0 if complete else 1)
