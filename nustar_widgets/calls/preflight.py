"""What to mend before a run, in words, and with one click where one is enough."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from nustar_widgets.calls.choices import is_run, switched, with_values
from nustar_widgets.calls.current import CallsNow, TaskHere
from nustar_widgets.calls.links import Changes
from nustar_widgets.engines.heasoft.scratch import is_short_and_plain
from nustar_widgets.engines.taskspec import TaskSpec, as_text, is_yes
from nustar_widgets.events.regionlint import Finding, ProductFlags, lint_region
from nustar_widgets.events.regions import SkyRegion
from nustar_widgets.session.recipe import events_folder
from nustar_widgets.session.session import Session
from nustar_widgets.session.taskcall import TaskCall

# Corrections of nuproducts that refuse shapes; the embedded engine makes none of them.
_OF_CORRECTIONS = frozenset({"ghost-rays-need-circle", "curve-psf-shape", "arf-shape"})
_NO_FILE = frozenset({"", "DEFAULT", "NONE", "CALDB"})


class Level(StrEnum):
    """How grave it is."""

    STOP = "stop"
    """A run would fail."""
    NOTE = "note"
    """A run would end, perhaps with something else than was wanted."""


@dataclass(frozen=True, kw_only=True)
class Remedy:
    """What one click would do.

    Attributes
    ----------
    label
        In words, as ``set grflag=no``.
    changes
        New values by field of the session.
    """

    label: str
    changes: Changes


@dataclass(frozen=True, kw_only=True)
class Check:
    """One thing to know before a run.

    Attributes
    ----------
    level
        How grave it is.
    text
        What is wrong, and what to do.
    remedies
        What one click would do about it; empty where none can.
    task, parameter
        What it is about; empty where it is no single parameter.
    """

    level: Level
    text: str
    remedies: tuple[Remedy, ...] = ()
    task: str = ""
    parameter: str = ""


Findings = Mapping[str, Sequence[Finding]]
"""What to watch out for in the regions, by module."""


def preflight(
    session: Session, *, here: Mapping[str, TaskHere], now: CallsNow, findings: Findings | None
) -> tuple[Check, ...]:
    """Look at everything a run would stumble over.

    Parameters
    ----------
    session
        The session.
    here
        Who does each task.
    now
        The calls the session stands for.
    findings
        What was found of the regions on their event lists; ``None`` while these were not read:
        then only what needs no sky plane is looked at.

    Returns
    -------
    tuple of Check
        What would fail first; empty where nothing is to be said.
    """
    checks = [
        *_missing(now),
        *_engines(session, here),
        *_parameters(here, now),
        *_files(session, here, now),
        *_regions(session, here, now, findings),
        *_grouping(session, here, now),
        *_paths(session, here),
    ]
    once = [check for at, check in enumerate(checks) if check not in checks[:at]]
    return tuple(sorted(once, key=lambda check: check.level is not Level.STOP))


def _missing(now: CallsNow) -> Iterator[Check]:
    if now.missing:
        yield Check(level=Level.STOP, text=now.missing)


def _engines(session: Session, here: Mapping[str, TaskHere]) -> Iterator[Check]:
    for task, found in here.items():
        if not is_run(session, task):
            continue
        if found.spec is None:
            yield Check(
                level=Level.STOP, task=task, text=f"{task}: {found.note}",
                remedies=_without_task(session, task),
            )  # fmt: skip
        elif found.problem:
            yield Check(level=Level.STOP, task=task, text=f"{task}: {found.problem}")


def _without_task(session: Session, task: str) -> tuple[Remedy, ...]:
    """Offer to leave a task out, where the others can do without it."""
    if task == "nuproducts" or (task == "nupipeline" and not _has_events(session)):
        return ()
    label = {"nupipeline": "use the events as they are", "ftgrouppha": "do not group"}[task]
    return (Remedy(label=label, changes=switched(session, task, on=False)),)


def _has_events(session: Session) -> bool:
    return all((item := session.inputs_of(name)) and item.events for name in session.modules)


def _parameters(here: Mapping[str, TaskHere], now: CallsNow) -> Iterator[Check]:
    for call in now.calls:
        spec = here[call.task].spec
        for name, problem in () if spec is None else spec.problems(call):
            text = f"{call.task} {name}: {problem}"
            yield Check(level=Level.STOP, text=text, task=call.task, parameter=name)


# -- files --------------------------------------------------------------------------------


def _files(session: Session, here: Mapping[str, TaskHere], now: CallsNow) -> Iterator[Check]:
    work = Path(session.work_dir)
    for call in now.calls:
        spec = here[call.task].spec
        if spec is None:
            continue
        for name, value in call.params:
            text = as_text(value)
            if _is_missing(session, call, spec, name, text, work):
                yield Check(
                    level=Level.STOP, task=call.task, parameter=name,
                    text=f"{call.task} {name}: there is no {work / text}; choose another",
                )  # fmt: skip
        yield from _existing(session, call, work)


def _is_missing(
    session: Session, call: TaskCall, spec: TaskSpec, name: str, text: str, work: Path
) -> bool:
    parameter = spec.find(name)
    if parameter is None or parameter.role != "input" or text.upper() in _NO_FILE:
        return False
    brought = {file.name for file in call.files}
    made_before = call.task == "ftgrouppha" or (
        session.reprocesses and Path(text).is_relative_to(events_folder(session))
    )
    if text in brought or (made_before and not Path(text).is_absolute()):
        return False
    path, _, _ = text.removeprefix("@").partition("[")  # a list of files; a filter behind one
    return not (work / path).exists()


def _existing(session: Session, call: TaskCall, work: Path) -> Iterator[Check]:
    """Tell of earlier products in the way; only the tutorial's folders are used again."""
    if session.layout != "tutorial" or is_yes(as_text(call.get("clobber") or False)):
        return
    folder = work / as_text(call.get("outdir") or ".")
    stem = f"{call.get('steminputs')}{str(call.get('instrument'))[-1]}"
    if call.task == "nuproducts" and any(folder.glob(f"{stem}*_sr.*")):
        yield Check(
            level=Level.STOP, task=call.task, parameter="clobber",
            text=f"{call.task}: {folder} holds products already, which clobber=no keeps",
            remedies=(_set(session, call.task, clobber=True),),
        )  # fmt: skip


