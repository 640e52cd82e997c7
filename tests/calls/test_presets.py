"""Presets: what they change, what they leave alone, and whether tasks take their calls."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from nustar_widgets.calls.presets import (
    BUILT_IN,
    Preset,
    changes,
)
from nustar_widgets.engines.heasoft.scratch import stage
from nustar_widgets.engines.parfile import read_par_file
from nustar_widgets.engines.taskspec import TaskSpec
from nustar_widgets.errors import ParameterError, PresetError
from nustar_widgets.events.regions import SkyCircle, SkyRegion
from nustar_widgets.jobs.plan import completed
from nustar_widgets.session.recipe import recipe
from nustar_widgets.session.session import Session
from nustar_widgets.session.taskcall import TaskCall
from nustar_widgets.session.values import (
    GroupingChoice,
    ModuleInputs,
    ModuleRegions,
    Regions,
    Target,
)
from tests.standins import headas, here

OBSID = "60001110002"
TASKS = ("nupipeline", "nuproducts", "ftgrouppha")
NAMES = [preset.name for preset in BUILT_IN]


def built_in(name: str) -> Preset:
    return next(preset for preset in BUILT_IN if preset.name == name)


def session(**values: Any) -> Session:
    def circle(dec_deg: float) -> SkyRegion:
        return SkyRegion((SkyCircle(321.9373, dec_deg, 60.0),))

    both = ModuleRegions(source=circle(56.9444), background=circle(57.0))
    base: dict[str, Any] = {
        "target": Target(name="SWIFT J2127.4+5654", ra_deg=321.9373, dec_deg=56.9444),
        "obsid": OBSID,
        "data_dir": f"/data/{OBSID}",
        "inputs": tuple(
            ModuleInputs(
                module=module,
                events=f"/data/{OBSID}/event_cl/nu{OBSID}{module[-1]}01_cl.evt.gz",
                housekeeping=f"/data/{OBSID}/hk/nu{OBSID}{module[-1]}_fpm.hk.gz",
            )
            for module in ("FPMA", "FPMB")
        ),
        "regions": Regions(fpma=both, fpmb=both),
    }
    return Session(**(base | values))


def apply(chosen: Session, preset: Preset) -> None:
    chosen.edit(f"preset {preset.name}", **changes(chosen, preset))


# -- the presets of the package ---------------------------------------------------------------


def calls_with(preset: Preset, folder: Path, specs: dict[str, TaskSpec]) -> list[TaskCall]:
    """Calls of a session on data that have an orbit file, fitted to the tasks as before a run."""
    orbit = folder / OBSID / "auxil" / f"nu{OBSID}_orb.fits"
    orbit.parent.mkdir(parents=True)
    orbit.touch()
    chosen = session(data_dir=str(folder / OBSID))
    apply(chosen, preset)
    calls = [call for call in recipe(chosen) if call.task in specs]
    return [completed(call, specs[call.task], chosen) for call in calls]


@pytest.mark.parametrize("name", NAMES)
def test_the_calls_of_every_preset_are_such_as_the_tasks_take(
    name: str, shared: Path, tmp_path: Path
) -> None:
    specs = {}
    for task in TASKS:
        path = tmp_path / f"{task}.par"
        headas.write_reference_par(path, headas.reference(shared)[task])
        specs[task] = read_par_file(path)
    calls = calls_with(built_in(name), tmp_path, specs)
    assert {call.task for call in calls} >= {"nuproducts"}
    for call in calls:
        specs[call.task].check(call)
        if call.task == "nupipeline":  # its expressions must pass through shells as they are
            staged = stage(call, specs[call.task], folder=tmp_path, work=tmp_path)
            assert dict(staged.params).get("statusexpr") == call.get("statusexpr")


@pytest.mark.heasoft
@pytest.mark.parametrize("name", NAMES)
def test_the_calls_of_every_preset_are_such_as_the_real_tasks_take(
    name: str, tmp_path: Path
) -> None:
    found = here.real()
    if found is None:
        pytest.skip("HEADAS is not set")
    files = {task: found.headas / "syspfiles" / f"{task}.par" for task in TASKS}
    specs = {task: read_par_file(path) for task, path in files.items() if path.is_file()}
    for call in calls_with(built_in(name), tmp_path, specs):
        specs[call.task].check(call)


@pytest.mark.parametrize("preset", BUILT_IN, ids=NAMES)
def test_a_preset_is_one_step_that_twice_is_the_same_as_once_and_can_be_taken_back(
    preset: Preset,
) -> None:
    chosen = session(
        products=(("srcregionfile", "mine.reg"), ("chatter", 5)),
        band_kev=(3.0, 10.0),
        grouping=GroupingChoice(grouptype="snmin", groupscale=5, others=(("backfile", "b.pha"),)),
    )
    before = chosen.snapshot()
    apply(chosen, preset)
    once = chosen.snapshot()
    assert changes(chosen, preset).items() <= once.items()
    apply(chosen, preset)
    assert chosen.snapshot() == once
    if once != before:
        assert chosen.undo() == f"preset {preset.name}"
    assert chosen.snapshot() == before
    assert not chosen.can_undo


@pytest.mark.parametrize("preset", BUILT_IN, ids=NAMES)
def test_no_preset_touches_data_or_regions(preset: Preset) -> None:
    own = (("srcregionfile", "mine.reg"), ("infile", "x.evt"), ("srcra_barycorr", 1.0))
    back = (("backfile", "b.pha"),)
    chosen = session(products=own, pipeline=(("fpma_infile", "u.evt"),))
    chosen.edit("own", grouping=replace(chosen.grouping, others=back))
    before = chosen.snapshot()
    apply(chosen, preset)
    after = chosen.snapshot()
    for field in ("target", "obsid", "data_dir", "inputs", "regions", "user_gti", "work_dir"):
        assert after[field] == before[field]
    assert set(own) <= set(after["products"])
    assert ("fpma_infile", "u.evt") in after["pipeline"]
    assert set(back) <= set(after["grouping"].others)


def test_every_preset_says_what_it_is_for_and_what_to_know() -> None:
    assert len(set(NAMES)) == len(NAMES) == 8
    for preset in BUILT_IN:
        assert preset.about.endswith(".")
        assert preset.notes
        assert all(note.endswith(".") for note in preset.notes)


def test_parameters_of_a_named_task_are_replaced_and_other_tasks_stay() -> None:
    chosen = session(
        products=(("chatter", 5), ("runmkarf", False)),
        pipeline=(("saamode", "STRICT"),),
        bin_s=20.0,
    )
    apply(chosen, built_in("Extended source"))
    assert chosen.products == (("extended", True),)
    assert chosen.pipeline == (("saamode", "STRICT"),)
    assert chosen.bin_s == 20.0
    apply(chosen, built_in("Bright source (> 100 counts/s)"))
    assert chosen.pipeline == (("statusexpr", "(STATUS==b0000xxx00xxxx000)&&(SHIELD==0)"),)
    assert chosen.products == (("extended", True),)


def test_bin_band_and_grouping_become_the_sessions_own() -> None:
    chosen = session(bin_s=10.0, band_kev=(3.0, 10.0))
    apply(chosen, built_in("Tutorial: light curve"))
    assert chosen.bin_s == 256.0
    assert chosen.band_kev == (3.0, 78.0)
    assert {"binsize", "pilow", "pihigh"}.isdisjoint(dict(chosen.products))
    assert chosen.grouping.grouptype == "none"
    apply(chosen, built_in("Tutorial: spectrum"))
    assert chosen.grouping == GroupingChoice(
        grouptype="optsnmin", groupscale=6, minchannel=None, maxchannel=None
    )
    assert (chosen.layout, chosen.modules, chosen.pipeline) == ("tutorial", ("FPMA",), ())


def test_heasofts_defaults_start_nothing_and_keep_rule_and_scale_of_the_grouping() -> None:
    chosen = session(products=(("chatter", 5),), bin_s=20.0)
    apply(chosen, BUILT_IN[0])
    assert chosen.snapshot()["pipeline"] is None
    assert (chosen.products, chosen.bin_s) == ((), 10.0)
    assert chosen.grouping == GroupingChoice(minchannel=None, maxchannel=None)
    chosen.edit("reprocess", pipeline=(("saamode", "STRICT"),))
    apply(chosen, BUILT_IN[0])
    assert chosen.pipeline == ()


@pytest.mark.parametrize("name", ["Solar", "Mode 06 (no star tracker)"])
def test_in_mode_06_products_are_made_of_mode_06_events(name: str) -> None:
    chosen = session()
    apply(chosen, built_in(name))
    products = [call for call in recipe(chosen) if call.task == "nuproducts"]
    assert [call.get("infile") for call in products] == [
        f"event_cl/nu{OBSID}{module}06_cl.evt" for module in "AB"
    ]


@pytest.mark.parametrize(
    ("params", "message"),
    [
        ((("binsize", "long"),), "binsize: 'long': expected a number"),
        ((("binsize", True),), "binsize: True: expected a number"),
        ((("binsize", 0),), "binsize: 0: expected more than 0 s"),
        ((("pilow", 3.5),), "pilow: 3.5: expected a whole number"),
        ((("pilow", 2000), ("pihigh", 100)), "expected PI channels, 0 to 4095"),
        ((("pihigh", 5000),), "expected PI channels, 0 to 4095"),
    ],
)
def test_values_that_cannot_be_a_bin_or_band_change_nothing(params: Any, message: str) -> None:
    with pytest.raises(PresetError) as caught:
        changes(session(), Preset(name="x", nuproducts=params))
    assert message in str(caught.value)


def test_a_grouping_that_cannot_be_one_is_named() -> None:
    with pytest.raises(PresetError, match="groupscale: 'many': expected a number"):
        changes(session(), Preset(name="x", ftgrouppha=(("groupscale", "many"),)))
    with pytest.raises(PresetError, match=r"minchannel: 1\.5: expected a whole number"):
        changes(session(), Preset(name="x", ftgrouppha=(("minchannel", 1.5),)))


def test_a_parameter_another_heasoft_may_have_is_kept_for_the_task_to_judge() -> None:
    chosen = session()
    apply(chosen, Preset(name="newer", nuproducts=(("newflag", "yes"),)))
    call = recipe(chosen)[0]
    assert call.get("newflag") == "yes"
    with pytest.raises(ParameterError, match="nuproducts has no such parameter"):
        TaskSpec(task="nuproducts", parameters=(), source="test").check(
            TaskCall(task="nuproducts", params=(("newflag", "yes"),))
        )
