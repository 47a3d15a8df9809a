from __future__ import annotations

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from tests.plan.small_cases import place, small, write_series

from baseload.case.case import Case
from baseload.plan.cash.accounts import Account
from baseload.plan.cash.ledger import Ledger
from baseload.plan.money import MINE_INCOME, before_tax, settle_accounts
from baseload.plan.operation import run

HASHRATE = 30e6 / 13.5
"""Of 30 MW at 13.5 J/TH [TH/s]."""


@pytest.fixture
def years(tmp_path):
    """Give a case of four years by days: 48 months, of which one February has 29 days."""

    def made(changes=None, **frame) -> Case:
        return small(tmp_path, changes, end="2032-01-01", step="24 h", **frame)

    return made


def ledger(case: Case) -> Ledger:
    return settle_accounts(run(place(case))).ledger


def months(flows) -> dict[int, float]:
    """Amounts by month, those that are not zero."""
    return {int(m): float(flows[m]) for m in np.flatnonzero(flows)}


# --- what is bought ------------------------------------------------------------------------------


def test_machines_are_paid_by_hashrate_and_the_site_by_power(years):
    prices = {"mine.pilot.machine_price": "20 USD/(TH/s)", "mine.pilot.site_price": "300 USD/kW"}
    books = ledger(years(prices))
    assert months(books.monthly(Account.CAPITAL_MACHINES)) == {0: pytest.approx(-20 * HASHRATE)}
    assert months(books.monthly(Account.CAPITAL_SITE)) == {0: pytest.approx(-300 * 30_000.0)}
    assert books.total(Account.CAPITAL_SITE, party="plant") == 0.0


def test_a_mine_is_paid_for_while_it_is_built(years):
    times = {"mine.pilot.site_price": "300 USD/kW", "mine.pilot.build_time": "3 months"}
    case = years(times)
    books = ledger(case)
    assert months(books.monthly(Account.CAPITAL_SITE)) == {
        month: pytest.approx(-100 * 30_000.0) for month in (0, 1, 2)
    }
    income = books.monthly(Account.MINING_REVENUE)
    assert_array_equal(income[:3], 0.0)
    assert np.all(income[3:] > 0.0)


def test_what_stands_from_the_first_day_was_never_built(years):
    stands = {
        "mine.pilot.site_price": "300 USD/kW",
        "mine.pilot.build_time": "3 months",
        "mine.pilot.since": "2028-01-01",
    }
    assert months(ledger(years(stands)).monthly(Account.CAPITAL_SITE)) == {
        0: pytest.approx(-300 * 30_000.0)
    }


def test_power_that_grows_is_bought_as_it_grows(tmp_path):
    days = np.arange(1461)
    write_series(tmp_path, "power.csv", np.where(days < 366, 30.0, 50.0), "MW", "2028-01-01", 24)
    changes = {"mine.pilot.power": "power.csv#value", "mine.pilot.site_price": "300 USD/kW"}
    books = ledger(small(tmp_path, changes, end="2032-01-01", step="24 h"))
    assert months(books.monthly(Account.CAPITAL_SITE)) == {
        0: pytest.approx(-300 * 30_000.0),
        12: pytest.approx(-300 * 20_000.0),
    }


def test_power_that_comes_back_is_not_bought_again(tmp_path):
    days = np.arange(1461)
    dip = np.where((days >= 366) & (days < 731), 10.0, 30.0)
    write_series(tmp_path, "power.csv", dip, "MW", "2028-01-01", 24)
    changes = {"mine.pilot.power": "power.csv#value", "mine.pilot.site_price": "300 USD/kW"}
    books = ledger(small(tmp_path, changes, end="2032-01-01", step="24 h"))
    assert months(books.monthly(Account.CAPITAL_SITE)) == {0: pytest.approx(-300 * 30_000.0)}


def test_machines_are_bought_again_and_the_old_ones_sold(years):
    terms = {
        "mine.pilot.machine_price": "20 USD/(TH/s)",
        "mine.pilot.life": "2 years",
        "mine.pilot.salvage": "10 %",
    }
    books = ledger(years(terms))
    price = 20 * HASHRATE
    assert months(books.monthly(Account.REPLACEMENT)) == {24: pytest.approx(-price)}
    # The second ones are two years old in month 48 and leave the horizon in its last month.
    assert months(books.monthly(Account.SALVAGE)) == {
        24: pytest.approx(0.1 * price),
        47: pytest.approx(0.1 * price),
    }


def test_a_site_that_outlives_the_horizon_is_sold_for_what_is_left(years):
    terms = {"mine.pilot.site_price": "300 USD/kW", "mine.pilot.site_life": "10 years"}
    sold = ledger(years(terms)).monthly(Account.SALVAGE)
    assert months(sold) == {47: pytest.approx(0.6 * 300 * 30_000.0)}


