"""Finding HEASoft and CALDB: where they are, the environment they need, what to do without them."""

from __future__ import annotations

from pathlib import Path

import pytest

from nustar_widgets.engines.heasoft.installation import SET_HEADAS, Caldb, Installation
from nustar_widgets.errors import InputFileError, TaskNotSupported
from tests.standins import headas
from tests.standins.here import Here


def with_init(headas_folder: Path, script: str) -> Installation:
    """Put a set-up script into an installation that is not set up yet."""
    (headas_folder / "headas-init.sh").write_text(script, encoding="utf-8")
    found = Installation.find({"HEADAS": str(headas_folder), "PATH": "/usr/bin:/bin", "MINE": "1"})
    assert found is not None
    return found


def test_headas_names_the_installation(standin: Here) -> None:
    found = Installation.find(standin.environ)
    assert found is not None
    assert found.headas == standin.headas


@pytest.mark.parametrize("headas_is", ["", "/nowhere", "{here}"])
def test_without_an_installation_none_is_found(
    tmp_path: Path, headas_is: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.prefix", str(tmp_path))
    environ = {"HEADAS": headas_is.format(here=tmp_path), "CONDA_PREFIX": str(tmp_path)}
    assert Installation.find(environ) is None


@pytest.mark.parametrize("place", ["heasoft", "x86_64-pc-linux-gnu-libc2.35"])
def test_a_conda_environment_is_searched_where_headas_is_not_set(
    tmp_path: Path, place: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    built = headas.build(tmp_path / "env" / place)
    found = Installation.find({"CONDA_PREFIX": str(tmp_path / "env")})
    assert found is not None
    assert found.headas == built
    monkeypatch.setattr("sys.prefix", str(tmp_path / "env"))
    assert Installation.find({}) == found


def test_headas_is_believed_before_conda(tmp_path: Path) -> None:
    headas.build(tmp_path / "env" / "heasoft")
    mine = headas.build(tmp_path / "mine")
    found = Installation.find({"CONDA_PREFIX": str(tmp_path / "env"), "HEADAS": str(mine)})
    assert found is not None
    assert found.headas == mine


def test_this_process_s_own_environment_is_the_default(
    standin: Here, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HEADAS", str(standin.headas))
    found = Installation.find()
    assert found is not None
    assert found.headas == standin.headas


def test_a_task_is_installed_where_it_has_both_its_parameters_and_a_program(
    tmp_path: Path,
) -> None:
    built = headas.build(tmp_path / "headas")
    found = Installation.find({"HEADAS": str(built)})
    assert found is not None
    assert found.has("nuproducts")
    assert not found.has("numkarf")
    headas.write_par(built / "syspfiles" / "numkarf.par", [("infile", "f", "a", "")])
    assert not found.has("numkarf")
    (built / "bin" / "numkarf.py").write_text("pass\n", encoding="utf-8")
    assert found.has("numkarf")
    assert found.executable("numkarf") == built / "bin" / "numkarf.py"
    assert found.spec("numkarf").source == str(built / "syspfiles" / "numkarf.par")
    (built / "syspfiles" / "numkarf.par").unlink()
    assert not found.has("numkarf")


@pytest.mark.parametrize("task", ["numkarf", "nuproduct", "", "../bin/fversion", "a b", "x;y"])
def test_a_task_that_is_not_installed_is_refused_by_name(standin: Here, task: str) -> None:
    found = Installation.find(standin.environ)
    assert found is not None
    with pytest.raises(TaskNotSupported) as caught:
        found.spec(task)
    assert str(caught.value) == (
        f"{task}: is not in this HEASoft ({standin.headas}); check its name, or update HEASoft"
    )


def test_a_task_with_a_dash_in_its_name_is_a_task(tmp_path: Path) -> None:
    built = headas.build(tmp_path / "headas", {"ft-test": [("infile", "f", "a", "")]})
    (built / "bin" / "ft-test").write_text("#!/bin/sh\n", encoding="utf-8")
    found = Installation.find({"HEADAS": str(built)})
    assert found is not None
    assert [item.name for item in found.spec("ft-test").parameters] == ["infile"]


def test_the_environment_is_computed_by_sourcing_the_set_up_script(tmp_path: Path) -> None:
    found = with_init(
        headas.build(tmp_path / "my headas"),
        "echo noise; echo more >&2\n"
        'PATH="$HEADAS/bin:$PATH"; export PATH\n'
        "LD_LIBRARY_PATH=$HEADAS/lib\nexport LD_LIBRARY_PATH\n"
        "PERL5LIB='line one\nline two=2'\nexport PERL5LIB\n",
    )
    environ = found.environment
    assert environ["PATH"] == f"{found.headas}/bin:/usr/bin:/bin"
    assert environ["LD_LIBRARY_PATH"] == f"{found.headas}/lib"
    assert environ["PERL5LIB"] == "line one\nline two=2"
    assert (environ["HEADAS"], environ["MINE"]) == (str(found.headas), "1")


def test_an_environment_that_is_set_up_is_taken_as_it_is(tmp_path: Path) -> None:
    built = headas.build(tmp_path / "headas")
    (built / "headas-init.sh").write_text("NEW=1; export NEW\n", encoding="utf-8")
    environ = {"HEADAS": str(built), "PATH": f"/bin:{built / 'bin'}"}
    found = Installation.find(environ)
    assert found is not None
    assert found.environment == environ


def test_without_a_set_up_script_the_environment_only_names_headas(tmp_path: Path) -> None:
    headas.build(tmp_path / "heasoft")
    found = Installation.find({"CONDA_PREFIX": str(tmp_path), "PATH": "/bin"})
    assert found is not None
    assert found.environment == {
        "CONDA_PREFIX": str(tmp_path),
        "PATH": "/bin",
        "HEADAS": str(tmp_path / "heasoft"),
    }


@pytest.mark.parametrize("script", ["exit 3\n", "if then\n"])
def test_a_set_up_script_that_breaks_off_is_named(tmp_path: Path, script: str) -> None:
    found = with_init(headas.build(tmp_path / "headas"), script)
    with pytest.raises(InputFileError) as caught:
        _ = found.environment
    assert str(caught.value) == (
        f"{found.headas / 'headas-init.sh'}: cannot be run. "
        "Source it in a shell to see why, and start Jupyter from there"
    )


def test_the_release_is_what_the_installation_says_of_itself(tmp_path: Path) -> None:
    built = headas.build(tmp_path / "headas")
    environ = {"HEADAS": str(built), "PATH": "/usr/bin:/bin"}
    found = Installation.find(environ)
    assert found is not None
    assert found.version == "stand-in"
    (built / "bin" / "fversion").unlink()
    silent = Installation.find(environ)
    assert silent is not None
    assert silent.version == ""


def test_an_installation_does_not_print_the_whole_environment(standin: Here) -> None:
    found = Installation.find({**standin.environ, "TOKEN": "secret"})
    assert "secret" not in repr(found)


def test_what_to_do_without_heasoft_is_said_in_two_ways() -> None:
    assert "conda activate heasoft" in SET_HEADAS
    assert "headas-init.sh" in SET_HEADAS


REMEDY = (
    "Remote CALDB: export CALDB=https://heasarc.gsfc.nasa.gov/FTP/caldb and point CALDBCONFIG and "
    "CALDBALIAS to caldb.config and alias_config.fits from its software/tools folder; local: "
    ". $CALDB/software/tools/caldbinit.sh"
)


@pytest.fixture
def caldb(tmp_path: Path) -> dict[str, str]:
    """Environment of a complete local CALDB."""
    index = tmp_path / "data" / "nustar" / "fpm"
    index.mkdir(parents=True)
    (index / "caldb.indx20240812").write_text("index", encoding="utf-8")
    (index / "caldb.indx").symlink_to(index / "caldb.indx20240812")
    for name in ("caldb.config", "alias_config.fits"):
        (tmp_path / name).write_text("x", encoding="utf-8")
    return {
        "CALDB": str(tmp_path),
        "CALDBCONFIG": str(tmp_path / "caldb.config"),
        "CALDBALIAS": str(tmp_path / "alias_config.fits"),
    }


def test_a_local_caldb_says_its_version(caldb: dict[str, str]) -> None:
    found = Caldb.find(caldb)
    assert (found.where, found.version, found.problem) == (caldb["CALDB"], "20240812", None)
    assert (found.is_remote, found.remedy) == (False, "")


def test_an_index_that_is_no_link_has_no_version(caldb: dict[str, str]) -> None:
    index = Path(caldb["CALDB"]) / "data/nustar/fpm/caldb.indx"
    index.unlink()
    index.write_text("index", encoding="utf-8")
    assert (Caldb.find(caldb).version, Caldb.find(caldb).problem) == ("", None)


def test_a_remote_caldb_is_not_looked_into(caldb: dict[str, str]) -> None:
    address = "https://heasarc.gsfc.nasa.gov/FTP/caldb"
    found = Caldb.find(caldb | {"CALDB": address})
    assert (found.where, found.is_remote, found.version, found.problem) == (address, True, "", None)


def test_a_caldb_that_is_not_set_is_a_finding_with_a_remedy() -> None:
    assert Caldb.find({}) == Caldb(where="", problem="CALDB is not set", remedy=REMEDY)


@pytest.mark.parametrize("name", ["CALDBCONFIG", "CALDBALIAS"])
@pytest.mark.parametrize(("value", "shown"), [("", "not set"), ("/gone/file", "/gone/file")])
def test_the_two_files_beside_caldb_are_looked_for(
    caldb: dict[str, str], name: str, value: str, shown: str
) -> None:
    found = Caldb.find(caldb | {name: value})
    assert (found.problem, found.remedy) == (f"{name}: {shown}", REMEDY)
    missing = {key: text for key, text in caldb.items() if key != name}
    assert Caldb.find(missing).problem == f"{name}: not set"


def test_a_local_caldb_without_nustar_is_a_finding(caldb: dict[str, str]) -> None:
    index = Path(caldb["CALDB"]) / "data/nustar/fpm/caldb.indx"
    index.unlink()
    found = Caldb.find(caldb)
    assert (found.problem, found.remedy) == (
        f"{index} is missing",
        "Install the NuSTAR calibration files there, or use the remote CALDB",
    )
