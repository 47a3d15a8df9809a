"""Spikes: how often, how high, how long."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from baseload.plan.futures.random import driver_key
from baseload.plan.futures.spikes import add_spikes

KEY = driver_key("spikes")
HOURS_PER_YEAR = 8766.0


def spikes(years, rate, size, length, random_size=True, step=1.0, scenario=0):
    out = np.zeros(int(years * HOURS_PER_YEAR / step))
    add_spikes(1, scenario, KEY, step, rate, size, length, random_size, out)
    return out


def test_the_mean_added_is_rate_times_length_times_height():
    years, rate, size, length = 1000, 20.0, 3.0, 6.0
    out = spikes(years, rate, size, length)
    # The sum of n spikes of exponential length and height has relative spread sqrt(3 / n).
    expected = rate * length / HOURS_PER_YEAR * size
    assert_allclose(out.mean(), expected, rtol=4 * np.sqrt(3 / (years * rate)))


def test_spikes_of_one_height_come_at_their_rate():
    out = spikes(1000, 5.0, 2.0, 100.0, random_size=False)
    begins = np.sum((out[1:] > 0) & (out[:-1] == 0))
    assert_allclose(begins / 1000, 5.0, rtol=4 / np.sqrt(5000))
    assert out.max() <= 2.0 + 1e-12


def test_the_first_step_is_as_likely_in_a_spike_as_any_other():
    first = np.array(
        [spikes(0.001, 20.0, 1.0, 48.0, False, scenario=s)[[0, 7]] for s in range(9000)]
    )
    share = 20.0 * 48.0 / HOURS_PER_YEAR
    assert_allclose(first.mean(axis=0), share, atol=4 * np.sqrt(share / 9000))


def test_the_same_spikes_are_seen_whatever_the_step():
    fine, coarse = spikes(10, 9.0, 3.0, 5.0, step=0.25), spikes(10, 9.0, 3.0, 5.0, step=24.0)
    n = 24 * 4 * (len(coarse) - 1)
    assert_allclose(fine[:n].reshape(-1, 96).mean(axis=1), coarse[:-1], atol=1e-9)


def test_no_rate_adds_nothing():
    assert_array_equal(spikes(1, 0.0, 3.0, 5.0), np.zeros(8766))


def test_spikes_that_fill_the_year_are_refused():
    with pytest.raises(ValueError, match="fill the year"):
        spikes(1, 100.0, 1.0, 100.0)
