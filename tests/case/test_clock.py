from __future__ import annotations

import datetime as dt
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from baseload.case.clock import Clock
from baseload.case.errors import InputError

DAYS = st.dates(dt.date(2000, 1, 1), dt.date(2040, 1, 1))
ZONES = st.sampled_from(["Europe/Kyiv", "America/New_York", "Asia/Kathmandu", "UTC"])


def kyiv(start: tuple[int, int, int], end: tuple[int, int, int], step: float = 1.0) -> Clock:
    return Clock(dt.date(*start), dt.date(*end), step, "Europe/Kyiv")


def test_years_have_8760_or_8784_hours():
    assert len(kyiv((2027, 1, 1), (2028, 1, 1))) == 8760
    assert len(kyiv((2028, 1, 1), (2029, 1, 1))) == 8784
    assert len(kyiv((2027, 1, 1), (2037, 1, 1))) == 87_672
    assert len(kyiv((2028, 1, 1), (2029, 1, 1), 0.25)) == 4 * 8784


def test_local_days_have_23_24_or_25_hours():
    clock = kyiv((2028, 1, 1), (2029, 1, 1))
    lengths = {day: clock.steps_of(dt.date(2028, *day)) for day in [(3, 26), (7, 1), (10, 29)]}
    assert [part.stop - part.start for part in lengths.values()] == [23, 24, 25]


def test_the_first_step_begins_at_local_midnight():
    clock = kyiv((2028, 7, 1), (2028, 7, 3))
    assert clock.utc[0] == np.datetime64("2028-06-30T21:00")
    assert clock.local[0] == np.datetime64("2028-07-01T00:00")


def test_an_hour_comes_twice_when_clocks_go_back_and_one_is_left_out_when_they_go_forward():
    clock = kyiv((2028, 1, 1), (2029, 1, 1))
    back = clock.local_hour[clock.steps_of(dt.date(2028, 10, 29))]
    assert list(back[:6]) == [0, 1, 2, 3, 3, 4]
    forward = clock.local_hour[clock.steps_of(dt.date(2028, 3, 26))]
    assert list(forward[:5]) == [0, 1, 2, 4, 5]


def test_months_and_years_are_those_of_the_local_calendar():
    clock = kyiv((2028, 1, 1), (2030, 1, 1))
    assert list(clock.month_starts[:4]) == [0, 744, 744 + 696, 744 + 696 + 743]
    assert list(clock.year_starts) == [0, 8784, 17_544]
    assert list(clock.month_of_year[[0, 743, 744, -1]]) == [1, 1, 2, 12]
    assert clock.month[-1] == 23
    assert clock.day[-1] == 730


def test_a_horizon_may_start_in_the_middle_of_a_month():
    clock = kyiv((2028, 3, 20), (2028, 4, 3))
    assert list(clock.month_starts) == [0, 12 * 24 - 1, 335]


def test_days_before_the_horizon_have_position_zero_and_days_after_it_have_t():
    clock = kyiv((2028, 3, 20), (2028, 4, 3))
    assert clock.position(dt.date(2027, 1, 1)) == 0
    assert clock.position(dt.date(2028, 3, 21)) == 24
    assert clock.position(dt.date(2040, 1, 1)) == len(clock)
    assert clock.between(None, dt.date(2028, 3, 21)) == slice(0, 24)
    assert clock.between(dt.date(2040, 1, 1), None) == slice(335, 335)
    assert [clock.holds(dt.date(2028, *day)) for day in [(3, 20), (4, 3)]] == [True, False]


@given(DAYS, st.integers(1, 60), ZONES, st.sampled_from([0.25, 0.5, 1.0]))
def test_the_days_of_a_horizon_share_out_its_steps(start, days, zone, step):
    clock = Clock(start, start + dt.timedelta(days=days), step, zone)
    parts = [clock.steps_of(start + dt.timedelta(days=i)) for i in range(days)]
    assert parts[0].start == 0
    assert parts[-1].stop == len(clock)
    assert all(a.stop == b.start for a, b in pairwise(parts))
    assert [clock.date(part.start) for part in parts] == [
        start + dt.timedelta(days=i) for i in range(days)
    ]


@given(DAYS, st.integers(1, 800), ZONES)
def test_local_time_is_utc_and_the_offset_of_the_standard_library(start, days, zone):
    clock = Clock(start, start + dt.timedelta(days=days), 1.0, zone)
    at = np.linspace(0, len(clock) - 1, 25).astype(int)
    for step in at:
        moment = dt.datetime.fromtimestamp(int(clock.seconds[step]), clock.zone)
        assert clock.local[step] == np.datetime64(moment.replace(tzinfo=None))


@pytest.mark.parametrize("step", [0.0, -1.0, 5.0, 0.7, 48.0, float(np.nextafter(1.0, 2)) * 7])
def test_a_step_that_does_not_divide_a_day_is_refused(step):
    with pytest.raises(InputError, match="a step that divides a day"):
        kyiv((2028, 1, 1), (2029, 1, 1), step)


def test_long_steps_need_ends_on_the_same_side_of_a_clock_change():
    assert len(kyiv((2028, 1, 1), (2029, 1, 1), 24.0)) == 366
    with pytest.raises(InputError, match="the clocks change in between"):
        kyiv((2028, 1, 1), (2028, 7, 1), 24.0)


def test_clocks_that_change_by_half_an_hour_need_steps_of_half_an_hour():
    start, end = dt.date(2028, 1, 1), dt.date(2028, 7, 1)
    assert len(Clock(start, end, 0.5, "Australia/Lord_Howe")) == 2 * 24 * 182 + 1
    with pytest.raises(InputError, match=r"found    4368\.5 h"):
        Clock(start, end, 1.0, "Australia/Lord_Howe")


def test_an_end_that_is_not_after_the_start_is_refused():
    with pytest.raises(InputError, match="a day after the start"):
        kyiv((2028, 1, 1), (2028, 1, 1))


@given(DAYS, st.integers(1, 400))
def test_time_elapsed_is_counted_in_years_of_8766_hours(start, days):
    clock = Clock(start, start + dt.timedelta(days=days), 1.0, "UTC")
    assume(len(clock) > 1)
    assert clock.years_elapsed[1] == pytest.approx(1 / 8766)


def test_shared_arrays_cannot_be_written_to():
    clock = kyiv((2028, 3, 20), (2028, 4, 3))
    with pytest.raises(ValueError, match="read-only"):
        clock.utc[0] = clock.utc[1]


def test_a_clock_says_what_it_is():
    assert repr(kyiv((2028, 1, 1), (2029, 1, 1))) == (
        "2028-01-01 to 2028-12-31 · hourly · Europe/Kyiv (8,784 steps)"
    )
