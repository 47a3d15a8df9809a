import numpy as np
import pytest
from tests.plan.worth.small_futures import YEARS, futures

from baseload.plan.worth.waiting import IDLE_SHARE, Mine, decide, waiting

COUNT, RATE = 1000, 0.08
SHAPE = (COUNT, YEARS.size)
MIDDLE = (1 + RATE) ** -(np.arange(YEARS.size) + 0.5)


def mine(cash, kept=None, value=None, coins=None):
    """Return a mine whose value is its cash discounted by the middle of each year."""
    return Mine(
        cash @ MIDDLE if value is None else value,
        cash,
        np.zeros_like(cash) if kept is None else kept,
        np.where(cash != 0.0, 1.0, 0.0) if coins is None else coins,
    )


def good_and_bad(seed=0):
    """Return futures of which 40 % are good, and the price that showed it a year before."""
    good = np.random.default_rng(seed).random(COUNT) < 0.4
    return good, np.repeat(np.where(good, 60.0, 30.0)[:, None], YEARS.size, axis=1)[:, :, None]


def test_what_was_seen_to_lose_is_declined():
    good, seen = good_and_bad()
    cash = np.zeros(SHAPE)
    cash[:, 2:4] = np.where(good, 3.0, -5.0)[:, None]
    found = decide("a", mine(cash), seen, RATE)
    worth = float(MIDDLE[2:4].sum())
    assert found.now == pytest.approx(worth * (3 * good.mean() - 5 * (1 - good.mean())))
    assert found.flexible == pytest.approx(worth * 3 * good.mean())
    assert found.built_share == good.mean()
    assert found.worth == pytest.approx(found.flexible)


def test_what_nothing_shows_before_is_built_or_not_as_the_mean_says():
    good, _ = good_and_bad()
    cash = np.zeros(SHAPE)
    cash[:, 1] = np.where(good, 3.0, -5.0)
    found = decide("a", mine(cash), np.zeros((*SHAPE, 1)), RATE)
    assert (found.flexible, found.built_share) == (0.0, 0.0)
    assert found.now < 0


def test_what_shows_only_in_its_own_year_comes_too_late():
    good = np.random.default_rng(9).random(SHAPE) < 0.4
    cash = np.where(good, 3.0, -5.0) * (np.arange(YEARS.size) > 0)
    found = decide("a", mine(cash), np.where(good, 60.0, 30.0)[:, :, None], RATE)
    assert found.flexible <= 3 * found.error


def test_a_mine_that_goes_bad_is_stopped_the_year_after():
    good, _ = good_and_bad()
    seen = np.full((*SHAPE, 1), 50.0)
    cash = np.zeros(SHAPE)
    cash[:, 0] = 10.0
    # Seen from year 1 on, acted on from year 2 on.
    seen[:, 1:, 0] = np.where(good, 60.0, 30.0)[:, None]
    cash[:, 1] = 1.0
    cash[:, 2:] = np.where(good, 2.0, -4.0)[:, None]
    found = decide("a", mine(cash, kept=np.full(SHAPE, -1.0)), seen, RATE)
    expected = 10 * MIDDLE[0] + MIDDLE[1] + 2 * good.mean() * MIDDLE[2:].sum()
    assert found.flexible == pytest.approx(expected)
    assert found.built_share == 1.0


def test_a_bad_spell_is_slept_through_at_the_cost_of_sleeping():
    seen = np.zeros((*SHAPE, 1))
    cash = np.tile([5.0, 5.0, -3.0, 5.0, 5.0, 5.0], (COUNT, 1))
    found = decide("a", mine(cash, kept=np.full(SHAPE, -0.5)), seen, RATE)
    assert found.flexible - found.now == pytest.approx(2.5 * MIDDLE[2])


