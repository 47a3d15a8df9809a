"""Time zones: when clocks change, and local time to UTC and back on whole arrays."""

from __future__ import annotations

import datetime as dt
import difflib
from dataclasses import dataclass
from functools import lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

import numpy as np
from numpy.typing import NDArray

from baseload.case.errors import InputError

SECONDS_PER_DAY = 86_400
_EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)

Seconds = NDArray[np.int64]
"""Instants or local times, in seconds since 1970-01-01T00:00."""


@dataclass(frozen=True, slots=True)
class Changes:
    """Offsets from UTC over a span of time.

    Parameters
    ----------
    at : instants of change [s since 1970, UTC], ascending, shape (N,).
    offset : offset before the first change and after each [s], shape (N + 1,).
    """

    at: Seconds
    offset: Seconds

    def offsets(self, utc: Seconds) -> Seconds:
        """Return the offset from UTC at each instant [s]."""
        return self.offset[np.searchsorted(self.at, utc, side="right")]

    def shift(self, earlier: int, later: int) -> int:
        """Return by how much the offset at `earlier` exceeds that at `later` [s]."""
        first, second = self.offsets(np.array([earlier, later]))
        return int(first - second)


def zone(name: str, where: str) -> ZoneInfo:
    """Return a zone by its IANA name.

    Raises
    ------
    InputError
        If there is no such zone; the error names the nearest one.
    """
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        close = difflib.get_close_matches(name, available_timezones(), 1, 0.5)
        raise InputError(
            where,
            expected="an IANA time zone",
            found=f'"{name}"',
            mend=f'did you mean "{close[0]}"?' if close else 'write a name such as "Europe/Kyiv"',
        ) from None


@lru_cache(maxsize=64)
def changes(zone: ZoneInfo, first: int, last: int) -> Changes:
    """Find when the clocks of a zone change between two instants [s since 1970, UTC].

    The standard library does not tell; days whose offset differs from the next day's are
    bisected to the second.
    """
    days = range(first - SECONDS_PER_DAY, last + 2 * SECONDS_PER_DAY, SECONDS_PER_DAY)
    offsets = [_offset(zone, day) for day in days]
    at = [
        _bisected(zone, day, day + SECONDS_PER_DAY)
        for day, here, there in zip(days, offsets, offsets[1:], strict=False)
        if here != there
    ]
    after = [_offset(zone, instant) for instant in at]
    return Changes(np.array(at, np.int64), np.array([offsets[0], *after], np.int64))


def local_midnight(zone: ZoneInfo, day: dt.date) -> int:
    """Return the instant at which a local day begins [s since 1970, UTC]."""
    midnight = dt.datetime(day.year, day.month, day.day, tzinfo=zone)
    return int((midnight - _EPOCH).total_seconds())


def _offset(zone: ZoneInfo, instant: int) -> int:
    moment = _EPOCH + dt.timedelta(seconds=instant)
    offset = moment.astimezone(zone).utcoffset()
    return int(offset.total_seconds()) if offset is not None else 0


def _bisected(zone: ZoneInfo, low: int, high: int) -> int:
    """Return the first instant with the offset that holds at `high`."""
    target = _offset(zone, high)
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if _offset(zone, middle) == target else (middle, high)
    return high
