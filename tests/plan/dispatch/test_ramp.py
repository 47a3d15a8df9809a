"""Plant ramps against a linear program with the same ramps on the total."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.plan.dispatch.random_problems import make

from baseload.plan.dispatch.highs import Engine
from baseload.plan.dispatch.merit import book_of, stack
from baseload.plan.dispatch.model import build
from baseload.plan.dispatch.plant import plant_ramp
from baseload.plan.dispatch.problem import Problem, Units, UseKind, Uses
from baseload.plan.dispatch.ramp import Range, curves, reachable

SEEDS = st.integers(0, 2**32 - 1)


def with_plant_ramps(problem: Problem, span: Range) -> float:
    """Return the optimum under ramps on the total, by a linear program [USD]."""
    units = problem.units
    free = replace(
        problem,
        units=replace(
            units,
            available=span.high,
            minimum=span.low,
            ramp_up=np.full(len(units.name), np.inf),
            ramp_down=np.full(len(units.name), np.inf),
        ),
    )
    model = build(free)
    output, t = model.columns["generation"], np.arange(1, problem.steps)
    rise, fall = span.rise.sum(axis=0), span.fall.sum(axis=0)
    model.add_rows("plant", [(output[:, 1:].T, 1.0), (output[:, :-1].T, -1.0)], -fall, rise, (t,))
    return Engine(model, gap=0.0).run().objective


@settings(max_examples=60, deadline=None)
@given(SEEDS, st.booleans())
def test_the_value_functions_find_the_optimum_of_the_linear_program(seed: int, like: bool) -> None:
    problem = make(seed, ramps=True, steps=20, like_units=like)
    span = reachable(problem)
    if span is None:
        return
    relaxed = plant_ramp(problem)
    assert relaxed is not None
    expected = with_plant_ramps(problem, span)
    assert relaxed.earned.sum() == pytest.approx(expected, rel=1e-9, abs=1e-5)
    change = np.diff(relaxed.total)
    assert (change <= span.rise.sum(axis=0) + 1e-6).all()
    assert (-change <= span.fall.sum(axis=0) + 1e-6).all()


@settings(max_examples=60, deadline=None)
@given(SEEDS)
def test_what_total_output_earns_is_concave(seed: int) -> None:
    problem = make(seed)
    book = book_of(problem, problem.units.minimum, problem.units.available)
    curve = curves(book, stack(book))
    for t in range(problem.steps):
        n = curve.segments[t]
        assert (np.diff(curve.slope[t, :n]) <= 0.0).all()
        span = (problem.units.available - problem.units.minimum)[:, t].sum()
        assert curve.length[t, :n].sum() == pytest.approx(span, abs=1e-9)


@settings(max_examples=60, deadline=None)
@given(SEEDS)
def test_from_every_reachable_output_the_next_step_can_be_reached(seed: int) -> None:
    problem = make(seed, ramps=True, steps=12)
    span = reachable(problem)
    if span is None:
        return
    up = (problem.units.ramp_up * problem.step)[:, None]
    down = (problem.units.ramp_down * problem.step)[:, None]
    for output in (span.low, span.high):
        assert (np.maximum(span.low[:, 1:], output[:, :-1] - down) <= span.high[:, 1:] + 1e-9).all()
        assert (output[:, :-1] + up >= span.low[:, 1:] - 1e-9).all()


def test_a_plant_falls_early_enough_to_meet_an_outage() -> None:
    # 100 MW that may fall by 30 MW/h and are gone in hour 3: at most 60 and 30 before it.
    problem = Problem(
        steps=4,
        step=1.0,
        units=Units(
            ("unit",),
            np.array([[100.0, 100.0, 100.0, 0.0]]),
            np.zeros((1, 4)),
            np.array([6.0]),
            ramp_up=np.array([30.0]),
            ramp_down=np.array([30.0]),
        ),
        uses=Uses(("mine",), (UseKind.MINE,), np.array([-1]), np.array([200.0]), np.array([90.0])),
    )
    span = reachable(problem)
    assert span is not None
    np.testing.assert_allclose(span.high[0], [90.0, 60.0, 30.0, 0.0])


def test_a_known_first_output_binds_the_first_step() -> None:
    problem = make(3, ramps=True, steps=6)
    units = replace(problem.units, initial=problem.units.available[:, 0])
    span = reachable(replace(problem, units=units))
    assert span is not None
    assert (span.low[:, 0] >= units.initial - units.ramp_down * problem.step - 1e-9).all()
