"""Statistics of a series against hand-made ones and scipy, and the table of a fit."""

from __future__ import annotations

import tomllib
from dataclasses import replace

import numpy as np
from numpy.testing import assert_allclose
from scipy import stats

from baseload.case.drivers import Futures
from baseload.plan.futures.fits import CHANCES, Fit, correlation, profile, profiles, quantity

VALUES = np.random.default_rng(3).gamma(2.0, size=5000) - 0.1


def fit(model="jump diffusion", **parameters):
    return Fit(
        "futures.bitcoin_price",
        model,
        parameters,
        "daily log return",
        profile(np.array([1.0, -2.0, 3.0, -4.0]), (1,)),
        profiles([np.arange(4.0), np.arange(4.0) + 10, np.arange(4.0) + 20], (1,)),
    )


def test_moments_and_quantiles_are_those_of_scipy():
    found = profile(VALUES, (1, 24))
    assert_allclose(found.mean, VALUES.mean())
    assert_allclose(found.deviation, VALUES.std())
    assert_allclose(found.skewness, stats.skew(VALUES))
    assert_allclose(found.kurtosis, stats.kurtosis(VALUES, fisher=False))
    assert_allclose(found.quantiles, np.quantile(VALUES, CHANCES))
    assert found.negative == np.mean(VALUES < 0)


def test_a_series_that_swings_is_correlated_with_itself_a_period_later():
    swing = np.sin(2 * np.pi * np.arange(2400) / 24)
    found = profile(swing, (6, 12, 24))
    assert_allclose(found.correlation, [0.0, -1.0, 1.0], atol=2e-3)
    # The square swings twice as fast.
    assert_allclose(found.of_squares, [-1.0, 1.0, 1.0], atol=2e-3)


def test_missing_values_are_left_out():
    holed = np.insert(VALUES, [5, 100, 101], np.nan)
    assert profile(holed, (1,)).mean == profile(VALUES, (1,)).mean
    # Less their mean of 2: -1, none, 1, 0, of variance 2/3; at two steps only -1 meets 1.
    assert_allclose(correlation(np.array([1.0, np.nan, 3.0, 2.0]), 2), -1.5)


def test_a_constant_series_has_no_correlation():
    found = profile(np.full(9, 2.5), (1,))
    assert (found.deviation, found.kurtosis, found.correlation) == (0.0, 0.0, (0.0,))


def test_the_table_of_a_fit_is_read_by_a_case():
    written = fit(volatility=0.51234, jump_rate=quantity(12.3456, "1/year"), jump_mean=-0.02)
    read = Futures.model_validate(tomllib.loads(written.toml)["futures"])
    assert read.bitcoin_price.model == "jump diffusion"
    assert read.bitcoin_price.volatility == 0.5123
    assert read.bitcoin_price.jump_rate == 12.35
    assert read.bitcoin_price.jump_mean == -0.02


def test_the_paths_are_told_by_their_middle_and_their_band():
    data, low, middle, high = fit().compared()["mean"]
    assert (data, middle) == (-0.5, 11.5)
    assert_allclose((low, high), np.percentile([1.5, 11.5, 21.5], (5, 95)))


def test_a_statistic_outside_the_band_is_marked():
    marked = {line[:32].strip() for line in str(fit()).splitlines() if line.endswith(" *")}
    assert {"mean", "quantile 50 %"} <= marked
    same = replace(fit(), drawn=(fit().data,))
    assert " *" not in str(same).replace("(1 paths as long as the history; * data", "")
