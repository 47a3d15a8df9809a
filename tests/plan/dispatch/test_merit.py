"""The merit order against a linear program, its duals against perturbed problems."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.plan.dispatch.random_problems import make

from baseload.plan.dispatch.merit import merit_order
from baseload.plan.dispatch.problem import Imports, Nodes, Problem, Units, UseKind, Uses
from baseload.plan.dispatch.result import money, objective
from baseload.plan.dispatch.solve import Clock, by_highs

SEEDS = st.integers(0, 2**32 - 1)


def value(problem: Problem) -> float:
    return objective(money(problem, merit_order(problem).schedule))


@settings(max_examples=60, deadline=None)
@given(SEEDS)
def test_the_merit_order_earns_what_a_linear_program_earns(seed: int) -> None:
    problem = make(seed)
    best = by_highs(problem, 1e-9, np.inf, 1, Clock()).objective
    assert value(problem) == pytest.approx(best, rel=1e-9, abs=1e-6)


@settings(max_examples=60, deadline=None)
@given(SEEDS)
def test_every_megawatt_hour_is_used_once(seed: int) -> None:
    problem = make(seed)
    s = merit_order(problem).schedule
    made = s.generation.sum(axis=0) + s.imported.sum(axis=0)
    np.testing.assert_allclose(made, s.delivered.sum(axis=0) + s.curtailed, rtol=0, atol=1e-9)
    assert (s.delivered >= 0.0).all()
    assert (s.delivered <= problem.uses.capacity + 1e-9).all()
    served = s.delivered[problem.uses.must_serve].sum(axis=0)
    assert (s.imported.sum(axis=0) <= served + 1e-9).all()
    for n in range(len(problem.nodes.name)):
        below = [n in problem.nodes.ancestors(int(at)) for at in problem.uses.node]
        assert (s.delivered[below].sum(axis=0) <= problem.nodes.limit[n] + 1e-9).all()


@settings(max_examples=60, deadline=None)
@given(SEEDS)
def test_duals_bound_what_any_change_of_limits_can_bring(seed: int) -> None:
    # The optimum is concave in the limits, so the duals at one point overestimate it at
    # every other: a wrong dual is too low in one direction or the other.
    problem = make(seed, imports=False)
    duals = merit_order(problem).duals
    rng = np.random.default_rng(seed)
    units, uses, nodes = problem.units, problem.uses, problem.nodes
    available = units.available + rng.choice([-5.0, 0.0, 20.0, 90.0], units.available.shape)
    available = np.maximum(available, units.minimum)
    capacity = np.maximum(0.0, uses.capacity + rng.choice([-9.0, 0.0, 30.0], uses.capacity.shape))
    limit = np.maximum(0.0, nodes.limit + rng.choice([-20.0, 0.0, 50.0], nodes.limit.shape))
    changed = replace(
        problem,
        units=replace(units, available=available),
        uses=replace(uses, capacity=capacity),
        nodes=replace(nodes, limit=limit),
    )
    gain = problem.step * (
        (duals.unit * (available - units.available)).sum()
        + (duals.use * (capacity - uses.capacity)).sum()
        + (duals.node * (limit - nodes.limit)).sum()
    )
    assert value(changed) <= value(problem) + gain + 1e-6


def test_nested_limits_are_filled_from_the_most_valuable() -> None:
    # 100 MW of supply at 6; an area limit of 70 holds a link limit of 40. By hand: the mine
    # takes 20, the link's use 40, the area's other use the 30 the area has left, 10 remain.
    problem = Problem(
        steps=1,
        step=1.0,
        units=Units(("unit",), np.array([[100.0]]), np.array([[0.0]]), np.array([6.0])),
        uses=Uses(
            ("mine", "behind link", "in area", "cheap"),
            (UseKind.MINE, UseKind.MARKET, UseKind.MARKET, UseKind.MARKET),
            np.array([-1, 1, 0, -1]),
            np.array([[20.0], [60.0], [60.0], [50.0]]),
            np.array([[100.0], [80.0], [60.0], [9.0]]),
        ),
        nodes=Nodes(("area", "link"), np.array([-1, 0]), np.array([[70.0], [40.0]])),
    )
    found = merit_order(problem)
    np.testing.assert_allclose(found.schedule.delivered[:, 0], [20.0, 40.0, 30.0, 10.0])
    assert found.duals.energy[0] == 9.0
    np.testing.assert_allclose(found.duals.node[:, 0], [60.0 - 9.0, 80.0 - 60.0])
    np.testing.assert_allclose(found.duals.unit[0, 0], 3.0)
    np.testing.assert_allclose(found.duals.use[:, 0], [91.0, 0.0, 0.0, 0.0])


def test_a_mine_is_never_fed_from_import() -> None:
    problem = Problem(
        steps=1,
        step=1.0,
        units=Units(("unit",), np.array([[30.0]]), np.array([[0.0]]), np.array([6.0])),
        uses=Uses(
            ("house", "mine"),
            (UseKind.MUST_SERVE, UseKind.MINE),
            np.array([-1, -1]),
            np.array([[50.0], [500.0]]),
            np.array([[0.0], [90.0]]),
            np.array([3000.0, 0.0]),
        ),
        imports=Imports(("grid",), np.array([[400.0]]), np.array([[40.0]])),
    )
    s = merit_order(problem).schedule
    # The import feeds all of the house, so that own output may feed the mine; no more.
    np.testing.assert_allclose(s.imported[0, 0], 50.0)
    np.testing.assert_allclose(s.delivered[:, 0], [50.0, 30.0])


def test_output_that_must_run_is_curtailed_before_it_is_sold_below_the_cost_of_that() -> None:
    problem = Problem(
        steps=2,
        step=1.0,
        units=Units(("unit",), np.full((1, 2), 100.0), np.full((1, 2), 60.0), np.array([6.0])),
        uses=Uses(
            ("export",),
            (UseKind.MARKET,),
            np.array([-1]),
            np.full((1, 2), 200.0),
            np.array([[-3.0, -7.0]]),
        ),
        curtailment_cost=5.0,
    )
    found = merit_order(problem)
    np.testing.assert_allclose(found.schedule.delivered[0], [60.0, 0.0])
    np.testing.assert_allclose(found.schedule.curtailed, [0.0, 60.0])
    np.testing.assert_allclose(found.duals.energy, [-3.0, -5.0])
