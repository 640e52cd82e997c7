"""Keys for the controls of a panel: JupyterLab's shortcuts leave them alone.

In JupyterLab arrow keys choose another cell and letters are commands also while a list or a button
of a widget has the focus. This view, which shows nothing, keeps them for the panel it stands in; it
is put there once the page has its code, for a page without would show an error in its place.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

from nustar_widgets.panels.page import PageView, joined

_FRONT: Final = Path(__file__).with_name("front")


class OwnKeys(PageView):
    """Keeps keys pressed in the element around it from JupyterLab's shortcuts."""

    _esm = joined(_FRONT, ("ownkeys.js",))
