"""Money, labels and words of a result."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.plan.dispatch.random_problems import make

from baseload.plan.dispatch.dataset import MEANING
from baseload.plan.dispatch.highs import Engine
from baseload.plan.dispatch.model import build
from baseload.plan.dispatch.result import Schedule
from baseload.plan.dispatch.solve import solve

SEEDS = st.integers(0, 2**32 - 1)


@settings(max_examples=40, deadline=None)
@given(SEEDS, st.booleans())
def test_reported_money_is_the_objective_of_the_solver(seed: int, commit: bool) -> None:
    problem = make(seed, ramps=True, commit=commit, coupled=True)
    answer = Engine(build(problem), gap=1e-9).run()
    if not answer.feasible:
        return
    result = solve(problem, gap=1e-9)
    assert sum(part.sum() for part in result.money.values()) == pytest.approx(
        result.objective, rel=1e-12
    )
    assert result.objective == pytest.approx(answer.objective, rel=1e-7, abs=1e-3)


@settings(max_examples=25, deadline=None)
@given(SEEDS)
def test_a_dataset_carries_every_part_with_its_unit(seed: int) -> None:
    problem = make(seed, ramps=bool(seed % 2), coupled=False)
    result = solve(problem)
    data = result.to_dataset()
    assert {str(name) for name in data.data_vars} <= set(MEANING)
    assert all(data[name].attrs["units"] == MEANING[str(name)][1] for name in data.data_vars)
    np.testing.assert_array_equal(data["generation"].values, result.generation)
    assert list(data["use"].values) == list(problem.uses.name)
    income = data["revenue"].sum() + sum(
        data[name].sum() for name in data.data_vars if str(name).endswith("_cost")
    )
    assert float(income) == pytest.approx(data.attrs["objective"], rel=1e-9, abs=1e-6)


@settings(max_examples=25, deadline=None)
@given(SEEDS)
def test_a_store_holds_what_went_in_less_losses_and_what_came_out(seed: int) -> None:
    problem = make(seed, coupled=True)
    if not problem.storages:
        return
    result = solve(problem, gap=1e-9)
    store = problem.storages[0]
    level = result.level[0]
    assert level.min() >= -1e-6
    assert level.max() <= store.energy + 1e-6
    assert level[-1] >= store.final - 1e-6


def test_a_result_prints_money_proof_and_energy() -> None:
    text = repr(solve(make(4)))
    first, money, decided, energy, *uses = text.split("\n")
    assert first.startswith("Dispatch: ")
    assert "USD, merit order (gap" in money
    assert decided == "  steps decided by: 100.0% merit order"
    assert energy.count("MWh") == 4
    assert len(uses) == len(make(4).uses.name)


def test_the_rounding_of_a_solver_is_no_power() -> None:
    exact = np.array([[0.0, 5.0]])
    rounded = exact - np.array([[1e-14, 0.0]])
    none = np.zeros((0, 2))
    schedule = Schedule(rounded, exact, none, np.zeros(2), none, none, exact, exact)
    clean = schedule.without_rounding()
    assert (clean.generation == exact).all()
    assert clean.delivered is exact
    wrong = replace(schedule, generation=exact - 1.0).without_rounding()
    assert wrong.generation.min() == -1.0
