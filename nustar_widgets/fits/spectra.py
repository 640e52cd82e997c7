"""The spectra of a fit as they were read, and with the bins that are chosen."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from nustar_widgets.fitjob import notice
from nustar_widgets.session.values import FitChoice, GroupingChoice, SpectrumInput
from nustar_widgets.spectra.folding import SpectralData
from nustar_widgets.spectra.grouping import group
from nustar_widgets.spectra.loading import load

_State = tuple[tuple[str, int, int], ...]


@dataclass(frozen=True, eq=False, kw_only=True)
class LoadedSpectra:
    """Spectra as they were read.

    Attributes
    ----------
    inputs
        Their files.
    datasets
        The spectra, every bin in use.
    state
        (path, time, size) of each file when it was read.
    """

    inputs: tuple[SpectrumInput, ...]
    datasets: tuple[SpectralData, ...]
    state: _State = ()
    _grouped: dict[GroupingChoice, tuple[SpectralData, ...]] = field(default_factory=dict)

    def is_of(self, inputs: Sequence[SpectrumInput]) -> bool:
        """Whether these files were read, as they are now."""
        return tuple(inputs) == self.inputs and _state_of(inputs) == self.state

    def grouped(self, choice: GroupingChoice | None) -> tuple[SpectralData, ...]:
        """Return the spectra grouped, every bin in use.

        Parameters
        ----------
        choice
            How; ``None``: as their files are.

        Raises
        ------
        NustarWidgetsError
            They cannot be grouped so.
        """
        if choice is None:
            return self.datasets
        if choice not in self._grouped:
            self._grouped.clear()
            self._grouped[choice] = tuple(regrouped(data, choice) for data in self.datasets)
        return self._grouped[choice]

    def chosen(self, choice: FitChoice) -> tuple[SpectralData, ...]:
        """Return the spectra with the bins a fit uses.

        Parameters
        ----------
        choice
            Grouping and energy ranges.

        Raises
        ------
        NustarWidgetsError
            A range or the grouping is wrong.
        """
        return tuple(notice(data, choice.notice_kev) for data in self.grouped(choice.grouping))


def load_spectra(inputs: Sequence[SpectrumInput], progress: Callable[[str], Any]) -> LoadedSpectra:
    """Read spectra with their backgrounds and responses.

    Parameters
    ----------
    inputs
        The files.
    progress
        Told what is being read.

    Raises
    ------
    InputFileError
        A file is missing or cannot be read, or files do not belong together.
    """
    datasets = []
    for number, item in enumerate(inputs, start=1):
        progress(f"reading {Path(item.pha).name}")
        datasets.append(
            load(item.pha, background=item.background, arf=item.arf, rmf=item.rmf, number=number)
        )
    return LoadedSpectra(inputs=tuple(inputs), datasets=tuple(datasets), state=_state_of(inputs))


def regrouped(data: SpectralData, choice: GroupingChoice) -> SpectralData:
    """Group a spectrum anew, as ftgrouppha would.

    Parameters
    ----------
    data
        The spectrum.
    choice
        How; ``none``: one channel in each bin.

    Raises
    ------
    NustarWidgetsError
        It cannot be grouped so.
    """
    if choice.grouptype == "none":
        return data.with_spectrum(replace(data.spectrum, grouping=None))
    grouped = group(
        replace(data.spectrum, grouping=None),
        choice.grouptype,
        choice.groupscale,
        background=data.background,
        rmf=data.response.rmf,
        minchannel=choice.minchannel,
        maxchannel=choice.maxchannel,
        template=_template(choice),
    )
    return data.with_spectrum(grouped)


def _template(choice: GroupingChoice) -> Path | None:
    named = dict(choice.others).get("templatefile")
    return None if named is None else Path(str(named))


def _state_of(inputs: Sequence[SpectrumInput]) -> _State:
    named = [
        path for item in inputs for path in (item.pha, item.background, item.arf, item.rmf) if path
    ]
    return tuple(_file_state(Path(path)) for path in named)


def _file_state(path: Path) -> tuple[str, int, int]:
    try:
        state = path.stat()
    except OSError:
        return str(path), 0, 0
    return str(path), state.st_mtime_ns, state.st_size
