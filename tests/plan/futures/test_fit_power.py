"""Fits to power prices that were made with known parameters."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.testing import assert_allclose

from baseload.case.errors import InputError
from baseload.plan.futures.fit_power import fit_power_price, take_apart

HOURS = np.arange(6 * 8766)
MONTH = (HOURS // 730.5 % 12).astype(np.int64)
WEEKDAY, HOUR = HOURS // 24 % 7, HOURS % 24
SHAPE = 1 + 0.3 * np.cos(2 * np.pi * HOURS / 8766) + 0.2 * np.sin(2 * np.pi * HOUR / 24)
SHAPE = SHAPE * np.where(WEEKDAY >= 5, 0.9, 1.0)


def made(deviation=0.25, reversion=12.0, rate=60.0, size=4.0, length=4.0, seed=1):
    random = np.random.default_rng(seed)
    kept, x = np.exp(-1 / reversion), np.zeros(len(HOURS))
    shocks = deviation * np.sqrt(1 - kept**2) * random.standard_normal(len(HOURS))
    for t in range(1, len(x)):
        x[t] = kept * x[t - 1] + shocks[t]
    for start in np.flatnonzero(random.random(len(x)) < rate / 8766):
        # At least two, so that every one of them passes for a spike.
        x[start : start + 1 + random.geometric(1 / length)] += 2 + random.exponential(size - 2)
    return 50.0 * (SHAPE + x)


def number(text):
    return float(str(text).split()[0])


def test_deviations_and_spikes_are_found_again():
    found = fit_power_price(made(), MONTH, WEEKDAY, HOUR).parameters
    mean = made().mean() / 50.0
    assert_allclose(found["deviation"], 0.25 / mean, rtol=0.06)
    assert_allclose(number(found["reversion"]), 12.0, rtol=0.2)
    assert_allclose(number(found["spike_rate"]), 60.0, rtol=0.2)
    assert_allclose(found["spike_size"], 4.0 / mean, rtol=0.2)
    assert_allclose(number(found["spike_duration"]), 5.0, rtol=0.2)
    assert found["yearly_deviation"] < 0.06


def test_a_level_that_swings_over_years_is_found():
    level = 1 + 0.5 * np.sin(2 * np.pi * HOURS / (6 * 8766))
    parts = take_apart(made(rate=0.0) * level, MONTH, WEEKDAY, HOUR)
    # Away from the ends, where the window is cut.
    inside = slice(4000, -4000)
    ratio = parts.level[inside] / level[inside]
    assert_allclose(ratio / ratio.mean(), 1.0, atol=0.12)


def test_the_parts_put_together_are_the_history():
    prices = made()
    prices[100:150] = np.nan
    parts = take_apart(prices, MONTH, WEEKDAY, HOUR)
    left = np.where(np.isnan(parts.deviation), parts.spikes, parts.deviation)
    known = ~np.isnan(prices)
    again = (parts.level * (parts.shape + left) * np.nanmean(prices))[known]
    assert_allclose(again, prices[known], rtol=1e-9)


def test_paths_of_the_right_model_hold_the_data_in_their_band():
    fit = fit_power_price(made(), MONTH, WEEKDAY, HOUR, "north")
    compared = fit.compared()
    assert fit.table == "futures.power_price.north"
    for label in ("correlation, lag 1", "correlation, lag 24", "quantile 50 %", "quantile 95 %"):
        data, low, middle, high = compared[label]
        assert low - 0.03 * abs(middle) <= data <= high + 0.03 * abs(middle)


@pytest.mark.parametrize(
    ("prices", "said"),
    [
        (np.ones(4000), "at least a year"),
        (-np.ones(9000), "a mean price above zero"),
        (np.where(HOURS[:9000] < 4000, -1.0, 5.0), "three months is above zero"),
    ],
)
def test_a_history_that_cannot_be_taken_apart_is_refused(prices, said):
    n = len(prices)
    with pytest.raises(InputError, match=said):
        take_apart(prices, MONTH[:n], WEEKDAY[:n], HOUR[:n])
