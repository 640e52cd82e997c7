"""The form of a task in a notebook, as its tests show it, look into it and ask Python."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from tests.browser.formcells import PRODUCTS, STANDIN
from tests.browser.notebook import Notebook

if TYPE_CHECKING:
    from playwright.sync_api import Locator

IN_VIEW = """
() => [...document.querySelectorAll('.nw-form-row')].map(row => row.dataset.name)
"""


def show(notebook: Notebook, cell: str = PRODUCTS) -> None:
    notebook.run(STANDIN, cell)
    notebook.widget(".nw-form-row").first.wait_for()
    notebook.widget(".nw-form").scroll_into_view_if_needed()


def row(notebook: Notebook, name: str) -> Locator:
    return notebook.widget(f".nw-form-row[data-name='{name}']")


def search(notebook: Notebook) -> Locator:
    return notebook.page.get_by_role("searchbox", name="Find a parameter by name or meaning")


def view(notebook: Notebook, name: str) -> Locator:
    return notebook.widget(".nw-form-views label").filter(has_text=name)


def heard(notebook: Notebook) -> list[tuple[str, object]]:
    told: list[tuple[str, object]] = ast.literal_eval(notebook.py("standin.heard"))
    return told


def state(notebook: Notebook, name: str) -> str:
    return notebook.py(f"standin.state(standin.spec.parameter({name!r})).value").strip("'")
