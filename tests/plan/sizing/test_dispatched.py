import numpy as np
import pytest
from benchmarks import workloads as w
from benchmarks.problems import problem_of
from benchmarks.sizing import FLEETS, WORTHS, drivers_of, w2_by_cuts

from baseload.plan.sizing.dispatched import Dispatched


@pytest.fixture(scope="module")
def oracle():
    return Dispatched(problem_of(w.w2()), drivers_of([w.w2()]), WORTHS, FLEETS, w.CAPACITY_COST)


def test_w2_is_sized_to_its_optimum():
    found = w2_by_cuts()
    # Found by HiGHS as one linear program, and by PyPSA and linopy on top of it.
    assert found.value == pytest.approx(w.OBJECTIVE["W2"], rel=1e-6)
    assert found.size == pytest.approx([1865.0, 0.0, 0.0], abs=1e-3)
    assert found.bound >= w.OBJECTIVE["W2"] * (1.0 - 1e-9)
    assert found.gap <= 1e-6
    assert found.bent == 0.0


def test_slopes_are_what_a_megawatt_more_or_less_brings(oracle):
    size = np.array([700.0, 300.0, 100.0])
    slopes = oracle.evaluate(size).slopes[0]
    for j in range(3):
        step = np.zeros(3)
        step[j] = 1e-2
        high, low = oracle.evaluate(size + step).values[0], oracle.evaluate(size - step).values[0]
        assert slopes[j] == pytest.approx((high - low) / 2e-2, rel=1e-5)


def test_fixed_sizes_give_the_margin_of_w1_less_their_capital(oracle):
    values = oracle.evaluate(w.FLEET_MW).values
    expected = w.OBJECTIVE["W1"] - float(w.CAPACITY_COST @ w.FLEET_MW)
    assert values[0] == pytest.approx(expected, rel=1e-9)
