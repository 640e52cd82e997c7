"""One suite for both engines: the same call is refused, by name, and nothing is made of it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from nustar_widgets.engines.base import Engine
from nustar_widgets.errors import (
    InputFileError,
    NustarWidgetsError,
    OutputError,
    ParameterError,
    TaskNotSupported,
)
from nustar_widgets.session.taskcall import ParamValue, TaskCall
from nustar_widgets.simulate import SimulatedObservation
from tests.engines.contractcall import SHORT, STEM, Products, ftgrouppha, names, nuproducts

REFUSED: list[tuple[dict[str, ParamValue | None], type[NustarWidgetsError], str]] = [
    ({"binzise": 10}, NustarWidgetsError, "binzise"),
    ({"binsize": "ten"}, ParameterError, "binsize: 'ten': expected a number"),
    ({"binsize": True}, ParameterError, "binsize: True: expected a number"),
    ({"pilow": 35.5}, ParameterError, "pilow: 35.5: expected a whole number"),
    ({"correctlc": "perhaps"}, ParameterError, "correctlc: 'perhaps': expected yes or no"),
    ({"stemout": "a\nb"}, ParameterError, "stemout: 'a\\nb': has a line break"),
    ({"stemout": ""}, ParameterError, "stemout: is empty; leave it out"),
    ({"instrument": None}, ParameterError, "instrument: nuproducts needs it"),
    ({"instrument": "FPMC"}, NustarWidgetsError, "C"),
    (
        {"bkgextract": False},
        ParameterError,
        "bkgregionfile: applies only with bkgextract = yes: leave it out, nuproducts may abort",
    ),
    ({"indir": "gone"}, InputFileError, "gone"),
    ({"steminputs": "nu9"}, InputFileError, "nu9A01_cl.evt: there is no such event list"),
    ({"infile": "gone.evt"}, InputFileError, "gone.evt"),
    ({"srcregionfile": "gone.reg"}, NustarWidgetsError, "gone.reg"),
    ({"usrgtifile": "gone.fits"}, InputFileError, "gone.fits"),
]


@pytest.mark.parametrize(("change", "kind", "says"), REFUSED)
def test_a_call_that_is_wrong_is_refused_by_name_and_nothing_is_made(
    engine: Engine,
    sample: SimulatedObservation,
    tmp_path: Path,
    change: dict[str, ParamValue | None],
    kind: type[NustarWidgetsError],
    says: str,
) -> None:
    with pytest.raises(kind) as caught:
        engine.run(nuproducts(sample, **change), folder=tmp_path)
    assert says in str(caught.value)
    assert names(tmp_path) == set()


@pytest.mark.usefixtures("groups")
@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"grouptype": "nonsense"}, "nonsense"),
        ({"groupscale": "many"}, "groupscale: 'many': expected a number"),
        ({"infile": "gone.pha"}, "gone.pha"),
        ({"grouptype": "opt"}, "groupscale: applies only with grouptype other than opt or file"),
        (
            {"respfile": "x.rmf"},
            "respfile: applies only with grouptype = opt or optmin or optsnmin",
        ),
    ],
)
def test_a_grouping_that_is_wrong_is_refused_by_name_and_nothing_is_made(
    engine: Engine,
    made: dict[str, Products],
    tmp_path: Path,
    change: dict[str, ParamValue],
    says: str,
) -> None:
    spectrum = made["embedded"].folder / f"{STEM}_sr.pha"
    with pytest.raises(NustarWidgetsError) as caught:
        engine.run(ftgrouppha(spectrum, **change), folder=tmp_path)
    assert says in str(caught.value)
    assert names(tmp_path) == set()


def test_a_product_that_exists_stops_the_call_and_stays_as_it_was(
    engine: Engine, sample: SimulatedObservation, tmp_path: Path
) -> None:
    old = tmp_path / f"{STEM}_sr.pha"
    old.write_text("mine", encoding="utf-8")
    with pytest.raises(OutputError) as caught:
        engine.run(nuproducts(sample, **SHORT), folder=tmp_path)
    assert str(caught.value) == f"{old}: exists already. Move it away or set clobber=yes"
    assert old.read_text(encoding="utf-8") == "mine"
    assert names(tmp_path) == {old.name}
    engine.run(nuproducts(sample, **SHORT, clobber="yes"), folder=tmp_path)
    assert old.stat().st_size > 10_000


def test_a_task_nobody_has_is_refused_by_name(engine: Engine, tmp_path: Path) -> None:
    asks: list[Callable[[], object]] = [
        lambda: engine.spec("nunonsense"),
        lambda: engine.run(TaskCall(task="nunonsense", params=()), folder=tmp_path),
    ]
    for ask in asks:
        with pytest.raises(TaskNotSupported, match=r"^nunonsense: "):
            ask()
    assert not engine.supports("nunonsense")
    assert engine.supports("nuproducts")
