"""HEASoft's own help on the parameters of a task, the one ``fhelp`` shows, where it is installed.

A task has ``help/<task>.html``, an older one ``help/<task>.txt``. Both were written by many hands
over decades: what cannot be made out is left out, and nothing here fails.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import replace
from functools import lru_cache
from html.parser import HTMLParser
from pathlib import Path
from typing import Final

from nustar_widgets.engines.taskspec import TaskSpec

MAX_LETTERS: Final = 2000
"""The longest text of a parameter; what is longer ends in three dots."""

_MAX_BYTES: Final = 1_000_000
_SECTION: Final = "parameters"
_HEADINGS: Final = {f"h{level}": level for level in range(1, 7)}
_INLINE: Final = frozenset((
    "a", "abbr", "b", "big", "code", "em", "font", "i", "kbd", "s", "small", "span", "strong",
    "sub", "sup", "tt", "u", "var",
))  # fmt: skip
_UNREAD: Final = frozenset(("script", "style"))
# "infile [file name]", "(binsize = 10) [real]", "ra, dec [string]"
_NAMES: Final = re.compile(r"\s*\(?\s*(\w+(?:\s*[,/]\s*\(?\w+)*)")
_TYPED: Final = re.compile(r"\(?\s*\w+[^\[]*\[")


def parameter_texts(help_folder: Path, task: str) -> dict[str, str]:
    """Return what HEASoft says of each parameter of a task.

    Parameters
    ----------
    help_folder
        ``$HEADAS/help``.
    task
        Name of the task.

    Returns
    -------
    dict
        By parameter, as plain words of at most `MAX_LETTERS` letters; empty where there is no help
        or it has no section on parameters.
    """
    for ending in ("html", "txt"):
        path = help_folder / f"{task}.{ending}"
        try:
            stamp = path.stat()
        except (OSError, ValueError):
            continue
        if found := _read(path, stamp.st_mtime_ns, stamp.st_size):
            return dict(found)
    return {}


def with_manual(spec: TaskSpec, texts: Mapping[str, str]) -> TaskSpec:
    """Return what a task accepts with HEASoft's help at each parameter.

    Parameters
    ----------
    spec
        What it accepts.
    texts
        As `parameter_texts` returns them.
    """
    told = (replace(item, manual=texts.get(item.name, "")) for item in spec.parameters)
    return replace(spec, parameters=tuple(told)) if texts else spec


@lru_cache(maxsize=32)  # a specification is asked for more often than HEASoft is installed
def _read(path: Path, _changed_ns: int, _size: int) -> dict[str, str]:
    if not path.is_file():
        return {}
    try:
        with path.open("rb") as file:
            written = file.read(_MAX_BYTES)
    except OSError:
        return {}
    try:
        text = written.decode()
    except UnicodeDecodeError:  # older than that
        text = written.decode("latin-1")
    return _from_html(text) if path.suffix == ".html" else _from_text(text)


def _from_html(text: str) -> dict[str, str]:
    page = _Page()
    # A task may have a hundred parameters, and what stands before them is not asked for.
    start = re.search(r"<h[1-6][^>]*>(?:\s|<[^>]*>|\w+ )*parameters", text, re.IGNORECASE)
    if start is None:
        return {}
    with suppress(AssertionError, ValueError):  # the parser's own, on declarations that are none
        page.feed(text[start.start() :])
        page.close()
    page.finish()
    return page.found


class _Page(HTMLParser):
    """Collects ``<dt>`` and ``<dd>`` between the heading of the section and the next."""

    def __init__(self) -> None:
        super().__init__()
        self.found: dict[str, str] = {}
        self._level = 0  # of the section's heading; 0 outside of it
        self._heading = 0  # level of a heading that is being read
        self._lists = 0  # a list inside a text belongs to it
        self._names: list[str] = []
        self._part = ""  # "dt", "dd", or neither
        self._said: list[str] = []
        self._is_unread = False

    def handle_starttag(self, tag: str, attrs: object) -> None:
        if tag in _INLINE:
            return
        self._is_unread = tag in _UNREAD
        self._end_heading()
        if tag in _HEADINGS:
            self._begin_heading(_HEADINGS[tag])
        elif self._level:
            self._lists += tag == "dl"
            if tag in ("dt", "dd") and self._lists <= 1:
                self._begin(tag)
            else:
                self._said.append(" ")

    def handle_endtag(self, tag: str) -> None:
        if tag in _HEADINGS:
            self._end_heading()
        elif tag == "dl":
            self._lists = max(0, self._lists - 1)
            if not self._lists:
                self.finish()
        if tag not in _INLINE:
            self._is_unread = False
            self._said.append(" ")

    def handle_data(self, data: str) -> None:
        if not self._is_unread:
            self._said.append(data)

    def _begin_heading(self, level: int) -> None:
        if level <= self._level:
            self.finish()
        self._heading = level
        if not self._level:
            self._said = []

    def _end_heading(self) -> None:
        level, self._heading = self._heading, 0
        if not level:
            return
        if not self._level and _words(self._said).lower().endswith(_SECTION):
            self._level, self._said = level, []
        elif level <= self._level:  # the next section; another may be of parameters too
            self._level, self._lists = 0, 0

    def _begin(self, part: str) -> None:
        if part == "dt" and self._part == "dd":
            self.finish()
        elif self._part == "dt":  # of several in a row each names one
            self._names += _names(_words(self._said))
        self._part, self._said = part, []

    def finish(self) -> None:
        """Keep the text that is being read."""
        if self._part == "dd":
            _keep(self.found, self._names, _words(self._said))
        self._names, self._part, self._said = [], "", []


def _from_text(text: str) -> dict[str, str]:
    """Read names that stand out to the left of their texts, below the word PARAMETERS."""
    lines = _section(text.expandtabs().splitlines())
    margin = min((_indent(line) for line in lines), default=0)
    found: dict[str, str] = {}
    names: list[str] = []
    said: list[str] = []
    for line in lines:
        if _indent(line) > margin or not _TYPED.match(line.strip()):
            said += [line, " "]
            continue
        if said:  # names without a text between them share the next
            _keep(found, names, _words(said))
            names, said = [], []
        names += _names(line)
    _keep(found, names, _words(said))
    return found


def _section(lines: list[str]) -> list[str]:
    """Return the lines with text between PARAMETERS and the next heading at the margin."""
    section: list[str] = []
    is_inside = False
    for line in lines:
        if not line.strip():
            continue
        if not line[0].isspace():
            if is_inside and section:
                break
            is_inside = line.strip().lower().endswith(_SECTION)
        elif is_inside:
            section.append(line)
    return section


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip())


def _names(heading: str) -> list[str]:
    found = _NAMES.match(heading)
    return re.findall(r"\w+", found[1]) if found else []


def _words(said: Iterable[str]) -> str:
    return " ".join("".join(said).split())


def _keep(found: dict[str, str], names: Iterable[str], text: str) -> None:
    if len(text) > MAX_LETTERS:
        text = text[: MAX_LETTERS - 4].rpartition(" ")[0] + " ..."
    for name in names if text else ():
        found.setdefault(name, text)
