"""Poisson quantiles against SciPy, an expansion for large means, and the definition."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from baseload.bitcoin.poisson import quantile
from baseload.case.errors import InputError

scipy_stats = pytest.importorskip("scipy.stats")

means = st.floats(1e-6, 2000)
levels = st.floats(1e-6, 1 - 1e-6)


@given(means, levels)
def test_quantile_is_the_smallest_count_with_enough_probability(mean, level):
    count = quantile(mean, level)
    # Where the level is itself a probability of the distribution, rounding may decide.
    assert scipy_stats.poisson.cdf(count, mean) >= level * (1 - 1e-10)
    assert count == 0 or scipy_stats.poisson.cdf(count - 1, mean) <= level * (1 + 1e-10)


@given(means, levels, levels)
def test_a_higher_level_never_has_a_lower_quantile(mean, one, other):
    assert quantile(mean, min(one, other)) <= quantile(mean, max(one, other))


@pytest.mark.parametrize(("level", "z"), [(0.05, -1.6448536269514722), (0.95, 1.6448536269514722)])
@pytest.mark.parametrize("mean", [1e5, 5e5, 3e7])
def test_large_means_follow_the_cornish_fisher_expansion(mean, level, z):
    # Quantile of a Poisson count to O(1 / sqrt(mean)): mean + z sd + (z^2 - 1) / 6 - 1/2,
    # rounded upwards.
    expansion = mean + z * math.sqrt(mean) + (z * z - 1) / 6 - 0.5
    assert abs(quantile(mean, level) - math.ceil(expansion)) <= 1


def test_nothing_expected_means_nothing_found():
    assert quantile(0.0, 0.05) == quantile(0.0, 0.95) == 0


def test_small_means_have_their_closed_form():
    # P(X = 0) = exp(-mean) crosses 0.95 at mean = -ln 0.95.
    assert quantile(-math.log(0.95) * 0.999, 0.95) == 0
    assert quantile(-math.log(0.95) * 1.001, 0.95) == 1


@pytest.mark.parametrize("mean", [-1.0, float("nan"), float("inf")])
def test_means_that_are_no_counts_are_refused(mean):
    with pytest.raises(InputError, match="from 0 upwards"):
        quantile(mean, 0.5)


@pytest.mark.parametrize("level", [0.0, 1.0, -0.1, float("nan")])
def test_levels_outside_zero_and_one_are_refused(level):
    with pytest.raises(InputError, match="between 0 and 1"):
        quantile(3.0, level)
