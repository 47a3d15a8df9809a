"""Paths of the price of a bitcoin against closed forms of their models."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from scipy import stats

from baseload.plan.futures.bitcoin_price import (
    DAY,
    as_given,
    block_bootstrap,
    bootstrap_mean,
    jump_diffusion,
    stochastic_volatility,
)
from baseload.plan.futures.random import driver_key, fill_normals

KEY = driver_key("bitcoin_price")
HISTORY = np.random.default_rng(5).standard_t(4, 900) * 0.02 + 0.001
JUMPS = {"volatility": 0.5, "jump_rate": 8.0, "jump_mean": -0.03, "jump_deviation": 0.08}
CLUSTERS = {
    "volatility": 0.6,
    "reversion": 4.0,
    "volatility_of_volatility": 1.0,
    "leverage": -0.4,
}


def path(model, days, scenario=0, base=None, **parameters):
    base = np.full(days, 91_000.0) if base is None else base
    price, shock = np.empty(days), np.empty(days)
    model(1, scenario, KEY, base, *parameters.values(), price, shock)
    return price, shock


@cache
def mean_of_bootstrap(days, block):
    return bootstrap_mean(HISTORY, block, days)


def bootstrapped(days, scenario=0, block=30.0, base=None):
    mean = mean_of_bootstrap(days, block)
    return path(block_bootstrap, days, scenario, base, returns=HISTORY, block=block, mean=mean)


MODELS = {
    "jump diffusion": lambda days, s, base=None: path(jump_diffusion, days, s, base, **JUMPS),
    "stochastic volatility": lambda days, s, base=None: path(
        stochastic_volatility, days, s, base, **CLUSTERS
    ),
    "bootstrap": lambda days, s, base=None: bootstrapped(days, s, base=base),
    "as given": lambda days, s, base=None: path(as_given, days, s, base),
}


@pytest.mark.parametrize("model", MODELS)
def test_the_mean_of_many_paths_is_the_base_path(model):
    base = np.linspace(50_000.0, 80_000.0, 120)
    paths = np.array([MODELS[model](120, s, base)[0] for s in range(6000)]) / base
    assert_array_equal(paths[:, 0], np.ones(6000))
    for day in (1, 30, 119):
        spread = paths[:, day].std() / np.sqrt(6000)
        assert abs(paths[:, day].mean() - 1) <= 4 * spread + 1e-12


@pytest.mark.parametrize("model", MODELS)
def test_a_path_is_the_same_whenever_it_is_asked_for(model):
    once, again = MODELS[model](50, 7), MODELS[model](50, 7)
    assert_array_equal(once, again)
    assert np.any(once[1] != MODELS[model](50, 8)[1])
    assert_array_equal(once[0], MODELS[model](80, 7)[0][:50])


@pytest.mark.parametrize("model", MODELS)
def test_shocks_have_mean_zero_and_variance_one(model):
    _, shock = MODELS[model](400_000, 3)
    kurtosis = stats.kurtosis(shock, fisher=False)
    assert abs(shock.mean()) < 5 / np.sqrt(len(shock))
    # Blocks repeat days of a short history: its own spread bounds what many draws can reach.
    assert_allclose(shock.var(), 1.0, atol=5 * np.sqrt(kurtosis / len(shock)))


def test_log_returns_of_the_jump_diffusion_have_mertons_moments():
    days = 1_500_000
    price, _ = path(jump_diffusion, days, **JUMPS)
    returns = np.diff(np.log(price))
    sigma2 = JUMPS["volatility"] ** 2 * DAY
    rate, m, s = JUMPS["jump_rate"] * DAY, JUMPS["jump_mean"], JUMPS["jump_deviation"]
    variance = sigma2 + rate * (m**2 + s**2)
    mean = -sigma2 / 2 - rate * (np.exp(m + s**2 / 2) - 1) + rate * m
    skewness = rate * (m**3 + 3 * m * s**2) / variance**1.5
    kurtosis = 3 + rate * (m**4 + 6 * m**2 * s**2 + 3 * s**4) / variance**2
    assert_allclose(returns.mean(), mean, atol=4 * np.sqrt(variance / days))
    assert_allclose(returns.var(), variance, rtol=0.01)
    assert_allclose(stats.skew(returns), skewness, rtol=0.10)
    assert_allclose(stats.kurtosis(returns, fisher=False), kurtosis, rtol=0.05)


def test_without_jumps_the_path_is_geometric_brownian_motion_of_the_shocks():
    price, shock = path(
        jump_diffusion, 500, volatility=0.55, jump_rate=0.0, jump_mean=0.1, jump_deviation=0.2
    )
    normals = np.empty(500)
    fill_normals(1, 0, KEY, 0, normals)
    assert_allclose(shock, normals, rtol=1e-12)
    logs = np.cumsum(np.r_[0, 0.55 * np.sqrt(DAY) * normals[1:] - 0.55**2 * DAY / 2])
    assert_allclose(price, 91_000 * np.exp(logs), rtol=1e-10)


def test_returns_have_the_fourth_moment_of_a_lognormal_volatility():
    paths = [path(stochastic_volatility, 20_000, s, **CLUSTERS)[0] for s in range(100)]
    returns = np.diff(np.log(paths))
    s2 = CLUSTERS["volatility_of_volatility"] ** 2 / (2 * CLUSTERS["reversion"])
    # r = v z with log v normal of variance s2:
    # E r^2 = volatility^2 dt, E r^4 = 3 e^(4 s2) (E r^2)^2.
    assert_allclose(returns.std(), CLUSTERS["volatility"] * np.sqrt(DAY), rtol=0.03)
    kurtosis = stats.kurtosis(returns, axis=None, fisher=False)
    assert_allclose(kurtosis, 3 * np.exp(4 * s2), rtol=0.1)
    # The log of |r| is that of v and an independent |z|: its covariance decays like v's.
    size = np.log(np.abs(returns) + 1e-12)
    size -= size.mean()
    for lag in (10, 60):
        expected = s2 * np.exp(-CLUSTERS["reversion"] * lag * DAY)
        assert_allclose(np.mean(size[:, :-lag] * size[:, lag:]), expected, rtol=0.1)


def test_leverage_makes_volatility_rise_after_a_fall():
    paths = [path(stochastic_volatility, 20_000, s, **CLUSTERS) for s in range(50)]
    shock = np.array([shock for _, shock in paths])
    size = np.log(np.abs(np.diff(np.log([price for price, _ in paths]))[:, 1:]) + 1e-12)
    # Covariance of a shock with the next log volatility: leverage * sd of a day's change.
    change = CLUSTERS["volatility_of_volatility"] * np.sqrt(DAY)
    found = np.mean(shock[:, 1:-1] * (size - size.mean()))
    assert_allclose(found, CLUSTERS["leverage"] * change, rtol=0.3)


def test_without_reversion_volatility_is_constant():
    flat = {**CLUSTERS, "reversion": 0.0}
    price, shock = path(stochastic_volatility, 200, **flat)
    assert_allclose(np.diff(np.log(price)), 0.6 * np.sqrt(DAY) * shock[1:] - 0.18 * DAY, atol=1e-12)


def test_a_bootstrapped_day_is_a_day_of_the_history():
    price, shock = bootstrapped(5000)
    standard = (HISTORY - HISTORY.mean()) / HISTORY.std()
    assert np.all(np.isin(np.round(shock[1:], 9), np.round(standard, 9)))
    returns = np.diff(np.log(price)) + np.diff(bootstrap_mean(HISTORY, 30.0, 5000))
    assert np.all(np.isin(np.round(returns, 9), np.round(HISTORY, 9)))


def test_the_bootstrap_keeps_the_distribution_and_the_order_of_days():
    _, shock = bootstrapped(200_000, block=20.0)
    standard = (HISTORY - HISTORY.mean()) / HISTORY.std()
    order = np.argsort(standard)
    place = order[np.searchsorted(standard[order], shock[1:] - 1e-12)]
    counts = np.bincount(place, minlength=len(HISTORY))
    # Places are equally likely; draws in a block come together, which widens the counts.
    assert_allclose(counts.mean(), 199_999 / len(HISTORY))
    assert counts.std() < 2 * np.sqrt(counts.mean())
    following = np.mean((place[1:] - place[:-1]) % len(HISTORY) == 1)
    assert_allclose(following, 1 - 1 / 20 + 1 / 20 / len(HISTORY), atol=4 * np.sqrt(0.05 / 2e5))


def test_the_mean_of_independent_days_is_the_power_of_the_mean_day():
    days = np.arange(40)
    expected = days * np.log(np.mean(np.exp(HISTORY)))
    assert_allclose(bootstrap_mean(HISTORY, 1.0, 40), expected, rtol=1e-9, atol=1e-14)


def test_the_mean_of_two_days_counts_what_follows_what():
    returns, fresh = np.array([0.1, -0.2, 0.05]), 1 / 4
    growth = np.exp(returns)
    same, new = np.mean(growth * np.roll(growth, -1)), np.mean(growth) ** 2
    expected = [0.0, np.log(np.mean(growth)), np.log((1 - fresh) * same + fresh * new)]
    assert_allclose(bootstrap_mean(returns, 4.0, 3), expected, rtol=1e-12)


def test_as_given_every_path_is_the_base():
    base = np.linspace(1.0, 2.0, 30)
    price, shock = path(as_given, 30, 4, base)
    assert_array_equal(price, base)
    assert shock.std() > 0.5
