"""The form of a task: what is in view, found and read, and files chosen, by mouse and keyboard."""

from __future__ import annotations

import ast
import json
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser.formcells import PRODUCTS, STANDIN, XSS_ROWS
from tests.browser.formpage import IN_VIEW, heard, row, search, show, view
from tests.browser.notebook import Notebook
from tests.standins.headas import reference, write_reference_par

TASKS = (
    "nupipeline", "nuproducts", "ftgrouppha", "grppha", "nulccorr", "numkarf", "numkrmf",
    "nubackscale",
)  # fmt: skip
# Types each name into the search box; returns those whose row is not the first one found.
UNFOUND = """
names => {
  const search = document.querySelector('.nw-form input[type=search]');
  const missing = names.filter(name => {
    search.value = name;
    search.dispatchEvent(new Event('input', { bubbles: true }));
    const row = document.querySelector('.nw-form-row');
    return row?.dataset.name !== name || !row.checkVisibility()
      || !row.querySelector('.nw-form-entry input:enabled, .nw-form-entry select:enabled,'
                          + '.nw-form-why:not([hidden])');
  });
  search.value = '';
  search.dispatchEvent(new Event('input', { bubbles: true }));
  return missing;
}
"""
# Pieces of a row that stick out of it or are cut off.
BAD = """
() => [...document.querySelectorAll('.nw-form-row')].filter(row => {
  const box = row.getBoundingClientRect();
  return [...row.querySelectorAll('input, select, button, .nw-form-hint')].some(part => {
    const own = part.getBoundingClientRect();
    return own.width && (own.right > box.right + 1 || own.left < box.left - 1);
  });
}).map(row => row.dataset.name)
"""
TOP = "row => row.getBoundingClientRect().top"


# -- every task


@pytest.mark.parametrize("task", TASKS)
def test_every_parameter_of_a_task_is_found_by_its_name(
    notebook: Notebook, shared: Path, task: str
) -> None:
    path = notebook.folder / f"{task}.par"
    write_reference_par(path, reference(shared)[task])
    show(notebook, f"standin = Standin(read_par_file(Path({str(path)!r}))); standin.form")
    names = ast.literal_eval(notebook.py("[one.name for one in standin.rows]"))
    assert notebook.page.evaluate(UNFOUND, names) == []
    view(notebook, "All").click()
    others = notebook.widget(".nw-form-out input")
    if others.is_visible():
        others.check()
    assert notebook.page.evaluate(IN_VIEW) == names
    assert notebook.page.evaluate(BAD) == []
    assert not notebook.watch.console_errors


# -- what is in view


def test_conditional_rows_come_and_go_and_the_hand_stays_where_it_is(notebook: Notebook) -> None:
    show(notebook)
    view(notebook, "All").click()
    expect(row(notebook, "lcexpoflag")).to_have_count(0)
    box = row(notebook, "chatter").get_by_role("textbox")
    box.click()
    before = box.evaluate(TOP)
    notebook.py("standin.values['extended'] = 'yes'; standin.tell()")
    expect(row(notebook, "lcexpoflag")).to_have_count(1)
    expect(box).to_be_focused()
    assert abs(box.evaluate(TOP) - before) < 1.0
    extended = row(notebook, "extended").get_by_role("checkbox")
    extended.focus()
    extended.press("Space")
    expect(row(notebook, "lcexpoflag")).to_have_count(0)
    expect(extended).to_be_focused()
    notebook.widget(".nw-form-out input").check()
    expect(row(notebook, "lcexpoflag")).to_contain_text("applies only with extended = yes")
    expect(row(notebook, "lcexpoflag").get_by_role("checkbox")).to_be_hidden()


def test_nothing_moves_between_press_and_release_of_the_mouse(notebook: Notebook) -> None:
    show(notebook)
    view(notebook, "All").click()
    button = row(notebook, "lcenergy").get_by_role("button", name="Help")
    notebook.point(button, 0.5, 0.5)
    notebook.page.mouse.down()
    before = button.evaluate(TOP)
    notebook.py("standin.values['extended'] = 'yes'; standin.tell()")
    assert button.evaluate(TOP) == before
    notebook.page.mouse.up()
    expect(button).to_have_attribute("aria-expanded", "true")
    expect(row(notebook, "lcexpoflag")).to_have_count(1)
    assert abs(button.evaluate(TOP) - before) < 1.0


