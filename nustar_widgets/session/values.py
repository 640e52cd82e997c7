"""The frozen values a session is made of. No arrays, no files, no widgets."""

from __future__ import annotations

from dataclasses import dataclass

from nustar_widgets.events.regions import SkyRegion
from nustar_widgets.events.regiontext import format_region

LAYOUTS = ("own", "tutorial")
"""How product folders are named: our way, or as HEASARC's NuSTAR tutorial names them."""

FIT_ENGINES = ("embedded", "xspec")
"""Who can fit."""

ENGINES = ("auto", "heasoft", "embedded")
"""Who may be wished for to run the tasks."""


@dataclass(frozen=True, kw_only=True)
class ParameterChoice:
    """What the user set for one parameter of a spectral model; ``None`` leaves the default.

    Attributes
    ----------
    name
        XSPEC name: ``powerlaw.PhoIndex``; ``gaussian_4.LineE`` where the component occurs more
        than once (the number counts components from 1); ``constant.factor[2]`` for the second
        spectrum.
    value
        Start value, in the parameter's own unit.
    frozen
        Kept fixed in a fit.
    min, max
        Hard limits.
    link
        Expression over other parameter names, as ``2*gaussian_4.norm``; such a parameter is not
        free.
    """

    name: str
    value: float | None = None
    frozen: bool | None = None
    min: float | None = None
    max: float | None = None
    link: str | None = None


@dataclass(frozen=True, kw_only=True)
class GroupingChoice:
    """How channels are grouped, in the words of ftgrouppha.

    Attributes
    ----------
    grouptype
        One of ``min bmin constant snmin opt optmin optsnmin file``, or ``none``.
    groupscale
        Counts, channels or signal-to-noise per group; unused by ``opt`` and ``file``.
    minchannel, maxchannel
        Channels to group, both included; ``None`` for all. 35 to 1934 is 3 to 79 keV, so that no
        group straddles the ends of the usual fit range.
    others
        Further parameters by the task's own names, as ``backfile`` or ``rows``; they win over what
        would be taken otherwise. An empty text or ``NONE`` leaves the parameter out.
    """

    grouptype: str = "min"
    groupscale: float | None = 25.0
    minchannel: int | None = 35
    maxchannel: int | None = 1934
    others: tuple[tuple[str, str | int | float | bool], ...] = ()


@dataclass(frozen=True, kw_only=True)
class FitChoice:
    """How the spectra are to be fitted.

    Attributes
    ----------
    expression
        XSPEC model expression.
    parameters
        Departures from the model's own defaults.
    statistic
        ``chi``, ``cstat`` (W where a background is loaded) or ``pgstat``.
    notice_kev
        Energy ranges to fit [keV]; everything else is ignored.
    abundance
        Abundance table of the absorption models, as XSPEC's ``abund``.
    cross_section
        Photoelectric cross sections, as XSPEC's ``xsect``.
    engine
        Who fits, one of `FIT_ENGINES`.
    grouping
        How the spectra are grouped for the fit, whatever their files say; ``None``: as these do.
    """

    expression: str = "constant*tbabs*powerlaw"
    parameters: tuple[ParameterChoice, ...] = ()
    statistic: str = "cstat"
    notice_kev: tuple[tuple[float, float], ...] = ((3.0, 79.0),)
    abundance: str = "wilm"
    cross_section: str = "vern"
    engine: str = "embedded"
    grouping: GroupingChoice | None = None


@dataclass(frozen=True, kw_only=True)
class Target:
    """The source looked at.

    Attributes
    ----------
    name
        As typed by the user.
    ra_deg, dec_deg
        ICRS position [deg], or ``None`` while it is unknown.
    """

    name: str
    ra_deg: float | None = None
    dec_deg: float | None = None


@dataclass(frozen=True, kw_only=True)
class ModuleInputs:
    """The files one focal plane module is analysed from.

    Attributes
    ----------
    module
        ``FPMA`` or ``FPMB``.
    events
        Cleaned event list.
    mode
        Observing mode of the event list, ``01`` (SCIENCE) to ``06`` (SCIENCE_SC).
    housekeeping
        ``nu<obsid>A_fpm.hk``: livetime second by second. Without it the light curve is corrected
        with the mean livetime of the header.
    arf, rmf
        Responses to use instead of making them.
    """

    module: str
    events: str
    mode: str = "01"
    housekeeping: str | None = None
    arf: str | None = None
    rmf: str | None = None


@dataclass(frozen=True, kw_only=True)
class SpectrumInput:
    """A spectrum somebody has made already, with the files that belong to it.

    Attributes
    ----------
    pha
        The spectrum.
    background, arf, rmf
        Background spectrum and responses, or ``None``.
    """

    pha: str
    background: str | None = None
    arf: str | None = None
    rmf: str | None = None


@dataclass(frozen=True, kw_only=True)
class RegionText:
    """A DS9 region file kept word for word, because HEASoft is to read exactly that.

    Attributes
    ----------
    text
        The content of the file.
    origin
        Where it came from, for people.
    """

    text: str
    origin: str = ""


def region_text(region: SkyRegion | RegionText) -> str:
    """Return the content of the file a task is given for a region.

    Parameters
    ----------
    region
        The region; one kept as text is that text.

    Raises
    ------
    RegionError
        It cannot be written.
    """
    return region.text if isinstance(region, RegionText) else format_region(region)


@dataclass(frozen=True, kw_only=True)
class ModuleRegions:
    """Source and background of one module; ``None`` while not chosen."""

    source: SkyRegion | RegionText | None = None
    background: SkyRegion | RegionText | None = None


@dataclass(frozen=True, kw_only=True)
class Regions:
    """The regions of both modules.

    Attributes
    ----------
    fpma, fpmb
        Regions by module.
    linked
        FPMB follows FPMA: an edit of one is an edit of both.
    offset_arcsec
        How far the shapes of FPMB lie east and north of those of FPMA while they are linked; the
        two modules may see a source some arcsec apart [arcsec].
    """

    fpma: ModuleRegions = ModuleRegions()
    fpmb: ModuleRegions = ModuleRegions()
    linked: bool = True
    offset_arcsec: tuple[float, float] = (0.0, 0.0)

    def of(self, module: str) -> ModuleRegions:
        """Regions of one module, by its name."""
        return {"FPMA": self.fpma, "FPMB": self.fpmb}[module]
