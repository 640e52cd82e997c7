"""From a name to data on disk: search the catalogue, choose an observation, fetch or open it."""

from __future__ import annotations

import html
import threading
from collections.abc import Sequence
from typing import ClassVar

import ipywidgets as widgets

from nustar_widgets.archive.catalog import Catalog
from nustar_widgets.archive.location import locate
from nustar_widgets.archive.observation import Observation
from nustar_widgets.archive.result import SearchResult
from nustar_widgets.errors import SearchCancelled
from nustar_widgets.opening import of_observation
from nustar_widgets.panels.background import Background, Starter, on_a_thread
from nustar_widgets.panels.base import Panel
from nustar_widgets.panels.finding.databox import DataBox
from nustar_widgets.panels.finding.pointings import PointingsPlot
from nustar_widgets.panels.finding.resulttable import ResultTable, found_table
from nustar_widgets.panels.finding.searchform import SearchForm
from nustar_widgets.panels.stills.choices import choices_table, titled
from nustar_widgets.panels.stills.still import Still
from nustar_widgets.session.session import Session
from nustar_widgets.session.values import Target

_FACTS = (
    ("Target", "name"),
    ("Begun (UTC)", "start"),
    ("Ended (UTC)", "end"),
    ("Mode", "mode"),
    ("PI", "pi_lname"),
    ("Title", "title"),
    ("Category", "category"),
    ("Status", "status"),
)


class SearchPanel(Panel):
    """Catalogue search and download.

    Parameters
    ----------
    session
        The session. Choosing an observation edits it; searching does not.
    catalog
        The catalogue to search; HEASARC's by default.
    start
        How slow work is started.

    Examples
    --------
    >>> panel = SearchPanel(Session())  # doctest: +SKIP
    """

    FIELDS: ClassVar[tuple[str, ...]] = ("obsid", "inputs", "spectra", "data_dir")

    def __init__(
        self, session: Session, *, catalog: Catalog | None = None, start: Starter = on_a_thread
    ) -> None:
        self.catalog = catalog or Catalog()
        self.result: SearchResult | None = None
        self._searching = Background(start)
        self._start = start
        super().__init__(session)

    def _build(self) -> Sequence[widgets.Widget]:
        self.add_class("nw-search")
        self.form = SearchForm(self.guarded(self.search), self._searching.cancel)
        self.table = ResultTable(self.guarded(self.choose))
        self.plot = PointingsPlot(self.table.choose)
        self.facts = widgets.HTML()
        self.data = DataBox(
            self, observation=lambda: self.observation, place=self._located, start=self._start
        )
        self.found = widgets.HBox(layout=widgets.Layout(width="100%"))
        return (self.form, self.found, self.facts, self.data)

    def _show(self, fields: Sequence[str]) -> None:
        if "obsid" in fields:
            self.table.mark(self.session.obsid)
            self.plot.choose(self.session.obsid)
            self.facts.value = _facts(self.observation)
        self.data.show()

    def close(self) -> None:
        """Stop what goes on, and let go of the session and of the front end."""
        self._searching.cancel()
        self.data.cancel()
        super().close()

    def stills(self) -> Sequence[Still]:
        """Return what was found, and what was chosen of it."""
        title = titled("Search", self.session)
        tables = [choices_table(self.session)]
        if self.result is not None and self.result.observations:
            tables.append(found_table(self.result))
        return (Still(title=title, tables=tuple(tables)),)

    # -- searching ------------------------------------------------------------------------

    def search(self) -> None:
        """Search for what the form says; the kernel is free meanwhile."""
        query = self.form.query()
        self.form.show_busy(busy=True)
        self.strip.say(f"searching for {query.target or ', '.join(query.conditions)} ...")

        def work(cancelled: threading.Event) -> SearchResult:
            return self.catalog.search(query, cancelled=cancelled)

        self._searching.run(
            work, done=self.guarded(self._searched), failed=self.guarded(self._not_searched)
        )

    def _searched(self, result: SearchResult) -> None:
        self.form.show_busy(busy=False)
        self.result = result
        self.table.show(result)
        position = result.position
        self.plot.show(
            None if position is None else (position.ra_deg, position.dec_deg), result.observations
        )
        # Not hidden but absent until there is something: a figure cannot be drawn without a size.
        self.found.children = (self.table, self.plot) if result.observations else ()
        self._show(("obsid",))
        self.still_changed()
        if result.hint:
            self.strip.warn(result.hint)
        else:
            count = len(result.observations)
            when = f", as of {result.fetched:%Y-%m-%d %H:%M} UTC" if result.from_cache else ""
            self.strip.say(f"{count} observation{'s' if count != 1 else ''}{when}")

    def _not_searched(self, error: Exception) -> None:
        self.form.show_busy(busy=False)
        if isinstance(error, SearchCancelled):
            self.strip.say("search cancelled")
        else:
            self.strip.fail(error)

    # -- choosing -------------------------------------------------------------------------

    def choose(self, observation: Observation) -> None:
        """Take an observation into the session: one undo step."""
        if observation.obsid == self.session.obsid:
            return
        self.strip.clear()
        self.commit(
            f"select {observation.obsid}",
            target=self._target(observation),
            data_dir="",
            inputs=(),
            spectra=(),
            **of_observation(self.session, observation.obsid),
        )

    def _target(self, observation: Observation) -> Target:
        """Return what was searched for, or where there was no position, what was observed."""
        if self.result is None or self.result.position is None:
            return Target(
                name=observation.name, ra_deg=observation.ra_deg, dec_deg=observation.dec_deg
            )
        return Target(
            name=self.result.query.name or observation.name,
            ra_deg=self.result.position.ra_deg,
            dec_deg=self.result.position.dec_deg,
        )

    @property
    def observation(self) -> Observation | None:
        """What the catalogue says of the session's observation, if it was among those found."""
        found = self.result.observations if self.result is not None else ()
        return next((item for item in found if item.obsid == self.session.obsid), None)

    def _located(self, obsid: str, cancelled: threading.Event) -> str:
        """Ask the archive where an observation is; by its own rule where it does not say."""
        observation = self.observation
        if observation is None or observation.obsid != obsid:
            return obsid
        (location,) = locate(self.catalog, (observation,), cancelled=cancelled)
        return location.path or obsid


def _facts(observation: Observation | None) -> str:
    """Tell what is known of an observation; every text as text."""
    if observation is None:
        return ""
    rows = [(label, str(getattr(observation, field))) for label, field in _FACTS]
    rows.insert(3, ("Exposure", _exposure(observation)))
    rows.insert(4, ("Public", observation.public or "no date yet"))
    cells = "".join(
        f"<td style='color:var(--jp-ui-font-color2);padding:0 6px 0 0'>{html.escape(label)}</td>"
        f"<td style='padding:0 22px 0 0'>{html.escape(value) or '-'}</td>"
        + ("</tr><tr>" if number % 3 == 2 else "")
        for number, (label, value) in enumerate(rows)
    )
    flags = "".join(
        f"<div style='color:var(--nw-warn)'>&#9888; {html.escape(flag.text)}</div>"
        for flag in observation.flags
    )
    return (
        f"<div class='nw-facts'><b>{html.escape(observation.obsid)}</b>"
        f"<table style='font-size:12px;line-height:1.5'><tr>{cells}</tr></table>{flags}</div>"
    )


def _exposure(observation: Observation) -> str:
    parts = [
        f"{module} {seconds / 1e3:.1f} ks"
        for module, seconds in (("A", observation.exposure_a_s), ("B", observation.exposure_b_s))
        if seconds is not None and seconds > 0
    ]
    return ", ".join(parts) or "none"
