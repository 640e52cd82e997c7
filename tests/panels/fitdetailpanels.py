"""A panel of nothing but what stands under the plot of a fit."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from html import unescape
from typing import TYPE_CHECKING, Any

import numpy as np

from nustar_widgets.engines.fitting import Contour
from nustar_widgets.fits.livefit import LiveFit
from nustar_widgets.fits.spectra import LoadedSpectra
from nustar_widgets.panels.background import Background
from nustar_widgets.panels.base import Panel
from nustar_widgets.panels.fitting.fitdetails import FitDetails
from nustar_widgets.session.session import Session
from tests.engines.fitcases import made_choice, made_pair
from tests.panels.conftest import at_once

if TYPE_CHECKING:
    import ipywidgets as widgets

NH, GAMMA, NORM, FACTOR = "TBabs.nH", "powerlaw.PhoIndex", "powerlaw.norm", "constant.factor[2]"


class Host(Panel):
    """A panel of nothing but the details."""

    def _build(self) -> Sequence[widgets.Widget]:
        self._working = Background(at_once)
        self.live = LiveFit.of(self.session)
        self.details = FitDetails(
            self.live, run=self.run, guarded=self.guarded, clicked=self.clicked, follow=self.follow
        )
        return (self.details,)

    def run(self, work: Callable[[], Any]) -> None:
        self._working.run(
            lambda _: work(), done=lambda _: None, failed=self.guarded(self.strip.fail)
        )

    def _show(self, fields: Sequence[str]) -> None:
        del fields


def made_session() -> Session:
    """A session with two spectra to fit."""
    session = Session(fit=replace(made_choice("chi"), notice_kev=((3.0, 20.0),)))
    whole = tuple(data.notice("all") for data in made_pair(seed=1))
    LiveFit.of(session).take(LoadedSpectra(inputs=(), datasets=whole))
    return session


def words(widget: widgets.HTML) -> str:
    """What a person reads."""
    return unescape(re.sub(r"<[^>]+>", " ", widget.value))


def open_pane(panel: Host, name: str) -> Any:
    panel.details.show(name)
    return panel.details.shown


def bowl(n: int = 15, *, known: int | None = None) -> Contour:
    x = np.linspace(-4.0, 4.0, n)
    statistic = 50.0 + x[None, :] ** 2 + x[:, None] ** 2
    if known is not None:
        statistic[known:] = np.nan
    return Contour(name_x=NH, name_y=GAMMA, x=x, y=x, statistic=statistic, best=50.0)
