"""The recipe: merit order, plant ramp, HiGHS; the first that is proven optimal decides."""

from __future__ import annotations

import time
from dataclasses import dataclass, field

import numpy as np

from baseload.plan.dispatch import certify
from baseload.plan.dispatch.highs import Answer, Engine
from baseload.plan.dispatch.infeasible import InfeasibleError, explain
from baseload.plan.dispatch.merit import Merit, merit_order
from baseload.plan.dispatch.model import Model, build, schedule_of
from baseload.plan.dispatch.plant import mend_until, plant_ramp
from baseload.plan.dispatch.problem import Problem
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

STAGES = ("build", "hand_off", "solve", "post")


@dataclass
class Clock:
    """Seconds by stage."""

    times: dict[str, float] = field(default_factory=lambda: dict.fromkeys(STAGES, 0.0))

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
    clock = Clock()
    return (
        by_merit_order(problem, gap, clock)
        or by_plant_ramp(problem, gap, clock)
        or by_highs(problem, gap, time_limit, threads, clock)
    )


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
    value = objective(money(problem, found.schedule))
    left = max(0.0, found.bound - value) / max(1.0, abs(value))
    by_window = float(found.steps.mean())
    tiers = {PLANT_RAMP: 1.0 - by_window, HIGHS: by_window}
    certificate = f"{HIGHS} gap {left:.1e}" if by_window else PLANT_RAMP
    clock.add("post", began)
    return Dispatch(problem, found.schedule, found.bound, certificate, tiers, None, clock.times)


def coupling_kept(problem: Problem, schedule: Schedule) -> bool:
    """Whether a schedule keeps budgets, contracts and all that must be served or used."""
    return (
        certify.possible(problem, schedule)
        and certify.budgets_kept(problem, schedule.generation)
        and certify.contracts_kept(problem, schedule.delivered)
    )


def by_highs(
    problem: Problem, gap: float, time_limit: float, threads: int, clock: Clock
) -> Dispatch:
    """Solve the whole problem with HiGHS."""
    began = time.perf_counter()
    model = build(problem)
    began = clock.add("build", began)
    engine = Engine(model, gap=gap, time_limit=time_limit, threads=threads)
    began = clock.add("hand_off", began)
    answer = engine.run()
    began = clock.add("solve", began)
    if not answer.feasible:
        raise InfeasibleError(explain(problem))
    schedule = schedule_of(model, problem, answer.point)
    duals = None if engine.integer else duals_of(model, problem, answer)
    value = objective(money(problem, schedule))
    clock.add("post", began)
    left = max(0.0, answer.bound - value) / max(1.0, abs(value))
    return Dispatch(
        problem, schedule, answer.bound, f"{HIGHS} gap {left:.1e}", {HIGHS: 1.0}, duals,
        clock.times, answer.timed_out,
    )  # fmt: skip


def duals_of(model: Model, problem: Problem, answer: Answer) -> Duals:
    """Marginal values from the row duals of a linear program [USD/MWh]."""
    h, offset = problem.step, 0
    energy = np.zeros(problem.steps)
    node = np.zeros((len(problem.nodes.name), problem.steps))
    budget = np.zeros(len(problem.budgets))
    for rows in model.rows:
        dual = answer.row_dual[offset : offset + len(rows.lower)]
        offset += len(rows.lower)
        if rows.name == "balance":
            energy[rows.where[0]] = -dual / h
        elif rows.name == "node":
            node[rows.where] = dual / h
        elif rows.name == "budget":
            budget[rows.where[0]] = dual / h
    reduced = answer.column_dual
    unit = np.maximum(0.0, reduced[model.columns["generation"]] / h)
    use = np.maximum(0.0, reduced[model.columns["delivered"]] / h)
    price = np.where(np.isfinite(problem.uses.shortfall_price), problem.uses.shortfall_price, 0.0)
    return Duals(energy, node, unit, use - price, budget)
