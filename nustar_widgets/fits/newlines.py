"""A line that was just added begins where a fit can find it: at iron's energies, and small.

With XSPEC's own start values, norm 1, it would outshine everything, and a fit that takes it away
may end with a line anywhere.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from nustar_widgets.errors import NustarWidgetsError
from nustar_widgets.fits.carrying import Carried
from nustar_widgets.fits.guess import LINES, guessed
from nustar_widgets.fits.outline import outlined
from nustar_widgets.session.values import FitChoice, ParameterChoice
from nustar_widgets.spectra.expression import Component
from nustar_widgets.spectra.folding import SpectralData

_PLAIN: Final = {"LineE": 6.4, "norm": 1e-4}
"""keV and photons/cm2/s, where nothing can be guessed."""


def with_lines_begun(found: Carried, datasets: Sequence[SpectralData]) -> Carried:
    """Give lines that are new in a model start values; everything else stays as it was.

    Parameters
    ----------
    found
        The choice with the new model.
    datasets
        The spectra; none where there are none yet.
    """
    lines = [item for item in found.new if item.spec.name in LINES]
    if not lines:
        return found
    known = {item.name for item in found.choice.parameters}
    begun = [item for item in _begun(found.choice, lines, datasets) if item.name not in known]
    parameters = (*found.choice.parameters, *begun)
    return replace(found, choice=replace(found.choice, parameters=parameters))


def _begun(
    choice: FitChoice, lines: Sequence[Component], datasets: Sequence[SpectralData]
) -> list[ParameterChoice]:
    own = {f"{line.name}.{spec.name}" for line in lines for spec in line.spec.parameters}
    try:
        found = guessed(choice, datasets, keep=_others(choice, own, len(datasets)))
    except NustarWidgetsError:  # no spectrum, or a model only XSPEC has
        return [
            ParameterChoice(name=f"{line.name}.{name}", value=value)
            for line in lines
            for name, value in _PLAIN.items()
        ]
    return [item for item in found if item.name in own]


def _others(choice: FitChoice, own: set[str], n_spectra: int) -> list[str]:
    """Name the parameters of everything else, of every spectrum."""
    names = [
        f"{component.name}.{spec.name}"
        for component in outlined(choice).components
        for spec in component.spec.parameters
    ]
    of_all = [name for name in names if name not in own]
    return of_all + [f"{name}[{at}]" for name in of_all for at in range(2, n_spectra + 1)]
