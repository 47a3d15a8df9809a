"""Split a plant's total among units of equal cost where equal shares would break a ramp.

Units take equal shares of their ranges. Where that moves some unit too fast, a window around
is split anew: units with the same limits there stay together as a class, classes are peeled off
one after the other, the smallest first. What a class may give so that the rest can give the
remainder is an interval in each step, and so is its change; a pass backward finds the outputs
from which the end can be reached, a pass forward takes the nearest to the equal share. With two
classes (units that go into or come out of an outage, and all the others) this finds a split
wherever there is one.
"""

from __future__ import annotations

import numpy as np

from baseload.compiled import compiled
from baseload.plan.dispatch.problem import Array, Booleans, Integers

CLOSE_MW = 1e-7

FIRST, WIDEST = 6, 24
"""Steps that a window first reaches to either side, and at the most."""


@compiled()
def equal_shares(
    total: Array,
    low: Array,
    high: Array,
    up: Array,
    down: Array,
    widest: Array,
    share: Array,
    broken: Integers,
) -> int:
    """Give each unit the same share of its range; return how many steps break a ramp.

    Parameters
    ----------
    total : output of the plant, shape (T,) [MW].
    low, high : range of each unit, time first, shape (T, U) [MW].
    up, down : most that a unit moves from step to step, shape (U,) [MW].
    widest : change of the share into each step that certainly breaks no ramp, see
        `widest_changes`, shape (T,) [-].
    share : shape (T,); out [-].
    broken : the steps into which a unit would move too fast, as many as counted; out.
    """
    found, least, room = 0, 0.0, 0.0
    for t in range(total.shape[0]):
        if t > 0 and widest[t] >= 0.0:
            # The ranges are those of the step before.
            share[t] = min(max((total[t] - least) / room, 0.0), 1.0) if room > 0.0 else 0.0
            if abs(share[t] - share[t - 1]) <= widest[t]:
                continue
        least, room = 0.0, 0.0
        for u in range(up.shape[0]):
            least += low[t, u]
            room += high[t, u] - low[t, u]
        share[t] = min(max((total[t] - least) / room, 0.0), 1.0) if room > 0.0 else 0.0
        if t == 0:
            continue
        for u in range(up.shape[0]):
            now = low[t, u] + share[t] * (high[t, u] - low[t, u])
            before = low[t - 1, u] + share[t - 1] * (high[t - 1, u] - low[t - 1, u])
            if now - before > up[u] + CLOSE_MW or before - now > down[u] + CLOSE_MW:
                broken[found] = t
                found += 1
                break
    return found


@compiled()
def widest_changes(low: Array, high: Array, up: Array, down: Array, widest: Array) -> None:
    """Write how far the share may move into each step whatever it is, shape (T,) [-].

    Negative where ranges move themselves, so that every unit has to be looked at.
    """
    widest[0] = -1.0
    for t in range(1, low.shape[0]):
        widest[t] = np.inf
        for u in range(up.shape[0]):
            if low[t, u] != low[t - 1, u] or high[t, u] != high[t - 1, u]:
                widest[t] = -1.0
                break
            room = high[t, u] - low[t, u]
            if room > 0.0:
                widest[t] = min(widest[t], min(up[u], down[u]) / room)


@compiled()
def classes_of(
    start: int, stop: int, low: Array, high: Array, up: Array, down: Array, kind: Integers
) -> int:
    """Number the classes of like units over steps ``start - 1`` to ``stop``; return how many."""
    count, steps = 0, low.shape[0]
    for u in range(up.shape[0]):
        kind[u] = -1
        for v in range(u):
            same = up[u] == up[v] and down[u] == down[v]
            for t in range(max(0, start - 1), min(steps, stop + 1)):
                if not same:
                    break
                same = low[t, u] == low[t, v] and high[t, u] == high[t, v]
            if same:
                kind[u] = kind[v]
                break
        if kind[u] < 0:
            kind[u] = count
            count += 1
    return count


