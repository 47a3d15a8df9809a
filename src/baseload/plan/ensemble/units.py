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


@compiled(inner=True, error_model="numpy")
def first_outage(calendar: Calendar, unit: int) -> float:
    """Start of the first refuelling outage that counts, before its slip [h]."""
    first, every, length = calendar.first[unit], calendar.every[unit], calendar.length[unit]
    if np.isnan(first):
        back = calendar.back[unit]
        begin = 0.0 if back == -np.inf else back
        return float(begin + every - length)
    # Whole periods before and after: the one that may reach into the horizon comes first.
    return float(first - np.ceil((first + length) / every) * every)


@compiled(inner=True, error_model="numpy")
def outage_bounds(calendar: Calendar, unit: int, steps: int, step: float, bounds: Integers) -> int:
    """Write first step and step after the last of every refuelling outage; return their number."""
    if np.isnan(calendar.every[unit]) or calendar.back[unit] == np.inf:
        return 0
    start, count, k = first_outage(calendar, unit), 0, 0
    while count < bounds.shape[0]:
        number = min(k, calendar.slip.shape[1] - 1)
        begin = start + k * calendar.every[unit] + calendar.slip[unit, number]
        end = begin + calendar.length[unit] * calendar.factor[unit, number]
        if np.ceil(begin / step) >= steps:
            break
        if end > 0.0:
            bounds[count, 0] = max(0, int(np.ceil(begin / step)))
            bounds[count, 1] = min(steps, max(0, int(np.ceil(end / step))))
            count += 1
        k += 1
    return count


@compiled(error_model="numpy")
def fill_running(
    calendar: Calendar, cap: Integers, cap_steps: Integers, steps: int, step: float, out: Bytes
) -> None:
    """Write which units run, outages by chance apart, shape (U, T).

    Parameters
    ----------
    cap : greatest number of running units from each of `cap_steps` on; these begin with 0.
    """
    units = calendar.order.shape[0]
    bounds = np.empty((units, 64, 2), np.int64)
    counts = np.zeros(units, np.int64)
    marks = np.zeros(units * 130 + cap_steps.shape[0] + 2, np.int64)
    n = 0
    for c in range(cap_steps.shape[0]):
        marks[n] = cap_steps[c]
        n += 1
    from_step, until_step = np.zeros(units, np.int64), np.full(units, steps)
    for u in range(units):
        counts[u] = outage_bounds(calendar, u, steps, step, bounds[u])
        for k in range(counts[u]):
            marks[n], marks[n + 1] = bounds[u, k, 0], bounds[u, k, 1]
            n += 2
        back, end = calendar.back[u], calendar.licence_end[u]
        from_step[u] = steps if back == np.inf else max(0, int(np.ceil(max(back, 0.0) / step)))
        if end < steps * step:
            until_step[u] = max(0, int(np.ceil(end / step)))
        marks[n], marks[n + 1] = min(from_step[u], steps), until_step[u]
        n += 2
    marks[n] = steps
    marks = np.sort(marks[: n + 1])
    able = np.empty(units, np.bool_)
    place = 0
    for i in range(marks.shape[0] - 1):
        begin, stop = marks[i], marks[i + 1]
        while place + 1 < cap_steps.shape[0] and cap_steps[place + 1] <= begin:
            place += 1
        for u in range(units):
            able[u] = from_step[u] <= begin < until_step[u]
            for k in range(counts[u]):
                if bounds[u, k, 0] <= begin < bounds[u, k, 1]:
                    able[u] = False
        left = cap[place]
        for position in range(units):
            u = calendar.order[position]
            runs = able[u] and left > 0
            left -= 1 if able[u] else 0
            out[u, begin:stop] = 1 if runs else 0


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


@compiled(error_model="numpy")
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
    changed : 1 where any share is not what it was a step before, shape (T,); out.
    """
    steps = share.shape[1]
    changed[:] = 0
    changed[0] = 1
    for u in range(share.shape[0]):
        if not running[u].any():
            share[u] = 0.0
            continue
        level = calendar.expected[u]
        if varying[u] < 0:
            edges(running[u], level * available[u], calendar.ramp[u], share[u])
        else:
            row = series[varying[u]]
            for t in range(steps):
                share[u, t] = level * row[t] * running[u, t]
            follow(share[u], calendar.ramp[u])
        if drawn:
            take_down(share[u], up[u], calendar.ramp[u])
        for t in range(1, steps):
            if share[u, t] != share[u, t - 1]:
                changed[t] = 1
