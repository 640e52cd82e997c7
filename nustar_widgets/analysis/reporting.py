"""The report of a run, put together from the products on disk."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from nustar_widgets.analysis.inputs import Inputs
from nustar_widgets.analysis.regionchoice import Choice
from nustar_widgets.engines.base import TaskResult
from nustar_widgets.engines.fit_embedded import EmbeddedFit
from nustar_widgets.engines.fitting import FitResult
from nustar_widgets.events.eventlist import EventList
from nustar_widgets.events.extract import extract_image
from nustar_widgets.events.significance import area_ratio, net_counts, signal_to_noise
from nustar_widgets.instrument import PI_WIDTH_KEV, PI_ZERO_KEV, kev_to_pi_range
from nustar_widgets.report import fitpage
from nustar_widgets.report.figures import (
    Curve,
    SkyPicture,
    SpectrumPicture,
    light_curve_figure,
    png_data_uri,
    radius_figure,
    sky_figure,
    spectrum_figure,
)
from nustar_widgets.report.page import FitText, Picture, Table, render_page
from nustar_widgets.session.provenance import Fingerprint
from nustar_widgets.session.recipe import product_stem as stem
from nustar_widgets.session.recipe import recipe
from nustar_widgets.session.script import to_python
from nustar_widgets.session.session import Session
from nustar_widgets.spectra.lightcurvefile import LightCurveTable, read_light_curve
from nustar_widgets.spectra.pha import Spectrum, read_pha

__all__ = ["ModuleNumbers", "module_numbers", "page", "stem", "title"]

_FULL_BAND_KEV = (3.0, 79.0)
_LEAST_FRACEXP = 0.5
_BIN_CHANNELS = 12  # spectrum without a fit: 0.48 keV a bin, near the detectors' resolution


@dataclass(frozen=True, kw_only=True)
class ModuleNumbers:
    """The numbers of one module, as its products have them.

    Attributes
    ----------
    module
        ``FPMA`` or ``FPMB``.
    exposure_s, ontime_s
        Live time and good time [s].
    source, background
        Counts in the regions, in the session's band; ``background`` is ``None`` without one.
    ratio
        Source area over background area.
    total
        Counts in the source region, all channels.
    """

    module: str
    exposure_s: float
    ontime_s: float
    source: int
    background: int | None
    ratio: float
    total: int

    @property
    def net(self) -> float:
        """Source counts less the scaled background."""
        return net_counts(self.source, self.background or 0, self._ratio)

    @property
    def snr(self) -> float:
        """Signal-to-noise ratio of the net counts."""
        return signal_to_noise(self.source, self.background or 0, self._ratio)

    @property
    def _ratio(self) -> float:
        return 0.0 if self.background is None else self.ratio

    def line(self) -> str:
        """One line for a terminal."""
        return (
            f"{self.module}: {self.source} counts in band, {self.net:.1f} net, S/N {self.snr:.1f}, "
            f"exposure {self.exposure_s:.1f} s"
        )

    def row(self) -> tuple[str, ...]:
        """Cells of the report's table."""
        background = "none" if self.background is None else f"{self.background:,}"
        ratio = "" if self.background is None else f"{self.ratio:.4f}"
        return (
            self.module, f"{self.exposure_s:,.1f}", f"{self.ontime_s:,.1f}", f"{self.source:,}",
            background, ratio, f"{self.net:,.1f}", f"{self.net / self.exposure_s:.4f}",
            f"{self.snr:.1f}",
        )  # fmt: skip


_HEAD = (
    "Module", "Exposure [s]", "Good time [s]", "Source counts", "Background counts", "Area ratio",
    "Net counts", "Net rate [s⁻¹]", "S/N",
)  # fmt: skip


def title(session: Session) -> str:
    """Return the name of the target and the observation."""
    name = f"{session.target.name}, " if session.target else ""
    return f"{name}observation {session.obsid}"


