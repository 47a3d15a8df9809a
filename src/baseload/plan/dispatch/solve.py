"""The recipe: merit order, plant ramp, HiGHS; the first that is proven optimal decides."""

from __future__ import annotations

import time
from dataclasses import dataclass, field, replace

import numpy as np

from baseload.plan.dispatch import certify
from baseload.plan.dispatch.highs import Engine, SolverError
from baseload.plan.dispatch.infeasible import InfeasibleError, explain
from baseload.plan.dispatch.merit import Merit, merit_order
from baseload.plan.dispatch.model import Model, build, point_of, reach, schedule_of
from baseload.plan.dispatch.plan_ahead import plan_ahead
from baseload.plan.dispatch.plant import mend_until, plant_ramp
from baseload.plan.dispatch.problem import Array, Problem
from baseload.plan.dispatch.result import (
    HIGHS,
    MERIT,
    PLANT_RAMP,
    Dispatch,
    Duals,
    Schedule,
    money,
    objective,
)
from baseload.plan.dispatch.roll import LENGTH_H, roll

STAGES = ("build", "hand_off", "solve", "post")

LOOSE_GAP = 1e-3
"""Gap from which windows are worth trying although a budget or contract binds [-]."""


@dataclass
class Clock:
    """Seconds by stage."""

    times: dict[str, float] = field(default_factory=lambda: dict.fromkeys(STAGES, 0.0))

    @property
    def total(self) -> float:
        """Seconds booked so far."""
        return sum(self.times.values())

    def add(self, stage: str, began: float) -> float:
        """Book the time since `began` to a stage and return the present."""
        now = time.perf_counter()
        self.times[stage] += now - began
        return now


def solve(
    problem: Problem, *, gap: float = 1e-6, time_limit: float = np.inf, threads: int = 1
) -> Dispatch:
    """Dispatch one busbar.

    Parameters
    ----------
    problem : what is dispatched.
    gap : relative distance from the bound at which a schedule is good enough [-].
    time_limit : longest search [s]; when it ends the best schedule so far is returned.
    threads : threads that HiGHS may use.

    Returns
    -------
    The schedule with its money, bound and certificate.

    Raises
    ------
    baseload.plan.dispatch.infeasible.InfeasibleError
        Where no schedule keeps all limits; says which limits, when and by how much.
    """
    found = _first_proven(problem, gap, time_limit, threads)
    return replace(found, schedule=found.schedule.without_rounding())


def _first_proven(problem: Problem, gap: float, time_limit: float, threads: int) -> Dispatch:
    clock = Clock()
    quick = by_merit_order(problem, gap, clock) or by_plant_ramp(problem, gap, clock)
    if quick is not None:
        return quick
    if not problem.units.commit.any():
        rolled = by_rolling(problem, gap, time_limit, clock)
        if rolled is not None and rolled.gap <= gap:
            return rolled
        left = max(0.0, time_limit - clock.total)
        return by_highs(problem, gap, left, threads, clock, rolled)
    running = by_running_all(problem, gap, time_limit, threads)
    if running is not None and (running.gap <= gap or running.timed_out):
        return running
    return by_highs(problem, gap, time_limit, threads, clock, running)


def by_rolling(problem: Problem, gap: float, time_limit: float, clock: Clock) -> Dispatch | None:
    """Return what rolling windows find and prove, None where they are of no use.

    Where a budget or contract binds, windows find good schedules but no tight bound; then
    they are for a loose gap, or for something to return when time runs out.
    """
    began = time.perf_counter()
    if problem.steps * problem.step < 2.0 * LENGTH_H:
        return None
    plan = plan_ahead(problem)
    if plan is None or (plan.binds and gap < LOOSE_GAP and not np.isfinite(time_limit)):
        return None
    # A first schedule is worth more than the seconds by which it may pass the limit.
    rolled = roll(problem, plan, np.inf)
    began = clock.add("solve", began)
    if (
        rolled is None
        or not certify.possible(problem, rolled.schedule)
        or not certify.budgets_kept(problem, rolled.schedule.generation)
        or certify.ramps_broken(problem, rolled.schedule.generation).any()
    ):
        return None
    clock.add("post", began)
    duals = duals_of(rolled.model, problem, rolled.row_dual, rolled.column_dual)
    tiers = {HIGHS: 1.0}
    return with_gap(
        Dispatch(problem, rolled.schedule, rolled.bound, HIGHS, tiers, duals, clock.times)
    )


