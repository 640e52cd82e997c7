"""Counts, rates and signal-to-noise as a table, and what to watch out for, in words."""

from __future__ import annotations

import html
import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

import ipywidgets as widgets

from nustar_widgets.events.regionlint import Finding
from nustar_widgets.instrument import pi_to_kev
from nustar_widgets.live.counts import LiveCounts, ModuleCounts
from nustar_widgets.panels.stills.still import Table

_ROWS: Final = (
    ("source counts", "Events of the band in the source region"),
    ("background counts", "Events of the band in the background region"),
    ("area ratio", "Source area over background area, in sky pixels; no exposure map"),
    ("net counts", "Source minus background scaled by the area ratio"),
    ("\u00b1", "Poisson error of the net counts"),
    ("net rate [count/s]", "Net counts per exposure; not corrected for PSF or vignetting"),
    ("S/N", "Net counts over their Poisson error"),
)

_Key = tuple[str, str, str]


class SkyNumbers(widgets.HTML):
    """Numbers of the regions, per module and joint."""

    def __init__(self) -> None:
        super().__init__(layout=widgets.Layout(flex="1 1 340px"))
        self.add_class("nw-numbers")

    def show(self, counts: LiveCounts | None, *, revision: int) -> None:
        """Show counts.

        Parameters
        ----------
        counts
            The counts; ``None`` for none.
        revision
            Number of the drag step they answer.
        """
        if counts is None:
            self.value = f"<div data-revision='{revision}'></div>"
            return
        columns = _columns(counts)
        head = "".join(f"<th scope='col'>{name}</th>" for name in columns)
        lines = [
            f"<tr><th scope='row' title='{html.escape(told)}'>{name}</th>"
            + "".join(f"<td>{column[at]}</td>" for column in columns.values())
            + "</tr>"
            for at, (name, told) in enumerate(_ROWS)
        ]
        self.value = (
            f"<table data-revision='{revision}'>"
            f"<tr><th>{_band(counts)}</th>{head}</tr>{''.join(lines)}</table>"
        )


def number_table(counts: LiveCounts) -> Table:
    """Return the same numbers as plain text.

    Parameters
    ----------
    counts
        The counts.
    """
    columns = _columns(counts)
    rows = tuple(
        (name, *(column[at] for column in columns.values())) for at, (name, _) in enumerate(_ROWS)
    )
    return Table(head=(_band(counts), *columns), rows=rows)


class Findings(widgets.HTML):
    """What to watch out for, worst first, each with its remedy."""

    def __init__(self) -> None:
        super().__init__()
        self.add_class("nw-findings")
        self._told = ""

    def show(self, findings: Mapping[str, Sequence[Finding]]) -> None:
        """Show findings by module; those of all modules are told once."""
        value = "".join(_told(finding, where) for finding, where in _merged(findings))
        if value != self._told:  # while a region is dragged it is mostly the same
            self._told = value
            self.value = f"<div style='font-size:12px;line-height:1.35'>{value}</div>"


def _columns(counts: LiveCounts) -> dict[str, tuple[str, ...]]:
    columns = {name: _column(item) for name, item in counts.modules.items()}
    return columns if len(columns) < 2 else {**columns, "both": _joint(counts)}


def _merged(findings: Mapping[str, Sequence[Finding]]) -> Iterable[tuple[Finding, str]]:
    modules: dict[_Key, list[str]] = {}
    first: dict[_Key, Finding] = {}
    for module, items in findings.items():
        for item in items:
            key: _Key = (item.severity, item.code, item.message)
            modules.setdefault(key, []).append(module)
            first.setdefault(key, item)
    for key in sorted(first, key=lambda key: key[0] != "abort"):
        everywhere = len(modules[key]) == len(findings)
        yield first[key], "" if everywhere else f"{', '.join(modules[key])}: "


def _told(finding: Finding, where: str) -> str:
    stops = finding.severity == "abort"
    ink, sign = ("bad", "&#10006;") if stops else ("warn", "&#9888;")
    words = html.escape(f"{where}{finding.message}{_remedy(finding)}")
    return f"<div style='color:var(--nw-{ink});padding:1px 0'>{sign} {words}</div>"


def _remedy(finding: Finding) -> str:
    if not finding.remedy:
        return ""
    return f" ({', '.join(f'{name}={value}' for name, value in finding.remedy.items())})"


def _band(counts: LiveCounts) -> str:
    binning = next(iter(counts.modules.values())).binning
    low, high = pi_to_kev(binning.pi_low), pi_to_kev(binning.pi_high + 1)
    return f"{low:g}\u2013{high:g} keV"


def _column(item: ModuleCounts) -> tuple[str, ...]:
    source, background = item.source, item.background
    return (
        "-" if source is None else f"{source.band_counts:,}",
        "-" if background is None else f"{background.band_counts:,}",
        _number(item.area_ratio, ".4f"),
        *_net(item.net, item.signal_to_noise),
        _number(item.net_rate, ".4g"),
        _number(item.signal_to_noise, ".1f"),
    )


def _joint(counts: LiveCounts) -> tuple[str, ...]:
    net, signal = counts.net, counts.signal_to_noise
    return "", "", "", *_net(net, signal), "", _number(signal, ".1f")


def _net(net: float, signal: float) -> tuple[str, str]:
    error = abs(net / signal) if signal else math.nan
    return _number(net, ",.1f"), _number(error, ",.1f")


def _number(value: float, form: str) -> str:
    return format(value, form) if math.isfinite(value) else "-"
