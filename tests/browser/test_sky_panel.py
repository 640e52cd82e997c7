"""The sky panel under a hand: mouse, keyboard, and what the page sends meanwhile."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from playwright.sync_api import JSHandle, Locator, expect

from nustar_widgets.simulate import SimulatedObservation
from tests.browser.notebook import Notebook

OPEN = """
from nustar_widgets.events.regions import *
from nustar_widgets.opening import open_in
from nustar_widgets.panels.sky import SkyPanel
from nustar_widgets.session.session import Session
from nustar_widgets.session.values import ModuleRegions, Regions
session = Session(work_dir=".")
open_in(session, {path!r})
regions = ModuleRegions(
    source=SkyRegion((SkyCircle(321.9367, 56.9444, 60.0),)),
    background=SkyRegion(({background},)),
)
session.edit("draw", regions=Regions(fpma=regions, fpmb=regions))
panel = SkyPanel(session)
"""
CIRCLE = "SkyCircle(322.05, 56.88, 90.0)"
# What the page sends to the kernel from now on: the states of widgets; and of the steps of a drag,
# how many are on their way, from sending one until the kernel is idle again after it.
LISTEN = """() => {
  window.sentStates = [];
  window.flying = new Set();
  window.mostFlying = 0;
  const words = data => typeof data === 'string' ? data : new TextDecoder().decode(data);
  const ids = text => [...text.matchAll(/"msg_id": ?"([^"]+)"/g)].map(found => found[1]);
  const send = WebSocket.prototype.send;
  WebSocket.prototype.send = function (data) {
    const text = words(data), at = text.indexOf('"state"');
    if (text.includes('comm_msg')) window.sentStates.push(text.slice(at, at + 60));
    if (text.includes('comm_msg') && text.slice(at, at + 60).includes('"drag"')) {
      window.flying.add(ids(text)[0]);
      // A moment later: the answer that let this one go is heard by us after the page's own.
      setTimeout(() => { window.mostFlying = Math.max(window.mostFlying, window.flying.size); });
    }
    if (!this.heard) this.addEventListener('message', event => {
      const told = words(event.data);
      if (told.includes('"idle"')) ids(told).forEach(id => window.flying.delete(id));
    });
    this.heard = true;
    return send.call(this, data);
  };
}"""


def open_panel(notebook: Notebook, sample: SimulatedObservation, background: str = CIRCLE) -> None:
    notebook.run(OPEN.format(path=str(sample.path), background=background), "panel")
    notebook.widget(".nw-sky").evaluate("sky => sky.scrollIntoView()")
    outline(notebook).wait_for()
    expect(notebook.widget(".nw-numbers table")).to_be_visible(timeout=60_000)


def region(notebook: Notebook, role: str = "source", module: str = "FPMA") -> Locator:
    return notebook.widget(f".nw-sky-pane[data-module={module}] g.nw-region.nw-{role}").first


def outline(notebook: Notebook, role: str = "source", module: str = "FPMA") -> Locator:
    return region(notebook, role, module).locator(".nw-outline")


def middle(target: Locator) -> tuple[float, float]:
    box = target.bounding_box()
    assert box is not None
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def pull(notebook: Notebook, start: tuple[float, float], by: tuple[float, float]) -> None:
    mouse = notebook.page.mouse
    mouse.move(*start)
    mouse.down()
    mouse.move(start[0] + by[0], start[1] + by[1], steps=12)
    mouse.up()


def shape(notebook: Notebook, role: str = "source", module: str = "fpma") -> dict[str, float]:
    told = notebook.py(
        f"import json; print(json.dumps(vars(session.regions.{module}.{role}.shapes[0])))"
    )
    found: dict[str, float] = json.loads(told)
    return found


def test_a_region_follows_the_mouse_and_is_one_step(
    notebook: Notebook, sample: SimulatedObservation
) -> None:
    open_panel(notebook, sample)
    start, before = middle(outline(notebook)), shape(notebook)
    numbers = notebook.widget(".nw-numbers table").inner_text()
    notebook.page.mouse.move(*start)
    notebook.page.mouse.down()
    notebook.page.mouse.move(start[0] - 40, start[1] + 20, steps=15)
    assert middle(outline(notebook)) == pytest.approx((start[0] - 40, start[1] + 20), abs=1.0)
    linked = middle(outline(notebook, module="FPMB"))
    notebook.until("panel.live.counts.is_preview", "True")
    expect(notebook.widget(".nw-numbers table")).not_to_have_text(numbers)
    assert notebook.py("session.undo_label") == "'draw'"  # not before the hand lets go
    notebook.page.mouse.up()
    notebook.until("session.undo_label", "'move source'")
    after = shape(notebook)
    # East is left: 40 pixels of the screen to the left are as many sky pixels of RA.
    scale = notebook.py("panel.view.looking_at['arcsec']")
    screen = notebook.widget(".nw-sky-image").first.bounding_box()
    assert screen is not None
    arcsec = float(scale) / screen["width"]
    assert (after["dec_deg"] - before["dec_deg"]) * 3600 == pytest.approx(-20 * arcsec, rel=0.05)
    assert after["ra_deg"] > before["ra_deg"]
    assert after["radius_arcsec"] == 60.0
    assert shape(notebook, module="fpmb") == after
    assert middle(outline(notebook, module="FPMB")) == pytest.approx(linked, abs=0.1)
    notebook.until(
        'int(panel.readings.numbers.value.split("data-revision=\'")[1].split("\'")[0])',
        str(notebook.widget(".nw-sky").get_attribute("data-revision")),
    )
    # What is shown is what extraction counts in the region of the session.
    told = notebook.py(
        "from nustar_widgets.events.eventlist import EventList\n"
        "from nustar_widgets.events.extract import extract_spectrum\n"
        "events = EventList.read(session.inputs_of('FPMA').events)\n"
        "mask = session.regions.fpma.source.to_pixel(events.grid).mask(events.grid)\n"
        "f'{extract_spectrum(events, mask).counts[35:1910].sum():,}'"
    )
    expect(notebook.widget(".nw-numbers table")).to_contain_text(told.strip("'"))
    notebook.page.keyboard.press("Control+z")
    notebook.until("session.undo_label", "'draw'")
    expect(region(notebook)).to_have_attribute("aria-label", "source circle, RA 21:27:44.81, Dec "
                                               "+56:56:39.8, radius 60.0 arcsec")  # fmt: skip


def test_of_regions_over_one_another_the_smallest_is_taken(
    notebook: Notebook, sample: SimulatedObservation
) -> None:
    open_panel(notebook, sample, background="SkyCircle(321.9367, 56.9444, 150.0)")
    place = middle(outline(notebook))
    pull(notebook, place, (20, 0))
    notebook.until("session.undo_label", "'move source'")
    pull(notebook, (place[0] - 26, place[1]), (-10, 0))
    notebook.until("session.undo_label", "'move background'")


def test_everything_works_by_keyboard(notebook: Notebook, sample: SimulatedObservation) -> None:
    open_panel(notebook, sample)
    keyboard = notebook.page.keyboard
    cells = notebook.page.locator(".jp-Notebook .jp-Cell").count()
    notebook.widget(".nw-sky-toolbar button").last.focus()
    keyboard.press("Tab")
    expect(region(notebook)).to_be_focused()
    before = shape(notebook)
    keyboard.press("ArrowUp")
    notebook.until("session.undo_label", "'move source'")
    step = (shape(notebook)["dec_deg"] - before["dec_deg"]) * 3600
    assert step == pytest.approx(2.458, abs=0.01)  # one sky pixel
    keyboard.press("Shift+ArrowUp")
    notebook.until(
        f"abs((session.regions.fpma.source.shapes[0].dec_deg - {before['dec_deg']}) * 3600 "
        "- 27.04) < 0.1", "True",
    )  # fmt: skip
    keyboard.press("+")
    notebook.until("session.undo_label", "'resize source'")
    assert shape(notebook)["radius_arcsec"] == pytest.approx(62.458, abs=0.01)
    keyboard.press("b")
    notebook.until("session.regions.fpma.source is None", "True")
    keyboard.press("s")
    notebook.until("session.regions.fpma.source is None", "False")
    keyboard.press("e")
    notebook.until("session.regions.fpma.source.shapes[0].include", "False")
    expect(notebook.widget(".nw-strip")).to_contain_text("it has only excludes")
    keyboard.press("Control+z")
    notebook.until("session.regions.fpma.source.shapes[0].include", "True")
    expect(notebook.widget(".nw-strip")).not_to_contain_text("it has only excludes")
    keyboard.press("d")
    notebook.until("len(session.regions.fpma.source.shapes)", "2")
    keyboard.press("Delete")
    notebook.until("len(session.regions.fpma.source.shapes)", "1")
    keyboard.press("Tab")
    keyboard.press("]")  # a circle does not turn
    assert notebook.page.locator(".jp-Notebook .jp-Cell").count() == cells  # b, d: not JupyterLab's


def clipboard_event(notebook: Notebook, name: str, data: JSHandle) -> None:
    region(notebook).evaluate(
        "(region, [name, clipboardData]) => region.dispatchEvent(new ClipboardEvent(name,"
        " {clipboardData, bubbles: true, cancelable: true}))",
        [name, data],
    )


def test_regions_are_added_and_go_over_the_clipboard(
    notebook: Notebook, sample: SimulatedObservation
) -> None:
    open_panel(notebook, sample)
    image = notebook.widget(".nw-sky-image").first.bounding_box()
    assert image is not None
    notebook.page.mouse.dblclick(image["x"] + 250, image["y"] + 200)
    notebook.until("session.undo_label", "'add background'")
    assert notebook.py("len(session.regions.fpma.background.shapes)") == "2"
    region(notebook).focus()
    notebook.page.keyboard.press("a")
    notebook.until("len(session.regions.fpmb.background.shapes)", "3")
    region(notebook).focus()
    # A clipboard of the test's own: the page's needs a permission.
    data = notebook.page.evaluate_handle("new DataTransfer()")
    clipboard_event(notebook, "copy", data)
    copied = data.evaluate("data => data.getData('text/plain')")
    assert (
        copied
        == notebook.py(
            "from nustar_widgets.events.regionfile import format_region\n"
            "print(format_region(session.regions.fpma.source))"
        )
        + "\n"
    )
    data.evaluate("data => data.setData('text/plain', 'fk5\\ncircle(321.93,56.94,45\")')")
    clipboard_event(notebook, "paste", data)
    notebook.until("session.regions.fpma.source.shapes[0].radius_arcsec", "45.0")
    data.evaluate("data => data.setData('text/plain', 'fk5\\ncircle(321.93,')")
    clipboard_event(notebook, "paste", data)
    expect(notebook.widget(".nw-strip")).to_contain_text("line 2")
    assert shape(notebook)["radius_arcsec"] == 45.0


@pytest.mark.parametrize(
    ("made", "pulled", "changed"),
    [
        ("SkyEllipse(322.05, 56.88, 120.0, 60.0, 0.0)", "size0", "semi_x_arcsec"),
        ("SkyAnnulus(322.05, 56.88, 60.0, 120.0)", "size1", "outer_radius_arcsec"),
        ("SkyBox(322.05, 56.88, 240.0, 120.0, 0.0)", "both", "width_arcsec"),
        ("SkyBox(322.05, 56.88, 240.0, 120.0, 0.0)", "turn", "angle_deg"),
        ("SkyPolygon(((322.1,56.86),(322.0,56.86),(322.05,56.92)))", "corner1", "vertices"),
    ],
)
def test_shapes_are_changed_by_their_grips(
    notebook: Notebook, sample: SimulatedObservation, made: str, pulled: str, changed: str
) -> None:
    open_panel(notebook, sample, background=made)
    region(notebook, "background").focus()
    grip = notebook.widget(f".nw-sky-pane[data-module=FPMA] .nw-grip[data-grip={pulled}]")
    before = shape(notebook, "background")
    pull(notebook, middle(grip), (14, -9))
    label = "rotate background" if pulled == "turn" else "resize background"
    notebook.until("session.undo_label", repr(label))
    after = shape(notebook, "background")
    assert {name for name in before if before[name] != after[name]} >= {changed}
    assert before.get("ra_deg") == after.get("ra_deg")


def test_the_image_needs_no_kernel_and_is_sent_once(
    notebook: Notebook, sample: SimulatedObservation
) -> None:
    open_panel(notebook, sample)
    notebook.until("'%s' % panel.strip.text", "''")
    notebook.py("wanted = []; ask = panel.view._image\n"
                "panel.view._image = lambda key: (wanted.append(key), ask(key))[1]")  # fmt: skip
    band = notebook.widget(".nw-sky-toolbar select").nth(1)
    for value in ("3-10", "3-78", "3-10", "3-78"):
        band.select_option(value)
        low, high = value.split("-")
        notebook.until("session.band_kev", f"({low}.0, {high}.0)")
        expect(notebook.widget(".nw-sky-title").first).to_contain_text(f"{low}\u2013{high} keV")
    assert notebook.py("len(wanted)") == "2"  # 3-10 keV of both modules, and no more
    picture = notebook.widget(".nw-sky-image").first
    before = picture.evaluate("canvas => canvas.toDataURL()")
    notebook.page.evaluate(LISTEN)
    notebook.widget(".nw-sky-toolbar select").nth(2).select_option("linear")
    notebook.page.wait_for_function(
        "([canvas, before]) => canvas.toDataURL() !== before",
        arg=[picture.element_handle(), before],
    )
    notebook.widget(".nw-sky-toolbar button").first.click()  # zoom in
    notebook.settle()
    sent = notebook.page.evaluate("window.sentStates.filter(s => !/stretch|looking_at/.test(s))")
    assert sent == []  # the choice is told, nothing is asked


def test_never_more_than_one_step_of_a_drag_is_on_its_way(
    notebook: Notebook, sample: SimulatedObservation
) -> None:
    open_panel(notebook, sample)
    start = middle(outline(notebook))
    notebook.py("import time; slow = panel.live.preview\n"
                "panel.live.preview = lambda *a: (time.sleep(0.15), slow(*a))[1]")  # fmt: skip
    notebook.page.evaluate(LISTEN)
    notebook.page.mouse.move(*start)
    notebook.page.mouse.down()
    for step in range(40):
        notebook.page.mouse.move(start[0] + step, start[1])
        notebook.page.evaluate("new Promise(next => requestAnimationFrame(next))")
    assert middle(outline(notebook))[0] == pytest.approx(start[0] + 39, abs=1.0)
    notebook.page.mouse.up()
    notebook.until("session.undo_label", "'move source'")
    steps = notebook.page.evaluate("window.sentStates.filter(s => s.includes('drag')).length")
    assert steps > 2
    assert notebook.page.evaluate("window.mostFlying") == 1
    assert notebook.page.evaluate("window.flying.size") == 0
    assert middle(outline(notebook))[0] == pytest.approx(start[0] + 39, abs=1.0)


def test_zoom_pan_and_views(notebook: Notebook, sample: SimulatedObservation) -> None:
    open_panel(notebook, sample)
    box = outline(notebook).bounding_box()
    assert box is not None
    notebook.widget(".nw-sky-ground").first.hover()
    notebook.page.mouse.wheel(0, -300)
    notebook.page.wait_for_function(
        "([path, width]) => path.getBoundingClientRect().width > 1.15 * width",
        arg=[outline(notebook).element_handle(), box["width"]],
    )
    before = middle(outline(notebook)), middle(outline(notebook, module="FPMB"))
    image = notebook.widget(".nw-sky-image").first.bounding_box()
    assert image is not None
    pull(notebook, (image["x"] + 20, image["y"] + 20), (30, 10))
    after = middle(outline(notebook)), middle(outline(notebook, module="FPMB"))
    for old, new in zip(before, after, strict=True):  # both modules go together
        assert new == pytest.approx((old[0] + 30, old[1] + 10), abs=1.5)
    notebook.widget(".nw-sky-toolbar select").first.select_option("FPMB")
    expect(notebook.widget(".nw-sky-pane:visible")).to_have_count(1)
    notebook.widget(".nw-sky-toolbar select").first.select_option("blink")
    expect(notebook.widget(".nw-sky-pane[data-module=FPMA]")).to_be_visible()
    expect(notebook.widget(".nw-sky-pane[data-module=FPMB]")).to_be_visible()
    notebook.widget(".nw-sky-toolbar select").nth(1).select_option("colour")
    expect(notebook.widget(".nw-sky-title:visible").first).to_contain_text("10\u201320 green")
    notebook.widget(".nw-sky-toolbar select").first.select_option("both")
    notebook.widget(".nw-sky-ground").first.hover()
    expect(notebook.widget(".nw-sky-readout")).to_contain_text("counts")


def test_a_suggestion_is_shown_then_taken_with_one_click(
    notebook: Notebook, sample: SimulatedObservation
) -> None:
    open_panel(notebook, sample)
    notebook.widget("button:has-text('Best radius')").click()
    expect(notebook.widget(".nw-sky-pane[data-module=FPMA] .nw-sky-ghost")).to_have_count(1)
    assert shape(notebook)["radius_arcsec"] == 60.0
    notebook.widget("button:has-text('Take it')").click()
    notebook.until("session.undo_label", "'best radius'")
    assert shape(notebook)["radius_arcsec"] > 60.0
    expect(notebook.widget(".nw-sky-ghost")).to_have_count(0)


def test_it_is_drawn_when_a_hidden_tab_is_opened_and_twice_on_a_page(
    notebook: Notebook, sample: SimulatedObservation
) -> None:
    notebook.run(
        OPEN.format(path=str(sample.path), background=CIRCLE),
        "import ipywidgets\n"
        "ipywidgets.Tab([ipywidgets.Label('first'), panel], titles=('one', 'two'))",
        "other = SkyPanel(session); other",
    )
    outline(notebook).last.wait_for()
    notebook.widget("[role=tab]:has-text('two')").first.click()
    expect(notebook.widget(".nw-sky-pane[data-module=FPMA] .nw-sky-image:visible")).to_have_count(2)
    sizes = notebook.widget(".nw-sky-image:visible").evaluate_all(
        "all => all.map(canvas => canvas.getBoundingClientRect().width)"
    )
    assert min(sizes) > 200
    first = notebook.widget(".nw-sky-pane[data-module=FPMA] g.nw-source").nth(0)
    first.focus()
    notebook.page.keyboard.press("ArrowUp")
    notebook.until("session.undo_label", "'move source'")
    labels = notebook.widget(".nw-sky-pane[data-module=FPMA] g.nw-source")
    told = labels.nth(0).get_attribute("aria-label")
    assert told is not None
    expect(labels.nth(1)).to_have_attribute("aria-label", told)


def test_a_page_opened_anew_shows_the_same(
    notebook: Notebook, sample: SimulatedObservation, tmp_path: Path
) -> None:
    open_panel(notebook, sample)
    pull(notebook, middle(outline(notebook)), (-30, 12))
    notebook.until("session.undo_label", "'move source'")
    place = middle(outline(notebook))
    # The front end loses what it knew, as when a page is loaded again with its kernel running.
    notebook.py("panel.view.fields = {}")
    expect(notebook.widget(".nw-sky-image")).to_have_count(0)
    notebook.py("panel._show_fields()")
    outline(notebook).wait_for()
    assert middle(outline(notebook)) == pytest.approx(place, abs=1.0)
