"""A notebook that a program has run, and what a web page makes of it: no kernel, no script."""

from __future__ import annotations

from pathlib import Path

import nbclient
import nbformat
from nbconvert import HTMLExporter

from nustar_widgets.simulate import SimulatedObservation

OPEN = """
import nustar_widgets as nw
session = nw.Session(work_dir=".")
nw.open_in(session, {path!r})
nw.SkyPanel(session)
"""


def test_it_shows_the_images_and_numbers_where_the_widget_would_be(
    sample: SimulatedObservation, tmp_path: Path
) -> None:
    cell = nbformat.v4.new_code_cell(OPEN.format(path=str(sample.path)))
    notebook = nbformat.v4.new_notebook(cells=[cell])
    client = nbclient.NotebookClient(
        notebook, kernel_name="python3", timeout=300, store_widget_state=False,
        resources={"metadata": {"path": str(tmp_path)}},
    )  # fmt: skip
    client.execute()
    exporter = HTMLExporter(template_name="basic")  # type: ignore[no-untyped-call]
    page, _ = exporter.from_notebook_node(notebook)
    assert page.count("data:image/svg+xml;base64,") == 1
    assert "Last state, of " in page
    assert "source counts" in page
    assert "widget-view" not in page
