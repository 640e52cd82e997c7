"""The parameter table in a real browser: by mouse, by keyboard, and while Python is busy."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Any

from playwright.sync_api import expect

from tests.browser.notebook import Notebook
from tests.browser.tablecells import FITTED, MANY, SHOWN, STANDIN, XSS_ROWS

if TYPE_CHECKING:
    from playwright.sync_api import Locator

INDEX = "cutoffpl.PhoIndex"


def show(notebook: Notebook, cell: str = SHOWN) -> None:
    notebook.run(STANDIN, cell)
    notebook.widget(".nw-partable-row").first.wait_for()
    notebook.widget(".nw-partable").scroll_into_view_if_needed()


def row(notebook: Notebook, name: str) -> Locator:
    return notebook.widget(f"tr[data-name='{name}']")


def value(notebook: Notebook, name: str) -> Locator:
    return row(notebook, name).get_by_role("textbox")


def slider(notebook: Notebook, name: str) -> Locator:
    return row(notebook, name).get_by_role("slider")


def opened(notebook: Notebook, name: str) -> Locator:
    """Return what is below a row, once it is opened."""
    row(notebook, name).get_by_role("button", name="limits, link and reset").click()
    return notebook.widget(f"tr[data-name='{name}'] ~ .nw-partable-detail").first


def heard(notebook: Notebook) -> Any:
    return ast.literal_eval(notebook.py("standin.heard"))


def drag(notebook: Notebook, name: str, *, to: float, steps: int = 20) -> None:
    """Pull a slider from its middle to a place between 0 and 1, and hold it there."""
    box = slider(notebook, name).bounding_box()
    assert box is not None
    y = box["y"] + box["height"] / 2
    notebook.page.mouse.move(box["x"] + box["width"] / 2, y)
    notebook.page.mouse.down()
    notebook.page.mouse.move(box["x"] + box["width"] * to, y, steps=steps)


# -- the mouse


def test_a_slider_moves_the_model_and_is_one_change_when_let_go(notebook: Notebook) -> None:
    show(notebook)
    drag(notebook, INDEX, to=0.8)
    expect(value(notebook, INDEX)).not_to_have_value("1.8")
    notebook.until("standin.drags[-1] == {'cutoffpl.PhoIndex': standin.rows"
                   "['cutoffpl.PhoIndex'].value} and standin.rows['cutoffpl.PhoIndex'].value > 2",
                   "True")  # fmt: skip
    assert heard(notebook) == []
    notebook.page.mouse.up()
    notebook.until("len(standin.heard)", "1")
    ((name, what, told),) = heard(notebook)
    assert (name, what) == (INDEX, "value")
    assert 2.2 < told < 2.6
    expect(value(notebook, INDEX)).to_have_value(f"{told:g}")
    assert notebook.py("standin.drags[-1]") == str({INDEX: told})
    assert notebook.py("standin.strip.text") == "''"


def test_what_python_tells_meanwhile_moves_all_but_what_is_under_the_hand(
    notebook: Notebook,
) -> None:
    show(notebook)
    drag(notebook, INDEX, to=0.8)
    notebook.until("len(standin.drags) > 0", "True")
    under = value(notebook, INDEX).input_value()
    notebook.py("standin.table.show_values({'cutoffpl.PhoIndex': 1.1, 'tbabs.nH': 3.25})")
    expect(value(notebook, "tbabs.nH")).to_have_value("3.25")
    expect(value(notebook, INDEX)).to_have_value(under)
    notebook.page.mouse.up()
    notebook.until("len(standin.heard)", "1")
    expect(value(notebook, INDEX)).to_have_value(under)
    notebook.py("standin.table.show_values({'cutoffpl.PhoIndex': 1.23456789})")
    expect(value(notebook, INDEX)).to_have_value("1.2346")  # after a fit: the engine's


def test_the_field_follows_the_slider_while_python_is_busy_and_nothing_is_lost(
    notebook: Notebook,
) -> None:
    show(notebook)
    notebook.py("""
