"""Windows in which units follow their own ramps, stitched into a plant-ramp schedule.

Why bound and schedule are right. Let the relaxed problem have plant ramps everywhere, with
optimum R reached by a path on which the transitions at the seams of the windows do not bind.
Dropping constraints that do not bind at an optimum leaves a convex problem's optimum as it
is, so R is also the optimum with those transitions dropped; and then the problem falls apart
into stretches, each with its share of R. Within a window, per-unit limits with free ends are
a relaxation of the true problem, and tighter than plant ramps: its optimum replaces the
window's share. Summed, shares and window optima bound the true optimum from above, however
many windows there are. For the schedule the same windows are solved with their ends tied to
what the units do outside; that is feasible by construction. Where tied and free optimum
agree, nothing was lost at the seams; else windows grow, in the end to the whole horizon.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from baseload.plan.dispatch.highs import Answer, Engine
from baseload.plan.dispatch.model import Model, build, schedule_of
from baseload.plan.dispatch.problem import Array, Booleans, Problem
from baseload.plan.dispatch.ramp import SLACK_MW, Range
from baseload.plan.dispatch.result import Schedule

FIRST_MARGIN, GROWTH = 6, 4


@dataclass(frozen=True)
class Repair:
    """A stitched schedule.

    Attributes
    ----------
    schedule : follows every unit's ramps.
    loss : by how much the windows lower the relaxed optimum at least [USD].
    steps : which steps HiGHS decided, shape (T,).
    """

    schedule: Schedule
    loss: float
    steps: Booleans


def cut(problem: Problem, start: int, stop: int) -> Problem:
    """Return steps `start` to `stop` of a problem as one of its own, with free ends.

    Notes
    -----
    Budgets, contracts and stores belong to the whole horizon and are left out.
    """
    units, uses = problem.units, problem.uses
    span = slice(start, stop)
    return Problem(
        steps=stop - start,
        step=problem.step,
        units=replace(
            units,
            available=units.available[:, span],
            minimum=units.minimum[:, span],
            cost=units.cost[:, span],
            initial=units.initial if start == 0 else None,
        ),
        uses=replace(
            uses,
            capacity=uses.capacity[:, span],
            value=uses.value[:, span],
            shortfall_price=uses.shortfall_price[:, span],
        ),
        nodes=replace(problem.nodes, limit=problem.nodes.limit[:, span]),
        imports=replace(
            problem.imports,
            capacity=problem.imports.capacity[:, span],
            price=problem.imports.price[:, span],
        ),
        curtailment_cost=problem.curtailment_cost,
    )


def place(broken: Booleans, loose: Booleans, margin: int) -> list[tuple[int, int]]:
    """Return windows around broken steps whose seams lie at transitions that do not bind.

    Parameters
    ----------
    broken : steps to be mended, shape (T,).
    loose : whether the transition into each step may be a seam, shape (T,).
    margin : steps to add on either side.
    """
    steps = len(broken)
    seams = np.flatnonzero(loose)
    windows: list[tuple[int, int]] = []
    for t in np.flatnonzero(broken).tolist():
        if windows and t < windows[-1][1]:
            continue
        before = seams[seams <= max(0, t - margin)]
        after = seams[seams > min(steps - 1, t + margin)]
        start = int(before[-1]) if len(before) else 0
        stop = int(after[0]) if len(after) else steps
        if windows and start < windows[-1][1]:
            start = windows.pop()[0]
        windows.append((start, stop))
    return windows


def loose_transitions(total: Array, span: Range) -> Booleans:
    """Whether the plant's ramp into each step does not bind; the first step is open."""
    change = np.diff(total)
    rise, fall = span.rise.sum(axis=0), span.fall.sum(axis=0)
    loose = (change < rise - SLACK_MW) & (-change < fall - SLACK_MW)
    return np.concatenate([[True], loose])


def mend(
    problem: Problem,
    schedule: Schedule,
    earned: Array,
    windows: list[tuple[int, int]],
) -> Repair | None:
    """Solve each window with per-unit ramps and stitch it in; None where one has no schedule.

    Parameters
    ----------
    schedule : feasible outside the windows.
    earned : what the relaxed optimum earns in each step, shape (T,) [USD].
    windows : first step and the step after the last, not overlapping.
    """
    steps = np.zeros(problem.steps, np.bool_)
    loss = 0.0
    for start, stop in windows:
        solved = solve_window(problem, schedule.generation, start, stop)
        if solved is None:
            return None
        part, free = solved
        loss += float(earned[start:stop].sum()) - free
        steps[start:stop] = True
        for name in ("generation", "delivered", "imported", "curtailed"):
            getattr(schedule, name)[..., start:stop] = getattr(part, name)
    return Repair(schedule, max(0.0, loss), steps)


def solve_window(
    problem: Problem, generation: Array, start: int, stop: int
) -> tuple[Schedule, float] | None:
    """Return the schedule of a window with tied ends, and its optimum with free ends [USD]."""
    part = cut(problem, start, stop)
    model = build(part)
    engine = Engine(model, gap=0.0)
    free = engine.run()
    if not free.feasible:
        return None
    tied = tie(engine, model, problem, generation, start, stop)
    if tied is None or not tied.feasible:
        return None
    return schedule_of(model, part, tied.point), free.objective


def tie(
    engine: Engine, model: Model, problem: Problem, generation: Array, start: int, stop: int
) -> Answer | None:
    """Bind a window's ends to what the units do outside, and solve it again in place."""
    units, h = problem.units, problem.step
    columns = model.columns["generation"]
    lower = model.lower[0].reshape(columns.shape).copy()
    upper = model.upper[0].reshape(columns.shape).copy()
    up, down = units.ramp_up * h, units.ramp_down * h
    if start > 0:
        before = generation[:, start - 1]
        lower[:, 0] = np.maximum(lower[:, 0], before - down)
        upper[:, 0] = np.minimum(upper[:, 0], before + up)
    if stop < problem.steps:
        after = generation[:, stop]
        lower[:, -1] = np.maximum(lower[:, -1], after - up)
        upper[:, -1] = np.minimum(upper[:, -1], after + down)
    if (lower > upper + SLACK_MW).any():
        return None
    upper = np.maximum(lower, upper)
    engine.change_bounds(columns.ravel(), lower.ravel(), upper.ravel())
    return engine.run()