def test_years_of_building_cannot_be_slept_through():
    # Money is spent in years 0 and 1; coins come from year 1 on.
    cash = np.tile([-5.0, -5.0, 9.0, 9.0, 9.0, 9.0], (COUNT, 1))
    coins = np.where(np.arange(YEARS.size) >= 1, 1.0, 0.0) * np.ones(SHAPE)
    found = decide("a", mine(cash, coins=coins), np.zeros((*SHAPE, 1)), RATE)
    assert found.flexible == pytest.approx(found.now)


def test_futures_that_keep_running_are_paid_their_exact_value():
    # The exact value is not that of yearly discounting; where all is kept it alone counts.
    chance = np.random.default_rng(3)
    cash = np.tile([0.0, 4.0, 4.0, 4.0, 4.0, 4.0], (COUNT, 1))
    value = 16.0 + chance.normal(0, 1, COUNT)
    found = decide("a", mine(cash, value=value), np.zeros((*SHAPE, 1)), RATE)
    assert found.flexible == pytest.approx(value.mean())
    assert found.error == pytest.approx(value.std(ddof=1) / np.sqrt(COUNT))


def test_gates_that_open_in_different_years_are_learned_from_together():
    good, seen = good_and_bad(5)
    begin = np.random.default_rng(6).integers(0, 4, COUNT)
    built = np.arange(YEARS.size) == begin[:, None]
    cash = np.where(built, np.where(good, 3.0, -5.0)[:, None], 0.0)
    found = decide("a", mine(cash), seen, RATE)
    value = cash @ MIDDLE
    # Before the first year nobody has seen anything: there the mean, a loss, is declined.
    assert found.flexible == pytest.approx(np.where(good & (begin > 0), value, 0).mean(), rel=0.02)


def test_each_future_is_discounted_at_its_own_rate():
    rates = np.random.default_rng(7).uniform(0.05, 0.15, COUNT)
    cash = np.tile([0.0, 4.0, -2.0, -2.0, -2.0, -2.0], (COUNT, 1))
    value = (cash / (1 + rates[:, None]) ** (np.arange(YEARS.size) + 0.5)).sum(axis=1)
    found = decide("a", mine(cash, value=value), np.zeros((*SHAPE, 1)), rates)
    assert found.flexible == pytest.approx((4.0 * (1 + rates) ** -1.5).mean())


@pytest.mark.parametrize(("each", "flexible", "share"), [(5.0, 0.05, 0.01), (-5.0, 0.0, 0.0)])
def test_too_few_mines_to_learn_from_leave_the_plans_without_a_rule(each, flexible, share):
    cash = np.zeros(SHAPE)
    cash[:9, 0] = each
    value = np.where(np.arange(COUNT) < 10, cash.sum(axis=1), 0.0)
    value[9] = each
    cash[9, 0] = 0.0
    found = decide("a", mine(cash, value=value), np.zeros((*SHAPE, 1)), RATE)
    assert found.flexible == pytest.approx(flexible)
    assert found.built_share == share


def test_alternatives_of_an_ensemble_are_valued_with_its_prices_and_costs(tmp_path):
    good, seen = good_and_bad(8)
    cash = np.zeros(SHAPE)
    cash[:, 1:] = np.where(good, 3e6, -5e6)[:, None]
    ensemble = futures(
        tmp_path,
        opening={"permit": np.ones(COUNT)},
        levels={"bitcoin.price": np.linspace(5e4, 1e5, COUNT)},
        values={"large": cash @ MIDDLE},
        by_year={
            ("mine_cash", "large", None): cash,
            ("coins", "large", None): np.where(cash != 0, 1.0, 0.0),
            ("hashprice", None, None): seen[:, :, 0],
            ("cash", "large", "mine fixed O&M"): np.full(SHAPE, -1e6),
        },
    )
    (found,) = waiting(ensemble)
    assert found.alternative == "large"
    assert found.flexible == pytest.approx(3e6 * good.mean() * MIDDLE[1:].sum())
    assert IDLE_SHARE == 0.5