# -- regions ------------------------------------------------------------------------------


def _regions(
    session: Session, here: Mapping[str, TaskHere], now: CallsNow, findings: Findings | None
) -> Iterator[Check]:
    is_embedded = here["nuproducts"].engine == "embedded"
    modules: dict[Finding, list[str]] = {}  # what is said of both is said once
    for module in session.modules:
        call = now.of("nuproducts", module)
        if call is None:
            continue
        found = _plain_findings(session, module, call) if findings is None else findings[module]
        for finding in found:
            modules.setdefault(finding, []).append(module)
    for finding, named in modules.items():
        is_heasofts = is_embedded and finding.code in _OF_CORRECTIONS
        stops = finding.severity == "abort" and not is_heasofts
        yield Check(
            level=Level.STOP if stops else Level.NOTE,
            task="nuproducts",
            text=f"{', '.join(named)}: {'With HEASoft: ' * is_heasofts}{finding.message}",
            remedies=tuple(
                _set(session, "nuproducts", **{name: text == "yes"})
                for name, text in finding.remedy.items()
            ),
        )


def _plain_findings(session: Session, module: str, call: TaskCall) -> tuple[Finding, ...]:
    """Apply the rules that need no sky plane, to what was drawn; a text is read later."""
    flags, regions = ProductFlags.from_parameters(dict(call.params)), session.regions.of(module)
    found: tuple[Finding, ...] = ()
    if isinstance(regions.source, SkyRegion):
        found += lint_region(regions.source, role="source", flags=flags)
    if isinstance(regions.background, SkyRegion):
        found += lint_region(regions.background, role="background", flags=flags)
    return found


# -- responses and grouping ---------------------------------------------------------------


def _grouping(session: Session, here: Mapping[str, TaskHere], now: CallsNow) -> Iterator[Check]:
    done_by = here["nuproducts"]
    without = [
        module
        for module in session.modules
        if (call := now.of("nuproducts", module))
        and not _has_response(session, module, call, done_by)
    ]
    if without:
        yield from _no_response(session, without, done_by)
    first = session.modules[0]  # parameters are those of both
    products, group = now.of("nuproducts", first), now.of("ftgrouppha", first)
    if products is None or group is None:
        return
    if as_text(products.get("phafile") or "").upper() == "NONE":
        yield Check(
            level=Level.STOP, task="nuproducts", parameter="phafile",
            text="phafile=NONE makes no spectrum to group",
            remedies=(
                _set(session, "nuproducts", phafile="DEFAULT"),
                *_without_task(session, "ftgrouppha"),
            ),
        )  # fmt: skip
    elif without and group.get("respfile") is not None:
        yield Check(
            level=Level.STOP, task="ftgrouppha", parameter="grouptype",
            text=f"{', '.join(without)}: grouptype={group.get('grouptype')} reads the response "
            "(RMF), which is not made",
            remedies=(
                *_response_made(session, done_by),
                _set(session, "ftgrouppha", grouptype="min", groupscale=25),
            ),
        )  # fmt: skip


def _has_response(session: Session, module: str, call: TaskCall, here: TaskHere) -> bool:
    if here.engine == "embedded":
        inputs = session.inputs_of(module)
        return inputs is not None and inputs.rmf is not None
    made = call.get("runmkrmf")
    return made is None or is_yes(as_text(made))


def _no_response(session: Session, modules: list[str], here: TaskHere) -> Iterator[Check]:
    named = ", ".join(modules)
    if here.engine == "embedded":
        text = (
            f"{named}: the embedded engine makes no ARF and RMF, which need calibration. The "
            "spectrum can be looked at and grouped by counts; to fit it, name responses or use "
            "HEASoft"
        )
        yield Check(level=Level.NOTE, task="nuproducts", text=text)
    elif is_run(session, "ftgrouppha"):
        yield Check(
            level=Level.NOTE, task="nuproducts", parameter="runmkrmf",
            text=f"{named}: runmkrmf=no makes no RMF, so the spectrum cannot be fitted",
            remedies=_response_made(session, here),
        )  # fmt: skip


def _response_made(session: Session, here: TaskHere) -> tuple[Remedy, ...]:
    if here.engine == "embedded":
        return ()
    return (_set(session, "nuproducts", runmkarf=True, runmkrmf=True),)


# -- folders ------------------------------------------------------------------------------


def _paths(session: Session, here: Mapping[str, TaskHere]) -> Iterator[Check]:
    work = Path(session.work_dir).absolute()
    runs_heasoft = any(found.engine == "heasoft" for found in here.values())
    if runs_heasoft and not is_short_and_plain(work):
        yield Check(
            level=Level.NOTE,
            text=f"{work}: too long for HEASoft, or not plain letters. Jobs run in a short folder "
            "of their own; run the script from a folder of at most 60 letters",
        )


def _set(session: Session, task: str, **values: str | float | bool) -> Remedy:
    words = ", ".join(f"{name}={as_text(value)}" for name, value in values.items())
    return Remedy(label=f"set {words}", changes=with_values(session, task, values))
