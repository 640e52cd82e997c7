"""Looking at one product of a job: plot, picture or text, by the kind of its file."""

from __future__ import annotations

import html
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final, NamedTuple

import ipywidgets as widgets

from nustar_widgets.panels.queue.curvelook import CurveLook
from nustar_widgets.panels.queue.imagelook import ImageLook, read_picture
from nustar_widgets.panels.queue.spectrumlook import SpectrumLook, read_spectrum_points
from nustar_widgets.spectra.lightcurvefile import read_light_curve

_MOST_TEXT: Final = 100_000  # letters of a text that are shown


class _Way(NamedTuple):
    """How a kind of file is read, beside the kernel, and what it is shown with."""

    read: Callable[[Path], Any]
    show: Callable[[Any], widgets.Widget]


def _read_text(path: Path) -> str:
    with path.open(encoding="utf-8", errors="replace") as stream:
        return stream.read(_MOST_TEXT)


def _text(text: str) -> widgets.Widget:
    style = "max-height:300px;overflow:auto;font-size:11px;line-height:1.4;margin:4px 0"
    return widgets.HTML(f"<pre class='nw-text-look' style='{style}'>{html.escape(text)}</pre>")


def _plot(data: bytes) -> widgets.Widget:
    layout = widgets.Layout(max_width="100%", max_height="340px", object_fit="contain")
    return widgets.Image(value=data, format="gif", layout=layout)


_WAYS: Final[Mapping[str, _Way]] = {
    ".pha": _Way(read_spectrum_points, SpectrumLook),
    ".pi": _Way(read_spectrum_points, SpectrumLook),
    ".lc": _Way(read_light_curve, CurveLook),
    ".img": _Way(read_picture, ImageLook),
    ".reg": _Way(_read_text, _text),
    ".txt": _Way(_read_text, _text),
    ".json": _Way(_read_text, _text),
    ".gif": _Way(Path.read_bytes, _plot),
}


def can_look(path: Path) -> bool:
    """Whether a file can be looked at here.

    Parameters
    ----------
    path
        The file.
    """
    return _ending(path) in _WAYS


def read_look(path: Path) -> Callable[[], widgets.Widget]:
    """Read a file; what is returned makes the widget that shows it.

    Parameters
    ----------
    path
        A file for which `can_look`.

    Raises
    ------
    NustarWidgetsError
        It is not what its name says.
    OSError
        It cannot be read.
    """
    way = _WAYS[_ending(path)]
    content = way.read(path)
    return lambda: way.show(content)


def _ending(path: Path) -> str:
    return (path.with_suffix("") if path.suffix == ".gz" else path).suffix.lower()
