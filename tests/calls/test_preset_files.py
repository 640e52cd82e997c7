"""The user's own presets: made of a session, and the files they are handed on in."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nustar_widgets.calls.presets import (
    Preset,
    from_json,
    load_preset,
    preset_of,
    preset_path,
    save_preset,
    to_json,
    user_presets,
)
from nustar_widgets.errors import OutputError, PresetError
from nustar_widgets.instrument import N_CHANNELS, kev_to_pi_range
from nustar_widgets.session.recipe import recipe
from nustar_widgets.session.values import GroupingChoice
from tests.calls.test_presets import OBSID, apply, session

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