def test_the_rest_of_a_group_is_a_click_away_and_so_is_a_group_without_any(
    notebook: Notebook,
) -> None:
    show(notebook)
    inputs = notebook.widget(".nw-form-section[data-group=inputs]")
    inputs.get_by_role("button", name="more").click()
    expect(row(notebook, "stemout").get_by_role("textbox")).to_be_focused()
    inputs.get_by_role("button", name="Show fewer").click()
    expect(row(notebook, "stemout")).to_have_count(0)
    notebook.widget(".nw-form-closed").get_by_role("button", name="housekeeping").click()
    expect(row(notebook, "chatter")).to_be_visible()


BROUGHT = PRODUCTS.replace(
    "linked={",
    """brought=("indir", "outdir", "srcregionfile"), linked={
    "indir": ("/data/x", "from the observation"), "outdir": ("out", "from the names"),""",
)


def test_what_came_from_the_session_is_one_line_that_opens_in_place(notebook: Notebook) -> None:
    show(notebook, BROUGHT)
    inputs = notebook.widget(".nw-form-section[data-group=inputs]")
    line = inputs.locator(".nw-form-brought")
    expect(line).to_contain_text("From the session: indir, outdir")
    expect(line.get_by_text("indir", exact=True)).to_have_attribute(
        "title", "/data/x, from the observation"
    )
    expect(row(notebook, "indir")).to_have_count(0)
    expect(row(notebook, "steminputs")).to_have_count(1)
    expect(notebook.widget("[data-group=regions] .nw-form-brought")).to_contain_text(
        "From the regions drawn: srcregionfile"
    )
    expect(row(notebook, "binsize")).to_contain_text("linked: from the curve")
    line.get_by_role("button", name="Show indir, outdir").press("Enter")
    folder = row(notebook, "indir").get_by_role("textbox")
    expect(folder).to_be_focused()
    names = [name for name in notebook.page.evaluate(IN_VIEW) if name != "binsize"]
    assert names[:4] == ["indir", "instrument", "steminputs", "outdir"]
    folder.fill("/other")
    folder.press("Enter")
    expect(row(notebook, "indir")).not_to_contain_text("linked")
    hide = line.get_by_role("button", name="Hide")
    expect(hide).to_have_attribute("aria-expanded", "true")
    hide.click()
    expect(row(notebook, "outdir")).to_have_count(0)
    expect(row(notebook, "indir")).to_have_count(1)  # changed
    expect(line).to_contain_text("From the names: outdir")
    row(notebook, "indir").get_by_role("button", name="Reset").click()
    expect(folder).to_have_value("/data/x")
    expect(row(notebook, "indir")).to_have_count(1)  # it has the keyboard
    row(notebook, "binsize").get_by_role("textbox").click()
    expect(row(notebook, "indir")).to_have_count(0)


def test_what_is_folded_is_found_by_a_search_by_python_and_in_all(notebook: Notebook) -> None:
    show(notebook, BROUGHT)
    search(notebook).fill("outdir")
    expect(row(notebook, "outdir")).to_be_visible()
    search(notebook).press("Escape")
    expect(row(notebook, "outdir")).to_have_count(0)
    view(notebook, "All").click()
    expect(row(notebook, "outdir")).to_be_visible()
    expect(notebook.widget(".nw-form-brought:visible")).to_have_count(0)
    view(notebook, "Main").click()
    notebook.py("standin.form.show_parameter('outdir')")
    expect(row(notebook, "outdir").get_by_role("textbox")).to_be_focused()
    expect(row(notebook, "stemout")).to_have_count(0)
    notebook.py("outer.children = []; outer.children = [standin.form, standin.strip]")
    expect(row(notebook, "outdir")).to_be_visible()  # what is open stays open


