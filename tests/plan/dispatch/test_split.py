"""Splitting a plant's total among units."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.plan.dispatch.random_problems import make

from baseload.plan.dispatch.certify import ramps_broken
from baseload.plan.dispatch.plant import plant_ramp
from baseload.plan.dispatch.ramp import reachable
from baseload.plan.dispatch.split import split

SEEDS = st.integers(0, 2**32 - 1)


@settings(max_examples=80, deadline=None)
@given(SEEDS, st.booleans())
def test_units_keep_their_ramps_and_meet_the_total_wherever_the_split_holds(
    seed: int, like: bool
) -> None:
    problem = make(seed, ramps=True, steps=30, like_units=like)
    span, relaxed = reachable(problem), plant_ramp(problem)
    if span is None or relaxed is None:
        return
    parts = split(problem, span, relaxed.total)
    assert not ramps_broken(problem, parts.generation).any()
    assert (parts.generation >= span.low - 1e-6).all()
    assert (parts.generation <= span.high + 1e-6).all()
    missed = np.abs(parts.generation.sum(axis=0) - relaxed.total) > 1e-6
    assert not (missed & ~parts.broken).any()


@settings(max_examples=40, deadline=None)
@given(SEEDS)
def test_without_ramps_nothing_is_broken_and_fuel_is_least(seed: int) -> None:
    problem = make(seed)
    span = reachable(problem)
    assert span is not None
    rng = np.random.default_rng(seed)
    low, high = span.low.sum(axis=0), span.high.sum(axis=0)
    total = low + rng.random(problem.steps) * (high - low)
    parts = split(problem, span, total)
    assert not parts.broken.any()
    cost = (problem.units.cost * parts.generation).sum(axis=0) * problem.step
    np.testing.assert_allclose(cost, parts.fuel, rtol=1e-9, atol=1e-6)
    for t in range(problem.steps):
        by_cost = np.argsort(problem.units.cost[:, t])
        left = (span.high - parts.generation)[by_cost, t] > 1e-6
        used = (parts.generation - span.low)[by_cost, t] > 1e-6
        costs = problem.units.cost[by_cost, t]
        if left.any() and used.any():
            assert costs[used].max() <= costs[left].min() + 1e-12
