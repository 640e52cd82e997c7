from __future__ import annotations

import pytest

from nustar_widgets.errors import ParameterError
from nustar_widgets.instrument import kev_to_pi_range


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
