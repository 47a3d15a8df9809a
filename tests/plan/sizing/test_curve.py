import numpy as np
import pytest
from tests.plan.sizing.analytic import PriceDuration, bowl

from baseload.plan.sizing.curve import grid, same, spread, value_curve
from baseload.plan.sizing.limits import Limits, Row
from baseload.plan.sizing.risk import EXPECTED

ONE = Limits(("a",), np.zeros(1), np.array([1000.0]))


def test_the_curve_goes_from_nothing_over_the_optimum_to_twice_it_or_the_limit():
    oracle = PriceDuration(np.full((4, 10), 5.0), surplus=300.0, cost=20.0)
    curve, tried = value_curve(oracle.worth, np.array([300.0]), ONE, EXPECTED)
    # By hand: 50 a MW and h less 20 a MW up to 300 MW, then only the cost.
    assert (curve.size[0], curve.size[-1]) == (0.0, 600.0)
    assert 300.0 in curve.size
    assert curve.mean[[0, -1]] == pytest.approx([0.0, 300.0 * 50.0 - 600.0 * 20.0])
    assert tried.best == pytest.approx(9000.0)
    assert (np.diff(curve.mean, 2) <= 1e-9).all() or len(curve.size) > 9


def test_the_curve_of_size_zero_shows_what_building_would_lose():
    oracle = PriceDuration(np.full((4, 10), 1.0), surplus=300.0, cost=20.0)
    curve, tried = value_curve(oracle.worth, np.zeros(1), ONE, EXPECTED)
    assert curve.size[-1] == 1000.0
    assert tried.best == 0.0
    assert (curve.mean[1:] < 0.0).all()


def test_the_spread_is_that_of_the_futures():
    values = np.arange(101.0)
    curve = spread(np.array([10.0]), [values])
    assert (curve.low[0], curve.median[0], curve.high[0]) == (5.0, 50.0, 95.0)
    # Of the numbers 0 to 100: variance 101 x 102 / 12.
    assert curve.error[0] == pytest.approx(np.sqrt(101.0 * 102.0 / 12.0 / 101.0))


def test_the_grid_keeps_limits_and_finds_nothing_better_than_an_optimum():
    oracle = bowl(2, 2)
    best = oracle.best + oracle.shift.mean(axis=0)
    limits = Limits(("a", "b"), np.zeros(2), np.full(2, 1000.0))
    tried = grid(oracle.worth, best, limits, EXPECTED)
    assert tried.points == 4
    assert tried.best < oracle.evaluate(best).values.mean()
    tight = Row("all", np.ones(2), float(best.sum()))
    held = Limits(("a", "b"), np.zeros(2), np.full(2, 1000.0), (tight,))
    assert grid(oracle.worth, best, held, EXPECTED).points == 2


def test_the_grid_notices_a_size_that_is_not_the_best():
    oracle = bowl(2, 1)
    off = oracle.best - 200.0
    tried = grid(oracle.worth, off, ONE, EXPECTED)
    assert tried.best > oracle.evaluate(off).values.mean()


def test_sizes_are_told_apart_by_the_difference_in_the_same_futures():
    luck = np.array([-1e6, 1e6, -1e6, 1e6])
    # All futures agree that 20 MW are a little better than 10, though they differ in the level;
    # that 30 MW are worse than 20 they do not agree on: -1 on average, with an error of
    # 10 / sqrt 3.
    values = [luck - 5.0, luck, luck - 1.0 + np.array([10.0, -10.0, 10.0, -10.0])]
    curve = spread(np.array([10.0, 20.0, 30.0]), values)
    assert curve.behind_error == pytest.approx([0.0, 0.0, 10.0 / np.sqrt(3.0)], abs=1e-6)
    assert same(curve) == (20.0, 30.0)


def test_a_single_future_tells_no_sizes_apart():
    curve = spread(np.array([10.0, 20.0]), [np.array([1.0]), np.array([2.0])])
    assert same(curve) == (10.0, 20.0)
