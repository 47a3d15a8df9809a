"""Which units can give what, step by step, in one future: compiled.

As `baseload.plan.plant`, with outages that happen instead of their expected share. A unit slows
down before a planned outage and comes back at its ramp; a trip takes it off at once.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from baseload.compiled import compiled

Floats = NDArray[np.float64]
Singles = NDArray[np.float32]
Integers = NDArray[np.int64]
Bytes = NDArray[np.uint8]


MOST_OUTAGES = 64
"""Refuelling outages of a unit that a horizon may have."""


class Calendar(NamedTuple):
    """When units could run; arrays by unit have shape (U,), times in hours from the start.

    Attributes
    ----------
    order : units in the order in which they may run.
    back : return of a stopped unit; minus infinity for one that runs, infinity if it never does.
    licence_end : infinite without an end.
    first, every, length : refuelling; ``every`` is NaN without any. ``first`` is NaN where the
        calendar counts from the unit's return.
    slip, factor : of the k-th outage, shape (U, outages) [h, -].
    expected : share of time that is left after expected outages [-]; 1 where they are drawn.
    ramp : greatest change of the share in a step [-]; infinite without limit.
    """

    order: Integers
    back: Floats
    licence_end: Floats
    first: Floats
    every: Floats
    length: Floats
    slip: Floats
    factor: Floats
    expected: Floats
    ramp: Floats


def first_outage(calendar: Calendar, unit: int) -> float:
    """Start of the first refuelling outage that counts, before its slip [h]."""
    first, every, length = calendar.first[unit], calendar.every[unit], calendar.length[unit]
    if np.isnan(first):
        back = calendar.back[unit]
        begin = 0.0 if back == -np.inf else back
        return float(begin + every - length)
    # Whole periods before and after: the one that may reach into the horizon comes first.
    return float(first - np.ceil((first + length) / every) * every)


def outage_bounds(calendar: Calendar, unit: int, steps: int, step: float) -> Integers:
    """First step and step after the last of every refuelling outage, shape (outages, 2)."""
    every, length = calendar.every[unit], calendar.length[unit]
    found: list[tuple[int, int]] = []
    if np.isnan(every) or calendar.back[unit] == np.inf:
        return np.empty((0, 2), np.int64)
    start, k = first_outage(calendar, unit), 0
    while len(found) < MOST_OUTAGES:
        number = min(k, calendar.slip.shape[1] - 1)
        begin = start + k * every + calendar.slip[unit, number]
        end = begin + length * calendar.factor[unit, number]
        if np.ceil(begin / step) >= steps:
            break
        if end > 0.0:
            last = min(steps, max(0, int(np.ceil(end / step))))
            found.append((max(0, int(np.ceil(begin / step))), last))
        k += 1
    return np.array(found, np.int64).reshape(-1, 2)


def fill_running(
    calendar: Calendar, cap: Integers, cap_steps: Integers, steps: int, step: float, out: Bytes
) -> None:
    """Write which units run, outages by chance apart, shape (U, T).

    Parameters
    ----------
    cap : greatest number of running units from each of `cap_steps` on; these begin with 0.
    """
    back = np.maximum(calendar.back, 0.0)
    since = np.minimum(np.ceil(np.minimum(back, steps * step) / step), steps).astype(np.int64)
    ends = np.minimum(calendar.licence_end, steps * step)
    until = np.maximum(np.ceil(ends / step), 0.0).astype(np.int64)
    outages = [outage_bounds(calendar, unit, steps, step) for unit in range(len(back))]
    marks = np.unique(np.concatenate([cap_steps, since, until, *map(np.ravel, outages), [steps]]))
    marks = marks[marks <= steps]
    begins = marks[:-1]
    able = (since[:, np.newaxis] <= begins) & (begins < until[:, np.newaxis])
    for unit, bounds in enumerate(outages):
        for first, last in bounds:
            able[unit] &= ~((first <= begins) & (begins < last))
    most = cap[np.searchsorted(cap_steps, begins, side="right") - 1]
    ahead = np.zeros(len(begins), np.int64)
    for unit in calendar.order:
        runs = able[unit] & (ahead < most)
        ahead += able[unit]
        out[unit] = np.repeat(runs, np.diff(marks))


@compiled(inner=True, error_model="numpy")
def follow(share: Floats, per_step: float) -> None:
    """Lower a share near its steps so that output can follow; see `availability.follow_ramp`."""
    for t in range(1, share.shape[0]):
        if share[t] > share[t - 1] + per_step:
            share[t] = share[t - 1] + per_step
    for t in range(share.shape[0] - 2, -1, -1):
        if share[t] > share[t + 1] + per_step:
            share[t] = share[t + 1] + per_step


@compiled(inner=True, error_model="numpy")
def edges(running: Bytes, level: float, per_step: float, share: Floats) -> None:
    """Write level times running with its edges on the ramp, where level is constant."""
    steps = share.shape[0]
    for t in range(steps):
        share[t] = level * running[t]
    if per_step >= level:
        return
    for t in range(1, steps):
        if running[t] == running[t - 1]:
            continue
        for d in range(1, steps):
            bound = d * per_step
            if bound >= level:
                break
            at = t + d - 1 if running[t] else t - d
            if at < 0 or at >= steps:
                break
            share[at] = min(share[at], bound)


@compiled(inner=True, error_model="numpy")
def take_down(share: Floats, up: Singles, per_step: float) -> None:
    """Take a unit off where it is not up; it comes back at its ramp."""
    before, limited = np.float32(1.0), False
    for t in range(share.shape[0]):
        now = up[t]
        if now < before:
            limited = False
        elif now > before:
            limited = True
        before = now
        if now < np.float32(1.0):
            share[t] *= now
        if limited and t > 0:
            bound = share[t - 1] + per_step
            if share[t] > bound:
                share[t] = bound
            else:
                limited = False


def fill_shares(
    calendar: Calendar,
    running: Bytes,
    available: Floats,
    varying: Integers,
    series: Floats,
    drawn: bool,
    up: Singles,
    share: Floats,
    changed: Bytes,
) -> None:
    """Write the share of each unit's gross output that is available, shape (U, T) [-].

    Parameters
    ----------
    available : further factor on availability, shape (U,) [-].
    varying : row of `series` in its place, -1 for none, shape (U,).
    drawn : whether `up` holds outages by chance, shape (U, T).
    share : zeros; out.
    changed : 1 where any share is not what it was a step before, shape (T,); out.
    """
    changed[:] = 0
    changed[0] = 1
    for unit in np.flatnonzero(running.any(axis=1)):
        row = series[varying[unit]] if varying[unit] >= 0 else np.empty(0)
        share_of_unit(
            running[unit], calendar.expected[unit], available[unit], calendar.ramp[unit], row,
            drawn, up[unit], share[unit], changed,
        )  # fmt: skip


@compiled(error_model="numpy")
def share_of_unit(
    running: Bytes, expected: float, available: float, ramp: float, varying: Floats, drawn: bool,
    up: Singles, share: Floats, changed: Bytes,
) -> None:  # fmt: skip
    """Write the share of a unit that runs at some time, shape (T,) [-].

    Parameters
    ----------
    expected, ramp : see `Calendar`.
    varying : by step in place of `available`; empty for none. The others are as in `fill_shares`.
    """
    if varying.shape[0] == 0:
        edges(running, expected * available, ramp, share)
    else:
        for t in range(share.shape[0]):
            share[t] = expected * varying[t] * running[t]
        follow(share, ramp)
    if drawn:
        take_down(share, up, ramp)
    for t in range(1, share.shape[0]):
        if share[t] != share[t - 1]:
            changed[t] = 1
