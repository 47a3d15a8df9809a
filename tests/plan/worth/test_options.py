import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from baseload.plan.worth.options import Project, State, flexibility

# Prices of a claim by recombining trees (Cox, Ross and Rubinstein 1979), written here alone.


def tree(
    payoff,
    start: float,
    rate: float,
    income: float,
    sigma: float,
    years: float,
    dates: int,
    each: int,
) -> float:
    """Value of a right that may be exercised at ``dates`` + 1 even dates, the first at once.

    ``each`` steps of the tree lie between two dates; rates are continuous.
    """
    steps, dt = dates * each, years / (dates * each)
    up = math.exp(sigma * math.sqrt(dt))
    chance = (math.exp((rate - income) * dt) - 1 / up) / (up - 1 / up)
    worth = np.maximum(payoff(start * up ** np.arange(-steps, steps + 1, 2.0)), 0.0)
    for step in reversed(range(steps)):
        worth = math.exp(-rate * dt) * (chance * worth[1:] + (1 - chance) * worth[:-1])
        if step % each == 0:
            worth = np.maximum(worth, payoff(start * up ** np.arange(-step, step + 1, 2.0)))
    return float(worth[0])


def walk(seed, count, dates, start, drift, sigma, dt):
    """Geometric Brownian motion at even dates, antithetic, shape (count, dates + 1)."""
    noise = np.random.default_rng(seed).normal(0, 1, (count // 2, dates))
    noise = np.concatenate([noise, -noise])
    # Futures s and s + count / 2 mirror each other; stirred, so that folds hold both kinds.
    noise = noise[np.random.default_rng(0).permutation(count)]
    steps = (drift - sigma**2 / 2) * dt + sigma * math.sqrt(dt) * noise
    return start * np.exp(np.cumsum(np.hstack([np.zeros((count, 1)), steps]), axis=1))


def right(paths, cost, rate):
    """Return the right to pay a cost once, at the beginning of any period."""
    return Project(np.zeros_like(paths), paths[:, :, None], cost, rate)


@pytest.mark.parametrize(("start", "sigma"), [(36.0, 0.2), (40.0, 0.4)])
def test_a_put_is_worth_what_a_tree_with_the_same_dates_says(start, sigma):
    # Strike, rate, dates as in Longstaff and Schwartz (2001), table 1.
    dates, strike, rate = 50, 40.0, 0.06
    paths = walk(1, 8000, dates, start, rate, sigma, 1 / dates)
    found = flexibility(right(paths, paths - strike, math.expm1(rate / dates)), folds=2)
    expected = tree(lambda s: strike - s, start, rate, 0.0, sigma, 1.0, dates, 20)
    assert found.value <= expected + 3 * found.error
    assert found.value >= expected - 3 * found.error - 0.01 * expected
    assert found.upper > expected


def test_the_tree_agrees_with_the_published_put():
    # Longstaff and Schwartz (2001), table 1: 4.478 by finite differences, 50 dates.
    value = tree(lambda s: 40.0 - s, 36.0, 0.06, 0.0, 0.2, 1.0, 50, 20)
    assert value == pytest.approx(4.478, abs=0.003)


# The right to invest I = 1 in a project of value V, for ever: Dixit and Pindyck (1994), ch. 5.
RATE, INCOME, SIGMA = 0.04, 0.04, 0.2


def perpetual(value: float) -> tuple[float, float]:
    """Return the worth of the right, and the value V* = beta / (beta - 1) at which to invest."""
    tilt = (RATE - INCOME) / SIGMA**2 - 0.5
    beta = -tilt + math.sqrt(tilt**2 + 2 * RATE / SIGMA**2)
    trigger = beta / (beta - 1)
    return (trigger - 1) * (value / trigger) ** beta, trigger


def test_the_trigger_of_the_textbook_case_is_twice_the_cost():
    assert perpetual(1.0) == pytest.approx((0.25, 2.0))


def yearly(horizon: int, each: int, per_year: int = 1) -> float:
    dates = horizon * per_year
    return tree(lambda v: v - 1.0, 1.0, RATE, INCOME, SIGMA, float(horizon), dates, each)


def test_deciding_once_a_year_and_for_sixty_years_costs_little_of_the_perpetual_right():
    for_ever, _ = perpetual(1.0)
    coarse, fine = yearly(60, 12), yearly(60, 4, per_year=12)
    # What is missing: decisions between the years, then everything after year 60.
    assert coarse < fine < for_ever
    assert for_ever - coarse < 0.04 * for_ever


def test_the_right_to_invest_is_worth_the_closed_form_less_what_the_tree_says_is_missing():
    horizon, paths = 60, walk(2, 8000, 60, 1.0, RATE - INCOME, SIGMA, 1.0)
    found = flexibility(right(paths, 1.0 - paths, math.expm1(RATE)), folds=2)
    expected, (for_ever, _) = yearly(horizon, 12), perpetual(1.0)
    assert abs(found.value - expected) <= 3 * found.error + 0.02 * expected
    assert abs(found.value - for_ever) <= 3 * found.error + 0.05 * for_ever
    assert found.at_once == pytest.approx(0.0, abs=1e-12)


def test_investment_waits_for_far_more_than_its_cost():
    paths = walk(3, 3000, 60, 1.0, RATE - INCOME, SIGMA, 1.0)
    found = flexibility(right(paths, 1.0 - paths, math.expm1(RATE)), folds=2)
    began = (found.state == State.RUNNING).argmax(axis=1)
    first = paths[np.arange(len(paths)), began][(began > 0) & (began < 20)]
    # The plain rule of net present value invests at 1; the trigger of continuous decisions is 2.
    assert np.quantile(first, 0.05) > 1.3
    assert 1.6 < np.median(first) < 2.2


def test_nothing_open_leaves_the_value_of_the_best_plan():
    # All is known: building in year 1 costs 2 and brings 3 in year 2; year 0 costs 5.
    running = np.tile([0.0, 0.0, 3.0, -1.0], (10, 1))
    cost = np.tile([5.0, 2.0, 2.9, 0.0], (10, 1))
    project = Project(running, np.zeros((10, 4, 1)), cost, 0.25, build_time=1, timing=0.0)
    found = flexibility(project)
    # Paid at the beginning of year 1; stopped before year 3 loses 1.
    assert found.value == pytest.approx(-2.0 / 1.25 + 3.0 / 1.25**2)
    assert found.error == 0.0
    assert found.upper == pytest.approx(found.value)
    assert found.state[0].tolist() == [State.WAITING, State.RUNNING, State.RUNNING, State.STOPPED]


def test_a_bad_spell_is_slept_through():
    running = np.tile([4.0, -3.0, -3.0, 4.0], (10, 1))
    idle = np.full((10, 4), -0.5)
    project = Project(
        running,
        np.zeros((10, 4, 1)),
        np.full((10, 4), 1.0),
        0.0,
        mothballed=idle,
        to_mothball=0.25,
        to_restart=0.25,
    )
    found = flexibility(project)
    assert found.value == pytest.approx(-1.0 + 4.0 - 0.25 - 2 * 0.5 - 0.25 + 4.0)
    assert found.state[0].tolist() == [
        State.RUNNING,
        State.MOTHBALLED,
        State.MOTHBALLED,
        State.RUNNING,
    ]


def test_stopping_is_for_ever_and_costs_what_it_costs():
    running = np.tile([2.0, -5.0, 4.0], (10, 1))
    project = Project(
        running, np.zeros((10, 3, 1)), np.tile([1.0, np.inf, np.inf], (10, 1)), 0.0, to_stop=0.5
    )
    found = flexibility(project)
    # Running on brings -1 in all from year 1; stopping costs 0.5.
    assert found.value == pytest.approx(-1.0 + 2.0 - 0.5)
    assert found.state[0].tolist() == [State.RUNNING, State.STOPPED, State.STOPPED]


def test_a_project_that_cannot_be_built_in_time_is_not_begun():
    project = Project(
        np.full((10, 3), 9.0), np.zeros((10, 3, 1)), np.full((10, 3), 1.0), 0.1, build_time=3
    )
    found = flexibility(project)
    assert found.value == 0.0
    assert found.at_once == -1.0
    assert (found.state == State.WAITING).all()


@given(st.integers(0, 10**6), st.floats(-1.0, 1.0), st.integers(0, 2))
@settings(max_examples=8, deadline=None)
def test_the_right_is_never_worth_less_than_building_at_once_or_never(seed, margin, build_time):
    price = np.exp(0.3 * np.cumsum(np.random.default_rng(seed).normal(0, 1, (400, 6)), axis=1))
    seen = np.hstack([np.ones((400, 1)), price[:, :-1]])[:, :, None]
    project = Project(
        price - 1.0 + margin, seen, np.full((400, 6), 0.5), 0.08, build_time=build_time
    )
    found = flexibility(project)
    assert found.value >= max(0.0, found.at_once) - 3 * found.error - 1e-9
    assert found.value <= found.upper + 1e-9


def test_chance_that_nothing_shows_is_not_mistaken_for_a_rule():
    # Cash is noise of mean zero and what is seen is other noise: every rule is worth nothing.
    found = []
    for seed in range(12):
        chance = np.random.default_rng(seed)
        cost = np.full((60, 4), np.inf)
        cost[:, 0] = 0.0
        noise = chance.normal(0, 1, (60, 4, 2))
        found.append(flexibility(Project(chance.normal(0, 1, (60, 4)), noise, cost, 0.1), folds=3))
    mean = np.mean([one.value for one in found])
    assert mean <= 3 * np.mean([one.error for one in found]) / np.sqrt(len(found))


@pytest.mark.parametrize("name", ["running", "features"])
def test_cash_and_signs_that_are_no_numbers_are_refused(name):
    parts = {"running": np.zeros((4, 2)), "features": np.zeros((4, 2, 1))}
    parts[name][0] = np.nan
    with pytest.raises(ValueError, match=name):
        Project(**parts, build_cost=np.zeros((4, 2)), rate=0.1)


def test_shapes_that_disagree_are_refused():
    with pytest.raises(ValueError, match="build_cost"):
        Project(np.zeros((4, 2)), np.zeros((4, 2, 1)), np.zeros((4, 3)), 0.1)
