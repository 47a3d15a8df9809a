"""Many futures of one plant with ramps: optimum, certificate and marginal values of each.

The futures share units, capacities and limits; what a use is worth is a line in one driver, as
in `ensemble`. What depends on the plant alone is prepared once: what each unit can reach, how
much output can change, how its output splits. Each future then takes a few compiled passes:
merit order of the uses, earnings over the plant's output, the best path of that output (value
functions only where ramps bind) and the proof that units can follow it. Only a future whose path
does not split is handed to the recipe of `solve`.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np

from baseload.case.errors import InputError
from baseload.plan.dispatch.busprice import energy_price, import_income
from baseload.plan.dispatch.easy import easy_steps, other_steps
from baseload.plan.dispatch.ensemble import CONSTANT, Worths
from baseload.plan.dispatch.follow import (
    NO_WINDOW,
    earned,
    keep_reachable,
    margin_of,
    margins,
    own_tops,
    walk,
)
from baseload.plan.dispatch.highs import SolverError
from baseload.plan.dispatch.merit import Book, book_of, duals_of, order_rows, ordered, reach_rows
from baseload.plan.dispatch.peel import splits, widest_changes
from baseload.plan.dispatch.problem import Array, Booleans, Integers, Problem
from baseload.plan.dispatch.ramp import FORBIDDEN, Range, curve_rows, reachable
from baseload.plan.dispatch.result import HIGHS, MERIT, PLANT_RAMP
from baseload.plan.dispatch.seams import mend_path
from baseload.plan.dispatch.solve import Clock, by_highs, solve
from baseload.plan.dispatch.split import split
from baseload.plan.dispatch.windows import loose_transitions


@dataclass(frozen=True)
class Batch:
    """The optimum of every future.

    Attributes
    ----------
    objective, bound : shape (S,) [USD].
    certificate : of each future, how it was proven: ``"merit order"`` where no ramp binds,
        ``"plant ramp"`` where the best output under plant ramps splits among units, else what
        `solve` says.
    use_price : worth of one MW more of each use's capacity over the horizon, shape (S, K)
        [USD/MW]. Empty unless asked for; NaN for must-serve uses where there are imports, as
        what feeds the next MW is then not told by the price of own output.
    height : optimum of the relaxation that `use_price` belongs to, the plant with its ramps as
        one, shape (S,) [USD]: no capacities earn more than it, plus what they differ times
        `use_price`.
    """

    objective: Array
    bound: Array
    certificate: tuple[str, ...]
    use_price: Array
    height: Array

    @property
    def gap(self) -> Array:
        """Relative distance of each objective from its bound, shape (S,) [-]."""
        return np.maximum(0.0, self.bound - self.objective) / np.maximum(1.0, abs(self.objective))


class Found(NamedTuple):
    """Objective and bound of one future [USD], and how it was proven."""

    value: float
    bound: float
    how: str


class _Plant(NamedTuple):
    """What all futures share."""

    problem: Problem
    worths: Worths
    book: Book
    span: Range
    low: Array
    high: Array
    rise: Array
    fall: Array
    margin: int
    unit_low: Array
    unit_high: Array
    supply: Array
    supply_cost: Array
    supply_order: Integers
    imports: Array
    imports_price: Array
    imports_order: Integers
    equal_cost: bool
    competes: Booleans
    below: Booleans
    capacity: Array
    limit: Array
    widest: Array
    fixed: Array


class _Room:
    """Arrays that one thread works in."""

    def __init__(self, plant: _Plant, steps: int) -> None:
        book = plant.book
        count, n_units = book.worth.shape[1], plant.unit_low.shape[1]
        size = book.quantity.shape[1] + 2 * count + 2
        self.worths = np.ascontiguousarray(book.worth.T)
        self.worth, self.reach = book.worth.copy(), np.empty((steps, count))
        self.demand, self.own = np.empty(steps), np.zeros(steps)
        self.easy = np.empty(steps, np.bool_)
        self.row, self.steps = np.empty(steps, np.int64), np.empty(steps, np.int64)
        self.order = np.empty((steps, count), np.int64)
        self.path_price = np.empty_like(book.limit)
        self.length, self.slope = np.empty((steps, size)), np.empty((steps, size))
        self.count, self.base = np.empty(steps, np.int64), np.empty(steps)
        self.bought, self.failures = np.zeros(steps), 0
        self.top_low, self.top_high = np.empty(steps), np.empty(steps)
        self.window, self.pieces = np.empty(steps, np.int64), np.empty(steps, np.int64)
        self.start, self.total = np.empty(steps), np.empty(steps)
        ahead = (steps, 64 + 4 * size)
        self.ahead_length, self.ahead_slope = np.empty(ahead), np.empty(ahead)
        self.share, self.output = np.empty(steps), np.empty((steps, n_units))
        self.peeled = np.empty(steps, np.bool_)
        self.broken, self.failed = np.empty(steps, np.int64), np.empty(steps, np.int64)


def solve_batch(
    problem: Problem,
    drivers: Array,
    worths: Worths,
    *,
    threads: int = 1,
    gap: float = 1e-6,
    prices: bool = False,
) -> Batch:
    """Dispatch one plant in many futures.

    Parameters
    ----------
    problem : supply, capacities and limits.
    drivers : shape (S, D, T): future, driver, step.
    worths : what uses are worth in terms of the drivers; imports keep the problem's prices.
    threads : futures are shared among so many; results do not depend on it.
    gap : at which a future that needs HiGHS is good enough [-].
    prices : whether `Batch.use_price` is wanted.

    Raises
    ------
    baseload.case.errors.InputError
        Where the drivers do not fit, or prices are wanted of a problem whose steps are tied by
        more than ramps.
    baseload.plan.dispatch.infeasible.InfeasibleError
        Where a future has no schedule.
    """
    drivers = np.ascontiguousarray(drivers, dtype=np.float64)
    _check(problem, drivers, worths)
    plant = _prepare(problem, worths)
    count = drivers.shape[0]
    value, bound, how = np.empty(count), np.empty(count), np.empty(count, object)
    height = np.empty(count)
    use_price = np.zeros((count, len(problem.uses.name) if prices else 0))
    if plant is None and prices:
        raise InputError(
            "solve_batch",
            expected="units with ramps, and uses whose shortfall has a finite price",
            found="commitment, budgets, contracts, stores or an infinite price",
            mend="leave out what ties the steps, or take the duals of solve()",
        )

    def run(chunk: Integers) -> None:
        room = None if plant is None else _Room(plant, problem.steps)
        for s in chunk:
            found = None if plant is None or room is None else _follow(plant, room, drivers[s], gap)
            if found is None:
                slow = solve(future(problem, drivers[s], worths), gap=gap)
                found = Found(slow.objective, slow.bound, slow.certificate)
            value[s], bound[s], how[s] = found
            height[s] = bound[s]
            if prices and plant is not None and room is not None:
                use_price[s], height[s] = _use_prices(plant, room, drivers[s])

    parts = np.array_split(np.arange(count), max(1, min(threads, count)))
    with ThreadPoolExecutor(len(parts)) as pool:
        list(pool.map(run, parts))
    return Batch(value, bound, tuple(how), use_price, height)


def future(problem: Problem, drivers: Array, worths: Worths) -> Problem:
    """Return the problem of one future; drivers have shape (D, T)."""
    value = problem.uses.value.copy()
    for k, d in enumerate(worths.driver):
        if d != CONSTANT:
            value[k] = worths.slope[k] * drivers[d] + worths.offset[k]
    return replace(problem, uses=replace(problem.uses, value=value))


def _check(problem: Problem, drivers: Array, worths: Worths) -> None:
    if drivers.ndim != 3 or drivers.shape[2] != problem.steps or not np.isfinite(drivers).all():
        raise InputError(
            "drivers",
            expected=f"finite numbers of shape (futures, drivers, {problem.steps})",
            found=f"shape {drivers.shape}"
            + ("" if np.isfinite(drivers).all() else " with NaN or infinity"),
            mend="give every driver a value in every step",
        )
    if worths.import_driver is not None:
        raise InputError(
            "worths.import_driver",
            expected="imports at the problem's prices",
            found="imports that follow a driver",
            mend="use sum_futures, or solve each future by itself",
        )
    if len(worths.driver) and int(np.max(worths.driver)) >= drivers.shape[1]:
        raise InputError(
            "worths.driver",
            expected=f"indices below {drivers.shape[1]}, or -1 for none",
            found=f"{np.asarray(worths.driver).tolist()}",
            mend="point to a driver that exists",
        )


def _prepare(problem: Problem, worths: Worths) -> _Plant | None:
    """Return what all futures share, None where only the recipe of `solve` will do."""
    units, uses = problem.units, problem.uses
    tied = bool(problem.budgets or problem.contracts or problem.storages or units.commit.any())
    hard = not np.isfinite(uses.shortfall_price).all() or not np.isfinite(problem.curtailment_cost)
    span = None if tied or hard or not units.name else reachable(problem)
    if span is None:
        return None
    book = book_of(problem, span.low, span.high)
    n_units = book.n_units
    equal_cost = bool((units.cost == units.cost[0]).all())
    supply = np.ascontiguousarray(book.quantity[:, :n_units])
    supply_cost = np.ascontiguousarray(book.cost[:, :n_units])
    if equal_cost:
        supply, supply_cost = supply.sum(axis=1, keepdims=True), supply_cost[:, :1].copy()
    owed = (uses.shortfall_price * uses.capacity).sum(axis=0)
    imports_price = np.ascontiguousarray(book.cost[:, n_units:])
    open_ = problem.imports.capacity > 0.0
    unit_low, unit_high = np.ascontiguousarray(span.low.T), np.ascontiguousarray(span.high.T)
    widest = np.empty(problem.steps)
    h = problem.step
    widest_changes(unit_low, unit_high, units.ramp_up * h, units.ramp_down * h, widest)
    return _Plant(
        problem=problem,
        worths=worths,
        book=book,
        span=span,
        low=span.low.sum(axis=0),
        high=span.high.sum(axis=0),
        rise=span.rise.sum(axis=0),
        fall=span.fall.sum(axis=0),
        margin=margin_of(span),
        unit_low=unit_low,
        unit_high=unit_high,
        supply=supply,
        supply_cost=supply_cost,
        supply_order=ordered(supply_cost),
        imports=np.ascontiguousarray(book.quantity[:, n_units:]),
        imports_price=imports_price,
        imports_order=ordered(imports_price),
        equal_cost=equal_cost,
        competes=(open_ & (problem.imports.price <= units.cost[0])).any(axis=0),
        below=below(problem),
        capacity=uses.capacity,
        limit=problem.nodes.limit,
        widest=widest,
        fixed=-owed - (span.low * units.cost).sum(axis=0),
    )


def below(problem: Problem) -> Booleans:
    """Which uses lie below each node, shape (N, K)."""
    paths = [problem.nodes.ancestors(int(node)) for node in problem.uses.node]
    count = len(problem.nodes.name)
    return np.array([[n in path for path in paths] for n in range(count)], np.bool_).reshape(
        count, len(paths)
    )


def _follow(plant: _Plant, room: _Room, drivers: Array, gap: float) -> Found | None:
    """Return the optimum of a future, None where only the recipe of `solve` finds it."""
    shortfall = plant.problem.uses.shortfall_price
    for k, d in enumerate(plant.worths.driver):
        if d != CONSTANT:
            np.multiply(drivers[d], plant.worths.slope[k], out=room.worths[k])
            room.worths[k] += shortfall[k] + plant.worths.offset[k]
    if not (_path(plant, room, whole=False) or _path(plant, room, whole=True)):
        return None
    value = _earned(plant, room, 0, plant.problem.steps)
    if _splits(plant, room):
        never = bool((room.window == NO_WINDOW).all())
        return Found(value, value, MERIT if never else PLANT_RAMP)
    if not plant.equal_cost:
        return None
    return _mended(plant, room, value, gap)


def _path(plant: _Plant, room: _Room, *, whole: bool) -> bool:
    """Find the best total output; with `whole`, earnings over output are written for all steps."""
    steps = _steps_to_write(plant, room, whole)
    return _best_path(plant, room, steps, _write_earnings(plant, room, steps))


def _earned(plant: _Plant, room: _Room, start: int, stop: int) -> float:
    """Sum what the path earns from a step to another [USD]."""
    span = slice(start, stop)
    money = earned(
        room.row[span], room.own[span], room.total[span], plant.low[span], room.base, room.length,
        room.slope, room.count,
    )  # fmt: skip
    rows = room.row[span][room.row[span] >= 0]
    bought = float(room.bought[rows].sum()) if plant.imports.shape[1] else 0.0
    return (money + bought + float(plant.fixed[span].sum())) * plant.problem.step


def _mended(plant: _Plant, room: _Room, value: float, gap: float) -> Found | None:
    """Give what units cannot follow to HiGHS, and only that."""
    broken = np.zeros(plant.problem.steps, np.bool_)
    broken[room.failed[: room.failures]] = True
    width = plant.unit_high - plant.unit_low
    generation = plant.unit_low + room.share[:, None] * width
    generation[room.peeled] = room.output[room.peeled]
    shortfall = plant.problem.uses.shortfall_price
    mended = mend_path(
        plant.problem, room.worths - shortfall, np.ascontiguousarray(generation.T), broken,
        loose_transitions(room.total, plant.span), lambda a, b: _earned(plant, room, a, b),
        gap * max(1.0, abs(value)),
    )  # fmt: skip
    if mended is None:
        return None
    reached, bound = value - mended.value_loss, value - mended.bound_loss
    away = max(0.0, bound - reached) / max(1.0, abs(reached))
    return Found(reached, bound, f"{HIGHS} gap {away:.1e}")


def _steps_to_write(plant: _Plant, room: _Room, whole: bool) -> Integers:
    """Return the steps whose earnings over output may count; the rows of `room` are theirs."""
    if whole or not plant.equal_cost:
        room.steps[:] = room.row[:] = np.arange(plant.problem.steps)
        return room.steps
    easy_steps(
        room.worths, plant.capacity, plant.below, plant.limit, plant.supply_cost[:, 0], plant.low,
        plant.high, plant.competes, room.demand, room.own, room.easy,
    )  # fmt: skip
    found = other_steps(
        room.easy, room.demand, plant.rise, plant.fall, plant.margin, room.steps, room.row
    )
    return room.steps[:found]


def _write_earnings(plant: _Plant, room: _Room, steps: Integers) -> tuple[Array, Array, Integers]:
    """Write the earnings of steps over output, and what imports bring; return the former."""
    n, book = len(steps), plant.book
    worth, order, reach = room.worth[:n], room.order[:n], room.reach[:n]
    worth[:] = room.worths[:, steps].T
    imports, price = plant.imports[steps], plant.imports_price[steps]
    import_order = plant.imports_order[steps]
    order_rows(worth, -1.0, order)
    reach_rows(
        book.capacity[steps], worth, book.node, book.parent, book.limit[steps], order, reach,
        room.path_price[:n],
    )  # fmt: skip
    curve = (room.length[:n], room.slope[:n], room.count[:n])
    curve_rows(
        book.must_run[steps], plant.supply[steps], plant.supply_cost[steps],
        plant.supply_order[steps], imports, price, import_order, worth, book.must_serve, order,
        reach, book.curtailment_cost, FORBIDDEN, *curve, room.base[:n],
    )  # fmt: skip
    import_income(
        imports, price, import_order, worth, book.must_serve, order, reach, room.bought[:n]
    )
    return curve


def _best_path(
    plant: _Plant, room: _Room, steps: Integers, curve: tuple[Array, Array, Integers]
) -> bool:
    """Find the best total output; whether it is optimal under plant ramps."""
    every = plant.problem.steps
    for margin in (plant.margin, every) if len(steps) == every else (plant.margin,):
        room.top_low[:] = room.top_high[:] = room.demand
        own_tops(steps, *curve, plant.low, room.top_low, room.top_high)
        reached = keep_reachable(
            room.row, *curve, plant.low, plant.high, plant.rise, plant.fall, margin, room.top_low,
            room.top_high, room.window, room.start, room.pieces, room.ahead_length,
            room.ahead_slope,
        )  # fmt: skip
        if not reached:
            return False
        if walk(room.top_low, room.top_high, room.window, plant.rise, plant.fall, room.total):
            return True
    return False


def _splits(plant: _Plant, room: _Room) -> bool:
    """Whether units can follow the total at least cost."""
    units, h = plant.problem.units, plant.problem.step
    if not plant.equal_cost:
        return not split(plant.problem, plant.span, room.total).broken.any()
    room.failures = splits(
        room.total, plant.unit_low, plant.unit_high, units.ramp_up * h, units.ramp_down * h,
        plant.widest, room.share, room.broken, room.output, room.peeled, room.failed,
    )  # fmt: skip
    return room.failures == 0


def _use_prices(plant: _Plant, room: _Room, drivers: Array) -> tuple[Array, float]:
    """Worth of one MW more of each use's capacity, shape (K,) [USD/MW], and what it is added to."""
    problem, book = plant.problem, plant.book
    if not _path(plant, room, whole=True):
        exact = by_highs(future(problem, drivers, plant.worths), 0.0, np.inf, 1, Clock())
        if exact.duals is None:
            raise SolverError("HiGHS gave no marginal values")
        return exact.duals.use.sum(axis=1) * problem.step, exact.bound
    margin, price = np.empty(problem.steps), np.empty(problem.steps)
    margins(
        room.total, plant.low, room.length, room.slope, room.count, room.window, room.start,
        room.pieces, room.ahead_length, room.ahead_slope, margin,
    )  # fmt: skip
    energy_price(
        room.total, book.must_run, plant.supply, plant.supply_cost, plant.supply_order,
        plant.imports, plant.imports_price, plant.imports_order, room.worth, book.must_serve,
        room.order, room.reach, -book.curtailment_cost, margin, price,
    )  # fmt: skip
    value = room.worth.T - problem.uses.shortfall_price
    seen = replace(problem, uses=replace(problem.uses, value=value))
    use: Array = duals_of(seen, price, room.path_price.T).use.sum(axis=1)
    if plant.imports.any():
        use[problem.uses.must_serve] = np.nan
    return use * problem.step, _earned(plant, room, 0, problem.steps)
