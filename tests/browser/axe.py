"""What axe, the checker of accessibility, finds in a part of a page."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from axe_playwright_python.sync_playwright import Axe

if TYPE_CHECKING:
    from playwright.sync_api import Page

# JupyterLab's body has no height of its own, and axe takes what is in it for hidden.
_BODY = "html, body { height: 100vh !important; }"


def violations(page: Page, css: str) -> list[str]:
    """Return what is wrong in the elements a selector finds, one line for each element.

    The window is made tall meanwhile: what is scrolled out of it is not looked at.
    """
    size = page.viewport_size
    assert size is not None
    page.add_style_tag(content=_BODY)
    page.set_viewport_size({"width": size["width"], "height": 2600})
    found: dict[str, Any] = Axe().run(page, context=css).response
    page.set_viewport_size(size)
    assert found["passes"], "nothing was looked at"
    return [
        f"{rule['id']}: {node['html'][:200]} {node['failureSummary']}"
        for rule in found["violations"]
        for node in rule["nodes"]
    ]
