from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal
from tests.plan.ensemble.random_futures import OPERATING, Future, future, ledger_of
from tests.plan.small_cases import place, small, write_series

from baseload.case.errors import InputError
from baseload.case.load import load
from baseload.plan.cash.accounts import Account, Group, accounts_of
from baseload.plan.cash.ledger import Ledger
from baseload.plan.cash.metrics import npv
from baseload.plan.ensemble.calendar import months_from, months_of
from baseload.plan.ensemble.settle import CODE, N_ACCOUNTS, Books, npv_of, settle
from baseload.plan.ensemble.terms import (
    Finance,
    Flows,
    Machines,
    Mines,
    finance_of,
    mines_of,
    parties_of,
)
from baseload.plan.money import settle_accounts
from baseload.plan.operation import Operation, run

SEEDS = st.integers(0, 2**32 - 1)
CASES = Path(__file__).parents[3] / "cases"
BOUGHT = (Account.CAPITAL_MACHINES, Account.CAPITAL_SITE, Account.REPLACEMENT)


def assert_same_money(books: Books, ledger: Ledger, rate: float, tolerance: float) -> None:
    """Compare every sum, relative to the money moved in its account or, after tax, in all."""
    years, rows = ledger.by_year().values(), ledger.to_frame()
    moved = rows["amount_usd"].abs()
    gross = float(moved.sum())
    for account, cash in zip(Account, books.yearly, strict=True):
        expected = [year.get(account, 0.0) for year in years]
        scale = gross if account is Account.TAX else float(moved[rows["account"] == account].sum())
        assert_allclose(cash, expected, rtol=0, atol=tolerance * scale, err_msg=account)
    assert_allclose(books.net, ledger.monthly(), rtol=0, atol=tolerance * gross)
    assert_allclose(books.investment, -ledger.total(BOUGHT), rtol=tolerance)
    worth = float(npv(ledger.monthly(), rate))
    highest = max(1.0, (1.0 + rate) ** (-ledger.months / 12.0))
    assert_allclose(books.npv, worth, rtol=tolerance, atol=tolerance * gross * highest)


# --- against the ledger, on anything -------------------------------------------------------------


@settings(max_examples=40, deadline=None)
@given(SEEDS)
def test_any_future_has_the_money_of_its_ledger(seed: int) -> None:
    one = future(seed)
    assert_same_money(settle(*one.parts), ledger_of(one), one.finance.discount_rate, 1e-12)


@settings(max_examples=40, deadline=None)
@given(SEEDS)
def test_cash_by_month_and_by_year_is_the_same_cash(seed: int) -> None:
    one = future(seed)
    books = settle(*one.parts)
    by_year = np.add.reduceat(books.net, one.months.first_of_year[:-1])
    scale = np.abs(books.yearly).sum()
    assert_allclose(books.yearly.sum(axis=0), by_year, rtol=0, atol=1e-13 * scale)


@settings(max_examples=40, deadline=None)
@given(SEEDS, st.floats(0.5, 2.0))
def test_without_tax_and_loan_value_is_linear_in_the_flows(seed: int, factor: float) -> None:
    one = future(seed)
    plain = one.finance._replace(tax_rate=0.0, debt_share=0.0)
    flows = one.flows._replace(amount=factor * one.flows.amount)
    nothing = one.flows._replace(amount=0.0 * one.flows.amount)
    more, base, none = (
        settle(plain, one.months, one.mines, one.machines, each, one.parties)
        for each in (flows, one.flows, nothing)
    )
    scale = np.abs(base.net).sum() * max(1.0, 0.95 ** (-len(base.net) / 12.0))
    gained = factor * (base.npv - none.npv)
    assert_allclose(more.npv - none.npv, gained, rtol=0, atol=1e-12 * scale)


@given(st.lists(st.floats(-1e9, 1e9), min_size=1, max_size=400), st.floats(-0.3, 1.0))
def test_present_value_is_that_of_the_metrics(flows: list[float], rate: float) -> None:
    money = np.array(flows)
    gross = float(npv(np.abs(money), rate))
    assert_allclose(npv_of(money, rate), npv(money, rate), rtol=0, atol=1e-12 * gross)


def test_operating_accounts_come_first() -> None:
    assert [list(Account)[code] for code in OPERATING] == list(accounts_of(Group.OPERATING))


# --- against the ledger of an operation -----------------------------------------------------------


def flows_of(ledger: Ledger, parties: tuple[str, ...]) -> Flows:
    """Read the operating flows of a ledger, a row for each account and party."""
    places = [(n, p) for n in OPERATING for p in range(len(parties))]
    rows = [ledger.monthly(list(Account)[n], party=parties[p]) for n, p in places]
    account, party = np.array(places).T
    return Flows(account.copy(), party.copy(), np.array(rows))


