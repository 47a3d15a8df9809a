"""Ramps on the plant's total output, solved exactly by concave value functions.

Per step, what the plant's total output earns is concave and piecewise linear. With limits on
its rise and fall only, the best that can still be earned from a step on is a concave
piecewise-linear function of the output in that step. Going backward, the best over what can
be reached next shifts the function's rising part by the largest rise and its falling part by
the largest fall (in opposite directions); then the step's own earnings are added. Going
forward, the best output is the point of the next function's top that is nearest.

The total of units that each keep their ramps keeps the summed ramps, so this relaxes the
per-unit problem: its value is a bound. Where the total splits into schedules that each unit
can follow, that bound is reached and the schedule is optimal.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from baseload.compiled import compiled
from baseload.plan.dispatch.merit import Book, Stack, ordered
from baseload.plan.dispatch.problem import Array, Booleans, Integers, Problem

FORBIDDEN = 1e12
"""Slope that stands for forbidden curtailment or shortfall [USD/MWh]."""

SLACK_MW = 1e-7


class Range(NamedTuple):
    """Limits of each unit that its ramps leave reachable, shapes (U, T) and (U, T - 1) [MW].

    Attributes
    ----------
    low, high : from every point of one step a point of the next can be reached.
    rise, fall : most that each unit's output can rise and fall into the next step.
    """

    low: Array
    high: Array
    rise: Array
    fall: Array


class Curves(NamedTuple):
    """Earnings of every step over total output: segments of falling slope.

    Attributes
    ----------
    length, slope : shape (T, S) [MW, USD/MWh].
    segments : how many each step has, shape (T,).
    """

    length: Array
    slope: Array
    segments: Integers


def reachable(problem: Problem) -> Range | None:
    """Tighten the units' limits by what ramps let them reach; None where nothing is left."""
    units, h = problem.units, problem.step
    low, high = units.minimum.copy(), units.available.copy()
    up, down = units.ramp_up * h, units.ramp_down * h
    if units.initial is not None:
        known = ~np.isnan(units.initial)
        low[known, 0] = np.maximum(low[known, 0], (units.initial - down)[known])
        high[known, 0] = np.minimum(high[known, 0], (units.initial + up)[known])
    tighten_rows(low, high, up, down)
    if (low > high + SLACK_MW).any():
        return None
    rise = np.minimum(up[:, None], high[:, 1:] - low[:, :-1])
    fall = np.minimum(down[:, None], high[:, :-1] - low[:, 1:])
    return Range(low, np.maximum(low, high), rise, fall)


@compiled()
def tighten_rows(low: Array, high: Array, up: Array, down: Array) -> None:
    """Cut off what cannot be reached from the step before, nor lead on to the step after."""
    steps = low.shape[1]
    for u in range(low.shape[0]):
        for t in range(1, steps):
            high[u, t] = min(high[u, t], high[u, t - 1] + up[u])
            low[u, t] = max(low[u, t], low[u, t - 1] - down[u])
        for t in range(steps - 2, -1, -1):
            high[u, t] = min(high[u, t], high[u, t + 1] + down[u])
            low[u, t] = max(low[u, t], low[u, t + 1] - up[u])


@compiled()
def demand_row(
    t: int,
    capacity_import: Array,
    price_import: Array,
    import_order: Integers,
    worth: Array,
    must_serve: Booleans,
    use_order: Integers,
    reach: Array,
    length: Array,
    slope: Array,
) -> int:
    """Write what own output is worth in step `t`, best first, and return the number of parts.

    Own output feeds must-serve load that imports would leave unserved, or replaces the
    import that serves it, dearest first, and it feeds all other uses at their worth.
    """
    n, at, have = 0, 0, 0.0
    for place in range(use_order.shape[1]):
        k = use_order[t, place]
        want = reach[t, k]
        while must_serve[k] and want > 0.0:
            while have <= 0.0 and at < import_order.shape[1]:
                have = capacity_import[t, import_order[t, at]]
                at += 1
            if have <= 0.0 or price_import[t, import_order[t, at - 1]] >= worth[t, k]:
                break
            part = min(have, want)
            length[n], slope[n] = part, price_import[t, import_order[t, at - 1]]
            n += 1
            have -= part
            want -= part
        if want > 0.0:
            length[n], slope[n] = want, worth[t, k]
            n += 1
    for i in range(1, n):
        part, value = length[i], slope[i]
        j = i
        while j > 0 and slope[j - 1] < value:
            length[j], slope[j] = length[j - 1], slope[j - 1]
            j -= 1
        length[j], slope[j] = part, value
    return n