def by_running_all(
    problem: Problem, gap: float, time_limit: float, threads: int
) -> Dispatch | None:
    """Return the optimum with every unit running, bounded by units that may give anything.

    Never stopping keeps every minimum time and costs no start. Without minimum output and
    with ramps as wide as a start, no commitment can earn more: where the two values are
    close, no unit needs to be switched at all, and no integers are needed to prove it.
    """
    units = problem.units
    if (units.commit & (units.initial_hours < 0.0)).any():
        return None
    running = replace(problem, units=replace(units, commit=np.zeros_like(units.commit)))
    low = np.where(units.commit[:, None], 0.0, units.minimum)
    jump = np.where(units.commit, units.minimum.max(axis=1) / problem.step, 0.0)
    free = replace(
        units,
        commit=np.zeros_like(units.commit),
        minimum=low,
        ramp_up=np.maximum(units.ramp_up, jump),
        ramp_down=np.maximum(units.ramp_down, jump),
    )
    try:
        best = solve(running, gap=0.5 * gap, time_limit=time_limit, threads=threads)
    except InfeasibleError:
        return None
    above = solve(
        replace(problem, units=free), gap=0.5 * gap, time_limit=time_limit, threads=threads
    )
    times = {stage: best.times[stage] + above.times[stage] for stage in STAGES}
    result = replace(best, problem=problem, bound=above.bound, duals=None, times=times)
    return with_gap(result)


def by_merit_order(problem: Problem, gap: float, clock: Clock) -> Dispatch | None:
    """Return the merit order where it keeps every limit that couples steps, else None."""
    began = time.perf_counter()
    relaxed = relax(problem)
    schedule = certify.with_status(problem, relaxed.schedule)
    kept = (
        certify.possible(problem, schedule)
        and not certify.ramps_broken(problem, schedule.generation).any()
        and certify.commitment_kept(problem, schedule)
        and certify.budgets_kept(problem, schedule.generation)
        and certify.contracts_kept(problem, schedule.delivered)
        and certify.idle_stores_keep_enough(problem)
    )
    began = clock.add("solve", began)
    if not kept:
        return None
    value = objective(money(problem, schedule))
    bound = value + certify.most_stores_can_add(problem, relaxed.duals.energy)
    clock.add("post", began)
    if bound - value > gap * max(1.0, abs(value)):
        return None
    return Dispatch(problem, schedule, bound, MERIT, {MERIT: 1.0}, relaxed.duals, clock.times)


def relax(problem: Problem) -> Merit:
    """Return the merit order of each step by itself; committed units may stand still."""
    units = problem.units
    return merit_order(problem, np.where(units.commit[:, None], 0.0, units.minimum))


def by_plant_ramp(problem: Problem, gap: float, clock: Clock) -> Dispatch | None:
    """Return the plant-ramp optimum, split among units, where it keeps all else, or None.

    Steps at which the split fails are solved with per-unit ramps in growing windows.
    """
    if problem.units.commit.any() or problem.storages:
        return None
    began = time.perf_counter()
    relaxed = plant_ramp(problem)
    began = clock.add("solve", began)
    if relaxed is None or not coupling_kept(problem, relaxed.schedule):
        return None
    found = mend_until(problem, relaxed, gap)
    began = clock.add("solve", began)
    if found is None or not coupling_kept(problem, found.schedule):
        return None
    by_window = float(found.steps.mean())
    tiers = {PLANT_RAMP: 1.0 - by_window, HIGHS: by_window}
    certificate = HIGHS if by_window else PLANT_RAMP
    clock.add("post", began)
    result = Dispatch(problem, found.schedule, found.bound, certificate, tiers, None, clock.times)
    return with_gap(result) if by_window else result