def machines_of(operation: Operation) -> Machines:
    """Read what stands each month, and the one price and hashrate of the case."""
    setting = operation.setting
    starts = setting.case.clock.month_starts[:-1]
    shape = (len(setting.tree.mine), len(starts))
    machines = Machines(np.zeros(shape), np.zeros(shape), np.zeros(shape))
    for place_, (name, mine) in enumerate(setting.tree.mine.items()):
        machines.price[place_] = mine.machine_price
        if name in operation.fleets:
            fleet = operation.fleets[name]
            machines.installed[place_] = np.maximum.reduceat(fleet.installed, starts)
            machines.ths_per_mw[place_] = fleet.installed_ths_per_mw
    return machines


def assert_settled_alike(operation: Operation) -> Books:
    ledger = settle_accounts(operation).ledger
    tree = operation.setting.tree
    parties = parties_of(tree)
    books = settle(
        finance_of(tree.money), months_of(operation.setting.case.clock), mines_of(tree),
        machines_of(operation), flows_of(ledger, parties), len(parties),
    )  # fmt: skip
    assert ledger.total() == pytest.approx(sum(ledger.total(party=name) for name in parties))
    assert_same_money(books, ledger, tree.money.discount_rate, 1e-12)
    return books


LOAN = {
    "money.debt.share": "60 %",
    "money.debt.interest": "8 %/year",
    "money.debt.tenor": "2 years",
}
BUILT = {
    "money.tax_rate": "20 %",
    "mine.pilot.machine_price": "8 USD/(TH/s)",
    "mine.pilot.site_price": "300 USD/kW",
    "mine.pilot.build_time": "5 months",
    "mine.pilot.life": "17 months",
    "mine.pilot.salvage": "10 %",
    "mine.pilot.power_price": "20 USD/MWh",
    "mine.pilot.fixed_cost": "40 USD/kW/year",
    "plant.unit.u1.fixed_cost": "12 USD/kW/year",
}
SECOND = (
    '\n[mine.second]\nbus = "main"\nmachine = "Antminer S21 XP"\npower = "10 MW"\n'
    'pue = 1.0\nuptime = 1.0\npool = { fee = "2 %" }\nowner = "{owner}"\n'
    'site_price = "500 USD/kW"\nmachine_price = "11 USD/(TH/s)"\nlife = "3 years"\n'
    'power_price = "35 USD/MWh"\n'
)


@pytest.mark.parametrize("scheme", ["straight line", "MACRS 3"])
@pytest.mark.parametrize("repayment", ["annuity", "equal principal"])
def test_a_small_case_is_settled_as_by_its_ledger(tmp_path, scheme, repayment) -> None:
    terms = {"money.depreciation": scheme, "money.debt.repayment": repayment}
    case = small(tmp_path, BUILT | LOAN | terms, end="2032-01-01", step="24 h")
    books = assert_settled_alike(run(place(case)))
    assert books.yearly[CODE[Account.TAX]].min() < 0.0
    assert books.yearly[CODE[Account.REPLACEMENT]].min() < 0.0


@pytest.mark.parametrize("owner", ["other", "miner", "plant"])
def test_each_owner_is_taxed_and_borrows_alone(tmp_path, owner) -> None:
    # What the first mine pays the plant for power is income of the plant's owner, who is taxed
    # where it owns the second mine.
    more = SECOND.replace("{owner}", owner)
    case = small(tmp_path, BUILT | LOAN, end="2032-01-01", step="24 h", more=more)
    assert_settled_alike(run(place(case)))


def test_a_mine_that_grows_in_steps_is_bought_in_steps(tmp_path) -> None:
    days = np.arange(1461)
    power = np.select([days < 100, days < 400, days < 500], [10.0, 30.0, 5.0], 50.0)
    write_series(tmp_path, "power.csv", power, "MW", "2028-01-01", 24)
    changes = BUILT | LOAN | {"mine.pilot.power": "power.csv#value"}
    case = small(tmp_path, changes, end="2032-01-01", step="24 h")
    books = assert_settled_alike(run(place(case)))
    assert books.investment > 50e3 * 300.0


def test_a_world_without_mines_pays_no_tax(tmp_path) -> None:
    case = small(tmp_path, BUILT | LOAN, end="2029-01-01", step="24 h")
    books = assert_settled_alike(run(place(case), mines=False))
    assert_array_equal(books.yearly[CODE[Account.TAX]], 0.0)
    assert books.investment == 0.0


def test_nautilus_is_settled_as_by_its_ledger() -> None:
    assert_settled_alike(run(place(load(CASES / "nautilus"), "as-built")))


# --- machines on sale that change -----------------------------------------------------------------

MONTHS = months_from(np.datetime64("2030-01"), 60)
CASH = Finance(0.08, 0.0, 0.0, 0.0, 1, False, np.zeros(0))
NOTHING = Flows(np.zeros(0, np.int64), np.zeros(0, np.int64), np.zeros((0, 60)))
HASHES = np.linspace(50_000.0, 109_000.0, 60)
"""Hashrate of a megawatt of machines on sale, which improve by 1,000 TH/s a month."""
PRICES = np.linspace(20.0, 14.1, 60)
"""Price of machines on sale, which falls by 0.1 USD/(TH/s) a month."""


