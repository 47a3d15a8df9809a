"""Merit order for many futures at once: totals only, no hourly output.

The futures share supply, capacities and limits; what a use is worth is a line in one driver
(a power price, a hashprice). Scenarios are independent, each is summed in the same order
whatever the number of threads, so results are the same bit for bit.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from baseload.case.errors import InputError
from baseload.plan.dispatch.merit import book_of, settle, stack, worth_of
from baseload.plan.dispatch.problem import BUSBAR, Array, Booleans, Integers, Problem
from baseload.plan.dispatch.sums import in_blocks, sum_scenarios

CONSTANT = -1
"""Driver index of a worth that is the same in every future."""


@dataclass(frozen=True)
class Worths:
    """What the uses and imports of a problem are worth in a future.

    The value of use `k` is ``slope[k] * drivers[driver[k]] + offset[k]``, in place of the
    problem's; where the driver is `CONSTANT`, the problem's own value stands. Imports alike.

    Attributes
    ----------
    driver, slope, offset : of the uses, shape (K,) [-, USD/MWh per unit of driver, USD/MWh].
    import_driver, import_slope, import_offset : of the imports, shape (M,); None leaves the
        problem's prices.
    """

    driver: Integers
    slope: Array
    offset: Array
    import_driver: Integers | None = None
    import_slope: Array | None = None
    import_offset: Array | None = None


@dataclass(frozen=True)
class Totals:
    """Sums over the horizon for every future.

    Attributes
    ----------
    objective : shape (S,) [USD].
    delivered : by use, shape (S, K) [MWh].
    imported : by import, shape (S, M) [MWh].
    generated, curtailed : shape (S,) [MWh].
    """

    objective: Array
    delivered: Array
    imported: Array
    generated: Array
    curtailed: Array


@dataclass(frozen=True)
class _Shared:
    """What all futures share, in the kernel's terms.

    An import that serves must-serve load is, to own output, a use worth the import's price:
    feeding that load saves the price. So imports become uses, and must-serve load is only
    what they leave.

    Attributes
    ----------
    keep, served : indices of the uses that imports may not feed, and of those they may.
    left, fed : what imports leave of the must-serve load, and feed, shape (served, T) [MW].
    bought : imported if own output replaces none of it, shape (M, T) [MW].
    node : node of the kernel's uses: kept, served, then imports.
    """

    keep: Integers
    served: Integers
    left: Array
    fed: Array
    bought: Array
    node: Integers


def sum_futures(problem: Problem, drivers: Array, worths: Worths, *, threads: int = 1) -> Totals:
    """Dispatch a problem in merit order in every future and return the totals.

    Parameters
    ----------
    problem : supply, capacities and limits; what couples steps is left out, and committed
        units may stand still.
    drivers : shape (S, D, T): scenario, driver, step.
    worths : what uses and imports are worth in terms of the drivers.
    threads : scenarios are shared among so many; results do not depend on it.

    Returns
    -------
    Sums over the horizon for every future.

    Raises
    ------
    baseload.case.errors.InputError
        Where the drivers do not fit, or a shortfall has an infinite price.
    """
    drivers = np.ascontiguousarray(drivers, dtype=np.float64)
    _check(problem, drivers, worths)
    shared = _share(problem, drivers, worths)
    if shared is None:
        return _one_by_one(problem, drivers, worths)
    return _by_kernel(problem, drivers, worths, shared, threads)


def _check(problem: Problem, drivers: Array, worths: Worths) -> None:
    if drivers.ndim != 3 or drivers.shape[2] != problem.steps:
        raise InputError(
            "drivers",
            expected=f"shape (scenarios, drivers, {problem.steps})",
            found=f"{drivers.shape}",
            mend="give every driver a value in every step",
        )
    if not np.isfinite(drivers).all():
        raise InputError(
            "drivers", expected="finite numbers", found="NaN or infinity", mend="fill the gaps"
        )
    if not np.isfinite(problem.uses.shortfall_price).all():
        raise InputError(
            "uses.shortfall_price",
            expected="a finite price for an ensemble",
            found="infinity",
            mend="price the shortfall, so that a future without a schedule still has a value",
        )
    for name, used in (("driver", worths.driver), ("import_driver", worths.import_driver)):
        if used is not None and len(used) and int(np.max(used)) >= drivers.shape[1]:
            raise InputError(
                f"worths.{name}",
                expected=f"indices below {drivers.shape[1]}, or -1 for none",
                found=f"{np.asarray(used).tolist()}",
                mend="point to a driver that exists",
            )


def _import_price(problem: Problem, drivers: Array, worths: Worths, s: int) -> Array:
    """Price of the imports in future `s`, shape (M, T) [USD/MWh]."""
    price = problem.imports.price.copy()
    if worths.import_driver is None:
        return price
    slope, offset = worths.import_slope, worths.import_offset
    for m, d in enumerate(worths.import_driver):
        if d != CONSTANT and slope is not None and offset is not None:
            price[m] = slope[m] * drivers[s, d] + offset[m]
    return price


def _share(problem: Problem, drivers: Array, worths: Worths) -> _Shared | None:
    """Return the shared data, or None where imports cannot be written as uses."""
    uses, imports = problem.uses, problem.imports
    driven = uses.firm & (worths.driver != CONSTANT)
    if np.ptp(uses.shortfall_price[driven], axis=1).any():
        return None
    must = np.flatnonzero(uses.must_serve)
    keep = np.flatnonzero(~uses.must_serve)
    asked = uses.capacity[must].sum(axis=0)
    offered = imports.capacity.sum(axis=0)
    if offered.any():
        worth = worth_of(problem)[must]
        least = worth[uses.capacity[must] > 0.0].min(initial=np.inf)
        dearest = max(
            _import_price(problem, drivers, worths, s).max() for s in range(drivers.shape[0])
        )
        enough = len(imports.name) == 1 or bool((offered <= asked).all())
        if not enough or dearest > least or (worths.driver[must] != CONSTANT).any():
            return None
    bought = np.minimum(imports.capacity, asked)
    fed = _feed(worth_of(problem)[must], uses.capacity[must], bought.sum(axis=0))
    node = np.concatenate([uses.node[keep], np.full(len(must) + len(imports.name), BUSBAR)])
    return _Shared(keep, must, uses.capacity[must] - fed, fed, bought, node)


def _feed(worth: Array, asked: Array, supply: Array) -> Array:
    """Feed the most valuable load first, shape (K, T) [MW]."""
    order = np.argsort(-worth, axis=0, kind="stable")
    sorted_ask = np.take_along_axis(asked, order, axis=0)
    before = np.cumsum(sorted_ask, axis=0) - sorted_ask
    fed = np.clip(supply - before, 0.0, sorted_ask)
    out = np.empty_like(asked)
    np.put_along_axis(out, order, fed, axis=0)
    return out


def _supply(problem: Problem, minimum: Array) -> tuple[Array, Array]:
    """Quantity and cost beyond the minimum, like costs merged, cheapest first, (J, T)."""
    units = problem.units
    if not units.name:
        return np.zeros((1, problem.steps)), np.zeros((1, problem.steps))
    groups: list[list[int]] = []
    for u in range(len(units.name)):
        for group in groups:
            if np.array_equal(units.cost[group[0]], units.cost[u]):
                group.append(u)
                break
        else:
            groups.append([u])
    cost = units.cost[[g[0] for g in groups]]
    quantity = np.array([(units.available - minimum)[g].sum(axis=0) for g in groups])
    order = np.argsort(cost, axis=0, kind="stable")
    return np.take_along_axis(quantity, order, axis=0), np.take_along_axis(cost, order, axis=0)


def _fold(problem: Problem, node: Integers, capacity: Array) -> tuple[Integers, Array, Booleans]:
    """Turn nodes above a single use into that use's capacity; return what is left of them."""
    nodes = problem.nodes
    node, capacity = node.copy(), capacity.copy()
    for k in range(len(node)):
        for above in nodes.ancestors(int(node[k])):
            np.minimum(capacity[k], nodes.limit[above], out=capacity[k])
    below = np.array(
        [[n in nodes.ancestors(int(at)) for at in node] for n in range(len(nodes.name))],
        np.bool_,
    ).reshape(len(nodes.name), len(node))
    for k in range(len(node)):
        if all(below[n].sum() == 1 for n in nodes.ancestors(int(node[k]))):
            below[:, k] = False
            node[k] = BUSBAR
    return node, capacity, below


