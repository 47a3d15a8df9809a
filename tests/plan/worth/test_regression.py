import numpy as np
import pytest

from baseload.plan.worth.regression import cross_fitted, design, parts_of, predicted


def chance(seed=0):
    return np.random.default_rng(seed)


def test_a_curve_is_found_again_under_noise():
    x = chance().uniform(0, 1, 4000)
    truth = np.sin(2 * np.pi * x)
    found = cross_fitted(design(x), (truth + chance(1).normal(0, 0.5, x.size))[None], 5)[0]
    # Noise of 0.5 over some ten degrees of freedom: 0.5 sqrt(10 / 4000) = 0.025.
    assert np.sqrt(np.mean((found - truth) ** 2)) < 0.04


def test_a_straight_line_in_a_long_tail_is_followed_to_its_end():
    x = np.exp(chance(2).normal(0, 1, 4000))
    found = cross_fitted(design(x), (3 * x + chance(3).normal(0, 0.1, x.size))[None], 5)[0]
    np.testing.assert_allclose(found, 3 * x, rtol=0.02, atol=0.1)


def test_few_values_are_met_by_their_own_means():
    x = np.repeat([0.0, 1.0, 2.0], 50)
    values = np.where(x == 1.0, 7.0, 1.0)[None]
    np.testing.assert_allclose(cross_fitted(design(x), values, 5), values, atol=1e-9)


def test_what_says_nothing_leaves_the_mean():
    x, noise = chance(4).normal(0, 1, 2000), chance(5).normal(0, 1, (1, 2000))
    found = predicted(design(x), noise, np.ones(2000, dtype=bool))
    # Ten regressors without shrinking would explain 10 / 2000 of the variance.
    assert found.var() < 10 / 2000
    constant = predicted(design(np.full(2000, 3.0)), noise, np.ones(2000, dtype=bool))
    np.testing.assert_allclose(constant, noise.mean())


def test_values_that_are_known_only_elsewhere_are_not_used():
    x = chance(6).normal(0, 1, 200)
    values = chance(7).normal(0, 1, (2, 200))
    train = np.arange(200) < 120
    spoilt = np.where(train, values, 1e6)
    found = predicted(design(x), values, train)
    np.testing.assert_array_equal(found, predicted(design(x), spoilt, train))


def test_many_dates_that_may_never_come_need_no_cell_of_their_own():
    dates = np.where(chance(8).random((9, 600)) < 0.5, chance(9).uniform(0, 5, (9, 600)), np.inf)
    values = np.isfinite(dates).sum(axis=0).astype(float)[None]
    found = cross_fitted(design(dates), values, 5)
    # 512 patterns of 600 futures: only the sum over inputs can be learned.
    assert np.corrcoef(found[0], values[0])[0, 1] > 0.98


def test_the_fit_does_not_depend_on_the_units_of_inputs():
    x = chance(10).normal(0, 1, (2, 500))
    values = (x[0] * x[1])[None]
    one = cross_fitted(design(x), values, 5)
    other = cross_fitted(design(x * [[1e6], [1e-6]] + 3.0), values, 5)
    np.testing.assert_allclose(one, other, atol=1e-6)


def test_inputs_that_are_no_numbers_are_refused():
    with pytest.raises(ValueError, match="NaN"):
        design(np.array([0.0, np.nan]))


def test_folds_take_every_future_once():
    parts = parts_of(11, 3)
    assert np.sum(parts, axis=0).tolist() == [1] * 11
    with pytest.raises(ValueError, match="2 to 11"):
        parts_of(11, 1)
