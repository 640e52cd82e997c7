"""Presets: what they change, what they leave alone, and the files they are handed on in."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nustar_widgets.calls.presets import (
    BUILT_IN,
    Preset,
    changes,
    from_json,
    load_preset,
    preset_of,
    preset_path,
    save_preset,
    to_json,
    user_presets,
)
from nustar_widgets.engines.heasoft.scratch import stage
from nustar_widgets.engines.parfile import read_par_file
from nustar_widgets.engines.taskspec import TaskSpec
from nustar_widgets.errors import OutputError, ParameterError, PresetError
from nustar_widgets.events.regions import SkyCircle, SkyRegion
from nustar_widgets.instrument import N_CHANNELS, kev_to_pi_range
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


# -- the user's own ---------------------------------------------------------------------------

names = st.from_regex(r"[a-z][a-z0-9_]{0,8}", fullmatch=True).map(lambda name: f"x{name}")
values = st.one_of(
    st.booleans(),
    st.integers(-(10**12), 10**12),
    st.floats(allow_nan=False, allow_infinity=False),
    st.text(max_size=20),
)
params = st.dictionaries(names, values, max_size=4).map(lambda found: tuple(found.items()))
presets = st.builds(
    Preset,
    name=st.text(min_size=1, max_size=20).filter(lambda text: bool(text.strip())),
    about=st.text(max_size=20),
    nupipeline=st.none() | params,
    nuproducts=st.none() | params,
    ftgrouppha=st.none() | params,
    reprocesses=st.booleans(),
    layout=st.sampled_from([None, "own", "tutorial"]),
    modules=st.sampled_from([None, ("FPMA",), ("FPMB",), ("FPMB", "FPMA")]),
    notes=st.lists(st.text(max_size=10), max_size=2).map(tuple),
)


@given(presets)
def test_a_preset_comes_back_from_json_as_it_was(preset: Preset) -> None:
    again = from_json(to_json(preset))
    assert again == preset
    assert to_json(again) == to_json(preset)  # 1, 1.0 and true are equal, but not the same
    assert json.loads(to_json(preset))["format"] == 1


@given(presets)
def test_any_preset_twice_is_the_same_as_once_and_can_be_taken_back(preset: Preset) -> None:
    chosen = session(products=(("srcra", "10"), ("chatter", 5)))
    before = chosen.snapshot()
    apply(chosen, preset)
    once = chosen.snapshot()
    apply(chosen, preset)
    assert chosen.snapshot() == once
    while chosen.can_undo:
        chosen.undo()
    assert chosen.snapshot() == before


@given(
    pipeline=st.none() | params,
    products=params,
    others=params,
    bin_s=st.floats(0.01, 1e4),
    low=st.integers(0, N_CHANNELS - 2),
    width=st.integers(1, 100),
    grouping=st.sampled_from([("min", 25.0), ("optsnmin", 6.0), ("none", None), ("opt", None)]),
    layout=st.sampled_from(["own", "tutorial"]),
)
def test_what_a_session_has_chosen_makes_the_same_calls_from_another_session(
    pipeline: Any, products: Any, others: Any, bin_s: float, low: int, width: int,
    grouping: Any, layout: str,
) -> None:  # fmt: skip
    high = min(low + width, N_CHANNELS - 1)
    band = (1.6 + 0.04 * low, 1.6 + 0.04 * (high + 1))
    rule, scale = grouping
    chosen = session(
        pipeline=pipeline, products=products, bin_s=bin_s, band_kev=band, layout=layout,
        grouping=GroupingChoice(grouptype=rule, groupscale=scale, others=others),
    )  # fmt: skip
    assert kev_to_pi_range(*band) == (low, high)
    other = session()
    apply(other, from_json(to_json(preset_of(chosen, "mine", "for colleagues"))))
    assert recipe(other) == recipe(chosen)


def test_data_and_regions_are_left_out_of_what_is_kept() -> None:
    chosen = session(
        pipeline=(("saamode", "STRICT"), ("fpma_infile", "/home/me/u.evt")),
        products=(("srcregionfile", "/home/me/src.reg"), ("srcra", 1.0), ("grflag", False)),
        grouping=GroupingChoice(others=(("backfile", "/home/me/b.pha"), ("rows", "-"))),
    )
    kept = preset_of(chosen, "mine")
    assert kept.nupipeline == (("saamode", "STRICT"),)
    assert dict(kept.nuproducts or ()) == {
        "binsize": 100.0, "pilow": 35, "pihigh": 1909, "grflag": False
    }  # fmt: skip
    assert "/home/me" not in to_json(kept)
    assert OBSID not in to_json(kept)


def test_where_nupipeline_did_not_run_a_preset_does_not_speak_of_it() -> None:
    kept = preset_of(session(), "mine")
    assert kept.nupipeline is None
    other = session(pipeline=(("saamode", "STRICT"),))
    apply(other, kept)
    assert other.pipeline == (("saamode", "STRICT"),)
    other = session()
    apply(other, preset_of(session(pipeline=()), "runs it"))
    assert other.pipeline == ()


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("not json", "not a preset, which is JSON"),
        ("[" * 100_000, "not a preset, which is JSON"),
        ("[1]", "not a preset: it has no 'format'"),
        ('{"name": "x"}', "it has no 'format'"),
        ('{"format": 2, "written_by": "nustar_widgets 9", "name": "x"}',
         "preset format 2, written by nustar_widgets 9"),
        ('{"format": 2, "name": "x"}', "update nustar_widgets to use it"),
        ('{"format": "1", "name": "x"}', "preset format '1'"),
        ('{"format": 1}', "a preset needs a 'name'"),
        ('{"format": 1, "name": " "}', "name ' ': expected a name for the preset"),
        ('{"format": 1, "name": 3}', "name: 3: expected a text"),
        ('{"format": 1, "name": "x", "nupipelin": {}}', "'nupipelin' is neither a task"),
        ('{"format": 1, "name": "x", "xselect": {}}',
         "tasks are nupipeline, nuproducts, ftgrouppha"),
        ('{"format": 1, "name": "x", "nuproducts": [["a", 1]]}', "expected parameters by name"),
        ('{"format": 1, "name": "x", "nuproducts": {"a": null}}',
         "nuproducts a: None: expected a text, a number, true or false"),
        ('{"format": 1, "name": "x", "nuproducts": {"a": [1]}}', "nuproducts a: [1]: expected"),
        ('{"format": 1, "name": "x", "nuproducts": {"a": NaN}}', "nuproducts a: nan: expected"),
        ('{"format": 1, "name": "x", "nuproducts": {"": 1}}', "'' is not the name of a parameter"),
        ('{"format": 1, "name": "x", "layout": "mine"}', "layout 'mine': expected own or tutorial"),
        ('{"format": 1, "name": "x", "modules": ["FPMC"]}', "expected FPMA, FPMB or both"),
        ('{"format": 1, "name": "x", "modules": [[1]]}', "[[1]]: expected a list of texts"),
        ('{"format": 1, "name": "x", "modules": []}', "expected FPMA, FPMB or both"),
        ('{"format": 1, "name": "x", "notes": "n"}', "notes: 'n': expected a list"),
        ('{"format": 1, "name": "x", "reprocesses": 1}', "reprocesses: 1: expected true or false"),
    ],
)  # fmt: skip
def test_what_is_not_a_preset_is_refused_with_the_reason(
    tmp_path: Path, text: str, message: str
) -> None:
    path = tmp_path / "preset.json"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(PresetError) as caught:
        load_preset(path)
    assert str(caught.value).startswith(f"{path}: ")
    assert message in str(caught.value)


@pytest.mark.parametrize(
    "name", ["x=__import__('os')", "a b", "a)", "a\n", "lambda", "é", 5, None, "--x"]
)
def test_nothing_but_a_name_gets_into_a_printed_script(name: Any) -> None:
    with pytest.raises(PresetError, match="is not the name of a parameter"):
        Preset(name="x", nuproducts=((name, 1),))


def test_files_that_cannot_be_read_are_preset_errors(tmp_path: Path) -> None:
    with pytest.raises(PresetError, match="cannot be read"):
        load_preset(tmp_path / "no.json")
    (tmp_path / "bytes.json").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(PresetError, match="not a preset, which is text"):
        load_preset(tmp_path / "bytes.json")


def test_a_preset_is_kept_under_its_name_and_found_again(tmp_path: Path) -> None:
    folder = tmp_path / "config" / "presets"
    assert user_presets(folder) == ((), ())
    mine, other = preset_of(session(), "my way"), Preset(name="A/B: 100%")
    paths = [save_preset(preset, folder) for preset in (mine, other)]
    assert [path.parent for path in paths] == [folder, folder]
    assert paths[0].name == "my way.json"
    assert user_presets(folder).presets == (other, mine)
    save_preset(replace(mine, about="better"), folder)
    assert [preset.about for preset in user_presets(folder).presets] == ["", "better"]
    assert save_preset(mine, tmp_path / "for you.json") == tmp_path / "for you.json"
    assert load_preset(tmp_path / "for you.json") == mine


def test_names_that_come_to_the_same_letters_have_files_of_their_own(tmp_path: Path) -> None:
    found = {preset_path(name, tmp_path) for name in ("a/b", "a:b", "a_b", "../a_b", "ä" * 300)}
    assert len(found) == 5
    assert all(path.parent == tmp_path and len(path.name) < 100 for path in found)


def test_a_damaged_file_does_not_hide_the_others(tmp_path: Path) -> None:
    save_preset(Preset(name="good"), tmp_path)
    (tmp_path / "bad.json").write_text("{", encoding="utf-8")
    (tmp_path / "folder.json").mkdir()
    (tmp_path / "note.txt").write_text("not looked at", encoding="utf-8")
    found, problems = user_presets(tmp_path)
    assert [preset.name for preset in found] == ["good"]
    assert len(problems) == 2
    assert problems[0].startswith(f"{tmp_path / 'bad.json'}: not a preset, which is JSON")
    assert problems[1].startswith(f"{tmp_path / 'folder.json'}: cannot be read")


def test_a_place_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(OutputError, match="cannot be made"):
        save_preset(Preset(name="x"), tmp_path / "file" / "presets")
