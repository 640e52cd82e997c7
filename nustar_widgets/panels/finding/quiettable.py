"""An ITable that does not answer itself, and takes keys.

itables 2.9 deselects and selects all rows again whenever ``selected_rows`` changes, also when the
table itself has just said so: two seconds for each click in 20 000 rows (measured). Here such an
echo is not passed on to it; and rows can be reached and chosen by keys. Everything else is ITable's
own.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

from itables.widget import ITable

_EXPORT = re.compile(r"export\s*\{\s*(\w+) as default\s*\};?")
_FRONT: Final = Path(__file__).with_name("front")


def _read(name: str) -> str:
    return (_FRONT / name).read_text(encoding="utf-8")


def _front_end() -> str:
    """Return ITable's own code with the wrapper; as it is, if it does not end as expected."""
    own = str(ITable._esm)
    code, count = _EXPORT.subn(r"const itables = \1;", own)
    around = _read("quiettable.js")
    return f"{code}\n{around}" if count == 1 else own


class QuietTable(ITable):
    """A table that answers at once, whatever its size, and keys; see `itables.widget.ITable`."""

    _esm = _front_end()
    _css = f"{ITable._css}\n{_read('quiettable.css')}"
