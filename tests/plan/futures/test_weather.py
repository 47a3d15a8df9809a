"""Temperature: season, hour and spells."""

from __future__ import annotations

import numpy as np
from numpy.testing import assert_allclose, assert_array_equal

from baseload.plan.futures.random import driver_key
from baseload.plan.futures.weather import climate, fill_temperature

KEY = driver_key("weather")
HOURS = np.arange(4 * 8766)
MEANS = climate(HOURS / 24 % 365.25, HOURS % 24.0, 15.0, 12.0, 5.0)


def test_the_warmest_hour_is_a_summer_afternoon():
    warmest = int(np.argmax(MEANS[:8766]))
    assert (warmest // 24, warmest % 24) == (199, 15)  # day 199.6, nearest to 200.0
    assert_allclose(MEANS.max(), 15 + 12 + 5, atol=0.01)
    assert_allclose(MEANS.mean(), 15.0, atol=0.01)


def test_the_means_of_days_and_hours_swing_as_asked():
    by_day = MEANS[: 1461 * 24].reshape(-1, 24)
    assert_allclose(np.ptp(by_day.mean(axis=1)) / 2, 12.0, atol=0.02)
    assert_allclose(np.ptp(by_day - by_day.mean(axis=1, keepdims=True)) / 2, 5.0, atol=0.06)


def spells(days, deviation=3.5, reversion=72.0, step=1.0):
    out = np.empty(round(days * 24 / step))
    fill_temperature(1, 0, KEY, step, np.zeros(len(out)), deviation, reversion, out)
    return out


def test_a_spell_holds_for_the_day_and_decays_over_days():
    days = spells(100_000).reshape(-1, 24)
    assert_array_equal(days, days[:, :1].repeat(24, axis=1))
    x = days[:, 0]
    assert_allclose(x.std(), 3.5, rtol=0.03)
    assert_allclose(np.mean(x[:-3] * x[3:]) / x.var(), np.exp(-1), atol=0.03)


def test_the_same_spells_are_seen_whatever_the_step():
    assert_array_equal(spells(50, step=0.5)[::2], spells(50))


def test_a_last_day_may_be_cut():
    out = np.empty(30)
    fill_temperature(1, 0, KEY, 1.0, np.full(30, 9.0), 0.0, 72.0, out)
    assert_array_equal(out, np.full(30, 9.0))
