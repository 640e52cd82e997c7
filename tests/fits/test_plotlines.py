"""What the plot of a fit draws, checked against XSPEC's numbers as `plotdata` has them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nustar_widgets.engines.fit_embedded import EmbeddedFit
from nustar_widgets.errors import ParameterError
from nustar_widgets.fits.plotlines import PlotChoice, moving, noticed_kev, still
from nustar_widgets.fits.plotpaths import FLOOR, StepPath, bars, crosses_x, crosses_y, stacked
from nustar_widgets.fits.plotreading import readings
from nustar_widgets.spectra.plotdata import PlotBins, plot_data
from tests.engines.fitcases import made_choice, made_pair
from tests.spectra.builders import a_background

NAMES = ("FPMA", "FPMB")
PAIR = tuple(replace(data, background=a_background()) for data in made_pair(seed=3))
ENGINE = EmbeddedFit(PAIR, made_choice(expression="constant*tbabs*(powerlaw+gaussian)"))


@pytest.mark.parametrize("kind", ["data", "counts", "eeufspec", "ufspec"])
@pytest.mark.parametrize("residual", ["delchi", "ratio", "resid"])
@pytest.mark.parametrize("rebin", [None, (8.0, 5)])
def test_points_model_and_residuals_are_those_of_xspecs_plot(
    kind: str, residual: str, rebin: tuple[float, int] | None
) -> None:
    choice = PlotChoice(kind=kind, residual=residual, rebin=rebin, area=True)
    spectra = still(PAIR, NAMES, choice)
    for item, moved, photons in zip(
        spectra, moving(spectra, ENGINE, choice), ENGINE.photons(), strict=True
    ):
        given: dict[str, Any] = {"photons": photons, "area": True, "rebin": rebin}
        wanted = plot_data(item.data, kind, **given)
        points = item.points or moved.points
        assert points is not None
        assert np.allclose(points.y, wanted.y, rtol=1e-5)
        assert np.allclose(points.error, wanted.y_error, rtol=1e-5)
        assert wanted.model is not None
        assert np.allclose(moved.total, wanted.model, rtol=1e-5)
        below = plot_data(item.data, residual, **given)
        assert moved.residuals is not None
        assert np.allclose(moved.residuals.y, below.y, rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("kind", ["data", "counts", "eeufspec", "ufspec"])
def test_components_add_up_to_the_model(kind: str) -> None:
    choice = PlotChoice(kind=kind, rebin=(8.0, 5))
    for moved in moving(still(PAIR, NAMES, choice), ENGINE, choice):
        assert list(moved.components) == ["powerlaw", "gaussian"]
        assert np.allclose(sum(moved.components.values()), moved.total, rtol=1e-5)


class OnlyCurves:
    """An engine that folds components by itself, as XSPEC does."""

    datasets = ENGINE.datasets
    photons = staticmethod(ENGINE.photons)
    curves = staticmethod(ENGINE.curves)


def test_an_engine_that_tells_only_curves_has_components_of_folded_plots_alone() -> None:
    engine: Any = OnlyCurves()
    for kind, names in (("data", ["powerlaw", "gaussian"]), ("eeufspec", [])):
        choice = PlotChoice(kind=kind)
        spectra = still(PAIR, NAMES, choice)
        found, own = moving(spectra, engine, choice), moving(spectra, ENGINE, choice)
        for one, other in zip(found, own, strict=True):
            assert list(one.components) == names
            assert np.allclose(one.total, other.total, rtol=1e-5)


def test_a_display_that_joins_bins_leaves_those_of_the_fit_alone() -> None:
    choice = PlotChoice(rebin=(20.0, 10))
    before = [data.n_bins for data in PAIR]
    spectra = still(PAIR, NAMES, choice)
    assert spectra[0].bins.low_kev.size < before[0]
    moving(spectra, ENGINE, choice)
    assert [data.n_bins for data in ENGINE.datasets] == before


def test_ignored_bins_are_shown_with_the_bins_in_use_left_out() -> None:
    data = PAIR[0].ignore("8.0-12.0")
    (item,) = still([data], ["A"], PlotChoice())
    assert item.ignored is not None
    middle = (item.ignored.low_kev + item.ignored.high_kev) / 2
    used = (data.lo_kev[:, np.newaxis] < middle) & (middle < data.hi_kev[:, np.newaxis])
    assert not used.any()
    assert ((middle > 8.0) & (middle < 12.0)).any()
    assert still([data], ["A"], PlotChoice(kind="ufspec"))[0].ignored is None


def test_no_bins_are_joined_across_energies_that_are_ignored() -> None:
    data = PAIR[0].ignore("8.0-12.0")
    bins = PlotBins.of(data, "data", rebin=(1e9, 1000))
    assert bins.low_kev.size == 2
    assert bins.high_kev[0] <= 8.0
    assert bins.low_kev[1] >= 12.0
    assert bins.net.sum() == pytest.approx((data.net_counts / data.source_exposure).sum())


def test_energies_in_use_are_those_of_any_spectrum() -> None:
    first, second = PAIR[0].ignore("8.0-12.0"), PAIR[1].ignore("**-6.0 10.0-**")
    low, high = noticed_kev([first])
    assert (low[1], high[0]) == pytest.approx((8.0, 12.0), abs=0.41)
    both = noticed_kev([first, second])
    assert len(both) == 2
    assert both[0][1] == second.hi_kev[-1]
    assert noticed_kev([]) == ()


def test_a_spectrum_of_which_nothing_is_in_use_is_drawn_as_nothing() -> None:
    (item,) = still([PAIR[0].ignore("**")], ["A"], PlotChoice())
    assert item.bins.low_kev.size == 0
    assert item.ignored is None


def test_an_engine_with_other_bins_is_refused() -> None:
    spectra = still([data.ignore("8.0-12.0") for data in PAIR], NAMES, PlotChoice())
    with pytest.raises(ParameterError, match="other spectra or bins: show its data first"):
        moving(spectra, ENGINE, PlotChoice())


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"kind": "chisq"}, "plot kind: 'chisq': expected one of data, counts, eeufspec, ufspec"),
        ({"residual": "chi"}, "plot residual: 'chi': expected one of delchi, ratio, resid, none"),
        ({"rebin": (0.0, 5)}, "plot rebin: 0 sigma, at most 5 bins: expected a significance above"),
        ({"rebin": (3.0, 0)}, "1 bin or more"),
    ],
)
def test_a_choice_that_means_nothing_is_refused(wrong: dict[str, Any], said: str) -> None:
    with pytest.raises(ParameterError, match=said):
        PlotChoice(**wrong)


def test_a_bin_is_read_with_its_model_and_residual() -> None:
    choice = PlotChoice()
    spectra = still(PAIR, NAMES, choice)
    found = readings(spectra, moving(spectra, ENGINE, choice), 6.4)
    assert [reading.name for reading in found] == list(NAMES)
    for reading in found:
        assert reading.low_kev <= 6.4 <= reading.high_kev
        assert reading.y is not None
        assert reading.error is not None
        assert reading.model is not None
        assert reading.residual == pytest.approx((reading.y - reading.model) / reading.error)
    assert readings(spectra, (), 6.4)[0].model is None
    assert readings(spectra, (), 150.0) == ()


edges = st.lists(st.tuples(st.floats(0.01, 2.0), st.booleans()), min_size=1, max_size=30)


@given(edges, st.booleans())
def test_every_path_ends_in_a_number_and_breaks_only_where_bins_do(
    bins: list[tuple[float, bool]], log: bool
) -> None:
    widths, gaps = np.array([w for w, _ in bins]), np.array([float(g) for _, g in bins])
    low = 1.0 + np.cumsum(widths + gaps) - widths
    high = np.append(np.where(gaps[1:] > 0, low[:-1] + widths[:-1], low[1:]), low[-1] + widths[-1])
    values = np.linspace(-1.0, 3.0, low.size)
    path = StepPath(low, high)
    y = path.y(values, log=log)
    assert y.shape == path.x.shape
    assert np.isfinite(y[-1])
    assert np.isfinite(path.x).all()
    assert np.isnan(y).sum() == (gaps[1:] > 0).sum()
    assert (np.diff(path.x) >= 0).all()
    for place, value in zip(low, values, strict=True):
        step = y[np.flatnonzero(path.x == np.float32(place))[-1]]
        assert step == np.float32(max(value, FLOOR) if log else value)


@given(edges)
def test_what_is_left_out_is_below_what_is_seen_and_stands_between_such(
    bins: list[tuple[float, bool]],
) -> None:
    high = 1.0 + np.cumsum([width for width, _ in bins])
    low = np.append(1.0, high[:-1])
    values = np.array([1.0 if is_seen else 1e-9 for _, is_seen in bins])
    path = StepPath(low, high)
    whole, part = path.y(values, log=True), path.y(values, log=True, unseen=1e-3)
    kept = np.isfinite(part)
    assert np.array_equal(part[kept], whole[kept])
    assert np.isfinite(part[[0, -1]]).all()
    dropped = np.flatnonzero(~kept)
    for near in (dropped - 1, dropped, dropped + 1):
        assert (whole[near] < 1e-3).all()


def test_a_point_below_zero_is_the_positive_part_of_its_error_bar() -> None:
    (item,) = still(PAIR[:1], ["A"], PlotChoice())
    assert item.points is not None
    points = replace(item.points, y=np.full_like(item.points.y, -1.0))
    y = crosses_y(replace(points, error=np.full_like(points.y, 3.0)), log=True).reshape(-1, 6)
    assert np.isnan(y[:, :4]).all()
    assert np.allclose(y[:, 4:], (FLOOR, 2.0))
    y = crosses_y(replace(points, error=np.full_like(points.y, 0.5)), log=True)
    assert np.isnan(y[:-1]).all()  # nothing to be seen; the end is a number all the same
    assert np.isfinite(y[-1])
    assert crosses_x(points).shape == y.shape
    assert crosses_y(points, log=False).shape == y.shape


def test_bars_and_stacks_end_in_numbers() -> None:
    x, y = bars(np.array([1.0, 2.0]), np.array([2.0, 3.0]), np.array([5.0, 0.0]), log=True)
    assert x.tolist() == [1.0, 1.0, 2.0, 2.0, 2.0, 3.0]
    assert y[1:3].tolist() == [5.0, 5.0]
    assert np.isfinite(y[-1])
    whole = stacked([x, x[:4]])
    assert whole[1].tolist() == [1.0, 1.0, 2.0, 2.0, 2.0, 2.0]
