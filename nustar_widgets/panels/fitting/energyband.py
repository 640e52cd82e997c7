"""Which energies are fitted: marked on the plot, by numbers, or as text."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import ipywidgets as widgets

from nustar_widgets.errors import ParameterError
from nustar_widgets.fits.energyranges import WHOLE, merged, parsed_ranges, range_text, without

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    Ranges = tuple[tuple[float, float], ...]

MODES: Final = (
    ("Look", "look", "Read values off the plot"),
    ("Zoom", "zoom", "Drag the plot, turn the wheel"),
    ("Notice only", "notice", "Mark the energies to fit; all others are ignored"),
    ("Ignore", "ignore", "Mark energies to leave out"),
)
MARKS: Final = ("notice", "ignore")
_HINT: Final = (
    "Click into the plot: the range then follows the mouse, wider further up, narrower further "
    "down. A double click holds it. Or type the energies here."
)
_DIGITS: Final = 2  # of energies marked by mouse [keV]; a channel is 0.04


class EnergyBand(widgets.VBox):
    """Notice and ignore.

    Parameters
    ----------
    noticed
        Told the energies to fit: (low, high) [keV], ascending.
    mode_changed
        Told what the mouse is to do: look, zoom, notice or ignore.
    reset_view
        Called to show all energies in use.
    guarded
        Wraps callbacks, so that errors are shown.
    """

    def __init__(
        self,
        *,
        noticed: Callable[[Ranges], Any],
        mode_changed: Callable[[str], Any],
        reset_view: Callable[[], Any],
        guarded: Callable[[Callable[..., Any]], Callable[..., None]],
    ) -> None:
        super().__init__()
        self.add_class("nw-energy-band")
        self._noticed, self._mode_changed = noticed, mode_changed
        self.ranges: Ranges = WHOLE
        """Energies in use [keV]."""
        self.mode = widgets.ToggleButtons(
            options=[(words, mode) for words, mode, _ in MODES],
            tooltips=[tip for _, _, tip in MODES], style={"button_width": "auto"},
        )  # fmt: skip
        number = {"step": 0.1, "layout": widgets.Layout(width="76px")}
        self.low = widgets.FloatText(value=WHOLE[0][0], **number)
        self.high = widgets.FloatText(value=WHOLE[0][1], **number)
        self.apply = _button("Apply", "Fit the energies as marked")
        self.text = widgets.Text(
            value=range_text(WHOLE), description="Fit", continuous_update=False,
            style={"description_width": "auto"},
            layout=widgets.Layout(flex="1 1 100px", width="auto"),
            tooltip="Energies to fit [keV], as 3-79, without 23-27",
        )  # fmt: skip
        self.whole = _button("3-79 keV", "Fit all energies NuSTAR is calibrated for")
        self.view = _button("Reset view", "Show all energies that are fitted")
        self.hint = widgets.HTML()
        self._arrange()
        self.mode.observe(guarded(self._mode), "value")
        self.text.observe(guarded(self._typed), "value")
        for button, act in (
            (self.apply, self._apply), (self.whole, self._all), (self.view, reset_view),
        ):  # fmt: skip
            button.on_click(_clicked(guarded(act)))

    def _arrange(self) -> None:
        row = widgets.Layout(flex_flow="row wrap", align_items="center", grid_gap="0 6px")
        self._marking = widgets.HBox(
            (self.low, widgets.Label("to"), self.high, widgets.Label("keV"), self.apply, self.hint),
            layout=row,
        )
        self._first = widgets.HBox((self.mode, self.view, self.text, self.whole), layout=row)
        self.children = (self._first,)

    def show_ranges(self, ranges: Sequence[tuple[float, float]]) -> None:
        """Show the energies in use.

        Parameters
        ----------
        ranges
            Lower and upper end of each [keV].
        """
        self.ranges = merged(ranges)
        self.text.value = range_text(self.ranges)

    def show_marked(self, low_kev: float, high_kev: float) -> None:
        """Show what is marked by mouse.

        Parameters
        ----------
        low_kev, high_kev
            Its ends.
        """
        self.low.value, self.high.value = round(low_kev, _DIGITS), round(high_kev, _DIGITS)

    def _mode(self, _: Any = None) -> None:
        mode = self.mode.value
        self.hint.value = f"<small>{_HINT}</small>"
        self.apply.description = {key: words for words, key, _ in MODES}[mode]
        self.children = (self._first, *((self._marking,) if mode in MARKS else ()))
        self._mode_changed(mode)

    def _apply(self) -> None:
        low, high = float(self.low.value), float(self.high.value)
        if not 0.0 <= low < high < float("inf"):
            raise ParameterError(
                "energies", f"{low:g} to {high:g} keV: expected the lower energy first, as 3 to 79"
            )
        if self.mode.value == "notice":
            self._tell(((low, high),))
        else:
            self._tell(without(self.ranges, (low, high)))
        self.mode.value = "look"

    def _all(self) -> None:
        self._tell(WHOLE)

    def _typed(self, _: Any) -> None:
        if self.text.value == range_text(self.ranges):
            return
        try:
            ranges = parsed_ranges(self.text.value)
        except ParameterError:
            self.text.value = range_text(self.ranges)
            raise
        self._tell(ranges)

    def _tell(self, ranges: Ranges) -> None:
        if not ranges:
            raise ParameterError(
                "energies", f"nothing of {range_text(self.ranges)} keV would be left to fit"
            )
        self.show_ranges(ranges)
        self._noticed(ranges)


def _button(words: str, tip: str) -> widgets.Button:
    return widgets.Button(description=words, tooltip=tip, layout=widgets.Layout(width="auto"))


def _clicked(act: Any) -> Any:
    return lambda _: act()
