"""Windows of one future that units cannot follow, given to HiGHS without the rest of the year.

The reasoning is that of `windows`: with free ends a window's optimum bounds its share, tied to
what the units do outside it gives a schedule. Here only the window is ever written down.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import NamedTuple

from baseload.plan.dispatch import certify
from baseload.plan.dispatch.plant import LARGEST_SHARE
from baseload.plan.dispatch.problem import Array, Booleans, Problem
from baseload.plan.dispatch.result import money, objective
from baseload.plan.dispatch.windows import FIRST_MARGIN, GROWTH, cut, place, solve_window


class Mended(NamedTuple):
    """By how much windows lower the value and the bound of a path [USD]; both 0 or more."""

    value_loss: float
    bound_loss: float


def mend_path(
    problem: Problem,
    value: Array,
    generation: Array,
    broken: Booleans,
    loose: Booleans,
    earned: Callable[[int, int], float],
    gap: float,
) -> Mended | None:
    """Solve windows around broken steps until value and bound are close.

    Parameters
    ----------
    problem : of all futures; units with ramps and nothing else that ties steps.
    value : what uses are worth in this future, shape (K, T) [USD/MWh].
    generation : of each unit, right outside the broken steps, shape (U, T) [MW].
    broken : steps to be mended, shape (T,).
    loose : whether the plant's ramp into each step may be a seam, shape (T,).
    earned : what the path earns from a step to another [USD].
    gap : between value and bound that is close enough [USD].

    Returns
    -------
    None where windows would cover too much, or have no schedule.
    """
    margin = FIRST_MARGIN
    while True:
        windows = place(broken, loose, margin)
        if sum(stop - start for start, stop in windows) > LARGEST_SHARE * problem.steps:
            return None
        mended = _solved(problem, value, generation.copy(), windows, earned)
        if mended is not None and mended.value_loss - mended.bound_loss <= gap:
            return mended
        margin *= GROWTH


def _solved(
    problem: Problem,
    value: Array,
    generation: Array,
    windows: list[tuple[int, int]],
    earned: Callable[[int, int], float],
) -> Mended | None:
    value_loss = bound_loss = 0.0
    for start, stop in windows:
        # One step more on either side tells what the window is tied to.
        first, last = max(0, start - 1), min(problem.steps, stop + 1)
        near = cut(problem, first, last)
        near = replace(near, uses=replace(near.uses, value=value[:, first:last]))
        found = solve_window(near, generation[:, first:last], start - first, stop - first)
        if found is None:
            return None
        schedule, free = found
        generation[:, start:stop] = schedule.generation
        part = cut(near, start - first, stop - first)
        share = earned(start, stop)
        bound_loss += max(0.0, share - free)
        value_loss += share - objective(money(part, schedule))
    if certify.ramps_broken(problem, generation).any():
        return None
    return Mended(value_loss, bound_loss)
