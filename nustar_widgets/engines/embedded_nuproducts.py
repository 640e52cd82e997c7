"""nuproducts from the event list alone: spectra, light curves, image."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from nustar_widgets.engines import products
from nustar_widgets.engines.base import Product
from nustar_widgets.engines.embedded_run import Made, ResponseFiles, Run
from nustar_widgets.errors import InputFileError, TaskNotSupported
from nustar_widgets.events.eventlist import EventList
from nustar_widgets.events.extract import (
    Exposure,
    ExtractedSpectrum,
    exposure_of,
    extract_image,
    extract_light_curve,
    extract_spectrum,
)
from nustar_widgets.events.gti import Gti
from nustar_widgets.events.lightcurve import LightCurve
from nustar_widgets.events.livetime import Housekeeping, livetime_corrected
from nustar_widgets.events.regionfile import read_region_file
from nustar_widgets.events.significance import area_ratio
from nustar_widgets.spectra.fitsfile import file_bytes


@dataclass(frozen=True, eq=False)
class _Inputs:
    """Everything the call reads, opened."""

    events: EventList
    source: products.Selection
    background: products.Selection | None
    housekeeping: Housekeeping | None
    user_gti: Gti | None
    paths: tuple[Path, ...]


def run_nuproducts(run: Run) -> Made:
    """Make the products of one nuproducts call in its staging folder.

    Raises
    ------
    TaskNotSupported
        The call asks for something only HEASoft does.
    NustarWidgetsError
        An input or parameter is wrong.
    """
    _check(run)
    run.tell(f"{run.text('instrument')}: reading")
    inputs = _open(run)
    maker = _Maker(run, inputs, stem=_stem(run, inputs.events))
    made = tuple(maker.make())
    return Made(
        products=made,
        inputs=inputs.paths,
        outdir=run.folder / run.text("outdir"),
        not_applied=tuple(maker.not_applied()),
    )


class _Maker:
    """Makes the products one after another."""

    def __init__(self, run: Run, inputs: _Inputs, *, stem: str) -> None:
        self.run = run
        self.inputs = inputs
        self.stem = stem
        self.response = run.responses.get(inputs.events.module, ResponseFiles())
        self.corrected = run.flag("correctlc") and inputs.housekeeping is not None

    def make(self) -> Iterator[Product]:
        module = self.inputs.events.module
        self.run.tell(f"{module}: image")
        yield from self._image()
        self.run.tell(f"{module}: responses")
        yield from self._responses()
        self.run.tell(f"{module}: spectra")
        yield from self._spectra()
        self.run.tell(f"{module}: light curves")
        yield from self._curves()

    def _image(self) -> Iterator[Product]:
        if name := self._name("imagefile", "_sk.img"):
            image = extract_image(
                self.inputs.events, band=self._band(), user_gti=self.inputs.user_gti
            )
            products.write_image(self.run.staging / name, self.inputs.source, image)
            yield self._product("image", name)

    def _responses(self) -> Iterator[Product]:
        for kind, path, flag in (
            ("arf", self.response.arf, "runmkarf"),
            ("rmf", self.response.rmf, "runmkrmf"),
        ):
            if path is not None and self.run.flag(flag):
                name = f"{self.stem}_sr.{kind}"
                (self.run.staging / name).write_bytes(file_bytes(self.run.folder / path))
                yield self._product(kind, name)

    def _spectra(self) -> Iterator[Product]:
        source = self._name("phafile", "_sr.pha")
        background = self._name("bkgphafile", "_bk.pha") if self.inputs.background else None
        if background and self.inputs.background:
            extracted = self._extract(self.inputs.background)
            products.write_spectrum(
                self.run.staging / background, self.inputs.background, extracted
            )
            yield self._product("background spectrum", background)
        if source:
            products.write_spectrum(
                self.run.staging / source,
                self.inputs.source,
                self._extract(self.inputs.source),
                background=background,
                arf=self._response_name("arf"),
                rmf=self._response_name("rmf"),
            )
            yield self._product("source spectrum", source)

    def _curves(self) -> Iterator[Product]:
        source = self._name("lcfile", "_sr.lc")
        if not source:
            return
        source_curve = self._write_curve(source, self.inputs.source)
        yield self._product("source light curve", source)
        background = self._name("bkglcfile", "_bk.lc")
        if self.inputs.background is None or not background:
            return
        background_curve = self._write_curve(background, self.inputs.background)
        yield self._product("background light curve", background)
        ratio = area_ratio(self.inputs.source.mask.n_pixels, self.inputs.background.mask.n_pixels)
        net = f"{self.stem}_net.lc"
        products.write_curve(
            self.run.staging / net,
            self.inputs.source,
            source_curve.minus(background_curve, ratio),
            history=f"Net rate: source less background times {ratio:.6g} (ratio of pixels)",
        )
        yield self._product("net light curve", net)

    def _write_curve(self, name: str, selection: products.Selection) -> LightCurve:
        events, hk = self.inputs.events, self.inputs.housekeeping
        curve = extract_light_curve(
            events,
            selection.mask,
            bin_s=self.run.number("binsize") or 0.0,
            band=self._band(),
            user_gti=self.inputs.user_gti,
        )
        path = self.run.staging / name
        if not self.corrected or hk is None:
            products.write_curve(path, selection, curve)
            return curve
        corrected = livetime_corrected(curve, hk, selection.gti)
        history = f"RATE, ERROR per second of livetime ({hk.path.name}); no PSF, no vignetting"
        products.write_curve(path, selection, corrected, original=curve, history=history)
        return corrected

    def not_applied(self) -> Iterator[str]:
        """Say what nuproducts would have done beyond this."""
        yield (
            "BACKSCAL is not weighted with the exposure map (nubackscale): the area ratio counts "
            "sky pixels"
        )
        if self.run.flag("correctlc"):
            yield "light curves are not corrected for PSF losses, vignetting and exposure"
        if self._name("lcfile", "_sr.lc") and not self.corrected:
            yield "light curves are not corrected for dead time: no housekeeping (hkfile) was named"
        if self.inputs.user_gti is not None and not self.inputs.source.exposure.from_housekeeping:
            yield (
                "EXPOSURE under the user intervals is approximate: the mean dead time of the whole "
                "observation was used, because there is no housekeeping file"
            )
        yield from self._missing_responses()

    def _missing_responses(self) -> Iterator[str]:
        for kind, path in (("ARF", self.response.arf), ("RMF", self.response.rmf)):
            if path is None:
                yield f"no {kind}: the spectrum is counts only, without flux or fit"
            else:
                yield f"the {kind} was not made for this region: {path.name} was taken as it is"

    def _extract(self, selection: products.Selection) -> ExtractedSpectrum:
        return extract_spectrum(
            self.inputs.events,
            selection.mask,
            user_gti=self.inputs.user_gti,
            housekeeping=self.inputs.housekeeping,
        )

    def _band(self) -> tuple[int, int]:
        return self.run.whole("pilow"), self.run.whole("pihigh")

    def _name(self, parameter: str, ending: str) -> str | None:
        """Name of a product, or ``None`` where the call does not want it."""
        value = self.run.text(parameter)
        if value.upper() == "NONE":
            return None
        return f"{self.stem}{ending}" if value.upper() == "DEFAULT" else Path(value).name

    def _response_name(self, kind: str) -> str | None:
        path = self.response.arf if kind == "arf" else self.response.rmf
        wanted = self.run.flag(f"runmk{kind}")
        return f"{self.stem}_sr.{kind}" if wanted and path is not None else None

    def _product(self, kind: str, name: str) -> Product:
        return Product(kind=kind, path=self.run.staging / name)


def _check(run: Run) -> None:
    if run.file("srcregionfile") is None:
        raise TaskNotSupported("nuproducts", "the embedded engine needs a srcregionfile")
    if run.flag("bkgextract") and run.file("bkgregionfile") is None:
        raise TaskNotSupported(
            "nuproducts", "the embedded engine needs a bkgregionfile, or bkgextract=no"
        )


def _open(run: Run) -> _Inputs:
    events_path = _event_file(run)
    events = EventList.read(events_path)
    if events.module != run.text("instrument"):
        raise InputFileError(
            events_path,
            f"EVENTS: INSTRUME = {events.module!r}, but the call is for {run.text('instrument')}",
            "Name the event list of that module",
        )
    gti_path, hk_path = run.file("usrgtifile"), run.file("hkfile")
    user_gti = None if gti_path is None else Gti.read(gti_path)
    housekeeping = None if hk_path is None else Housekeeping.read(hk_path)
    source_path, background_path = run.file("srcregionfile"), None
    if run.flag("bkgextract"):
        background_path = run.file("bkgregionfile")
    gti = events.gti if user_gti is None else events.gti & user_gti
    exposure = exposure_of(events, user_gti=user_gti, housekeeping=housekeeping)
    selections = [
        None if path is None else _selection(path, events, gti, exposure)
        for path in (source_path, background_path)
    ]
    assert selections[0] is not None  # _check has seen the source region file
    read = (
        *(events_path, source_path, background_path, gti_path, hk_path),
        *_given_responses(run, events.module),
    )
    outside = tuple(path for path in read if path is not None and path.parent != run.staging)
    return _Inputs(events, selections[0], selections[1], housekeeping, user_gti, outside)


def _given_responses(run: Run, module: str) -> tuple[Path | None, ...]:
    given = run.responses.get(module, ResponseFiles())
    return tuple(None if path is None else run.folder / path for path in (given.arf, given.rmf))


def _selection(path: Path, events: EventList, gti: Gti, exposure: Exposure) -> products.Selection:
    """Read a region file exactly as HEASoft does, traps included."""
    reading = read_region_file(path).as_heasoft(events.grid)
    return products.Selection(
        events=events,
        mask=reading.mask(events.grid),
        region=reading.region,
        gti=gti,
        exposure=exposure,
    )


def _event_file(run: Run) -> Path:
    named = run.file("infile")
    if named is not None:
        return named
    stem = f"{run.text('steminputs')}{run.text('instrument')[-1]}01_cl.evt"
    return _first_there(run.folder / run.text("indir"), stem)


def _first_there(folder: Path, name: str) -> Path:
    for candidate in (folder / name, folder / f"{name}.gz"):
        if candidate.is_file():
            return candidate
    raise InputFileError(
        folder / name, "there is no such event list, plain or .gz", "Check indir and steminputs"
    )


def _stem(run: Run, events: EventList) -> str:
    named = run.text("stemout")
    if named.upper() != "DEFAULT":
        return named
    return f"{run.text('steminputs')}{events.module[-1]}{events.mode}"