def test_words_of_the_meaning_find_and_the_view_comes_back_after_the_search(
    notebook: Notebook,
) -> None:
    show(notebook)
    before = notebook.page.evaluate(IN_VIEW)
    search(notebook).fill("bin width")
    every = notebook.py("len(standin.rows)")
    expect(notebook.widget(".nw-form-section h3")).to_have_text(f"1 of {every} parameters")
    search(notebook).press("ArrowDown")
    expect(row(notebook, "binsize").get_by_role("textbox")).to_be_focused()
    search(notebook).fill("no such words")
    expect(notebook.widget(".nw-form-none")).to_have_text(
        "No parameter has all these words; try fewer."
    )
    search(notebook).press("Escape")
    expect(search(notebook)).to_have_value("")
    assert notebook.page.evaluate(IN_VIEW) == before


def test_help_opens_by_keyboard_and_tells_all(notebook: Notebook) -> None:
    show(notebook)
    button = row(notebook, "binsize").get_by_role("button", name="Help on binsize")
    button.press("Enter")
    expect(button).to_have_attribute("aria-expanded", "true")
    for text in ("Partly exposed bins are kept", "Default", "10 s"):
        expect(row(notebook, "binsize").locator(".nw-form-help")).to_contain_text(text)
    button.press("Enter")
    expect(row(notebook, "binsize").locator(".nw-form-help")).to_be_hidden()


def test_what_one_looks_at_is_kept_for_each_task_and_by_a_view_shown_again(
    notebook: Notebook,
) -> None:
    show(notebook)
    search(notebook).fill("bkg")
    box = row(notebook, "bkgregionfile").get_by_role("combobox")
    expect(box).to_be_visible()
    notebook.py("standin.show(embedded_specs()['ftgrouppha'])")
    expect(row(notebook, "grouptype")).to_be_visible()
    expect(search(notebook)).to_have_value("")
    notebook.py("standin.show(embedded_specs()['nuproducts'])")
    expect(box).to_be_visible()
    expect(search(notebook)).to_have_value("bkg")
    notebook.py("outer.children = []; outer.children = [standin.form, standin.strip]")
    expect(search(notebook)).to_have_value("bkg")
    expect(box).to_be_visible()


def test_python_brings_a_parameter_into_sight(notebook: Notebook) -> None:
    show(notebook)
    notebook.py("standin.form.show_parameter('grphibin')")
    expect(row(notebook, "grphibin").get_by_role("textbox")).to_be_focused()
    expect(row(notebook, "grphibin")).to_be_in_viewport()
    notebook.py("standin.form.show_parameter('lcexpoflag')")
    expect(row(notebook, "lcexpoflag")).to_contain_text("Does not apply")


# -- files


def files(notebook: Notebook) -> None:
    (notebook.folder / "data" / "event_cl").mkdir(parents=True, exist_ok=True)
    (notebook.folder / "data" / "event_cl" / "a_cl.evt").touch()
    (notebook.folder / "data" / "<img src=x onerror=document.title='hacked'>").touch()


def test_a_file_is_chosen_by_mouse(notebook: Notebook) -> None:
    files(notebook)
    show(notebook)
    search(notebook).fill("infile")
    choose = row(notebook, "infile").get_by_role("button", name="Choose a file for infile")
    choose.click()
    dialog = notebook.page.get_by_role("dialog", name="Choose a file for infile")
    dialog.get_by_role("option", name="data/").dblclick()
    expect(dialog.get_by_role("option", name="<img src=x")).to_be_visible()
    dialog.get_by_role("option", name="event_cl/").dblclick()
    dialog.get_by_role("option", name="a_cl.evt").click()
    dialog.get_by_role("button", name="Choose", exact=True).click()
    expect(dialog).to_be_hidden()
    expect(choose).to_be_focused()
    expect(row(notebook, "infile").get_by_role("textbox")).to_have_value("data/event_cl/a_cl.evt")
    notebook.until("standin.values", "{'infile': 'data/event_cl/a_cl.evt'}")
    assert "hacked" not in notebook.page.title()


