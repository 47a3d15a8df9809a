"""Steps in which nothing competes, so that output is what is worth more than it costs.

Where everything worth more than the units' cost fits into their range and under all limits,
the step's best output is that demand, and it earns the sum of what each use is worth. No order
of uses is needed, and whole arrays are handled at once. What remains are steps in which
something competes, and the neighbours of those between which ramps may bind.
"""

from __future__ import annotations

import numpy as np

from baseload.compiled import compiled
from baseload.plan.dispatch.problem import Array, Booleans, Integers

NO_ROW = -1
"""Row of a step for which no earnings over output were written."""


@compiled(fastmath={"reassoc", "nsz"})
def easy_steps(
    worth: Array,
    capacity: Array,
    below: Booleans,
    limit: Array,
    cost: Array,
    low: Array,
    high: Array,
    competes: Booleans,
    demand: Array,
    own: Array,
    easy: Booleans,
) -> None:
    """Find the steps in which nothing competes.

    Parameters
    ----------
    worth, capacity : of the uses, shape (K, T) [USD/MWh, MW].
    below : which uses lie below each node, shape (N, K).
    limit : of the nodes, shape (N, T) [MW].
    cost, low, high : of the plant's output, shape (T,) [USD/MWh, MW, MW].
    competes : steps that are never easy, as imports cheaper than own output, shape (T,).
    demand : what is worth more than it costs, shape (T,); out [MW].
    own : what it earns, the cost of the least output left out, shape (T,); out [USD/h].
    easy : shape (T,); out.
    """
    steps = demand.shape[0]
    for t in range(steps):
        demand[t], own[t] = 0.0, cost[t] * low[t]
        easy[t] = not competes[t]
    for k in range(worth.shape[0]):
        for t in range(steps):
            part = capacity[k, t] if worth[k, t] > cost[t] else 0.0
            demand[t] += part
            own[t] += part * (worth[k, t] - cost[t])
            easy[t] &= worth[k, t] != cost[t]
    for t in range(steps):
        easy[t] &= (demand[t] >= low[t]) & (demand[t] <= high[t])
    load = np.empty(steps)
    for n in range(below.shape[0]):
        load[:] = 0.0
        for k in range(worth.shape[0]):
            if below[n, k]:
                for t in range(steps):
                    load[t] += capacity[k, t] if worth[k, t] > cost[t] else 0.0
        for t in range(steps):
            easy[t] &= load[t] <= limit[n, t]


@compiled()
def other_steps(
    easy: Booleans,
    demand: Array,
    rise: Array,
    fall: Array,
    margin: int,
    steps: Integers,
    row: Integers,
) -> int:
    """List the steps that are not easy or near a ramp that may bind; return how many.

    Parameters
    ----------
    easy, demand : see `easy_steps`.
    rise, fall : most that output can change into the next step, shape (T - 1,) [MW].
    margin : steps to either side that may matter.
    steps : those listed, rising, as many as counted; out.
    row : place of each step in that list, `NO_ROW` where it is not, shape (T,); out.
    """
    count = easy.shape[0]
    row[:] = NO_ROW
    until = -1
    for t in range(count):
        clash = not easy[t]
        if t > 0 and easy[t] and easy[t - 1]:
            change = demand[t] - demand[t - 1]
            clash = change > rise[t - 1] or -change > fall[t - 1]
        if clash:
            for before in range(max(0, t - margin - 1), t):
                row[before] = 0
            until = t + margin + 1
        if t <= until:
            row[t] = 0
    found = 0
    for t in range(count):
        if row[t] == 0:
            steps[found], row[t] = t, found
            found += 1
    return found
