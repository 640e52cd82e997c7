"""What the page said of itself, and what that means."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from nustar_widgets.diagnosis.findings import Finding
from nustar_widgets.diagnosis.kernelside import MODULES, Module, version_of
from nustar_widgets.diagnosis.ranges import fits
from nustar_widgets.diagnosis.serverfindings import RELOAD, Environment, install

GROUP: Final = "This page"
_ELSEWHERE: Final = {
    "VS Code": """\
# in VS Code's settings (settings.json), then restart the kernel:
"jupyter.widgetScriptSources": ["jsdelivr.com", "unpkg.com"]""",
    "Colab": """\
# in a cell of its own, before the panels:
from google.colab import output
output.enable_custom_widget_manager()""",
}
_LOOK: Final = "# what went wrong is in the browser's console: press F12, and run the cell again"


@dataclass(frozen=True, kw_only=True)
class PageAnswer:
    """What the page has answered so far.

    Attributes
    ----------
    asked
        Packages whose widgets were put into the page.
    seen
        Those it could show.
    facts
        What it says it is, as ``front/handshake.js`` tells it; empty where it said nothing.
    is_over
        Whether nothing more is waited for.
    """

    asked: Collection[str]
    seen: Collection[str] = ()
    facts: Mapping[str, Any] = field(default_factory=dict)
    is_over: bool = False

    @property
    def is_complete(self) -> bool:
        """Whether there is nothing more to answer."""
        return set(self.seen) >= set(self.asked) and bool(self.facts)

    @property
    def front(self) -> str:
        """What shows the notebook; empty where it did not say."""
        return self.word("front")

    def word(self, name: str) -> str:
        """Return one of the facts, if it is text."""
        told = self.facts.get(name)
        return told if isinstance(told, str) else ""

    def is_off(self, name: str) -> bool:
        """Whether a prebuilt extension is switched off."""
        told = self.facts.get("disabled")
        return isinstance(told, list) and name in told

    def extension(self, name: str) -> str | None:
        """Return the version of a prebuilt extension the page was given; ``None`` for none."""
        told = self.facts.get("extensions")
        found = told.get(name) if isinstance(told, Mapping) else None
        return None if found is None else str(found)


def page_findings(answer: PageAnswer, server: Environment | None) -> Iterator[Finding]:
    """Say what the page is and which widgets it shows.

    Parameters
    ----------
    answer
        What it has answered.
    server
        Environment of the Jupyter server, if known: remedies name its Python.
    """
    yield _front_end(answer, server)
    for module in MODULES:
        if module.package in answer.asked:
            yield _module(module, answer, server)
    if "itables" in answer.asked:
        yield _tables(answer, server)


def _front_end(answer: PageAnswer, server: Environment | None) -> Finding:
    enables, remedy, ok = "the panels", "", True
    told = " ".join(filter(None, (answer.front, answer.word("version"))))
    browser = answer.word("browser")
    if told:
        told = f"{told} in {browser}" if browser else told
    elif answer.seen:
        told = "a page that shows widgets, but does not say what it is"
    elif answer.is_over:
        ok, told = False, "no page shows widgets here: none has answered"
        remedy = install(MODULES[0], server)
    else:
        told = "asked; no answer yet"
    return Finding(name="front end", ok=ok, found=told, enables=enables, remedy=remedy, group=GROUP)


def _module(module: Module, answer: PageAnswer, server: Environment | None) -> Finding:
    kernel = version_of(module.package)
    version = answer.extension(module.extension)
    wanted = module.wanted(kernel) if kernel else "*"
    its = f"version {version} in the page" if version else "in the page"
    remedy, told = "", f"shown; {its}, {kernel or 'none'} in the kernel"
    if module.package in answer.seen:
        ok = True
    elif not answer.is_over:
        ok, told = True, "asked; no answer yet"
    else:
        ok = False
        told, remedy = _trouble(module, answer, server, wanted)
    return Finding(
        name=module.package, ok=ok, found=told, enables=module.needs, remedy=remedy, group=GROUP
    )


def _trouble(
    module: Module, answer: PageAnswer, server: Environment | None, wanted: str
) -> tuple[str, str]:
    """Say why the page does not show a kind of widgets, and what mends it."""
    if answer.front in _ELSEWHERE:
        return f"not shown: {answer.front} did not load its code", _ELSEWHERE[answer.front]
    if answer.is_off(module.extension):
        python = "jupyter" if server is None else f"{server.server.python} -m jupyter"
        remedy = f"{python} labextension enable {module.extension}\n{RELOAD}"
        return "not shown: it is switched off on the server", remedy
    version, kernel = answer.extension(module.extension), version_of(module.package)
    told = "not shown"
    if version and wanted != "*" and not fits(version, wanted):
        told = f"not shown: the page has {version}, but {kernel} of the kernel needs {wanted}"
    elif version is not None:
        return f"not shown, though the page was given version {version or 'unknown'}", _LOOK
    elif answer.facts.get("knows_extensions"):
        told = "not shown: the Jupyter server does not have it"
    return told, install(module, server)


def _tables(answer: PageAnswer, server: Environment | None) -> Finding:
    """Tell of tables: itables brings its code with it, through anywidget."""
    ok, remedy = True, ""
    told = f"shown; {version_of('itables')}, which the kernel sends"
    if "itables" not in answer.seen:
        told = "asked; no answer yet"
        if answer.is_over:
            ok, told = False, "not shown; it needs anywidget in the page"
            has_any = "anywidget" in answer.seen
            remedy = _LOOK if has_any else install(MODULES[1], server)
    return Finding(
        name="itables", ok=ok, found=told, enables="tables of observations found",
        remedy=remedy, group=GROUP,
    )  # fmt: skip
