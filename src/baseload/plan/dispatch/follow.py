"""The plant-ramp optimum of a year, working only where ramps bind.

In most steps the plant's output may be what that step alone wants, and ramps let it get there
from the step before. Going backward, each step keeps the outputs that are best for itself and
lead on to what the next step keeps. Where none is left, ramps bind: there the concave value
functions of `ramp` are built over a window that ends far enough behind to count on nothing
beyond it.

Leaving out the ramp at a window's end only loosens the problem. So a path that keeps all ramps,
takes the best in every step outside windows and the top of the value function at every window's
beginning is optimal for all of it; whether it does is checked on the way forward.
"""

from __future__ import annotations

import numpy as np

from baseload.compiled import compiled
from baseload.plan.dispatch.problem import Array, Integers
from baseload.plan.dispatch.ramp import SLACK_MW, Range, add_step

LONGEST = 96
"""Steps a window reaches behind the ramp that binds, at the most, before all steps are one."""

NO_WINDOW = -1


def margin_of(span: Range) -> int:
    """Steps that output needs from any point to any other: what lies further on cannot matter."""
    low, high = span.low.sum(axis=0), span.high.sum(axis=0)
    slowest = np.minimum(span.rise.sum(axis=0), span.fall.sum(axis=0)).min(initial=np.inf)
    widest = float((high - low).max())
    steps = len(low)
    if not slowest > 0.0:
        return min(steps, LONGEST)
    return int(min(steps, LONGEST, np.ceil(widest / slowest) + 2))


@compiled()
def own_tops(
    steps: Integers,
    length: Array,
    slope: Array,
    count: Integers,
    low: Array,
    top_low: Array,
    top_high: Array,
) -> None:
    """Write the least and most output that earns most in each of `steps` alone, (T,) [MW]."""
    for r in range(steps.shape[0]):
        t = steps[r]
        top, i = low[t], 0
        while i < count[r] and slope[r, i] > 0.0:
            top += length[r, i]
            i += 1
        top_low[t] = top
        if i < count[r] and slope[r, i] == 0.0:
            top += length[r, i]
        top_high[t] = top


@compiled()
def keep_reachable(
    row: Integers,
    length: Array,
    slope: Array,
    count: Integers,
    low: Array,
    high: Array,
    rise: Array,
    fall: Array,
    margin: int,
    top_low: Array,
    top_high: Array,
    window: Integers,
    start: Array,
    pieces: Integers,
    ahead_length: Array,
    ahead_slope: Array,
) -> bool:
    """Go backward and keep the outputs that are best and lead on, building windows.

    Parameters
    ----------
    row : which row of the earnings is each step's, negative where it has none, shape (T,).
    length, slope, count : earnings by row, see `baseload.plan.dispatch.ramp.Curves`.
    low, high : range of total output, shape (T,) [MW].
    rise, fall : most it can change into the next step, shape (T - 1,) [MW].
    margin : steps a window reaches behind the ramp that binds.
    top_low, top_high : outputs to keep, shape (T,); in as `own_tops` writes them, out [MW].
    window : last step of the window that a step lies in, `NO_WINDOW` outside, shape (T,); out.
    start, pieces, ahead_length, ahead_slope : within windows, what can be earned after each
        step over its output: first output, number of segments, segments; shapes (T,), (T,),
        (T, R), (T, R); out.

    Returns
    -------
    False where a step cannot be reached, a window meets a step without earnings, or a function
    has more segments than there is room.
    """
    steps, room = low.shape[0], ahead_length.shape[1]
    own_length, own_slope = np.empty(room), np.empty(room)
    new_length, new_slope = np.empty(room), np.empty(room)
    begin, n = 0.0, 0
    first, last, held = steps, steps, steps
    window[:] = NO_WINDOW
    t = steps - 2
    while t >= 0:
        least, most = top_low[t + 1] - rise[t], top_high[t + 1] + fall[t]
        if top_low[t] <= most and top_high[t] >= least:
            top_low[t] = max(top_low[t], least)
            top_high[t] = min(top_high[t], most)
            t -= 1
            continue
        if held != t + 1:
            end = min(steps - 1, t + 1 + margin)
            if first <= end:
                end = max(end, last)
            last, held = end, end + 1
        # From here back to t the value functions are built, later steps first.
        for s in range(held - 1, t - 1, -1):
            if s == last:
                begin, n = low[s], 1
                own_length[0], own_slope[0] = high[s] - low[s], 0.0
            else:
                begin, n = shift(
                    begin, n, new_length, new_slope, top_low[s + 1], top_high[s + 1], rise[s],
                    fall[s], own_length, own_slope,
                )  # fmt: skip
            r = row[s]
            if r < 0 or n + count[r] + 2 > room:
                return False
            start[s], pieces[s] = begin, n
            for p in range(n):
                ahead_length[s, p], ahead_slope[s, p] = own_length[p], own_slope[p]
            origin = max(begin, low[s])
            n = add_step(
                r, origin - begin, origin - low[s], own_length, own_slope, n, length, slope,
                count[r], new_length, new_slope,
            )  # fmt: skip
            if n < 0:
                return False
            begin = origin
            top, i = origin, 0
            while i < n and new_slope[i] > 0.0:
                top += new_length[i]
                i += 1
            top_low[s] = top
            if i < n and new_slope[i] == 0.0:
                top += new_length[i]
            top_high[s] = top
            window[s] = last
        first, held = t, t
        t -= 1
    return True


