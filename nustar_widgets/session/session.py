"""The one object all panels share: what the user chose, and nothing else.

Every field is a frozen value. One verb changes them, `Session.edit`: all or nothing, one undo
step, one event per field. Everything that can be computed from a session is computed elsewhere and
thrown away; results hang beside it and are not undone.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping
from typing import Any, ClassVar, cast

import traitlets

from nustar_widgets.instrument import MODULES
from nustar_widgets.session.history import SessionState, Step
from nustar_widgets.session.plainvalue import NotPlain, brief, plain
from nustar_widgets.session.values import (
    ENGINES,
    LAYOUTS,
    FitChoice,
    GroupingChoice,
    ModuleInputs,
    Regions,
    SpectrumInput,
    Target,
)

_MAX_STEPS = 500  # undo steps kept; each holds a handful of small values


class _Number(traitlets.Float[float, float]):
    """Refuses what no number of the machine can be as it refuses all else."""

    def validate(self, obj: Any, value: Any) -> float:
        try:
            return super().validate(obj, value)
        except OverflowError:
            raise traitlets.TraitError(_too_large(str(self.name), value)) from None


class Session(traitlets.HasTraits):
    """What the user has chosen. No arrays, no files, no widgets.

    Parameters
    ----------
    **values
        Any of the fields, by name.

    Examples
    --------
    >>> session = Session(obsid="60001110002")
    >>> session.edit("bin the light curve", bin_s=256.0)
    >>> session.undo()
    'bin the light curve'
    >>> session.bin_s
    100.0
    """

    FIELDS: ClassVar[tuple[str, ...]] = (
        "target", "obsid", "data_dir", "inputs", "spectra", "work_dir", "modules", "regions",
        "band_kev", "bin_s", "user_gti", "pipeline", "products", "grouping", "fit", "layout",
        "engine",
    )  # fmt: skip

    target = traitlets.Instance(Target, allow_none=True, help="Source looked at")
    obsid = traitlets.Unicode("", help="Observation ID, eleven digits; empty while not chosen")
    data_dir = traitlets.Unicode("", help="Observation folder as archived; nupipeline reads it")
    inputs = traitlets.Tuple(help="ModuleInputs: event list, housekeeping, responses per module")
    spectra = traitlets.Tuple(
        help="SpectrumInput: spectra made elsewhere, to be fitted as they are"
    )
    work_dir = traitlets.Unicode("", help="Folder the products go to")
    modules = traitlets.Tuple(default_value=MODULES, help="Focal plane modules to extract")
    regions = traitlets.Instance(Regions, (), help="Source and background regions per module")
    band_kev = traitlets.Tuple(default_value=(3.0, 78.0), help="Light curve and image band [keV]")
    bin_s = _Number(100.0, help="Light curve bin [s]")
    user_gti = traitlets.Tuple(
        allow_none=True,
        default_value=None,
        help="(start, stop) pairs [s, mission time] to keep, or None for all good time",
    )
    pipeline = traitlets.Tuple(
        allow_none=True,
        default_value=None,
        help="nupipeline parameters that differ from its defaults; None: use the cleaned events",
    )
    products = traitlets.Tuple(help="nuproducts parameters that differ from its defaults")
    grouping = traitlets.Instance(GroupingChoice, (), help="How the spectrum is grouped")
    fit = traitlets.Instance(FitChoice, (), help="Model, parameters, statistic, noticed ranges")

    layout = traitlets.Enum(
        LAYOUTS,
        default_value=LAYOUTS[0],
        help="Where products go: 'own', or 'tutorial' for <obsid>_p/event_cl, /lc and /spec",
    )

    engine = traitlets.Enum(
        ENGINES,
        default_value=ENGINES[0],
        help="Who runs the tasks: 'auto' is HEASoft where it can, else the embedded engine",
    )

    can_undo = traitlets.Bool(False, help="There is a step to take back")
    can_redo = traitlets.Bool(False, help="There is a step to do again")
    revision = traitlets.Int(0, help="Grows with every edit, undo and redo, when it is over")

    def __init__(self, **values: Any) -> None:
        if unknown := sorted(set(values) - set(self.FIELDS)):
            raise traitlets.TraitError(_unknown_field(unknown[0], self.FIELDS))
        self._past: list[Step] = []
        self._future: list[Step] = []
        self._lock = threading.RLock()
        self._replaying = True  # construction is not an undo step
        super().__init__(**values)
        self._replaying = False

    # -- the one verb ---------------------------------------------------------------------

    def edit(self, label: str, **changes: Any) -> None:
        """Change fields: all or nothing, one undo step, one event per changed field.

        Parameters
        ----------
        label
            What the user did, as the undo button will name it: ``move source``.
        **changes
            New values by field name. Values equal to the present ones change nothing.

        Raises
        ------
        traitlets.TraitError
            A field is unknown or a value is refused; then nothing has changed.
        """
        if unknown := sorted(set(changes) - set(self.FIELDS)):
            raise traitlets.TraitError(_unknown_field(unknown[0], self.FIELDS))
        with self._lock:
            old = {name: getattr(self, name) for name in changes}
            try:
                self._assign(changes)
            finally:  # also when an observer raised: the step stays undoable
                self._remember(label, old)

    def undo(self) -> str | None:
        """Take the last step back; return its label, or ``None`` if there is none."""
        with self._lock:
            return self._replay(self._past, self._future, forward=False)

    def redo(self) -> str | None:
        """Do the step again that was taken back last; return its label, or ``None``."""
        with self._lock:
            return self._replay(self._future, self._past, forward=True)

    @property
    def undo_label(self) -> str | None:
        """Label of the step `undo` would take back."""
        return _newest_label(self._past)

    @property
    def redo_label(self) -> str | None:
        """Label of the step `redo` would do again."""
        return _newest_label(self._future)

    def snapshot(self) -> dict[str, Any]:
        """All fields by name, as they are now."""
        with self._lock:
            return {name: getattr(self, name) for name in self.FIELDS}

    def state(self) -> SessionState:
        """All fields and all undo steps, as they are now; frozen, and cheap to make."""
        with self._lock:
            return SessionState(
                values=self.snapshot(), past=tuple(self._past), future=tuple(self._future)
            )

    def restore(self, state: SessionState) -> None:
        """Become what a session was at another moment, its undo steps included; no step itself.

        Parameters
        ----------
        state
            As `state` of this or another session returned it.

        Raises
        ------
        traitlets.TraitError
            A value is refused; then nothing has changed.
        """
        with self._lock:
            past, future = self._past, self._future
            self._past, self._future = list(state.past), list(state.future)
            try:
                now = self.snapshot()
                self._assign({n: value for n, value in state.values.items() if value != now[n]})
            except traitlets.TraitError:
                self._past, self._future = past, future
                raise
            finally:
                self._tell_history()

    def adopt_steps(self, state: SessionState) -> bool:
        """Take over the undo steps of a session with the same choices, if it has more of them.

        Parameters
        ----------
        state
            The other session.

        Returns
        -------
        bool
            Whether its choices are the same.
        """
        with self._lock:
            if dict(state.values) != self.snapshot():
                return False
            if len(state.past) > len(self._past):
                self._past, self._future = list(state.past), list(state.future)
                self._tell_history()
            return True

    def inputs_of(self, module: str) -> ModuleInputs | None:
        """Input files of one module, or ``None`` where none were chosen."""
        return next((item for item in self.inputs if item.module == module), None)

    @property
    def reprocesses(self) -> bool:
        """Whether nupipeline runs before the products are made."""
        return self.pipeline is not None

    # -- history --------------------------------------------------------------------------

    def _replay(self, source: list[Step], sink: list[Step], *, forward: bool) -> str | None:
        if not source:
            return None
        step = source.pop()
        sink.append(step)
        try:
            self._assign(step.new if forward else step.old)
        finally:
            self._tell_history()
        return step.label

    def _assign(self, values: Mapping[str, Any]) -> None:
        self._replaying = True
        try:
            with self.hold_trait_notifications():
                for name, value in values.items():
                    try:
                        setattr(self, name, value)
                    except ValueError:  # traitlets cannot even say what it refuses
                        raise traitlets.TraitError(_too_large(name, value)) from None
        finally:
            self._replaying = False

    def _remember(self, label: str, old: dict[str, Any]) -> None:
        new = {name: getattr(self, name) for name in old}
        changed = [name for name in old if old[name] != new[name]]
        if not changed:
            return
        step = Step(label, {n: old[n] for n in changed}, {n: new[n] for n in changed})
        self._past.append(step)
        del self._past[:-_MAX_STEPS]
        self._future.clear()
        self._tell_history()

    def _tell_history(self) -> None:
        self.can_undo, self.can_redo = bool(self._past), bool(self._future)
        self.revision += 1

    # Class level: runs before the observers of any panel.
    @traitlets.observe(*FIELDS)
    def _record_plain_assignment(self, change: Any) -> None:
        if not self._replaying:
            self._remember(f"set {change.name}", {change.name: change.old})

    # -- what is allowed ------------------------------------------------------------------

    @traitlets.validate("target", "data_dir", "work_dir", "regions", "grouping", "fit")
    def _check_plain(self, proposal: Any) -> Any:
        return _plain(proposal)

    @traitlets.validate("obsid")
    def _check_obsid(self, proposal: Any) -> str:
        obsid = cast("str", _plain(proposal))
        if obsid and not (obsid.isascii() and obsid.isdigit() and len(obsid) == 11):
            raise traitlets.TraitError(f"obsid={obsid!r}: expected eleven digits, as '60001110002'")
        return obsid

    @traitlets.validate("modules")
    def _check_modules(self, proposal: Any) -> tuple[str, ...]:
        modules = cast("tuple[str, ...]", _plain(proposal))
        if not modules or len(set(modules)) < len(modules) or set(modules) - set(MODULES):
            raise traitlets.TraitError(f"modules={modules}: expected FPMA, FPMB or both")
        return modules

    @traitlets.validate("inputs")
    def _check_inputs(self, proposal: Any) -> tuple[ModuleInputs, ...]:
        inputs = cast("tuple[ModuleInputs, ...]", _plain(proposal))
        names = [item.module for item in inputs]
        if len(set(names)) < len(names) or set(names) - set(MODULES):
            raise traitlets.TraitError(f"inputs for {names}: expected each of FPMA, FPMB once")
        return inputs

    @traitlets.validate("spectra")
    def _check_spectra(self, proposal: Any) -> tuple[SpectrumInput, ...]:
        return cast("tuple[SpectrumInput, ...]", _plain(proposal))

    @traitlets.validate("band_kev")
    def _check_band(self, proposal: Any) -> tuple[float, float]:
        low, high = _plain(proposal)
        if not 0 < low < high:
            raise traitlets.TraitError(
                f"band_kev={proposal.value}: expected (low, high) [keV] with 0 < low < high"
            )
        return float(low), float(high)

    @traitlets.validate("bin_s")
    def _check_bin(self, proposal: Any) -> float:
        if not 0 < proposal.value < float("inf"):
            raise traitlets.TraitError(f"bin_s={proposal.value}: expected a positive number [s]")
        return float(proposal.value)

    @traitlets.validate("user_gti")
    def _check_gti(self, proposal: Any) -> tuple[tuple[float, float], ...] | None:
        intervals = cast("tuple[tuple[float, float], ...] | None", _plain(proposal))
        if intervals is None:
            return None
        for interval in intervals:
            if not interval[0] < interval[1]:
                raise traitlets.TraitError(
                    f"user_gti: interval {interval}: expected (start, stop) [s] with start < stop"
                )
        return tuple((float(start), float(stop)) for start, stop in intervals)

    @traitlets.validate("pipeline", "products")
    def _check_params(self, proposal: Any) -> tuple[tuple[str, Any], ...] | None:
        for pair in proposal.value or ():
            if not (isinstance(pair, tuple | list) and len(pair) == 2 and isinstance(pair[0], str)):
                raise traitlets.TraitError(
                    f"{proposal.trait.name}: {brief(pair)}: expected (parameter name, value)"
                )
        return cast("tuple[tuple[str, Any], ...] | None", _plain(proposal))


def _unknown_field(name: str, known: tuple[str, ...]) -> str:
    return f"a session has no field {name!r}; its fields are {', '.join(known)}"


def _too_large(name: str, value: Any) -> str:
    return f"{name}={brief(value)}: expected nothing as large as this: choose a smaller number"


def _newest_label(steps: list[Step]) -> str | None:
    # A slice, because another thread may take the last one away while this one looks.
    return next((step.label for step in steps[-1:]), None)


def _plain(proposal: Any) -> Any:
    """Return a proposed value as a session may hold it."""
    try:
        return plain(proposal.trait.name, proposal.value)
    except NotPlain as refused:
        raise traitlets.TraitError(str(refused)) from None
