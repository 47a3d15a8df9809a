from __future__ import annotations

import numpy as np
import pytest
from numpy.testing import assert_allclose
from tests.plan.small_cases import NETWORK, place, small, write_series

from baseload.case.case import Case
from baseload.plan.breakeven import CLOSE, break_even_factor, full_load_power_price
from baseload.plan.cash.metrics import npv
from baseload.plan.money import MINE_INCOME, before_tax, settle_accounts
from baseload.plan.operation import run

MWH = 0.024 * 13.5
"""Energy of one PH/s for a day at 13.5 J/TH [MWh]."""

BOUGHT = {
    "mine.pilot.machine_price": "10 USD/(TH/s)",
    "mine.pilot.site_price": "300 USD/kW",
    "mine.pilot.fixed_cost": "40 USD/kW/year",
    "mine.pilot.pool.fee": "2 %",
}
"""What a mine costs whether or not it runs."""


def factor(case: Case) -> float | None:
    operation = run(place(case))
    accounts = settle_accounts(operation)
    return break_even_factor(operation, accounts, settle_accounts(run(place(case), mines=False)))


def gain(case: Case, hashprice_factor: float = 1.0) -> tuple[float, float]:
    """What the mine adds before tax and loan, and its income, both discounted [USD]."""
    operation = run(place(case), hashprice_factor=hashprice_factor)
    books, other = settle_accounts(operation), settle_accounts(run(place(case), mines=False))
    flows = before_tax(books.ledger) - before_tax(other.ledger)
    income = books.ledger.monthly(MINE_INCOME)
    return tuple(npv(money, 0.08, periods_per_year=12) for money in (flows, income))


@pytest.fixture
def years(tmp_path):
    """Give a case of four years by days, in which the mine has the surplus to itself."""

    def made(changes=None, **frame):
        (tmp_path / "case").mkdir(exist_ok=True)
        wide = {"area.grid.market.sells": False} | BOUGHT | (changes or {})
        return small(tmp_path / "case", wide, end="2032-01-01", step="24 h", **frame)

    return made


# --- hashprice -----------------------------------------------------------------------------------


@pytest.mark.parametrize("income", ["8", "40", "300"])
def test_at_the_break_even_a_mine_that_always_runs_adds_nothing(years, income):
    case = years({"bitcoin.hashprice": f"{income} USD/PH/day"})
    found = factor(case)
    at = case.patched({"bitcoin.hashprice": f"{float(income) * found} USD/PH/day"})
    value, earned = gain(at)
    assert abs(value) < 1e-9 * earned


def test_the_break_even_hashprice_does_not_hang_on_the_hashprice(years):
    found = [
        float(at) * factor(years({"bitcoin.hashprice": f"{at} USD/PH/day"})) for at in (8, 300)
    ]
    assert_allclose(found[0], found[1], rtol=1e-9)


def test_a_mine_that_takes_what_could_be_sold_must_earn_its_price(tmp_path):
    # The line takes all of 950 MW at 45 USD/MWh; nothing else is spent.
    wide = {"link.line.export_limit": "2000 MW"}
    assert_allclose(40 / MWH * factor(small(tmp_path, wide)), 45.0, rtol=2 * CLOSE)


@pytest.mark.parametrize("hashprice", [1.0, 14.0, 15.0, 400.0])
def test_a_mine_that_costs_nothing_adds_nothing_up_to_the_price_of_power(tmp_path, hashprice):
    # Below 45 USD/MWh, 14.58 USD/PH/day, it stands still and loses nothing.
    changes = {
        "link.line.export_limit": "2000 MW",
        "bitcoin.hashprice": f"{hashprice} USD/PH/day",
    }
    assert_allclose(hashprice * factor(small(tmp_path, changes)), 45 * MWH, rtol=2 * CLOSE)


def test_where_hours_follow_the_pay_the_break_even_holds_too(tmp_path):
    prices = 45 + 40 * np.sin(np.arange(1440) / 5.0)
    write_series(tmp_path, "prices.csv", prices, "USD/MWh")
    changes = {
        "area.grid.market.price": "prices.csv#value",
        "link.line.export_limit": "2000 MW",
        "mine.pilot.fixed_cost": "80 USD/kW/year",
    }
    case = small(tmp_path, changes, end="2028-03-01")
    found = factor(case)
    value, earned = gain(case, found)
    assert abs(value) < 5 * CLOSE * earned
    # It runs at all times at the hashprice of the case, and in part of them there.
    hours = [run(place(case), hashprice_factor=x).own_hashrate.sum() for x in (1.0, found)]
    assert 0.1 < hours[1] / hours[0] < 0.9


def test_where_own_hashes_count_the_break_even_holds_too(years):
    large = {"mine.pilot.power": "900 MW", "mine.pilot.machine_price": "20 USD/(TH/s)"}
    case = years(large, income=NETWORK.replace("1000 EH/s", "100 EH/s"))
    value, earned = gain(case, factor(case))
    assert abs(value) < 5 * CLOSE * earned


def test_surplus_that_costs_nothing_needs_no_hashprice(tmp_path):
    assert factor(small(tmp_path)) == pytest.approx(0.0, abs=CLOSE)


def test_beyond_a_thousandfold_no_break_even_is_named(years):
    assert factor(years({"mine.pilot.fixed_cost": "9000000 USD/kW/year"})) is None


def test_without_a_mine_there_is_no_break_even(tmp_path):
    case = small(tmp_path, {"mine.pilot.power": "0 MW"})
    operation = run(place(case))
    accounts = settle_accounts(operation)
    assert break_even_factor(operation, accounts, accounts) is None
    assert full_load_power_price(operation, accounts) is None


# --- price of power ------------------------------------------------------------------------------


def test_at_full_load_a_mine_can_pay_its_coins_less_its_costs(tmp_path):
    costs = {
        "mine.pilot.pool.fee": "2 %",
        "mine.pilot.variable_cost": "3 USD/MWh",
        "mine.pilot.fixed_cost": "87.66 USD/kW/year",  # 10 USD for a MW and hour
        "mine.pilot.uptime": "80 %",
    }
    operation = run(place(small(tmp_path, costs)))
    price = full_load_power_price(operation, settle_accounts(operation))
    assert price == pytest.approx(0.98 * 40 / MWH - 3 - 10 / 0.8)


def test_what_could_be_paid_for_power_does_not_hang_on_its_price(tmp_path):
    # At 400 USD/MWh all is sold and nothing mined: what it could have paid stays the same.
    dear = {"area.grid.market.price": "400 USD/MWh", "link.line.export_limit": "2000 MW"}
    operation = run(place(small(tmp_path, dear)))
    assert operation.own_hashrate.sum() == 0.0
    assert full_load_power_price(operation, settle_accounts(operation)) == pytest.approx(40 / MWH)


def test_what_can_be_paid_for_power_makes_the_mine_worth_nothing(years):
    case = years()
    operation = run(place(case))
    accounts = settle_accounts(operation)
    price = full_load_power_price(operation, accounts)
    # Paid for by the miner, whose own money before tax is then nothing.
    paying = case.patched({"mine.pilot.power_price": f"{price!r} USD/MWh"})
    own = settle_accounts(run(place(paying))).ledger.monthly(party="miner")
    assert abs(npv(own, 0.08, periods_per_year=12)) < 1e-6 * npv(
        accounts.ledger.monthly(MINE_INCOME), 0.08, periods_per_year=12
    )
