from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from nustar_widgets.spectra.weights import rate_variance


def smoothed(counts: list[int]) -> list[float]:
    """Churazov's smoothing written as one reads it."""
    out = []
    for place, count in enumerate(counts):
        total, members, reach = count, 1, 0
        while total < 20 and reach < len(counts):
            reach += 1
            for neighbour in (place - reach, place + reach):
                if 0 <= neighbour < len(counts):
                    total += counts[neighbour]
                    members += 1
        out.append(total / members)
    return out


@given(st.lists(st.integers(0, 30), min_size=1, max_size=40))
def test_churazov_widens_until_there_are_twenty_counts(counts: list[int]) -> None:
    rate = np.array(counts, float)
    variance = rate_variance(rate, np.ones(rate.size), "churazov")
    assert np.allclose(variance, smoothed(counts))


def test_gehrels_is_one_plus_the_root_of_n_and_three_quarters() -> None:
    variance = rate_variance(np.array([4.0]), np.array([10.0]), "gehrels")
    assert np.isclose(variance[0], ((1 + np.sqrt(40.75)) / 10) ** 2)


def test_the_standard_variance_of_a_rate_is_the_counts_over_exposure_squared() -> None:
    assert rate_variance(np.array([4.0]), np.array([10.0]), "standard")[0] == 0.4
