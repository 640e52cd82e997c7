from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nustar_widgets.errors import ParameterError
from nustar_widgets.instrument import kev_to_pi_range, pi_range_to_kev


@pytest.mark.parametrize(
    ("band", "channels"),
    [
        ((3.0, 78.0), (35, 1909)),
        ((3.0, 79.0), (35, 1934)),
        ((3.0, 10.0), (35, 209)),
        ((10.0, 20.0), (210, 459)),
        ((0.0, 500.0), (0, 4095)),
        ((3.01, 3.09), (36, 36)),
    ],
)
def test_a_band_holds_the_channels_that_lie_wholly_inside(
    band: tuple[float, float], channels: tuple[int, int]
) -> None:
    assert kev_to_pi_range(*band) == channels


@pytest.mark.parametrize("band", [(10.0, 3.0), (5.0, 5.0), (200.0, 300.0), (3.01, 3.05)])
def test_a_band_without_a_channel_is_refused(band: tuple[float, float]) -> None:
    with pytest.raises(ParameterError, match="band: "):
        kev_to_pi_range(*band)


@given(st.integers(0, 4095), st.integers(0, 4095))
def test_a_band_of_channels_comes_back_from_its_energies(one: int, other: int) -> None:
    first, last = sorted((one, other))
    assert kev_to_pi_range(*pi_range_to_kev(first, last)) == (first, last)


def test_channels_that_are_none_are_refused() -> None:
    with pytest.raises(ParameterError, match="pilow, pihigh: 5, 4: expected PI channels, 0 to 409"):
        pi_range_to_kev(5, 4)
