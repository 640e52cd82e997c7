"""What the HEASoft engine refuses before it starts anything, and in which words."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import pytest

from nustar_widgets.engines.heasoft.engine import HeasoftEngine
from nustar_widgets.engines.heasoft.installation import SET_HEADAS
from nustar_widgets.errors import (
    InputFileError,
    NustarWidgetsError,
    OutputError,
    ParameterError,
    TaskNotSupported,
)
from nustar_widgets.session.taskcall import ParamValue, TaskCall
from tests.engines.heasoft.builders import Run, left_in, report, standin_call
from tests.standins.here import Here


def test_the_engine_says_which_tasks_are_installed(engine: HeasoftEngine, standin: Here) -> None:
    assert engine.name == "heasoft"
    assert [engine.supports(task) for task in ("nuproducts", "standin", "numkarf")] == [
        True,
        True,
        False,
    ]
    assert engine.spec("standin").source == str(standin.headas / "syspfiles" / "standin.par")
    with pytest.raises(TaskNotSupported, match=r"^numkarf: is not in this HEASoft"):
        engine.run(TaskCall(task="numkarf", params=()), folder=Path("/gone"))


def test_without_heasoft_it_is_said_how_to_start(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.prefix", str(tmp_path))
    engine = HeasoftEngine({"PATH": "/bin"})
    assert not engine.supports("standin")
    for ask in (
        engine.spec,
        lambda task: engine.run(TaskCall(task=task, params=()), folder=tmp_path),
    ):
        with pytest.raises(TaskNotSupported) as caught:
            ask("standin")
        assert str(caught.value) == (
            f"standin: needs HEASoft, which is not set up here. {SET_HEADAS}"
        )


def test_heasoft_that_is_set_up_later_is_found(
    standin: Here, scratch: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.prefix", str(tmp_path))
    environ = {name: text for name, text in standin.environ.items() if name != "HEADAS"}
    environ["CONDA_PREFIX"] = str(tmp_path)
    engine = HeasoftEngine(environ, scratch=scratch)
    assert not engine.supports("standin")
    environ["HEADAS"] = str(standin.headas)
    assert engine.supports("standin")


GET_HEASOFTPY = (
    "It comes with HEASoft, not from the package index: start Jupyter from the environment HEASoft "
    "is in, or add $HEADAS/lib/python to PYTHONPATH"
)


@pytest.mark.skipif(
    importlib.util.find_spec("heasoftpy") is not None, reason="heasoftpy is always found here"
)
def test_without_heasoftpy_it_is_said_where_it_comes_from(
    standin: Here, scratch: Path, tmp_path: Path
) -> None:
    environ = {name: text for name, text in standin.environ.items() if name != "PYTHONPATH"}
    with pytest.raises(TaskNotSupported) as caught:
        HeasoftEngine(environ, scratch=scratch).run(standin_call(), folder=tmp_path)
    assert str(caught.value) == (
        f"standin: heasoftpy cannot be imported (No module named 'heasoftpy'). {GET_HEASOFTPY}"
    )
    assert left_in(tmp_path) == set()


def test_a_heasoftpy_that_cannot_be_imported_says_what_is_wrong_with_it(
    standin: Here, scratch: Path, tmp_path: Path
) -> None:
    (tmp_path / "lib").mkdir()
    (tmp_path / "lib" / "heasoftpy.py").write_text(
        "raise OSError('libcfitsio.so.10 is missing')\n", encoding="utf-8"
    )
    environ = standin.environ | {"PYTHONPATH": str(tmp_path / "lib")}
    with pytest.raises(TaskNotSupported) as caught:
        HeasoftEngine(environ, scratch=scratch).run(standin_call(), folder=tmp_path)
    assert str(caught.value) == (
        f"standin: heasoftpy cannot be imported (libcfitsio.so.10 is missing). {GET_HEASOFTPY}"
    )


@pytest.mark.parametrize(
    ("params", "kind", "says"),
    [
        (
            {"vaule": "x"},
            ParameterError,
            "vaule: standin has no such parameter; did you mean value?",
        ),
        ({"lines": "ten"}, ParameterError, "lines: 'ten': expected a whole number"),
        ({"seconds": True}, ParameterError, "seconds: True: expected a number"),
        ({"clobber": "perhaps"}, ParameterError, "clobber: 'perhaps': expected yes or no"),
        ({"value": ""}, ParameterError, "value: is empty; leave it out"),
        ({"value": "a\nb"}, ParameterError, "value: 'a\\nb': has a line break"),
        ({"value": "a\0b"}, ParameterError, "value: 'a\\x00b': has a line break"),
    ],
)
def test_a_call_that_is_wrong_is_refused_before_anything_starts(
    run: Run,
    tmp_path: Path,
    scratch: Path,
    params: dict[str, ParamValue],
    kind: type[NustarWidgetsError],
    says: str,
) -> None:
    heard: list[str] = []
    with pytest.raises(kind) as caught:
        run(heard.append, **params)
    assert str(caught.value).startswith(says)
    assert heard == []
    assert left_in(tmp_path) == left_in(scratch) == set()


def test_a_missing_parameter_is_refused_by_name(engine: HeasoftEngine, tmp_path: Path) -> None:
    with pytest.raises(ParameterError, match=r"^outfile: standin needs it \(The outfile\); give"):
        engine.run(TaskCall(task="standin", params=()), folder=tmp_path)


def test_a_product_that_exists_is_refused_before_the_task_starts(
    run: Run, tmp_path: Path, scratch: Path
) -> None:
    heard: list[str] = []
    (tmp_path / "out.json").write_text("mine", encoding="utf-8")
    with pytest.raises(OutputError) as caught:
        run(heard.append)
    assert str(caught.value) == (
        f"{tmp_path / 'out.json'}: exists already. Move it away or set clobber=yes"
    )
    assert heard == []
    assert (tmp_path / "out.json").read_text(encoding="utf-8") == "mine"
    assert left_in(scratch) == set()
    assert report(run(clobber=True))["value"] == "none"


def test_a_folder_that_is_not_there_is_named(standin: Here) -> None:
    with pytest.raises(OutputError, match=r"^/gone: cannot be written \(No such file or dir"):
        HeasoftEngine(standin.environ).run(standin_call(), folder=Path("/gone"))


def test_a_missing_input_is_named(engine: HeasoftEngine, tmp_path: Path) -> None:
    call = TaskCall(
        task="ftgrouppha",
        params=(("infile", "gone.pha"), ("outfile", "g"), ("grouptype", "min"), ("groupscale", 1)),
    )
    with pytest.raises(InputFileError) as caught:
        engine.run(call, folder=tmp_path)
    assert str(caught.value) == (
        f"{tmp_path / 'gone.pha'}: there is no such file or folder. Check infile"
    )
    assert left_in(tmp_path) == set()
