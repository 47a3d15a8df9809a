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
from typing import NamedTuple

import numpy as np

from baseload.compiled import compiled
from baseload.plan.dispatch.problem import Array, Booleans, Integers, Problem
from baseload.plan.dispatch.result import Duals, Schedule

ALL, IMPORTS_ALONE, UNITS_ALONE = 0, 1, 2
"""Which supply meets which uses: everything, imports the must-serve uses, units the rest."""


class Book(NamedTuple):
    """Supply and demand of every step, time first.

    Attributes
    ----------
    must_run : output that comes in any case, shape (T,) [MW].
    quantity, cost : supply, units before imports, shape (T, J) [MW, USD/MWh].
    n_units : how many of them are units.
    capacity, worth : uses, shape (T, K) [MW, USD/MWh].
    must_serve : which uses imports may feed, shape (K,).
    node, parent, limit : the tree of limits, shapes (K,), (N,), (T, N) [MW].
    curtailment_cost : of output that nothing takes [USD/MWh].
    """

    must_run: Array
    quantity: Array
    cost: Array
    n_units: int
    capacity: Array
    worth: Array
    must_serve: Booleans
    node: Integers
    parent: Integers
    limit: Array
    curtailment_cost: float


class Stack(NamedTuple):
    """The uses of every step from most to least valuable.

    Attributes
    ----------
    order : uses by falling worth, shape (T, K).
    reach : what each use could take if energy were free, shape (T, K) [MW].
    path_price : worth of the best use that each node stops, else minus infinity, shape
        (T, N) [USD/MWh].
    """

    order: Integers
    reach: Array
    path_price: Array


class Outcome(NamedTuple):
    """What each step comes to, time first; shapes (T, J), (T, K), (T,), (T,)."""

    supplied: Array
    taken: Array
    curtailed: Array
    price: Array


# The kernels take plain arrays and loop over all steps themselves: passing many arrays to a
# function costs Numba more (counting references) than a step takes to solve.
@compiled()
def order_rows(keys: Array, sign: float, order: Integers) -> None:
    """Order each row of `keys` by rising ``sign * key``; quick where neighbours agree."""
    row = np.arange(keys.shape[1])
    for t in range(keys.shape[0]):
        for i in range(1, row.shape[0]):
            item = row[i]
            key = sign * keys[t, item]
            j = i
            while j > 0 and sign * keys[t, row[j - 1]] > key:
                row[j] = row[j - 1]
                j -= 1
            row[j] = item
        for i in range(row.shape[0]):
            order[t, i] = row[i]


@compiled()
def reach_rows(
    capacity: Array,
    worth: Array,
    node: Integers,
    parent: Integers,
    limit: Array,
    order: Integers,
    reach: Array,
    path_price: Array,
) -> None:
    """Find what each use could take if energy were free; see `Stack`.

    With less energy the merit order fills a prefix of this stack.
    """
    room = np.empty(parent.shape[0])
    for t in range(capacity.shape[0]):
        for n in range(room.shape[0]):
            room[n] = limit[t, n]
            path_price[t, n] = -np.inf
        for place in range(order.shape[1]):
            k = order[t, place]
            most, stop, n = capacity[t, k], -1, node[k]
            while n >= 0:
                if room[n] < most:
                    most, stop = room[n], n
                n = parent[n]
            reach[t, k] = most
            n = node[k]
            while n >= 0:
                room[n] -= most
                n = parent[n]
            if stop >= 0 and path_price[t, stop] < worth[t, k]:
                path_price[t, stop] = worth[t, k]


@compiled()
def meet_rows(
    steps: Integers,
    mode: int,
    must_run: Array,
    quantity: Array,
    cost: Array,
    n_units: int,
    supply_order: Integers,
    worth: Array,
    must_serve: Booleans,
    use_order: Integers,
    reach: Array,
    curtailment_cost: float,
    supplied: Array,
    taken: Array,
    curtailed: Array,
    price: Array,
) -> None:
    """Feed the stacked uses from the ordered supply until it no longer pays.

    The price is what one more MWh on the busbar would bring: the worth of the use that went
    short, or the cost of the dearest supply it would replace, or minus the cost of
    curtailing. The outcome's rows of `steps` must be zero.
    """
    floor = -curtailment_cost if mode != IMPORTS_ALONE else -np.inf
    count = quantity.shape[1]
    for t in steps:
        left = must_run[t] if mode != IMPORTS_ALONE else 0.0
        value, least_worth = floor, np.inf
        place, position, j, have = 0, 0, -1, 0.0
        while True:
            while have <= 0.0 and position < count:
                j = supply_order[t, position]
                position += 1
                if mode == ALL or (j >= n_units) == (mode == IMPORTS_ALONE):
                    have = quantity[t, j]
            while place < use_order.shape[1]:
                k = use_order[t, place]
                ours = mode == ALL or must_serve[k] == (mode == IMPORTS_ALONE)
                if ours and reach[t, k] > taken[t, k]:
                    break
                place += 1
            asked = place < use_order.shape[1] and worth[t, k] >= floor
            worth_now = worth[t, k] if asked else floor
            want = reach[t, k] - taken[t, k] if asked else np.inf
            if left > 0.0 and asked:
                part = min(left, want)
                left -= part
            elif have > 0.0 and cost[t, j] < worth_now:
                part = min(have, want)
                have -= part
                supplied[t, j] += part
                value = max(value, cost[t, j])
            else:
                break
            if asked:
                taken[t, k] += part
                least_worth = worth_now
            else:
                left += part
        if asked:
            value = max(value, worth_now)
        elif value == -np.inf:
            value = min(least_worth, cost[t, j]) if have > 0.0 else least_worth
        if mode != IMPORTS_ALONE:
            price[t], curtailed[t] = value, left