@compiled()
def curve_rows(
    must_run: Array,
    quantity: Array,
    cost: Array,
    supply_order: Integers,
    capacity_import: Array,
    price_import: Array,
    import_order: Integers,
    worth: Array,
    must_serve: Booleans,
    use_order: Integers,
    reach: Array,
    curtailment_cost: float,
    forbidden: float,
    length: Array,
    slope: Array,
    count: Integers,
    base: Array,
) -> None:
    """Write the earnings of every step over total output, see `Curves`.

    ``base`` receives what output that must run earns, its cost left out, shape (T,) [USD/h].
    """
    most = 2 * use_order.shape[1] + import_order.shape[1] + 1
    part_length, part_worth = np.empty(most), np.empty(most)
    for t in range(must_run.shape[0]):
        parts = demand_row(
            t, capacity_import, price_import, import_order, worth, must_serve, use_order, reach,
            part_length, part_worth,
        )  # fmt: skip
        floor = -min(curtailment_cost, forbidden)
        while parts > 0 and part_worth[parts - 1] < floor:
            parts -= 1
        part_length[parts], part_worth[parts] = np.inf, floor
        place, have = 0, part_length[0]
        left, n, base[t] = must_run[t], 0, 0.0
        while have <= left:
            left -= have
            base[t] += have * part_worth[place]
            place += 1
            have = part_length[place]
        have -= left
        base[t] += left * part_worth[place]
        for position in range(supply_order.shape[1]):
            j = supply_order[t, position]
            want = quantity[t, j]
            while want > 0.0:
                part = min(want, have)
                value = min(part_worth[place], forbidden) - cost[t, j]
                if n > 0 and slope[t, n - 1] == value:
                    length[t, n - 1] += part
                else:
                    length[t, n], slope[t, n] = part, value
                    n += 1
                want -= part
                have -= part
                if have <= 0.0:
                    place += 1
                    have = part_length[place]
        count[t] = n


def curves(book: Book, uses: Stack) -> Curves:
    """Return what the plant's total output earns in every step."""
    steps, n_units = len(book.must_run), book.n_units
    size = book.quantity.shape[1] + 2 * book.worth.shape[1] + 2
    out = Curves(np.empty((steps, size)), np.empty((steps, size)), np.empty(steps, np.int64))
    unit_cost = np.ascontiguousarray(book.cost[:, :n_units])
    import_price = np.ascontiguousarray(book.cost[:, n_units:])
    curve_rows(
        book.must_run, np.ascontiguousarray(book.quantity[:, :n_units]), unit_cost,
        ordered(unit_cost), np.ascontiguousarray(book.quantity[:, n_units:]), import_price,
        ordered(import_price), book.worth, book.must_serve, uses.order, uses.reach,
        book.curtailment_cost, FORBIDDEN, *out, np.empty(steps),
    )  # fmt: skip
    return out


@compiled()
def add_step(
    t: int,
    skip_own: float,
    skip_step: float,
    own_length: Array,
    own_slope: Array,
    n: int,
    length: Array,
    slope: Array,
    count: int,
    new_length: Array,
    new_slope: Array,
) -> int:
    """Add the earnings of step `t` to what can be earned after it, piece by piece.

    Parameters
    ----------
    skip_own, skip_step : how far each function begins below where both exist [MW].
    own_length, own_slope, n : what can be earned after the step, and its segments.
    length, slope, count : earnings of the step, see `Curves`.
    new_length, new_slope : the sum; out. The shorter function ends it.

    Returns
    -------
    Segments of the sum, or -1 where the functions do not overlap.
    """
    i, skip = 0, skip_own
    while i < n - 1 and own_length[i] <= skip:
        skip -= own_length[i]
        i += 1
    have = own_length[i] - skip
    j, skip, want = 0, skip_step, 0.0
    while j < count - 1 and length[t, j] <= skip:
        skip -= length[t, j]
        j += 1
    if count > 0:
        want = length[t, j] - skip
    if have < -SLACK_MW or want < -SLACK_MW:
        return -1
    m = 0
    while i < n and j < count:
        part = max(0.0, min(have, want))
        value = own_slope[i] + slope[t, j]
        if m > 0 and new_slope[m - 1] == value:
            new_length[m - 1] += part
        elif part > 0.0:
            new_length[m], new_slope[m] = part, value
            m += 1
        have -= part
        want -= part
        if have <= 0.0:
            i += 1
            have = own_length[i] if i < n else 0.0
        if want <= 0.0:
            j += 1
            want = length[t, j] if j < count else 0.0
    return m


