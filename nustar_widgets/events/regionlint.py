"""Will nuproducts accept this region? Said before the task runs, not an hour into it.

nuproducts extracts any region, but two of its steps then refuse most shapes, and end the run:

* ``nulccorr`` with its PSF correction (``correctlc``, ``lcpsfflag``) and ``numkarf`` for a point
  source read the region back from the product and know exactly one circle, annulus or ellipse
  [nulccorr.c, numkarf.c: ReadRegionInfo]; a second shape, even an exclude, is an error, and a
  circle minus a box crashes them;
* the ghost-ray correction of ``numkarf`` (``grflag``, on by default) knows a circle only.

With ``extended=yes`` any shape is accepted and no PSF correction is made. Background regions are
always corrected as extended, so any shape will do (NuSTARDAS 1.7.1, nuproducts).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, Literal

from nustar_widgets.errors import RegionError
from nustar_widgets.events.regions import PixelRegion, PixelShape, SkyRegion, SkyShape

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from nustar_widgets.events.skygrid import SkyGrid

Severity = Literal["abort", "note"]
Role = Literal["source", "background"]

_POINT_SOURCE_SHAPES: Final = ("circle", "annulus", "ellipse")


@dataclass(frozen=True)
class Finding:
    """Something about a region that nuproducts will not like.

    Parameters
    ----------
    code
        Short name, for programs.
    message
        What happens and why, in plain words.
    severity
        ``"abort"``: no usable product. ``"note"``: worth knowing.
    remedy
        nuproducts parameters that avoid it, by name; empty if only another region does.
    """

    code: str
    message: str
    severity: Severity
    remedy: Mapping[str, str] = field(default_factory=dict, hash=False)


@dataclass(frozen=True, kw_only=True)
class ProductFlags:
    """The nuproducts parameters that decide which regions it accepts, with its own defaults.

    Parameters
    ----------
    correctlc
        Correct the light curves.
    lcpsfflag
        Correct them for the PSF.
    runmkarf
        Make an ARF.
    extended
        Treat the source as extended.
    grflag
        Correct the ARF for ghost rays.
    """

    correctlc: bool = True
    lcpsfflag: bool = True
    runmkarf: bool = True
    extended: bool = False
    grflag: bool = True

    @classmethod
    def from_parameters(cls, parameters: Mapping[str, object]) -> ProductFlags:
        """Take the flags from task parameters by name; what is not given has its default.

        Values are booleans or words: ``yes``, ``y``, ``true`` in any case mean yes.
        """
        given = {name: parameters[name] for name in cls.__dataclass_fields__ if name in parameters}
        return cls(**{name: _is_yes(value) for name, value in given.items()})

    @property
    def corrects_curve_for_psf(self) -> bool:
        """Whether nulccorr will read the shape of the source region."""
        return self.correctlc and self.lcpsfflag and not self.extended

    @property
    def makes_point_arf(self) -> bool:
        """Whether numkarf will read the shape of the source region."""
        return self.runmkarf and not self.extended


def lint_region(
    region: SkyRegion | PixelRegion,
    *,
    role: Role = "source",
    flags: ProductFlags | None = None,
    grid: SkyGrid | None = None,
) -> tuple[Finding, ...]:
    """Check a region against nuproducts' rules, and against the field if its plane is given.

    Parameters
    ----------
    region
        The region as it will be written.
    role
        Whether it is the source or the background region.
    flags
        The nuproducts parameters that matter; its defaults if absent.
    grid
        The pixel plane of the event list.

    Returns
    -------
    tuple of Finding
        What aborts first; empty if there is nothing to say.
    """
    composition = tuple(_lint_composition(region))
    if composition:  # nothing else can be said of a region that selects the wrong side
        return composition
    findings = [] if grid is None else list(_lint_on_grid(region, grid))
    if role == "source":
        findings += _lint_source(region, flags or ProductFlags())
    return tuple(sorted(findings, key=lambda finding: finding.severity != "abort"))


def _is_yes(value: object) -> bool:
    return value if isinstance(value, bool) else str(value).strip().lower() in ("yes", "y", "true")


def _lint_composition(region: SkyRegion | PixelRegion) -> Iterator[Finding]:
    """Regions that do not select what is drawn."""
    includes = [shape.include for shape in region.shapes]
    if not includes:
        yield Finding("empty", "The region holds no shape: HEASoft would crash. Draw one.", "abort")
    elif not any(includes):
        yield Finding(
            "only-excludes",
            "The region only excludes: HEASoft would count the whole plane around it. Add the "
            "shape to take events from.",
            "abort",
        )
    elif not includes[0]:
        yield Finding(
            "exclude-first",
            "The first shape is an exclude: HEASoft would also count everything outside it. Put "
            "the shapes that include first.",
            "abort",
        )


def _lint_source(region: SkyRegion | PixelRegion, flags: ProductFlags) -> Iterator[Finding]:
    """Shapes the corrections of nuproducts refuse."""
    kinds = [kind_of(shape) for shape in region.shapes]
    simple = len(kinds) == 1 and kinds[0] in _POINT_SOURCE_SHAPES
    if not simple:
        yield from _lint_shape(kinds, flags)
    elif kinds != ["circle"] and flags.makes_point_arf and flags.grflag:
        yield Finding(
            "ghost-rays-need-circle",
            f"numkarf corrects for ghost rays only in a circle, and stops at this {kinds[0]}. "
            "Switch the ghost-ray correction off, or draw a circle.",
            "abort",
            {"grflag": "no"},
        )
    if flags.extended:
        yield Finding(
            "extended-has-no-psf",
            "With extended=yes neither the ARF nor the light curve is corrected for the part of "
            "the PSF outside the region: fluxes of a point source come out too low.",
            "note",
        )


def _lint_shape(kinds: list[str], flags: ProductFlags) -> Iterator[Finding]:
    found = f"a {kinds[0]}" if len(kinds) == 1 else f"{len(kinds)} shapes"
    rule = f"knows exactly one circle, annulus or ellipse, and stops at {found}"
    if flags.corrects_curve_for_psf:
        yield Finding(
            "curve-psf-shape",
            f"nulccorr's PSF correction {rule}. Leave the light curve uncorrected for the PSF, "
            "treat the source as extended, or draw a single circle.",
            "abort",
            {"extended": "yes"} if flags.makes_point_arf else {"lcpsfflag": "no"},
        )
    if flags.makes_point_arf:
        yield Finding(
            "arf-shape",
            f"numkarf for a point source {rule}. Treat the source as extended, make no ARF, or "
            "draw a single circle.",
            "abort",
            {"extended": "yes"},
        )


def kind_of(shape: SkyShape | PixelShape) -> str:
    """Return the plain name of a shape: ``SkyBoxAnnulus`` is a box annulus.

    Parameters
    ----------
    shape
        The shape.
    """
    name = type(shape).__name__.removeprefix("Sky").removeprefix("Pixel")
    return "".join(f" {c.lower()}" if c.isupper() else c for c in name).strip()


def _lint_on_grid(region: SkyRegion | PixelRegion, grid: SkyGrid) -> Iterator[Finding]:
    """Where the region lies on the plane, and whether it holds pixels."""
    try:
        pixels = region.to_pixel(grid) if isinstance(region, SkyRegion) else region
    except RegionError as problem:
        yield Finding("outside-plane", str(problem), "abort")
        return
    includes = [shape for shape in pixels.shapes if shape.include]
    if pixels.mask(grid).n_pixels == 0:
        yield _without_pixels(includes, grid)
        return
    if not all(_is_within(shape, grid) for shape in includes):
        yield Finding(
            "partly-outside-plane",
            "Part of the region lies outside the sky plane of the event list; that part counts "
            "no area and no events.",
            "note",
        )
    yield from _lint_idle_shapes(pixels, grid)


def _without_pixels(includes: list[PixelShape], grid: SkyGrid) -> Finding:
    if not any(_touches(shape, grid) for shape in includes):
        return Finding(
            "outside-plane",
            "The region lies outside the sky plane of the event list: the spectrum would be "
            "empty. Check that it was drawn for this observation.",
            "abort",
        )
    return Finding(
        "zero-area",
        "No sky pixel centre lies inside the region: the spectrum would be empty. Make it larger.",
        "abort",
    )


def _lint_idle_shapes(pixels: PixelRegion, grid: SkyGrid) -> Iterator[Finding]:
    """Shapes that change nothing: usually drawn in the wrong place or the wrong order."""
    if len(pixels.shapes) < 2:  # the usual source: spare it another mask while it is dragged
        return
    everything = pixels.mask(grid)
    for index, shape in enumerate(pixels.shapes):
        rest = pixels.shapes[:index] + pixels.shapes[index + 1 :]
        # What is left must still begin with an include, or it means something else.
        if rest and rest[0].include and PixelRegion(rest).mask(grid).same_pixels(everything):
            yield Finding(
                "idle-shape",
                f"Shape {index + 1} ({kind_of(shape)}, "
                f"{'included' if shape.include else 'excluded'}) changes no pixel of the region. "
                "An exclude acts on the shapes written before it.",
                "note",
            )


def _touches(shape: PixelShape, grid: SkyGrid) -> bool:
    x_low, x_high, y_low, y_high = shape.bounds()
    x_end, y_end = grid.x_min + grid.nx - 1, grid.y_min + grid.ny - 1
    return x_high >= grid.x_min and x_low <= x_end and y_high >= grid.y_min and y_low <= y_end


def _is_within(shape: PixelShape, grid: SkyGrid) -> bool:
    x_low, x_high, y_low, y_high = shape.bounds()
    x_end, y_end = grid.x_min + grid.nx - 0.5, grid.y_min + grid.ny - 0.5
    return (
        x_low >= grid.x_min - 0.5
        and x_high <= x_end
        and y_low >= grid.y_min - 0.5
        and y_high <= y_end
    )
