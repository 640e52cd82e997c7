"""What a session may hold: plain values of the types its fields name, all the way down.

Numbers are finite, texts are texts, sequences are tuples, and what is made of fields is one of the
kinds a session file knows. So every session can be written, and every file that is read holds what
the rest of the program expects. What is as good as plain is made plain: a path becomes its text, a
NumPy number a number, a list a tuple.
"""

from __future__ import annotations

import math
import os
import types
from collections.abc import Callable
from dataclasses import fields, is_dataclass, replace
from functools import cache
from typing import Any, Final, TypeAlias, Union, get_args, get_origin, get_type_hints

from nustar_widgets.events import regions
from nustar_widgets.session import values
from nustar_widgets.session.taskcall import ParamValue

SHAPES: Final[tuple[type, ...]] = (
    regions.SkyCircle, regions.SkyAnnulus, regions.SkyEllipse, regions.SkyEllipticalAnnulus,
    regions.SkyBox, regions.SkyBoxAnnulus, regions.SkyPolygon, regions.SkyPanda, regions.SkyPoint,
)  # fmt: skip
"""Shapes a region may have."""

KINDS: Final[dict[str, type]] = {
    kind.__name__: kind
    for kind in (
        values.Target, values.ModuleInputs, values.SpectrumInput, values.RegionText,
        values.ModuleRegions, values.Regions, values.GroupingChoice, values.FitChoice,
        values.ParameterChoice, regions.SkyRegion, *SHAPES,
    )
}  # fmt: skip
"""Kinds of value made of fields, by the name a session file has for them."""

_Params: TypeAlias = tuple[tuple[str, ParamValue], ...]
_Pairs: TypeAlias = tuple[tuple[float, float], ...]

_FIELDS: Final[dict[str, Any]] = {
    "target": values.Target | None,
    "obsid": str,
    "data_dir": str,
    "inputs": tuple[values.ModuleInputs, ...],
    "spectra": tuple[values.SpectrumInput, ...],
    "work_dir": str,
    "modules": tuple[str, ...],
    "regions": values.Regions,
    "band_kev": tuple[float, float],
    "bin_s": float,
    "user_gti": _Pairs | None,
    "pipeline": _Params | None,
    "products": _Params,
    "grouping": values.GroupingChoice,
    "fit": values.FitChoice,
    "layout": str,
    "engine": str,
}
_LARGEST: Final = 2**63  # of whole numbers: more is no channel, and no file format's either

Made = Callable[[Any, str], Any]


class NotPlain(ValueError):
    """A value is not of the type its place has; the text says where, what and what was expected."""


def plain(field: str, value: Any) -> Any:
    """Return the value of a session's field, made plain.

    Parameters
    ----------
    field
        Name of the field.
    value
        Its value; returned as it is where nothing had to be changed.

    Raises
    ------
    NotPlain
        Something in it is not of the type its place has.
    """
    return _maker(_FIELDS[field])(value, field)


@cache
def _maker(hint: Any) -> Made:
    """Return what makes values of one type plain."""
    if hint in _SIMPLE:
        return _SIMPLE[hint]
    if hint is regions.SkyShape:
        return _one_of(SHAPES, "a shape on the sky")
    if get_origin(hint) in (types.UnionType, Union):
        return _any_of(get_args(hint))
    if get_origin(hint) is tuple:
        return _sequence(get_args(hint))
    if isinstance(hint, type) and is_dataclass(hint):
        return _one_of((hint,), hint.__name__)
    raise TypeError(f"no rule for {hint!r}")  # a new field: say here what it may hold


def _text(value: Any, where: str) -> str:
    if isinstance(value, str):
        return str(value)
    if isinstance(value, os.PathLike) and isinstance(path := os.fspath(value), str):
        return path
    raise _refusal(where, value, "text")


def _number(value: Any, where: str) -> float:
    value = _unboxed(value)
    if isinstance(value, float) and math.isfinite(value):
        return value
    if isinstance(value, int) and _is_whole(value) and abs(value) < _LARGEST:
        return value  # equal to the float, and shorter to read
    raise _refusal(where, value, "a finite number")


