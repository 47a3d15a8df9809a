import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import norm

from baseload.plan.worth.information import evpi, evppi, evppi_nested, followed

COUNT = 8000


def two_actions(mu: float, worth: np.ndarray) -> np.ndarray:
    """Values of doing nothing, and of acting."""
    return np.stack([np.zeros(worth.size), mu + worth])


def linear_normal(mu: float, sigma: float) -> float:
    """Worth of knowing a normal value before acting or not: Raiffa and Schlaifer's loss integral.

    E[max(0, X)] - max(0, mu) for X normal with mean mu and deviation sigma.
    """
    distance = abs(mu) / sigma
    return sigma * norm.pdf(distance) - abs(mu) * norm.cdf(-distance)


def within(found: float, expected: float, error: float, slack: float = 0.0) -> bool:
    return abs(found - expected) <= 4 * error + slack


@pytest.mark.parametrize("mu", [-1.5, -0.4, 0.3, 1.0])
def test_knowing_a_normal_value_is_worth_its_loss_integral(mu):
    chance = np.random.default_rng(1)
    found = evpi(two_actions(mu, chance.normal(0, 2.0, COUNT)))
    assert found.error > 0
    assert within(found.worth, linear_normal(mu, 2.0), found.error)


def test_the_error_is_the_spread_of_the_estimate_over_samples():
    chance = np.random.default_rng(2)
    drawn = [evpi(two_actions(-0.7, chance.normal(0, 1.0, 2000))) for _ in range(300)]
    spread = np.std([one.worth for one in drawn])
    # The spread of 300 estimates is itself known to 4 %.
    assert spread == pytest.approx(np.mean([one.error for one in drawn]), rel=0.15)


@pytest.mark.parametrize("mu", [-0.8, 0.5])
def test_knowing_one_of_two_normals_is_worth_its_own_loss_integral(mu):
    chance = np.random.default_rng(3)
    one, other = chance.normal(0, 1.5, COUNT), chance.normal(0, 2.0, COUNT)
    found = evppi(two_actions(mu, one + other), one)
    assert within(found.worth, linear_normal(mu, 1.5), found.error)


def test_regression_and_nested_sampling_agree_with_the_closed_form():
    chance = np.random.default_rng(4)
    mu, expected = -0.8, linear_normal(-0.8, 1.5)
    outer, inner = chance.normal(0, 1.5, (1, 2000)), chance.normal(0, 2.0, (2000, 1, 64))

    def values(known, rest):
        return np.stack([np.zeros(rest.shape[1]), mu + known[0] + rest[0]])

    nested = evppi_nested(values, outer, inner)
    assert within(nested.worth, expected, nested.error)
    assert nested.bias > 0
    regressed = evppi(two_actions(mu, outer[0] + inner[:, 0, 0]), outer)
    assert within(regressed.worth, expected, regressed.error)


def test_nested_sampling_without_its_correction_is_too_great():
    chance = np.random.default_rng(5)
    outer, inner = chance.normal(0, 0.5, (1, 4000)), chance.normal(0, 3.0, (4000, 1, 8))
    nested = evppi_nested(
        lambda known, rest: np.stack([np.zeros(rest.shape[1]), known[0] + rest[0]]), outer, inner
    )
    expected = linear_normal(0.0, 0.5)
    assert nested.worth + nested.bias > expected + 4 * nested.error
    assert abs(nested.worth - expected) < 0.6 * nested.bias


def test_a_curve_that_no_straight_line_follows_is_found():
    # Acting is worth x^2 - 1 for x normal: E[max(0, x^2 - 1)] = 2 phi(1), and E = 0.
    chance = np.random.default_rng(6)
    known = chance.normal(0, 1, COUNT)
    found = evppi(two_actions(0.0, known**2 - 1 + chance.normal(0, 1, COUNT)), known)
    assert within(found.worth, 2 * norm.pdf(1.0), found.error, slack=0.005)


def test_a_product_of_two_inputs_is_worth_nothing_alone_and_much_together():
    # Acting is worth x y: E[max(0, x y)] = E|x| E|y| / 2 = 1 / pi, and neither says its sign.
    chance = np.random.default_rng(7)
    known = chance.normal(0, 1, (2, COUNT))
    values = two_actions(0.0, known[0] * known[1])
    together, alone = evppi(values, known), evppi(values, known[0])
    assert within(together.worth, 1 / math.pi, together.error, slack=0.02)
    assert alone.worth <= 4 * alone.error


