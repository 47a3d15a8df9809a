"""The coupled tier in rolling windows, with a bound that shows what the seams cost.

Windows are solved one after the other, each from where the last one ended and with a look
ahead that is thrown away. That gives a schedule. The bound comes from the windows' duals: any
values of the right sign for the rows of the whole problem give an upper bound on its optimum
(weak duality), namely what the rows allow at those values plus, for each column, the better
of its two bounds at its reduced gain. Two windows overlap in the look ahead; where their
duals agree at some step, switching from one window's duals to the next one's there costs the
bound nothing. So the seams are proven harmless, not assumed to be.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from baseload.plan.dispatch.highs import Engine, Matrix, compress
from baseload.plan.dispatch.model import Model, build, schedule_of
from baseload.plan.dispatch.plan_ahead import Plan
from baseload.plan.dispatch.problem import Array, Budget, Contract, Integers, Problem
from baseload.plan.dispatch.result import Schedule
from baseload.plan.dispatch.windows import cut

LENGTH_H, LOOK_AHEAD_H = 730.0, 96.0
BAND = 0.002
"""By which share of itself a budget may run ahead of its pace before the period's end."""

Key = tuple[str, int]


@dataclass(frozen=True)
class Rolled:
    """A schedule from rolling windows and what their duals prove.

    Attributes
    ----------
    schedule : power in every step.
    bound : no schedule earns more [USD].
    row_dual, column_dual : the duals behind the bound, one per row and column of `model`.
    model : the whole problem.
    """

    schedule: Schedule
    bound: float
    row_dual: Array
    column_dual: Array
    model: Model


@dataclass(frozen=True)
class Window:
    """What a window leaves: its steps, its point and the duals of its rows by block and item."""

    start: int
    stop: int
    end: int
    duals: dict[Key, Array]


def roll(
    problem: Problem,
    plan: Plan,
    time_limit: float,
    length_h: float = LENGTH_H,
    ahead_h: float = LOOK_AHEAD_H,
) -> Rolled | None:
    """Solve a linear problem in rolling windows.

    Parameters
    ----------
    problem : no unit of it is committed.
    plan : prices and pace of its budgets and contracts.
    time_limit : seconds after which it is given up.
    length_h, ahead_h : length of a window and of the look ahead behind it [h].

    Returns
    -------
    Schedule and bound, or None where a window has no schedule or time ran out.
    """
    began = time.perf_counter()
    length, ahead = int(length_h / problem.step), int(ahead_h / problem.step)
    model = build(problem)
    point, windows = np.zeros(model.size), []
    for start in range(0, problem.steps, length):
        stop = min(start + length, problem.steps)
        end = min(stop + ahead, problem.steps)
        left = time_limit - (time.perf_counter() - began)
        window = _solve_window(problem, plan, model, point, (start, stop, end), left)
        if window is None:
            return None
        windows.append(window)
    schedule, matrix = schedule_of(model, problem, point), compress(model)
    row_dual = usable(matrix, stitched(problem, model, plan, windows))
    column_dual = reduced_gain(model, matrix, row_dual)
    bound = dual_bound(model, matrix, row_dual, column_dual)
    return Rolled(schedule, bound, row_dual, column_dual, model)


def _solve_window(
    problem: Problem,
    plan: Plan,
    model: Model,
    point: Array,
    steps: tuple[int, int, int],
    time_limit: float,
) -> Window | None:
    """Solve one window from where `point` ends, write its steps into `point`."""
    start, stop, end = steps
    if time_limit <= 0.0:
        return None
    part = _window_problem(problem, plan, model, point, steps)
    own = build(part)
    answer = Engine(own, gap=0.0, time_limit=time_limit).run()
    if not answer.feasible or answer.timed_out:
        return None
    for name, index in own.columns.items():
        if index.ndim == 2 and index.size:
            point[model.columns[name][:, start:stop]] = answer.point[index[:, : stop - start]]
        elif name == "curtailed":
            point[model.columns[name][start:stop]] = answer.point[index[: stop - start]]
    duals: dict[Key, Array] = {}
    offset = 0
    for rows in own.rows:
        count = len(rows.lower)
        if rows.name not in ("budget", "contract"):
            key = _key(rows.name, rows.where)
            values = duals.setdefault(key, np.zeros(end - start))
            values[rows.where[-1]] = answer.row_dual[offset : offset + count]
        offset += count
    return Window(start, stop, end, duals)


def _key(name: str, where: tuple[Integers, ...]) -> Key:
    """Name and item of a block of rows that runs over steps."""
    return name, int(where[0][0]) if len(where) > 1 else 0