def coupling_kept(problem: Problem, schedule: Schedule) -> bool:
    """Whether a schedule keeps budgets, contracts and all that must be served or used."""
    return (
        certify.possible(problem, schedule)
        and certify.budgets_kept(problem, schedule.generation)
        and certify.contracts_kept(problem, schedule.delivered)
    )


def by_highs(
    problem: Problem,
    gap: float,
    time_limit: float,
    threads: int,
    clock: Clock,
    known: Dispatch | None = None,
) -> Dispatch:
    """Solve the whole problem with HiGHS; when time runs out, a known result still counts."""
    began = time.perf_counter()
    model = build(problem)
    began = clock.add("build", began)
    engine = Engine(model, gap=gap, time_limit=time_limit, threads=threads)
    if known is not None and engine.integer:
        engine.start_from(point_of(model, problem, known.schedule))
    began = clock.add("hand_off", began)
    answer = engine.run()
    began = clock.add("solve", began)
    if answer.infeasible:
        raise InfeasibleError(explain(problem))
    if not answer.feasible and known is None:
        raise SolverError(
            f"the time limit of {time_limit:g} s ended the search before any schedule was found: "
            "allow more time, or a shorter period"
        )
    bound = min(answer.bound, np.inf if known is None else known.bound)
    found = known
    if answer.feasible:
        schedule = schedule_of(model, problem, answer.point)
        duals = (
            None
            if engine.integer or answer.timed_out
            else duals_of(model, problem, answer.row_dual, answer.column_dual)
        )
        found = Dispatch(problem, schedule, bound, HIGHS, {HIGHS: 1.0}, duals, clock.times)
        if known is not None and known.objective > found.objective:
            found = known
    assert found is not None
    result = replace(found, bound=bound, timed_out=answer.timed_out, times=clock.times)
    clock.add("post", began)
    return with_gap(result)


def with_gap(result: Dispatch) -> Dispatch:
    """Return the result with the gap named in its certificate."""
    tier = result.certificate.split(" gap ")[0]
    return replace(result, certificate=f"{tier} gap {result.gap:.1e}")


def duals_of(model: Model, problem: Problem, row_dual: Array, column_dual: Array) -> Duals:
    """Return marginal values from the duals of a linear program [USD/MWh]."""
    h, offset = problem.step, 0
    energy = np.zeros(problem.steps)
    node = np.zeros((len(problem.nodes.name), problem.steps))
    budget = np.zeros(len(problem.budgets))
    for rows in model.rows:
        dual = row_dual[offset : offset + len(rows.lower)]
        offset += len(rows.lower)
        if rows.name == "balance":
            energy[rows.where[0]] = -dual / h
        elif rows.name == "node":
            node[rows.where] = dual / h
        elif rows.name == "budget":
            budget[rows.where[0]] = dual / h
    unit = np.maximum(0.0, column_dual[model.columns["generation"]] / h)
    use = np.maximum(0.0, column_dual[model.columns["delivered"]] / h)
    blame_nodes(problem, use, node)
    price = np.where(np.isfinite(problem.uses.shortfall_price), problem.uses.shortfall_price, 0.0)
    return Duals(energy, node, unit, use - price, budget)


def blame_nodes(problem: Problem, use: Array, node: Array) -> None:
    """Move the worth of a use's bound to the node that set the bound, in place.

    The model writes a node's limit as a bound of the use below it; where that is tighter than
    what the use asks for, one more MW of the node is what would count.
    """
    most, limit = reach(problem), problem.nodes.limit
    for k, at in enumerate(problem.uses.node):
        held = most[k] < problem.uses.capacity[k]
        for n in problem.nodes.ancestors(int(at)):
            here = held & (limit[n] == most[k]) & (use[k] > 0.0)
            node[n, here] += use[k, here]
            use[k, here] = 0.0
