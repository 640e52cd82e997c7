"""Controls of the light curves: bins, band, and what is drawn."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final

import ipywidgets as widgets

from nustar_widgets.instrument import MODULES
from nustar_widgets.live.curveview import KINDS
from nustar_widgets.live.hardness import HARD_KEV, SOFT_KEV

if TYPE_CHECKING:
    from collections.abc import Iterator

LEAST_PERCENT: Final = 30.0
_SHOWN_AT_FIRST: Final = ("net", "background")


class CurveForm(widgets.VBox):
    """One row of controls, and one more for the bands of the hardness ratio.

    Parameters
    ----------
    on_bin, on_band
        Told that the bin size or the band is to change.
    on_look
        Told that something else is to be drawn.
    on_mouse
        Told what the mouse is to do: ``zoom``, ``mark`` or nothing.
    """

    def __init__(
        self,
        *,
        on_bin: Callable[[], Any],
        on_band: Callable[[], Any],
        on_look: Callable[[], Any],
        on_mouse: Callable[[str], Any],
    ) -> None:
        super().__init__()
        self.add_class("nw-curve-form")
        self._quiet = False
        self.bin = _number(100.0, "bin [s]", 44, "Width of a bin of the light curve [s]", 66)
        self.low = _number(3.0, "band [keV]", 82, "Lower end of the energy band [keV]", 48)
        self.high = _number(78.0, "to", 16, "Upper end of the energy band [keV]", 48)
        self.least = _number(
            LEAST_PERCENT, "good ≥ [%]", 86,
            "Bins with a smaller part of good time (FRACEXP) are not drawn", 42,
        )  # fmt: skip
        self.kinds = {
            kind: _toggle(kind, kind in _SHOWN_AT_FIRST, f"Draw the {_WORDS[kind]} light curve", px)
            for kind, px in (("net", 40), ("source", 58), ("background", 84))
        }
        self.modules = {module: _toggle(module, True, f"Draw {module}", 52) for module in MODULES}
        self.bars = _toggle(
            "errors", True, "Draw the errors (Poisson); while a region is dragged they wait", 54
        )
        self.hardness = _toggle("hardness", False, "Show the hardness ratio of the net counts", 72)
        self.zoom = _toggle(
            "zoom", False, "Wheel and drag zoom and move the time axis; off shows all", 50
        )
        self.soft = [
            _number(SOFT_KEV[0], "soft [keV]", 82, "Lower end of the soft band [keV]", 54),
            _number(SOFT_KEV[1], "to", 16, "Upper end of the soft band [keV]", 54),
        ]
        self.hard = [
            _number(HARD_KEV[0], "hard [keV]", 82, "Lower end of the hard band [keV]", 54),
            _number(HARD_KEV[1], "to", 16, "Upper end of the hard band [keV]", 54),
        ]
        self._first = _row(
            self.bin, self.low, self.high, self.least, _space(),
            *self.kinds.values(), *self.modules.values(), self.bars, self.hardness, self.zoom,
        )  # fmt: skip
        self._second = _row(*self.soft, *self.hard)
        self.children = (self._first,)
        self._listen(on_bin, on_band, on_look)
        self.zoom.observe(lambda change: on_mouse("zoom" if change["new"] else ""), "value")

    def _listen(
        self, on_bin: Callable[[], Any], on_band: Callable[[], Any], on_look: Callable[[], Any]
    ) -> None:
        def unless_quiet(act: Callable[[], Any]) -> Callable[[Any], None]:
            def call(_: Any) -> None:
                if not self._quiet:
                    act()

            return call

        def look() -> None:
            self.children = (self._first, *((self._second,) if self.hardness.value else ()))
            on_look()

        self.bin.observe(unless_quiet(on_bin), "value")
        for end in (self.low, self.high):
            end.observe(unless_quiet(on_band), "value")
        for control in (
            self.least, *self.kinds.values(), *self.modules.values(), self.bars, self.hardness,
            *self.soft, *self.hard,
        ):  # fmt: skip
            control.observe(unless_quiet(look), "value")

    @contextmanager
    def quietly(self) -> Iterator[None]:
        """Set controls without telling anybody."""
        self._quiet = True
        try:
            yield
        finally:
            self._quiet = False

    @property
    def shown(self) -> tuple[str, ...]:
        """The curves wanted, in the order they are drawn: the net curve comes on top."""
        order = ("background", "source", "net")
        assert set(order) == set(KINDS)
        return tuple(kind for kind in order if self.kinds[kind].value)

    @property
    def bands_kev(self) -> tuple[tuple[float, float], tuple[float, float]]:
        """Soft and hard band [keV]."""
        (a, b), (c, d) = self.soft, self.hard
        return (a.value, b.value), (c.value, d.value)


_WORDS: Final = {
    "source": "source", "net": "net (source less scaled background)",
    "background": "background, scaled to the source area",
}  # fmt: skip


def _number(value: float, words: str, width_px: int, tip: str, field_px: int) -> widgets.FloatText:
    return widgets.FloatText(
        value=value, description=words, tooltip=tip, continuous_update=False,
        style={"description_width": f"{width_px}px"},
        layout=widgets.Layout(width=f"{width_px + field_px + 8}px", flex="0 0 auto"),
    )  # fmt: skip


def _toggle(words: str, value: bool, tip: str, width_px: int) -> widgets.ToggleButton:
    return widgets.ToggleButton(
        value=value, description=words, tooltip=tip,
        layout=widgets.Layout(width=f"{width_px}px", flex="0 0 auto", padding="0"),
    )  # fmt: skip


def _space() -> widgets.Box:
    return widgets.Box(layout=widgets.Layout(flex="1 1 auto"))


def _row(*controls: widgets.Widget) -> widgets.HBox:
    return widgets.HBox(
        list(controls),
        layout=widgets.Layout(width="100%", align_items="center", flex_flow="row wrap"),
    )
