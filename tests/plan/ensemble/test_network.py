"""Own hashes in the network: none of it, the path of a period, and competitors who answer."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pytest
from numpy.testing import assert_allclose
from tests.plan.small_cases import HASHPRICE, NETWORK, small

from baseload.bitcoin.competitors import Competitors, initial_state, path
from baseload.plan.ensemble.simulator import Simulator

ANSWERS = '[futures.network]\nmodel = "competitors"\nluck = false\n'
EFFICIENCY = 13.5


def megawatts(folder, power: float, *, response: bool, futures: str = "", **more):
    """Run a mine that always runs, of so many MW at 13.5 J/TH."""
    patches = {
        "mine.pilot.power": f"{power!r} MW",
        "plant.unit.u1.gross": "40000 MW",
        "bitcoin.network_response": response,
    }
    case = small(
        folder, patches, step="24 h", income=NETWORK.replace("2028-01-01", "2027-12-31"),
        futures=futures, **more,
    )  # fmt: skip
    return Simulator(case, ("all",), 0, 1)


def coins(simulator) -> float:
    return float(simulator.run(0, 1)["coins"].sum())


@pytest.mark.parametrize("futures", ["", ANSWERS])
def test_a_small_fleet_without_response_is_a_price_taker(tmp_path, futures):
    def of(power, name, *, response):
        folder = tmp_path / f"{name}{power}"
        return coins(megawatts(folder, power, response=response, futures=futures, end="2028-06-01"))

    taker = of(1.0, "off", response=False)
    assert_allclose(of(500.0, "off", response=False), 500.0 * taker, rtol=1e-12)
    # A watt of 1,000 EH/s is 7e-17 of it.
    if not futures:
        assert_allclose(of(1e-6, "on", response=True), 1e-6 * taker, rtol=1e-9)


def test_answering_competitors_pay_a_fleet_that_is_next_to_nothing_as_without_it(tmp_path):
    simulator = megawatts(tmp_path, 1e-6, response=True, futures=ANSWERS, end="2028-06-01")
    future = simulator.future(0)
    days = 1e-6 * 1e6 / EFFICIENCY / 1000 * future.coin.hashprice / future.coin.price
    assert_allclose(coins(simulator), days.sum(), rtol=1e-9)


def test_the_interval_of_the_equilibrium_is_that_of_the_exact_rule(tmp_path):
    # 2,016 blocks' time is held against 2,015 intervals: 600 * 2016 / 2015 = 600.298 s, so that
    # all hashes together are paid 3.125 BTC in each.
    simulator = megawatts(tmp_path, 1.0, response=False, end="2028-01-31")
    paid = coins(simulator) / (1e6 / EFFICIENCY / 1e9 * 30)
    blocks = paid / 3.125
    assert_allclose(86_400 / blocks, 600.298, rtol=1e-6)
    assert_allclose(86_400 / blocks, 600 * 2016 / 2015, rtol=1e-6)


def test_difficulty_follows_own_hashes_once_a_period(tmp_path):
    power = 1350.0
    own = power / EFFICIENCY  # EH/s, beside 1,000 of the others
    simulator = megawatts(tmp_path, power, response=True, end="2028-02-12")
    assert_allclose(own, 100.0)
    future = simulator.future(0)
    daily = own * 1e3 * future.coin.hashprice[0] / future.coin.price[0]
    # Fourteen days as if alone; after that all are paid for 1,100 EH/s.
    expected = daily * (14 + 28 / 1.1)
    assert_allclose(coins(simulator), expected, rtol=1e-12)
    share = simulator.run(0, 1)["network_share"]
    assert_allclose(share, 100 / 1100, rtol=1e-12)


def test_own_hashes_that_do_not_count_are_a_part_of_the_network_given(tmp_path):
    simulator = megawatts(tmp_path, 1350.0, response=False, end="2028-02-12")
    assert_allclose(simulator.run(0, 1)["network_share"], 100 / 1000, rtol=1e-12)


def test_a_gigawatt_is_answered_as_the_network_model_says(tmp_path):
    simulator = megawatts(tmp_path, 1000.0, response=True, futures=ANSWERS, end="2028-12-31")
    future = simulator.future(0)
    own = 1000.0 * 1e6 / EFFICIENCY
    others = Competitors.calibrated()
    at = dt.date(2027, 12, 31)
    state = initial_state(
        others,
        network_ths=1e9,
        price=90e3,
        fee_share=0.0,
        height=1_030_000,
        years_since_calibration=(at - others.calibrated_on()).days / 365.25,
    )
    days = len(future.coin.price)
    # One day before the horizon without own hashes, and the first day of it, whose hashes the
    # network feels from the next on.
    fleet = np.r_[0.0, 0.0, np.full(days - 1, own)]
    found = path(others, state, np.full(days + 1, 90e3), own_ths=fleet)
    alone = path(others, state, np.full(days + 1, 90e3))
    expected = (own * 1e-3 * found.hashvalue[1:]).sum()
    assert_allclose(coins(simulator), expected, rtol=1e-9)
    assert_allclose(future.coin.hashprice, alone.hashvalue[1:] * 90e3, rtol=1e-12)
    # In the long run competitors make room for all but a part of the fleet's 74 EH/s.
    late = slice(-60, None)
    lower = found.hashvalue[1:][late].mean() / alone.hashvalue[1:][late].mean()
    assert 1e9 / (1e9 + own) < lower < 1.0
    taker = coins(megawatts(tmp_path / "off", 1000.0, response=False, end="2028-12-31"))
    assert coins(simulator) < taker
    share = simulator.run(0, 1)["network_share"].mean()
    assert_allclose(share, (own / (own + found.others[1:])).mean(), rtol=1e-9)


@pytest.mark.parametrize("scheme", ["FPPS", "PPS"])
def test_pools_pay_fees_of_blocks_or_keep_them(tmp_path, scheme):
    patches = {"bitcoin.fee_share": "25 %", "mine.pilot.pool.scheme": scheme,
               "mine.pilot.pool.fee": "4 %"}  # fmt: skip
    simulator = Simulator(small(tmp_path, patches, income=HASHPRICE), ("all",), 0, 1)
    gross = 30e6 / EFFICIENCY / 1e3 * 40.0 * 10
    paid = gross if scheme == "FPPS" else gross / 1.25
    found = simulator.run(0, 1)
    assert_allclose(found["coins"], paid * 0.96 / 90e3, rtol=1e-12)
