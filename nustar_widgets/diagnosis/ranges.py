"""Ranges of versions as the page's widgets name them: ``^0.6.1``, ``~0.11.*``."""

from __future__ import annotations

import re

_NUMBERS = re.compile(r"\d+")


def fits(version: str, wanted: str) -> bool:
    """Whether a version lies in a range.

    Parameters
    ----------
    version
        Version of npm, as ``0.6.1``; what comes after a ``-`` or ``+`` is not looked at.
    wanted
        ``^``: the same up to its first number that is not zero; ``~``: the same up to the second
        number; anything else: the same as far as it goes. A ``*`` is any number.
    """
    sign = wanted[:1] if wanted[:1] in ("^", "~") else ""
    asked, found = _parts(wanted.partition("-")[0]), _parts(re.split(r"[-+]", version)[0])
    if not asked or not found:
        return False
    found += [0] * (len(asked) - len(found))
    if sign == "^":
        leading = next((at for at, number in enumerate(asked) if number), len(asked) - 1)
        fixed = leading + 1
    else:
        fixed = min(2, len(asked)) if sign == "~" else len(asked)
    return found[:fixed] == asked[:fixed] and (not sign or found >= asked)


def _parts(text: str) -> list[int]:
    """Return the numbers up to the first that is any."""
    return [int(number) for number in _NUMBERS.findall(text.partition("*")[0])]
