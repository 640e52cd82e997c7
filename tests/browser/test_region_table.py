"""The regions by numbers, as DS9 text and as a still picture: seen, typed and clicked."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import expect

from tests.browser.notebook import Notebook
from tests.browser.regioncells import PARTS

# Boxes of what stands in the rows: none may lie over another or leave the row's 1000 pixels.
BOXES = """
[...document.querySelectorAll('.nw-shape')].map(row => {
  const left = row.getBoundingClientRect().left;
  const top = row.getBoundingClientRect().top;
  return [...row.querySelectorAll('select, input, textarea, button, .widget-html-content > *')]
    .map(one => one.getBoundingClientRect())
    .map(box => [box.left - left, box.top - top, box.right - left, box.bottom - top]);
})
"""
CUT_OFF = """
[...document.querySelectorAll('.nw-shape input, .nw-shape button')]
  .filter(one => one.scrollWidth > one.clientWidth + 1).map(one => one.value || one.innerText)
"""
WITHOUT_STROKE = "line => { const {x, width, height} = line.getBBox(); return {x, width, height} }"
PLOT = ".nw-static-sky .plotarea_events"


def show(notebook: Notebook, *parts: str) -> None:
    notebook.run(PARTS, f"panel = Parts(session, {list(parts)}); panel")
    notebook.widget(".jp-OutputArea .nw-panel").wait_for()


def overlap(one: list[float], other: list[float]) -> bool:
    left, top, right, bottom = one
    return (
        min(right, other[2]) - max(left, other[0]) > 1.0
        and min(bottom, other[3]) - max(top, other[1]) > 1.0
    )


def test_every_kind_of_shape_fits_a_row_and_nothing_overlaps(
    notebook: Notebook, screenshots: Path
) -> None:
    show(notebook, "table")
    expect(notebook.widget(".nw-shape")).to_have_count(9)
    notebook.widget(".nw-shape").last.scroll_into_view_if_needed()
    rows: list[list[list[float]]] = notebook.page.evaluate(BOXES)
    notebook.photograph(screenshots)
    for row in rows:
        assert max(box[2] for box in row) <= 1000.0
        crossing = [(a, b) for at, a in enumerate(row) for b in row[:at] if overlap(a, b)]
        assert not crossing
    assert notebook.page.evaluate(CUT_OFF) == []


def test_every_box_has_a_name(notebook: Notebook) -> None:
    show(notebook, "table")
    cdp = notebook.page.context.new_cdp_session(notebook.page)
    nodes = cdp.send("Accessibility.getFullAXTree")["nodes"]
    boxes = [one for one in nodes if one["role"]["value"] in ("textbox", "combobox")]
    names = [one["name"]["value"] for one in boxes]
    ours = names[names.index("What source 1 is for") :]
    assert "" not in ours
    assert "Source 1: radius [arcsec]" in ours
    assert "Background 4: corners (right ascension, declination; one a line)" in ours
    assert len(set(ours)) == len(ours)


def test_a_number_is_typed_and_a_wrong_one_goes_back_with_a_message(notebook: Notebook) -> None:
    show(notebook, "table")
    radius = notebook.page.get_by_role("textbox", name="Source 1: radius [arcsec]")
    radius.fill("1.5'")
    radius.press("Enter")
    expect(radius).to_have_value("90")
    notebook.until("session.regions.fpmb.source.shapes[0].radius_arcsec", "90.0")
    radius.fill("wide")
    radius.press("Enter")
    expect(notebook.widget(".nw-strip")).to_contain_text("radius of source 1: 'wide': expected")
    expect(radius).to_have_value("90")
    assert notebook.py("session.undo_label") == "'set radius of source'"


def test_the_box_with_the_keyboard_keeps_it_while_the_session_changes(notebook: Notebook) -> None:
    show(notebook, "table")
    dec = notebook.page.get_by_role("textbox", name="Source 1: declination")
    dec.focus()
    notebook.py("panel.table.rows[0].boxes['radius_arcsec'].value = '45'")
    notebook.py("panel.table.add('circle', 'background')")
    expect(notebook.widget(".nw-shape")).to_have_count(10)
    expect(dec).to_be_focused()
    dec.press("Tab")
    expect(notebook.page.get_by_role("textbox", name="Source 1: radius [arcsec]")).to_be_focused()


def test_a_shape_is_added_duplicated_and_deleted_by_mouse(notebook: Notebook) -> None:
    show(notebook, "table")
    rows = notebook.widget(".nw-shape")
    notebook.widget(".nw-regions").get_by_role("button", name="Add", exact=True).click()
    expect(rows).to_have_count(10)
    rows.first.get_by_role("button", name="Duplicate").click()
    expect(rows).to_have_count(11)
    for _ in range(3):
        before = rows.count()
        rows.first.get_by_role("button", name="Delete").click()
        expect(rows).to_have_count(before - 1)
    assert notebook.py("session.regions.fpma.source, session.regions.fpmb.source") == "(None, None)"


def test_the_still_picture_has_round_circles_at_their_place_and_labels_apart(
    notebook: Notebook, screenshots: Path
) -> None:
    show(notebook, "sky")
    plot = notebook.widget(PLOT).bounding_box()
    line = notebook.widget(".nw-static-sky path.line").nth(0)
    expect(line).to_be_visible()
    circle = line.evaluate(WITHOUT_STROKE)
    notebook.photograph(screenshots)
    assert plot is not None
    assert abs(plot["width"] - plot["height"]) < 1.0
    assert abs(circle["width"] - circle["height"]) < 1.0
    # 60 arcsec are 24.4 of 400 pixels; the centre is in the middle of the plane, at 500.5.
    side = plot["width"]
    assert abs(circle["width"] - side * 2 * 60 / 2.457 / 400) < 0.5
    middle = circle["x"] + circle["width"] / 2
    assert abs(middle - side * (500.5 - 300.5) / 400) < 0.5
    labels: list[tuple[str, list[float]]] = notebook.page.evaluate(
        "[...document.querySelectorAll('.nw-static-sky .axis text')].filter(t => t.textContent)"
        ".map(t => [t.textContent, t.getBoundingClientRect()])"
        ".map(([text, box]) => [text, [box.left, box.top, box.right, box.bottom]])"
    )
    told = [text for text, _ in labels]
    assert "21h28m00s" in told
    assert "+56°55'00\"" in told
    assert not [
        (a, b) for at, (a, one) in enumerate(labels) for b, two in labels[:at] if overlap(one, two)
    ]


def test_text_is_pasted_and_shown(notebook: Notebook, screenshots: Path) -> None:
    show(notebook, "text", "sky")
    notebook.widget(".nw-region-text textarea").nth(1).fill('fk5\ncircle(321.9,56.9,45")\n')
    notebook.widget(".nw-region-text").get_by_role("button", name="Read", exact=True).click()
    expect(notebook.widget(".nw-strip")).to_contain_text("pasted text: read as 1 shape")
    expect(notebook.widget(".nw-region-text textarea").first).to_have_value(
        '# Region file format: DS9 version 4.1\nfk5\ncircle(321.9,56.9,45.0")\n'
    )
    notebook.photograph(screenshots)
