from __future__ import annotations

import json
from typing import TYPE_CHECKING

import numpy as np
import pytest

from nustar_widgets.errors import ParameterError
from nustar_widgets.spectra.selection import Bins, select

if TYPE_CHECKING:
    from pathlib import Path


def ten_bins(number: int = 1) -> Bins:
    """Bins 1-2, 2-3 .. 10-11 keV; the last two bad."""
    low = np.arange(1.0, 11.0)
    return Bins(lo_kev=low, hi_kev=low + 1, bad=low > 8.5, spectrum_number=number)


def left(*commands: str, notice: bool = False, bins: Bins | None = None) -> list[int]:
    bins = bins or ten_bins()
    start = np.full(10, not notice)
    return (np.flatnonzero(select(start, bins, commands, notice=notice)) + 1).tolist()


@pytest.mark.parametrize(
    ("command", "bins_left"),
    [
        ("**-3.0", [3, 4, 5, 6, 7, 8, 9, 10]),  # the bin that starts at 3.0 stays
        ("9.0-**", [1, 2, 3, 4, 5, 6, 7]),  # the bin that ends at 9.0 goes
        ("4.5", [1, 2, 3, 5, 6, 7, 8, 9, 10]),
        ("4.", [1, 2, 4, 5, 6, 7, 8, 9, 10]),  # a lone edge is the bin below it
        ("9.0-3.0", [1, 9, 10]),  # reversed
        ("2-4", [1, 5, 6, 7, 8, 9, 10]),  # whole numbers are bins
        ("4-2", [1, 5, 6, 7, 8, 9, 10]),
        ("3-4.5", [1, 5, 6, 7, 8, 9, 10]),  # one decimal point makes both energies
        ("1-2,4-5", [3, 6, 7, 8, 9, 10]),
        ("bad", [1, 2, 3, 4, 5, 6, 7, 8]),
        ("**-**", []),
        ("**", []),
        ("ignore 1-9", [10]),
        ("200.-300. 40-50", [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]),
        ("notice 1-2", [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]),
    ],
)
def test_ignore_hits_the_bins_that_xspec_hits(command: str, bins_left: list[int]) -> None:
    assert left(command) == bins_left


def test_notice_brings_back_bins_and_all_brings_back_bad_ones() -> None:
    assert left("3.0-5.0", notice=True) == [2, 3, 4]
    assert left("all", notice=True) == list(range(1, 11))


def test_ranges_of_another_spectrum_are_passed_over_until_ours() -> None:
    second = ten_bins(2)
    assert left("1:1-5 6-10", bins=second) == list(range(1, 11))
    assert left("1:1-5 2:9-10", bins=second) == list(range(1, 9))
    assert left("1-2:9-10", bins=second) == list(range(1, 9))


@pytest.mark.parametrize("word", ["3..0", "-5", "3to9", "good", "1e3"])
def test_a_range_that_cannot_be_read_says_what_was_expected(word: str) -> None:
    with pytest.raises(ParameterError) as error:
        left(word)
    assert str(error.value) == (
        f'ignore: cannot read {word!r}: expected ranges such as "**-3.0 79.0-**" (energies in keV, '
        'with a decimal point), "1-35" (bin numbers), "bad" or "all"'
    )


def test_every_selection_xspec_made_is_made_again(shared: Path, real_folder: Path) -> None:
    from nustar_widgets.spectra.binning import Binning
    from nustar_widgets.spectra.ogip import read_pha

    folder = shared / "fixtures/spectra"
    edges = np.load(folder / "bin_edges.npz")
    spectrum = read_pha(real_folder / "nu60001047003A01_sr_min20.pha")
    binning = Binning.from_flags(4096, grouping=spectrum.grouping, quality=spectrum.quality)
    grouped = Bins(lo_kev=edges["grouped"][:, 0], hi_kev=edges["grouped"][:, 1], bad=binning.bad)
    ungrouped = Bins(
        lo_kev=edges["ungrouped"][:, 0], hi_kev=edges["ungrouped"][:, 1], bad=np.zeros(4096, bool)
    )
    table = json.loads((folder / "ignore.json").read_text())["table"]
    assert len(table) == 62
    for record in table:
        bins = grouped if record["grouping"] == "as in the file" else ungrouped
        noticed = select(
            np.ones(bins.bad.size, bool), bins, tuple(record["commands"]), notice=False
        )
        wanted = np.zeros(bins.bad.size, bool)
        for first, last in record["noticed"]:
            wanted[first - 1 : last] = True
        assert np.array_equal(noticed, wanted), (record["grouping"], record["commands"])
        assert noticed.sum() == record["n_noticed"]
