"""Which units give what: calendars, ramps, caps and returns against hand-made ones."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal

from baseload.plan.availability import follow_ramp, limit_running, planned_outages
from baseload.plan.ensemble.units import Calendar, fill_running, fill_shares

STEPS = 400


def calendar(units: int = 1, outages: int = 1, **changes) -> Calendar:
    """Units that always run; times in hours, lists by unit."""
    plain = {
        "order": np.arange(units),
        "back": np.full(units, -np.inf),
        "licence_end": np.full(units, np.inf),
        "first": np.full(units, np.nan),
        "every": np.full(units, np.nan),
        "length": np.full(units, np.nan),
        "slip": np.zeros((units, outages)),
        "factor": np.ones((units, outages)),
        "expected": np.ones(units),
        "ramp": np.full(units, np.inf),
    }
    given_ = {
        name: np.array(value, np.int64 if name == "order" else np.float64)
        for name, value in changes.items()
    }
    return Calendar(**(plain | given_))


def running(one: Calendar, cap=(9,), since=(0,), step: float = 1.0) -> np.ndarray:
    out = np.zeros((len(one.order), STEPS), np.uint8)
    fill_running(one, np.array(cap), np.array(since), STEPS, step, out)
    return out


def shares(one: Calendar, up=None, available=1.0, series=None) -> tuple[np.ndarray, np.ndarray]:
    units = len(one.order)
    share, changed = np.zeros((units, STEPS)), np.zeros(STEPS, np.uint8)
    rows = np.zeros((0, STEPS)) if series is None else np.array([series])
    drawn = up is not None
    fill_shares(
        one, running(one), np.full(units, available), np.full(units, -1 if series is None else 0),
        rows, drawn, np.array(up if drawn else np.zeros((units, 0)), np.float32), share, changed,
    )  # fmt: skip
    return share, changed


def spells(row: np.ndarray) -> list[tuple[int, int]]:
    """First step and step after the last of every time out."""
    edges = np.flatnonzero(np.diff(np.r_[1, row, 1]))
    return [(int(a), int(b)) for a, b in zip(edges[::2], edges[1::2], strict=True)]


def test_a_unit_without_a_calendar_always_runs():
    assert_array_equal(running(calendar()), 1)


def test_a_licence_ends_on_its_day():
    assert spells(running(calendar(licence_end=[100.0]))[0]) == [(100, STEPS)]


def test_a_stopped_unit_runs_from_its_return_on_or_never():
    assert spells(running(calendar(back=[30.5]))[0]) == [(0, 31)]
    assert_array_equal(running(calendar(back=[np.inf])), 0)


@settings(max_examples=40, deadline=None)
@given(
    st.integers(-6_301, 6_301), st.integers(140, 2_101), st.floats(0.1, 0.9),
    st.sampled_from([0.5, 1.0, 24.0]),
)  # fmt: skip
def test_refuelling_repeats_as_in_the_plan(first, every, part, step):
    # Sevenths of a step, off its edges, where rounding would decide.
    first, every = first / 7 + 0.01, every / 7
    every, length = every * step, part * every * step
    one = calendar(first=[first * step], every=[every], length=[length])
    expected = ~planned_outages(STEPS, step, first * step, every, length)
    assert_array_equal(running(one, step=step)[0], expected)


def test_an_outage_that_slips_begins_later_and_may_last_longer():
    slip, factor = [[10.0, -20.0, 0.0]], [[1.0, 1.0, 2.0]]
    one = calendar(outages=3, first=[50.0], every=[100.0], length=[30.0], slip=slip, factor=factor)
    # The first that may reach into the horizon would have begun at -50: it is over.
    assert spells(running(one)[0]) == [(30, 60), (150, 210), (250, 310), (350, 400)]


def test_only_so_many_units_run_the_first_in_order_before_the_others():
    one = calendar(3, order=[2, 0, 1], licence_end=[np.inf, np.inf, 300.0])
    found = running(one, cap=(2, 1, 3), since=(0, 100, 200))
    # Unit 2 comes first while it may run, then unit 0, then unit 1.
    assert spells(found[2]) == [(300, 400)]
    assert spells(found[0]) == [(100, 200)]
    assert spells(found[1]) == [(0, 200)]


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_caps_bind_as_in_the_plan(seed):
    rng = np.random.default_rng(seed)
    units = int(rng.integers(1, 5))
    back = rng.choice([-np.inf, 0.0, 70.0, 250.0, np.inf], units)
    end = rng.choice([np.inf, 120.0, 390.0], units)
    order = rng.permutation(units)
    since = np.unique(np.r_[0, rng.integers(1, STEPS, 4)])
    cap = rng.integers(0, units + 1, len(since))
    found = running(calendar(units, back=back, licence_end=end, order=order), cap, since)
    hours = np.arange(STEPS)
    able = (hours >= back[:, None]) & (hours < end[:, None])
    limits = cap[np.searchsorted(since, hours, side="right") - 1]
    expected = np.zeros((units, STEPS))
    expected[order] = limit_running(able[order], limits)
    assert_array_equal(found, expected)


@settings(max_examples=40, deadline=None)
@given(
    st.floats(0.004, 1.2), st.floats(0.0, 1.0), st.floats(-90.0, 90.0), st.floats(25.0, 90.0),
    st.booleans(),
)  # fmt: skip
def test_output_follows_its_ramp_near_planned_outages(ramp, level, first, length, by_series):
    one = calendar(first=[first], every=[170.0], length=[length], ramp=[ramp], expected=[0.9])
    runs = running(one)[0]
    series = np.full(STEPS, level) if by_series else None
    found, _ = shares(one, available=level, series=series)
    expected = follow_ramp(0.9 * level * runs.astype(np.float64), ramp)
    assert_allclose(found[0], expected, rtol=0, atol=1e-12)


def test_a_trip_takes_a_unit_off_at_once_and_it_returns_at_its_ramp():
    up = np.ones((1, STEPS))
    up[0, 100:110] = 0.0
    found, changed = shares(calendar(ramp=[0.25]), up=up)
    expected = np.ones(STEPS)
    expected[100:110] = 0.0
    expected[110:114] = [0.25, 0.5, 0.75, 1.0]
    assert_array_equal(found[0], expected)
    assert_array_equal(np.flatnonzero(changed), [0, 100, 110, 111, 112, 113])


def test_outages_by_chance_lower_what_the_calendar_leaves():
    up = np.ones((2, STEPS))
    up[0, 20:40], up[1, 30] = 0.0, 0.5
    found, changed = shares(calendar(2, licence_end=[np.inf, 35.0]), up=up, available=0.8)
    first, second = np.full(STEPS, 0.8), np.where(np.arange(STEPS) < 35, 0.8, 0.0)
    first[20:40], second[30] = 0.0, 0.4
    assert_allclose(found, [first, second], rtol=1e-15)
    assert_array_equal(np.flatnonzero(changed), [0, 20, 30, 31, 35, 40])


@pytest.mark.parametrize("drawn", [True, False])
def test_a_series_of_availability_counts_as_it_stands(drawn):
    series = np.linspace(0.0, 1.0, STEPS)
    found, changed = shares(calendar(), up=np.ones((1, STEPS)) if drawn else None, series=series)
    assert_array_equal(found[0], series)
    assert_array_equal(changed, 1)
