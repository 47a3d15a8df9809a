"""Competitors: steady states solved by hand, limits, and what a fleet of one's own does."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import brentq

from baseload.bitcoin import daystep
from baseload.bitcoin.competitors import (
    AVAILABLE,
    DIFFICULTY,
    HEIGHT,
    OTHERS,
    Competitors,
    advance_day,
    initial_state,
    path,
)
from baseload.bitcoin.network import equilibrium_difficulty, fleet_hashrate
from baseload.bitcoin.revenue import break_even_power_price
from baseload.case.errors import InputError

ENERGY = tuple(12.0 + 3.0 * k for k in range(12))
SHARE = tuple(np.linspace(2.0, 0.5, 12))
FIXED = Competitors(
    power_price=45.0, power_price_spread=0.5, switching=72.0, barrier=1e9, progress=0.0,
    entry=0.0, delivery=2160.0, life=float("inf"), newest=12.0, energy=ENERGY, share=SHARE,
    rounded=False,
)  # fmt: skip
START = {"network_ths": 1040e6, "price": 91_000.0, "fee_share": 0.01, "height": 931_900.5}


def settled_hashprice(hashrate_ths: float, price: float, coins: float = 3.125 * 1.01) -> float:
    """Hashprice when 2,015 blocks come in two weeks [USD/PH/day]."""
    return coins * price * 86_400 * 2015 / 1_209_600 / (hashrate_ths / 1e3)


def supply(installed_ths: float, hashprice: float) -> float:
    """Hashrate whose break-even power price exceeds what its owner pays [TH/s]."""
    found = 0.0
    for energy, share in zip(ENERGY, SHARE, strict=True):
        worth = break_even_power_price(hashprice, energy)
        # Log-logistic with median 45 USD/MWh; the logistic's deviation is s pi / sqrt(3).
        runs = 1 / (1 + np.exp(-(np.log(worth) - np.log(45.0)) / (0.5 * np.sqrt(3) / np.pi)))
        found += share / sum(SHARE) * runs
    return installed_ths * found


def steady(price: float, own_ths: float = 0.0) -> tuple[float, float]:
    """Others and hashprice in the steady state, by root finding on the supply curve."""
    installed = 1040e6 / supply(1.0, settled_hashprice(1040e6, 91_000.0))

    def excess(others: float) -> float:
        return supply(installed, settled_hashprice(others + own_ths, price)) - others

    others = brentq(excess, 1e3, installed)
    return others, settled_hashprice(others + own_ths, price)


# The halving of 2028 comes 820 days after the start.
def followed(competitors: Competitors, price: float, days: int = 800, **extra):
    return path(
        competitors, initial_state(competitors, **START), np.full(days, price),
        fee_share=0.01, **extra,
    )  # fmt: skip


@pytest.mark.parametrize("price", [45_000.0, 91_000.0, 150_000.0])
def test_at_a_constant_price_the_network_settles_where_supply_meets_hashprice(price):
    others, hashprice = steady(price)
    found = followed(FIXED, price)
    assert found.others[-1] == pytest.approx(others, rel=1e-6)
    assert found.hashvalue[-1] * price == pytest.approx(hashprice, rel=1e-6)
    assert found.difficulty[-1] == pytest.approx(equilibrium_difficulty(others), rel=1e-6)


def test_the_exact_rule_settles_at_the_same_place_within_its_rounding():
    others, hashprice = steady(45_000.0)
    found = followed(replace(FIXED, rounded=True), 45_000.0)
    assert found.others[-1] == pytest.approx(others, rel=1e-4)
    assert found.hashvalue[-1] * 45_000.0 == pytest.approx(hashprice, rel=1e-4)


def test_a_gigawatt_lowers_the_hashprice_by_what_the_steady_state_says():
    own = fleet_hashrate(1000.0, 17.5)
    alone, together = steady(91_000.0), steady(91_000.0, own)
    found = followed(FIXED, 91_000.0, own_ths=own)
    fall = 1 - found.hashvalue[-1] * 91_000.0 / alone[1]
    assert fall == pytest.approx(1 - together[1] / alone[1], rel=1e-5)
    # Others who leave soften the dilution, own / (own + others), but do not undo it.
    assert 0.5 * own / (own + 1040e6) < fall < own / (own + 1040e6)


def test_without_response_a_small_fleet_earns_what_a_price_taker_earns():
    still = replace(FIXED, response=False)
    found = followed(still, 91_000.0, days=365, own_ths=1e-3)
    taker = settled_hashprice(1040e6, 1.0)
    assert np.sum(found.hashvalue) == pytest.approx(365 * taker, rel=1e-9)
    assert found.others == pytest.approx(np.full(365, 1040e6), rel=0, abs=0)


@pytest.mark.parametrize("own", [1e5, 1e6])
def test_coins_fall_smoothly_as_the_own_fleet_grows(own):
    still = replace(FIXED, response=False)
    low, high = (
        followed(still, 91_000.0, own_ths=each).hashvalue[-1] for each in (own, own * 1.001)
    )
    slope = (high / low - 1) / (0.001 * own)
    assert slope == pytest.approx(-1 / (1040e6 + own), rel=2e-3)


def test_machines_enter_until_what_they_earn_above_the_barrier_replaces_those_that_leave():
    life, delivery = 5 * 8766.0, 2160.0
    growing = replace(FIXED, barrier=30.0, entry=2.0, life=life, energy=(12.0,) * 12)
    found = followed(growing, 91_000.0)
    # Each day exp(-24 h / life) stay; entry makes up for it, at 24 h / delivery per excess.
    excess = (np.exp(24 / life) - 1) * delivery / 24
    assert found.hashvalue[-1] * 91_000.0 == pytest.approx(30.0 * (1 + excess), rel=1e-4)


def test_behind_a_barrier_a_fleet_takes_the_place_of_others_and_not_of_their_pay():
    # Where entry holds the hashprice, the total is given, and others are what is left of it.
    growing = replace(FIXED, barrier=30.0, entry=2.0, life=5 * 8766.0, energy=(12.0,) * 12)
    alone, beside = followed(growing, 91_000.0), followed(growing, 91_000.0, own_ths=57e6)
    assert beside.hashvalue[-1] == pytest.approx(alone.hashvalue[-1], rel=1e-3)
    assert alone.others[-1] - beside.others[-1] == pytest.approx(57e6, rel=0.02)


def test_no_more_machines_enter_in_a_year_than_can_be_delivered():
    rush = replace(FIXED, barrier=1.0, entry=0.8, delivery=1.0)
    state = initial_state(rush, **START)
    before = state[daystep.INSTALLED : daystep.ENERGY].sum()
    after = path(rush, state, np.full(365, 1e6), fee_share=0.01).state
    growth = after[daystep.INSTALLED : daystep.ENERGY].sum() / before
    assert growth == pytest.approx(1.8 ** (365 / 365.25), rel=1e-9)


def test_new_machines_are_as_good_as_those_on_sale_and_old_ones_are_kept():
    rush = replace(FIXED, barrier=1.0, entry=0.8, delivery=1.0, progress=0.2)
    after = path(rush, initial_state(rush, **START), np.full(731, 1e6), fee_share=0.01).state
    energy = after[daystep.ENERGY : daystep.STATE] ** (1 / rush.steepness)
    assert after[daystep.NEWEST] ** (1 / rush.steepness) == pytest.approx(
        12.0 * 0.8 ** (731 / 365.25), rel=1e-9
    )
    assert 12.0 * 0.8**2.01 < energy[0] < 12.0 * 0.8**1.4
    # Four classes have opened, so that the newest of the start is the fifth.
    assert np.all(np.diff(energy) > 0)
    assert energy[5:11] == pytest.approx(ENERGY[1:7], rel=1e-9)


def test_the_barrier_falls_with_progress():
    state = initial_state(replace(FIXED, progress=0.2, barrier=30.0), **START)
    others = replace(FIXED, progress=0.2, barrier=30.0)
    after = path(others, state, np.full(1461, 91_000.0)).state
    assert after[daystep.BARRIER] == pytest.approx(30.0 * 0.8**4, rel=1e-9)


def test_others_answer_within_days_and_not_at_once():
    found = followed(FIXED, 45_000.0, days=30)
    # The hashprice halves: what leaves on the first day is 1 - exp(-1/3) of what wants to.
    installed = 1040e6 / supply(1.0, settled_hashprice(1040e6, 91_000.0))
    wanted = supply(installed, settled_hashprice(1040e6, 45_000.0))
    expected = 1040e6 + (wanted - 1040e6) * (1 - np.exp(-1 / 3))
    assert found.others[0] == pytest.approx(expected, rel=1e-9)


def test_machines_that_a_storm_stops_are_not_there_and_come_back():
    available = np.ones(60)
    available[10:15] = 0.7
    found = followed(replace(FIXED, response=False), 91_000.0, days=60, available=available)
    assert found.others[[9, 10, 14, 15]] / 1040e6 == pytest.approx([1.0, 0.7, 0.7, 1.0])
    assert found.difficulty.min() < 0.97 * found.difficulty[0]


@settings(deadline=None)
@given(
    network=st.floats(1e6, 1e10), price=st.floats(2e4, 1e6), height=st.integers(840_000, 2_000_000)
)
def test_a_network_starts_in_equilibrium_with_its_hashrate(network, price, height):
    others = replace(FIXED, power_price=1e-3)
    state = initial_state(
        others, network_ths=network, price=price, fee_share=0.02, height=float(height)
    )
    assert state[OTHERS] == network
    assert state[DIFFICULTY] == pytest.approx(equilibrium_difficulty(network), rel=1e-12)
    assert state[HEIGHT] == height
    assert state[AVAILABLE] == 1.0


@settings(deadline=None, max_examples=25)
@given(st.integers(0, 2**32 - 1))
def test_a_path_is_its_days_one_after_another(seed):
    draw = np.random.default_rng(seed)
    others = Competitors.calibrated()
    price, luck = draw.uniform(5e4, 1.5e5, 40), draw.standard_normal(40)
    start = initial_state(others, **START)
    kept = start.copy()
    found = path(others, start, price, fee_share=0.02, luck=luck, own_ths=5e7)
    assert np.array_equal(start, kept)
    terms = others.pack()
    single = [advance_day(start, terms, 5e7, p, 0.02, z) for p, z in zip(price, luck, strict=True)]
    assert np.array_equal(found.hashvalue, single)
    assert np.array_equal(found.state, start)


def test_calibrated_competitors_run_at_the_hashprice_of_their_day():
    others = Competitors.calibrated()
    assert Competitors.calibrated_on() > date(2025, 1, 1)
    assert 0.7 < others.running(39.5) < 1.0
    # CBECI put the network at 19.5 J/TH on 10 March 2025; it has become better since.
    mean = np.dot(others.energy, others.share) / sum(others.share)
    assert 12.0 < mean < 19.5


def test_barrier_and_machines_move_on_with_the_years():
    others = replace(FIXED, progress=0.2, barrier=30.0)
    moved = others.moved(2.0)
    assert moved.barrier == pytest.approx(30.0 * 0.64)
    assert moved.energy == pytest.approx([0.64 * each for each in ENERGY])
    state = initial_state(others, **START, years_since_calibration=2.0)
    assert state[daystep.BARRIER] == pytest.approx(30.0 * 0.64)


def test_a_price_of_power_at_which_nobody_runs_is_refused():
    with pytest.raises(InputError, match="lower power_price"):
        initial_state(replace(FIXED, power_price=1e6), **START)


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"power_price": 0.0}, "power_price"),
        ({"progress": 1.0}, "progress"),
        ({"entry": -0.1}, "entry"),
        ({"life": float("nan")}, "life"),
        ({"energy": (12.0,)}, "energy"),
    ],
)
def test_what_no_market_can_be_is_refused_by_name(change, named):
    with pytest.raises(InputError, match=named):
        replace(FIXED, **change)


def test_a_price_of_nothing_is_refused():
    with pytest.raises(InputError, match="price"):
        path(FIXED, initial_state(FIXED, **START), [91_000.0, 0.0])
    with pytest.raises(InputError, match="network"):
        initial_state(FIXED, **(START | {"network_ths": 0.0}))