def mine(**changes: object) -> Mines:
    """One mine of one owner, with a free site and machines that last two years."""
    values = {
        "owner": 0, "site_price": 0.0, "build_time": 0, "life": 24, "site_life": 240,
        "written_off": 24.0, "site_written_off": 240.0, "salvage": 0.0,
    } | changes  # fmt: skip
    return Mines(**{name: np.array([value]) for name, value in values.items()})


def bought(service: int, mines: Mines, finance: Finance = CASH) -> Books:
    """Settle ten megawatts of improving machines from a month of service on."""
    installed = np.where(np.arange(60) >= service, 10.0, 0.0)
    machines = Machines(*(row[None, :].copy() for row in (installed, HASHES, PRICES)))
    return settle(finance, MONTHS, mines, machines, NOTHING, 1)


def test_machines_bought_again_are_those_on_sale_then() -> None:
    books = bought(4, mine())
    cost = {m: 10.0 * HASHES[m] * PRICES[m] for m in (4, 28, 52)}
    # The last ones, 8 of 24 months old, are sold at the price of the last month.
    sold = 10.0 * HASHES[52] * PRICES[59] * (16 / 24)
    assert_allclose(books.net[[4, 28, 52]], [-cost[4], -cost[28], -cost[52]], rtol=1e-12)
    assert_allclose(books.net[59], sold, rtol=1e-12)
    assert_array_equal(np.flatnonzero(books.net), [4, 28, 52, 59])
    assert books.investment == pytest.approx(sum(cost.values()), rel=1e-12)


def test_old_machines_are_worth_their_own_hashrate_at_the_price_of_the_day() -> None:
    books = bought(4, mine(salvage=0.1))
    sold = 0.1 * 10.0 * HASHES[4] * PRICES[28]
    assert books.net[28] == pytest.approx(sold - 10.0 * HASHES[28] * PRICES[28], rel=1e-12)


def test_construction_is_paid_at_the_prices_of_its_months() -> None:
    books = bought(8, mine(build_time=3, life=60))
    assert_allclose(books.net[5:8], -10.0 * HASHES[8] * PRICES[5:8] / 3, rtol=1e-12)
    assert books.net[8] == 0.0


def test_a_mine_needed_sooner_than_it_can_be_built_is_paid_from_the_first_month() -> None:
    books = bought(2, mine(build_time=12, life=60))
    assert_allclose(books.net[:2], -10.0 * HASHES[2] * PRICES[:2] / 2, rtol=1e-12)


def test_interest_during_construction_is_owed_and_written_off() -> None:
    terms = CASH._replace(debt_share=1.0, debt_rate=0.12, debt_tenor=12, equal_principal=True)
    books = bought(2, mine(build_time=2, life=60), terms)
    monthly = 1.12 ** (1 / 12) - 1
    half = 10.0 * HASHES[2] * PRICES[:2] / 2
    owed = half[0] * (1 + monthly) ** 2 + half[1] * (1 + monthly)
    # All is borrowed, so nobody pays before the first of twelve payments.
    assert_allclose(books.net[:3], 0.0, atol=1e-9)
    assert books.net[3] == pytest.approx(-owed * (1 / 12 + monthly), rel=1e-12)
    assert books.yearly[CODE[Account.PRINCIPAL]].sum() == pytest.approx(-owed, rel=1e-12)


# --- what is refused ------------------------------------------------------------------------------


def refused(one: Future) -> str:
    with pytest.raises(InputError) as caught:
        settle(*one.parts)
    return str(caught.value)


def some() -> Future:
    """Return a future that has a flow and a mine that stands in its last month."""
    return next(
        one
        for one in map(future, range(1000))
        if one.flows.account.size and one.machines.installed[0, -1] > 0.0
    )


def test_a_shape_that_does_not_fit_is_named() -> None:
    one = some()
    short = one.flows._replace(amount=one.flows.amount[:, 1:])
    assert "operating flows" in refused(replace(one, flows=short))
    wide = one.machines._replace(price=np.vstack([one.machines.price, one.machines.price]))
    assert "price of machines" in refused(replace(one, machines=wide))


def test_an_index_that_does_not_exist_is_named() -> None:
    one = some()
    unknown = one.flows._replace(account=np.full_like(one.flows.account, N_ACCOUNTS))
    assert "accounts of operating flows" in refused(replace(one, flows=unknown))
    nobody = one.mines._replace(owner=np.full_like(one.mines.owner, -1))
    assert "owners of mines" in refused(replace(one, mines=nobody))


@pytest.mark.parametrize("level", [np.nan, -1.0])
def test_power_that_cannot_be_is_refused(level: float) -> None:
    one = some()
    installed = one.machines.installed.copy()
    installed[0, -1] = level
    machines = one.machines._replace(installed=installed)
    assert "installed power" in refused(replace(one, machines=machines))


def test_money_that_is_not_finite_is_refused() -> None:
    one = some()
    amount = one.flows.amount.copy()
    amount[0, 0] = np.inf
    assert "finite" in refused(replace(one, flows=one.flows._replace(amount=amount)))
