import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog

from baseload.plan.dispatch.peel import splits, widest_changes


def split(total, low, high, up, down):
    """Return output (T, U) and the steps left over."""
    steps, n_units = low.shape
    widest, share = np.empty(steps), np.empty(steps)
    output, peeled = np.empty((steps, n_units)), np.empty(steps, np.bool_)
    broken, failed = np.empty(steps, np.int64), np.empty(steps, np.int64)
    widest_changes(low, high, up, down, widest)
    left = splits(total, low, high, up, down, widest, share, broken, output, peeled, failed)
    equal = low + share[:, None] * (high - low)
    return np.where(peeled[:, None], output, equal), left


def plant(seed, like):
    """An outage's edge: one unit's range moves, the others keep theirs; a total that units made."""
    rng = np.random.default_rng(seed)
    steps, n_units = int(rng.integers(4, 25)), like + 1
    high = np.full((steps, n_units), 950.0)
    edge = int(rng.integers(1, steps))
    for i, share in enumerate((0.7, 0.4, 0.1)):
        high[edge + i : edge + i + 1, 0] = 950.0 * share
    high[edge + 3 :, 0] = 0.0
    low = 0.5 * high
    ramp = np.full(n_units, 285.0)
    # All turn up or down together, as fast as they may: equal shares often cannot follow.
    made = np.where(rng.random((steps, 1)) < 0.5, low, high)
    made[0] = low[0] + rng.uniform(0.0, 1.0, n_units) * (high[0] - low[0])
    for t in range(1, steps):
        made[t] = np.clip(made[t], made[t - 1] - 285.0, made[t - 1] + 285.0)
        made[t] = np.clip(made[t], low[t], high[t])
    # Half of them backward in time: a unit that comes back.
    turn = slice(None, None, -1) if seed % 2 else slice(None)
    return made.sum(axis=1)[turn], low[turn].copy(), high[turn].copy(), ramp


def possible(total, low, high, ramp):
    """Whether any split exists, by a linear program of SciPy."""
    steps, n = low.shape
    sums = np.kron(np.eye(steps), np.ones(n))
    change = np.kron(np.diff(np.eye(steps), axis=0), np.eye(n))
    answer = linprog(
        np.zeros(steps * n),
        A_ub=np.vstack([change, -change]) if steps > 1 else None,
        b_ub=np.full(2 * (steps - 1) * n, ramp[0]),
        A_eq=sums,
        b_eq=total,
        bounds=np.column_stack([low.ravel(), high.ravel()]),
    )
    return answer.status == 0


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 100_000), st.integers(1, 5))
def test_what_is_split_adds_up_and_keeps_every_limit(seed, like):
    total, low, high, ramp = plant(seed, like)
    output, left = split(total, low, high, ramp, ramp)
    if left == 0:
        np.testing.assert_allclose(output.sum(axis=1), total, atol=1e-5)
        assert (output >= low - 1e-6).all()
        assert (output <= high + 1e-6).all()
        assert (abs(np.diff(output, axis=0)) <= ramp + 1e-5).all()


@settings(max_examples=150, deadline=None)
@given(st.integers(0, 100_000), st.integers(1, 4))
def test_a_split_that_exists_within_one_window_is_found(seed, like):
    total, low, high, ramp = plant(seed, like)
    # In so few steps a window reaches both ends, so nothing is tied and two classes are exact.
    total, low, high = total[:6], low[:6], high[:6]
    if possible(total, low, high, ramp):
        assert split(total, low, high, ramp, ramp)[1] == 0


def test_a_total_that_no_split_follows_is_left_over():
    # By hand: both fall by 285 at the most, the total falls by 700.
    total = np.array([1900.0, 1200.0])
    low, high = np.full((2, 2), 475.0), np.full((2, 2), 950.0)
    ramp = np.full(2, 285.0)
    assert split(total, low, high, ramp, ramp)[1] == 1


def test_a_unit_that_goes_out_is_raised_ahead_so_that_it_can_help_to_fall():
    # By hand: the total falls by 570, all that two units can. The first may end at no less than
    # 350, so it must have stood at 635 or more and the second at 865 or less; equal shares give
    # 750 each, and then the second could end at no less than 475.
    total = np.array([1500.0, 1500.0, 930.0])
    high = np.array([[950.0, 950.0], [950.0, 950.0], [665.0, 950.0]])
    low = np.array([[475.0, 475.0], [475.0, 475.0], [350.0, 475.0]])
    ramp = np.full(2, 285.0)
    output, left = split(total, low, high, ramp, ramp)
    assert left == 0
    assert output[1] - output[2] == pytest.approx([285.0, 285.0])
