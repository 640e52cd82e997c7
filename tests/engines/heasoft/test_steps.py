from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from nustar_widgets.engines.heasoft.installation import Installation
from nustar_widgets.engines.heasoft.steps import expected_steps, steps_in
from nustar_widgets.engines.parfile import read_par_file
from nustar_widgets.engines.taskspec import TaskSpec
from nustar_widgets.session.taskcall import TaskCall
from tests.standins import headas
from tests.standins.here import Here


def test_only_the_tasks_own_sub_tasks_count() -> None:
    text = (
        "nupipeline_0.4.6: Info: Running 'nufilter' \n"
        "nufilter_0.2.2: Info: Running 'prefilter' \n"
        "nupipeline_0.4.6: Info: 'nufilter' exit with success. \n"
        "nupipeline_0.4.6: Info: Running 'nuscreen' \n"
    )
    assert list(steps_in(text, "nupipeline")) == ["nufilter", "nuscreen"]
    assert list(steps_in(text, "nufilter")) == ["prefilter"]


@pytest.fixture
def reference(shared: Path, tmp_path: Path) -> dict[str, TaskSpec]:
    specs = {}
    for task in ("nuproducts", "nupipeline"):
        headas.write_reference_par(tmp_path / f"{task}.par", headas.reference(shared)[task])
        specs[task] = read_par_file(tmp_path / f"{task}.par")
    return specs


def call(task: str, **params: Any) -> TaskCall:
    return TaskCall(task=task, params=tuple(params.items()))


BARE = {"runmkarf": False, "runmkrmf": False, "correctlc": False, "runbackscale": False}


@pytest.mark.parametrize(
    ("params", "steps"),
    [
        (
            {},
            "nuexpomap nuexpomap xselect nubackscale nulccorr lcurve ximage xselect nubackscale "
            "nulccorr numkarf numkrmf xspec",
        ),
        (BARE, "xselect lcurve ximage xselect"),
        (BARE | {"bkgextract": False, "rungrppha": True}, "xselect lcurve ximage grppha"),
        (
            {"phafile": "NONE", "bkgphafile": "NONE", "imagefile": "NONE", "runmkrmf": False},
            "nuexpomap nuexpomap xselect nulccorr lcurve xselect nulccorr",
        ),
        (BARE | {"usrgtifile": "u.fits", "lcfile": "NONE"}, "nulivetime xselect ximage xselect"),
    ],
)
def test_the_sub_tasks_of_nuproducts_follow_from_the_call(
    reference: dict[str, TaskSpec], params: dict[str, Any], steps: str
) -> None:
    made = expected_steps(call("nuproducts", **params), reference["nuproducts"])
    assert made == tuple(steps.split())


def test_the_sub_tasks_of_nupipeline_follow_from_the_call(reference: dict[str, TaskSpec]) -> None:
    spec = reference["nupipeline"]
    both, one = call("nupipeline"), call("nupipeline", instrument="FPMA", obsmode="SCIENCE")
    assert len(expected_steps(both, spec)) == 2 + 2 * (6 + 2 + 6)
    assert expected_steps(one, spec) == (
        "numetrology", "nuattcorr", "nuflagbad", "nuhotpix", "nucalcpha", "nucalcpi", "nuflagevt",
        "nucoord", "nucalcsaa", "nufilter", "nuscreen",
    )  # fmt: skip
    screened = call("nupipeline", instrument="FPMB", obsmode="SCIENCE", entrystage=2, exitstage=3)
    assert expected_steps(screened, spec) == (
        "nuattcorr", "nucalcsaa", "nufilter", "nuscreen", "nuproducts",
    )  # fmt: skip


def test_of_other_tasks_nothing_is_expected(standin: Here) -> None:
    found = Installation.find(standin.environ)
    assert found is not None
    assert expected_steps(call("standin"), found.spec("standin")) == ()


@pytest.mark.parametrize("name", ["FPMA", "FPMB", "FPMA_usergti"])
def test_a_real_run_went_through_the_sub_tasks_expected(
    shared: Path, reference: dict[str, TaskSpec], name: str
) -> None:
    log = (shared / "fixtures" / "extraction" / "nuproducts" / f"{name}.log").read_text()
    more = {"usrgtifile": "user_gti.fits"} if name.endswith("usergti") else {}
    made = expected_steps(
        call("nuproducts", **BARE, **more, rungrppha=True), reference["nuproducts"]
    )
    seen = list(steps_in(log, "nuproducts"))
    assert tuple(seen[-len(made) :]) == made or tuple(seen) == made
