"""What was found, in words for a terminal, a notebook and a program."""

from __future__ import annotations

import html
from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One thing that is here or missing.

    Attributes
    ----------
    name
        What was looked for.
    ok
        Whether it is here and usable.
    found
        What was found: version, place, or what is wrong.
    enables
        What it is good for.
    remedy
        Shell lines that mend it; empty where nothing is to be mended.
    for_heasoft
        Runs with HEASoft need it.
    """

    name: str
    ok: bool
    found: str
    enables: str
    remedy: str = ""
    for_heasoft: bool = False


@dataclass(frozen=True, kw_only=True, repr=False)
class Diagnosis:
    """Everything that was looked for.

    Attributes
    ----------
    findings
        In the order they are shown.
    """

    findings: tuple[Finding, ...]

    @property
    def missing(self) -> tuple[Finding, ...]:
        """What is missing or cannot be used."""
        return tuple(item for item in self.findings if not item.ok)

    @property
    def can_run_heasoft(self) -> bool:
        """Whether all that runs with HEASoft need is here."""
        return not any(item.for_heasoft for item in self.missing)

    def find(self, name: str) -> Finding | None:
        """Return the finding of that name, or ``None``."""
        return next((item for item in self.findings if item.name == name), None)

    def verdict(self) -> str:
        """Say in a sentence which engine will do the work."""
        if self.can_run_heasoft:
            return "HEASoft is here and complete."
        names = ", ".join(item.name for item in self.missing if item.for_heasoft)
        return f"HEASoft is not complete ({names}): the embedded engine does the work."

    def summary(self) -> list[str]:
        """Return lines for a terminal; a remedy is written out once, where it is first needed."""
        lines: list[str] = []
        shown: dict[str, str] = {}
        for item in self.findings:
            lines.append(f"{'ok' if item.ok else 'missing':9}{item.name:20}{item.found}")
            if item.ok:
                continue
            lines.append(f"{'':11}for: {item.enables}")
            first = shown.setdefault(item.remedy, item.name)
            lines += _fix(item.remedy if first == item.name else f"as for {first}")
        return [*lines, self.verdict()]

    def to_dict(self) -> dict[str, Any]:
        """Return plain JSON values."""
        return {"can_run_heasoft": self.can_run_heasoft, **asdict(self)}

    def __repr__(self) -> str:
        return "\n".join(self.summary())

    def _repr_html_(self) -> str:
        rows = "".join(_row(item) for item in self.findings)
        return f"<p>{html.escape(self.verdict())}</p><table>{rows}</table>"


def _fix(remedy: str) -> list[str]:
    heads = ["fix:", *["    "] * remedy.count("\n")]
    return [f"{'':11}{head} {line}" for head, line in zip(heads, remedy.split("\n"), strict=True)]


def _row(item: Finding) -> str:
    told = html.escape(item.found)
    if not item.ok:
        told += f"<br>for: {html.escape(item.enables)}"
    if item.remedy:
        told += f"<pre>{html.escape(item.remedy)}</pre>"
    mark = "ok" if item.ok else "<b>missing</b>"
    cells = (mark, html.escape(item.name), told)
    return "<tr>" + "".join(f'<td style="text-align: left">{cell}</td>' for cell in cells) + "</tr>"
