"""Sums over futures against the same futures dispatched one by one."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from benchmarks import workloads as w
from benchmarks.problems import problem_of
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.plan.dispatch.random_problems import make

from baseload.case.errors import InputError
from baseload.plan.dispatch.ensemble import CONSTANT, Totals, Worths, sum_futures
from baseload.plan.dispatch.merit import merit_order
from baseload.plan.dispatch.problem import Problem
from baseload.plan.dispatch.result import money, objective

SEEDS = st.integers(0, 2**32 - 1)
PARTS = ("objective", "delivered", "imported", "generated", "curtailed")


def futures(problem: Problem, seed: int) -> tuple[np.ndarray, Worths]:
    """Return three random futures of two drivers and what they make the uses worth."""
    rng = np.random.default_rng(seed)
    drivers = rng.normal(30.0, 30.0, (3, 2, problem.steps)).round(1)
    n, m = len(problem.uses.name), len(problem.imports.name)
    driver = rng.integers(-1, 2, n)
    if rng.random() < 0.7:
        driver[problem.uses.must_serve] = CONSTANT
    bought = rng.integers(-1, 2, m) if rng.random() < 0.5 else None
    return drivers, Worths(
        driver, rng.choice([1.0, 0.5], n), rng.choice([0.0, -2.0], n),
        bought, np.ones(m), np.full(m, 2.0),
    )  # fmt: skip


def one_future(problem: Problem, drivers: np.ndarray, worths: Worths, s: int) -> Problem:
    """Return the problem of a single future."""
    value, price = problem.uses.value.copy(), problem.imports.price.copy()
    for k, d in enumerate(worths.driver):
        if d != CONSTANT:
            value[k] = worths.slope[k] * drivers[s, d] + worths.offset[k]
    for m, d in enumerate(() if worths.import_driver is None else worths.import_driver):
        if d != CONSTANT:
            price[m] = drivers[s, d] + 2.0
    return replace(
        problem,
        uses=replace(problem.uses, value=value),
        imports=replace(problem.imports, price=price),
    )


@settings(max_examples=80, deadline=None)
@given(SEEDS)
def test_every_future_sums_to_its_own_merit_order(seed: int) -> None:
    problem = make(seed, steps=600 if seed % 8 == 0 else None)
    drivers, worths = futures(problem, seed)
    totals = sum_futures(problem, drivers, worths)
    for s in range(3):
        alone = one_future(problem, drivers, worths, s)
        schedule = merit_order(alone).schedule
        expected = objective(money(alone, schedule))
        assert totals.objective[s] == pytest.approx(expected, rel=1e-9, abs=1e-6)
        lost = schedule.curtailed.sum() * problem.step
        assert totals.curtailed[s] == pytest.approx(lost, rel=1e-9, abs=1e-6)
        made = totals.generated[s] + totals.imported[s].sum()
        assert made == pytest.approx(totals.delivered[s].sum() + lost, rel=1e-9, abs=1e-6)


@settings(max_examples=20, deadline=None)
@given(SEEDS, st.integers(2, 5))
def test_results_are_the_same_bit_for_bit_on_any_number_of_threads(seed: int, n: int) -> None:
    problem = make(seed)
    drivers, worths = futures(problem, seed)
    one, many = (sum_futures(problem, drivers, worths, threads=k) for k in (1, n))
    for part in PARTS:
        np.testing.assert_array_equal(getattr(one, part), getattr(many, part))


@settings(max_examples=20, deadline=None)
@given(SEEDS)
def test_a_future_does_not_depend_on_those_beside_it(seed: int) -> None:
    problem = make(seed)
    drivers, worths = futures(problem, seed)
    together = sum_futures(problem, drivers, worths)
    alone: Totals = sum_futures(problem, drivers[1:2], worths)
    assert alone.objective[0] == pytest.approx(together.objective[1], rel=1e-12)


def test_the_first_future_of_w3_is_w1_without_ramps() -> None:
    works = [w.w3(k) for k in range(3)]
    drivers = np.stack([np.stack([work.price, work.hashprice]) for work in works])
    worths = Worths(
        driver=np.array([CONSTANT, CONSTANT, 0, 1, 1, 1]),
        slope=np.concatenate([[0.0, 0.0, 1.0], 1.0 / (0.024 * w.EFFICIENCY)]),
        offset=np.zeros(6),
    )
    totals = sum_futures(problem_of(w.w1nr()), drivers, worths, threads=2)
    assert totals.objective[0] == pytest.approx(w.OBJECTIVE["W1nr"], rel=1e-12)


def test_drivers_that_do_not_fit_are_refused() -> None:
    problem = make(2)
    drivers, worths = futures(problem, 2)
    with pytest.raises(InputError, match="every driver a value in every step"):
        sum_futures(problem, drivers[:, :, :-1], worths)
    drivers[0, 0, 0] = np.nan
    with pytest.raises(InputError, match="fill the gaps"):
        sum_futures(problem, drivers, worths)
    drivers[0, 0, 0] = 0.0
    with pytest.raises(InputError, match="point to a driver that exists"):
        sum_futures(problem, drivers, replace(worths, driver=np.full_like(worths.driver, 7)))
