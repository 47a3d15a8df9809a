import numpy as np
import pytest

from baseload.plan.dispatch.follow import (
    NO_WINDOW,
    earned,
    keep_reachable,
    margins,
    own_tops,
    sides,
    walk,
)


def follow(worth, ramp, *, cap=100.0, high=200.0, margin=5):
    """Path of a plant from 0 to `high` MW whose output is worth `worth` up to `cap`, else -1."""
    steps = len(worth)
    length = np.tile([cap, high - cap], (steps, 1))
    slope = np.column_stack([worth, np.full(steps, -1.0)])
    count, row = np.full(steps, 2), np.arange(steps)
    low, top = np.zeros(steps), np.full(steps, high)
    rise = fall = np.full(steps - 1, float(ramp))
    top_low, top_high, total = np.empty(steps), np.empty(steps), np.empty(steps)
    window, pieces = np.empty(steps, np.int64), np.empty(steps, np.int64)
    start, ahead = np.empty(steps), (np.empty((steps, 80)), np.empty((steps, 80)))
    curve = (length, slope, count)
    own_tops(row, *curve, low, top_low, top_high)
    assert keep_reachable(
        row, *curve, low, top, rise, fall, margin, top_low, top_high, window, start, pieces, *ahead
    )
    good = walk(top_low, top_high, window, rise, fall, total)
    money = earned(row, np.zeros(steps), total, low, np.zeros(steps), *curve)
    price = np.empty(steps)
    margins(total, low, *curve, window, start, pieces, *ahead, price)
    return total, good, money, window, price


def test_without_a_ramp_that_binds_every_step_has_its_best():
    total, good, money, window, price = follow([5.0, -2.0, 5.0], 100.0)
    assert total.tolist() == [100.0, 0.0, 100.0]
    assert (good, money) == (True, 1000.0)
    assert (window == NO_WINDOW).all()
    assert (price == 0.0).all()


def test_a_dip_too_deep_is_filled_where_that_costs_least():
    # By hand: with a ramp of 60 the dip may end at 40 at the least, at 2 a MW; to dip further
    # would cost 5 a MW on either side.
    total, good, money, window, price = follow([5.0, -2.0, 5.0], 60.0)
    assert total.tolist() == [100.0, 40.0, 100.0]
    assert (good, money) == (True, 920.0)
    assert (window[1:] != NO_WINDOW).all()
    # One MW more in the dip is paid back by its neighbours together.
    assert price[1] == pytest.approx(-2.0)
    assert price.sum() == pytest.approx(0.0)


def test_a_longer_window_changes_nothing():
    worth = np.random.default_rng(4).normal(2.0, 4.0, 200)
    short, long = follow(worth, 30.0, margin=8), follow(worth, 30.0, margin=200)
    assert short[1]
    assert short[2] == pytest.approx(long[2])


def test_slopes_beside_a_place_are_those_of_its_segments():
    length, slope = np.array([10.0, 5.0]), np.array([3.0, 1.0])
    assert sides(4.0, length, slope, 2) == (3.0, 3.0)
    assert sides(10.0, length, slope, 2) == (3.0, 1.0)
    assert sides(0.0, length, slope, 2) == (np.inf, 3.0)
    assert sides(15.0, length, slope, 2) == (1.0, -np.inf)
