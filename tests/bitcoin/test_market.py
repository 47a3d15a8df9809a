"""Price and fees of past days, where they are known and where they are not."""

from __future__ import annotations

import numpy as np
import pytest

from baseload.bitcoin.market import LATER_PRICES, Market, fee_shares, prices_after
from baseload.bitcoin.revenue import hashprice


def test_fees_follow_the_months_that_are_known():
    days = np.array(["2021-01-01", "2024-04-30", "2024-05-01", "2025-06-01", "2026-01-12"], "M8[D]")
    assert fee_shares(days).tolist() == [0.02, 0.192, 0.02, 0.0125, 0.0055]


def test_later_prices_are_joined_by_straight_lines():
    days = np.datetime64("2026-01-17") + np.arange(170)
    found = prices_after(days, 95_000.0)
    # 4 of the 9 days to 87,700, half of the 26 days from 64,000 to 70,400, and held at the end.
    assert found[3] == pytest.approx(95_000 - 7_300 * 4 / 9)
    assert found[49] == pytest.approx(67_200.0)
    assert found[-1] == 60_800.0
    assert found.size == 169


@pytest.mark.parametrize("last", ["2023-05-01", "2025-12-20", "2026-02-01", "2026-08-01"])
def test_a_price_is_held_where_the_later_ones_do_not_follow_it(last):
    days = np.datetime64(last) + np.arange(20)
    assert prices_after(days, 50_000.0).tolist() == [50_000.0] * 19


# Difficulties in force on these days: retargets 937,440, 949,536 and, after the end of the
# history, 133.87e12 (bt-miners.com, 2026-06-26).
@pytest.mark.parametrize(
    ("day", "difficulty", "paid"),
    [
        ("2026-02-23", 144.398e12, 28.0),
        ("2026-05-27", 136.607e12, 28.68 / (1 - 0.1834)),
        ("2026-06-26", 133.87e12, 28.68),
    ],
)
def test_later_prices_are_those_of_the_hashprice_that_was_reported(day, difficulty, paid):
    price = dict(LATER_PRICES)[day]
    assert hashprice(difficulty, 3.125, 3.125 * 0.0055, price) == pytest.approx(paid, rel=2e-3)


def test_a_market_finds_the_place_of_a_day():
    market = Market(np.datetime64("2026-01-01") + np.arange(9), np.ones(9), np.zeros(9))
    assert market.place(np.datetime64("2026-01-04")) == 3
