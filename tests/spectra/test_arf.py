from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest
from astropy.io import fits

from nustar_widgets.errors import InputFileError
from nustar_widgets.spectra.ogip import read_arf, write_arf
from tests.spectra.builders import an_arf

if TYPE_CHECKING:
    from pathlib import Path


def test_what_is_written_is_read_again(tmp_path: Path) -> None:
    arf = an_arf()
    again = read_arf(
        write_arf(tmp_path / "a.arf", arf, header={"OBS_ID": "1", "HISTORY": ["made by a test"]})
    )
    assert np.array_equal(again.specresp, arf.specresp)
    assert np.array_equal(again.energ_lo, arf.energ_lo)
    assert (again.instrument, again.telescope) == ("FPMA", "NuSTAR")
    assert (again.header["OBS_ID"], again.header["HDUCLAS2"]) == ("1", "SPECRESP")
    assert again.header["TUNIT3"] == "cm**2"
    assert list(again.header["HISTORY"]) == ["made by a test"]


def test_areas_below_zero_or_undefined_are_refused(tmp_path: Path) -> None:
    for number, wrong in enumerate((-1.0, np.nan)):
        area = an_arf().specresp.copy()
        area[4] = wrong
        path = write_arf(tmp_path / f"{number}.arf", replace(an_arf(), specresp=area))
        with pytest.raises(InputFileError, match="SPECRESP holds negative or undefined areas"):
            read_arf(path)


def test_a_spectrum_is_no_arf(tmp_path: Path) -> None:
    path = tmp_path / "a.arf"
    fits.PrimaryHDU().writeto(path)
    with pytest.raises(InputFileError, match="no extension SPECRESP"):
        read_arf(path)


def test_a_real_arf_is_dark_above_eighty_kev(real_folder: Path) -> None:
    arf = read_arf(real_folder / "nu60001047003A01_sr.arf")
    assert arf.specresp.size == 4096
    assert arf.energ_hi[arf.specresp > 0].max() < 80.1
