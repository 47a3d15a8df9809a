"""Does a relaxed schedule already keep what couples its steps? Then it is optimal.

A schedule that is optimal without some limits and keeps them all the same is optimal with
them. Stores are the other way round (leaving one out is no relaxation), so for them the
certificate is a bound: what a store could earn at the marginal prices of the schedule without
it is, by weak duality, the most that it can add.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from baseload.plan.dispatch.highs import Engine
from baseload.plan.dispatch.model import Model, define_storage, minimum_steps, starts_of
from baseload.plan.dispatch.problem import Array, Booleans, Problem
from baseload.plan.dispatch.result import Schedule, contract_missing

TOLERANCE_MW = 1e-6
TOLERANCE_MWH = 1e-5


def possible(problem: Problem, schedule: Schedule) -> bool:
    """Whether forbidden curtailment and forbidden shortfall are both absent."""
    hard = ~np.isfinite(problem.uses.shortfall_price)
    missing = problem.uses.capacity - schedule.delivered
    unserved = bool((missing[hard] > TOLERANCE_MW).any())
    forbidden = not np.isfinite(problem.curtailment_cost)
    return not unserved and not (forbidden and bool((schedule.curtailed > TOLERANCE_MW).any()))


def ramps_broken(problem: Problem, generation: Array) -> Booleans:
    """Find the steps into which some unit without commitment moves too fast, shape (T,)."""
    units, h = problem.units, problem.step
    broken = np.zeros(problem.steps, np.bool_)
    up, down = units.ramp_up * h + TOLERANCE_MW, units.ramp_down * h + TOLERANCE_MW
    for u in np.flatnonzero(~units.commit & (np.isfinite(up) | np.isfinite(down))):
        change = np.diff(generation[u])
        broken[1:] |= (change > up[u]) | (change < -down[u])
    if units.initial is not None:
        first = generation[:, 0] - units.initial
        free = np.isnan(units.initial) | units.commit
        broken[0] = bool((~free & ((first > up) | (first < -down))).any())
    return broken


def with_status(problem: Problem, schedule: Schedule) -> Schedule:
    """Return the schedule with committed units off where they give nothing and may not."""
    units = problem.units
    if not units.commit.any():
        return schedule
    runs = schedule.generation >= units.minimum - TOLERANCE_MW
    status = np.where(units.commit[:, None], runs.astype(np.float64), 1.0)
    return replace(schedule, status=status, starts=starts_of(problem, status))


def commitment_kept(problem: Problem, schedule: Schedule) -> bool:
    """Whether committed units keep minimum output, ramps and times, and never pay a start."""
    units = problem.units
    for u in np.flatnonzero(units.commit):
        status, output = schedule.status[u] > 0.5, schedule.generation[u]
        if (output[~status] > TOLERANCE_MW).any():
            return False
        if units.start_cost[u] > 0.0 and schedule.starts[u].any():
            return False
        if not _times_kept(problem, int(u), status) or not _unit_ramp_kept(
            problem, int(u), schedule
        ):
            return False
    return True


def _times_kept(problem: Problem, u: int, status: Booleans) -> bool:
    """Whether every stretch on and off lasts long enough; one may run past the end."""
    units = problem.units
    shortest = {
        True: minimum_steps(units.min_up[u], problem.step),
        False: minimum_steps(units.min_down[u], problem.step),
    }
    edges = np.flatnonzero(np.diff(status)) + 1
    bounds = [0, *edges.tolist(), problem.steps]
    before = units.initial_hours[u]
    if before != 0.0 and (before > 0.0) != bool(status[0]):
        gone = abs(before) / problem.step
        if gone + 1e-9 < shortest[before > 0.0]:
            return False
    for i in range(len(bounds) - 2):
        on = bool(status[bounds[i]])
        length = float(bounds[i + 1] - bounds[i])
        if i == 0 and before == 0.0:
            continue  # how long the first stretch has lasted is not known
        if i == 0 and (before > 0.0) == on:
            length += abs(before) / problem.step
        if length + 1e-9 < shortest[on]:
            return False
    return True


def _unit_ramp_kept(problem: Problem, u: int, schedule: Schedule) -> bool:
    units, h = problem.units, problem.step
    up, down = units.ramp_up[u] * h, units.ramp_down[u] * h
    output, status, low = schedule.generation[u], schedule.status[u] > 0.5, units.minimum[u]
    if not (np.isfinite(up) or np.isfinite(down)):
        return True
    rise = np.where(status[:-1], up, np.maximum(low[1:], up))
    fall = np.where(status[1:], down, np.maximum(low[:-1], down))
    change = np.diff(output)
    kept = (change <= rise + TOLERANCE_MW) & (-change <= fall + TOLERANCE_MW)
    if not kept.all():
        return False
    before = np.nan if units.initial is None else units.initial[u]
    return bool(np.isnan(before) or abs(output[0] - before) <= min(up, down) + TOLERANCE_MW)


def budgets_kept(problem: Problem, generation: Array) -> bool:
    """Whether every budget covers what its units generate."""
    return all(
        float(generation[list(b.units), b.start : b.stop].sum()) * problem.step
        <= b.maximum + TOLERANCE_MWH
        for b in problem.budgets
    )


def contracts_kept(problem: Problem, delivered: Array) -> bool:
    """Whether nothing is missing from any contract that has a price."""
    missing = contract_missing(problem, delivered)
    prices = np.array([c.price for c in problem.contracts])
    return bool((missing * prices <= TOLERANCE_MWH).all())


def idle_stores_keep_enough(problem: Problem) -> bool:
    """Whether every store ends high enough when it is left alone."""
    hours = problem.steps * problem.step
    return all(
        s.initial * (1.0 - s.standing_loss) ** hours + TOLERANCE_MWH >= s.final
        for s in problem.storages
    )


def most_stores_can_add(problem: Problem, price: Array) -> float:
    """Return the most that all stores could earn at given prices on the busbar [USD].

    Parameters
    ----------
    problem : its stores are looked at one by one.
    price : worth of energy in each step, shape (T,) [USD/MWh].

    Notes
    -----
    Contracts and curtailment do not enter: the store trades with the busbar alone.
    """
    total = 0.0
    for store in problem.storages:
        model = Model()
        define_storage(model, replace(problem, storages=(store,)))
        model.gain[0] = -price * problem.step
        model.gain[1] = price * problem.step
        total += Engine(model, gap=0.0).run().objective
    return total
