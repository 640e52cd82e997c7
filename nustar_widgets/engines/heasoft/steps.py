"""The sub-tasks a task goes through: which it will, and which it has come to by its own words."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from nustar_widgets.engines.taskspec import TaskSpec, is_yes
from nustar_widgets.session.taskcall import TaskCall

_RUNNING = re.compile(r"^(\w+)_[\d.]+: Info: Running '(\w+)'", re.MULTILINE)
_MODES = 6  # observing modes 01 to 06 (nupipeline, obsmode=ALL)


def steps_in(text: str, task: str) -> Iterator[str]:
    """Yield the sub-tasks that begin in what a task printed, not those that they begin."""
    for found in _RUNNING.finditer(text):
        if found[1] == task:
            yield found[2]


def expected_steps(call: TaskCall, spec: TaskSpec) -> tuple[str, ...]:
    """List the sub-tasks a call will go through, in order; empty where that is not known.

    From the scripts nuproducts 0.3.0 and nupipeline 0.4.6 (HEASoft 6.20). Newer ones may have more:
    the list says about how far a task is, no more.
    """
    asked = _Asked(call, spec)
    match call.task:
        case "nuproducts":
            return tuple(_nuproducts(asked))
        case "nupipeline":
            return tuple(_nupipeline(asked))
        case _:
            return ()


@dataclass(frozen=True)
class _Asked:
    """What a call asks for, a parameter of another version of the task being left out of it."""

    call: TaskCall
    spec: TaskSpec

    def text(self, name: str, default: str) -> str:
        if self.spec.find(name) is None:
            return default
        return self.spec.value(self.call, name).upper()

    def is_on(self, name: str) -> bool:
        return is_yes(self.text(name, "no"))

    def wants(self, name: str) -> bool:
        return self.text(name, "NONE") != "NONE"


def _nuproducts(asked: _Asked) -> Iterator[str]:
    is_on, wants = asked.is_on, asked.wants
    has_background = is_on("bkgextract")
    if is_on("barycorr"):
        yield from ["barycorr"] * 6
    if wants("usrgtifile"):
        yield "nulivetime"
    if is_on("extended") or (has_background and is_on("correctlc")):
        yield "nuexpomap"
        if is_on("correctlc") and is_on("lcvignflag"):
            yield "nuexpomap"
    yield from _region(asked, pha=wants("phafile"), curve=wants("lcfile"))
    if wants("lcfile"):
        yield "lcurve"
    if wants("imagefile"):
        yield "ximage"
    if has_background:
        yield from _region(asked, pha=wants("bkgphafile"), curve=wants("bkglcfile"))
    if is_on("runmkarf") and wants("phafile"):
        yield "numkarf"
    if is_on("runmkrmf"):
        yield "numkrmf"
        if wants("phafile"):
            yield "xspec"
    if is_on("rungrppha") and wants("phafile"):
        yield "grppha"


def _region(asked: _Asked, *, pha: bool, curve: bool) -> Iterator[str]:
    yield "xselect"
    if pha and asked.is_on("runbackscale"):
        yield "nubackscale"
    if curve and asked.is_on("correctlc"):
        yield "nulccorr"


def _nupipeline(asked: _Asked) -> Iterator[str]:
    first, last = int(asked.text("entrystage", "1")), int(asked.text("exitstage", "2"))
    if first == 1 and asked.is_on("runmetrology"):
        yield "numetrology"
    yield "nuattcorr"
    for _ in range(2 if asked.text("instrument", "ALL") == "ALL" else 1):
        if first == 1:
            yield from ("nuflagbad", "nuhotpix", "nucalcpha", "nucalcpi", "nuflagevt", "nucoord")
        if last >= 2:
            yield from _screening(asked)
        if last >= 3:
            yield "nuproducts"


def _screening(asked: _Asked) -> Iterator[str]:
    yield from ("nucalcsaa", "nufilter")
    yield from ["nuscreen"] * (_MODES if asked.text("obsmode", "ALL") == "ALL" else 1)
    if asked.is_on("runsplitsc"):
        yield "nusplitsc"
    if asked.is_on("createexpomap"):
        yield "nuexpomap"
