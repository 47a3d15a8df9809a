"""Outages: share of time and lengths of stays against closed forms."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal
from scipy import stats

from baseload.case.errors import InputError
from baseload.plan.futures.outages import (
    HOURS_PER_YEAR,
    fill_refuelling,
    fill_spells,
    fill_trips,
    fill_two_state,
    share_of_time,
    take_out,
    two_state_of,
)
from baseload.plan.futures.random import driver_key

LINE = driver_key("link.dniprovska_750")
DAY = 24.0
YEARS = 400
LONG = int(YEARS * HOURS_PER_YEAR)


def two_state(unavailability, repair, steps=LONG, step=1.0, scenario=0, dtype=np.float64):
    out = np.full(steps, np.nan, dtype=dtype)
    fill_two_state(1, scenario, LINE, step, unavailability, repair, out)
    return out


def stays_down(up):
    """Lengths of unbroken runs of steps with less than the whole step up [steps]."""
    edges = np.flatnonzero(np.diff(np.r_[1, up >= 1.0, 1].astype(int)))
    return edges[1::2] - edges[::2]


@pytest.mark.parametrize(
    ("unavailability", "repair"), [(0.12, 72.0), (0.71, 1600.0), (0.03, 240.0)]
)
def test_two_states_share_time_as_asked(unavailability, repair):
    up = two_state(unavailability, repair)
    # Variance of the share of time of an alternating process over a long time:
    # 2 q (1 - q)^2 * repair / T.
    spread = np.sqrt(2 * unavailability * (1 - unavailability) ** 2 * repair / LONG)
    assert abs(1 - up.mean() - unavailability) < 4 * spread


def test_outages_last_as_long_as_a_repair_takes():
    q, repair = 0.05, 500.0
    up = two_state(q, repair)
    count = len(stays_down(up))
    assert_allclose((1 - up).sum() / count, repair, rtol=4 / np.sqrt(count))
    assert_allclose(count, LONG * q / repair, rtol=4 / np.sqrt(count))


def test_lengths_of_outages_are_exponential():
    lengths = stays_down(two_state(0.02, 500.0)) - 1.0
    assert stats.kstest(lengths / 500.0, "expon").pvalue > 0.005


def test_the_first_step_is_as_likely_down_as_any_other():
    futures = np.array([two_state(0.29, 72.0, 200, scenario=s) for s in range(4000)])
    for step in (0, 1, 10, 199):
        assert_allclose(1 - futures[:, step].mean(), 0.29, atol=4 * np.sqrt(0.29 * 0.71 / 4000))


def test_being_down_is_forgotten_at_the_rate_of_both_changes():
    q, repair = 0.3, 50.0
    down = 1 - two_state(q, repair)
    # Covariance of a two-state Markov process: q (1 - q) exp(-h (1/up + 1/repair)).
    rate = 1 / repair + 1 / (repair * (1 - q) / q)
    for lag in (10, 50):
        found = np.mean((down[:-lag] - q) * (down[lag:] - q))
        assert_allclose(found, q * (1 - q) * np.exp(-lag * rate), rtol=0.06, atol=2e-3)


@pytest.mark.parametrize(("unavailability", "share"), [(0.0, 1.0), (1.0, 0.0)])
def test_what_never_or_always_fails_is_certain(unavailability, share):
    assert_array_equal(two_state(unavailability, 72.0, 100), np.full(100, share))


@given(step=st.sampled_from([0.25, 0.5, 1.0, 2.0]), scenario=st.integers(0, 50))
@settings(deadline=None)
def test_the_same_outages_are_seen_whatever_the_step(step, scenario):
    fine = two_state(0.2, 7.3, int(96 / step), step, scenario)
    assert_allclose(fine.sum() * step, two_state(0.2, 7.3, 4, 24.0, scenario).sum() * 24, atol=1e-9)
    assert fine.min() >= 0
    assert fine.max() <= 1


def test_single_precision_holds_the_same_shares():
    assert_allclose(two_state(0.2, 7.3, 500, dtype=np.float32), two_state(0.2, 7.3, 500), atol=1e-6)


def test_blackouts_come_as_often_and_last_as_long_as_asked():
    out = np.empty(LONG)
    fill_spells(1, 0, driver_key("blackout"), 1.0, 3.6, 40.0, out)
    count = len(stays_down(out))
    assert_allclose(count / YEARS, 3.6, rtol=4 / np.sqrt(count))
    assert_allclose((1 - out).sum() / count, 40.0, rtol=4 / np.sqrt(count))


def test_trips_come_as_often_as_asked_and_last_their_delay():
    out = np.empty(LONG)
    fill_trips(1, 0, driver_key("U1"), 1.0, 7.0, 48.0, out)
    stays = stays_down(out)
    assert_allclose((1 - out).sum() / YEARS, 7.0 * 48.0, rtol=4 / np.sqrt(7 * YEARS))
    assert_allclose(len(stays) / YEARS, 7.0, rtol=4 / np.sqrt(7 * YEARS))
    assert_array_equal(np.unique(stays[1:-1])[:1], [49])  # 48 h across 49 steps; more if two meet


def test_a_trip_is_as_likely_at_the_start_as_later():
    futures = np.empty((6000, 60))
    for scenario in range(6000):
        fill_trips(1, scenario, LINE, 1.0, 50.0, 48.0, futures[scenario])
    expected = share_of_time(50.0, 48.0)
    for step in (0, 24, 47, 59):
        found = 1 - futures[:, step].mean()
        assert_allclose(found, expected, atol=4 * np.sqrt(expected * (1 - expected) / 6000))


def test_no_trips_leave_the_unit_up():
    out = np.empty(10)
    fill_trips(1, 0, LINE, 1.0, 0.0, 48.0, out)
    assert_array_equal(out, np.ones(10))


def refuelling(slip, deviation, scenario=0, steps=3000):
    out = np.empty(steps)
    fill_refuelling(
        1, scenario, LINE, 1.0, np.array([1000.0]), np.array([240.0]), slip, deviation, out
    )
    return out


def test_refuelling_that_does_not_slip_is_as_planned():
    planned = np.ones(3000)
    planned[1000:1240] = 0.0
    assert_array_equal(refuelling(0.0, 0.0), planned)


def test_refuelling_keeps_its_mean_start_and_length():
    runs = np.array([refuelling(100.0, 0.3, s) for s in range(4000)])
    lengths = (1 - runs).sum(axis=1)
    starts = np.argmax(runs < 1, axis=1)
    assert_allclose(lengths.mean(), 240.0, rtol=4 * 0.31 / np.sqrt(4000))
    assert_allclose(np.log(lengths).std(), 0.3, rtol=0.05)
    assert_allclose(starts.mean(), 1000.0, atol=4 * 100 / np.sqrt(4000) + 0.5)
    assert_allclose(starts.std(), 100.0, rtol=0.05)


def test_an_outage_that_overruns_pushes_the_next_back():
    out = np.empty(40)
    fill_refuelling(1, 0, LINE, 1.0, np.array([5.0, 10.0]), np.array([10.0, 10.0]), 0.0, 0.0, out)
    assert_array_equal(np.flatnonzero(out == 0), np.arange(5, 25))


def test_an_outage_counts_by_its_part_of_each_step():
    out = np.ones(4)
    take_out(2.0, 1.0, 5.0, out)
    assert_array_equal(out, [0.5, 0.0, 0.5, 1.0])
    take_out(2.0, -9.0, 1.0, out)
    take_out(2.0, 8.0, 9.0, out)
    assert_array_equal(out, [0.0, 0.0, 0.5, 1.0])


def test_the_counted_outages_of_the_750_kv_line_give_its_availability():
    # Z27: 23 Sep to 23 Oct and 14 to 19 Nov 2025, in the 302 days from 7 May 2025.
    line = two_state_of([(139 * DAY, 169 * DAY), (191 * DAY, 196 * DAY)], 302 * DAY)
    assert round(1 - line.unavailability, 2) == 0.88
    assert line.mean_repair == pytest.approx(17.5 * DAY)
    assert line.outages == 2


def test_an_outage_that_still_lasts_is_no_repair():
    found = two_state_of([(10.0, 30.0), (80.0, 100.0)], 100.0)
    assert (found.unavailability, found.mean_repair, found.outages) == (0.4, 40.0, 2)


@pytest.mark.parametrize("fill", [fill_spells, fill_trips])
def test_spells_longer_than_the_year_leave_nothing_up(fill):
    out = np.empty(10)
    fill(1, 0, LINE, 1.0, 13.0, 720.0, out)
    assert_array_equal(out, np.zeros(10))


@pytest.mark.parametrize(
    "windows", [[], [(5.0, 2.0)], [(-1.0, 2.0)], [(1.0, 101.0)], [(1.0, 9.0), (8.0, 12.0)]]
)
def test_windows_out_of_order_or_period_are_refused(windows):
    with pytest.raises(InputError, match="in order"):
        two_state_of(windows, 100.0)


def test_spells_that_fill_the_year_are_refused():
    with pytest.raises(InputError, match="leave some time"):
        share_of_time(13.0, 720.0)