@compiled()
def backward_rows(
    length: Array,
    slope: Array,
    count: Integers,
    low: Array,
    high: Array,
    rise: Array,
    fall: Array,
    top_low: Array,
    top_high: Array,
) -> bool:
    """Find the top of every step's value function, last step first.

    Parameters
    ----------
    length, slope, count : earnings of each step, see `Curves`.
    low, high : range of total output, shape (T,) [MW].
    rise, fall : most it can change into the next step, shape (T - 1,) [MW].
    top_low, top_high : output at which what can still be earned is largest, shape (T,); out
        [MW].

    Returns
    -------
    Whether every step can be reached.
    """
    steps = low.shape[0]
    room = 64 + 4 * length.shape[1]
    own_length, own_slope = np.empty(room), np.empty(room)
    new_length, new_slope = np.empty(room), np.empty(room)
    start, n = low[steps - 1], 1
    own_length[0], own_slope[0] = high[steps - 1] - low[steps - 1], 0.0
    for t in range(steps - 1, -1, -1):
        if n + count[t] + 2 > room:
            room *= 2
            own_length = np.concatenate((own_length, np.empty(room - own_length.shape[0])))
            own_slope = np.concatenate((own_slope, np.empty(room - own_slope.shape[0])))
            new_length, new_slope = np.empty(room), np.empty(room)
        begin = max(start, low[t])
        m = add_step(
            t, begin - start, begin - low[t], own_length, own_slope, n, length, slope, count[t],
            new_length, new_slope,
        )  # fmt: skip
        if m < 0:
            return False
        top = begin
        i = 0
        while i < m and new_slope[i] > 0.0:
            top += new_length[i]
            i += 1
        top_low[t] = top
        peak = i
        if i < m and new_slope[i] == 0.0:
            top += new_length[i]
            i += 1
        top_high[t] = top
        if t == 0:
            break
        # Shift for the step before: rising part down, falling part up, flat between.
        start, n = begin - rise[t - 1], peak
        for p in range(peak):
            own_length[p], own_slope[p] = new_length[p], new_slope[p]
        own_length[n] = top_high[t] - top_low[t] + rise[t - 1] + fall[t - 1]
        own_slope[n] = 0.0
        n += 1
        for p in range(i, m):
            own_length[n], own_slope[n] = new_length[p], new_slope[p]
            n += 1
    return True


@compiled()
def forward_rows(top_low: Array, top_high: Array, rise: Array, fall: Array, total: Array) -> None:
    """Walk from step to step to the nearest point of the next top within reach."""
    total[0] = top_low[0]
    for t in range(1, total.shape[0]):
        least, most = total[t - 1] - fall[t - 1], total[t - 1] + rise[t - 1]
        wish = min(max(total[t - 1], top_low[t]), top_high[t])
        total[t] = min(max(wish, least), most)


def best_total(book: Book, uses: Stack, span: Range) -> Array | None:
    """Return the best total output under plant ramps, shape (T,) [MW]; None if there is none."""
    curve = curves(book, uses)
    low, high = span.low.sum(axis=0), span.high.sum(axis=0)
    rise, fall = span.rise.sum(axis=0), span.fall.sum(axis=0)
    top_low, top_high = np.empty_like(low), np.empty_like(low)
    total: Array = np.empty(len(low))
    if not backward_rows(*curve, low, high, rise, fall, top_low, top_high):
        return None
    forward_rows(top_low, top_high, rise, fall, total)
    np.clip(total, low, high, out=total)
    return total