import time
plainly = standin.dragged
standin.table._dragged = lambda values, hold: (time.sleep(0.3), plainly(values))
""")
    drag(notebook, INDEX, to=0.9, steps=30)
    expect(value(notebook, INDEX)).not_to_have_value("1.8")
    notebook.page.mouse.up()
    last = value(notebook, INDEX).input_value()
    drag(notebook, "tbabs.nH", to=0.7, steps=30)
    notebook.page.mouse.up()
    row(notebook, "gaussian.LineE").get_by_role("checkbox").click()
    notebook.until("len(standin.heard)", "3")
    first, second, third = heard(notebook)
    assert first == (INDEX, "value", float(last))
    assert second[:2] == ("tbabs.nH", "value")
    assert third == ("gaussian.LineE", "frozen", False)
    expect(value(notebook, INDEX)).to_have_value(last)
    assert int(notebook.py("len(standin.drags)")) < 20  # the newest only


def test_linked_values_follow_a_slider(notebook: Notebook) -> None:
    show(notebook)
    notebook.page.get_by_role("button", name="show the parameters of spectrum 2 (linked)").click()
    expect(value(notebook, "cutoffpl.norm[2]")).to_have_value("0.002")
    drag(notebook, "cutoffpl.norm", to=0.3)
    expect(value(notebook, "cutoffpl.norm[2]")).not_to_have_value("0.002")
    notebook.page.mouse.up()
    now = value(notebook, "cutoffpl.norm").input_value()
    expect(value(notebook, "cutoffpl.norm[2]")).to_have_value(now)
    expect(slider(notebook, "cutoffpl.norm[2]")).to_have_count(0)


def test_escape_gives_a_drag_up(notebook: Notebook) -> None:
    show(notebook)
    drag(notebook, INDEX, to=0.8)
    notebook.until("len(standin.drags) > 0", "True")
    notebook.page.keyboard.press("Escape")
    box = slider(notebook, INDEX).bounding_box()
    assert box is not None
    notebook.page.mouse.move(box["x"] + 5, box["y"] + 5, steps=5)  # the mouse still pulls
    notebook.page.mouse.up()
    expect(value(notebook, INDEX)).to_have_value("1.8")
    notebook.until("standin.rows['cutoffpl.PhoIndex'].value", "1.8")
    assert heard(notebook) == []
    expect(slider(notebook, INDEX)).to_have_value("5000")


def test_a_slider_let_go_at_its_end_can_go_on(notebook: Notebook) -> None:
    show(notebook)
    drag(notebook, INDEX, to=1.1)
    notebook.page.mouse.up()
    notebook.until("standin.heard", "[('cutoffpl.PhoIndex', 'value', 2.7)]")
    expect(slider(notebook, INDEX)).to_have_value("5000")
    drag(notebook, INDEX, to=1.1)
    notebook.page.mouse.up()
    notebook.until("standin.heard[1:]", "[('cutoffpl.PhoIndex', 'value', 3.6)]")


def test_a_double_click_and_a_button_go_back_to_the_default(notebook: Notebook) -> None:
    show(notebook)
    for way in ("double click", "button"):
        value(notebook, INDEX).fill("2.5")
        value(notebook, INDEX).press("Enter")
        notebook.until("standin.rows['cutoffpl.PhoIndex'].value", "2.5")
        if way == "button":
            opened(notebook, INDEX)
            notebook.page.get_by_role("button", name="reset PhoIndex", exact=True).click()
        else:
            row(notebook, INDEX).get_by_role("rowheader").dblclick()
        expect(value(notebook, INDEX)).to_have_value("1.8")
    assert [what for _, what, _ in heard(notebook)] == ["value", "reset"] * 2


# -- the keyboard


def test_arrow_keys_are_fine_and_with_shift_coarse_and_one_change(notebook: Notebook) -> None:
    show(notebook)
    slider(notebook, INDEX).focus()
    for key in ("ArrowRight", "ArrowRight", "Shift+ArrowUp"):
        notebook.page.keyboard.press(key)
    expect(value(notebook, INDEX)).to_have_value("1.824")
    notebook.until("standin.heard", "[('cutoffpl.PhoIndex', 'value', 1.824)]")
    notebook.page.keyboard.press("ArrowLeft")
    notebook.page.keyboard.press("Tab")  # at once
    notebook.until("standin.heard[1:]", "[('cutoffpl.PhoIndex', 'value', 1.822)]")
    expect(notebook.page.get_by_role("checkbox", name="freeze PhoIndex")).to_be_focused()
    expect(slider(notebook, INDEX)).to_have_attribute("aria-valuetext", "1.822")
    slider(notebook, INDEX).press("End")
    expect(value(notebook, INDEX)).to_have_value("2.7")
    notebook.page.keyboard.press("Escape")
    expect(value(notebook, INDEX)).to_have_value("1.822")
    notebook.until("standin.rows['cutoffpl.PhoIndex'].value", "1.822")


def test_values_are_typed_as_people_write_them(notebook: Notebook) -> None:
    show(notebook)
    box = value(notebook, "gaussian.norm")
    box.fill("1.50e-3")
    box.press("Enter")
    expect(box).to_have_value("0.0015")
    box.fill("3.2e-6")
    box.press("Escape")
    expect(box).to_have_value("0.0015")
    box.fill(" .0000321 ")
    box.press("Tab")
    expect(box).to_have_value("3.21e-5")
    expect(slider(notebook, "gaussian.norm")).to_be_focused()
    box.press("Enter")  # nothing new
    notebook.until("standin.heard", "[('gaussian.norm', 'value', 0.0015),"
                   " ('gaussian.norm', 'value', 3.21e-05)]")  # fmt: skip


def test_what_is_refused_stays_in_red_with_the_reason(notebook: Notebook) -> None:
    show(notebook)
    box, problem = value(notebook, INDEX), notebook.widget(".nw-partable-problem:not([hidden])")
    for text, reason in (("11", "11 is outside -3 to 10"), ("abc", "'abc': expected a number")):
        box.fill(text)
        box.press("Enter")
        expect(problem).to_contain_text(reason)
        expect(box).to_have_value(text)
        expect(box).to_have_attribute("aria-invalid", "true")
    box.press("Escape")
    expect(box).to_have_value("1.8")
    expect(problem).to_have_count(0)
    notebook.until("standin.table.problems", "{}")
    box.fill("-4")
    box.press("Enter")
    expect(problem).to_contain_text("-4 is outside")
    drag(notebook, INDEX, to=0.6)  # overtaken
    notebook.page.mouse.up()
    expect(problem).to_have_count(0)
    expect(box).to_have_attribute("aria-invalid", "false")


def test_freezing_by_keyboard(notebook: Notebook) -> None:
    show(notebook)
    box = notebook.page.get_by_role("checkbox", name="freeze HighECut", exact=True)
    box.press("Space")
    notebook.until("standin.rows['cutoffpl.HighECut'].frozen", "True")
    expect(box).to_be_checked()
    box.press("Space")
    notebook.until("standin.heard[1:]", "[('cutoffpl.HighECut', 'frozen', False)]")
    expect(box).not_to_be_checked()


def test_limits_and_links_are_set_below_a_row(notebook: Notebook) -> None:
    show(notebook)
    below = opened(notebook, INDEX)
    expect(below).to_contain_text("photon index")
    upper = below.get_by_role("textbox", name="upper limit of PhoIndex")
    expect(upper).to_have_value("10")
    upper.fill("2")
    upper.press("Enter")
    notebook.until("standin.rows['cutoffpl.PhoIndex'].max", "2.0")
    slider(notebook, INDEX).press("End")
    expect(value(notebook, INDEX)).to_have_value("2")
    link = below.get_by_role("textbox", name="link of PhoIndex")
    link.fill("= 2*nothing")
    link.press("Enter")
    expect(notebook.widget(".nw-partable-problem:not([hidden])")).to_contain_text("2*nothing")
    expect(link).to_have_attribute("aria-invalid", "true")
    expect(value(notebook, INDEX)).to_have_attribute("aria-invalid", "false")
    link.fill("= 2*tbabs.nH")
    link.press("Enter")
    expect(row(notebook, INDEX)).to_contain_text("= 2*tbabs.nH")
    expect(slider(notebook, INDEX)).to_have_count(0)
    expect(value(notebook, INDEX)).to_have_value("2")
    expect(value(notebook, INDEX)).not_to_be_editable()
    expect(link).to_be_focused()
    link.fill("")
    link.press("Enter")
    expect(slider(notebook, INDEX)).to_be_visible()


# -- what is in view


def test_spectra_that_repeat_the_first_are_folded(notebook: Notebook) -> None:
    show(notebook)
    expect(notebook.widget(".nw-partable-row")).to_have_count(8)
    expect(row(notebook, "constant.factor[2]")).to_be_visible()
    fold = notebook.page.get_by_role("button", name="show the parameters of spectrum 2 (linked)")
    fold.press("Enter")
    expect(notebook.widget(".nw-partable-row")).to_have_count(14)
    opened(notebook, f"{INDEX}[2]").get_by_role("textbox", name="link of PhoIndex[2]").fill("")
    notebook.page.keyboard.press("Enter")
    notebook.until("standin.heard", "[('cutoffpl.PhoIndex[2]', 'link', '')]")
    notebook.page.get_by_role("button", name="hide the parameters of spectrum 2").click()
    expect(notebook.widget(".nw-partable-row")).to_have_count(9)
    expect(slider(notebook, f"{INDEX}[2]")).to_be_visible()


def test_errors_stand_beside_their_values_with_their_warnings(notebook: Notebook) -> None:
    show(notebook)
    notebook.py(FITTED)
    error = row(notebook, INDEX).locator(".nw-partable-error")
    expect(error).to_have_text("+0.051−0.048")
    expect(error).to_have_attribute("title", "best fit 1.8, 90 % range 1.752 to 1.8513")
    expect(notebook.page.get_by_role("columnheader", name="90 %")).to_be_visible()
    warning = notebook.page.get_by_role("button", name="warnings on nH: hit the lower limit")
    expect(warning).to_have_attribute("title", "hit the lower limit")
    warning.click()
    expect(notebook.widget(".nw-partable-detail li")).to_have_text("hit the lower limit")
    expect(row(notebook, "cutoffpl.HighECut")).to_contain_text("±4.2")
    notebook.py("standin.table.show_values({'cutoffpl.PhoIndex': 1.9})")
    expect(error).to_have_class("nw-partable-error nw-old")


def test_a_hundred_rows_in_little_room(notebook: Notebook) -> None:
    show(notebook, MANY)
    expect(notebook.widget(".nw-partable-row")).to_have_count(102)
    last = value(notebook, "gaussian_34.norm")
    last.scroll_into_view_if_needed()
    last.fill("0.5")
    last.press("Enter")
    notebook.until("standin.heard", "[('gaussian_34.norm', 'value', 0.5)]")
    expect(notebook.page.get_by_role("columnheader", name="Value")).to_be_in_viewport()


def test_a_table_shown_again_is_as_it_was_left(notebook: Notebook) -> None:
    show(notebook)
    opened(notebook, INDEX)
    value(notebook, INDEX).fill("2.2")
    value(notebook, INDEX).press("Enter")
    notebook.until("len(standin.heard)", "1")
    notebook.py("box.children = (); box.children = (standin.table, standin.strip)")
    expect(value(notebook, INDEX)).to_have_value("2.2")
    expect(notebook.widget(".nw-partable-detail")).to_have_count(1)


def test_text_from_outside_is_only_text(notebook: Notebook) -> None:
    show(notebook, XSS_ROWS)
    notebook.page.get_by_role("button", name="limits, link and reset").first.click()
    expect(notebook.widget(".nw-partable-detail")).to_contain_text("<img")
    expect(notebook.widget(".nw-partable-problem").first).to_contain_text("<img")
    expect(notebook.widget(".nw-partable img")).to_have_count(0)
    assert notebook.page.title() != "hacked"
