"""What a task is to make, what it made, and whether that can be opened.

The exit status proves nothing: tasks were seen to end with 0 and nothing written.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from nustar_widgets.engines.base import Product
from nustar_widgets.engines.heasoft.fitsframe import why_not_whole
from nustar_widgets.engines.heasoft.scratch import Staged
from nustar_widgets.engines.taskspec import Condition, TaskSpec
from nustar_widgets.session.taskcall import TaskCall

# What tasks leave where they run: files of a remote CALDB, sessions and logs of xselect and XSPEC,
# temporary folders that carry a process number.
_LITTER = re.compile(
    r"nu[ABC]\w*\d{8}v\d+\.\w+|nuA\w*teldef\w*|nuB\w*teldef\w*|nu[AB]hkrange\w*|nu[AB]cutevt\w*"
    r"|nuC(?:al|mk|pre)[\w.]*fits|xsel\d+_.*|xsel_timefile\.asc|xselect\.log|_xsel\.run|xautosav\.xcm"
    r"|\d+_tmp_\w+|\d{1,7}tmplnk_.*|\d{1,7}_(?:in|sr|bk|sk|im|lc|ph)\.\w+|core(?:\.\d+)?|.*\.par",
    re.IGNORECASE,
)

_NUPRODUCTS = (
    # parameter, ending of the default name, kind
    ("phafile", "_sr.pha", "source spectrum"),
    ("bkgphafile", "_bk.pha", "background spectrum"),
    ("lcfile", "_sr.lc", "source light curve"),
    ("bkglcfile", "_bk.lc", "background light curve"),
    ("imagefile", "_sk.img", "image"),
    ("outarffile", "_sr.arf", "arf"),
    ("outrmffile", "_sr.rmf", "rmf"),
    ("grpphafile", "_sr_grp.pha", "grouped spectrum"),
)
_NEEDS = {  # what else must be so; without a spectrum numkarf is not run, only warned of
    "background spectrum": {"bkgextract": "yes"},
    "background light curve": {"bkgextract": "yes"},
    "arf": {"runmkarf": "yes", "phafile": "!NONE"},
    "rmf": {"runmkrmf": "yes"},
    "grouped spectrum": {"rungrppha": "yes", "phafile": "!NONE"},
}
_SCREEN = frozenset({"-", "STDOUT", "STDERR", "NONE"})  # names that stand for no file
_MODULE = {"FPMA": "A", "FPMB": "B"}


@dataclass(frozen=True, kw_only=True)
class Expected:
    """One file a call is to make.

    Attributes
    ----------
    kind
        As in `Product.kind`.
    pattern
        Its path in the working folder; may have wildcards, of which one file is enough.
    """

    kind: str
    pattern: str


def expected(call: TaskCall, spec: TaskSpec, staged: Staged) -> tuple[Expected, ...]:
    """List what a call must make; more may come along.

    Parameters
    ----------
    call
        The call.
    spec
        What the task accepts.
    staged
        The call as it is said in the working folder.
    """
    said = dict(staged.params)
    match call.task:
        case "nuproducts":
            return tuple(_nuproducts(call, spec, said))
        case "nupipeline":
            return (_nupipeline(call, spec, said),)
        case "ftgrouppha":
            name = said["outfile"].removeprefix("!")
            return (Expected(kind="grouped spectrum", pattern=name),)
        case _:
            return tuple(
                Expected(kind="file", pattern=local)
                for local in _files(staged)
                if local != said.get("outdir")  # a folder: what will be in it is not known
            )


def _files(staged: Staged) -> list[str]:
    return [local for local in staged.outputs if local.upper() not in _SCREEN]


def _nupipeline(call: TaskCall, spec: TaskSpec, said: dict[str, str]) -> Expected:
    """Events after the last stage that is run; stage 3 adds products of them."""
    known = spec.find("stemoutputs")
    stem = "DEFAULT" if known is None else spec.value(call, "stemoutputs")
    stem = said["steminputs"] if stem.upper() == "DEFAULT" else stem
    if spec.find("exitstage") is not None and int(spec.value(call, "exitstage")) < 2:
        return Expected(kind="calibrated events", pattern=f"{said['outdir']}/{stem}*_uf.evt*")
    return Expected(kind="cleaned events", pattern=f"{said['outdir']}/{stem}*_cl.evt*")


def _nuproducts(call: TaskCall, spec: TaskSpec, said: dict[str, str]) -> Iterator[Expected]:
    stem, outdir = _stem(call, said), said.get("outdir", ".")
    for parameter, ending, kind in _NUPRODUCTS:
        if spec.find(parameter) is None:  # another version of the task
            continue
        value = spec.value(call, parameter)
        if value.upper() == "NONE" or not _is_made(kind, call, spec):
            continue
        name = f"{stem}{ending}" if value.upper() == "DEFAULT" else Path(value).name
        yield Expected(kind=kind, pattern=str(Path(outdir, name)))


def _is_made(kind: str, call: TaskCall, spec: TaskSpec) -> bool:
    needs = _NEEDS.get(kind, {})
    return all(
        Condition.from_text(name, text).holds(spec.value(call, name))
        for name, text in needs.items()
    )


def _stem(call: TaskCall, said: dict[str, str]) -> str:
    """Stem of the products as nuproducts makes it (SetStemOut)."""
    named = str(call.get("stemout") or "DEFAULT")
    if named.upper() != "DEFAULT":
        return named
    infile = said.get("infile", "DEFAULT")
    if infile.upper() == "DEFAULT":
        module = _MODULE.get(said.get("instrument", "").upper(), "A")
        return f"{said.get('steminputs', '')}{module}01"
    return re.sub(r"(_uf|_cl)?\.\w+(\.gz)?$", "", Path(infile).name)


def collect(
    wanted: Sequence[Expected], staged: Staged, *, work: Path, own: set[str], before: set[Path]
) -> tuple[list[Product], list[str]]:
    """Find what a task made.

    Parameters
    ----------
    wanted
        What it was to make.
    staged
        The call as it was said.
    work
        The working folder.
    own
        Names of the call's own small files.
    before
        What lay in the working folder before the task.

    Returns
    -------
    list of Product
        Files made, what was wanted first; paths in the working folder.
    list of str
        What is wrong: wanted files that are missing or cannot be opened.
    """
    products: dict[Path, Product] = {}
    problems: list[str] = []
    for item in wanted:
        found = [path for path in sorted(work.glob(item.pattern)) if path.is_file()]
        if not found:
            problems.append(f"no {item.kind} was written ({item.pattern})")
        for path in found:
            products[path] = Product(kind=item.kind, path=path)
            if problem := why_not_whole(path):
                problems.append(f"{path.name} {problem}")
    for path in sorted(work.rglob("*")):
        relative = path.relative_to(work)
        is_new = path.is_file() and not path.is_symlink() and path not in before
        if is_new and str(relative) not in own and not _is_litter(relative, staged):
            products.setdefault(path, Product(kind=_kind_of(path), path=path))
    if not products and not problems and _files(staged):
        problems.append("nothing was written")
    return list(products.values()), problems


def _is_litter(relative: Path, staged: Staged) -> bool:
    if str(relative) in staged.outputs:
        return False
    return any(_LITTER.fullmatch(part) for part in relative.parts)


def _kind_of(path: Path) -> str:
    return {".gif": "plot", ".ps": "plot", ".reg": "region"}.get(path.suffix, "file")
