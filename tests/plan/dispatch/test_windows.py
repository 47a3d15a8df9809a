"""Windows solved by themselves give what the whole gives."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.plan.dispatch.random_problems import make

from baseload.plan.dispatch.certify import ramps_broken
from baseload.plan.dispatch.plant import mend_until, plant_ramp
from baseload.plan.dispatch.result import money, objective
from baseload.plan.dispatch.solve import Clock, by_highs
from baseload.plan.dispatch.windows import cut, loose_transitions, mend, place

SEEDS = st.integers(0, 2**32 - 1)


@settings(max_examples=25, deadline=None)
@given(SEEDS)
def test_windowed_is_monolithic(seed: int) -> None:
    problem = make(seed, ramps=True, steps=160)
    relaxed = plant_ramp(problem)
    if relaxed is None:
        return
    found = mend_until(problem, relaxed, 1e-9)
    if found is None:
        return
    best = by_highs(problem, 1e-9, np.inf, 1, Clock()).objective
    value = objective(money(problem, found.schedule))
    assert value == pytest.approx(best, rel=1e-7, abs=1e-3)
    assert found.bound >= best - 1e-7 * abs(best)


@settings(max_examples=25, deadline=None)
@given(SEEDS, st.integers(0, 20))
def test_windows_of_any_margin_bound_the_optimum(seed: int, margin: int) -> None:
    problem = make(seed, ramps=True, steps=100)
    relaxed = plant_ramp(problem)
    if relaxed is None or not relaxed.broken.any():
        return
    windows = place(relaxed.broken, loose_transitions(relaxed.total, relaxed.span), margin)
    repair = mend(problem, relaxed.schedule, relaxed.earned, windows)
    if repair is None:
        return
    assert not ramps_broken(problem, repair.schedule.generation).any()
    best = by_highs(problem, 1e-9, np.inf, 1, Clock()).objective
    assert relaxed.earned.sum() - repair.loss >= best - 1e-7 * max(1.0, abs(best))


def test_windows_hold_every_broken_step_and_do_not_overlap() -> None:
    rng = np.random.default_rng(0)
    for _ in range(50):
        broken, loose = rng.random(200) < 0.05, rng.random(200) < 0.5
        loose[0] = True
        windows = place(broken, loose, 3)
        covered = np.zeros(200, np.int64)
        for start, stop in windows:
            covered[start:stop] += 1
            assert loose[start]
            assert stop == 200 or loose[stop]
        assert covered.max() <= 1
        assert (covered[broken] == 1).all()


def test_a_cut_holds_its_steps() -> None:
    problem = make(5, ramps=True, steps=10)
    part = cut(problem, 3, 7)
    assert part.steps == 4
    np.testing.assert_array_equal(part.uses.value, problem.uses.value[:, 3:7])
    np.testing.assert_array_equal(part.units.available, problem.units.available[:, 3:7])
