from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from nustar_widgets.calls.choices import reset
from nustar_widgets.calls.rows import Control, RowState, rows_of
from nustar_widgets.calls.states import states_of
from nustar_widgets.engines.embedded_spec import embedded_specs
from nustar_widgets.engines.taskhelp import GROUPS
from nustar_widgets.engines.taskspec import Parameter, TaskSpec
from nustar_widgets.session.session import Session
from nustar_widgets.session.values import GroupingChoice, Regions
from tests.calls.observed import here_with, now, session

SPECS = embedded_specs()


def states(chosen: Session, task: str = "nuproducts", module: str = "FPMA") -> dict[str, RowState]:
    here = here_with()
    return states_of(chosen, task, module, here=here, now=now(chosen, here))


def test_rows_stand_by_group_those_that_matter_first() -> None:
    rows = rows_of(SPECS["nuproducts"])
    places = [(GROUPS.index(row.group), not row.first) for row in rows]
    assert places == sorted(places)
    assert {row.name for row in rows} == {item.name for item in SPECS["nuproducts"].parameters}


def test_a_row_tells_how_its_value_is_entered() -> None:
    rows = {row.name: row for row in rows_of(SPECS["nuproducts"])}
    controls = {
        "instrument": Control.CHOICE, "runmkarf": Control.YES_NO, "binsize": Control.NUMBER,
        "pilow": Control.WHOLE, "srcregionfile": Control.FILE, "stemout": Control.TEXT,
        "indir": Control.FILE,
    }  # fmt: skip
    assert {name: rows[name].control for name in controls} == controls
    assert rows["srcregionfile"].keywords == ("DEFAULT",)
    assert rows["phafile"].keywords == ("DEFAULT", "NONE")
    assert rows["boxsize"].applies == "extended = yes"
    assert (rows["percent"].minimum, rows["percent"].maximum) == (0, 1)


def test_heasofts_help_is_told_where_it_says_more_than_the_prompt() -> None:
    same = Parameter(name="indir", prompt="Input directory path", manual="Input Directory Path.")
    more = Parameter(name="binsize", prompt="Bin size", manual="Bin size (s); at least 0.002.")
    rows = rows_of(TaskSpec(task="x", parameters=(same, more), source="a test"))
    assert [row.manual for row in rows] == ["", "Bin size (s); at least 0.002."]


def test_values_of_the_session_are_shown_linked(tmp_path: Path) -> None:
    found = states(session(tmp_path, bin_s=50.0, band_kev=(3.0, 10.0)))
    assert found["binsize"] == RowState(value="50", usual="50", origin="from the light curve")
    assert found["pihigh"] == RowState(value="209", usual="209", origin="from the energy band")
    assert found["srcregionfile"] == RowState(
        value="nu60001110002A01_src.reg",
        usual="nu60001110002A01_src.reg",
        origin="from the regions drawn",
        is_brought=True,
    )
    assert found["infile"].value.endswith("nu60001110002A01_cl.evt")
    assert states(session(tmp_path), module="FPMB")["infile"].value.endswith("B01_cl.evt")


def test_all_but_the_numbers_entered_here_is_brought_from_elsewhere(tmp_path: Path) -> None:
    found = states(session(tmp_path, band_kev=(3.0, 10.0)))
    linked = {name for name, state in found.items() if state.origin}
    brought = {name for name, state in found.items() if state.is_brought}
    assert linked - brought == {"binsize", "pilow", "pihigh"}
    assert brought < linked
    by_hand = states(session(tmp_path, products=(("indir", "other"),)))["indir"]
    assert (by_hand.origin, by_hand.is_brought) == ("", False)


def test_what_was_set_by_hand_is_marked_unless_it_changes_nothing(tmp_path: Path) -> None:
    products: tuple[tuple[str, Any], ...] = (
        ("runmkrmf", "no"), ("cmprmf", "yes"), ("binsize", 5), ("bkgregionfile", "mine.reg"),
    )  # fmt: skip
    found = states(session(tmp_path, products=products))
    assert found["runmkrmf"] == RowState(value="no", usual="yes", is_changed=True)
    assert found["binsize"] == RowState(value="5", usual="100", is_changed=True)
    assert found["bkgregionfile"] == RowState(
        value="mine.reg", usual="nu60001110002A01_bkg.reg", is_changed=True
    )
    assert {name for name, state in found.items() if state.is_changed} == {
        "runmkrmf", "binsize", "bkgregionfile",
    }  # fmt: skip


@pytest.mark.parametrize("task", ["nuproducts", "ftgrouppha"])
def test_a_reset_goes_back_to_what_is_told(tmp_path: Path, task: str) -> None:
    by_hand = ("indir", "binsize", "srcregionfile", "stemout", "runmkrmf", "outdir", "usrgtifile")
    chosen = session(
        tmp_path,
        products=tuple((name, "no" if name == "runmkrmf" else "7") for name in by_hand),
        grouping=GroupingChoice(grouptype="optmin", groupscale=7, minchannel=9),
    )
    changed = {name: state for name, state in states(chosen, task).items() if state.is_changed}
    assert len(changed) >= 3
    for name, state in changed.items():
        back = Session(**{**chosen.snapshot(), **reset(chosen, task, (name,))})
        after = states(back, task)[name]
        assert (after.value, after.is_changed) == (state.usual, False)


def test_what_does_not_apply_says_why_and_what_another_lets_apply_is_shown(tmp_path: Path) -> None:
    off = states(session(tmp_path, products=(("runmkarf", False), ("grflag", False))))
    assert off["psfflag"].why_not == "applies only with runmkarf = yes"
    assert off["grflag"] == RowState(
        value="no", usual="yes", is_changed=True, why_not="applies only with runmkarf = yes"
    )
    on = states(session(tmp_path, products=(("grflag", False),)))
    assert on["psfflag"].why_not == ""


def test_a_value_that_came_through_no_form_is_checked(tmp_path: Path) -> None:
    found = states(session(tmp_path, products=(("percent", 7),)))
    assert found["percent"].problem == "7: expected 0 to 1"


def test_without_regions_what_was_set_stands_beside_the_defaults(tmp_path: Path) -> None:
    found = states(session(tmp_path, regions=Regions(), products=(("percent", 0.5),)))
    assert found["percent"] == RowState(value="0.5", usual="0.02", is_changed=True)
    assert found["outdir"] == RowState(value=".", usual=".")


def test_grouping_is_the_sessions(tmp_path: Path) -> None:
    found = states(session(tmp_path, grouping=GroupingChoice(grouptype="optmin")), "ftgrouppha")
    assert found["grouptype"] == RowState(value="optmin", usual="min", is_changed=True)
    assert found["groupscale"] == RowState(value="25", usual="25")
    assert found["respfile"].origin == "from nuproducts"


def test_a_task_nobody_has_has_no_rows(tmp_path: Path) -> None:
    assert states(session(tmp_path), "nupipeline") == {}