def _window_problem(
    problem: Problem, plan: Plan, model: Model, point: Array, steps: tuple[int, int, int]
) -> Problem:
    """Return a window with its prices, what is left of its budgets, and its first state."""
    start, stop, end = steps
    part = cut(problem, start, end)
    output = point[model.columns["generation"]]
    taken = point[model.columns["delivered"]]
    cost, value = part.units.cost.copy(), part.uses.value.copy()
    budgets: list[Budget] = []
    contracts: list[Contract] = []
    for b, budget in enumerate(problem.budgets):
        first, last = max(budget.start, start), min(budget.stop, end)
        if first >= last:
            continue
        used = float(output[list(budget.units), budget.start : first].sum()) * problem.step
        ends = budget.stop <= stop
        if not ends:
            cost[list(budget.units), first - start : last - start] += plan.budget_price[b]
            last = min(budget.stop, stop)
        most = budget.maximum
        if not ends:
            most = min(most, float(plan.pace[b, stop - 1]) + BAND * most)
        if first < last:
            budgets.append(
                replace(
                    budget, start=first - start, stop=last - start, maximum=max(0.0, most - used)
                )
            )
    for c, contract in enumerate(problem.contracts):
        first, last = max(contract.start, start), min(contract.stop, end)
        if first >= last:
            continue
        if contract.stop > stop:
            value[list(contract.uses), first - start : last - start] += plan.contract_price[c]
            continue
        done = float(taken[list(contract.uses), contract.start : first].sum()) * problem.step
        left = max(0.0, contract.quantity - done)
        contracts.append(replace(contract, start=first - start, stop=last - start, quantity=left))
    level = point[model.columns["level"]]
    storages = tuple(
        replace(
            store,
            initial=min(max(level[s, start - 1], 0.0), store.energy) if start else store.initial,
            final=store.final if end == problem.steps else 0.0,
        )
        for s, store in enumerate(problem.storages)
    )
    initial = output[:, start - 1] if start else problem.units.initial
    return replace(
        part,
        units=replace(part.units, cost=cost, initial=initial),
        uses=replace(part.uses, value=value),
        budgets=tuple(budgets),
        contracts=tuple(contracts),
        storages=storages,
    )


def switches(problem: Problem, windows: list[Window]) -> Iterator[tuple[Window, int, int]]:
    """Give each window the steps for which its duals stand.

    In the overlap of two windows the switch is where their duals of what links steps (stores,
    ramps) differ least, weighed by how far the linked quantity can move.
    """
    begin = 0
    reach = problem.units.available - problem.units.minimum
    for window, following in zip(windows, [*windows[1:], None], strict=True):
        at = problem.steps
        if following is not None:
            at = following.start
            steps = np.arange(following.start + 1, min(window.end, following.end))
            apart = np.zeros(len(steps))
            for key in window.duals.keys() & following.duals.keys():
                if key[0] not in ("storage", "ramp"):
                    continue
                one = window.duals[key][steps - window.start]
                two = following.duals[key][steps - following.start]
                span = (
                    problem.storages[key[1]].energy if key[0] == "storage" else reach[key[1], steps]
                )
                apart += np.abs(one - two) * span
            if len(steps):
                at = int(steps[np.argmin(apart)])
        yield window, begin, at
        begin = at


def stitched(problem: Problem, model: Model, plan: Plan, windows: list[Window]) -> Array:
    """Return the windows' duals as one value per row of the whole problem."""
    parts = list(switches(problem, windows))
    duals = []
    for rows in model.rows:
        if rows.name == "budget":
            duals.append(plan.budget_price[rows.where[0]] * problem.step)
        elif rows.name == "contract":
            duals.append(-plan.contract_price[rows.where[0]])
        else:
            key, steps = _key(rows.name, rows.where), rows.where[-1]
            line = np.zeros(problem.steps)
            for window, begin, at in parts:
                if key in window.duals:
                    line[begin:at] = window.duals[key][begin - window.start : at - window.start]
            duals.append(line[steps])
    return np.concatenate(duals)


def usable(matrix: Matrix, duals: Array) -> Array:
    """Return duals with zero where a one-sided row does not allow their sign."""
    allowed = np.where(duals > 0.0, np.isfinite(matrix.upper), np.isfinite(matrix.lower))
    return np.where(allowed, duals, 0.0)


def reduced_gain(model: Model, matrix: Matrix, duals: Array) -> Array:
    """Return what each column brings beyond what its rows take at these duals."""
    row = np.repeat(np.arange(len(duals)), np.diff(matrix.start))
    spent = np.bincount(matrix.index, weights=matrix.value * duals[row], minlength=model.size)
    return np.concatenate(model.gain) - spent


def dual_bound(model: Model, matrix: Matrix, row_dual: Array, column_dual: Array) -> float:
    """Return the upper bound that any usable duals give a linear program of gains [USD].

    Parameters
    ----------
    row_dual : one per row, positive where the upper limit holds back, see `usable`.
    column_dual : see `reduced_gain`.
    """
    limit = np.where(row_dual > 0.0, matrix.upper, matrix.lower)
    best = np.where(column_dual > 0.0, np.concatenate(model.upper), np.concatenate(model.lower))
    rows, columns = row_dual != 0.0, column_dual != 0.0
    return float(
        model.offset
        + (row_dual[rows] * limit[rows]).sum()
        + (column_dual[columns] * best[columns]).sum()
    )
