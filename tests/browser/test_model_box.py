"""The model of a fit, built in the page by keyboard and mouse."""

from __future__ import annotations

from playwright.sync_api import Locator, expect

from tests.browser.modelcells import SHOW, STANDIN
from tests.browser.notebook import Notebook


def show(notebook: Notebook, given: str = "") -> Locator:
    notebook.run(STANDIN, SHOW.format(given=given))
    field = notebook.page.get_by_role("combobox", name="Model expression")
    field.wait_for()
    field.scroll_into_view_if_needed()
    return field


def options(notebook: Notebook) -> Locator:
    return notebook.widget(".nw-completion")


def said(notebook: Notebook) -> Locator:
    return notebook.widget(".nw-expression-said")


def test_an_expression_is_completed_by_keyboard_and_entered(notebook: Notebook) -> None:
    field = show(notebook)
    field.fill("")
    field.press_sequentially("tbabs*(pow")
    expect(options(notebook).first).to_contain_text("powerlaw")
    field.press("Tab")
    expect(field).to_have_value("tbabs*(powerlaw")
    expect(field).to_be_focused()
    field.press_sequentially("+ga")
    expect(options(notebook).first).to_contain_text("gaussian")
    field.press("ArrowDown")
    expect(options(notebook).first).to_have_attribute("aria-selected", "true")
    field.press("Enter")
    expect(field).to_have_value("tbabs*(powerlaw+gaussian")
    assert notebook.py("standin.heard") == "[]"
    field.press_sequentially(")")
    expect(notebook.widget(".nw-expression-hint")).to_contain_text("Enter takes this model")
    field.press("Enter")
    notebook.until("standin.choice.expression", "'tbabs*(powerlaw+gaussian)'")
    expect(notebook.widget(".nw-expression-hint")).to_have_text("")
    expect(notebook.widget(".nw-model-parts")).to_contain_text("gaussian")


def test_an_error_points_at_the_letter_while_typing_and_nothing_typed_is_lost(
    notebook: Notebook,
) -> None:
    field = show(notebook)
    field.fill("constant*tbabs*(powerlow+gaussian)")
    expect(said(notebook)).to_contain_text("no model is called 'powerlow': did you mean powerlaw")
    drawn = notebook.widget(".nw-expression-drawn").text_content() or ""
    text, caret = drawn.split("\n")
    assert text[caret.index("^") :].startswith("powerlow")
    expect(field).to_have_attribute("aria-invalid", "true")
    field.press("Enter")
    notebook.py("standin.box.show(standin.choice)")  # something else has changed
    expect(field).to_have_value("constant*tbabs*(powerlow+gaussian)")
    expect(said(notebook)).to_contain_text("powerlow")
    notebook.widget(".nw-model-box select").first.focus()
    expect(field).to_have_value("constant*tbabs*(powerlow+gaussian)")
    assert notebook.py("standin.heard") == "[]"
    field.press("Escape")
    expect(field).to_have_value("constant*tbabs*powerlaw")
    expect(said(notebook)).to_have_text("")


def test_leaving_the_field_takes_a_model(notebook: Notebook) -> None:
    field = show(notebook)
    field.fill("tbabs*bbody ")
    expect(notebook.widget(".nw-expression-hint")).to_contain_text("Enter takes this model")
    expect(field).to_have_attribute("aria-invalid", "false")
    notebook.until("standin.box.expression.view.answer['problem']", "''")
    notebook.widget(".nw-model-box select").first.focus()
    notebook.until("standin.choice.expression", "'tbabs*bbody'")


def test_a_completion_is_clicked_and_what_needs_xspec_says_so(notebook: Notebook) -> None:
    field = show(notebook)
    field.click()
    field.press("End")
    field.press_sequentially("+apec")
    expect(said(notebook)).to_contain_text("apec needs XSPEC")
    field.fill("constant*tbabs*ape")
    expect(options(notebook).first).to_contain_text("XSPEC only")
    field.fill("constant*tbabs*dis")
    options(notebook).filter(has_text="diskbb").first.click()
    expect(field).to_have_value("constant*tbabs*diskbb")
    field.press("Enter")
    notebook.until("standin.choice.expression", "'constant*tbabs*diskbb'")


def test_what_is_typed_while_python_is_busy_stays(notebook: Notebook) -> None:
    field = show(notebook)
    notebook.py("""
import time
view = standin.box.expression.view
plainly = view._judge
view._judge = lambda *words: (time.sleep(0.2), plainly(*words))[1]
""")
    field.fill("")
    field.press_sequentially("tbabs*(powerlaw+gaussian)")
    expect(field).to_have_value("tbabs*(powerlaw+gaussian)")
    field.press("Enter")
    notebook.until("standin.choice.expression", "'tbabs*(powerlaw+gaussian)'")
    expect(field).to_have_value("tbabs*(powerlaw+gaussian)")


def test_components_are_added_and_removed(notebook: Notebook) -> None:
    show(notebook)
    page = notebook.page
    page.get_by_role("button", name="Add component").click()
    models = notebook.widget(".nw-model-picker select").first
    models.select_option("gaussian: Gaussian line")
    expect(notebook.widget(".nw-model-about")).to_contain_text("LineE")
    page.get_by_role("button", name="Add", exact=True).click()
    notebook.until("standin.choice.expression", "'constant*tbabs*(powerlaw+gaussian)'")
    row = notebook.widget(".nw-model-parts .widget-hbox").filter(has_text="TBabs")
    row.get_by_role("button", name="Remove").click()
    notebook.until("standin.choice.expression", "'constant*(powerlaw+gaussian)'")
    expect(page.get_by_role("combobox", name="Model expression")).to_have_value(
        "constant*(powerlaw+gaussian)"
    )


def test_a_template_is_applied_and_spectra_are_grouped(notebook: Notebook) -> None:
    show(notebook)
    page = notebook.page
    notebook.widget(".nw-model-box select").filter(has_text="Choose a template").select_option(
        "AGN: with iron line"
    )
    page.get_by_role("button", name="Apply").click()
    notebook.until("standin.choice.expression", "'constant*tbabs*(cutoffpl+zgauss)'")
    notebook.widget(".nw-grouping-box select").select_option("snmin")
    notebook.until("standin.groupings[-1].groupscale", "5.0")
    scale = notebook.widget(".nw-grouping-box").get_by_label("S/N")
    scale.fill("8")
    scale.press("Enter")
    notebook.until("standin.groupings[-1].groupscale", "8.0")
    assert notebook.py("standin.strip.text") == "''"


def test_what_is_shown_is_shown_as_text(notebook: Notebook) -> None:
    field = show(notebook)
    bad = "<img src=x onerror=document.title='hacked'>"
    field.fill(bad)
    expect(said(notebook)).to_contain_text("'<' is not expected here")
    notebook.py(f"standin.box.show(standin.choice, {bad!r})")
    expect(notebook.widget(".nw-expression-drawn")).to_contain_text("<img")
    assert notebook.page.title() != "hacked"
