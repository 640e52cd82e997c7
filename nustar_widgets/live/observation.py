"""What the regions of a session hold, shared by all panels that show it.

Results hang beside the session: derived, observable, never undone. A drag is counted here before
it becomes a choice, so that every panel of the session follows the hand and none knows another.
"""

from __future__ import annotations

import threading
import weakref
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, ClassVar

import traitlets

from nustar_widgets.errors import NustarWidgetsError
from nustar_widgets.events.eventlist import EventList
from nustar_widgets.events.gti import Gti
from nustar_widgets.events.livetime import Housekeeping
from nustar_widgets.events.pixelindex import Binning, PixelIndex
from nustar_widgets.instrument import kev_to_pi_range
from nustar_widgets.live.counts import LiveCounts
from nustar_widgets.live.module import LiveModule
from nustar_widgets.session.session import Session
from nustar_widgets.session.values import ModuleInputs, Regions

_Fingerprint = tuple[str, int, int]


class LiveObservation(traitlets.HasTraits):
    """Counts of a session's regions.

    Use `of`: there is one for each session.
    """

    counts = traitlets.Instance(LiveCounts, allow_none=True, help="The newest counts")
    generation = traitlets.Int(0, help="Grows when events, band, bin size or intervals change")
    problem = traitlets.Unicode("", help="Why there are no counts; empty where there are")

    _all: ClassVar[weakref.WeakKeyDictionary[Session, LiveObservation]] = (
        weakref.WeakKeyDictionary()
    )
    _making = threading.Lock()

    def __init__(self, session: Session) -> None:
        super().__init__()
        # Weak: the session must not live because its results do.
        self._session = weakref.ref(session)
        self._lock = threading.RLock()
        self._indices: dict[_Fingerprint, PixelIndex] = {}
        self._modules: dict[str, LiveModule] = {}
        self._loaded_from: tuple[ModuleInputs, ...] = ()
        self._revision = 0
        session.observe(self._inputs_changed, names=["inputs", "modules"])
        session.observe(self._binning_changed, names=["band_kev", "bin_s", "user_gti"])
        session.observe(self._regions_changed, names=["regions"])

    @classmethod
    def of(cls, session: Session) -> LiveObservation:
        """Return the counts of a session."""
        with cls._making:
            if session not in cls._all:
                cls._all[session] = cls(session)
            return cls._all[session]

    @property
    def modules(self) -> Mapping[str, LiveModule]:
        """The modules that are loaded, by name."""
        return dict(self._modules)

    @property
    def is_loaded(self) -> bool:
        """Whether the event lists the session names are in memory."""
        return bool(self._modules) and self._loaded_from == self._wanted()

    # -- loading --------------------------------------------------------------------------

    def load(self, progress: Callable[[str], object] | None = None) -> None:
        """Read the event lists the session names, if they are not in memory yet.

        Takes a fraction of a second at a million events: start it beside the kernel.

        Parameters
        ----------
        progress
            Told what is being read.

        Raises
        ------
        InputFileError, SelectionError
            A file is missing, damaged, or leaves nothing to count; nothing is loaded then.
        """
        with self._lock:
            if self.is_loaded:
                return
            try:
                self._load(progress or (lambda _: None))
            except NustarWidgetsError as error:
                self._forget(str(error))
                raise
            self._recount()

    def _load(self, progress: Callable[[str], object]) -> None:
        wanted, binning = self._wanted(), self._binning()
        indices: dict[_Fingerprint, PixelIndex] = {}
        modules: dict[str, LiveModule] = {}
        for item in wanted:
            progress(f"reading {Path(item.events).name} ...")
            mark = _fingerprint(item.events)
            index = self._indices.get(mark) or PixelIndex.build(EventList.read(item.events))
            housekeeping = Housekeeping.read(item.housekeeping) if item.housekeeping else None
            modules[item.module] = LiveModule(index, binning, housekeeping)
            indices[mark] = index
        self._indices, self._modules, self._loaded_from = indices, modules, wanted
        self.problem = ""
        self.generation += 1

    def _wanted(self) -> tuple[ModuleInputs, ...]:
        """Event lists of the modules in use."""
        session = self._session()
        if session is None:
            return ()
        return tuple(
            item for item in session.inputs if item.events and item.module in session.modules
        )

    def _binning(self) -> Binning:
        session = self._session()
        if session is None:
            return Binning()
        low, high = kev_to_pi_range(*session.band_kev)
        gti = None if session.user_gti is None else Gti.from_pairs(session.user_gti)
        return Binning(low, high, session.bin_s, gti)

    # -- counting -------------------------------------------------------------------------

    def preview(self, regions: Regions) -> None:
        """Count regions under the hand, which are not yet those of the session.

        Parameters
        ----------
        regions
            The regions as they are drawn now.

        Raises
        ------
        RegionError
            A region cannot be written; the counts stay.
        """
        with self._lock:
            if self._modules:
                self._count(regions, is_preview=True)

    def show_session(self) -> None:
        """Count the regions of the session again: a drag was given up."""
        with self._lock:
            self._recount()

    def _recount(self) -> None:
        session = self._session()
        if session is None or not self._modules:
            return
        try:
            self._count(session.regions, is_preview=False)
        except NustarWidgetsError as error:
            self.counts = None
            self.problem = str(error)
        else:
            self.problem = ""

    def _count(self, regions: Regions, *, is_preview: bool) -> None:
        self._revision += 1
        self.counts = LiveCounts(
            revision=self._revision,
            is_preview=is_preview,
            regions=regions,
            modules={
                name: module.count(regions.of(name)) for name, module in self._modules.items()
            },
        )

    # -- the session changes --------------------------------------------------------------

    def _inputs_changed(self, _: Any) -> None:
        with self._lock:
            if not self.is_loaded:
                self._forget("")

    def _forget(self, why: str) -> None:
        self._modules, self._loaded_from = {}, ()
        self.counts = None
        self.problem = why
        self.generation += 1

    def _binning_changed(self, _: Any) -> None:
        with self._lock:
            if not self._modules:
                return
            try:
                binning = self._binning()
                fresh = {name: old.rebinned(binning) for name, old in self._modules.items()}
            except NustarWidgetsError as error:
                self.counts = None
                self.problem = str(error)
                return
            self._modules = fresh
            self.generation += 1
            self._recount()

    def _regions_changed(self, _: Any) -> None:
        with self._lock:
            self._recount()


def _fingerprint(path: str) -> _Fingerprint:
    try:
        found = Path(path).stat()
    except OSError:  # reading it will say so
        return path, 0, 0
    return path, found.st_size, found.st_mtime_ns
