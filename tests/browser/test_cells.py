"""A cell run again and again: neither the kernel nor the page keeps what it showed before."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.browser.notebook import Notebook
from tests.browser.regioncells import PARTS

TIMES = 50
OBSERVERS = "sum(len(c) for k in session._trait_notifiers.values() for c in k.values())"
FEW = "session.edit('few', regions=Regions(fpma=ModuleRegions(source=SOURCE)))"
SHOW = "panel = Parts(session, ['table', 'text', 'sky']); panel"
SEARCH_TOO = """
from nustar_widgets.archive.catalog import Catalog
from nustar_widgets.panels.search import SearchPanel
search = SearchPanel(session, catalog=Catalog(cache_dir='cache'))
parts = Parts(session, ['table', 'text', 'sky'])
display(parts, search)
"""


def test_a_cell_run_fifty_times_leaves_what_one_run_leaves(notebook: Notebook) -> None:
    notebook.run(PARTS, FEW, SEARCH_TOO)
    panels = notebook.widget(".jp-OutputArea .nw-panel")
    expect(panels).to_have_count(2)
    known, observers = notebook.known(), notebook.py(OBSERVERS)
    assert notebook.settled() == known
    for _ in range(TIMES):
        notebook.again(2)
        expect(panels).to_have_count(2)
    assert (notebook.known(), notebook.py(OBSERVERS)) == (known, observers)
    assert notebook.settled() == known


def test_panels_of_one_run_and_of_other_cells_stay(notebook: Notebook) -> None:
    two = (
        "one, two = Parts(session, ['table']), Parts(session, ['table'])\nwidgets.HBox([one, two])"
    )
    notebook.run(PARTS, two, SHOW)
    expect(notebook.widget(".jp-OutputArea .nw-panel")).to_have_count(3)
    notebook.py("first = one, two, panel")
    notebook.again(1)
    expect(notebook.widget(".jp-OutputArea .nw-panel")).to_have_count(3)
    told = notebook.py("[w.comm is not None for w in (*first, one, two)]")
    assert told == "[False, False, True, True, True]"
    box = notebook.widget(".nw-shape input").first
    box.fill("321.9")
    box.press("Enter")
    notebook.until("session.regions.fpma.source.shapes[0].ra_deg", "321.9")


def test_a_panel_made_by_a_button_of_another_takes_nobodys_place(notebook: Notebook) -> None:
    later = """
    made = []
    button = widgets.Button(description="more")
    button.on_click(lambda _: made.append(Parts(session, ['table'])))
    widgets.VBox([button, Parts(session, ['table'])])
    """
    notebook.run(PARTS, later)
    button = notebook.widget(".jp-OutputArea button").filter(has_text="more")
    button.click()
    button.click()
    notebook.until("[one.comm is not None for one in made]", "[True, True]")
    expect(notebook.widget(".jp-OutputArea .nw-panel")).to_have_count(1)
