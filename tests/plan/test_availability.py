from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.testing import assert_allclose, assert_array_equal

from baseload.plan.availability import (
    follow_ramp,
    limit_running,
    outages_after_return,
    planned_outages,
    secure_limit,
)

YEAR = 8766.0

shares = arrays(np.float64, st.integers(1, 30), elements=st.floats(0.0, 1.0))


# --- refuelling ----------------------------------------------------------------------------------


@pytest.mark.parametrize(("months", "outages"), [(12, 3), (18, 2)])
def test_a_longer_cycle_has_fewer_outages(months, outages):
    # V16: 12 or 18 months; V18: 35 days at best
    out = planned_outages(int(3 * YEAR), 1.0, 1000.0, months * YEAR / 12, 35 * 24.0)
    assert out.sum() == outages * 35 * 24
    assert np.count_nonzero(np.diff(out.astype(int)) == 1) == outages


@given(
    steps=st.integers(1, 60),
    step=st.sampled_from([0.25, 1.0, 24.0]),
    first=st.integers(-200, 200),
    every=st.integers(1, 80),
    length=st.integers(0, 80),
)
def test_a_unit_is_out_in_the_length_after_every_whole_period(steps, step, first, every, length):
    out = planned_outages(steps, step, float(first), float(every), float(length))
    for t in range(steps):
        # The last outage that has begun, by trying every one in reach.
        begin = max(range(first - 500 * every, 1700, every), key=lambda h: (h <= t * step, h))
        assert out[t] == (t * step < begin + length)


def test_a_unit_comes_back_with_a_whole_cycle_of_fuel():
    # back at hour 100, 400 h from outage to outage of which 50 h out: runs 350 h first
    out = outages_after_return(1000, 1.0, 100.0, 400.0, 50.0)
    expected = np.zeros(1000, dtype=bool)
    expected[450:500] = expected[850:900] = True
    assert_array_equal(out, expected)


# --- the cap -------------------------------------------------------------------------------------


@given(st.data())
def test_the_cap_lets_the_first_units_run_that_can(data):
    shape = (data.draw(st.integers(1, 6)), data.draw(st.integers(1, 10)))
    able = data.draw(arrays(np.bool_, shape))
    cap = data.draw(arrays(np.int64, shape[1], elements=st.integers(0, 7)))
    running = limit_running(able, cap)
    for t in range(shape[1]):
        assert_array_equal(np.flatnonzero(running[:, t]), np.flatnonzero(able[:, t])[: cap[t]])


# --- ramps ---------------------------------------------------------------------------------------


@given(share=shares, per_step=st.floats(0.01, 0.99))
def test_output_near_an_outage_is_the_greatest_that_the_ramp_allows(share, per_step):
    place = np.arange(len(share))
    away = np.abs(place[:, None] - place[None, :])
    # The greatest curve with a bounded slope below another one (McShane's extension).
    greatest = np.min(share[None, :] + away * per_step, axis=1)
    assert_allclose(follow_ramp(share, per_step), greatest, rtol=0, atol=1e-12)


@given(share=shares, per_step=st.floats(0.0, 0.99))
def test_no_step_is_steeper_than_the_ramp(share, per_step):
    bound = follow_ramp(share, per_step)
    assert np.all(np.abs(np.diff(bound)) <= per_step + 1e-12)
    assert np.all(bound <= share)


def test_a_unit_goes_down_and_comes_back_in_even_steps():
    share = np.array([1.0, 1.0, 1.0, 1.0, 0.0, 0.0, 1.0, 1.0, 1.0, 1.0])
    expected = [1.0, 0.9, 0.6, 0.3, 0.0, 0.0, 0.3, 0.6, 0.9, 1.0]
    assert_allclose(follow_ramp(share, 0.3), expected, rtol=0, atol=1e-15)


def test_output_that_cannot_change_is_the_least_that_is_ever_there():
    assert_array_equal(follow_ramp(np.array([1.0, 0.4, 1.0]), 0.0), [0.4, 0.4, 0.4])


def test_a_ramp_across_the_whole_range_in_one_step_binds_nowhere():
    share = np.array([1.0, 0.0, 1.0])
    assert_array_equal(follow_ramp(share, 1.0), share)


# --- links ---------------------------------------------------------------------------------------


def test_the_largest_link_of_each_step_is_kept_in_reserve():
    limits = np.array([[2000.0, 100.0, 0.0], [400.0, 400.0, 400.0], [300.0, 300.0, 300.0]])
    assert_array_equal(secure_limit(limits, "n-0"), [2700.0, 800.0, 700.0])
    assert_array_equal(secure_limit(limits, "n-1"), [700.0, 400.0, 300.0])


def test_a_single_link_is_its_own_reserve():
    assert_array_equal(secure_limit(np.array([[500.0, 200.0]]), "n-1"), [0.0, 0.0])