class _Sums(NamedTuple):
    """The kernel's sums: income [USD/h], energy by its uses, output and curtailed [MW]."""

    income: Array
    energy: Array
    generated: Array
    lost: Array


def _by_kernel(
    problem: Problem, drivers: Array, worths: Worths, shared: _Shared, threads: int
) -> Totals:
    """Run the compiled kernel on chunks of scenarios and put the totals together."""
    minimum = _least_output(problem)
    scenarios, n_uses = drivers.shape[0], len(shared.node)
    income, output, lost = np.zeros(scenarios), np.zeros(scenarios), np.zeros(scenarios)
    energy = np.zeros((scenarios, n_uses))
    lines, blocks = _lines(problem, worths, shared), _blocks(problem, shared, minimum)
    arguments: tuple[Any, ...] = (drivers, *lines, *blocks, income, energy, output, lost)
    bounds = np.linspace(0, scenarios, max(1, min(threads, scenarios)) + 1).astype(np.int64)

    def run(chunk: int) -> None:
        sum_scenarios(bounds[chunk], bounds[chunk + 1], *arguments)

    with ThreadPoolExecutor(len(bounds) - 1) as pool:
        list(pool.map(run, range(len(bounds) - 1)))
    generated = minimum.sum() + output
    income = income - (minimum * problem.units.cost).sum()
    return _totals(problem, drivers, worths, shared, _Sums(income, energy, generated, lost))


