"""Values entered in the form of a task: each kind, taken, refused and reset."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.browser.formcells import PRODUCTS
from tests.browser.formpage import heard, row, search, show, state, view
from tests.browser.notebook import Notebook

# -- every kind of value


def test_a_number_is_typed_and_told_once_when_it_is_complete(notebook: Notebook) -> None:
    show(notebook)
    box = row(notebook, "binsize").get_by_role("textbox")
    box.fill("")
    box.press_sequentially("25.5")
    expect(row(notebook, "binsize").get_by_role("button", name="Reset")).to_be_hidden()
    box.press("Enter")
    expect(row(notebook, "binsize").locator(".nw-form-mark")).to_be_visible()
    box.press("Tab")
    assert heard(notebook) == [("binsize", "25.5")]
    assert state(notebook, "binsize") == "25.5"
    expect(notebook.widget(".nw-form-views")).to_contain_text("Changed (1)")
    expect(row(notebook, "binsize")).not_to_contain_text("linked")
    expect(row(notebook, "binsize").get_by_role("button", name="Reset")).to_have_attribute(
        "title", "back to 10"
    )


def test_a_page_that_has_not_seen_the_change_says_too_what_a_reset_goes_back_to(
    notebook: Notebook,
) -> None:
    show(notebook, PRODUCTS.replace("outer =", "standin.edited('binsize', '25')\nouter ="))
    reset = row(notebook, "binsize").get_by_role("button", name="Reset")
    expect(reset).to_have_attribute("title", "back to 10")
    reset.click()
    expect(row(notebook, "binsize").get_by_role("textbox")).to_have_value("10")


def test_leaving_a_field_enters_it_and_escape_gives_it_up(notebook: Notebook) -> None:
    show(notebook)
    box = row(notebook, "binsize").get_by_role("textbox")
    box.fill("33")
    box.press("Escape")
    expect(box).to_have_value("10")
    expect(box).to_be_focused()
    box.fill("INDEF")
    row(notebook, "steminputs").get_by_role("textbox").click()
    notebook.until("standin.heard", "[('binsize', 'INDEF')]")


def test_arrow_keys_step_a_whole_number_within_its_limits(notebook: Notebook) -> None:
    show(notebook)
    search(notebook).fill("pixbin")
    box = row(notebook, "pixbin").get_by_role("textbox")
    expect(row(notebook, "pixbin")).to_contain_text("1 to 100")
    for _ in range(9):
        box.press("ArrowDown")
    expect(box).to_have_value("1")
    box.press("ArrowUp")
    assert heard(notebook) == []
    box.press("Enter")
    notebook.until("standin.heard", "[('pixbin', '2')]")


def test_a_choice_yes_or_no_and_text_are_entered_by_keyboard(notebook: Notebook) -> None:
    show(notebook)
    choice = row(notebook, "instrument").get_by_role("combobox")
    choice.press("F")
    expect(choice).to_have_value("FPMA")
    choice.press("Tab")
    box = row(notebook, "runmkarf").get_by_role("checkbox")
    expect(row(notebook, "runmkarf").locator("label")).to_have_text("yes")
    box.press("Space")
    expect(row(notebook, "runmkarf").locator("label")).to_have_text("no")
    text = row(notebook, "steminputs").get_by_role("textbox")
    text.fill(" nu60001110002 ")
    text.press("Enter")
    notebook.until("len(standin.heard)", "3")
    assert heard(notebook) == [
        ("instrument", "FPMA"), ("runmkarf", "no"), ("steminputs", "nu60001110002"),
    ]  # fmt: skip
    expect(text).to_have_value("nu60001110002")


def test_a_file_is_a_word_or_a_path(notebook: Notebook) -> None:
    show(notebook)
    search(notebook).fill("infile")
    one = row(notebook, "infile")
    word, path = one.get_by_role("combobox"), one.get_by_role("textbox")
    expect(word.locator("option").first).to_have_text("DEFAULT: found by the task")
    expect(path).to_be_hidden()
    word.select_option("a file ...")
    expect(path).to_be_focused()
    path.press("Escape")
    expect(word).to_be_focused()
    expect(path).to_be_hidden()
    word.select_option("a file ...")
    path.fill("my events.fits")
    path.press("Enter")
    notebook.until("standin.heard", "[('infile', 'my events.fits')]")
    expect(one.locator(".nw-form-mark")).to_be_visible()
    word.select_option("DEFAULT")
    notebook.until("standin.heard[1:]", "[('infile', 'DEFAULT')]")
    expect(path).to_be_hidden()
    expect(one.locator(".nw-form-mark")).to_be_hidden()


# -- refused, reset


def test_a_refused_value_is_kept_with_what_is_wrong_until_it_is_mended(
    notebook: Notebook,
) -> None:
    show(notebook)
    one = row(notebook, "binsize")
    box = one.get_by_role("textbox")
    box.fill("abc")
    box.press("Enter")
    expect(one).to_contain_text("Not taken: 'abc': expected a number. In use: 10.")
    expect(box).to_have_value("abc")
    expect(box).to_have_attribute("aria-invalid", "true")
    stem = row(notebook, "steminputs").get_by_role("textbox")
    stem.fill("nu1")
    stem.press("Enter")
    notebook.py("standin.problems.clear(); standin.tell()")  # what Python holds is right
    view(notebook, "Changed").click()
    expect(box).to_have_value("abc")
    expect(one).to_contain_text("Not taken")
    box.fill("12")
    box.press("Enter")
    expect(one).not_to_contain_text("Not taken")
    notebook.until("standin.values", "{'steminputs': 'nu1', 'binsize': '12'}")
    box.fill("def")
    box.press("Enter")
    expect(one).to_contain_text("In use: 12.")
    box.press("Escape")
    expect(box).to_have_value("12")
    expect(one).not_to_contain_text("Not taken")
    notebook.until("standin.problems", "{}")


def test_one_is_reset_and_then_all(notebook: Notebook) -> None:
    show(notebook)
    everything = notebook.page.get_by_role("button", name="Reset all")
    expect(everything).to_be_disabled()
    for name, text in (("binsize", "25"), ("steminputs", "nu1"), ("outdir", "out")):
        box = row(notebook, name).get_by_role("textbox")
        box.fill(text)
        box.press("Enter")
    expect(notebook.widget(".nw-form-views")).to_contain_text("Changed (3)")
    row(notebook, "binsize").get_by_role("button", name="Reset").click()
    expect(row(notebook, "binsize").get_by_role("textbox")).to_have_value("10")
    expect(row(notebook, "binsize").get_by_role("textbox")).to_be_focused()
    expect(row(notebook, "binsize")).to_contain_text("linked: from the curve")
    everything.click()
    expect(notebook.widget(".nw-form-views")).to_contain_text("Changed (0)")
    expect(everything).to_be_disabled()
    notebook.until("standin.values", "{}")
    assert heard(notebook)[-1] == ("reset", ("steminputs", "outdir"))


def test_what_is_typed_while_python_is_busy_is_kept_and_told_in_order(notebook: Notebook) -> None:
    show(notebook)
    notebook.py("""
