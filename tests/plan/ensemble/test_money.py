"""From sums to accounts: machines on sale, fixed cost, power that mines pay the plant for."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from tests.plan.small_cases import HASHPRICE, small, write_series

from baseload.plan.cash.accounts import Account
from baseload.plan.ensemble.simulator import Simulator

PLACE = {account: number for number, account in enumerate(Account)}
THS = 30e6 / 13.5
"""Hashrate of 30 MW at 13.5 J/TH [TH/s]."""
DATED = HASHPRICE + "\nat = 2027-01-01"
YEARS = 365 * 24 / 8766
"""From the day that prices hold for to the start."""


def outcome(folder, patches=None, **more):
    simulator = Simulator(small(folder, patches, **more), ("all",), 0, 1)
    return simulator.future(0).outcomes(simulator.choices[0])[0]


def test_machines_are_bought_at_the_price_of_their_day(tmp_path):
    patches = {"mine.pilot.machine_price": "10 USD/(TH/s)", "mine.pilot.site_price": "300 USD/kW"}
    futures = '[futures.machines]\nprice_decline = "30 %/year"\n'
    own = outcome(tmp_path, patches, income=DATED, futures=futures)
    bought = own.yearly[PLACE[Account.CAPITAL_MACHINES]].sum()
    assert_allclose(bought, -10 * THS * 0.7**YEARS, rtol=1e-12)
    assert_allclose(own.yearly[PLACE[Account.CAPITAL_SITE]].sum(), -9e6, rtol=1e-12)
    assert_allclose(own.investment, 9e6 - bought, rtol=1e-12)


def test_better_machines_have_more_hashes_to_pay_for(tmp_path):
    patches = {"mine.pilot.machine_price": "10 USD/(TH/s)"}
    futures = '[futures.machines]\nprogress = "20 %/year"\n'
    own = outcome(tmp_path, patches, income=DATED, futures=futures)
    bought = own.yearly[PLACE[Account.CAPITAL_MACHINES]].sum()
    assert_allclose(bought, -10 * THS * 0.8**-YEARS, rtol=1e-12)


def test_machines_may_grow_dearer_with_what_a_hash_earns(tmp_path):
    # Bought for service in March: a hash earns 90 instead of 40 then.
    days = 91
    income = np.where(np.arange(days) < 60, 40.0, 90.0)
    write_series(tmp_path, "hash.csv", income, "USD/PH/day", hours=24)
    patches = {
        "mine.pilot.machine_price": "10 USD/(TH/s)",
        "bitcoin.hashprice": "hash.csv#value",
        "mine.pilot.since": "2028-03-01",
    }
    futures = "[futures.machines]\nfollows_hashprice = 0.5\n"
    own = outcome(tmp_path, patches, end="2028-04-01", step="24 h", futures=futures)
    bought = own.yearly[PLACE[Account.CAPITAL_MACHINES]].sum()
    assert_allclose(bought, -10 * THS * 1.5, rtol=1e-12)


def test_machines_are_replaced_at_the_end_of_their_life(tmp_path):
    patches = {"mine.pilot.machine_price": "10 USD/(TH/s)", "mine.pilot.life": "5 months",
               "mine.pilot.salvage": "0 %"}  # fmt: skip
    own = outcome(tmp_path, patches, end="2029-01-01", step="24 h")
    assert_allclose(own.yearly[PLACE[Account.REPLACEMENT]].sum(), -2 * 10 * THS, rtol=1e-12)
    assert_allclose(own.investment, 3 * 10 * THS, rtol=1e-12)


@pytest.mark.parametrize("owner", ["miner", "plant"])
def test_what_a_mine_pays_the_plant_is_no_money_of_both_together(tmp_path, owner):
    patches = {"mine.pilot.power_price": "21 USD/MWh", "mine.pilot.owner": owner}
    own = outcome(tmp_path, patches)
    assert own.yearly[PLACE[Account.POWER_TRANSFER]].sum() == 0.0
    paid = own.sums.mine[0, 5].sum()
    assert_allclose(paid, 21 * 30 * 240 if owner == "miner" else 0.0)


def test_tax_is_paid_by_the_owner_of_a_mine_on_what_power_leaves(tmp_path):
    patches = {"money.tax_rate": "20 %", "mine.pilot.power_price": "21 USD/MWh"}
    own = outcome(tmp_path, patches)
    mined = THS / 1e3 * 40 * 10
    assert_allclose(own.yearly[PLACE[Account.TAX]].sum(), -0.2 * (mined - 21 * 30 * 240))


def test_fixed_and_variable_cost_of_a_mine_count_at_the_meter(tmp_path):
    behind = (
        '[mine.behind]\narea = "grid"\nmachine = "Antminer S21 XP"\npower = "90 MW"\n'
        'uptime = 1.0\nvariable_cost = "2 USD/MWh"\nfixed_cost = "30 USD/kW/year"\n'
        'owner = "miner"\n'
    )
    patches = {"area.grid.loss": "10 %", "area.grid.export_charge": "3 USD/MWh",
               "mine.pilot.power": "0 MW"}  # fmt: skip
    own = outcome(tmp_path, patches, more=behind)
    # 90 MW at the meter are 100 MW at the busbar.
    assert_allclose(own.sums.energy[6].sum(), 100.0 * 240)
    assert_allclose(own.yearly[PLACE[Account.MINE_VARIABLE_OM]].sum(), -2 * 90 * 240)
    assert_allclose(own.yearly[PLACE[Account.MINE_FIXED_OM]].sum(), -30 * 90e3 * 240 / 8766)
    sold = 500 * 0.9
    assert_allclose(own.yearly[PLACE[Account.ENERGY_SALES]].sum(), sold * 45 * 240)
    assert_allclose(own.yearly[PLACE[Account.TRANSMISSION]].sum(), -3 * (90 + sold) * 240)


def test_money_by_month_is_discounted_by_the_month(tmp_path):
    patches = {"money.discount_rate": "12 %/year", "mine.pilot.power": "0 MW"}
    own = outcome(tmp_path, patches, end="2028-04-01", step="24 h")
    months = 600 * 45 * 24 * np.array([31, 29, 31])
    assert_allclose(own.npv, months @ 1.12 ** -(np.arange(3) / 12), rtol=1e-12)
    assert_array_equal(own.slopes, [])