def module_numbers(folder: Path, session: Session, events: EventList) -> ModuleNumbers:
    """Read the numbers of a module off its products.

    Parameters
    ----------
    folder
        Folder of the products.
    session
        The session they came from.
    events
        The module's event list.
    """
    low, high = kev_to_pi_range(*session.band_kev)
    source, background = _spectra(folder, session, events.module)
    band = slice(low, high + 1)
    return ModuleNumbers(
        module=events.module,
        exposure_s=source.exposure_s,
        ontime_s=float(source.header["ONTIME"]),
        source=int(source.counts[band].sum()),
        background=None if background is None else int(background.counts[band].sum()),
        ratio=0.0 if background is None else _area_ratio(source, background),
        total=int(source.counts.sum()),
    )


def page(
    folder: Path,
    session: Session,
    inputs: Inputs,
    choices: dict[str, Choice],
    *,
    results: tuple[TaskResult, ...],
    numbers: tuple[ModuleNumbers, ...],
    fitted: tuple[FitResult, EmbeddedFit] | None,
    cautions: tuple[str, ...],
) -> str:
    """Return the page as HTML text.

    Parameters
    ----------
    folder
        Folder of the products.
    session, inputs, choices
        What the run was made from.
    results, numbers, fitted
        What it made.
    cautions
        What to watch out for.
    """
    low, high = session.band_kev
    not_applied = dict.fromkeys(
        text for result in results for text in result.provenance.not_applied
    )
    read = {item.path: item for result in results for item in result.provenance.inputs}
    return render_page(
        title=title(session),
        subtitle=f"Counts, rates and S/N in {low:g}–{high:g} keV; {session.bin_s:g} s bins.",
        simulated=any(e.header.get("SIMULATD", False) for e in inputs.events.values()),
        numbers=Table(head=_HEAD, rows=tuple(item.row() for item in numbers)),
        not_applied=tuple(not_applied),
        cautions=cautions,
        pictures=_pictures(folder, session, inputs, choices, fitted),
        fit=_fit_text(fitted) if fitted else None,
        script=to_python(recipe(session), about=title(session)),
        inputs=_not_made_here(tuple(read.values()), folder),
    )


def _pictures(
    folder: Path,
    session: Session,
    inputs: Inputs,
    choices: dict[str, Choice],
    fitted: tuple[FitResult, EmbeddedFit] | None,
) -> list[Picture]:
    pictures = [_sky(session, inputs, choices)]
    pictures += _radius(choices)
    pictures.append(_light_curves(folder, session))
    spectrum = fitpage.spectrum_picture(fitted[1]) if fitted else _counts(folder, session)
    return [*pictures, spectrum]


def _sky(session: Session, inputs: Inputs, choices: dict[str, Choice]) -> Picture:
    band = kev_to_pi_range(*session.band_kev)
    panels = [
        SkyPicture(
            module=module,
            image=extract_image(events, band=band, user_gti=inputs.user_gti),
            pixel_arcsec=abs(events.grid.cdelt_y_deg) * 3600.0,
            source=choices[module].source_mask,
            background=choices[module].background_mask,
        )
        for module, events in inputs.events.items()
    ]
    reasons = [f"{m} {text}" for m, choice in choices.items() for text in choice.reasons]
    return Picture(
        title="Sky image and regions",
        uri=png_data_uri(sky_figure(panels, session.band_kev)),
        caption="Counts per sky pixel, logarithmic. Blue: source, yellow: background, as HEASoft "
        "counts their pixels.",
        lines=tuple(reasons),
    )


def _radius(choices: dict[str, Choice]) -> list[Picture]:
    curves = [
        (
            module,
            choice.suggestion.curve.radius_arcsec,
            choice.suggestion.curve.signal_to_noise,
            choice.suggestion.radius_arcsec,
        )
        for module, choice in choices.items()
        if choice.suggestion is not None
    ]
    if not curves:
        return []
    return [
        Picture(
            title="Signal-to-noise against source radius",
            uri=png_data_uri(radius_figure(curves)),
            caption="Dotted: the smallest radius with 98 % of the best signal-to-noise.",
        )
    ]


