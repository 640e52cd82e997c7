"""What was entered for a parameter, as text of the page, and the value it stands for."""

from __future__ import annotations

import math
from typing import Any, Final

from nustar_widgets.errors import ParameterError

FIELDS: Final = ("value", "frozen", "min", "max", "link", "reset")
"""What of a parameter can be changed."""


def entered(name: str, what: str, given: Any) -> tuple[str, Any]:
    """Return what is to be changed, and its new value.

    A value that begins with ``=`` is a link.

    Parameters
    ----------
    name
        Full name of the parameter, for messages.
    what
        One of :data:`FIELDS`.
    given
        Text or number from the page. An empty limit is None: the model's own; an empty link
        unlinks.

    Raises
    ------
    ParameterError
        If it is not a number where one is expected.
    """
    text = str(given).strip()
    if what == "value" and text.startswith("="):
        what = "link"
    if what in ("value", "min", "max"):
        return what, None if what != "value" and not text else _number(name, what, text)
    if what == "link":
        return what, text.removeprefix("=").strip()
    return what, bool(given) if what == "frozen" else None


def _number(name: str, what: str, text: str) -> float:
    try:
        number = float(text)
    except ValueError:
        number = math.nan
    if math.isfinite(number):
        return number
    raise ParameterError(name, f"{what} {text!r}: expected a number, as 1.8 or 1e-3")