def ordered(cost: Array) -> Integers:
    """Return each row's items by rising cost."""
    order = np.empty(cost.shape, np.int64)
    order_rows(cost, 1.0, order)
    return order


def stack(book: Book) -> Stack:
    """Return the uses of every step from most to least valuable."""
    steps, count = book.worth.shape
    order = np.empty((steps, count), np.int64)
    reach, path_price = np.empty((steps, count)), np.empty_like(book.limit)
    order_rows(book.worth, -1.0, order)
    reach_rows(
        book.capacity, book.worth, book.node, book.parent, book.limit, order, reach, path_price
    )
    return Stack(order, reach, path_price)


def settle(book: Book, uses: Stack) -> Outcome:
    """Solve every step exactly, imports included.

    Notes
    -----
    Imports may not exceed the must-serve load served. If the merit order of everything
    respects that, it is optimal. Else, the problem being convex, the limit binds at the
    optimum: imports equal served must-serve load, so units feed the other uses alone, and
    the two parts are independent merit orders.
    """
    steps = len(book.must_run)
    order = ordered(book.cost)
    out = Outcome(
        np.zeros_like(book.quantity),
        np.zeros_like(book.capacity),
        np.empty(steps),
        np.empty(steps),
    )

    def meet(rows: Integers, mode: int) -> None:
        meet_rows(
            rows, mode, book.must_run, book.quantity, book.cost, book.n_units, order, book.worth,
            book.must_serve, uses.order, uses.reach, book.curtailment_cost, *out,
        )  # fmt: skip

    meet(np.arange(steps), ALL)
    bought = out.supplied[:, book.n_units :].sum(axis=1)
    if bought.any():
        rows = np.flatnonzero(bought > out.taken[:, book.must_serve].sum(axis=1))
        out.supplied[rows], out.taken[rows] = 0.0, 0.0
        meet(rows, IMPORTS_ALONE)
        meet(rows, UNITS_ALONE)
    return out


@dataclass(frozen=True)
class Merit:
    """Schedule and marginal values of the merit order."""

    schedule: Schedule
    duals: Duals


def worth_of(problem: Problem) -> Array:
    """Worth of a delivered MWh, avoided shortfall included, shape (K, T) [USD/MWh]."""
    return problem.uses.value + problem.uses.shortfall_price


def book_of(problem: Problem, minimum: Array, maximum: Array) -> Book:
    """Return supply and demand of every step for given limits of the units [MW]."""
    units, uses, imports, nodes = problem.units, problem.uses, problem.imports, problem.nodes
    return Book(
        must_run=minimum.sum(axis=0),
        quantity=np.ascontiguousarray(np.vstack([maximum - minimum, imports.capacity]).T),
        cost=np.ascontiguousarray(np.vstack([units.cost, imports.price]).T),
        n_units=len(units.name),
        capacity=np.ascontiguousarray(uses.capacity.T),
        worth=np.ascontiguousarray(worth_of(problem).T),
        must_serve=uses.must_serve,
        node=uses.node,
        parent=nodes.parent,
        limit=np.ascontiguousarray(nodes.limit.T),
        curtailment_cost=float(problem.curtailment_cost),
    )


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
    low = problem.units.minimum if minimum is None else minimum
    book = book_of(problem, low, problem.units.available)
    uses = stack(book)
    out = settle(book, uses)
    generation = low + out.supplied.T[: book.n_units]
    schedule = schedule_from(problem, generation, out)
    return Merit(schedule, duals_of(problem, out.price, uses.path_price.T))


def schedule_from(problem: Problem, generation: Array, out: Outcome) -> Schedule:
    """Return the schedule of an outcome for given output of the units."""
    empty = np.zeros((len(problem.storages), problem.steps))
    return Schedule(
        generation=np.ascontiguousarray(generation),
        delivered=np.ascontiguousarray(out.taken.T),
        imported=np.ascontiguousarray(out.supplied.T[len(problem.units.name) :]),
        curtailed=out.curtailed,
        charge=empty,
        discharge=empty.copy(),
        status=np.ones(generation.shape),
        starts=np.zeros(generation.shape),
    )


def duals_of(problem: Problem, price: Array, path_price: Array) -> Duals:
    """Marginal values from the busbar's price and the worth of the best use each node stops.

    Parameters
    ----------
    price : shape (T,) [USD/MWh].
    path_price : shape (N, T), minus infinity where the node stops nothing [USD/MWh].
    """
    nodes, uses = problem.nodes, problem.uses
    total = np.empty_like(path_price)
    value = np.empty_like(path_price)
    for n in sorted(range(len(nodes.name)), key=lambda n: len(nodes.ancestors(n))):
        above = price if nodes.parent[n] < 0 else total[nodes.parent[n]]
        total[n] = np.maximum(path_price[n], above)
        value[n] = total[n] - above
    hard = ~np.isfinite(uses.shortfall_price)
    price_missing = np.where(hard, 0.0, uses.shortfall_price)
    use = uses.value + price_missing
    for k, n in enumerate(uses.node):
        use[k] -= price if n < 0 else total[n]
    return Duals(
        energy=price,
        node=value,
        unit=np.maximum(0.0, price - problem.units.cost),
        use=np.where(hard, use, np.maximum(0.0, use)) - price_missing,
        budget=np.zeros(len(problem.budgets)),
    )
