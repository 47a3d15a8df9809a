"""What is said where no schedule exists."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from baseload.plan.dispatch.infeasible import InfeasibleError
from baseload.plan.dispatch.problem import Budget, Problem, Storage, Units, UseKind, Uses
from baseload.plan.dispatch.solve import solve


def small(**changes: object) -> Problem:
    """Four hours of a 100 MW unit, at least 40 MW, and a 60 MW load."""
    problem = Problem(
        steps=4,
        step=1.0,
        units=Units(("unit 1",), np.full((1, 4), 100.0), np.full((1, 4), 40.0), np.array([6.0])),
        uses=Uses(
            ("city",), (UseKind.OBLIGATION,), np.array([-1]), np.full((1, 4), 60.0),
            np.zeros((1, 4)), np.array([300.0]),
        ),
    )  # fmt: skip
    return replace(problem, **changes)


def report(problem: Problem) -> list[str]:
    with pytest.raises(InfeasibleError) as error:
        solve(problem)
    return [str(give) for give in error.value.report.gives]


def test_load_that_must_be_met_and_cannot_is_named_with_hours_and_amount() -> None:
    problem = small()
    load = np.array([[60.0, 130.0, 110.0, 60.0]])
    hard = replace(problem.uses, capacity=load, shortfall_price=np.full((1, 4), np.inf))
    assert report(replace(problem, uses=hard)) == [
        "delivery without shortfall 'city', steps 1 to 2 (2): up to 30.000 MW not delivered"
    ]


def test_output_that_finds_no_use_is_named_where_curtailment_is_forbidden() -> None:
    problem = small(curtailment_cost=np.inf)
    load = np.array([[60.0, 60.0, 15.0, 60.0]])
    blocked = replace(problem, uses=replace(problem.uses, capacity=load))
    assert report(blocked) == [
        "curtailment is forbidden 'busbar', step 2 (1): up to 25.000 MW of output find no use"
    ]


def test_an_outage_that_no_ramp_can_follow_is_named() -> None:
    problem = small()
    available = np.array([[100.0, 100.0, 0.0, 0.0]])
    units = replace(
        problem.units,
        available=available,
        minimum=available * 0.5,
        ramp_up=np.array([20.0]),
        ramp_down=np.array([20.0]),
    )
    assert report(replace(problem, units=units)) == [
        "ramp limit 'unit 1', step 2 (1): up to 30.000 MW more in one step"
    ]


def test_a_budget_below_what_must_run_is_named() -> None:
    fuel = Budget("cycle 7", (0,), 0, 4, 100.0)
    assert report(small(budgets=(fuel,))) == [
        "energy budget 'cycle 7', step 0 (1): up to 60.000 MWh more"
    ]


def test_a_store_that_cannot_end_as_high_as_asked_is_named() -> None:
    store = Storage("battery", charge=5.0, discharge=5.0, energy=100.0, final=50.0)
    assert report(small(storages=(store,))) == [
        "level of the store 'battery', step 3 (1): up to 30.000 MWh lower"
    ]


def test_the_error_says_all_of_it() -> None:
    with pytest.raises(InfeasibleError, match="together these would have to give"):
        solve(small(budgets=(Budget("cycle 7", (0,), 0, 4, 100.0),)))
