"""Official against live: what nuproducts made beside what the embedded engine makes of the call.

Counts must be equal, place by place; a difference is a bug or another file. What calibration adds
(BACKSCAL with the exposure map, dead time, PSF, vignetting) comes out as factors, so that people
see what is applied now and was not while they dragged.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from nustar_widgets.engines.base import TaskResult
from nustar_widgets.engines.comparison_parts import (
    compare_images,
    compare_light_curves,
    compare_spectra,
)
from nustar_widgets.engines.comparison_values import (
    Comparison,
    Difference,
    Factor,
    PartComparison,
)
from nustar_widgets.engines.embedded import EmbeddedEngine
from nustar_widgets.engines.taskspec import Parameter, TaskSpec, as_text, is_yes
from nustar_widgets.errors import NustarWidgetsError
from nustar_widgets.session.taskcall import ParamValue, TaskCall

__all__ = ["Comparison", "Difference", "Factor", "PartComparison", "compare"]

_TASK = "nuproducts"
_KINDS = (
    "source spectrum",
    "background spectrum",
    "source light curve",
    "background light curve",
    "image",
)
_NO_CALIBRATION = "made from the calibration, which the live extraction does not have"
_ONLY_OFFICIAL = {
    "arf": _NO_CALIBRATION,
    "rmf": _NO_CALIBRATION,
    "grouped spectrum": "the live extraction groups in a call of its own",
}
_CORRECTIONS = (("lcpsfflag", "PSF"), ("lcvignflag", "vignetting"), ("lcexpoflag", "exposure"))
_NAMELESS = ("", "DEFAULT", "NONE")


def compare(result: TaskResult, *, folder: Path) -> Comparison:
    """Compare official products with the live extraction of the same call.

    The live extraction is made anew, in a temporary folder; official files are only read.

    Parameters
    ----------
    result
        What HEASoft made of a nuproducts call.
    folder
        The run's folder; relative paths mean it.

    Returns
    -------
    Comparison
        What prevents comparing all or a part is told in ``not_compared``; nothing is raised.
    """
    try:
        return _compare(result, folder.resolve())
    except Exception as error:  # the products are there: whatever it is, it is told and no more
        return Comparison(not_compared=(_reason(error),))


def _compare(result: TaskResult, folder: Path) -> Comparison:
    engine = EmbeddedEngine()
    if result.call.task != _TASK:
        return Comparison(not_compared=(f"{result.call.task}: only {_TASK} has a counterpart",))
    spec = engine.spec(_TASK)
    if is_yes(spec.value(result.call, "barycorr")):
        return Comparison(
            not_compared=("times were barycentred (barycorr=yes): live ones are the satellite's",)
        )
    call = _live_call(result.call, spec, folder)
    with tempfile.TemporaryDirectory(prefix="nw-compare-") as place:
        live = engine.run(call, folder=Path(place))
        pair = _Pair(official=result, live=live, folder=folder, spec=spec)
        compared = [pair.compared(kind) for kind in _KINDS]
    not_compared = [item for item in compared if isinstance(item, str)]
    return Comparison(
        parts=tuple(item for item in compared if isinstance(item, PartComparison)),
        not_compared=(*not_compared, *_only_official(result)),
    )


@dataclass(frozen=True, kw_only=True)
class _Pair:
    """The official and the live result of one call."""

    official: TaskResult
    live: TaskResult
    folder: Path
    spec: TaskSpec

    def compared(self, kind: str) -> PartComparison | str | None:
        """Compare one kind of product, or say why not; ``None`` where neither side has it."""
        official, live = self.official.path(kind), self.live.path(kind)
        if official is None:
            return None if live is None else f"{kind}: {_TASK} made none"
        if live is None:
            return f"{kind}: the live extraction made none"
        try:
            part = self._part(kind, self.folder / official, live)
        except Exception as error:  # a file nobody can read is no reason to lose the other parts
            return f"{kind}: {_reason(error)}"
        path = Path(part.official_path)
        if path.is_relative_to(self.folder):
            path = path.relative_to(self.folder)
        return replace(part, official_path=str(path))

    def _part(self, kind: str, official: Path, live: Path) -> PartComparison:
        if kind == "image":
            return compare_images(kind, official, live)
        if kind.endswith("light curve"):
            return compare_light_curves(kind, official, live, corrections=self._corrections(kind))
        weighted = is_yes(self.spec.value(self.official.call, "runbackscale"))
        return compare_spectra(kind, official, live, weighted=weighted)

    def _corrections(self, kind: str) -> str:
        """Name what nulccorr was told to correct beside the livetime."""
        if kind.startswith("background"):  # nuproducts: extended=yes, vignflag=no, expoflag=yes
            return "exposure"
        values = dict(self.live.call.params)
        applied = [
            words
            for flag, words in _CORRECTIONS
            if self.spec.why_inapplicable(flag, values) is None
            and is_yes(self.spec.value(self.live.call, flag))
        ]
        return " and ".join(applied) or "other corrections"


def _only_official(result: TaskResult) -> Iterator[str]:
    for kind, reason in _ONLY_OFFICIAL.items():
        if result.path(kind) is not None:
            yield f"{kind}: {reason}"


def _live_call(call: TaskCall, spec: TaskSpec, folder: Path) -> TaskCall:
    """Say an official call so that the embedded engine does the same in another folder."""
    own = {file.name for file in call.files}
    params = {
        name: value if as_text(value) in own else _absolute(known, value, folder)
        for name, value in call.params
        if (known := spec.find(name)) is not None
    }
    params |= {"outdir": ".", "rungrppha": False}
    if _is_nameless(params.get("bkgregionfile")):
        params["bkgextract"] = False  # a region nuproducts makes from srcra and srcdec
    if as_text(params.get("lcfile", "")).upper() == "NONE":
        del params["lcfile"]  # without it the embedded engine makes no background curve either
    if (found := _housekeeping(params, spec)) is not None:
        params["hkfile"] = str(found)
    return spec.without_inapplicable(replace(call, params=tuple(params.items())))


def _absolute(parameter: Parameter, value: ParamValue, folder: Path) -> ParamValue:
    if parameter.role != "input" or _is_nameless(value):
        return value
    return str(folder / as_text(value))


def _is_nameless(value: ParamValue | None) -> bool:
    return value is None or as_text(value).upper() in _NAMELESS


def _housekeeping(params: dict[str, ParamValue], spec: TaskSpec) -> Path | None:
    """Find housekeeping where nuproducts looks for it when the call does not name it."""
    corrects = is_yes(as_text(params.get("correctlc", spec.parameter("correctlc").default)))
    if not _is_nameless(params.get("hkfile")) or not (corrects or "usrgtifile" in params):
        return None
    name = f"{params['steminputs']}{as_text(params['instrument'])[-1]}_fpm.hk"
    places = [Path(as_text(params["indir"]), name + ending) for ending in ("", ".gz")]
    return next((path for path in places if path.is_file()), None)


def _reason(error: Exception) -> str:
    text = str(error)
    return text if isinstance(error, NustarWidgetsError) else f"{type(error).__name__}: {text}"
