"""Revenue against published figures, closed forms and its own invariants."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose

from baseload.bitcoin.revenue import (
    break_even_hashprice,
    break_even_power_price,
    expected_blocks,
    hashprice,
    hashvalue,
    production,
    value_of_energy,
)
from baseload.case.errors import InputError

D_2026_06 = 124_932_866_006_548.16  # nBits 170240c3, height 953,568
DAY = 86_400.0

rates = st.floats(1.0, 1e9)
difficulties = st.floats(1e10, 1e16)
positive = st.floats(0.01, 1e6)


def test_a_terahash_day_finds_the_expected_share_of_a_block():
    # H t / (D 2^32) at height 953,568, computed apart to seven digits.
    blocks = expected_blocks(1.0, 24.0, D_2026_06)
    assert blocks == pytest.approx(1.610190e-7, rel=5e-7)
    assert blocks * 3.125 == pytest.approx(5.031844e-7, rel=5e-7)
    assert hashvalue(D_2026_06, 3.125) / 1000 == pytest.approx(5.031844e-7, rel=5e-7)


def test_an_exahash_finds_five_blocks_in_thirty_days_of_2026():
    assert expected_blocks(1e6, 30 * 24.0, 125e12) == pytest.approx(4.83, abs=0.005)


@pytest.mark.parametrize(
    ("difficulty", "price", "fee_share", "published", "tolerance"),
    [
        # Press of 2025-07-08: "almost 52"; the exact figure for these inputs is 53.5.
        (126.982e12, 107_000, 0.01, 53.5, 0.001),
        # Press of November 2025: about 35.
        (155.973e12, 88_000, 0.01, 35.8, 0.005),
        # M13, hashrateindex.com, 2026-01-12, with a price of "about 91,000".
        (148.26e12, 91_000, 0.0055, 39.53, 0.02),
    ],
)
def test_hashprice_is_what_was_published(difficulty, price, fee_share, published, tolerance):
    found = hashprice(difficulty, 3.125, 3.125 * fee_share, price)
    assert found == pytest.approx(published, rel=tolerance)


@pytest.mark.parametrize(
    ("price", "efficiency", "value"),
    [
        # M14 at the hashprice of M13.
        (39.53, 17.5, 94.1),
        (39.53, 15.0, 109.8),
        (39.53, 30.0, 54.9),
        # Break-even at 35 USD/PH/day, computed apart.
        (35.0, 13.5, 108),
        (35.0, 17.5, 83),
        (35.0, 29.5, 49),
    ],
)
def test_a_megawatt_hour_is_worth_what_was_derived(price, efficiency, value):
    assert value_of_energy(price, efficiency) == pytest.approx(value, abs=0.5)


@given(positive, positive, st.floats(1, 2), st.floats(0, 0.5), positive)
def test_a_miner_at_its_break_even_price_breaks_even(price, efficiency, pue, fee, other):
    power = break_even_power_price(price, efficiency, pue, fee, other)
    back = break_even_hashprice(power, efficiency, pue, fee, other)
    assert back == pytest.approx(price, rel=1e-6, abs=1e-6 * other * efficiency)


def test_cooling_and_pool_fee_lower_the_value_of_energy():
    assert value_of_energy(40.0, 20.0, pue=1.25, pool_fee=0.02) == pytest.approx(
        value_of_energy(40.0, 20.0) * 0.98 / 1.25
    )


def test_formulae_take_arrays_as_they_take_floats():
    difficulty = np.array([100e12, 150e12])
    price = np.array([90_000.0, 110_000.0])
    apart = [hashprice(d, 3.125, 0.02, p) for d, p in zip(difficulty, price, strict=True)]
    assert_allclose(hashprice(difficulty, 3.125, 0.02, price), apart, rtol=1e-15)
    assert_allclose(
        value_of_energy(np.array(apart), 17.5), [value_of_energy(x, 17.5) for x in apart]
    )


@given(rates, difficulties, st.floats(0, 1), st.floats(0.01, 0.99))
def test_coins_of_two_parts_of_a_period_add_up(rate, difficulty, fee_share, where):
    end = 40 * DAY
    steps = [(0.0, difficulty), (14 * DAY, difficulty * 1.1), (28 * DAY, difficulty * 0.9)]
    eras = [(0.0, 6.25), (20 * DAY, 3.125)]
    cut = where * end
    whole = production(0.0, end, rate, steps, eras, fee_share)
    parts = [
        production(begin, stop, rate, steps, eras, fee_share)
        for begin, stop in ((0.0, cut), (cut, end))
    ]
    assert sum(part.coins_btc for part in parts) == pytest.approx(whole.coins_btc, rel=1e-12)
    assert sum(part.blocks for part in parts) == pytest.approx(whole.blocks, rel=1e-12)


@given(rates, difficulties)
def test_the_interval_of_blocks_surrounds_its_mean_and_grows_with_hashrate(rate, difficulty):
    small = production(0.0, DAY, rate, difficulty, 3.125)
    large = production(0.0, DAY, rate * 2, difficulty, 3.125)
    assert small.blocks_p5 <= small.blocks + 1
    assert small.blocks_p95 >= small.blocks - 1
    assert large.blocks_p5 >= small.blocks_p5
    assert large.blocks_p95 >= small.blocks_p95


def test_a_halving_splits_an_epoch_and_each_era_keeps_its_own_total():
    found = production(0.0, 4 * DAY, 1e6, 100e12, [(0.0, 6.25), (DAY, 3.125)])
    day = expected_blocks(1e6, 24.0, 100e12)
    assert found.eras == {
        6.25: pytest.approx((day, 6.25 * day)),
        3.125: pytest.approx((3 * day, 3 * 3.125 * day)),
    }
    assert found.sat == round(found.coins_btc * 1e8)
    assert [span.subsidy_btc for span in found.epochs] == [6.25, 3.125]


def test_a_change_of_the_fleet_splits_spans_but_not_epochs():
    found = production(0.0, 2 * DAY, [(0.0, 1e6), (DAY, 3e6)], 100e12, 3.125)
    assert len(found.spans) == 2
    assert len(found.epochs) == 1
    assert found.blocks == pytest.approx(expected_blocks(4e6, 24.0, 100e12))


def test_fees_are_a_share_of_the_subsidy():
    bare = production(0.0, DAY, 1e6, 100e12, 3.125)
    paid = production(0.0, DAY, 1e6, 100e12, 3.125, [(-5.0, 0.02), (DAY / 2, 0.04)])
    assert paid.coins_btc == pytest.approx(bare.coins_btc * 1.03)
    assert paid.blocks == bare.blocks


def test_a_fleet_that_is_off_finds_nothing():
    found = production(0.0, DAY, 0.0, 100e12, 3.125)
    assert (found.coins_btc, found.blocks, found.blocks_p5, found.blocks_p95) == (0, 0, 0, 0)


def test_production_prints_coins_and_the_interval_of_blocks():
    text = str(production(0.0, 30 * DAY, 1e6, 125e12, 3.125))
    assert "15.087426 BTC expected, from 4.82798 blocks (2 to 9 in 90 of 100 cases)" in text


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"end": 0.0}, "lies after the start"),
        ({"difficulty": [(1.0, 1e12)]}, "difficulty"),
        ({"difficulty": []}, "an empty list"),
        ({"difficulty": 0.0}, "above 0"),
        ({"difficulty": [(0.0, 1e12), (0.0, 2e12)]}, "in order of time"),
        ({"hashrate_ths": -1.0}, "from 0 upwards"),
        ({"hashrate_ths": float("nan")}, "from 0 upwards"),
        ({"fee_share": float("inf")}, "fee_share"),
    ],
)
def test_impossible_input_is_refused_by_name(change, message):
    given_input = {
        "start": 0.0,
        "end": DAY,
        "hashrate_ths": 1.0,
        "difficulty": 1e12,
        "subsidy_btc": 3.125,
    }
    with pytest.raises(InputError, match=message):
        production(**(given_input | change))
