from dataclasses import replace

import numpy as np
import pytest
from benchmarks import workloads as w
from benchmarks.problems import problem_of
from benchmarks.sizing import WORTHS, drivers_of
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose
from tests.plan.dispatch.random_problems import make

from baseload.case.errors import InputError
from baseload.plan.dispatch.batch import solve_batch
from baseload.plan.dispatch.ensemble import CONSTANT, Worths
from baseload.plan.dispatch.result import HIGHS, MERIT, PLANT_RAMP
from baseload.plan.dispatch.solve import Clock, by_highs

SUM_OF_THREE = 4_839_691_622.6389
"""Optima of the first three years of W3 by HiGHS, each as one linear program [USD]."""


def own(problem):
    """Worths that leave a problem's own values, with a driver that nothing follows."""
    count = len(problem.uses.name)
    worths = Worths(np.full(count, CONSTANT), np.zeros(count), np.zeros(count))
    return np.zeros((1, 1, problem.steps)), worths


def by_one_program(problem):
    return by_highs(problem, 0.0, float("inf"), 1, Clock()).objective


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 100_000), st.booleans())
def test_any_plant_with_ramps_is_solved_as_by_one_linear_program(seed, like_units):
    problem = make(seed, ramps=True, like_units=like_units, steps=24 if like_units else None)
    found = solve_batch(problem, *own(problem))
    expected = by_one_program(problem)
    assert_allclose(found.objective[0], expected, rtol=1e-6, atol=1e-4)
    assert found.bound[0] >= expected - 1e-6 * max(1.0, abs(expected))
    assert found.gap[0] <= 1e-6


def test_years_with_ramps_are_solved_to_their_optimum_with_a_certificate():
    found = solve_batch(problem_of(w.w1()), drivers_of([w.w3(k) for k in range(3)]), WORTHS)
    assert found.objective[0] == pytest.approx(w.OBJECTIVE["W1"], rel=1e-10)
    assert found.objective.sum() == pytest.approx(SUM_OF_THREE, rel=1e-10)
    assert set(found.certificate) == {PLANT_RAMP}
    assert (found.gap <= 1e-6).all()


def test_a_window_that_units_cannot_follow_goes_to_highs_alone():
    found = solve_batch(problem_of(w.w1()), drivers_of([w.w3(5)]), WORTHS)
    # Its optimum by HiGHS as one linear program; 34 USD below that of the plant as one.
    assert found.objective[0] == pytest.approx(1_395_344_286.3665, rel=1e-11)
    assert found.certificate[0].startswith(HIGHS)
    assert found.gap[0] <= 1e-9


def test_years_without_ramps_are_certified_by_merit_order():
    found = solve_batch(problem_of(w.w1nr()), drivers_of([w.w1nr()]), WORTHS)
    assert found.certificate == (MERIT,)
    assert found.objective[0] == pytest.approx(w.OBJECTIVE["W1nr"], rel=1e-12)


def test_years_in_which_uses_compete_are_solved_too():
    found = solve_batch(problem_of(w.w1t()), drivers_of([w.w1t()]), WORTHS)
    assert found.objective[0] == pytest.approx(w.OBJECTIVE["W1t"], rel=1e-9)


def test_results_do_not_depend_on_the_number_of_threads():
    problem, drivers = problem_of(w.w1()), drivers_of([w.w3(k) for k in range(4)])
    one, two = (solve_batch(problem, drivers, WORTHS, threads=n) for n in (1, 2))
    assert (one.objective == two.objective).all()
    assert one.certificate == two.certificate


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 100_000), st.booleans())
def test_prices_of_uses_bound_what_more_and_less_capacity_brings(seed, like_units):
    problem = make(seed, ramps=True, like_units=like_units, steps=12)
    if not np.isfinite(problem.uses.shortfall_price).all():
        return
    found = solve_batch(problem, *own(problem), prices=True)
    rng = np.random.default_rng(seed)
    for sign in (1.0, -1.0):
        change = sign * rng.uniform(0.0, 30.0, len(problem.uses.name))
        change = np.maximum(change, -problem.uses.capacity.min(axis=1))
        change[problem.uses.must_serve] = 0.0
        capacity = problem.uses.capacity + change[:, None]
        moved = replace(problem, uses=replace(problem.uses, capacity=capacity))
        most = found.height[0] + float(np.nan_to_num(found.use_price[0]) @ change)
        value = by_one_program(moved)
        assert value <= most + 1e-6 * max(1.0, abs(most))


def test_drivers_that_do_not_fit_are_refused():
    problem = problem_of(w.w1())
    with pytest.raises(InputError, match="finite numbers of shape"):
        solve_batch(problem, np.zeros((1, 2, 5)), WORTHS)
    with pytest.raises(InputError, match=r"worths\.driver"):
        solve_batch(problem, np.zeros((1, 1, problem.steps)), WORTHS)


def test_prices_of_what_ties_all_steps_are_refused():
    problem = make(3, commit=True)
    with pytest.raises(InputError, match="commitment, budgets"):
        solve_batch(problem, *own(problem), prices=True)