def test_a_folder_is_chosen_by_keyboard_and_escape_leaves_all_as_it_is(
    notebook: Notebook,
) -> None:
    files(notebook)
    show(notebook)
    choose = row(notebook, "indir").get_by_role("button", name="Choose a file for indir")
    choose.press("Enter")
    dialog = notebook.page.get_by_role("dialog", name="Choose a file for indir")
    folders = dialog.get_by_role("listbox")
    expect(folders).to_be_focused()
    expect(dialog.locator("[aria-selected=true]")).to_have_count(1)
    folders.press("Escape")
    expect(dialog).to_be_hidden()
    expect(choose).to_be_focused()
    assert heard(notebook) == []
    choose.press("Enter")
    expect(dialog.locator("[aria-selected=true]")).to_have_count(1)
    folders.press("d")
    expect(dialog.locator("[aria-selected=true]")).to_contain_text("data/")
    folders.press("Enter")
    expect(dialog.locator("[aria-selected=true]")).to_contain_text("event_cl/")
    folders.press("ArrowDown")
    folders.press("ArrowUp")
    folders.press("ArrowRight")
    expect(dialog.locator("[aria-selected=true]")).to_contain_text("a_cl.evt")
    folders.press("Backspace")
    expect(dialog.locator("[aria-selected=true]")).to_contain_text("event_cl/")
    folders.press("Tab")  # "Choose this folder" of data, then Cancel, then Choose
    notebook.page.keyboard.press("Tab")
    notebook.page.keyboard.press("Tab")
    notebook.page.keyboard.press("Enter")
    notebook.until("standin.values", "{'indir': 'data/event_cl'}")


# -- from outside


def test_what_comes_from_outside_is_text(notebook: Notebook) -> None:
    show(notebook, XSS_ROWS)
    view(notebook, "All").click()
    notebook.page.get_by_role("checkbox", name="also the 1 that does not apply").check()
    for name in ("text", "file", "choice"):
        row(notebook, name).get_by_role("button", name="Help").click()
    expect(notebook.widget(".nw-form-help img, .nw-form img")).to_have_count(0)
    expect(row(notebook, "text")).to_contain_text("<img src=x onerror=")
    expect(row(notebook, "text").locator("h5 + p")).to_contain_text("<img src=x onerror=")
    expect(row(notebook, "text").get_by_role("textbox")).to_have_value(
        json.loads(notebook.py("import json; print(json.dumps(BAD))"))
    )
    search(notebook).fill("<img")
    expect(notebook.widget(".nw-form-section h3")).to_have_text("3 of 3 parameters")
    assert "hacked" not in notebook.page.title()


def test_every_control_has_a_name_and_keys_of_the_notebook_are_not_taken(
    notebook: Notebook,
) -> None:
    show(notebook)
    view(notebook, "All").click()
    cells = notebook.page.locator(".jp-Notebook:visible .jp-Cell").count()
    box = row(notebook, "steminputs").get_by_role("textbox")
    box.click()
    for key in ("Escape", "d", "d", "a", "/", "b"):
        notebook.page.keyboard.press(key)
    expect(box).to_have_value("dda/b")
    assert notebook.page.locator(".jp-Notebook:visible .jp-Cell").count() == cells
    cdp = notebook.page.context.new_cdp_session(notebook.page)
    nodes = cdp.send("Accessibility.getFullAXTree")["nodes"]
    kinds = ("textbox", "combobox", "checkbox", "searchbox")
    names = [one["name"]["value"] for one in nodes if one["role"]["value"] in kinds]
    ours = names[names.index("Find a parameter by name or meaning") :]
    assert "" not in ours
    assert len(set(ours)) == len(ours)


def test_the_plain_form_edits_the_same(notebook: Notebook) -> None:
    notebook.run(
        STANDIN, "standin = Standin(embedded_specs()['nuproducts'], PlainForm); standin.form"
    )
    form = notebook.widget(".nw-plain-form")
    form.get_by_role("textbox", name="Find").fill("binsize")
    value = form.get_by_role("textbox", name="Value")
    expect(value).to_have_value("10")
    value.fill("25")
    value.press("Enter")
    notebook.until("standin.values", "{'binsize': '25'}")
    expect(form.locator("select").first).to_contain_text("* binsize")
    form.get_by_role("button", name="Reset", exact=True).click()
    expect(value).to_have_value("10")
    notebook.until("standin.values", "{}")
