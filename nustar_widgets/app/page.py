"""What the page of the application shows (``pages/app.ipynb``)."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

from nustar_widgets.app.application import App
from nustar_widgets.app.sessions import WORK, session_or_new

FOLDER: Final = "NUSTAR_WIDGETS_FOLDER"
"""Variable that names the work folder."""


def shown() -> App:
    """Return the application on the folder that was asked for; files are named from there."""
    folder = Path(os.environ.get(FOLDER) or WORK).expanduser().absolute()
    folder.mkdir(parents=True, exist_ok=True)
    os.chdir(folder)
    session, _, trouble = session_or_new(folder)
    app = App(session)
    if trouble:
        app.strip.fail(trouble)
    return app
