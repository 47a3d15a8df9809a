"""HiGHS on arrays: silent, changed in place, honest about time."""

from __future__ import annotations

import numpy as np
import pytest
from benchmarks import workloads as w
from benchmarks.problems import problem_of
from tests.plan.dispatch.random_problems import make

from baseload.plan.dispatch.highs import Engine, SolverError
from baseload.plan.dispatch.model import Model, build
from baseload.plan.dispatch.solve import Clock, by_highs, solve


def knapsack(gain: float = 3.0) -> Model:
    """Two columns up to 4 and 5 that share 6."""
    model = Model()
    x = model.add_columns("x", (2,), 0.0, np.array([4.0, 5.0]), np.array([gain, 2.0]))
    model.add_rows("share", [(x[None, :], 1.0)], -np.inf, 6.0, ([0],))
    return model


def test_a_small_program_has_its_optimum_and_its_dual() -> None:
    answer = Engine(knapsack(), gap=0.0).run()
    np.testing.assert_allclose(answer.point, [4.0, 2.0])
    assert answer.objective == pytest.approx(16.0)
    np.testing.assert_allclose(answer.row_dual, [2.0])


def test_bounds_gains_and_rows_change_in_place() -> None:
    engine = Engine(knapsack(), gap=0.0)
    engine.run()
    columns = np.array([0, 1], np.int32)
    engine.change_gains(columns, np.array([1.0, 2.0]))
    np.testing.assert_allclose(engine.run().point, [1.0, 5.0])
    engine.change_bounds(columns, np.array([2.0, 0.0]), np.array([4.0, 5.0]))
    np.testing.assert_allclose(engine.run().point, [2.0, 4.0])
    engine.change_row_bounds(np.array([0], np.int32), np.array([-np.inf]), np.array([3.0]))
    np.testing.assert_allclose(engine.run().point, [2.0, 1.0])


def test_nothing_is_printed(capfd: pytest.CaptureFixture[str]) -> None:
    Engine(build(make(3, ramps=True, coupled=True)), gap=0.0).run()
    assert capfd.readouterr().out == ""


def test_a_search_that_runs_out_of_time_returns_what_it_knows() -> None:
    problem = problem_of(w.w4(), commit=True)
    result = solve(problem, gap=1e-9, time_limit=0.5)
    assert result.timed_out
    assert w.W4_RANGE[0] <= result.objective <= result.bound
    assert result.gap < 1e-3
    assert "the time limit ended the search" in repr(result)


def test_no_schedule_in_time_is_said_and_not_called_infeasible() -> None:
    with pytest.raises(SolverError, match="allow more time"):
        by_highs(problem_of(w.w1()), 1e-9, 0.0, 1, Clock())