def _least_output(problem: Problem) -> Array:
    """Output that comes in any case; committed units may stand still, shape (U, T) [MW]."""
    return np.where(problem.units.commit[:, None], 0.0, problem.units.minimum)


def _lines(problem: Problem, worths: Worths, shared: _Shared) -> tuple[Any, ...]:
    """Driver, slope, offset and constant worth of the kernel's uses."""
    uses, count = problem.uses, len(problem.imports.name)
    order = np.concatenate([shared.keep, shared.served]).astype(np.int64)

    def joined(own: Array | Integers, bought: Array | Integers | None, otherwise: float) -> Array:
        return np.concatenate([own, np.full(count, otherwise) if bought is None else bought])

    shift = worths.offset + np.where(uses.firm, uses.shortfall_price[:, 0], 0.0)
    return (
        joined(worths.driver[order], worths.import_driver, CONSTANT).astype(np.int64),
        joined(worths.slope[order], worths.import_slope, 0.0).astype(np.float64),
        joined(shift[order], worths.import_offset, 0.0).astype(np.float64),
        in_blocks(np.vstack([worth_of(problem)[order], problem.imports.price])),
    )


def _blocks(problem: Problem, shared: _Shared, minimum: Array) -> tuple[Any, ...]:
    """Capacities, supply and limits in the kernel's blocks."""
    capacity = np.vstack([problem.uses.capacity[shared.keep], shared.left, shared.bought])
    node, capacity, below = _fold(problem, shared.node, capacity)
    quantity, cost = _supply(problem, minimum)
    live = below.any(axis=1)
    renumbered = np.append(np.cumsum(live) - 1, BUSBAR)
    return (
        in_blocks(capacity),
        in_blocks(minimum.sum(axis=0)[None])[:, 0].copy(),
        in_blocks(quantity),
        in_blocks(cost),
        float(problem.curtailment_cost),
        renumbered[node],
        renumbered[problem.nodes.parent[live]],
        in_blocks(problem.nodes.limit[live]),
        below[live],
    )


def _totals(
    problem: Problem, drivers: Array, worths: Worths, shared: _Shared, raw: _Sums
) -> Totals:
    """Turn the kernel's sums of power into totals of the problem's uses and imports.

    ``raw`` holds sums by the kernel's uses; the last of them are imports that own output
    replaced.
    """
    uses, h = problem.uses, problem.step
    count, firm = len(problem.imports.name), uses.firm
    split = raw.energy.shape[1] - count
    delivered = np.zeros((drivers.shape[0], len(uses.name)))
    order = np.concatenate([shared.keep, shared.served]).astype(np.int64)
    delivered[:, order] = raw.energy[:, :split]
    delivered[:, shared.served] += shared.fed.sum(axis=1)
    objective = raw.income - (uses.shortfall_price * uses.capacity)[firm].sum()
    objective += (worth_of(problem)[shared.served] * shared.fed).sum()
    if shared.bought.any():
        objective -= [
            (_import_price(problem, drivers, worths, s) * shared.bought).sum()
            for s in range(drivers.shape[0])
        ]
    imported = shared.bought.sum(axis=1) - raw.energy[:, split:]
    return Totals(
        objective=objective * h,
        delivered=delivered * h,
        imported=imported * h,
        generated=raw.generated * h,
        curtailed=raw.lost * h,
    )


def _one_by_one(problem: Problem, drivers: Array, worths: Worths) -> Totals:
    """Settle future after future, where imports cannot be written as uses."""
    uses, h, count = problem.uses, problem.step, drivers.shape[0]
    minimum = _least_output(problem)
    book = book_of(problem, minimum, problem.units.available)
    n_units = book.n_units
    out = Totals(
        np.zeros(count),
        np.zeros((count, len(uses.name))),
        np.zeros((count, len(problem.imports.name))),
        np.zeros(count),
        np.zeros(count),
    )
    owed = float(
        (uses.shortfall_price * uses.capacity).sum() + (minimum * problem.units.cost).sum()
    )
    for s in range(count):
        value = uses.value.copy()
        for k, d in enumerate(worths.driver):
            if d != CONSTANT:
                value[k] = worths.slope[k] * drivers[s, d] + worths.offset[k]
        cost = book.cost.copy()
        cost[:, n_units:] = _import_price(problem, drivers, worths, s).T
        worth = np.ascontiguousarray((value + uses.shortfall_price).T)
        future = book._replace(worth=worth, cost=cost)
        found = settle(future, stack(future))
        income = (found.taken * worth).sum() - (found.supplied * cost).sum() - owed
        if found.curtailed.any():
            income -= problem.curtailment_cost * found.curtailed.sum()
        out.objective[s] = income * h
        out.delivered[s] = found.taken.sum(axis=0) * h
        out.imported[s] = found.supplied[:, n_units:].sum(axis=0) * h
        out.generated[s] = (found.supplied[:, :n_units].sum() + minimum.sum()) * h
        out.curtailed[s] = found.curtailed.sum() * h
    return out
