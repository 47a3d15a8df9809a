"""Points that fill the cube, and quantiles of every distribution."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal
from scipy import stats

from baseload.case.errors import InputError
from baseload.plan.futures.unknowns import DISTRIBUTIONS, MOST_UNKNOWNS, levels, points, quantile

CHANCES = (np.arange(20_000) + 0.5) / 20_000


@given(cut=st.integers(0, 100), extra=st.integers(0, 50))
@settings(deadline=None, max_examples=30)
def test_a_point_is_the_same_however_many_are_drawn_and_wherever_one_starts(cut, extra):
    whole = points(3, 100, 5)
    assert_array_equal(points(3, 100 + extra, 5)[:100], whole)
    assert_array_equal(points(3, cut, 5), whole[:cut])
    assert_array_equal(points(3, 100 - cut, 5, first=cut), whole[cut:])


def test_every_cell_of_each_unknown_holds_one_of_two_to_the_m_points():
    drawn = points(1, 256, 40)
    for k in range(40):
        assert_array_equal(np.bincount((drawn[:, k] * 256).astype(int)), np.ones(256))
    assert drawn.min() > 0
    assert drawn.max() < 1


def test_points_lie_closer_to_their_mean_than_independent_ones():
    product = np.prod(2 * points(2, 1024, 5), axis=1)
    independent = np.sqrt(((4 / 3) ** 5 - 1) / 1024)
    assert abs(product.mean() - 1) < independent / 4


def test_another_seed_gives_other_points():
    assert not np.any(points(1, 64, 3) == points(2, 64, 3))


def test_more_unknowns_than_the_sequence_has_are_drawn_independently():
    drawn = points(1, 4, MOST_UNKNOWNS + 1)
    assert stats.kstest(drawn.ravel(), "uniform").pvalue > 0.01
    assert_array_equal(points(1, 2, MOST_UNKNOWNS + 1, first=2), drawn[2:])


def test_nothing_unknown_needs_no_points():
    assert points(1, 7, 0).shape == (7, 0)
    assert points(1, 0, 7).shape == (0, 7)


def test_more_points_than_the_sequence_has_are_refused():
    with pytest.raises(InputError, match="2\\*\\*30"):
        points(1, 10, 2, first=2**30 - 3)


@pytest.mark.parametrize(
    ("low", "base", "high"), [(1.0, 2.0, 5.0), (1.0, 1.0, 5.0), (1.0, 5.0, 5.0)]
)
def test_triangular_levels_are_those_of_scipy(low, base, high):
    expected = stats.triang.ppf(CHANCES, (base - low) / (high - low), low, high - low)
    assert_allclose(quantile(CHANCES, "triangular", low, base, high), expected, rtol=1e-9)


def test_uniform_levels_lie_evenly_from_low_to_high():
    assert_allclose(quantile(CHANCES, "uniform", 2.0, 3.0, 12.0), 2 + 10 * CHANCES)


@pytest.mark.parametrize("name", ["normal", "lognormal"])
def test_base_is_the_median_and_low_and_high_are_exceeded_as_said(name):
    found = quantile(np.array([0.05, 0.5, 0.95]), name, 3.0, 15.0, 36.0)
    assert_allclose(found, [3.0, 15.0, 36.0])


def test_a_symmetric_normal_is_the_normal():
    spread = 5.0 / stats.norm.ppf(0.95)
    found = quantile(CHANCES, "normal", 5.0, 10.0, 15.0)
    assert_allclose(found, stats.norm.ppf(CHANCES, 10.0, spread))
    logs = np.log(quantile(CHANCES, "lognormal", 2.0, 4.0, 8.0))
    assert_allclose(logs.std(), np.log(2) / stats.norm.ppf(0.95), rtol=1e-3)


def test_discrete_levels_are_the_different_ones_equally_often():
    found, counts = np.unique(quantile(CHANCES[:-2], "discrete", 0.0, 1.0, 2.0), return_counts=True)
    assert_array_equal(found, [0, 1, 2])
    assert_allclose(counts, len(CHANCES) / 3, atol=2)
    assert_array_equal(np.unique(quantile(CHANCES, "discrete", 1.0, 1.0, 2.0)), [1, 2])
    assert_array_equal(np.unique(quantile(CHANCES, "discrete", 1.0, np.nan, 2.0)), [1, 2])


@pytest.mark.parametrize("name", DISTRIBUTIONS)
def test_where_low_is_high_there_is_one_level(name):
    assert_array_equal(quantile(CHANCES[:9], name, 4.0, 4.0, 4.0), np.full(9, 4.0))


def test_without_a_base_the_median_is_the_middle():
    half = np.array([0.5])
    for name in ("triangular", "uniform", "normal"):
        assert_allclose(quantile(half, name, 2.0, np.nan, 18.0), 10.0)
    assert_allclose(quantile(half, "lognormal", 2.0, np.nan, 18.0), 6.0)


@given(
    name=st.sampled_from(DISTRIBUTIONS),
    given_levels=st.lists(st.floats(0.1, 1e6), min_size=3, max_size=3).map(sorted),
)
def test_levels_rise_with_chance(name, given_levels):
    found = quantile(CHANCES[::500], name, *given_levels)
    assert np.all(np.diff(found) >= -1e-9 * given_levels[2])


def test_levels_of_all_unknowns_are_those_of_each():
    drawn = points(1, 16, 2)
    found = levels(
        drawn,
        ["uniform", "discrete"],
        np.array([0.0, 1.0]),
        np.full(2, np.nan),
        np.array([2.0, 5.0]),
    )
    assert_allclose(found[:, 0], 2 * drawn[:, 0])
    assert_array_equal(found[:, 1], np.where(drawn[:, 1] < 0.5, 1.0, 5.0))


@pytest.mark.parametrize(
    ("name", "given_levels", "said"),
    [
        ("beta", (1.0, 2.0, 3.0), "triangular, uniform"),
        ("uniform", (3.0, 2.0, 1.0), "low <= base <= high"),
        ("normal", (1.0, 4.0, 3.0), "low <= base <= high"),
        ("lognormal", (0.0, 4.0, 5.0), "above zero"),
    ],
)
def test_levels_that_make_no_distribution_are_refused(name, given_levels, said):
    with pytest.raises(InputError, match=said):
        quantile(CHANCES, name, *given_levels)