@pytest.mark.parametrize("probability", [0.05, 0.4])
def test_a_signal_of_yes_or_no_is_worth_acting_on_yes_alone(probability):
    # Acting gains 3 on yes and loses 1 on no, plus chance that no one knows.
    chance = np.random.default_rng(8)
    yes = chance.random(COUNT) < probability
    values = two_actions(0.0, np.where(yes, 3.0, -1.0) + chance.normal(0, 1, COUNT))
    now = max(0.0, 4 * probability - 1)
    found = evppi(values, yes.astype(float))
    assert within(found.worth, 3 * probability - now, found.error)


def test_a_date_that_may_never_come_is_a_signal():
    # Acting gains 2 - date if the gate opens, at a date uniform on 0 to 4, and loses 1 if not.
    chance = np.random.default_rng(9)
    opens, date = chance.random(COUNT) < 0.3, chance.uniform(0, 4, COUNT)
    acted = np.where(opens, 2 - date, -1.0) + chance.normal(0, 0.5, COUNT)
    found = evppi(two_actions(0.0, acted), np.where(opens, date, np.inf))
    assert within(found.worth, 0.3 * 0.5, found.error, slack=0.002)


def test_gates_that_must_all_open_are_worth_something_together():
    # Acting gains 5 if all four open (0.5^4 of the futures), else loses 1.
    chance = np.random.default_rng(10)
    gates = np.where(chance.random((4, COUNT)) < 0.5, 1.0, np.inf)
    ready = np.isfinite(gates).all(axis=0)
    values = two_actions(0.0, np.where(ready, 5.0, -1.0) + chance.normal(0, 2, COUNT))
    together, alone = evppi(values, gates), evppi(values, gates[0])
    assert within(together.worth, 5 / 16, together.error)
    # One gate alone leaves the mean of acting at 5/8 - 7/8 < 0 + chance.
    assert alone.worth <= 4 * alone.error


def test_what_decides_nothing_is_worth_exactly_nothing():
    chance = np.random.default_rng(11)
    values = two_actions(-3.0, chance.normal(0, 1, COUNT))
    found = evppi(values, chance.normal(0, 1, COUNT))
    assert found == (0.0, 0.0)


def test_knowing_everything_that_varies_is_worth_perfect_information():
    chance = np.random.default_rng(12)
    known = np.stack([chance.normal(0, 1, COUNT), chance.integers(0, 3, COUNT).astype(float)])
    values = np.stack([np.zeros(COUNT), known[0] - 0.3, 0.5 - known[0] + 0.4 * known[1]])
    every, some = evpi(values), evppi(values, known)
    assert some.worth <= every.worth
    assert some.worth == pytest.approx(every.worth, rel=0.005)


def test_the_best_choice_without_news_is_kept_where_news_says_nothing():
    values = np.stack([np.zeros(200), np.full(200, -1.0)])
    assert (followed(values, np.arange(200.0)) == 0).all()


@given(st.integers(0, 10**6), st.integers(2, 5), st.integers(1, 3))
@settings(max_examples=20, deadline=None)
def test_a_part_is_never_worth_less_than_nothing_nor_more_than_everything(seed, actions, inputs):
    chance = np.random.default_rng(seed)
    known = chance.normal(0, 1, (inputs, 400))
    values = chance.normal(0, 1, (actions, inputs)) @ known + chance.normal(0, 1, (actions, 400))
    every = evpi(values)
    assert 0.0 <= evppi(values, known).worth <= every.worth + 1e-12


@given(st.integers(0, 10**6))
@settings(max_examples=20, deadline=None)
def test_an_irrelevant_input_is_worth_nothing_within_the_error(seed):
    chance = np.random.default_rng(seed)
    values = two_actions(-0.1, chance.normal(0, 1, 600))
    found = evppi(values, chance.normal(0, 1, 600))
    assert found.worth <= 4.5 * found.error


@pytest.mark.parametrize(
    ("values", "message"),
    [
        (np.zeros(5), "found \\(5,\\)"),
        (np.array([[0.0, np.nan], [1.0, 2.0]]), "found NaN"),
    ],
)
def test_values_that_are_none_are_refused(values, message):
    with pytest.raises(ValueError, match=message):
        evpi(values)


def test_an_odd_inner_sample_is_refused():
    with pytest.raises(ValueError, match="even number"):
        evppi_nested(lambda known, rest: rest, np.zeros((1, 2)), np.zeros((2, 1, 3)))
