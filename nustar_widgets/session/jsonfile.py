"""JSON from a file that anybody may have written: data, of bounded size, or a clear refusal.

Nothing is run, nothing hangs: what is no ordinary file is not opened to be read, what is longer
than any session is not read to its end, and what is nested deeper than any session is refused.
"""

from __future__ import annotations

import json
import os
import stat
from pathlib import Path
from typing import Any, Final, NoReturn

from nustar_widgets.errors import SessionError

LARGEST_BYTES: Final = 20_000_000
"""Longest session file that is read or written."""

_DEEPEST: Final = 40  # a shape of a region in an undo step lies twelve deep
_NO_WAITING: Final = getattr(os, "O_NONBLOCK", 0)  # a pipe would be waited for


def read_bytes(path: str | Path) -> bytes:
    """Return the content of an ordinary file.

    Raises
    ------
    SessionError
        It cannot be read, is no ordinary file, or is longer than any session.
    """
    try:
        handle = os.open(path, os.O_RDONLY | _NO_WAITING)
    except (OSError, ValueError) as error:
        raise SessionError(f"{path}: cannot be read ({_reason(error)})") from error
    try:
        if not stat.S_ISREG(os.fstat(handle).st_mode):
            raise SessionError(f"{path}: is no ordinary file: expected a saved session")
        with os.fdopen(handle, "rb", closefd=False) as stream:
            content = stream.read(LARGEST_BYTES + 1)
    except OSError as error:
        raise SessionError(f"{path}: cannot be read ({_reason(error)})") from error
    finally:
        os.close(handle)
    if len(content) > LARGEST_BYTES:
        raise SessionError(
            f"{path}: not a saved session: it is longer than {LARGEST_BYTES // 1_000_000} MB, "
            "which no session is"
        )
    return content


def parsed(content: bytes, path: str | Path) -> Any:
    """Return the JSON values some bytes stand for.

    Parameters
    ----------
    content
        The bytes.
    path
        Where they came from, for messages.

    Raises
    ------
    SessionError
        They are no JSON as the standard has it: not text, a key twice, a number that is none, or
        nested deeper than any session.
    """
    try:
        value = json.loads(
            content.decode("utf-8"), object_pairs_hook=_each_once, parse_constant=_no_number
        )
    except UnicodeDecodeError as error:
        raise SessionError(f"{path}: not a saved session, which is text in UTF-8") from error
    except RecursionError as error:
        raise SessionError(f"{path}: not a saved session: it is nested too deep") from error
    except ValueError as error:
        raise SessionError(f"{path}: not a saved session, which is JSON ({error})") from error
    if _is_deep(value):
        raise SessionError(f"{path}: not a saved session: it is nested too deep")
    return value


def _each_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise ValueError(f"{twice[:80]!r} is given twice")
    return found


def _no_number(text: str) -> NoReturn:
    raise ValueError(f"{text} is no number")


def _is_deep(value: Any) -> bool:
    """Whether a value is nested deeper than any session; looks one level at a time."""
    level = [value]
    for _ in range(_DEEPEST):
        level = [
            held
            for item in level
            if isinstance(item, dict | list)
            for held in (item.values() if isinstance(item, dict) else item)
            if isinstance(held, dict | list)
        ]
        if not level:
            return False
    return True


def _reason(error: Exception) -> str:
    return (error.strerror if isinstance(error, OSError) else None) or str(error)
