"""How spectra are grouped for a fit, and what comes out of it."""

from __future__ import annotations

import html
import math
from collections.abc import Callable
from dataclasses import replace
from typing import Any, Final

import ipywidgets as widgets

from nustar_widgets.errors import ParameterError
from nustar_widgets.fits.groupingview import BinNumbers, GroupingView
from nustar_widgets.instrument import PI_ZERO_KEV, kev_to_pi_range, pi_to_kev
from nustar_widgets.session.values import GroupingChoice

_AS_IN_FILE: Final = "as in the file"
KINDS: Final = {
    _AS_IN_FILE: "",
    "none": "no grouping: every channel is a bin",
    "min": "at least so many counts in every bin",
    "bmin": "at least so many background counts in every bin",
    "constant": "so many channels in every bin",
    "snmin": "at least this signal-to-noise in every bin, background subtracted",
    "opt": "as narrow as the resolution and the counts call for (Kaastra and Bleeker 2016)",
    "optmin": "as opt, with at least so many counts",
    "optsnmin": "as opt, with at least this signal-to-noise",
    "file": "as another PHA file or a text file says",
}
"""Ways to group, in ftgrouppha's words, each explained."""

SCALES: Final = {
    "min": ("counts", 25.0),
    "bmin": ("counts", 5.0),
    "constant": ("channels", 4.0),
    "snmin": ("S/N", 5.0),
    "optmin": ("counts", 25.0),
    "optsnmin": ("S/N", 3.0),
}
"""What a scale counts and what it begins with, for those that have one."""

_NO_LIMITS: Final = ("none", "opt", "file", _AS_IN_FILE)
_HEADS: Final = (
    "",
    "bins",
    "keV",
    "least<br>counts",
    "median<br>counts",
    "least<br>S/N",
    "median<br>S/N",
    "widest<br>keV",
)
_CELL: Final = "text-align:right;padding:0 0 0 12px;white-space:nowrap;vertical-align:bottom"
_ROW: Final = {"align_items": "center", "width": "100%", "flex_flow": "row wrap"}


class GroupingBox(widgets.VBox):
    """Chooses how spectra are grouped.

    Parameters
    ----------
    grouped
        Told how; ``None``: as their files are.
    guarded
        Wraps what hears the controls, so that errors are shown.
    """

    def __init__(
        self,
        *,
        grouped: Callable[[GroupingChoice | None], Any],
        guarded: Callable[[Callable[..., Any]], Callable[..., None]],
    ) -> None:
        super().__init__(layout=widgets.Layout(width="100%"))
        self.add_class("nw-grouping-box")
        self._grouped = grouped
        self._choice: GroupingChoice | None = None
        self._is_showing = False
        self.kind = widgets.Dropdown(
            description="grouping", options=tuple(KINDS),
            style={"description_width": "60px"}, layout=widgets.Layout(width="210px"),
        )  # fmt: skip
        self.scale = _number("", "150px")
        self.low = _number("from [keV]", "140px")
        self.high = _number("to [keV]", "130px")
        self.file = widgets.Text(
            description="file", continuous_update=False, placeholder="a PHA or text file",
            style={"description_width": "60px"}, layout=widgets.Layout(width="auto"),
        )  # fmt: skip
        self.about = widgets.HTML()
        self.numbers = widgets.HTML()
        self.first = widgets.HBox((self.kind, self.scale), layout=widgets.Layout(**_ROW))
        self.limits = widgets.HBox((self.low, self.high), layout=widgets.Layout(**_ROW))
        self.children = (self.first, self.limits, self.file, self.about, self.numbers)
        self.kind.observe(guarded(lambda _: self._kind_chosen()), "value")
        for control in (self.scale, self.low, self.high, self.file):
            control.observe(guarded(lambda _: self._entered()), "value")
        self.show(None)

    def show(self, choice: GroupingChoice | None, view: GroupingView | None = None) -> None:
        """Show how spectra are grouped, and what came out.

        Parameters
        ----------
        choice
            How; ``None``: as their files are.
        view
            What came out; None where it is not known.
        """
        self._choice = choice
        self._is_showing = True
        try:
            self._show_choice(choice)
        finally:
            self._is_showing = False
        self.numbers.value = "" if view is None else _told(view)

    def _show_choice(self, choice: GroupingChoice | None) -> None:
        kind = _AS_IN_FILE if choice is None else choice.grouptype
        self.kind.value = kind
        self._arrange(kind)
        if choice is None:
            return
        if choice.groupscale is not None and kind in SCALES:
            self.scale.value = f"{choice.groupscale:g}"
        low, high = choice.minchannel, choice.maxchannel
        self.low.value = "" if low is None else f"{pi_to_kev(low):g}"
        self.high.value = "" if high is None else f"{pi_to_kev(high + 1):g}"
        self.file.value = str(dict(choice.others).get("templatefile", ""))

    def _arrange(self, kind: str) -> None:
        """Show the controls a kind has."""
        self.about.value = _small(KINDS[kind])
        if kind in SCALES:
            self.scale.description = SCALES[kind][0]
        self.scale.layout.display = None if kind in SCALES else "none"
        self.limits.layout.display = "none" if kind in _NO_LIMITS else None
        self.file.layout.display = None if kind == "file" else "none"

    def _kind_chosen(self) -> None:
        if self._is_showing:
            return
        kind = self.kind.value
        self._arrange(kind)
        self._is_showing = True
        try:
            if kind in SCALES and not self._keeps_scale(kind):
                self.scale.value = f"{SCALES[kind][1]:g}"
            if kind not in _NO_LIMITS and self._choice is None:
                self.low.value, self.high.value = "3", "79"
        finally:
            self._is_showing = False
        if kind == "file" and not self.file.value.strip():
            self.about.value = _small("Name the file: it is grouped once there is one.")
            return
        self._entered()

    def _keeps_scale(self, kind: str) -> bool:
        """Whether the scale of the kind before counts the same."""
        before = SCALES.get(self._choice.grouptype) if self._choice is not None else None
        return before is not None and before[0] == SCALES[kind][0] and bool(self.scale.value)

    def _entered(self) -> None:
        if not self._is_showing:
            choice = self._read()
            if choice != self._choice:
                self._grouped(choice)

    def _read(self) -> GroupingChoice | None:
        kind = self.kind.value
        if kind == _AS_IN_FILE:
            return None
        limits = (None, None) if kind in _NO_LIMITS else self._channels()
        others = dict(self._choice.others) if self._choice is not None else {}
        others.pop("templatefile", None)
        if kind == "file":
            others["templatefile"] = self.file.value.strip()
        return replace(
            GroupingChoice(),
            grouptype=kind,
            groupscale=_positive(self.scale.value, SCALES[kind][0]) if kind in SCALES else None,
            minchannel=limits[0],
            maxchannel=limits[1],
            others=tuple(others.items()),
        )

    def _channels(self) -> tuple[int | None, int | None]:
        low, high = self.low.value.strip(), self.high.value.strip()
        if not low and not high:
            return None, None
        low_kev = _positive(low, "from [keV]") if low else PI_ZERO_KEV
        high_kev = _positive(high, "to [keV]") if high else pi_to_kev(4096)
        first, last = kev_to_pi_range(low_kev, high_kev)
        return (first if low else None), (last if high else None)