import time
plainly = standin.edited
standin.edited = None
standin.form._edited = lambda *words: (time.sleep(0.4), plainly(*words))
""")
    box = row(notebook, "binsize").get_by_role("textbox")
    for text in ("1", "bad", "25"):
        box.fill(text)
        box.press("Enter")
    expect(box).to_have_value("25")
    stem = row(notebook, "steminputs").get_by_role("textbox")
    stem.press_sequentially("nu")
    notebook.until("standin.values", "{'binsize': '25'}")
    expect(stem).to_have_value("nu")
    expect(box).to_have_value("25")
    expect(row(notebook, "binsize")).not_to_contain_text("Not taken")
    assert heard(notebook) == [("binsize", "1"), ("binsize", "bad"), ("binsize", "25")]
    stem.press("Enter")
    notebook.until("standin.values", "{'binsize': '25', 'steminputs': 'nu'}")


def test_an_emptied_field_goes_back(notebook: Notebook) -> None:
    show(notebook)
    box = row(notebook, "outdir").get_by_role("textbox")
    box.fill("out")
    box.press("Enter")
    notebook.until("standin.values", "{'outdir': 'out'}")
    box.fill("")
    box.press("Enter")
    expect(box).to_have_value(".")
    notebook.until("standin.values", "{}")