@compiled()
def peel_window(
    start: int,
    stop: int,
    total: Array,
    low: Array,
    high: Array,
    up: Array,
    down: Array,
    share: Array,
    output: Array,
) -> bool:
    """Split steps ``start`` to ``stop``, tied to equal shares before and after.

    Parameters
    ----------
    total, low, high, up, down, share : see `equal_shares`.
    output : of each unit, time first, shape (T, U); written in the window [MW].

    Returns
    -------
    Whether a split was found.
    """
    steps, n_units = low.shape
    kind, size = np.empty(n_units, np.int64), np.zeros(n_units, np.int64)
    classes = classes_of(start, stop, low, high, up, down, kind)
    for u in range(n_units):
        size[kind[u]] += 1
    order = np.argsort(size[:classes])
    length = stop - start
    # One step before and one after are the ties.
    rest = np.zeros((5, length + 2))
    mine = np.zeros((3, length + 2))
    tube_low, tube_high = np.empty(length + 2), np.empty(length + 2)
    for i in range(length + 2):
        t = start - 1 + i
        if 0 <= t < steps:
            rest[0, i] = total[t]
            for u in range(n_units):
                rest[1, i] += low[t, u]
                rest[2, i] += high[t, u]
    rest_up, rest_down = up.sum(), down.sum()
    for place in range(classes):
        c = order[place]
        first = 0
        while kind[first] != c:
            first += 1
        many = float(size[c])
        own_up, own_down = many * up[first], many * down[first]
        rest_up -= own_up
        rest_down -= own_down
        for i in range(length + 2):
            t = start - 1 + i
            if 0 <= t < steps:
                a, b = many * low[t, first], many * high[t, first]
                rest[1, i] -= a
                rest[2, i] -= b
                mine[0, i] = a + share[t] * (b - a)
                mine[1, i] = max(a, rest[0, i] - rest[2, i]) if place < classes - 1 else rest[0, i]
                mine[2, i] = min(b, rest[0, i] - rest[1, i]) if place < classes - 1 else rest[0, i]
                if place == classes - 1 and not a - CLOSE_MW <= rest[0, i] <= b + CLOSE_MW:
                    return False
        if place == classes - 1:
            rest_up, rest_down = np.inf, np.inf
        if not thread(
            start, stop, steps, rest[0], mine, own_up, own_down, rest_up, rest_down, tube_low,
            tube_high,
        ):  # fmt: skip
            return False
        for i in range(1, length + 1):
            for u in range(n_units):
                if kind[u] == c:
                    output[start - 1 + i, u] = mine[0, i] / many
        for i in range(length + 2):
            rest[0, i] -= mine[0, i]
    return True


@compiled()
def thread(
    start: int,
    stop: int,
    steps: int,
    total: Array,
    mine: Array,
    own_up: float,
    own_down: float,
    rest_up: float,
    rest_down: float,
    tube_low: Array,
    tube_high: Array,
) -> bool:
    """Find a class's path that leaves the rest able to give the remainder.

    Parameters
    ----------
    total : of the class and the rest, the ties first and last, shape (length + 2,) [MW].
    mine : wished output, least and most of the class, shape (3, length + 2); the first row
        becomes the path [MW].
    own_up, own_down, rest_up, rest_down : most that either moves from step to step [MW].
    tube_low, tube_high : room to work in, shape (length + 2,).
    """
    end = total.shape[0] - 1
    if stop < steps:
        tube_low[end] = tube_high[end] = mine[0, end]
    else:
        tube_low[end], tube_high[end] = -np.inf, np.inf
    for i in range(end - 1, -1 if start > 0 else 0, -1):
        lowest, highest = -np.inf, np.inf
        if i + 1 < end or stop < steps:
            change = total[i + 1] - total[i]
            lowest = max(-own_down, change - rest_up)
            highest = min(own_up, change + rest_down)
        tube_low[i] = tube_low[i + 1] - highest
        tube_high[i] = tube_high[i + 1] - lowest
        if i > 0:
            tube_low[i] = max(tube_low[i], mine[1, i])
            tube_high[i] = min(tube_high[i], mine[2, i])
        else:
            tube_low[i] = max(tube_low[i], mine[0, i])
            tube_high[i] = min(tube_high[i], mine[0, i])
        if tube_low[i] > tube_high[i] + CLOSE_MW:
            return False
    for i in range(1, end):
        wish = min(max(mine[0, i], tube_low[i]), tube_high[i])
        if i > 1 or start > 0:
            change = total[i] - total[i - 1]
            lowest = mine[0, i - 1] + max(-own_down, change - rest_up)
            highest = mine[0, i - 1] + min(own_up, change + rest_down)
            wish = min(max(wish, lowest), highest)
        mine[0, i] = wish
    return True


@compiled()
def splits(
    total: Array,
    low: Array,
    high: Array,
    up: Array,
    down: Array,
    widest: Array,
    share: Array,
    broken: Integers,
    output: Array,
    peeled: Booleans,
    failed: Integers,
) -> int:
    """Split a total among units of equal cost; return the number of steps left over.

    Parameters
    ----------
    total, low, high, up, down, widest, share, broken : see `equal_shares`.
    output : of each unit, time first, shape (T, U); written in windows only [MW].
    peeled : the steps in windows, shape (T,); out.
    failed : steps around which no split was found, as many as returned; out.
    """
    steps, bad, done = total.shape[0], 0, -1
    peeled[:] = False
    found = equal_shares(total, low, high, up, down, widest, share, broken)
    for b in range(found):
        t = broken[b]
        if t < done:
            continue
        margin, last = FIRST, t
        while True:
            # Further broken steps within the window belong to it; its end must be clear.
            grown = True
            while grown:
                grown = False
                for more in range(b + 1, found):
                    if last < broken[more] <= last + margin:
                        last, grown = broken[more], True
            start, stop = max(t - margin, 0), min(last + margin, steps)
            if start < done:
                start = done
            if peel_window(start, stop, total, low, high, up, down, share, output):
                peeled[start:stop] = True
                done = stop + 1
                break
            margin *= 2
            if margin > WIDEST:
                for more in range(b, found):
                    if broken[more] <= last:
                        failed[bad] = broken[more]
                        bad += 1
                done = last + 1
                break
    return bad
