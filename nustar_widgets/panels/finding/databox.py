"""The data of an observation: where from, how much, into which folder; or what lies on disk."""

from __future__ import annotations

import html
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import ipywidgets as widgets

from nustar_widgets.archive.content import Content
from nustar_widgets.archive.download import download
from nustar_widgets.archive.hosts import HOST_NAMES, Host, default_host, host_named
from nustar_widgets.archive.observation import Observation
from nustar_widgets.archive.ondisk import DataOnDisk
from nustar_widgets.archive.plan import DownloadPlan, plan_download
from nustar_widgets.archive.progress import DownloadProgress
from nustar_widgets.errors import DownloadCancelled
from nustar_widgets.opening import open_in, open_sample
from nustar_widgets.panels.background import Background, Starter
from nustar_widgets.panels.base import Panel
from nustar_widgets.simulate.truth import OBSID as SIMULATED

_HOST_WORDS = {
    "aws": "AWS (public bucket)",
    "heasarc": "HEASARC, file by file",
    "heasarc-tar": "HEASARC, packed",
    "sciserver": "SciServer (used in place)",
}


class DataBox(widgets.VBox):
    """Fetches and opens data for a panel.

    Parameters
    ----------
    panel
        The panel it belongs to: its session and its message strip.
    observation
        Asked what the catalogue says of the session's observation, if anything.
    place
        Asked, beside the kernel, where the archive has an observation.
    start
        How slow work is started.
    """

    def __init__(
        self,
        panel: Panel,
        *,
        observation: Callable[[], Observation | None],
        place: Callable[[str, threading.Event], str],
        start: Starter,
    ) -> None:
        super().__init__()
        self.add_class("nw-data")
        self._panel = panel
        self._observation = observation
        self._place = place
        self._work = Background(start)
        self.hosts: Callable[[str], Host] = host_named
        style = {"description_width": "56px"}
        self.host = widgets.Dropdown(
            options=[(_HOST_WORDS.get(name, name), name) for name in HOST_NAMES],
            value=default_host().name, description="from", style={"description_width": "36px"},
            layout=widgets.Layout(width="230px"),
        )  # fmt: skip
        self.content = widgets.Dropdown(
            options=[(str(item), item) for item in Content], value=Content.PRODUCTS,
            description="fetch", style={"description_width": "36px"},
            layout=widgets.Layout(width="240px"),
        )  # fmt: skip
        self.folder = widgets.Text(
            value=str(Path.cwd()), description="into", continuous_update=False,
            style={"description_width": "30px"}, layout=widgets.Layout(flex="1 1 auto"),
        )  # fmt: skip
        self.fetch = widgets.Button(
            description="Download", button_style="primary", layout=widgets.Layout(width="100px")
        )
        self.stop = widgets.Button(
            description="Cancel", disabled=True, layout=widgets.Layout(width="80px")
        )
        self.use = widgets.Button(
            description="Use what is on disk", layout=widgets.Layout(width="160px")
        )
        self.bar = widgets.FloatProgress(
            min=0.0, max=1.0, layout=widgets.Layout(width="260px", visibility="hidden")
        )
        self.line = widgets.Label()
        self.path = widgets.Text(
            description="or open", style=style, continuous_update=False,
            placeholder="observation folder, event list (nu*_cl.evt), or spectrum (*.pha)",
            layout=widgets.Layout(flex="1 1 auto"),
        )  # fmt: skip
        self.open = widgets.Button(description="Open", layout=widgets.Layout(width="80px"))
        self.sample = widgets.Button(
            description="Simulated sample", layout=widgets.Layout(width="150px"),
            tooltip="A simulated observation of SWIFT J2127.4+5654, for trying things out",
        )  # fmt: skip
        self.opened = widgets.HTML()
        row = widgets.Layout(align_items="center", width="100%")
        self.children = (
            widgets.HBox([self.fetch, self.content, self.host, self.folder], layout=row),
            widgets.HBox([self.stop, self.use, self.bar, self.line], layout=row),
            widgets.HBox([self.path, self.open, self.sample], layout=row),
            self.opened,
        )
        for button, act in (
            (self.fetch, self.download),
            (self.use, self.use_on_disk),
            (self.open, self.open_path),
            (self.sample, self.open_sample),
        ):
            button.on_click(panel.clicked(act))
        self.stop.on_click(lambda _: self.cancel())
        self.folder.observe(lambda _: self.show(), "value")

    def show(self) -> None:
        """Show what can be done with the observation of the session."""
        session = self._panel.session
        busy = self._work.is_busy
        there = self._on_disk()
        observation = self._observation()
        why_not = None if observation is None else observation.why_not
        if observation is None and session.obsid == SIMULATED:
            why_not = "It is simulated: the archive does not have it"
        self.fetch.disabled = busy or not session.obsid or why_not is not None
        self.fetch.tooltip = why_not or "Fetch what is missing of it, and open it"
        self.use.disabled = busy or there is None
        self.stop.disabled = not busy
        self.fetch.description = f"Download {session.obsid}" if session.obsid else "Download"
        self.fetch.layout.width = "190px" if session.obsid else "100px"
        files = [Path(item.events).name for item in session.inputs if item.events]
        files += [Path(item.pha).name for item in session.spectra]
        names = html.escape(", ".join(files))
        self.opened.value = f"<small>In use: {names}</small>" if files else ""

    def cancel(self) -> None:
        """Ask the download to stop; what has come is kept."""
        self._work.cancel()

    def download(self) -> None:
        """Fetch what is missing of the observation, then open it."""
        session = self._panel.session
        folder = Path(self.folder.value).expanduser()
        host, content, obsid = self.hosts(self.host.value), self.content.value, session.obsid
        self._panel.strip.say(f"asking {_HOST_WORDS.get(self.host.value)} for {obsid} ...")

        def work(cancelled: threading.Event) -> tuple[DownloadPlan, Path]:
            place = self._place(obsid, cancelled)
            plan = plan_download(place, folder, host=host, content=content, cancelled=cancelled)
            self._panel.strip.say(plan.describe())
            return plan, download(plan, progress=self._progress, cancelled=cancelled)

        self._run(work, self._downloaded)

    def use_on_disk(self) -> None:
        """Open the observation's folder as it lies below the chosen folder."""
        there = self._on_disk()
        if there is not None:
            self._tell(open_in(self._panel.session, there))

    def open_path(self) -> None:
        """Open what the path names."""
        self._tell(open_in(self._panel.session, Path(self.path.value).expanduser()))

    def open_sample(self) -> None:
        """Open the simulated observation, made in the chosen folder if it is not there."""
        folder = Path(self.folder.value).expanduser()
        self._panel.strip.say("simulating an observation ...")

        def work(_: threading.Event) -> DataOnDisk:
            return open_sample(self._panel.session, folder, progress=self._panel.strip.say)

        self._run(work, self._tell)

    def _run(self, work: Callable[[threading.Event], Any], done: Callable[[Any], None]) -> None:
        guarded = self._panel.guarded

        def finish(act: Callable[[Any], None]) -> Callable[[Any], None]:
            def call(outcome: Any) -> None:
                self.bar.layout.visibility, self.line.value = "hidden", ""
                guarded(act)(outcome)
                self.show()

            return call

        self._work.run(work, done=finish(done), failed=finish(self._failed))
        self.show()

    def _progress(self, progress: DownloadProgress) -> None:
        self.bar.layout.visibility = "visible"
        self.line.value = progress.describe()
        if progress.bytes_total:
            self.bar.value = progress.bytes_done / progress.bytes_total

    def _downloaded(self, outcome: tuple[DownloadPlan, Path]) -> None:
        plan, folder = outcome
        if plan.obsid == self._panel.session.obsid:  # the user may have gone on meanwhile
            self._tell(open_in(self._panel.session, folder))
        else:
            self._panel.strip.say(f"{plan.obsid} is in {folder}")

    def _failed(self, error: Exception) -> None:
        if isinstance(error, DownloadCancelled):
            self._panel.strip.say(str(error))
        else:
            raise error

    def _tell(self, data: DataOnDisk) -> None:
        words = f"opened {data.kind} {data.path}"
        if data.notes:
            self._panel.strip.warn("\n".join((words, *data.notes)))
        else:
            self._panel.strip.say(words)

    def _on_disk(self) -> Path | None:
        obsid = self._panel.session.obsid
        place = Path(self.folder.value).expanduser() / obsid
        return place if obsid and place.is_dir() and any(place.iterdir()) else None