@compiled()
def shift(
    begin: float,
    n: int,
    length: Array,
    slope: Array,
    top_low: float,
    top_high: float,
    rise: float,
    fall: float,
    own_length: Array,
    own_slope: Array,
) -> tuple[float, int]:
    """Turn a value function into one of the output before: rising part down, falling part up.

    Returns
    -------
    First output of the function written to ``own_length`` and ``own_slope``, and its segments.
    """
    i, m = 0, 0
    while i < n and slope[i] > 0.0:
        own_length[m], own_slope[m] = length[i], slope[i]
        i += 1
        m += 1
    own_length[m], own_slope[m] = top_high - top_low + rise + fall, 0.0
    m += 1
    if i < n and slope[i] == 0.0:
        i += 1
    while i < n:
        own_length[m], own_slope[m] = length[i], slope[i]
        i += 1
        m += 1
    return begin - rise, m


@compiled()
def walk(
    top_low: Array, top_high: Array, window: Integers, rise: Array, fall: Array, total: Array
) -> bool:
    """Walk from step to step to the nearest output kept; return whether the path is optimal.

    Inside a window the value functions say that the nearest reachable output is best. At its
    beginning, and outside windows, only what was kept will do.
    """
    total[0] = top_low[0]
    good = True
    for t in range(1, total.shape[0]):
        before = total[t - 1]
        wish = min(max(before, top_low[t]), top_high[t])
        total[t] = min(max(wish, before - fall[t - 1]), before + rise[t - 1])
        inside = window[t] != NO_WINDOW and window[t] == window[t - 1]
        if not inside and abs(total[t] - wish) > SLACK_MW:
            good = False
    return good


@compiled()
def earned(
    row: Integers,
    own: Array,
    total: Array,
    low: Array,
    base: Array,
    length: Array,
    slope: Array,
    count: Integers,
) -> float:
    """Sum what the plant earns on a path of total output [USD/h].

    Parameters
    ----------
    row, length, slope, count : see `keep_reachable`.
    own : what a step without a row earns, shape (T,) [USD/h].
    total, low : output and its least, shape (T,) [MW].
    base : what the least output earns, by row [USD/h].
    """
    money = 0.0
    for t in range(total.shape[0]):
        r = row[t]
        if r < 0:
            money += own[t]
            continue
        left, i = total[t] - low[t], 0
        money += base[r]
        while left > 0.0 and i < count[r]:
            part = min(left, length[r, i])
            money += part * slope[r, i]
            left -= part
            i += 1
    return money


@compiled()
def sides(place: float, length: Array, slope: Array, n: int) -> tuple[float, float]:
    """Slope of a concave function to the left and to the right of a place.

    Beyond the ends the slopes are infinite: they stand for the bounds themselves.
    """
    at, left = 0.0, np.inf
    for i in range(n):
        if length[i] <= 0.0:
            continue
        if place < at + SLACK_MW:
            return left, slope[i]
        at += length[i]
        left = slope[i]
        if place < at - SLACK_MW:
            return left, slope[i]
    return left, -np.inf


@compiled()
def margins(
    total: Array,
    low: Array,
    length: Array,
    slope: Array,
    count: Integers,
    window: Integers,
    start: Array,
    pieces: Integers,
    ahead_length: Array,
    ahead_slope: Array,
    margin: Array,
) -> None:
    """Write by how much the worth of energy passes its marginal cost in each step [USD/MWh].

    Outside windows that is zero. Inside, worth of the step and worth of what follows share
    the multiplier of the ramp that led there; any share that both functions allow will do,
    and the one that moves the multiplier of the next ramp least is taken.
    """
    carried = 0.0
    for t in range(total.shape[0]):
        margin[t] = 0.0
        if window[t] == NO_WINDOW:
            continue
        if t == 0 or window[t - 1] != window[t]:
            carried = 0.0
        step_left, step_right = sides(total[t] - low[t], length[t], slope[t], count[t])
        next_left, next_right = sides(
            total[t] - start[t], ahead_length[t], ahead_slope[t], pieces[t]
        )
        least = max(next_right, carried - step_left)
        most = min(next_left, carried - step_right)
        ahead = min(max(0.0, least), max(least, most))
        margin[t] = carried - ahead
        carried = ahead
