"""Merit order on the tree of limits: exact where steps do not depend on each other.

Supply is taken from the cheapest, uses are filled from the most valuable; a use takes what
the tightest limit on its way to the busbar still lets through. Limits that nest form a
laminar family, so filling in this order is optimal (greedy on a polymatroid [1]_).

References
----------
.. [1] J. Edmonds, "Submodular functions, matroids, and certain polyhedra", 1970.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numba import njit

from baseload.plan.dispatch.problem import Array, Booleans, Integers, Problem
from baseload.plan.dispatch.result import Duals, Schedule

ALL, IMPORTS_ALONE, UNITS_ALONE = 0, 1, 2
"""Which supply meets which uses; see `settle_step`."""


@njit(cache=True, nogil=True)
def sort_keys(order: Integers, keys: Array, sign: float) -> None:
    """Sort `order` by rising ``sign * keys`` in place, stable, quick when almost sorted."""
    for i in range(1, order.shape[0]):
        item = order[i]
        key = sign * keys[item]
        j = i - 1
        while j >= 0 and sign * keys[order[j]] > key:
            order[j + 1] = order[j]
            j -= 1
        order[j + 1] = item


@njit(cache=True, nogil=True)
def fill(
    mode: int,
    must_run: float,
    curtailment_cost: float,
    n_units: int,
    quantity: Array,
    cost: Array,
    supply_order: Integers,
    capacity: Array,
    worth: Array,
    must_serve: Booleans,
    use_order: Integers,
    node: Integers,
    parent: Integers,
    room: Array,
    supplied: Array,
    taken: Array,
    path_price: Array,
) -> tuple[float, float]:
    """Fill uses from supply in merit order.

    Parameters
    ----------
    mode : `ALL`; `IMPORTS_ALONE` feeds must-serve uses from imports; `UNITS_ALONE` feeds
        the other uses from units.
    must_run : energy that comes in any case [MW].
    quantity, cost : supply steps, units first, shape (J,) [MW, USD/MWh].
    capacity, worth : uses, shape (K,) [MW, USD/MWh].
    room : what each node still lets through; changed [MW].
    supplied, taken : added to [MW].
    path_price : per node, worth of the best use it stops; changed [USD/MWh].

    Returns
    -------
    Energy price on the busbar [USD/MWh] and what is curtailed [MW].
    """
    left = must_run if mode != IMPORTS_ALONE else 0.0
    floor = -curtailment_cost if mode != IMPORTS_ALONE else -np.inf
    price, last_cost, least_worth = floor, -np.inf, np.inf
    position, current, have = 0, -1, 0.0
    for place in range(use_order.shape[0]):
        k = use_order[place]
        if mode != ALL and must_serve[k] != (mode == IMPORTS_ALONE):
            continue
        if worth[k] < floor:
            break
        want, stop, n = capacity[k], -1, node[k]
        while n >= 0:
            if room[n] < want:
                want, stop = room[n], n
            n = parent[n]
        got = min(left, want)
        left -= got
        want -= got
        while want > 0.0:
            while have <= 0.0 and position < supply_order.shape[0]:
                current = supply_order[position]
                position += 1
                if mode == ALL or (current >= n_units) == (mode == IMPORTS_ALONE):
                    have = quantity[current]
            if have <= 0.0 or cost[current] >= worth[k]:
                break
            part = min(have, want)
            have -= part
            want -= part
            got += part
            supplied[current] += part
            last_cost = cost[current]
        if got > 0.0:
            taken[k] += got
            least_worth = worth[k]
            n = node[k]
            while n >= 0:
                room[n] -= got
                n = parent[n]
        if want > 0.0:
            price = max(price, worth[k])
            break
        if stop >= 0 and path_price[stop] < worth[k]:
            path_price[stop] = worth[k]
    curtailed = left
    # Supply cheaper than curtailing is paid to run: it is taken and curtailed.
    while mode != IMPORTS_ALONE:
        while have <= 0.0 and position < supply_order.shape[0]:
            current = supply_order[position]
            position += 1
            if mode == ALL or current < n_units:
                have = quantity[current]
        if have <= 0.0 or cost[current] >= floor:
            break
        supplied[current] += have
        curtailed += have
        have = 0.0
        last_cost = cost[current]
    price = max(price, last_cost)
    if price == -np.inf:
        price = least_worth if have <= 0.0 else min(least_worth, cost[current])
    return price, curtailed


@njit(cache=True, nogil=True)
def settle_step(
    must_run: float,
    curtailment_cost: float,
    n_units: int,
    quantity: Array,
    cost: Array,
    supply_order: Integers,
    capacity: Array,
    worth: Array,
    must_serve: Booleans,
    use_order: Integers,
    node: Integers,
    parent: Integers,
    limit: Array,
    room: Array,
    supplied: Array,
    taken: Array,
    path_price: Array,
) -> tuple[float, float]:
    """Solve one step exactly, imports included; see `fill` for the arguments.

    Notes
    -----
    Imports may not exceed the must-serve load served. If the merit order of everything
    respects that, it is optimal. Else, the problem being convex, the limit binds at the
    optimum: imports equal served must-serve load, so units feed the other uses alone, and
    the two parts are independent merit orders.
    """
    sort_keys(supply_order, cost, 1.0)
    sort_keys(use_order, worth, -1.0)
    for mode in (ALL, UNITS_ALONE):
        supplied[:] = 0.0
        taken[:] = 0.0
        path_price[:] = -np.inf
        room[:] = limit
        price, curtailed = fill(
            mode, must_run, curtailment_cost, n_units, quantity, cost, supply_order, capacity,
            worth, must_serve, use_order, node, parent, room, supplied, taken, path_price,
        )  # fmt: skip
        if mode == ALL:
            bought, served = 0.0, 0.0
            for j in range(n_units, quantity.shape[0]):
                bought += supplied[j]
            if bought == 0.0:
                break
            for k in range(capacity.shape[0]):
                if must_serve[k]:
                    served += taken[k]
            if bought <= served:
                break
        else:
            fill(
                IMPORTS_ALONE, must_run, curtailment_cost, n_units, quantity, cost,
                supply_order, capacity, worth, must_serve, use_order, node, parent, room,
                supplied, taken, path_price,
            )  # fmt: skip
    return price, curtailed


@njit(cache=True, nogil=True)
def settle_all(
    minimum: Array,
    quantity: Array,
    cost: Array,
    capacity: Array,
    worth: Array,
    must_serve: Booleans,
    node: Integers,
    parent: Integers,
    limit: Array,
    curtailment_cost: float,
    n_units: int,
    supplied: Array,
    taken: Array,
    curtailed: Array,
    price: Array,
    path_price: Array,
) -> None:
    """Solve every step; all arrays have time first and are filled in place."""
    supply_order = np.arange(quantity.shape[1])
    use_order = np.arange(capacity.shape[1])
    room = np.empty(parent.shape[0])
    for t in range(quantity.shape[0]):
        price[t], curtailed[t] = settle_step(
            minimum[t], curtailment_cost, n_units, quantity[t], cost[t], supply_order,
            capacity[t], worth[t], must_serve, use_order, node, parent, limit[t], room,
            supplied[t], taken[t], path_price[t],
        )  # fmt: skip


@dataclass(frozen=True)
class Merit:
    """Schedule and marginal values of the merit order."""

    schedule: Schedule
    duals: Duals


def worth_of(problem: Problem) -> Array:
    """Worth of a delivered MWh, avoided shortfall included, shape (K, T) [USD/MWh]."""
    return problem.uses.value + problem.uses.shortfall_price


def merit_order(problem: Problem, minimum: Array | None = None) -> Merit:
    """Solve every step of a problem by itself.

    Parameters
    ----------
    problem : what couples its steps (ramps, commitment, budgets, contracts, storage) is
        left out.
    minimum : lower limit of each unit instead of the problem's, shape (U, T) [MW].

    Returns
    -------
    Schedule and duals. Where curtailment or shortfall is forbidden the schedule may still
    hold some: that step is infeasible.
    """
    units, uses, imports, nodes = problem.units, problem.uses, problem.imports, problem.nodes
    low = units.minimum if minimum is None else minimum
    n_units, n_steps = len(units.name), problem.steps
    supply = np.vstack([units.available - low, imports.capacity]).T.copy()
    cost = np.vstack([units.cost, imports.price]).T.copy()
    supplied, taken = np.empty_like(supply), np.empty((n_steps, len(uses.name)))
    curtailed, price = np.empty(n_steps), np.empty(n_steps)
    path_price = np.empty((n_steps, len(nodes.name)))
    settle_all(
        low.sum(axis=0), supply, cost, uses.capacity.T.copy(), worth_of(problem).T.copy(),
        uses.must_serve, uses.node, nodes.parent, nodes.limit.T.copy(),
        float(problem.curtailment_cost), n_units, supplied, taken, curtailed, price, path_price,
    )  # fmt: skip
    generation = low + supplied.T[:n_units]
    empty = np.zeros((len(problem.storages), n_steps))
    schedule = Schedule(
        generation=generation,
        delivered=np.ascontiguousarray(taken.T),
        imported=np.ascontiguousarray(supplied.T[n_units:]),
        curtailed=curtailed,
        charge=empty,
        discharge=empty.copy(),
        status=np.ones_like(generation),
        starts=np.zeros_like(generation),
    )
    return Merit(schedule, duals_of(problem, price, path_price.T))


def duals_of(problem: Problem, price: Array, path_price: Array) -> Duals:
    """Marginal values from the busbar's price and the worth of the best use each node stops.

    Parameters
    ----------
    price : shape (T,) [USD/MWh].
    path_price : shape (N, T), minus infinity where the node stops nothing [USD/MWh].
    """
    nodes, uses = problem.nodes, problem.uses
    total = np.empty_like(path_price)
    for n in _parents_first(nodes.parent):
        above = price if nodes.parent[n] < 0 else total[nodes.parent[n]]
        total[n] = np.maximum(path_price[n], above)
    value = np.array(
        [total[n] - (price if p < 0 else total[p]) for n, p in enumerate(nodes.parent)]
    )
    at_use = np.array([price if n < 0 else total[n] for n in uses.node])
    room = np.maximum(0.0, worth_of(problem) - at_use.reshape(uses.value.shape))
    return Duals(
        energy=price,
        node=value.reshape(path_price.shape),
        unit=np.maximum(0.0, price - problem.units.cost),
        use=room - uses.shortfall_price,
        budget=np.zeros(len(problem.budgets)),
    )


def _parents_first(parent: Integers) -> list[int]:
    depth = []
    for n in range(len(parent)):
        at, d = n, 0
        while parent[at] >= 0:
            at, d = int(parent[at]), d + 1
        depth.append(d)
    return sorted(range(len(parent)), key=depth.__getitem__)