def _whole(value: Any, where: str) -> int:
    value = _unboxed(value)
    if _is_whole(value) and abs(value) < _LARGEST:
        return int(value)
    raise _refusal(where, value, "a whole number")


def _truth(value: Any, where: str) -> bool:
    value = _unboxed(value)
    if isinstance(value, bool):
        return value
    raise _refusal(where, value, "true or false")


def _nothing(value: Any, where: str) -> None:
    if value is not None:
        raise _refusal(where, value, "nothing")


_SIMPLE: Final[dict[Any, Made]] = {
    str: _text, float: _number, int: _whole, bool: _truth, types.NoneType: _nothing,
}  # fmt: skip
_NAMES: Final[dict[Any, str]] = {
    str: "text", float: "a number", int: "a whole number", bool: "true or false",
    types.NoneType: "nothing",
}  # fmt: skip


def _unboxed(value: Any) -> Any:
    """Return NumPy's scalars as Python's numbers, without knowing NumPy."""
    if type(value).__module__ == "numpy" and getattr(value, "ndim", None) == 0:
        return value.item()
    return value


def _is_whole(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _any_of(choices: tuple[Any, ...]) -> Made:
    expected = " or ".join(_name(choice) for choice in choices)
    known = [(_classes(choice), _maker(choice)) for choice in choices]

    def make(value: Any, where: str) -> Any:
        value = _unboxed(value)
        for classes, maker in known:
            if isinstance(value, classes) and (type(value) is not bool or bool in classes):
                return maker(value, where)
        raise _refusal(where, value, expected)

    return make


def _classes(hint: Any) -> tuple[type, ...]:
    """Classes whose values are judged as being of a type; their parts may still be wrong."""
    if get_origin(hint) is tuple:
        return (list, tuple)
    return {str: (str, os.PathLike), float: (float, int)}.get(hint, (hint,))


def _name(hint: Any) -> str:
    if get_origin(hint) is tuple:
        return "a list"
    return _NAMES.get(hint) or hint.__name__


def _sequence(items: tuple[Any, ...]) -> Made:
    many = len(items) == 2 and items[1] is ...
    makers = [_maker(item) for item in items if item is not ...]

    def make(value: Any, where: str) -> tuple[Any, ...]:
        if not isinstance(value, tuple | list):
            raise _refusal(where, value, "a list")
        if not many and len(value) != len(makers):
            raise _refusal(where, value, f"a list of {len(makers)}")
        using = makers * len(value) if many else makers
        made = tuple(
            maker(item, f"{where}[{at}]")
            for at, (maker, item) in enumerate(zip(using, value, strict=True))
        )
        return value if isinstance(value, tuple) and _are_same(made, value) else made

    return make


def _one_of(kinds: tuple[type, ...], expected: str) -> Made:
    known = {kind: _of_kind(kind) for kind in kinds}

    def make(value: Any, where: str) -> Any:
        maker = known.get(type(value))
        if maker is None:
            raise _refusal(where, value, expected)
        return maker(value, where)

    return make


def _of_kind(kind: type) -> Made:
    hints = get_type_hints(kind)
    makers = {item.name: _maker(hints[item.name]) for item in fields(kind)}

    def make(value: Any, where: str) -> Any:
        changed = {}
        for name, maker in makers.items():
            before = getattr(value, name)
            after = maker(before, f"{where}.{name}")
            if after is not before:
                changed[name] = after
        return replace(value, **changed) if changed else value

    return make


def _are_same(made: tuple[Any, ...], value: tuple[Any, ...]) -> bool:
    return all(one is other for one, other in zip(made, value, strict=True))


def _refusal(where: str, value: Any, expected: str) -> NotPlain:
    return NotPlain(f"{where}={brief(value)}: expected {expected}")


def brief(value: Any) -> str:
    """Return a value for a message: a huge number or a deep nest is not written out."""
    try:
        text = repr(value)
    except (ValueError, RecursionError):
        text = f"a {type(value).__name__} too large to be shown"
    return text if len(text) <= 80 else f"{text[:77]}..."
