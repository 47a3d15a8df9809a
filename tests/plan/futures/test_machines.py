"""Machines on sale and machines that fail."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.testing import assert_allclose

from baseload.case.errors import InputError
from baseload.plan.futures.machines import efficiency_on_sale, failed_share, price_on_sale
from baseload.plan.futures.random import driver_key, exponential


def test_machines_get_better_by_the_same_part_each_year():
    years = np.array([0.0, 1.0, 2.0, 5.0])
    assert_allclose(efficiency_on_sale(15.0, 0.12, years), 15.0 * 0.88**years)


def test_a_price_falls_by_the_year_and_follows_the_hashprice():
    years, hashprice = np.array([0.0, 2.0, 2.0]), np.array([40.0, 40.0, 80.0])
    found = price_on_sale(14.0, 0.1, years, hashprice, 40.0, 0.5)
    assert_allclose(found, [14.0, 14.0 * 0.81, 14.0 * 0.81 * np.sqrt(2)])


def test_a_price_that_follows_nothing_stays():
    assert price_on_sale(14.0, 0.0, 7.0, 99.0, 40.0, 0.0) == 14.0


@pytest.mark.parametrize("fall", [1.0, 1.5, -1.0])
def test_what_falls_to_nothing_in_a_year_is_refused(fall):
    with pytest.raises(InputError, match="less than 100 % a year"):
        efficiency_on_sale(15.0, fall, 1.0)


def test_the_share_that_failed_is_that_of_machines_simulated_one_by_one():
    # A machine of age 3 whose rate holds: up exp(1 / rate), away for the repair, many times.
    rate = 0.4 * 1.3**3
    up = np.array([exponential(1, 0, driver_key("machine"), k) for k in range(20_000)]) / rate
    away = 3000.0 / 8766.0
    simulated = away / (up.mean() + away)
    assert_allclose(failed_share(3.0, 0.4, 0.3, 3000.0), simulated, rtol=0.03)


def test_older_machines_fail_more_and_none_without_a_rate():
    shares = failed_share(np.array([0.0, 2.0, 5.0]), 0.1, 0.25, 336.0)
    assert np.all(np.diff(shares) > 0)
    assert failed_share(4.0, 0.0, 0.25, 336.0) == 0.0