def _light_curves(folder: Path, session: Session) -> Picture:
    tables = {}
    for module in session.modules:
        base = stem(session, module)
        net, total = folder / f"{base}_net.lc", folder / f"{base}_sr.lc"
        tables[module] = read_light_curve(net if net.is_file() else total)
    zero = min(table.timezero_s for table in tables.values())
    curves = [_curve(module, table, zero) for module, table in tables.items()]
    figure = light_curve_figure(curves, session.bin_s, f"{zero:.0f} s mission time")
    return Picture(
        title="Light curve",
        uri=png_data_uri(figure),
        caption="Net rate, or source region alone where there is no background; bins with more "
        f"than {_LEAST_FRACEXP:.0%} exposure.",
    )


def _curve(module: str, table: LightCurveTable, zero: float) -> Curve:
    shown = table.fracexp > _LEAST_FRACEXP
    return Curve(
        label=module,
        time_ks=(table.time_s + table.timezero_s - zero)[shown] / 1e3,
        rate=table.rate[shown].astype(np.float64),
        error=table.error[shown].astype(np.float64),
    )


def _fit_text(fitted: tuple[FitResult, EmbeddedFit]) -> FitText:
    return fitpage.fit_text(fitted[0], fitpage.labels(fitted[1].datasets))


def _counts(folder: Path, session: Session) -> Picture:
    spectra = [
        _binned(*_spectra(folder, session, module), label=module) for module in session.modules
    ]
    return Picture(
        title="Spectrum (counts only)",
        uri=png_data_uri(spectrum_figure(spectra)),
        caption=f"Net counts in bins of {_BIN_CHANNELS * PI_WIDTH_KEV:g} keV. Energies from the PI "
        "channels; no response is folded in.",
    )


def _binned(source: Spectrum, background: Spectrum | None, *, label: str) -> SpectrumPicture:
    low, high = kev_to_pi_range(*_FULL_BAND_KEV)
    starts = np.arange(low, high + 1 - _BIN_CHANNELS, _BIN_CHANNELS)
    edges = PI_ZERO_KEV + PI_WIDTH_KEV * np.append(starts, starts[-1] + _BIN_CHANNELS)

    def summed(spectrum: Spectrum) -> np.ndarray:
        return np.add.reduceat(spectrum.counts[: starts[-1] + _BIN_CHANNELS], starts).astype(float)

    counts = summed(source)
    scaled, variance = np.zeros_like(counts), counts
    if background is not None:
        ratio = _area_ratio(source, background)
        scaled = ratio * summed(background)
        variance = counts + ratio * scaled
    per_count = 1.0 / (source.exposure_s * PI_WIDTH_KEV * _BIN_CHANNELS)
    return SpectrumPicture(
        label=label,
        low_kev=edges[:-1],
        high_kev=edges[1:],
        rate=(counts - scaled) * per_count,
        error=np.sqrt(variance) * per_count,
        background=None if background is None else scaled * per_count,
    )


def _spectra(folder: Path, session: Session, module: str) -> tuple[Spectrum, Spectrum | None]:
    base = stem(session, module)
    background = folder / f"{base}_bk.pha"
    return (
        read_pha(folder / f"{base}_sr.pha"),
        read_pha(background) if background.is_file() else None,
    )


def _area_ratio(source: Spectrum, background: Spectrum) -> float:
    return area_ratio(int(source.header["NPIXSOU"]), int(background.header["NPIXSOU"]))


def _not_made_here(files: tuple[Fingerprint, ...], folder: Path) -> list[Fingerprint]:
    """Leave out inputs that are products of an earlier call of the same run."""
    products = {path.name for path in folder.iterdir() if path.is_file()}
    return [item for item in files if item.path not in products]
