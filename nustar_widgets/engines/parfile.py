"""The installed ``.par`` file of a task, read into a TaskSpec; never a copy of ours.

A line is ``name,type,mode,default,minimum,maximum,prompt``. A field may be quoted with ``"`` or
``'``, in which a comma is a letter; a backslash keeps the next letter from meaning anything; a
``#`` outside quotes starts a comment at the beginning of a line and in the prompt, nowhere else. A
minimum with ``|`` lists the only values allowed. So reads HEASoft's own parameter library
(heacore/ape/src/ape_par.c).
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from nustar_widgets.engines.taskhelp import help_for
from nustar_widgets.engines.taskspec import Kind, Parameter, TaskSpec
from nustar_widgets.errors import InputFileError

_KINDS = {
    "b": Kind.YES_NO,
    "i": Kind.WHOLE,
    "r": Kind.NUMBER,
    "d": Kind.NUMBER,
    "f": Kind.FILE,
    "s": Kind.TEXT,
    "g": Kind.TEXT,
}
_FIELDS = 7  # name, type, mode, default, minimum, maximum, prompt
_MODE = "mode"  # not a parameter of the task but how it asks for the others


def read_par_file(path: Path) -> TaskSpec:
    """Read a ``.par`` file.

    Parameters
    ----------
    path
        The file; its name is the task's.

    Raises
    ------
    InputFileError
        The file is missing, or a line is not one of a parameter file; the message names the line.
    """
    try:
        text = path.read_text(encoding="utf-8", errors="replace")
    except OSError as error:
        raise InputFileError(
            path, f"cannot be read ({error.strerror})", "Is HEASoft installed whole?"
        ) from error
    lines = {
        number: fields
        for number, line in enumerate(text.splitlines(), start=1)
        if (fields := split_fields(line)) and fields[0]
    }
    asks = next((fields[3] for fields in lines.values() if fields[0] == _MODE), "ql")
    parameters = [
        _parameter(path, number, fields, asks)
        for number, fields in lines.items()
        if fields[0] != _MODE
    ]
    return help_for(path.stem).added_to(
        TaskSpec(task=path.stem, parameters=tuple(parameters), source=str(path))
    )


def split_fields(line: str) -> list[str]:
    """Split a line at its commas, minding quotes; without blanks around fields and comments."""
    fields: list[str] = []
    field, quote, escaped = "", "", False
    for letter in line.strip():
        if escaped:
            field, escaped = field + letter, False
        elif letter == "\\":
            escaped = True
        elif letter == quote:
            quote = ""
        elif quote:
            field += letter
        elif letter in "\"'" and not field.strip():  # an apostrophe inside a word opens nothing
            field, quote = "", letter
        elif letter == "#" and (len(fields) == _FIELDS - 1 or not (fields or field)):
            break
        elif letter == "," and len(fields) < _FIELDS - 1:
            fields.append(field.strip())
            field = ""
        else:
            field += letter
    rest = field.strip()
    return [*fields, rest] if fields or rest else []


def _parameter(path: Path, number: int, fields: list[str], asks: str) -> Parameter:
    if len(fields) < 4:
        raise InputFileError(
            path,
            f"line {number}: {', '.join(fields)!r}",
            "Expected name,type,mode,default,minimum,maximum,prompt",
        )
    name, code, mode, default, low, high, prompt = (fields + [""] * _FIELDS)[:_FIELDS]
    kind = _KINDS.get(code.lower()[:1])
    if kind is None:
        raise InputFileError(
            path, f"line {number}: {name} has the type {code!r}", f"Expected {', '.join(_KINDS)}"
        )
    is_asked = "q" in mode or ("a" in mode and "q" in asks)
    made = Parameter(
        name=name,
        kind=kind,
        default=default,
        required=is_asked and not default,
        prompt=prompt,
        role=_role(name.lower(), code.lower()),
    )
    if "|" in low:
        return replace(made, choices=tuple(choice.strip() for choice in low.split("|")))
    if kind in (Kind.NUMBER, Kind.WHOLE):
        return replace(made, minimum=_limit(low), maximum=_limit(high))
    return made


def _role(name: str, code: str) -> str:
    """Tell whether a parameter names something to read or to write, as far as a file says it."""
    if code.startswith("fw") or name in ("outfile", "outdir"):  # so named in all of HEASoft
        return "output"
    return "input" if code.startswith("fr") else ""


def _limit(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:  # empty, INDEF, or another parameter's value
        return None
