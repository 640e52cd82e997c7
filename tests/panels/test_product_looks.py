"""What products are drawn as: bins, gaps, pictures."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from astropy.io import fits
from hypothesis import given
from hypothesis import strategies as st

from nustar_widgets.errors import InputFileError
from nustar_widgets.panels.queue.curvelook import CurveLook, curve_points
from nustar_widgets.panels.queue.imagelook import read_picture
from nustar_widgets.panels.queue.productlook import can_look, read_look
from nustar_widgets.panels.queue.spectrumlook import SpectrumLook, spectrum_points
from nustar_widgets.spectra.lightcurvefile import LightCurveTable
from nustar_widgets.spectra.pha import Spectrum

N = 4096


def spectrum(**changes: object) -> Spectrum:
    counts = np.random.default_rng(3).poisson(2.0, N)
    made = Spectrum(channel=np.arange(N, dtype=np.int32), counts=counts, exposure_s=1000.0)
    return replace(made, **changes)  # type: ignore[arg-type]


def curve(time_s: list[float], rate: list[float], **changes: object) -> LightCurveTable:
    made = LightCurveTable(
        time_s=np.array(time_s), rate=np.array(rate, np.float32),
        error=np.full(len(rate), 0.1, np.float32), fracexp=np.ones(len(rate), np.float32),
        timezero_s=5e7, timedel_s=10.0,
    )  # fmt: skip
    return replace(made, **changes)  # type: ignore[arg-type]


def test_a_spectrum_of_nustar_is_drawn_in_counts_per_second_and_kev() -> None:
    points = spectrum_points(spectrum())
    assert points.in_kev
    assert 3.0 <= points.x[0] < points.x[-1] <= 79.0
    assert np.nanmedian(points.y) == pytest.approx(2.0 / 0.04 / 1000.0, rel=0.1)
    assert np.isnan(points.background).all()
    look = SpectrumLook(points)
    assert [axis.label for axis in look.figure.axes] == ["Energy [keV]", "counts / s / keV"]


def test_another_spectrum_is_drawn_in_counts_per_channel() -> None:
    points = spectrum_points(spectrum(telescope="XMM"))
    assert not points.in_kev
    assert points.y.sum() == spectrum().counts.sum()
    look = SpectrumLook(points)
    assert [axis.label for axis in look.figure.axes] == ["Channel", "counts per channel"]


def test_groups_are_drawn_as_the_file_has_them_without_what_is_bad() -> None:
    grouping = np.where(np.arange(N) % 10 == 5, 1, -1).astype(np.int16)
    quality = np.where(np.arange(N) >= 1000, 2, 0).astype(np.int16)
    points = spectrum_points(spectrum(grouping=grouping, quality=quality))
    shown = np.isfinite(points.y)
    width = 10 * 0.04
    first = spectrum().counts[35:45].sum() / 1000.0 / width
    assert points.y[shown][0] == pytest.approx(first)
    assert points.error[shown][0] == pytest.approx(np.sqrt(first * 1000.0 * width) / 1000.0 / width)
    assert points.x[shown][-1] < 1.6 + 0.04 * 1000
    assert "grouped as in the file" in points.words


def test_a_background_is_scaled_to_the_region_and_the_exposure() -> None:
    source = spectrum(backscal=0.01)
    background = spectrum(backscal=0.04, exposure_s=2000.0)
    points = spectrum_points(source, background)
    np.testing.assert_allclose(points.background, points.y / 8.0)


def test_a_spectrum_of_nothing_is_drawn_as_nothing() -> None:
    look = SpectrumLook(spectrum_points(spectrum(counts=np.zeros(N, np.int64))))
    assert np.isnan(look.lines.y).all()


@given(st.lists(st.integers(0, 400), min_size=1, max_size=40, unique=True))
def test_a_curve_is_broken_where_bins_are_missing_and_nowhere_else(bins: list[int]) -> None:
    times = [10.0 * number + 5.0 for number in bins]  # in any order
    time_s, rate, error = curve_points(curve(times, [1.0] * len(bins)))
    assert (np.diff(time_s) > 0).all()
    n_gaps = sum(b - a > 1 for a, b in zip(sorted(bins)[:-1], sorted(bins)[1:], strict=True))
    assert np.isnan(rate).sum() == n_gaps
    assert time_s[0] == 0.0
    assert time_s.size == len(bins) + n_gaps == error.size


def test_bins_without_exposure_are_gaps_and_nothing_breaks_the_axes() -> None:
    made = curve([5.0, 15.0, 25.0], [1.0, 2.0, 3.0], fracexp=np.array([1.0, 0.0, 1.0], np.float32))
    assert np.isnan(curve_points(made)[1]).tolist() == [False, True, False]
    for odd in ([], [float("nan")], [0.0], [1e-30], [1e30]):
        look = CurveLook(curve([5.0] * len(odd), odd))
        y = look.figure.axes[1].scale
        assert y.min < y.max
        assert np.isfinite([y.min, y.max]).all()


def test_an_image_is_cut_to_what_was_seen(tmp_path: Path) -> None:
    counts = np.zeros((300, 200), np.int32)
    counts[100:120, 50:90] = 3
    header = fits.Header({"CTYPE1": "RA---TAN", "CDELT1": -1 / 60.0, "CDELT2": 1 / 60.0})
    fits.PrimaryHDU(counts, header).writeto(tmp_path / "a.img")
    picture = read_picture(tmp_path / "a.img")
    assert picture.counts.shape == (20 + 12, 40 + 12)
    assert picture.words == (
        "a.img: 2400 counts, logarithmic; north is up, east is left, 52.0' x 32.0'"
    )
    fits.PrimaryHDU(np.zeros((5, 5), np.int32)).writeto(tmp_path / "empty.img")
    assert read_picture(tmp_path / "empty.img").counts.shape == (5, 5)
    fits.PrimaryHDU().writeto(tmp_path / "none.img")
    with pytest.raises(InputFileError, match=r"none\.img: it holds no image"):
        read_picture(tmp_path / "none.img")


def test_text_is_shown_as_text_and_what_cannot_be_shown_is_not_offered(tmp_path: Path) -> None:
    (tmp_path / "src.reg").write_text("fk5\n# <b>bold</b>\n")
    shown = read_look(tmp_path / "src.reg")()
    assert "&lt;b&gt;bold&lt;/b&gt;" in shown.value
    assert [can_look(Path(name)) for name in ("a.rmf", "a.evt", "a.lc.gz", "a.gif")] == [
        False,
        False,
        True,
        True,
    ]
