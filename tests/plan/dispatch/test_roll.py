"""Rolling windows against the whole problem, and the bound that any duals give."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.plan.dispatch.random_problems import make

from baseload.plan.dispatch.certify import budgets_kept, ramps_broken
from baseload.plan.dispatch.highs import Engine, compress
from baseload.plan.dispatch.model import build
from baseload.plan.dispatch.plan_ahead import plan_ahead
from baseload.plan.dispatch.result import money, objective
from baseload.plan.dispatch.roll import dual_bound, reduced_gain, roll, usable

SEEDS = st.integers(0, 2**32 - 1)


@settings(max_examples=40, deadline=None)
@given(SEEDS, st.integers(8, 30), st.integers(1, 20))
def test_windows_give_a_schedule_and_a_bound_with_the_optimum_between(
    seed: int, length: int, ahead: int
) -> None:
    problem = make(seed, ramps=True, coupled=True, steps=60)
    plan = plan_ahead(problem)
    if plan is None:
        return
    h = problem.step
    rolled = roll(problem, plan, np.inf, length * h, ahead * h)
    best = Engine(build(problem), gap=0.0).run()
    if rolled is None or not best.feasible:
        return
    slack = 1e-7 * max(1.0, abs(best.objective)) + 1e-3
    assert rolled.bound >= best.objective - slack
    assert not ramps_broken(problem, rolled.schedule.generation).any()
    if budgets_kept(problem, rolled.schedule.generation):
        assert objective(money(problem, rolled.schedule)) <= best.objective + slack


@settings(max_examples=20, deadline=None)
@given(SEEDS)
def test_one_window_over_everything_is_the_whole(seed: int) -> None:
    problem = make(seed, ramps=True, coupled=True)
    best = Engine(build(problem), gap=0.0).run()
    plan = plan_ahead(problem)
    if plan is None or not best.feasible:
        return
    rolled = roll(problem, plan, np.inf, problem.steps * problem.step, 0.0)
    assert rolled is not None
    value = objective(money(problem, rolled.schedule))
    assert value == pytest.approx(best.objective, rel=1e-7, abs=1e-3)


def test_a_look_ahead_longer_than_memory_leaves_no_gap() -> None:
    # Units that reach any output within five steps forget what was before.
    for seed in range(6):
        problem = make(seed, ramps=True, steps=200, like_units=True)
        plan = plan_ahead(problem)
        assert plan is not None
        rolled = roll(problem, plan, np.inf, 50 * problem.step, 40 * problem.step)
        if rolled is None:
            continue
        value = objective(money(problem, rolled.schedule))
        assert rolled.bound == pytest.approx(value, rel=1e-7, abs=1e-2)


@settings(max_examples=40, deadline=None)
@given(SEEDS)
def test_the_duals_of_the_optimum_give_the_optimum_and_others_give_more(seed: int) -> None:
    problem = make(seed, ramps=True, coupled=True)
    model = build(problem)
    best = Engine(model, gap=0.0).run()
    if not best.feasible:
        return
    matrix = compress(model)

    def bound(duals: np.ndarray) -> float:
        y = usable(matrix, duals)
        return dual_bound(model, matrix, y, reduced_gain(model, matrix, y))

    exact = bound(best.row_dual)
    assert exact == pytest.approx(best.objective, rel=1e-7, abs=1e-3)
    noise = np.random.default_rng(seed).normal(0.0, 1.0, len(best.row_dual))
    # Rows open upwards need a sign that keeps unbounded columns out of the sum.
    moved = bound(best.row_dual + np.abs(noise) * np.sign(best.row_dual))
    assert moved >= exact - 1e-6 * max(1.0, abs(exact))
