"""Prices of power: mean, spread, correlation and limits; blocks of the same season."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from baseload.plan.futures.power_price import SEASON, bootstrap, mean_reverting, slow_level
from baseload.plan.futures.random import driver_key, fill_normals

UKRAINE, RUSSIA = driver_key("power_price.ukraine"), driver_key("power_price.russia")
NONE = np.empty(0)
PLAIN = {
    "deviation": 0.2,
    "reversion": 24.0,
    "shared": NONE,
    "with_areas": 0.0,
    "spike_rate": 0.0,
    "spike_size": 2.0,
    "spike_duration": 3.0,
    "floor": -np.inf,
    "ceiling": np.inf,
}


def prices(steps, driver=UKRAINE, scenario=0, step=1.0, series=None, level=None, **changes):
    series = np.full(steps, 100.0) if series is None else series
    level = np.ones(steps) if level is None else level
    out = np.empty(steps)
    given = {**PLAIN, **changes}
    mean_reverting(1, scenario, driver, step, series, 100.0, level, *given.values(), out)
    return out


def normals(n, driver, scenario=0):
    out = np.empty(n)
    fill_normals(1, scenario, driver, 0, out)
    return out


@pytest.mark.parametrize(
    "changes",
    [{}, {"spike_rate": 50.0}, {"with_areas": 0.5, "shared": normals(60, 9)}],
    ids=["plain", "spikes", "shared"],
)
def test_the_mean_of_many_futures_is_the_given_series(changes):
    series = 100 + 30 * np.sin(np.arange(60))
    futures = []
    for s in range(8000):
        if "shared" in changes:
            changes = {**changes, "shared": normals(60, driver_key("areas"), s)}
        futures.append(prices(60, scenario=s, series=series, **changes))
    spread = np.std(futures, axis=0) / np.sqrt(8000)
    assert np.all(np.abs(np.mean(futures, axis=0) - series) < 4.5 * spread)


@pytest.mark.parametrize("step", [0.5, 1.0])
def test_deviations_have_their_spread_and_decay_at_their_speed(step):
    x = prices(400_000, step=step) - 100.0
    assert_allclose(x.std(), 20.0, rtol=0.03)
    lag = round(24 / step)
    assert_allclose(np.mean(x[:-lag] * x[lag:]) / x.var(), np.exp(-1), atol=0.03)


def test_the_first_price_is_spread_as_any_other():
    first = np.array([prices(1, scenario=s)[0] for s in range(20_000)])
    assert_allclose(first.std(), 20.0, rtol=0.03)


@pytest.mark.parametrize(
    ("one", "other", "expected"), [(0.6, 0.6, 0.6), (0.8, 0.2, 0.4), (0.5, -0.5, -0.5)]
)
def test_areas_are_correlated_by_the_root_of_the_product_of_their_parts(one, other, expected):
    n = 400_000
    shared = normals(n, driver_key("areas"))
    a = prices(n, UKRAINE, shared=shared, with_areas=one)
    b = prices(n, RUSSIA, shared=shared, with_areas=other)
    assert_allclose(np.corrcoef(a, b)[0, 1], expected, atol=0.03)
    assert_allclose([a.std(), b.std()], 20.0, rtol=0.03)


def test_spikes_add_no_mean_and_raise_the_tail():
    calm, spiky = prices(300_000), prices(300_000, spike_rate=100.0)
    added = spiky - calm
    share = 100.0 * 3.0 / 8766.0
    assert_allclose(added.min(), -share * 2.0 * 100.0, rtol=1e-6)
    assert_allclose(np.mean(added > 0), 1 - np.exp(-100 * 4 / 8766), rtol=0.15)
    assert np.quantile(spiky, 0.999) > np.quantile(calm, 0.999) + 300


def test_deviations_make_negative_hours_and_a_floor_forbids_them():
    assert prices(10_000, deviation=0.8).min() < 0
    limited = prices(10_000, deviation=0.8, floor=10.0, ceiling=150.0)
    assert limited.min() == 10.0
    assert limited.max() == 150.0


def test_nothing_uncertain_leaves_the_series():
    series = 100 + 30 * np.sin(np.arange(50))
    assert_allclose(prices(50, series=series, deviation=0.0), series)
    assert_allclose(prices(50, series=series, deviation=0.0, level=np.full(3, 1.5)), 1.5 * series)


def test_the_level_changes_by_the_day():
    level = np.array([1.0, 2.0, 3.0])
    found = prices(100, step=0.5, deviation=0.0, level=level)
    assert_array_equal(found, np.repeat(100 * level, 48)[:100])


def levels(days, scenario=0, deviation=0.3, with_bitcoin=0.0, bitcoin=None):
    out = np.empty(days)
    bitcoin = np.zeros(days) if bitcoin is None else bitcoin
    slow_level(1, scenario, UKRAINE, deviation, 8766.0, bitcoin, with_bitcoin, out)
    return out


def test_the_slow_level_has_mean_one_and_its_spread_on_every_day():
    found = np.array([levels(400, s) for s in range(6000)])
    for day in (0, 399):
        assert_allclose(found[:, day].mean(), 1.0, atol=4 * 0.31 / np.sqrt(6000))
        assert_allclose(np.log(found[:, day]).std(), 0.3, rtol=0.04)


def test_the_slow_level_moves_with_bitcoin_as_asked():
    n = 300_000
    bitcoin = normals(n, driver_key("bitcoin_price"))
    log = np.log(levels(n, with_bitcoin=0.4, bitcoin=bitcoin))
    kept = np.exp(-24 / 8766)
    change = log[1:] - kept * log[:-1]
    assert_allclose(np.corrcoef(change, bitcoin[1:])[0, 1], 0.4, atol=4 / np.sqrt(n))
    assert_allclose(log.std(), 0.3, rtol=0.15)


YEAR = round(365.25 * 24)
LENGTH = 3 * YEAR
MARKED = np.arange(LENGTH, dtype=float)
"""A series whose value says where it was taken from."""


def drawn(scenario=0, series=MARKED, block=168.0, step=1.0, level=None):
    out = np.empty(len(series))
    level = np.ones(len(series)) if level is None else level
    bootstrap(1, scenario, UKRAINE, step, series, level, block, -np.inf, np.inf, out)
    return out


def test_a_block_comes_from_the_same_season_weekday_and_hour():
    moved = np.array([drawn(s) - MARKED for s in range(40)]).astype(int)
    assert_array_equal(moved % 168, 0)
    days = moved / 24
    assert np.all(np.abs((days + 182) % 365.25 - 182) <= SEASON + 1e-9)
    assert np.any(np.abs(days) > 400)
    within = moved[:, : 10 * 168].reshape(40, 10, 168)
    assert_array_equal(within, within[:, :, :1].repeat(168, axis=2))


def test_every_place_of_the_season_is_equally_likely():
    # In the middle of three years: the year before, the same and the next, five weeks at most.
    block = YEAR * 3 // 2 // 168
    start = block * 168
    shifts = np.array([drawn(s)[start] - start for s in range(4000)]) / 168
    candidates = [
        week for year in (-1, 0, 1) for week in range(-110, 111)
        if abs(7 * week - 365.25 * year) <= 15
    ]  # fmt: skip
    found, counts = np.unique(shifts, return_counts=True)
    assert_array_equal(found, candidates)
    assert_allclose(counts, 4000 / len(candidates), atol=5 * np.sqrt(4000 / len(candidates)))


def test_blocks_keep_the_distribution_of_prices():
    season = 100 + 30 * np.cos(2 * np.pi * MARKED / YEAR)
    series = season + 20 * np.random.default_rng(2).standard_normal(LENGTH)
    draws = np.array([drawn(s, series) for s in range(60)])
    chances = [0.01, 0.1, 0.5, 0.9, 0.99]
    assert_allclose(np.quantile(draws, chances), np.quantile(series, chances), atol=2.0)


def test_a_series_shorter_than_its_season_is_kept_in_place():
    short = np.arange(100, dtype=float)
    assert_array_equal(drawn(3, short, block=48.0), short)
    assert_array_equal(drawn(3, short, level=np.full(5, 2.0)), 2 * short)
