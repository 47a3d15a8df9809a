"""Time: a row of equal steps in UTC, and the local calendar they fall in.

Nothing fixes the length of a year: any start, any end, any step that divides a day, leap
years, and local days of 23, 24 or 25 hours.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from baseload.case.errors import InputError
from baseload.case.zones import SECONDS_PER_DAY, Changes, Seconds, changes, local_midnight, zone

MOST_STEPS = 20_000_000
"""Steps of a horizon that still fit in memory: a century of quarters of an hour, and more."""


@dataclass(frozen=True)
class Clock:
    """The steps of a horizon, from local midnight to local midnight.

    Parameters
    ----------
    start : first local day.
    end : local day after the last.
    step : length of a step [h]; divides a day.
    time_zone : IANA name of the zone of the local calendar.
    where : what to call the clock in an error.

    Raises
    ------
    InputError
        If the step does not divide a day, the zone does not exist, or the horizon is not a
        whole number of steps (its ends lie on different sides of a clock change).

    Examples
    --------
    >>> clock = Clock(dt.date(2028, 1, 1), dt.date(2029, 1, 1), 1.0, "Europe/Kyiv")
    >>> len(clock), clock.steps_of(dt.date(2028, 10, 29))
    (8784, slice(7247, 7272, None))
    """

    start: dt.date
    end: dt.date
    step: float
    time_zone: str
    where: str = field(default="clock", compare=False)

    def __post_init__(self) -> None:
        seconds = round(self.step * 3600)
        if seconds < 1 or abs(seconds - self.step * 3600) > 1e-6 or SECONDS_PER_DAY % seconds:
            raise InputError(
                f"{self.where}, step",
                expected='a step that divides a day, such as "1 h", "15 min" or "24 h"',
                found=f"{self.step:g} h",
                mend='write step = "1 h"',
            )
        if self.end <= self.start:
            raise InputError(
                f"{self.where}, end",
                expected=f"a day after the start, {self.start}",
                found=str(self.end),
                mend="correct start or end",
            )
        if self.start.year < 1970 or self.end.year > 2200:
            raise InputError(
                f"{self.where}, start and end",
                expected="days from 1970 to 2200",
                found=f"{self.start} to {self.end}",
                mend="correct start or end",
            )
        if (self.end - self.start).days * SECONDS_PER_DAY // seconds > MOST_STEPS:
            raise InputError(
                f"{self.where}, step",
                expected=f"at most {MOST_STEPS:,} steps",
                found=f"steps of {self.step:g} h from {self.start} to {self.end}",
                mend="choose a longer step or a shorter horizon",
            )
        span = local_midnight(self.zone, self.end) - self.first
        if span % seconds:
            raise InputError(
                f"{self.where}, end",
                expected=f"a whole number of steps of {self.step:g} h",
                found=f"{span / 3600:g} h from {self.start} to {self.end}",
                mend="the clocks change in between: end in the same season, or use a shorter step",
            )

    def __len__(self) -> int:
        """Return the number of steps, T."""
        return (local_midnight(self.zone, self.end) - self.first) // self.step_seconds

    @cached_property
    def zone(self) -> ZoneInfo:
        """Zone of the local calendar."""
        return zone(self.time_zone, f"{self.where}, time_zone")

    @cached_property
    def step_seconds(self) -> int:
        """Length of a step [s]."""
        return round(self.step * 3600)

    @cached_property
    def first(self) -> int:
        """Instant at which the first step begins [s since 1970, UTC]."""
        return local_midnight(self.zone, self.start)

    @cached_property
    def seconds(self) -> Seconds:
        """Instants at which the steps begin [s since 1970, UTC], shape (T,)."""
        return _fixed(self.first + self.step_seconds * np.arange(len(self), dtype=np.int64))

    @cached_property
    def utc(self) -> NDArray[np.datetime64]:
        """Instants at which the steps begin, UTC, shape (T,)."""
        return _fixed(self.seconds.astype("datetime64[s]"))

    @cached_property
    def changes(self) -> Changes:
        """When the clocks change, from a day before the horizon to a day after it."""
        return changes(self.zone, self.first, self.first + len(self) * self.step_seconds)

    @cached_property
    def local(self) -> NDArray[np.datetime64]:
        """What the clock on the wall shows when a step begins, shape (T,)."""
        return _fixed((self.seconds + self.changes.offsets(self.seconds)).astype("datetime64[s]"))

    @cached_property
    def local_hour(self) -> NDArray[np.int64]:
        """Hour of the local day in which a step begins, 0 to 23, shape (T,)."""
        within = self.local - self.local.astype("datetime64[D]")
        return _fixed(within.astype(np.int64) // 3600)

    @cached_property
    def day(self) -> NDArray[np.int64]:
        """Local days since the start of the horizon, shape (T,)."""
        days = self.local.astype("datetime64[D]") - np.datetime64(self.start, "D")
        return _fixed(days.astype(np.int64))

    @cached_property
    def month(self) -> NDArray[np.int64]:
        """Local months since the month of the start, shape (T,)."""
        months = self.local.astype("datetime64[M]") - np.datetime64(self.start, "M")
        return _fixed(months.astype(np.int64))

    @cached_property
    def month_of_year(self) -> NDArray[np.int64]:
        """Local month, 1 to 12, shape (T,)."""
        return _fixed((self.month + self.start.month - 1) % 12 + 1)

    @cached_property
    def year(self) -> NDArray[np.int64]:
        """Local calendar year, shape (T,)."""
        return _fixed(self.local.astype("datetime64[Y]").astype(np.int64) + 1970)

    @cached_property
    def years_elapsed(self) -> NDArray[np.float64]:
        """Time since the start [year of 8,766 h], shape (T,)."""
        return _fixed(np.arange(len(self)) * (self.step / 8766.0))

    @cached_property
    def month_starts(self) -> NDArray[np.int64]:
        """Positions of the first step of each local month, ending with T."""
        return _bounds(self.month)

    @cached_property
    def year_starts(self) -> NDArray[np.int64]:
        """Positions of the first step of each local year, ending with T."""
        return _bounds(self.year)

    def position(self, day: dt.date) -> int:
        """Return the first step that begins on a local day or later, from 0 to T."""
        after = local_midnight(self.zone, day) - self.first
        return min(max(-(-after // self.step_seconds), 0), len(self))

    def steps_of(self, day: dt.date) -> slice:
        """Return the steps that begin on a local day."""
        return self.between(day, day + dt.timedelta(days=1))

    def between(self, since: dt.date | None, until: dt.date | None) -> slice:
        """Return the steps from one local day until another; none is an open end."""
        first = 0 if since is None else self.position(since)
        last = len(self) if until is None else self.position(until)
        return slice(first, max(first, last))

    def holds(self, day: dt.date) -> bool:
        """Tell whether a local day lies in the horizon."""
        return self.start <= day < self.end

    def date(self, position: int) -> dt.date:
        """Return the local day on which a step begins."""
        day: Any = self.local[position].astype("datetime64[D]").item()
        return dt.date(day.year, day.month, day.day)

    def __repr__(self) -> str:
        """Return what the clock is, as a person would say it."""
        names = {1.0: "hourly", 24.0: "daily", 0.25: "every 15 min", 0.5: "every 30 min"}
        pace = names.get(self.step, f"every {self.step:g} h")
        last = self.end - dt.timedelta(days=1)
        return f"{self.start} to {last} · {pace} · {self.time_zone} ({len(self):,} steps)"


@lru_cache(maxsize=32)
def clock(start: dt.date, end: dt.date, step: float, time_zone: str, where: str) -> Clock:
    """Return the clock of a horizon; equal horizons share one, with all it has computed."""
    return Clock(start, end, step, time_zone, where)


def _fixed(array: NDArray[Any]) -> NDArray[Any]:
    """Forbid writing to an array that is shared."""
    array.flags.writeable = False
    return array


def _bounds(labels: NDArray[np.int64]) -> NDArray[np.int64]:
    firsts = np.flatnonzero(np.diff(labels, prepend=labels[0] - 1))
    return _fixed(np.append(firsts, len(labels)))
