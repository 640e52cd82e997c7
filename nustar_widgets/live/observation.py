"""What the regions of a session hold, shared by all panels that show it.

Results hang beside the session: derived, observable, never undone. A drag is counted here before
it becomes a choice, so that every panel of the session follows the hand and none knows another.
"""

from __future__ import annotations

import logging
import threading
import weakref
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
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
from nustar_widgets.live.surroundings import Surroundings
from nustar_widgets.session.session import Session
from nustar_widgets.session.values import ModuleInputs, Regions

_LOG = logging.getLogger(__name__)
_Fingerprint = tuple[str, int, int]


class LiveObservation(traitlets.HasTraits):
    """Counts of a session's regions.

    Use `of`: there is one for each session. It may be used from several threads. The traits are
    set together, by one thread at a time; while that one calls observers, what happens in others
    waits for it, and so may the traits: an answer is never followed by an older one.
    """

    counts = traitlets.Instance(LiveCounts, allow_none=True, help="The newest counts")
    generation = traitlets.Int(0, help="Grows when events, band, bin size or intervals change")
    problem = traitlets.Unicode("", help="Why there are no counts; empty where there are")

    _all: ClassVar[weakref.WeakKeyDictionary[Session, LiveObservation]] = (
        weakref.WeakKeyDictionary()
    )
    _making = threading.Lock()

    # Why no two threads wait for each other here. `Session.edit` calls its observers, and so this
    # object, while it holds the lock of the session. Therefore nobody may wait for the session's
    # lock while he holds one of these that an edit may want:
    # - `_lock` guards everything below it. While it is held, fields of the session are read, which
    #   takes no lock, and no observer is called.
    # - Observers are called by `_tell`, without `_lock`: they may edit the session.
    # - `_loading` is held while files are read. No edit ever wants it.

    def __init__(self, session: Session) -> None:
        super().__init__()
        # Weak: the session must not live because its results do.
        self._session = weakref.ref(session)
        self._loading = threading.RLock()
        self._lock = threading.RLock()
        self._events: dict[ModuleInputs, _Events] = {}
        self._modules: dict[str, LiveModule] = {}
        self._loaded_from: tuple[ModuleInputs, ...] = ()
        self._revision = 0
        self._state = _State()
        self._told = self._state
        self._telling = False
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

    @classmethod
    def known(cls, session: Session) -> LiveObservation | None:
        """Return the counts of a session if anybody has asked for them."""
        with cls._making:
            return cls._all.get(session)

    @property
    def modules(self) -> Mapping[str, LiveModule]:
        """The modules that can be counted, by name; none while there is a problem with them."""
        with self._lock:
            return dict(self._modules)

    @property
    def is_loaded(self) -> bool:
        """Whether the event lists the session names are in memory."""
        with self._lock:
            return bool(self._loaded_from) and self._loaded_from == self._wanted()

    @property
    def is_settled(self) -> bool:
        """Whether what the session names is counted, cannot be, or is nothing at all."""
        return bool(self.problem) or not self._wanted() or self.counts is not None

    # -- loading --------------------------------------------------------------------------

    def load(self, progress: Callable[[str], object] | None = None) -> None:
        """Read the event lists the session names, if they are not in memory yet.

        Takes a fraction of a second at a million events: start it beside the kernel. The session
        may change meanwhile; what it names at the end is what is loaded.

        Parameters
        ----------
        progress
            Told what is being done; must not edit the session.

        Raises
        ------
        InputFileError, SelectionError
            A file is missing, damaged, or leaves nothing to count; there are no counts then, and
            `problem` says why.
        """
        try:
            with self._loading:
                self._load(progress or (lambda _: None))
        finally:
            self._tell()

    def warm(self) -> None:
        """Make what checks, suggestions and profiles will ask for: outlines, sources, their reach.

        Takes a quarter of a second a module at a million events: start it beside the kernel, when
        the images are out. What is asked for before is made then.
        """
        for module in self.modules.values():
            module.surroundings.warm()

    @property
    def is_warm(self) -> bool:
        """Whether that has been made for what is loaded."""
        return all(module.surroundings.is_warm for module in self.modules.values())

    def _load(self, progress: Callable[[str], object]) -> None:
        """Read until what is in memory is what the session names."""
        while (wanted := self._wanted()) and not self.is_loaded:
            try:
                found = self._read_all(wanted, progress)
            except Exception as error:
                with self._lock:
                    if wanted == self._wanted():
                        self._forget(_in_words(error))
                        raise
                continue  # others were chosen meanwhile
            with self._lock:
                if wanted == self._wanted():
                    self._events, self._loaded_from = found, wanted
                    self._bin()
                    return

    def _read_all(
        self, wanted: tuple[ModuleInputs, ...], progress: Callable[[str], object]
    ) -> dict[ModuleInputs, _Events]:
        """Read event lists side by side."""
        with ThreadPoolExecutor(thread_name_prefix="nustar_widgets reading") as pool:
            read = pool.map(lambda item: self._read(item, progress), wanted)
            return dict(zip(wanted, read, strict=True))

    def _read(self, item: ModuleInputs, progress: Callable[[str], object]) -> _Events:
        fingerprint = _fingerprint(item.events)
        with self._lock:
            known = [held for held in self._events.values() if held.fingerprint == fingerprint]
        housekeeping = Housekeeping.read(item.housekeeping) if item.housekeeping else None
        if known:
            return replace(known[0], housekeeping=housekeeping)
        progress(f"reading {Path(item.events).name} ...")
        index = PixelIndex.build(EventList.read(item.events))
        surroundings = Surroundings(index)
        _ = surroundings.window  # refuses an event list with no event on the sky plane
        return _Events(fingerprint, index, surroundings, housekeeping)

    def _wanted(self) -> tuple[ModuleInputs, ...]:
        """Event lists of the modules in use."""
        session = self._session()
        if session is None:
            return ()
        return tuple(
            item for item in session.inputs if item.events and item.module in session.modules
        )

    def _bin(self) -> None:
        """Bin the events in memory as the session asks; without modules where that cannot be."""
        self._modules = {}
        try:
            binning = self._binning()
            self._modules = {
                item.module: self._events[item].binned(binning) for item in self._loaded_from
            }
        except Exception as error:
            self._put(None, problem=_in_words(error), new_generation=True)
            raise
        self._put(None, new_generation=True)
        self._recount()

    def _binning(self) -> Binning:
        session = self._session()
        if session is None:
            return Binning()
        low, high = kev_to_pi_range(*session.band_kev)
        gti = None if session.user_gti is None else Gti.from_pairs(session.user_gti)
        return Binning(low, high, session.bin_s, gti)

    # -- counting -------------------------------------------------------------------------

    def preview(self, regions: Regions, *, is_passing: bool = False) -> None:
        """Count regions under the hand, which are not yet those of the session.

        Parameters
        ----------
        regions
            The regions as they are drawn now.
        is_passing
            Whether the hand is still moving.

        Raises
        ------
        RegionError
            A region cannot be written; the counts stay.
        """
        with self._lock:
            if self._modules:
                self._count(regions, is_preview=True, is_passing=is_passing)
        self._tell()

    def show_session(self) -> None:
        """Count the regions of the session again: a drag was given up."""
        with self._lock:
            self._recount()
        self._tell()

    def _recount(self) -> None:
        session = self._session()
        if session is None or not self._modules:
            return
        try:
            self._count(session.regions, is_preview=False)
        except Exception as error:  # an edit has been made: it must not look as if it had failed
            self._put(None, problem=_in_words(error))

    def _count(self, regions: Regions, *, is_preview: bool, is_passing: bool = False) -> None:
        modules = {name: module.count(regions.of(name)) for name, module in self._modules.items()}
        self._revision += 1
        self._put(
            LiveCounts(
                revision=self._revision,
                is_preview=is_preview,
                is_passing=is_passing,
                regions=regions,
                modules=modules,
            )
        )

    # -- the session changes --------------------------------------------------------------

    def _inputs_changed(self, _: Any) -> None:
        with self._lock:
            if not self.is_loaded:
                self._forget("")
            if not self._wanted():
                self._events = {}
        self._tell()

    def _forget(self, why: str) -> None:
        self._modules, self._loaded_from = {}, ()
        self._put(None, problem=why, new_generation=True)

    def _binning_changed(self, _: Any) -> None:
        with self._lock:
            if self._loaded_from:
                try:
                    self._bin()
                except Exception as error:
                    _LOG.debug("not counted: %s", error)  # the problem says so
        self._tell()

    def _regions_changed(self, _: Any) -> None:
        with self._lock:
            self._recount()
        self._tell()

    # -- telling --------------------------------------------------------------------------

    def _put(
        self, counts: LiveCounts | None, *, problem: str = "", new_generation: bool = False
    ) -> None:
        generation = self._state.generation + new_generation
        self._state = _State(counts, problem, generation)

    def _tell(self) -> None:
        """Set the traits to how things stand and call observers; no lock is held meanwhile.

        One thread at a time: another one that comes leaves its news to the first, which looks
        again when it has done.
        """
        failure: Exception | None = None
        while (state := self._news()) is not None:
            try:
                with self.hold_trait_notifications():  # observers find all three of one moment
                    self.problem, self.generation = state.problem, state.generation
                    self.counts = state.counts
            except Exception as error:  # of an observer: the others' news must still go out
                failure = failure or error
            finally:
                with self._lock:
                    self._telling = False
        if failure is not None:
            raise failure

    def _news(self) -> _State | None:
        """Return what to tell now, if anything; whoever gets it does the telling."""
        with self._lock:
            if self._telling or self._told is self._state:
                return None
            self._telling, self._told = True, self._state
            return self._state


@dataclass(frozen=True)
class _State:
    """What observers are told."""

    counts: LiveCounts | None = None
    problem: str = ""
    generation: int = 0


@dataclass(frozen=True, eq=False)
class _Events:
    """Events of one module in memory, before they are binned."""

    fingerprint: _Fingerprint
    index: PixelIndex
    surroundings: Surroundings
    housekeeping: Housekeeping | None

    def binned(self, binning: Binning) -> LiveModule:
        return LiveModule(self.index, binning, self.housekeeping, surroundings=self.surroundings)


def _fingerprint(path: str) -> _Fingerprint:
    try:
        found = Path(path).stat()
    except OSError:  # reading it will say so
        return path, 0, 0
    return path, found.st_size, found.st_mtime_ns


def _in_words(error: Exception) -> str:
    if isinstance(error, NustarWidgetsError):
        return str(error)
    _LOG.exception("while counting")
    return f"{type(error).__name__}: {error}"
