"""Split the plant's total output into schedules that each unit can follow."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from baseload.compiled import compiled
from baseload.plan.dispatch.merit import ordered
from baseload.plan.dispatch.problem import Array, Booleans, Integers, Problem
from baseload.plan.dispatch.ramp import Range

CLOSE_MW = 1e-9
HALVINGS = 60


@compiled()
def share_out(
    wanted: float, low: Array, high: Array, least: Array, most: Array, given: Array, n: int
) -> float:
    """Give `n` like units the same share of their ranges and return what cannot be placed.

    Equal shares keep room in every unit, so that all can help when the total turns.
    """
    base, room = 0.0, 0.0
    for i in range(n):
        base += low[i]
        room += high[i] - low[i]
    bottom, top = 0.0, 1.0
    # The first guess is exact wherever no ramp limit bites.
    share = min(max((wanted - base) / room, 0.0), 1.0) if room > 0.0 else 0.0
    for _ in range(HALVINGS):
        total = 0.0
        for i in range(n):
            given[i] = min(max(low[i] + share * (high[i] - low[i]), least[i]), most[i])
            total += given[i]
        if abs(total - wanted) <= CLOSE_MW:
            break
        if total < wanted:
            bottom = share
        else:
            top = share
        share = 0.5 * (bottom + top)
    left = wanted
    for i in range(n):
        left -= given[i]
    for i in range(n):
        step = min(max(left, least[i] - given[i]), most[i] - given[i])
        given[i] += step
        left -= step
    return left


@compiled()
def split_rows(
    total: Array,
    low: Array,
    high: Array,
    up: Array,
    down: Array,
    cost: Array,
    order: Integers,
    generation: Array,
    broken: Booleans,
    fuel: Array,
) -> None:
    """Follow `total` step by step with the cheapest units; see `split` for the arguments."""
    n_units = low.shape[0]
    a, b = np.empty(n_units), np.empty(n_units)
    least, most = np.empty(n_units), np.empty(n_units)
    given = np.empty(n_units)
    for t in range(total.shape[0]):
        left = total[t]
        for u in range(n_units):
            left -= low[u, t]
        first = 0
        while first < n_units:
            # Units of equal cost form a group; cheaper groups are full before it starts.
            value, n, base, room = cost[t, order[t, first]], 0, 0.0, 0.0
            while first + n < n_units and cost[t, order[t, first + n]] == value:
                u = order[t, first + n]
                a[n], b[n] = low[u, t], high[u, t]
                least[n], most[n] = a[n], b[n]
                if t > 0:
                    least[n] = max(a[n], generation[u, t - 1] - down[u])
                    most[n] = min(b[n], generation[u, t - 1] + up[u])
                base += a[n]
                room += b[n] - a[n]
                n += 1
            part = min(max(left, 0.0), room)
            left -= part
            fuel[t] += (base + part) * value
            if abs(share_out(base + part, a, b, least, most, given, n)) > 1e-7:
                broken[t] = True
            for i in range(n):
                generation[order[t, first + i], t] = given[i]
            first += n


class Split(NamedTuple):
    """Output of each unit that follows a total.

    Attributes
    ----------
    generation : shape (U, T) [MW].
    broken : steps at which no split at least cost keeps every unit's ramp, given the steps
        before, shape (T,); output keeps the ramps there too but misses the total.
    fuel : least cost of the total in each step, shape (T,) [USD].
    """

    generation: Array
    broken: Booleans
    fuel: Array


def split(problem: Problem, span: Range, total: Array) -> Split:
    """Split total output among units at least cost.

    Parameters
    ----------
    problem : gives costs and ramps.
    span : what each unit can reach.
    total : output of the plant, shape (T,) [MW].
    """
    units, h = problem.units, problem.step
    generation = np.empty_like(span.low)
    broken = np.zeros(problem.steps, np.bool_)
    fuel = np.zeros(problem.steps)
    cost = np.ascontiguousarray(units.cost.T)
    split_rows(
        total, span.low, span.high, units.ramp_up * h, units.ramp_down * h, cost, ordered(cost),
        generation, broken, fuel,
    )  # fmt: skip
    return Split(generation, broken, fuel * h)
