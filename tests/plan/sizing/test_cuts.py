import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose
from tests.plan.sizing.analytic import Bowl, PriceDuration, bowl

from baseload.plan.sizing.cuts import Answer, maximise
from baseload.plan.sizing.limits import Limits, Row
from baseload.plan.sizing.risk import Risk


def box(count, most=1000.0, *rows, least=0.0):
    names = tuple(f"c{j}" for j in range(count))
    return Limits(names, np.full(count, least), np.full(count, most), tuple(rows))


def test_one_candidate_grows_to_the_surplus_and_no_further():
    worth = np.random.default_rng(1).normal(20.0, 30.0, (50, 500))
    oracle = PriceDuration(worth, surplus=640.0, cost=2_000.0)
    found = maximise(oracle, box(1), gap=1e-9)
    expected = float(np.maximum(worth, 0.0).sum(axis=1).mean() - 2_000.0) * 640.0
    assert found.size == pytest.approx([640.0])
    assert found.value == pytest.approx(expected)
    assert found.bound == pytest.approx(expected)
    assert found.evaluations <= 5


def test_a_mine_that_never_pays_has_size_zero_and_value_zero():
    worth = np.random.default_rng(1).normal(0.0, 1.0, (10, 100))
    found = maximise(PriceDuration(worth, 640.0, cost=5_000.0), box(1), gap=1e-6)
    assert found.size == pytest.approx([0.0], abs=1e-9)
    assert (found.value, found.gap) == (0.0, 0.0)
    assert (found.most_price == 0.0).all()


@pytest.mark.parametrize("count", [1, 2, 3, 4])
def test_a_bowl_is_solved_to_the_gap_in_few_evaluations(count):
    asked = []
    for seed in range(8):
        oracle = bowl(seed, count)
        # The mean over futures of a quadratic is the quadratic around the mean of their tops.
        best = oracle.best + oracle.shift.mean(axis=0)
        top = oracle.evaluate(best).values.mean()
        found = maximise(oracle, box(count), gap=1e-3)
        assert found.gap <= 1e-3
        assert found.value <= top + 1e-6 <= found.bound + 1e-3
        assert found.bent == 0.0
        asked.append(found.evaluations)
    assert np.mean(asked) <= 15


def test_the_shadow_price_of_a_row_is_what_moving_it_brings():
    oracle = bowl(3, 3)

    def best(feeder, budget):
        rows = (
            Row("feeder", np.array([1.0, 1.0, 0.0]), feeder),
            Row("budget", np.array([1e6, 2e6, 3e6]), budget, "USD"),
        )
        return maximise(oracle, box(3, 1000.0, *rows), gap=1e-9, most_evaluations=200)

    found = best(500.0, 1.5e9)
    for moved, price in (
        ((501.0, 1.5e9), found.row_price[0]),
        ((500.0, 1.5e9 + 1e6), found.row_price[1] * 1e6),
    ):
        gained = best(*moved).value - found.value
        assert gained == pytest.approx(price, rel=2e-2, abs=5.0)
    assert found.row_price.max() > 0.0


def test_the_shadow_price_of_a_bound_is_what_moving_it_brings():
    oracle = Bowl(np.array([800.0, 300.0]), np.diag([1.0, 2.0]), 1e6, np.zeros((1, 2)))
    found = maximise(oracle, box(2, 400.0), gap=1e-9)
    # By hand: the first is held at 400, 400 below its top, where a MW more is worth 2 x 400.
    assert found.size == pytest.approx([400.0, 300.0], abs=0.05)
    assert found.most_price == pytest.approx([800.0, 0.0], rel=1e-3, abs=0.2)
    held = maximise(oracle, box(2, 900.0, least=350.0), gap=1e-9)
    # The second is held at 350, 50 above its top: a MW more of its least costs 4 x 50.
    assert held.least_price == pytest.approx([0.0, -200.0], rel=1e-3, abs=0.2)


def test_a_row_may_say_that_one_comes_before_another():
    # The second is worth 10 a MW, the first costs 100 a MW; ten MW of the second need one of it.
    class Pair:
        def evaluate(self, size):
            slope = np.array([-100.0, 50.0])
            return Answer(np.array([slope @ size]), slope[None, :])

    before = Row("first before second", np.array([-1.0, 0.1]), 0.0)
    limits = Limits(("first", "second"), np.zeros(2), np.array([30.0, 1000.0]), (before,))
    found = maximise(Pair(), limits, gap=1e-9)
    assert found.size == pytest.approx([30.0, 300.0])
    assert found.value == pytest.approx(12_000.0)
    # One MW more of the first lets ten more of the second: 500 - 100.
    assert found.most_price[0] == pytest.approx(400.0)


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10_000), st.integers(1, 3), st.sampled_from([0.05, 0.3]))
def test_no_size_passes_the_bound(seed, count, alpha):
    oracle, risk = bowl(seed, count), Risk(alpha, 0.5)
    limits = box(count, 1000.0, Row("all", np.ones(count), 1200.0))
    found = maximise(oracle, limits, risk=risk, gap=1e-3)
    rng = np.random.default_rng(seed)
    for _ in range(20):
        size = rng.uniform(0.0, 1000.0, count)
        size *= min(1.0, 1200.0 / size.sum())
        assert risk.measure(oracle.evaluate(size).values) <= found.bound * (1 + 1e-9)
    assert found.size.sum() <= 1200.0 + 1e-6
    assert ((found.size >= 0.0) & (found.size <= 1000.0)).all()


def test_the_search_is_the_same_every_time():
    first, second = (maximise(bowl(5, 3), box(3), gap=1e-4) for _ in range(2))
    assert_allclose(first.size, second.size, rtol=0, atol=0)
    assert (first.value, first.bound, first.evaluations) == (
        second.value,
        second.bound,
        second.evaluations,
    )


def test_a_value_that_bends_the_wrong_way_is_noticed():
    class Convex:
        def evaluate(self, size):
            return Answer(np.array([float(size[0]) ** 2]), np.array([[2.0 * float(size[0])]]))

    assert maximise(Convex(), box(1), gap=1e-6).bent > 0.0


def test_where_another_limit_stops_it_too_one_more_of_a_limit_is_worth_nothing():
    oracle = Bowl(np.array([800.0]), np.eye(1), 1e6, np.zeros((1, 1)))
    row = Row("feeder", np.ones(1), 400.0)
    found = maximise(oracle, box(1, 400.0, row), gap=1e-9)
    assert found.size == pytest.approx([400.0])
    assert found.row_price == pytest.approx([0.0])
    assert found.most_price == pytest.approx([0.0])


def test_a_search_begins_where_it_is_told():
    class Seen(Bowl):
        asked = ()

        def evaluate(self, size):
            self.asked = (*self.asked, float(size[0]))
            return super().evaluate(size)

    oracle = Seen(np.array([800.0]), np.eye(1), 1e6, np.zeros((1, 1)))
    maximise(oracle, box(1, 1000.0), start=np.array([790.0]))
    assert oracle.asked[0] == 790.0


def test_where_no_mine_is_best_the_gap_is_none():
    class Loss:
        def evaluate(self, size):
            return Answer(-3e5 * size - 1e-7, np.full((1, 1), -3e5))

    found = maximise(Loss(), box(1, 1000.0), gap=1e-6)
    assert found.size == pytest.approx([0.0])
    assert found.gap <= 1e-6