# --- what is paid every year ---------------------------------------------------------------------


def test_fixed_costs_run_by_the_year_and_the_gross_kilowatt(years):
    costs = {
        "plant.unit.u1.fixed_cost": "12 USD/kW/year",
        "mine.pilot.fixed_cost": "40 USD/kW/year",
    }
    books = ledger(years(costs))
    assert books.total(Account.FIXED_OM) == pytest.approx(-12 * 1e6 * 1461 * 24 / 8766)
    assert books.total(Account.MINE_FIXED_OM) == pytest.approx(-40 * 30e3 * 1461 * 24 / 8766)
    february = books.monthly(Account.FIXED_OM)[[1, 13]]
    assert_allclose(february[0] / february[1], 29 / 28, rtol=1e-12)


def test_a_mine_costs_nothing_before_it_stands(years):
    costs = {"mine.pilot.fixed_cost": "40 USD/kW/year", "mine.pilot.since": "2029-01-01"}
    assert_array_equal(ledger(years(costs)).monthly(Account.MINE_FIXED_OM)[:12], 0.0)


# --- tax and loan --------------------------------------------------------------------------------


def test_profit_is_taxed_year_by_year_after_writing_off(years):
    terms = {
        "money.tax_rate": "20 %",
        "mine.pilot.site_price": "300 USD/kW",
        "mine.pilot.site_life": "4 years",
        "mine.pilot.power_price": "30 USD/MWh",
    }
    books = ledger(years(terms))
    days = np.array([366, 365, 365, 365])
    profit = days * 24 * 30 * (40 / (0.024 * 13.5) - 30) - 300 * 30_000 / 4
    assert months(books.monthly(Account.TAX)) == {
        12 * year + 11: pytest.approx(-0.2 * profit[year]) for year in range(4)
    }


def test_quick_write_off_follows_its_table(years):
    terms = {
        "money.tax_rate": "20 %",
        "money.depreciation": "MACRS 3",
        "mine.pilot.site_price": "300 USD/kW",
    }
    books = ledger(years(terms))
    income = 366 * 24 * 30 * 40 / (0.024 * 13.5)
    # IRS Publication 946, table A-1: 33.33 % in the first year
    tax = -0.2 * (income - 0.3333 * 300 * 30_000)
    assert books.monthly(Account.TAX)[11] == pytest.approx(tax)


def test_a_loan_is_drawn_and_paid_back(years):
    terms = {
        "money.debt.share": "60 %",
        "money.debt.interest": "8 %/year",
        "money.debt.tenor": "2 years",
        "money.debt.repayment": "equal principal",
        "mine.pilot.site_price": "300 USD/kW",
    }
    books = ledger(years(terms))
    loan = 0.6 * 300 * 30_000
    assert books.total(Account.DEBT_DRAW) == pytest.approx(loan)
    principal = books.monthly(Account.PRINCIPAL)
    assert_allclose(principal[1:25], -loan / 24, rtol=1e-12)
    assert_array_equal(principal[25:], 0.0)
    assert books.monthly(Account.INTEREST)[1] == pytest.approx(-loan * (1.08 ** (1 / 12) - 1))


def test_before_tax_leaves_out_tax_and_loan_and_nothing_else(years):
    terms = {
        "money.tax_rate": "20 %",
        "money.debt.share": "60 %",
        "money.debt.interest": "8 %/year",
        "money.debt.tenor": "2 years",
        "mine.pilot.site_price": "300 USD/kW",
    }
    taxed, plain = ledger(years(terms)), ledger(years({"mine.pilot.site_price": "300 USD/kW"}))
    assert_allclose(before_tax(taxed), before_tax(plain), rtol=1e-12)
    assert taxed.total() < plain.total()


def test_each_owner_has_the_mine_taxed_and_paid_for(years):
    second = (
        '\n[mine.second]\nbus = "main"\nmachine = "Antminer S21 XP"\npower = "10 MW"\n'
        'pue = 1.0\nuptime = 1.0\npool = { fee = 0.0 }\nowner = "other"\n'
        'site_price = "500 USD/kW"\n'
    )
    case = years({"money.tax_rate": "20 %", "mine.pilot.site_price": "300 USD/kW"}, more=second)
    books = ledger(case)
    assert books.total(Account.CAPITAL_SITE, party="miner") == pytest.approx(-300 * 30_000.0)
    assert books.total(Account.CAPITAL_SITE, party="other") == pytest.approx(-500 * 10_000.0)
    for owner in ("miner", "other"):
        income = books.monthly(MINE_INCOME, party=owner)
        spent = -books.total((Account.CAPITAL_SITE, Account.SALVAGE), party=owner)
        # Losses are none, so all tax is on all income less all that was spent.
        tax = books.total(Account.TAX, party=owner)
        assert tax == pytest.approx(-0.2 * (income.sum() - spent))
