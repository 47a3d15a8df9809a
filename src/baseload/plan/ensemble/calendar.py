"""The calendar of a horizon as arrays, for kernels that add up hours by month, day and year."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from baseload.case.clock import Clock

Integers = NDArray[np.int64]

_SECONDS_PER_HOUR, _SECONDS_PER_DAY = 3_600, 86_400


class Months(NamedTuple):
    """The local months of a horizon and the calendar years, which are tax years, they lie in.

    Attributes
    ----------
    year_of_month : years since that of the first month, shape (M,).
    first_of_year : first month of each year, ending with M, shape (Y + 1,).
    """

    year_of_month: Integers
    first_of_year: Integers


class Calendar(NamedTuple):
    """Where each step lies; months are local as in the ledger, days and hours those of UTC.

    Attributes
    ----------
    month_of : local months since that of the first step, shape (T,).
    day_of : UTC days since that of the first step, shape (T,).
    hour_of : UTC hour of the day in which the step begins, 0 to 23, shape (T,).
    months : the months themselves.
    """

    month_of: Integers
    day_of: Integers
    hour_of: Integers
    months: Months


def calendar_of(clock: Clock) -> Calendar:
    """Lay out the calendar of a clock."""
    day = clock.seconds // _SECONDS_PER_DAY
    hour = clock.seconds // _SECONDS_PER_HOUR % 24
    return Calendar(clock.month, day - day[0], hour, months_of(clock))


def months_of(clock: Clock) -> Months:
    """Lay out the months of a clock."""
    count = len(clock.month_starts) - 1
    return months_from(np.datetime64(clock.start, "M"), count)


def months_from(start: np.datetime64, count: int) -> Months:
    """Lay out so many months from a first one on."""
    span = start.astype("datetime64[M]") + np.arange(count)
    years = span.astype("datetime64[Y]").astype(np.int64)
    elapsed = years - years[0]
    return Months(elapsed, np.searchsorted(elapsed, np.arange(elapsed[-1] + 2)))
