"""DS9 text out of a session and into it, without a browser."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nustar_widgets.events.regionfile import format_region
from nustar_widgets.events.regions import SkyBox, SkyCircle, SkyPolygon, SkyRegion, SkyShape
from nustar_widgets.events.skygrid import SkyGrid
from nustar_widgets.panels.regions.regiontextbox import RegionTextBox
from nustar_widgets.session.session import Session
from nustar_widgets.session.values import ModuleRegions, Regions, RegionText
from tests.panels.regionpanels import MIDDLE, PartPanel, both, plane, region

CIRCLE = SkyCircle(*MIDDLE, 60.0)
HOLE = SkyCircle(*MIDDLE, 10.0, include=False)
SOUND = 'fk5\ncircle(321.9375,56.9433,60")\n'
WITHOUT_FRAME = 'circle(321.9375,56.9433,60")\n'


class Desk:
    """A session with its text box."""

    def __init__(
        self,
        regions: Regions,
        *,
        work_dir: Path | str = "",
        grid: Callable[[str], SkyGrid | None] = lambda _: plane(),
    ) -> None:
        self.session = Session(regions=regions, work_dir=str(work_dir))
        self.panel = PartPanel(self.session, lambda panel: RegionTextBox(panel, grid))

    @property
    def box(self) -> RegionTextBox:
        box: RegionTextBox = self.panel.part
        return box

    @property
    def says(self) -> str:
        return self.panel.strip.text

    def paste(self, text: str) -> None:
        self.box.pasted.value = text
        self.box.read_button.click()


# -- out ----------------------------------------------------------------------------------


def test_the_text_is_that_of_the_file_a_task_will_read() -> None:
    desk = Desk(both(region(CIRCLE, HOLE)))
    assert desk.box.text.value == format_region(SkyRegion((CIRCLE, HOLE)))
    assert not desk.box.save_button.disabled


def test_the_text_follows_the_session_the_role_and_the_module() -> None:
    regions = Regions(
        fpma=ModuleRegions(source=region(CIRCLE), background=region(HOLE, CIRCLE)),
        fpmb=ModuleRegions(source=region(SkyBox(*MIDDLE, 10.0, 20.0))),
        linked=False,
    )
    desk = Desk(regions)
    desk.box.module.value = "FPMB"
    assert "box(" in desk.box.text.value
    assert desk.box.name.value == "source_FPMB.reg"
    desk.box.role.value = "background"
    assert desk.box.text.value == ""
    assert "FPMB: no background region yet" in desk.box.note.value
    desk.box.module.value = "FPMA"
    assert "-circle(" in desk.box.text.value
    desk.session.edit("draw", regions=both(background=region(SkyBox(*MIDDLE, 10.0, 20.0))))
    assert "box(" in desk.box.text.value


def test_what_is_kept_word_for_word_is_shown_word_for_word() -> None:
    desk = Desk(both(RegionText(text="# mine\n" + SOUND, origin="<b>my</b>.reg")))
    assert desk.box.text.value == "# mine\n" + SOUND
    assert "kept word for word from &lt;b&gt;my" in desk.box.note.value


def test_a_region_heasoft_could_not_use_is_not_offered() -> None:
    desk = Desk(both(region(HOLE)))
    assert desk.box.text.value == ""
    assert "it has only excludes: expected at least one shape that includes" in desk.box.note.value
    assert desk.box.save_button.disabled


def test_what_is_typed_into_the_shown_text_is_not_taken_for_an_edit() -> None:
    desk = Desk(both(region(CIRCLE)))
    shown = desk.box.text.value
    desk.box.text.value = "circle(1,2,3)"
    assert desk.box.text.value == shown
    assert not desk.session.can_undo


def test_the_text_is_saved_whole_into_the_work_folder(tmp_path: Path) -> None:
    desk = Desk(both(region(CIRCLE)), work_dir=tmp_path / "work")
    desk.box.save_button.click()
    path = tmp_path / "work" / "source_FPMA.reg"
    assert path.read_text(encoding="utf-8") == format_region(SkyRegion((CIRCLE,)))
    assert desk.says == f"wrote {path}"
    assert [item.name for item in path.parent.iterdir()] == ["source_FPMA.reg"]


def test_a_file_that_is_there_is_left_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "source_FPMA.reg"
    path.write_text("mine", encoding="utf-8")
    desk = Desk(both(region(CIRCLE)), work_dir=tmp_path)
    desk.box.save_button.click()
    assert desk.says == f"{path}: exists already. It is left as it is; choose another name"
    assert path.read_text(encoding="utf-8") == "mine"


def test_without_a_work_folder_or_a_name_nothing_is_written(tmp_path: Path) -> None:
    desk = Desk(both(region(CIRCLE)))
    desk.box.save_button.click()
    assert desk.says == (
        "source_FPMA.reg: no work folder is chosen. Choose one, or give the whole path of the file"
    )
    desk.box.name.value = " "
    desk.box.save_button.click()
    assert desk.says == "region file: has no name. Give one, as source_FPMA.reg"
    desk.box.name.value = str(tmp_path / "here.reg")
    desk.box.save_button.click()
    assert (tmp_path / "here.reg").exists()


def test_a_folder_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    desk = Desk(both(region(CIRCLE)), work_dir=tmp_path / "file" / "work")
    desk.box.save_button.click()
    assert f"{tmp_path / 'file' / 'work'}: cannot be made" in desk.says
    assert "Choose another folder" in desk.says


# -- in -----------------------------------------------------------------------------------


def test_pasted_text_becomes_the_region_of_both_linked_modules_in_one_step() -> None:
    desk = Desk(Regions())
    desk.paste(SOUND)
    for module in ("FPMA", "FPMB"):
        assert desk.session.regions.of(module).source == SkyRegion((CIRCLE,))
    assert "pasted text: read as 1 shape, " in desk.says
    assert desk.says.endswith("sky pixels, those HEASoft selects with the file")
    assert desk.box.pasted.value == ""
    assert desk.session.undo() == "read source from pasted text"
    assert desk.session.regions == Regions()


def test_a_file_becomes_the_background_of_one_module_where_they_are_not_linked(
    tmp_path: Path,
) -> None:
    path = tmp_path / "bkg.reg"
    path.write_text(SOUND, encoding="utf-8")
    desk = Desk(both(region(HOLE, CIRCLE), linked=False))
    desk.box.role.value, desk.box.module.value = "background", "FPMB"
    desk.box.path.value = str(path)
    desk.box.read_button.click()
    assert desk.session.regions.fpmb.background == SkyRegion((CIRCLE,))
    assert desk.session.regions.fpma.background is None
    assert desk.session.undo_label == "read background from bkg.reg"


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("fk5\ncircle(1,2)\n",
         "region file, line 2: 'circle(1,2)': circle cannot have 2 parameters; correct the line "
         "or draw the region anew"),
        ("fk5\n\ncircle(321.9,56.9,wide)\n",
         "line 3: 'circle(321.9,56.9,wide)': 'wide' is not a number with a unit"),
        ("fk5\nstar(321.9,56.9,60\")\n",
         "line 2: 'star(321.9,56.9,60\")': shape star: expected one of circle, annulus, ellipse"),
        ("fk5\ncircle(321.9,156.9,60\")\n", "line 2: 'circle(321.9,156.9,60\")': a declination"),
        ("fk5\ncircle(nan,56.9,60\")\n", "line 2: 'circle(nan,56.9,60\")': 'nan' is not a number"),
        ("what is this\n", "line 1: 'what is this': shape what: expected one of circle, annulus"),
        ("linear\ncircle(1,2,3)\n", "line 1: 'linear': frame linear: expected fk5, icrs"),
        ("fk5\n", "region file: it holds no shape; draw at least one"),
        ("fk5\n-circle(321.9,56.9,60\")\n", "region file: every shape is an exclude"),
        (" \n", "nothing to read: expected DS9 text, or the path of a region file"),
    ],
)  # fmt: skip
def test_text_that_cannot_be_read_is_told_with_its_line_and_changes_nothing(
    text: str, says: str
) -> None:
    before = both(region(CIRCLE))
    desk = Desk(before)
    desk.paste(text)
    assert says in desk.says
    assert 'role="alert"' in desk.panel.strip.value
    assert desk.session.regions == before
    assert not desk.session.can_undo
    assert desk.box.pasted.value == text


def test_text_heasoft_reads_otherwise_is_refused_with_the_remedy_and_taken_on_request() -> None:
    desk = Desk(Regions())
    desk.paste(WITHOUT_FRAME)
    assert "pasted text: " in desk.says
    assert "there is no fk5 line, so HEASoft takes the degrees as sky pixels" in desk.says
    assert "Put a line fk5 before the shapes" in desk.says
    assert not desk.session.can_undo
    assert desk.box.anyway.layout.display is None
    desk.box.anyway.click()
    assert desk.session.regions.fpmb.source == SkyRegion((CIRCLE,))
    assert "with the file HEASoft selects" in desk.says
    assert desk.box.anyway.layout.display == "none"


def test_a_region_beside_the_field_is_refused_because_it_would_count_nothing() -> None:
    desk = Desk(Regions())
    desk.paste('fk5\ncircle(10.5,41.2,60")\n')
    assert "no sky pixel lies inside the region" in desk.says or "90 deg" in desk.says
    assert not desk.session.can_undo


def test_a_missing_file_is_told(tmp_path: Path) -> None:
    desk = Desk(Regions())
    desk.box.path.value = str(tmp_path / "none.reg")
    desk.box.read_button.click()
    assert "none.reg: cannot be read" in desk.says
    assert "Give a DS9 region file" in desk.says


def test_without_an_event_list_nothing_is_read() -> None:
    desk = Desk(Regions(), grid=lambda _: None)
    desk.paste(SOUND)
    assert desk.says.startswith("FPMA: expected an open event list")
    assert not desk.session.can_undo


def test_hostile_text_is_shown_as_text() -> None:
    desk = Desk(Regions())
    desk.paste("fk5\n<script>alert(1)</script>\n")
    assert "<script" not in desk.panel.strip.value
    assert "line 2" in desk.says


POSITIONS = st.tuples(st.floats(-600.0, 600.0), st.floats(-600.0, 600.0))
SIZES = st.floats(5.0, 300.0)


@st.composite
def shapes(draw: st.DrawFn, ra: float, dec: float) -> SkyShape:
    grid = plane(ra, dec)
    x, y = draw(POSITIONS)
    place = grid.pixel_to_sky(500.0 + x / 3.0, 500.0 + y / 3.0)
    if draw(st.booleans()):
        return SkyCircle(*place, draw(SIZES), draw(st.booleans()))
    return SkyBox(*place, draw(SIZES), draw(SIZES), draw(st.floats(-180.0, 180.0)))


@settings(max_examples=40)
@given(st.data(), st.sampled_from([(321.9, 56.9), (0.0, -30.0), (359.999, 0.0), (10.0, 88.5)]))
def test_what_goes_out_as_text_comes_in_as_the_same_region(
    data: st.DataObject, middle: tuple[float, float]
) -> None:
    drawn = [SkyCircle(*middle, 100.0), *data.draw(st.lists(shapes(*middle), max_size=4))]
    grid = plane(*middle)
    source = SkyRegion(tuple(drawn))
    out = Desk(both(source), grid=lambda _: grid)
    back = Desk(Regions(), grid=lambda _: grid)
    back.paste(out.box.text.value)
    if source.to_pixel(grid).mask(grid).n_pixels:  # else it is refused, as is told
        assert back.session.regions.fpma.source == source
    out.panel.close()
    back.panel.close()


def test_a_polygon_goes_out_and_comes_in() -> None:
    polygon = SkyPolygon(((321.9, 56.900001), (321.8, 56.900002), (321.8, 57.000003)))
    desk, back = Desk(both(region(polygon))), Desk(Regions())
    back.paste(desk.box.text.value)
    assert back.session.regions.fpma.source == SkyRegion((polygon,))
