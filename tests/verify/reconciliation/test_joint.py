"""Against scipy, against numpy's least squares, and the figures of a worked example."""

import math
import random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from baseload.verify.reconciliation.chisquare import (
    chi_square_limit,
    log_chi_square_tail,
    needed_shift,
    noncentral_tail,
)
from baseload.verify.reconciliation.joint import Network, reconciled


@given(value=st.floats(0.0, 500.0), degrees=st.integers(1, 40))
def test_the_tail_is_that_of_scipy(value, degrees):
    assert math.exp(log_chi_square_tail(value, degrees)) == pytest.approx(
        stats.chi2.sf(value, degrees), rel=1e-9, abs=1e-300
    )


def test_a_tail_that_runs_under_is_told_by_its_logarithm():
    """Two degrees: exp(-value / 2), at any value."""
    assert log_chi_square_tail(1e6, 2) == pytest.approx(-5e5, rel=1e-12)
    assert log_chi_square_tail(1e6, 1) == pytest.approx(math.log(2) + stats.norm.logsf(1e3))
    assert log_chi_square_tail(1e3, 5) == pytest.approx(stats.chi2.logsf(1e3, 5), rel=1e-9)


@given(alpha=st.floats(1e-9, 0.999), degrees=st.integers(1, 40))
def test_the_limit_is_that_of_scipy(alpha, degrees):
    assert chi_square_limit(alpha, degrees) == pytest.approx(
        stats.chi2.isf(alpha, degrees), rel=1e-9
    )


@given(value=st.floats(0.1, 100.0), degrees=st.integers(1, 12), shift=st.floats(0.01, 100.0))
def test_the_noncentral_tail_is_that_of_scipy(value, degrees, shift):
    assert noncentral_tail(value, degrees, shift) == pytest.approx(
        stats.ncx2.sf(value, degrees, shift), rel=1e-9, abs=1e-12
    )


def test_a_shift_is_one_with_the_power_that_was_asked_for():
    limit = chi_square_limit(0.05, 3)
    assert noncentral_tail(limit, 3, needed_shift(limit, 3, 0.95)) == pytest.approx(0.95)


def four(sigmas=(0.289, 0.289, 0.26, 0.577), values=(2400.0,) * 4, daily=2400.0):
    """Four meters of one energy: plant, main intake, racks, and what the hashes must have taken."""
    network = Network()
    for name, sigma, value in zip(("plant", "main", "rack", "hash"), sigmas, values, strict=True):
        network.meter(name, value, (sigma / 100 * daily) ** 2)
    network.balances = [{"plant": 1, "main": -1}, {"main": 1, "rack": -1}, {"rack": 1, "hash": -1}]
    return network


def test_the_worked_example_of_four_meters():
    """100 MW for a day: 0.155 % after reconciliation; each meter is found at 1.42 ... 2.48 %."""
    found = reconciled(four(), 0.10)
    assert (found.degrees, found.chi.statistic, found.chi.p) == (3, 0.0, 1.0)
    assert found.chi.threshold == pytest.approx(stats.chi2.isf(0.05, 3))
    shift = math.sqrt(needed_shift(found.chi.threshold, 3, 0.95))
    told = {one.name: one for one in found.suspects}
    for one in told.values():
        assert one.sigma == pytest.approx(3.71, abs=0.01)
        assert one.sigma / 2400 == pytest.approx(0.00155, abs=0.00001)
        assert one.best == 2400.0
    percent = {name: shift / one.sharpness / 24 for name, one in told.items()}
    assert percent["plant"] == percent["main"] == pytest.approx(1.42, abs=0.005)
    assert percent["rack"] == pytest.approx(1.34, abs=0.005)
    assert percent["hash"] == pytest.approx(2.48, abs=0.005)
    directed = [2 * stats.norm.isf(0.05) / one.sharpness / 24 for one in told.values()]
    assert directed == pytest.approx([1.13, 1.13, 1.06, 1.97], abs=0.006)


@pytest.mark.parametrize("wrong", ["plant", "main", "rack", "hash"])
def test_the_meter_that_is_wrong_is_named_with_its_error(wrong):
    network = four()
    network.values[wrong] -= 100.0
    found = reconciled(network, 0.05)
    assert found.chi.statistic > found.chi.threshold
    assert found.likeliest == [wrong]
    assert found.single.difference == pytest.approx(-100.0)


