"""Fits to prices that were made with known parameters, and to the real history."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest
from numpy.testing import assert_allclose

from baseload.case.errors import InputError
from baseload.plan.futures.fit_bitcoin import (
    fit_bootstrap,
    fit_jump_diffusion,
    fit_stochastic_volatility,
    log_returns,
)

SHARED = Path(__file__).resolve().parents[4] / "shared" / "data"
HISTORY = SHARED / "price" / "btc_usd_daily_ohlcv_2020-07_2026-01.csv"
DAY = 1 / 365.25
RANDOM = np.random.default_rng(11)


def number(text):
    return float(str(text).split()[0])


def jumping_prices(days, volatility, rate, mean, deviation):
    jumps = RANDOM.poisson(rate * DAY, days)
    returns = volatility * np.sqrt(DAY) * RANDOM.standard_normal(days)
    returns += jumps * mean + np.sqrt(jumps) * deviation * RANDOM.standard_normal(days)
    return 100 * np.exp(np.cumsum(returns))


def clustering_prices(days, volatility, reversion, wander, leverage):
    kept, s2 = np.exp(-reversion * DAY), wander**2 / (2 * reversion)
    z, w = RANDOM.standard_normal((2, days))
    state, returns = 0.0, np.empty(days)
    for day in range(days):
        returns[day] = volatility * np.exp(state - s2) * np.sqrt(DAY) * z[day]
        change = leverage * z[day] + np.sqrt(1 - leverage**2) * w[day]
        state = kept * state + np.sqrt(s2 * (1 - kept**2)) * change
    return 100 * np.exp(np.cumsum(returns))


def test_jumps_are_found_again():
    found = fit_jump_diffusion(jumping_prices(8000, 0.5, 15.0, -0.05, 0.12)).parameters
    assert_allclose(found["volatility"], 0.5, rtol=0.04)
    assert_allclose(number(found["jump_rate"]), 15.0, rtol=0.25)
    assert_allclose(found["jump_mean"], -0.05, atol=0.025)
    assert_allclose(found["jump_deviation"], 0.12, rtol=0.15)


def test_clusters_of_volatility_are_found_again():
    found = fit_stochastic_volatility(clustering_prices(20_000, 0.6, 5.0, 1.5, -0.6)).parameters
    assert_allclose(found["volatility"], 0.6, rtol=0.12)
    assert_allclose(number(found["reversion"]), 5.0, rtol=0.35)
    assert_allclose(found["volatility_of_volatility"], 1.5, rtol=0.25)
    assert_allclose(found["leverage"], -0.6, atol=0.25)


def test_paths_of_the_right_model_hold_the_data_in_their_band():
    compared = fit_jump_diffusion(jumping_prices(3000, 0.5, 15.0, -0.05, 0.12)).compared()
    held = [low <= data <= high for data, low, _, high in compared.values()]
    # Nine of ten are expected inside; the labels depend on each other.
    assert np.mean(held) > 0.65


def test_a_fit_of_the_same_prices_and_seed_is_the_same():
    prices = jumping_prices(400, 0.5, 15.0, -0.05, 0.12)
    assert fit_bootstrap(prices, "past.csv#price") == fit_bootstrap(prices, "past.csv#price")


def test_the_bootstrap_holds_the_spread_of_its_history():
    fit = fit_bootstrap(jumping_prices(1500, 0.5, 15.0, -0.05, 0.12), "past.csv#price", 20.0)
    assert fit.parameters == {"history": "past.csv#price", "block": "20 days"}
    for label in ("deviation", "kurtosis", "quantile 1 %", "quantile 99 %"):
        data, low, _, high = fit.compared()[label]
        assert low <= data <= high


def test_the_real_history_has_the_spread_and_the_tails_that_were_reported():
    if not HISTORY.is_file():
        pytest.skip("the reference history of prices is not here")
    with HISTORY.open(encoding="utf-8") as file:
        prices = np.array([float(row["CLOSE"]) for row in csv.DictReader(file)])
    fit = fit_stochastic_volatility(prices)
    # Reported of this history: volatility 0.58 a year, kurtosis 6.8.
    assert round(fit.parameters["volatility"], 2) == 0.58
    assert round(fit.data.kurtosis, 1) == 6.8
    data, low, _, high = fit.compared()["correlation of squares, lag 1"]
    assert low < data < high


@pytest.mark.parametrize(
    ("prices", "said"),
    [(np.ones(250), "more than 250 days"), (np.r_[np.ones(300), 0.0], "day 300"),
     (np.r_[np.ones(300), np.nan], "day 300")],
)  # fmt: skip
def test_a_history_that_is_short_or_holed_is_refused(prices, said):
    with pytest.raises(InputError, match=said):
        log_returns(prices)
