from __future__ import annotations

import datetime as dt

import numpy as np
from numpy.testing import assert_array_equal

from baseload.case.clock import Clock
from baseload.plan.cash.ledger import Ledger
from baseload.plan.ensemble.calendar import calendar_of, months_from, months_of

KYIV = Clock(dt.date(2028, 11, 5), dt.date(2031, 2, 3), 1.0, "Europe/Kyiv")


def test_every_step_lies_in_its_local_month_and_its_day_and_hour_of_utc() -> None:
    calendar = calendar_of(KYIV)
    # The fifth of November begins in Kyiv at 22:00 UTC of the fourth.
    assert_array_equal(calendar.hour_of[:4], [22, 23, 0, 1])
    assert_array_equal(calendar.day_of[:4], [0, 0, 1, 1])
    # The first of December begins at 22:00 UTC of the 26th day since the fourth of November.
    first = int(np.flatnonzero(calendar.month_of == 1)[0])
    assert (calendar.day_of[first], calendar.hour_of[first]) == (26, 22)
    assert_array_equal(24 * calendar.day_of + calendar.hour_of, 22 + np.arange(len(KYIV)))


def test_hours_and_days_hold_for_any_length_of_a_step() -> None:
    quarters = calendar_of(Clock(dt.date(2028, 1, 1), dt.date(2028, 1, 3), 0.25, "UTC"))
    assert_array_equal(quarters.hour_of, np.tile(np.repeat(np.arange(24), 4), 2))
    assert_array_equal(quarters.day_of, np.repeat([0, 1], 96))


def test_months_lie_in_the_calendar_years_of_the_ledger() -> None:
    months = months_of(KYIV)
    ledger = Ledger("2028-11", 28)
    assert_array_equal(months.year_of_month, ledger.calendar_years - 2028)
    assert_array_equal(months.first_of_year, [0, 2, 14, 26, 28])


def test_a_horizon_within_one_year_has_one_year() -> None:
    months = months_from(np.datetime64("2028-03"), 5)
    assert_array_equal(months.year_of_month, 0)
    assert_array_equal(months.first_of_year, [0, 5])
