"""Fees of blocks: the mean is kept, the tail is fat."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.testing import assert_allclose

from baseload.plan.futures.fees import fat_tail
from baseload.plan.futures.random import driver_key

KEY = driver_key("fees")
CALM = (0.6, 6.0, 0.0, 10.0, 168.0)


def fees(days, parameters, base=0.02, scenario=0):
    out = np.empty(days)
    fat_tail(1, scenario, KEY, np.full(days, base), *parameters, out)
    return out


@pytest.mark.parametrize("spike", [(0.0, 10.0), (2.0, 10.0), (5.0, 0.5), (5.0, 1.0)])
def test_the_mean_is_the_base(spike):
    rate, size = spike
    share = np.array([fees(200, (0.6, 6.0, rate, size, 168.0), scenario=s) for s in range(8000)])
    for day in (0, 199):
        spread = share[:, day].std() / np.sqrt(8000)
        assert abs(share[:, day].mean() - 0.02) < 4 * spread
    assert share.min() > 0


def test_the_log_has_its_deviation_and_returns_at_its_speed():
    log = np.log(fees(600_000, CALM))
    log -= log.mean()
    assert_allclose(log.std(), 0.6, rtol=0.03)
    lag = 60
    assert_allclose(
        np.mean(log[:-lag] * log[lag:]) / log.var(), np.exp(-6 * lag / 365.25), atol=0.03
    )


def test_spikes_fatten_the_tail():
    calm, spiky = fees(100_000, CALM), fees(100_000, (0.6, 6.0, 1.0, 10.0, 168.0))
    assert np.quantile(spiky, 0.995) > 2 * np.quantile(calm, 0.995)