@pytest.mark.parametrize("wrong", ["plant", "hash"])
def test_an_error_of_the_stated_size_is_seen_with_the_stated_probability(wrong):
    """By whichever of the two tests needs less, so at least so often."""
    chance, seen, runs = random.Random(11), 0, 1500
    bias = {one.name: one.detectable for one in reconciled(four(), 0.05).suspects}[wrong]
    for _ in range(runs):
        values = [2400 + chance.gauss(0, s * 24) for s in (0.289, 0.289, 0.26, 0.577)]
        network = four(values=values)
        network.values[wrong] += bias
        found = reconciled(network, 0.05)
        seen += any(one.statistic > one.threshold for one in (found.chi, found.single))
    assert seen / runs > 0.95 - 3 * math.sqrt(0.95 * 0.05 / runs)


def test_two_meters_cannot_tell_which_of_them_is_wrong():
    network = Network()
    network.meter("a", 2400.0, 50.0)
    network.meter("b", 2300.0, 80.0)
    network.balances = [{"a": 1, "b": -1}]
    found = reconciled(network, 0.05)
    assert found.likeliest == ["a", "b"]
    assert [one.best for one in found.suspects] == pytest.approx([2400 - 5000 / 130] * 2)


def test_an_error_that_meters_share_hides_what_they_agree_on():
    """Two meters of one bad batch against a good one: the difference of the two is sharp."""
    network = Network()
    for name in ("a", "b", "c"):
        network.meter(name, 2400.0, 1.0)
    network.shared = [{"a": 24.0, "b": 24.0}]
    network.balances = [{"a": 1, "b": -1}, {"b": 1, "c": -1}]
    network.values |= {"a": 2440.0, "b": 2440.0}
    assert reconciled(network, 0.05).chi.p > 0.1
    network.values |= {"a": 2440.0, "b": 2400.0}
    assert reconciled(network, 0.05).chi.p < 1e-6
    cov = np.array([[577.0, 576, 0], [576, 577, 0], [0, 0, 1]])
    a = np.array([[1, -1, 0], [0, 1, -1]], float)
    r = a @ [2440.0, 2400.0, 2400.0]
    expected = r @ np.linalg.solve(a @ cov @ a.T, r)
    assert reconciled(network, 0.05).chi.statistic == pytest.approx(expected)


@given(seed=st.integers(0, 10**6))
def test_it_is_the_least_squares_of_numpy(seed):
    chance = random.Random(seed)
    values = [2400 + chance.gauss(0, 20) for _ in range(4)]
    sigmas = [chance.uniform(0.05, 1.0) for _ in range(4)]
    found = reconciled(four(sigmas, values), 0.05)
    a = np.array([[1, -1, 0, 0], [0, 1, -1, 0], [0, 0, 1, -1]], float)
    cov = np.diag((np.array(sigmas) * 24) ** 2)
    r = a @ values
    inverse = np.linalg.inv(a @ cov @ a.T)
    assert found.chi.statistic == pytest.approx(r @ inverse @ r)
    due = stats.chi2.logsf(r @ inverse @ r, 3)
    if math.isfinite(due):  # where the probability is below the smallest number, theirs is not
        assert found.chi.log_p == pytest.approx(due, rel=1e-8)
    best = values - cov @ a.T @ inverse @ r
    after = cov - cov @ a.T @ inverse @ a @ cov
    for place, one in enumerate(found.suspects):
        assert one.best == pytest.approx(best[place])
        assert one.sigma == pytest.approx(math.sqrt(after[place, place]), rel=1e-6)


def test_false_alarms_come_as_often_as_they_may():
    """Each of the two tests at its half; together at most what was asked for."""
    chance, runs, alarms = random.Random(3), 3000, [0, 0, 0]
    for _ in range(runs):
        values = [2400 * (1 + chance.gauss(0, s / 100)) for s in (0.289, 0.289, 0.26, 0.577)]
        found = reconciled(four(values=values), 0.10)
        told = [one.statistic > one.threshold for one in (found.chi, found.single)]
        alarms = [n + t for n, t in zip(alarms, [*told, any(told)], strict=True)]
    assert alarms[0] / runs == pytest.approx(0.05, abs=0.012)
    assert alarms[1] / runs < 0.062
    assert alarms[2] / runs < 0.10


def test_what_leaves_no_room_for_a_test_gives_none():
    assert reconciled(Network(), 0.05) is None
    assert reconciled(four(sigmas=(0, 0, 0.26, 0.577)), 0.05) is None
    twice = four()
    twice.balances = [*twice.balances, twice.balances[0]]
    assert reconciled(twice, 0.05) is None
    assert reconciled(four(values=(math.nan, 1.0, 1.0, 1.0), sigmas=(math.nan,) * 4), 0.05) is None
    assert reconciled(four(sigmas=(0.1, 0, 0.26, 0.577)), 0.05) is not None