def _number(label: str, width: str) -> widgets.Text:
    return widgets.Text(
        description=label, continuous_update=False,
        style={"description_width": "70px"}, layout=widgets.Layout(width=width),
    )  # fmt: skip


def _positive(text: str, field: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not (value > 0.0 and math.isfinite(value)):
        raise ParameterError(field, f"{text!r}: expected a number above 0, as 25")
    return value


def _told(view: GroupingView) -> str:
    """Draw what came out as a table, with what to mind."""
    heads = "".join(f"<th scope='col' style='{_CELL};font-weight:600'>{h}</th>" for h in _HEADS)
    rows = "".join(_row(item) for item in view.spectra)
    warnings = "".join(
        f"<div role='status' style='color:#7a4b00;background:#fff4df;padding:1px 6px;"
        f"border-radius:3px;margin-top:2px'>{html.escape(text)}</div>"
        for text in view.warnings
    )
    return (
        "<div style='font-size:12px;line-height:1.45;color:var(--jp-ui-font-color1,#222)'>"
        "<table style='border-collapse:collapse;font-variant-numeric:tabular-nums'>"
        f"<tr>{heads}</tr>{rows}</table>{warnings}</div>"
    )


def _row(item: BinNumbers) -> str:
    cells: tuple[str, ...] = (item.name, f"{item.n_bins:,}")
    if item.n_bins:
        cells += (
            f"{item.low_kev:.4g}-{item.high_kev:.4g}",
            f"{item.smallest_counts:,}",
            f"{item.median_counts:,.0f}",
            f"{item.smallest_sn:.1f}",
            f"{item.median_sn:.1f}",
            f"{item.widest_kev:.3g}",
        )
    cells += ("-",) * (len(_HEADS) - len(cells))
    drawn = "".join(f"<td style='{_CELL}'>{html.escape(text)}</td>" for text in cells)
    return f"<tr>{drawn}</tr>"


def _small(text: str) -> str:
    return (
        "<div style='font-size:12px;line-height:1.4;color:var(--jp-ui-font-color2,#555)'>"
        f"{html.escape(text)}</div>"
    )
