"""Outages of units and lines: up or down in continuous time, counted as share of each step up.

A line or unit that is out half of an hour has a share of 0.5 in it. Shares of independent causes
multiply. Each process begins as it is in the long run, so that its share of time is exact in
every step, not only after many years. Times are in hours, rates per year of 8,766 h.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from baseload.case.errors import InputError
from baseload.compiled import compiled
from baseload.plan.futures.random import exponential, normal, uniform

Floats = NDArray[np.float64]
Shares = NDArray[np.float32] | NDArray[np.float64]

HOURS_PER_YEAR = 8766.0


class TwoState(NamedTuple):
    """A unit or line that fails and is repaired, as counted."""

    unavailability: float
    """Share of time out [-]."""
    mean_repair: float
    """Mean length of an outage [h]."""
    outages: int
    """Number counted."""


def share_of_time(rate: float, mean_length: float) -> float:
    """Return the share of time taken by spells that begin at a rate.

    Parameters
    ----------
    rate : spells in a year of the calendar [1/year].
    mean_length : mean length of a spell [h].

    Raises
    ------
    InputError
        The spells would fill the year.

    Examples
    --------
    >>> round(share_of_time(3.6, 24.0), 5)
    0.00986
    """
    share = rate * mean_length / HOURS_PER_YEAR
    if not 0.0 <= share < 1.0:
        raise InputError(
            "rate and length of spells",
            expected="spells that leave some time between them",
            found=f"{rate:g} a year of {mean_length:g} h each, {share:.0%} of the time",
            mend="lower the rate or the length",
        )
    return share


def two_state_of(windows: Iterable[tuple[float, float]], period: float) -> TwoState:
    """Fit a two-state process to outages that were counted over a period.

    Parameters
    ----------
    windows : start and end of each outage, counted from the start of the period [h]; in order.
    period : length of the period [h].

    Returns
    -------
    Share of time out, and mean length of an outage: time out over the repairs seen, which is the
    likeliest of a constant repair rate. An outage that lasts to the end of the period adds its
    time but no repair.

    Raises
    ------
    InputError
        No outage, or windows that overlap or leave the period.

    Examples
    --------
    The 330 kV line of Zaporizhzhia over the 303 days from 7 May 2025 (Z26): out from the first
    day until 29 October, 3 to 19 January, and 10 February until 5 March, the day before the last.

    >>> line = two_state_of([(0, 4200), (241 * 24, 257 * 24), (279 * 24, 302 * 24)], 303 * 24)
    >>> round(1 - line.unavailability, 2), round(line.mean_repair / 24)
    (0.29, 71)
    """
    spans = list(windows)
    ends = [time for span in spans for time in span]
    if not spans or ends != sorted(ends) or ends[0] < 0 or ends[-1] > period:
        raise InputError(
            "windows of outages",
            expected=f"at least one, in order, inside 0 to {period:g} h",
            found=f"{spans}",
            mend="sort and merge the windows, and count from the start of the period",
        )
    out = sum(end - start for start, end in spans)
    repaired = sum(end < period for _, end in spans)
    return TwoState(out / period, out / max(repaired, 1), len(spans))


@compiled()
def fill_two_state(
    seed: int,
    scenario: int,
    driver: int,
    step: float,
    unavailability: float,
    mean_repair: float,
    out: Shares,
) -> None:
    """Write the share of each step in which something that fails and is repaired is up.

    Parameters
    ----------
    seed, scenario, driver : key of the random numbers.
    step : length of a step [h].
    unavailability : share of time down in the long run, 0 to 1 [-].
    mean_repair : mean length of an outage [h]; stays up and down are exponential.
    out : written, shape (T,) of float32 or float64 [-].

    Notes
    -----
    The mean time up follows: ``mean_repair * (1 - unavailability) / unavailability``. Value 0 of
    the driver decides the first state, the others are the lengths of stays in turn.
    """
    out[:] = 1.0
    if unavailability <= 0.0:
        return
    if unavailability >= 1.0:
        out[:] = 0.0
        return
    mean_up = mean_repair * (1.0 - unavailability) / unavailability
    up = uniform(seed, scenario, driver, 0) >= unavailability
    time, horizon, stay = 0.0, step * len(out), 1
    while time < horizon:
        length = exponential(seed, scenario, driver, stay) * (mean_up if up else mean_repair)
        if not up:
            take_out(step, time, time + length, out)
        time += length
        up = not up
        stay += 1


@compiled()
def fill_spells(
    seed: int, scenario: int, driver: int, step: float, rate: float, mean_length: float, out: Shares
) -> None:
    """Write the share of each step without spells of a common cause: blackouts, low water.

    Parameters
    ----------
    rate : spells in a year of the calendar [1/year]; see `share_of_time` for what is possible.
    mean_length : mean length of a spell [h], exponential.
    seed, scenario, driver, step, out : as in `fill_two_state`.
    """
    share = rate * mean_length / HOURS_PER_YEAR
    fill_two_state(seed, scenario, driver, step, share, mean_length, out)


@compiled()
def fill_trips(
    seed: int, scenario: int, driver: int, step: float, rate: float, delay: float, out: Shares
) -> None:
    """Write the share of each step up of a unit that trips and comes back after a fixed delay.

    Parameters
    ----------
    rate : trips in a year of the calendar [1/year]; see `share_of_time` for what is possible.
    delay : from a trip to the return [h].
    seed, scenario, driver, step, out : as in `fill_two_state`.

    Notes
    -----
    No trip while out: the time from a return to the next trip is exponential, of mean
    ``8766 / rate - delay``, so that the unit is out for ``rate * delay`` hours a year. A trip
    before the start has a part of its delay left that is uniform.
    """
    out[:] = 1.0
    share = rate * delay / HOURS_PER_YEAR
    if rate <= 0.0:
        return
    if share >= 1.0:
        out[:] = 0.0
        return
    mean_up = HOURS_PER_YEAR / rate - delay
    first = uniform(seed, scenario, driver, 0)
    time, horizon, stay = 0.0, step * len(out), 1
    if first < share:
        time = delay * first / share
        take_out(step, 0.0, time, out)
    while time < horizon:
        time += exponential(seed, scenario, driver, stay) * mean_up
        take_out(step, time, time + delay, out)
        time += delay
        stay += 1


@compiled()
def fill_refuelling(
    seed: int,
    scenario: int,
    driver: int,
    step: float,
    starts: Floats,
    lengths: Floats,
    slip: float,
    deviation: float,
    out: Shares,
) -> None:
    """Write the share of each step up of a unit whose planned outages slip and overrun.

    Parameters
    ----------
    starts, lengths : planned outages, counted from the first step, in order, shape (K,) [h].
    slip : standard deviation of a start [h], normal.
    deviation : standard deviation of the log of a length [-]; the mean length is the planned.
    seed, scenario, driver, step, out : as in `fill_two_state`.

    Notes
    -----
    An outage does not begin before the one before it has ended.
    """
    out[:] = 1.0
    free = -math.inf
    for k in range(len(starts)):
        begin = max(starts[k] + slip * normal(seed, scenario, driver, 2 * k), free)
        shock = normal(seed, scenario, driver, 2 * k + 1)
        free = begin + lengths[k] * math.exp(deviation * (shock - 0.5 * deviation))
        take_out(step, begin, free, out)


@compiled()
def take_out(step: float, start: float, end: float, out: Shares) -> None:
    """Lower the share up of each step by its part between two times.

    Parameters
    ----------
    step : length of a step [h].
    start, end : counted from the first step [h]; may lie outside the horizon.
    out : lowered, shape (T,) [-].
    """
    horizon = step * len(out)
    begin, stop = max(start, 0.0), min(end, horizon)
    if begin >= stop:
        return
    first = int(begin / step)
    last = min(int(stop / step), len(out) - 1)
    for t in range(first, last + 1):
        part = (min(stop, (t + 1) * step) - max(begin, t * step)) / step
        out[t] = max(out[t] - max(part, 0.0), 0.0)
