from __future__ import annotations

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from tests.plan.small_cases import HASHPRICE, NETWORK, place, small

from baseload.bitcoin.revenue import hashprice
from baseload.case.errors import InputError
from baseload.plan.earnings import earnings, grown, network_hashprice, subsidies

BLOCK = 600.298 / 3600
"""Mean interval of blocks that the schema assumes [h]."""


def test_the_hashprice_of_january_2026_comes_out():
    # M13: 39.53 USD/PH/day at difficulty 148.26 T, about 91,000 USD, fees of 0.55 %
    network = np.array([148.26e12 * 2**32 / (BLOCK * 3600) / 1e12])
    assert 1_024e6 < network[0] < 1_070e6  # M13, [TH/s]
    reward = np.array([3.125 * 1.0055])
    paid = network_hashprice(network, reward, np.array([91_000.0]), BLOCK)
    assert_allclose(paid, 39.53, rtol=0.02)
    assert_allclose(paid, hashprice(148.26e12, 3.125, 3.125 * 0.0055, 91_000.0), rtol=1e-14)


def test_hashes_share_out_the_reward_of_the_day():
    # One of 1,000 EH/s, for a day of 144 blocks of ten minutes
    paid = network_hashprice(np.array([1e9]), np.array([3.125]), np.array([90_000.0]), 1 / 6)
    assert_allclose(paid, 144 * 3.125 * 90_000.0 / 1e6, rtol=1e-14)


def test_the_subsidy_halves_at_its_height():
    # The block of height 1,050,000 is the first of the fifth era
    hours = np.array([-0.1, 0.0, 9.9, 10.0, 10.0 + 210_000 / 6])
    coins = subsidies(1_050_000 - 60, hours, 1 / 6)
    assert_array_equal(coins, [3.125, 3.125, 3.125, 1.5625, 0.78125])


def test_before_the_first_block_the_subsidy_is_the_first():
    assert_array_equal(subsidies(10, np.array([-100.0]), 1 / 6), [50.0])


def test_a_level_grows_compounded_and_back():
    assert_allclose(grown(np.full(3, 8.0), 0.5, np.array([-1.0, 0.0, 2.0])), [8 / 1.5, 8.0, 18.0])


def test_hashprice_follows_price_and_network_from_their_day(tmp_path):
    changes = {"bitcoin.price_growth": "10 %/year", "bitcoin.network_growth": "20 %/year"}
    case = small(tmp_path, changes, end="2029-01-01", step="24 h", income=NETWORK)
    market = earnings(place(case))
    years = np.arange(366) * 24 / 8766
    assert_allclose(market.price, 90_000 * 1.1**years, rtol=1e-13)
    assert market.network is not None
    assert_allclose(market.network, 1e9 * 1.2**years, rtol=1e-13)
    # 3.125 BTC a block until height 1,050,000, 1,050,000 - 1,030,000 blocks on
    era = np.arange(366) * 24 >= 20_000 * BLOCK
    difficulty = market.network * 1e12 * BLOCK * 3600 / 2**32
    reward = np.where(era, 1.5625, 3.125)
    assert_allclose(market.hashprice, hashprice(difficulty, reward, 0.0, market.price), rtol=1e-13)
    assert 130 < np.argmax(era) < 140


def test_the_day_of_the_figures_may_lie_before_the_horizon(tmp_path):
    changes = {"bitcoin.at": "2027-01-01", "bitcoin.price_growth": "100 %/year"}
    market = earnings(place(small(tmp_path, changes, income=NETWORK)))
    assert_allclose(market.price[0], 90_000 * 2 ** (365 * 24 / 8766), rtol=1e-13)


def test_fees_raise_the_pay_by_their_share_and_are_told_apart(tmp_path):
    plain = earnings(place(small(tmp_path / "a", income=NETWORK)))
    with_fees = earnings(place(small(tmp_path / "b", {"bitcoin.fee_share": "2 %"}, income=NETWORK)))
    assert_allclose(with_fees.hashprice, plain.hashprice * 1.02, rtol=1e-14)
    assert_allclose(with_fees.hashprice * with_fees.subsidy_part, plain.hashprice, rtol=1e-14)


def test_a_given_hashprice_is_taken_as_it_is(tmp_path):
    market = earnings(place(small(tmp_path, {"bitcoin.fee_share": "1 %"}, income=HASHPRICE)))
    assert_array_equal(market.hashprice, np.full(240, 40.0))
    assert market.network is None
    assert_allclose(market.subsidy_part, 1 / 1.01)


@pytest.mark.parametrize("income", [HASHPRICE, NETWORK])
def test_a_factor_scales_the_whole_path(tmp_path, income):
    where = place(small(tmp_path, income=income))
    base, scaled = earnings(where), earnings(where, 2.5)
    assert_allclose(scaled.hashprice, 2.5 * base.hashprice, rtol=1e-15)
    assert_allclose(scaled.price, 2.5 * base.price, rtol=1e-15)


def test_growth_from_no_day_is_refused(tmp_path):
    where = place(small(tmp_path, {"bitcoin.price_growth": "10 %/year"}))
    with pytest.raises(InputError) as caught:
        earnings(where)
    assert str(caught.value) == (
        "bitcoin.price_growth\n"
        "  expected a day that it grows from, 'at'\n"
        "  found    10 %/year and no day\n"
        "  write bitcoin.at, the day that the price holds for"
    )
