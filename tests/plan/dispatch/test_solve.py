"""The recipe: what each tier decides, its proof, and the reference workloads."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from benchmarks import workloads as w
from benchmarks.problems import problem_of
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.plan.dispatch.random_problems import make

from baseload.plan.dispatch.problem import Storage
from baseload.plan.dispatch.result import HIGHS, MERIT, PLANT_RAMP
from baseload.plan.dispatch.solve import Clock, InfeasibleError, by_highs, by_running_all, solve
from baseload.plan.dispatch.windows import cut

SEEDS = st.integers(0, 2**32 - 1)


@pytest.mark.parametrize(
    ("name", "work", "tier"),
    [
        ("W1nr", w.w1nr, MERIT),
        ("W1", w.w1, PLANT_RAMP),
        ("W1t", w.w1t, PLANT_RAMP),
    ],
)
def test_reference_optimum_is_met_with_its_certificate(name: str, work: object, tier: str) -> None:
    # Optima found equal to 1e-13 by HiGHS, SciPy, linopy, PyPSA and oemof-solph.
    result = solve(problem_of(work()))  # type: ignore[operator]
    assert result.objective == pytest.approx(w.OBJECTIVE[name], rel=1e-12)
    assert result.gap <= 1e-9
    assert result.tiers[tier] > 0.99
    assert sum(result.tiers.values()) == pytest.approx(1.0)


def test_scenarios_of_w3_differ_and_start_with_w1() -> None:
    np.testing.assert_array_equal(w.w3(0).price, w.w1().price)
    assert w.w3(1).price.mean() == pytest.approx(45.0)
    assert not np.array_equal(w.w3(1).price, w.w1().price)


def test_a_month_with_commitment_lies_within_the_reference_gap() -> None:
    # W4 at a gap of 1e-3: other tools stop between 157.33 and 157.43 M USD.
    result = solve(problem_of(w.w4(), commit=True), gap=1e-3)
    low, high = w.W4_RANGE
    assert low <= result.objective <= high * (1.0 + 1e-3)
    assert result.gap <= 1e-3


@settings(max_examples=50, deadline=None)
@given(SEEDS, st.booleans())
def test_the_tiers_find_what_highs_finds_on_the_whole_problem(seed: int, coupled: bool) -> None:
    problem = make(seed, ramps=True, coupled=coupled, steps=None if coupled else 30)
    try:
        whole = by_highs(problem, 1e-9, np.inf, 1, Clock())
    except InfeasibleError:
        with pytest.raises(InfeasibleError):
            solve(problem, gap=1e-9)
        return
    result = solve(problem, gap=1e-9)
    assert result.objective == pytest.approx(whole.objective, rel=1e-7, abs=1e-4)
    assert result.bound >= whole.objective - 1e-7 * max(1.0, abs(whole.objective))


@settings(max_examples=30, deadline=None)
@given(SEEDS)
def test_commitment_found_without_integers_is_what_the_search_finds(seed: int) -> None:
    problem = make(seed, ramps=True, commit=True)
    result, whole = solve(problem, gap=1e-9), by_highs(problem, 1e-9, np.inf, 1, Clock())
    assert result.objective == pytest.approx(whole.objective, rel=1e-6, abs=1e-3)
    running = by_running_all(problem, 1e-9, np.inf, 1)
    if running is not None:
        scale = 1e-6 * max(1.0, abs(whole.objective))
        assert running.objective <= whole.objective + scale
        assert running.bound >= whole.objective - scale


def test_a_store_that_cannot_pay_leaves_the_merit_order_certified() -> None:
    # W1 has output to spare in every hour; where none must run, a stored MWh is worth the
    # fuel, whenever.
    week = cut(problem_of(w.w1nr()), 0, 168)
    week = replace(week, units=replace(week.units, minimum=np.zeros((w.UNITS, 168))))
    store = Storage("battery", 100.0, 100.0, 400.0, 0.9, 0.9)
    result = solve(replace(week, storages=(store,)), gap=1e-9)
    assert result.certificate == MERIT
    assert result.objective == solve(week).objective
    paying = replace(week.uses, capacity=week.uses.capacity * 2.0)
    short = solve(replace(week, uses=paying, storages=(store,)), gap=1e-9)
    assert short.certificate != MERIT
    assert short.schedule.discharge.sum() > 0.0


def test_the_certificate_names_highs_only_where_highs_decided() -> None:
    whole = by_highs(make(1, ramps=True), 1e-9, np.inf, 1, Clock())
    assert whole.certificate.startswith(f"{HIGHS} gap ")
    assert whole.tiers == {HIGHS: 1.0}


def test_two_solves_agree_to_the_last_bit() -> None:
    problem = make(17, ramps=True, coupled=True)
    one, two = solve(problem), solve(problem)
    np.testing.assert_array_equal(one.generation, two.generation)
    assert one.objective == two.objective
    assert set(one.times) == {"build", "hand_off", "solve", "post"}
