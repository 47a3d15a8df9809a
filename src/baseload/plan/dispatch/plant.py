"""The plant-ramp tier: best total output, split among units, windows where that fails."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from baseload.plan.dispatch import certify
from baseload.plan.dispatch.merit import book_of, schedule_from, settle, stack
from baseload.plan.dispatch.problem import Array, Booleans, Problem
from baseload.plan.dispatch.ramp import Range, best_total, reachable
from baseload.plan.dispatch.result import Schedule, money, objective
from baseload.plan.dispatch.split import split
from baseload.plan.dispatch.windows import (
    FIRST_MARGIN,
    GROWTH,
    loose_transitions,
    mend,
    place,
)

LARGEST_SHARE = 0.5
"""Share of the horizon in windows above which HiGHS may as well have all of it."""


@dataclass(frozen=True)
class PlantRamp:
    """The optimum under plant ramps, as far as it splits among units.

    Attributes
    ----------
    schedule : what the split comes to; at broken steps it misses the total.
    total : best output of the plant, shape (T,) [MW].
    earned : what it earns in each step, shape (T,) [USD].
    span : what each unit can reach.
    broken : steps at which the split fails, shape (T,).
    """

    schedule: Schedule
    total: Array
    earned: Array
    span: Range
    broken: Booleans


@dataclass(frozen=True)
class Found:
    """A schedule that keeps every unit's ramps, with its bound and the steps HiGHS decided."""

    schedule: Schedule
    bound: float
    steps: Booleans


def plant_ramp(problem: Problem) -> PlantRamp | None:
    """Solve a problem with ramps on the plant's total; None where nothing is reachable.

    Budgets, contracts, stores and commitment are left out.
    """
    span = reachable(problem)
    if span is None:
        return None
    book = book_of(problem, span.low, span.high)
    uses = stack(book)
    total = best_total(book, uses, span)
    if total is None:
        return None
    quantity = book.quantity.copy()
    quantity[:, : book.n_units] = 0.0
    out = settle(book._replace(must_run=total, quantity=quantity), uses)
    parts = split(problem, span, total)
    schedule = schedule_from(problem, parts.generation, out)
    cash = money(problem, schedule)
    earned = np.sum([cash[name].sum(axis=0) for name in ("revenue", "shortfall", "import")], axis=0)
    return PlantRamp(schedule, total, earned + cash["curtailment"] - parts.fuel, span, parts.broken)


def mend_until(problem: Problem, relaxed: PlantRamp, gap: float) -> Found | None:
    """Mend the broken steps in windows that grow until the schedule is within `gap`.

    Returns
    -------
    The best schedule found, or None where windows would cover too much or one of them has no
    schedule.
    """
    best = float(relaxed.earned.sum())
    whole = np.zeros(problem.steps, np.bool_)
    if not relaxed.broken.any():
        return Found(relaxed.schedule, best, whole)
    loose = loose_transitions(relaxed.total, relaxed.span)
    margin = FIRST_MARGIN
    while True:
        windows = place(relaxed.broken, loose, margin)
        if sum(stop - start for start, stop in windows) > LARGEST_SHARE * problem.steps:
            return None
        repair = mend(problem, copied(relaxed.schedule), relaxed.earned, windows)
        if (
            repair is not None
            and not certify.ramps_broken(problem, repair.schedule.generation).any()
        ):
            value = objective(money(problem, repair.schedule))
            bound = best - repair.loss
            if bound - value <= gap * max(1.0, abs(value)):
                return Found(repair.schedule, bound, repair.steps)
        margin *= GROWTH


def copied(schedule: Schedule) -> Schedule:
    """Return a schedule whose power arrays may be written to."""
    names = ("generation", "delivered", "imported", "curtailed")
    return replace(schedule, **{name: getattr(schedule, name).copy() for name in names})
