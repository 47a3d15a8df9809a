from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from baseload.plan.ensemble.estimates import (
    LEVELS,
    difference,
    expected_shortfall,
    fan,
    mean,
    quantile,
    share,
    spread,
)

NORMAL_5 = -1.6448536269514722
"""5 % quantile of the standard normal distribution; its density there is 0.1031356."""
DENSITY_5 = math.exp(-(NORMAL_5**2) / 2) / math.sqrt(2 * math.pi)

samples = arrays(np.float64, st.integers(2, 60), elements=st.floats(-1e9, 1e9, width=32))


@pytest.fixture(scope="module")
def normal():
    return np.random.default_rng(1).standard_normal(200_000)


@pytest.fixture(scope="module")
def exponential():
    return np.random.default_rng(2).standard_exponential(200_000)


def near(estimate, expected, errors=4.0):
    """Whether an estimate lies within some of its own errors of the truth."""
    return abs(estimate.value - expected) <= errors * estimate.error


def test_the_spread_of_a_normal_sample_is_that_of_the_normal_distribution(normal):
    found = spread(normal)
    assert near(found.mean, 0.0)
    assert near(found.at(0.05), NORMAL_5)
    assert near(found.at(0.50), 0.0)
    assert near(found.at(0.95), -NORMAL_5)
    assert near(found.loss, 0.5)
    assert near(found.value_at_risk, -NORMAL_5)
    # Expected shortfall of a standard normal gain: density at the quantile over the tail.
    assert near(found.expected_shortfall, DENSITY_5 / 0.05)


def test_the_spread_of_an_exponential_sample_is_that_of_the_exponential_distribution(exponential):
    found = spread(exponential)
    assert near(found.mean, 1.0)
    for level, estimate in zip(LEVELS, found.quantiles, strict=True):
        assert near(estimate, -math.log(1 - level))
    # The integral of the quantile -ln(1 - u) from 0 to p is p + (1 - p) ln(1 - p).
    lowest = (0.05 + 0.95 * math.log(0.95)) / 0.05
    assert near(found.expected_shortfall, -lowest)
    assert found.loss.value == 0.0


def test_the_error_of_a_mean_is_the_deviation_over_the_root_of_the_count(normal):
    assert mean(normal).error == pytest.approx(1 / math.sqrt(normal.size), rel=0.01)


@pytest.mark.parametrize("level", LEVELS)
def test_the_error_of_a_quantile_is_the_one_that_the_density_gives(level):
    # An exponential sample without chance: its quantiles at even distances. The density at a
    # quantile is 1 - level.
    size = 100_000
    even = -np.log1p(-(np.arange(size) + 0.5) / size)
    by_density = math.sqrt(level * (1 - level) / size) / (1 - level)
    assert quantile(even, level).error == pytest.approx(by_density, rel=1e-3)


@pytest.mark.parametrize("estimate", [lambda x: quantile(x, 0.25), expected_shortfall])
def test_an_error_is_the_deviation_that_repeated_samples_show(estimate):
    draw = np.random.default_rng(3)
    found = [estimate(draw.standard_normal(2_000)) for _ in range(400)]
    shown = np.std([each.value for each in found])
    assert np.mean([each.error for each in found]) == pytest.approx(shown, rel=0.12)


def test_a_share_never_seen_still_has_an_error():
    # Beta(1, 101): sqrt(101 / (102^2 * 103)).
    never = share(np.zeros(100, bool))
    assert never.value == 0.0
    assert never.error == pytest.approx(math.sqrt(101 / (102**2 * 103)), rel=1e-12)


def test_the_error_of_a_share_tends_to_that_of_the_binomial_distribution():
    some = share(np.arange(100_000) < 30_000)
    assert some.value == 0.3
    assert some.error == pytest.approx(math.sqrt(0.3 * 0.7 / 100_000), rel=1e-3)


def test_a_difference_of_choices_in_the_same_futures_is_surer_than_either(normal):
    found = difference(normal + 0.01, normal)
    assert found.value == pytest.approx(0.01)
    assert found.error < 1e-6 < mean(normal).error


def test_one_future_has_no_error_and_none_is_refused():
    alone = spread(np.array([-3.0]))
    assert alone.mean.value == alone.expected_shortfall.value * -1 == -3.0
    assert math.isnan(alone.mean.error)
    assert math.isnan(alone.at(0.5).error)
    with pytest.raises(ValueError, match="at least one"):
        mean(np.zeros(0))


def test_expected_shortfall_counts_a_part_of_the_future_at_the_edge():
    # The worst 25 % of ten futures: two whole ones and half of the third.
    values = np.arange(10.0)
    assert expected_shortfall(values, 0.25).value == pytest.approx(-(0 + 1 + 0.5 * 2) / 2.5)


@given(samples)
def test_quantiles_rise_and_stay_within_the_sample(values):
    found = [each.value for each in spread(values).quantiles]
    assert found == sorted(found)
    assert values.min() <= found[0]
    assert found[-1] <= values.max()


@given(samples)
def test_the_mean_of_the_worst_futures_is_no_better_than_their_edge_and_the_mean(values):
    found = spread(values)
    slack = 1e-9 * (1 + np.abs(values).max())
    edge = -float(np.quantile(values, 0.05, method="inverted_cdf"))
    assert found.expected_shortfall.value >= edge - slack
    assert found.expected_shortfall.value >= -found.mean.value - slack
    assert found.expected_shortfall.value <= -values.min() + slack


@given(samples, st.floats(-1e6, 1e6), st.floats(0.1, 10))
def test_a_shift_and_a_scale_move_estimates_and_scale_errors(values, shift, scale):
    before, after = spread(values), spread(scale * values + shift)
    slack = 1e-6 * (1 + scale * np.abs(values).max() + abs(shift))
    assert after.mean.value == pytest.approx(scale * before.mean.value + shift, abs=slack)
    assert after.mean.error == pytest.approx(scale * before.mean.error, abs=slack)
    assert after.expected_shortfall.value == pytest.approx(
        scale * before.expected_shortfall.value - shift, abs=slack
    )
    for one, other in zip(before.quantiles, after.quantiles, strict=True):
        assert other.value == pytest.approx(scale * one.value + shift, abs=slack)
        assert other.error == pytest.approx(scale * one.error, abs=slack)


@given(samples)
def test_the_order_of_futures_does_not_matter(values):
    turned = spread(values[::-1].copy())
    assert turned.quantiles == spread(values).quantiles
    assert turned.loss == spread(values).loss


def test_a_fan_holds_the_quantiles_of_each_year(exponential):
    by_year = np.stack([exponential, 2 * exponential], axis=1)
    found = fan(by_year)
    assert found.shape == (5, 2)
    np.testing.assert_allclose(found[:, 1], 2 * found[:, 0], rtol=1e-12)
    np.testing.assert_allclose(found[:, 0], [-math.log(1 - x) for x in LEVELS], rtol=0.03)


def test_a_fan_leaves_out_futures_without_a_value_and_years_without_a_future():
    nan = math.nan
    found = fan(np.array([[1.0, nan, nan], [3.0, 5.0, nan]]))
    assert found[2].tolist()[:2] == [2.0, 5.0]
    assert np.isnan(found[:, 2]).all()
