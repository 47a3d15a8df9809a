"""The mean-reverting process against its closed forms."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.testing import assert_allclose

from baseload.plan.futures.ornstein_uhlenbeck import (
    fill_deviations,
    fill_log_level,
    revert,
    to_level,
)
from baseload.plan.futures.random import driver_key

KEY = driver_key("wander")
N = 400_000


def deviations(n=N, step=1.0, reversion=24.0, scenario=0):
    out = np.empty(n)
    fill_deviations(1, scenario, KEY, step, reversion, out)
    return out


@pytest.mark.parametrize("step", [0.25, 1.0, 24.0])
def test_variance_is_one_and_correlation_decays_exponentially_whatever_the_step(step):
    x = deviations(step=step)
    independent = N * step / (2 * 24.0 + step)
    assert_allclose(x.mean(), 0.0, atol=4 / np.sqrt(independent))
    assert_allclose(x.var(), 1.0, atol=4 * np.sqrt(2 / independent))
    for lag in (1, 5, 24):
        found = np.mean(x[:-lag] * x[lag:])
        assert_allclose(found, np.exp(-lag * step / 24.0), atol=6 / np.sqrt(independent))


def test_the_first_value_has_the_variance_of_the_long_run():
    first = np.array([deviations(2, scenario=s) for s in range(20_000)])
    assert_allclose(first.var(axis=0), 1.0, atol=4 * np.sqrt(2 / 20_000))


def test_shocks_are_kept_and_added_in_the_shares_that_hold_the_variance():
    shocks = np.array([1.0, 0.0, 2.0])
    revert(1.0, 10.0, shocks)
    kept = np.exp(-0.1)
    assert_allclose(shocks, [1.0, kept, kept**2 + 2 * np.sqrt(1 - kept**2)])


def test_a_level_has_mean_one_and_the_deviation_of_its_log():
    level = np.empty(N)
    fill_log_level(1, 0, KEY, 1.0, 0.5, 12.0, level)
    assert_allclose(level.mean(), 1.0, atol=0.015)
    assert_allclose(np.log(level).std(), 0.5, rtol=0.015)


def test_without_deviation_the_level_is_one():
    values = np.array([1.3, -2.0])
    to_level(0.0, values)
    assert_allclose(values, 1.0)
