"""The whole ledger of one future as sums by year and by month, compiled.

`baseload.plan.money.settle_accounts` posts every row of one operation; here only the sums that
an ensemble keeps are worked out, from monthly operating flows: investment, loan and tax of each
owner, cash by account and year, and the value of it all. Both give the same money.

Here machines on sale may change from month to month. A purchase for service in month s takes
``added power * ths_per_mw[s]``; what is spent in month m is spent at the price of that month.
Machines bought again in month s are those on sale then: as much power, at that month's hashrate
and price. A used machine is sold by its own hashrate at the price of the month of the sale.
Where hashrate and price do not change, this is what one operation's ledger does.
"""
# All kernels stand in this one module: what Numba keeps of a kernel on disk is thrown away when
# the kernel's own file changes, not when the file of one that it calls does.

from __future__ import annotations

from math import isfinite
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from baseload.case.errors import InputError
from baseload.compiled import compiled
from baseload.plan.cash.accounts import Account
from baseload.plan.ensemble.calendar import Months
from baseload.plan.ensemble.terms import Finance, Flows, Machines, Mines
from baseload.plan.money import MINE_OPERATING

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
Booleans = NDArray[np.bool_]

N_ACCOUNTS = len(Account)

CODE = {account: code for code, account in enumerate(Account)}
"""Place of each account in the order of `Account`."""

_TAXABLE = np.array([account in MINE_OPERATING for account in Account])
_MACHINES, _SITE = CODE[Account.CAPITAL_MACHINES], CODE[Account.CAPITAL_SITE]
_REPLACEMENT, _SALVAGE = CODE[Account.REPLACEMENT], CODE[Account.SALVAGE]
_DRAW, _CAPITALISED = CODE[Account.DEBT_DRAW], CODE[Account.INTEREST_DURING_CONSTRUCTION]
_INTEREST, _PRINCIPAL = CODE[Account.INTEREST], CODE[Account.PRINCIPAL]
_TAX = CODE[Account.TAX]

_KW_PER_MW = 1000.0


class Books(NamedTuple):
    """What one future comes to.

    Attributes
    ----------
    yearly : cash of all parties by account and calendar year, shape (N, Y) [USD].
    net : all of it by month, shape (M,) [USD].
    npv : net present value of all parties at the start of the horizon [USD].
    investment : purchases and replacements, salvage not taken off, not discounted [USD].
    """

    yearly: Floats
    net: Floats
    npv: float
    investment: float


class _Cash(NamedTuple):
    """Sums that grow while a future is settled; P parties.

    Attributes
    ----------
    yearly : by account and calendar year, shape (N, Y) [USD].
    net : all accounts by month, shape (M,) [USD].
    profit : taxable, by party and year, shape (P, Y) [USD].
    owed : by party and month of service, what is owed when it begins, shape (P, M) [USD].
    taxed : parties that own a mine that stands at some time, shape (P,).
    """

    yearly: Floats
    net: Floats
    profit: Floats
    owed: Floats
    taxed: Booleans


class _Asset(NamedTuple):
    """Machines or the site of a mine; `price` by unit and `per_mw` units, shape (M,)."""

    account: int
    owner: int
    price: Floats
    per_mw: Floats
    life: int
    written_off: float
    replaced: bool
    salvage: float


def settle(
    finance: Finance, months: Months, mines: Mines, machines: Machines, flows: Flows, parties: int
) -> Books:
    """Settle the accounts of one alternative in one future.

    Parameters
    ----------
    finance, mines : terms of this future, see `finance_of` and `mines_of`.
    months : calendar of the horizon, M months in Y years.
    machines : what stands and what is on sale, by mine and month.
    flows : operating flows by row and month; both sides of a transfer are rows.
    parties : number of parties, P.

    Returns
    -------
    Sums over all parties.

    Raises
    ------
    InputError
        Shapes or indices that do not fit together, or money that is not finite.
    """
    _check(months, mines, machines, flows, parties)
    yearly = np.empty((N_ACCOUNTS, len(months.first_of_year) - 1))
    net = np.empty(len(months.year_of_month))
    worth, spent = settle_into(finance, months, mines, machines, flows, parties, yearly, net)
    if not (isfinite(worth) and isfinite(spent)):
        raise InputError(
            "accounts of a future",
            expected="finite money, and installed power of 0 MW or more",
            found=f"a value of {worth} and an investment of {spent} USD",
            mend="mend the flows, the installed power or the terms of this future",
        )
    return Books(yearly, net, worth, spent)


@compiled(error_model="numpy")
def settle_into(
    finance: Finance,
    months: Months,
    mines: Mines,
    machines: Machines,
    flows: Flows,
    parties: int,
    yearly: Floats,
    net: Floats,
) -> tuple[float, float]:
    """Do as `settle` does, for other kernels: nothing is checked, sums go into given arrays.

    Parameters
    ----------
    finance, months, mines, machines, flows, parties : as of `settle`.
    yearly, net : written over, shapes (N, Y) and (M,) [USD].

    Returns
    -------
    Net present value, and investment [USD].
    """
    yearly[:] = 0.0
    net[:] = 0.0
    profit = np.zeros((parties, yearly.shape[1]))
    taxed = np.zeros(parties, dtype=np.bool_)
    cash = _Cash(yearly, net, profit, np.zeros((parties, net.size)), taxed)
    _operate(months, flows, cash)
    spent = _invest(finance, months, mines, machines, cash)
    if finance.debt_share > 0.0:
        _repay(finance, months, cash)
    _levy(finance, months, cash)
    return npv_of(net, finance.discount_rate), spent


@compiled(error_model="numpy")
def npv_of(net: Floats, rate: float) -> float:
    """Net present value of monthly money: month m is divided by ``(1 + rate) ** (m / 12)``.

    Parameters
    ----------
    net : money by month, shape (M,) [USD].
    rate : discount rate [1/year].

    Returns
    -------
    Value in the first month [USD], as of `baseload.plan.cash.metrics.npv`.
    """
    factor = (1.0 + rate) ** (-1.0 / 12.0)
    value = 0.0
    for month in range(net.size - 1, -1, -1):
        value = value * factor + net[month]
    return value


@compiled(error_model="numpy")
def _operate(months: Months, flows: Flows, cash: _Cash) -> None:
    """Add up operating flows by year and by month, and what of them is taxable."""
    first = months.first_of_year
    for row in range(flows.account.size):
        account, party = flows.account[row], flows.party[row]
        for year in range(first.size - 1):
            total = 0.0
            for month in range(first[year], first[year + 1]):
                amount = flows.amount[row, month]
                total += amount
                cash.net[month] += amount
            cash.yearly[account, year] += total
            if _TAXABLE[account]:
                cash.profit[party, year] += total


@compiled(error_model="numpy")
def _invest(
    finance: Finance, months: Months, mines: Mines, machines: Machines, cash: _Cash
) -> float:
    """Buy machines and site for each month in which a mine's greatest power grows.

    Returns
    -------
    Spending on purchases and replacements, not discounted [USD]; NaN if a power is negative
    or not a number.
    """
    count, horizon = machines.installed.shape
    kilowatts = np.full(horizon, _KW_PER_MW)
    spent = 0.0
    for j in range(count):
        owner = mines.owner[j]
        hall = _Asset(
            _MACHINES, owner, machines.price[j], machines.ths_per_mw[j],
            mines.life[j], mines.written_off[j], True, mines.salvage[j],
        )  # fmt: skip
        site = _Asset(
            _SITE, owner, np.full(horizon, mines.site_price[j]), kilowatts,
            mines.site_life[j], mines.site_written_off[j], False, 0.0,
        )  # fmt: skip
        peak = 0.0
        for month in range(horizon):
            power = machines.installed[j, month]
            if not power >= 0.0:
                return np.nan
            if power > peak:
                build = min(month, mines.build_time[j])
                spent += _buy(finance, months, cash, hall, power - peak, month, build)
                spent += _buy(finance, months, cash, site, power - peak, month, build)
                cash.taxed[owner] = True
                peak = power
    return spent


@compiled(error_model="numpy")
def _buy(
    finance: Finance,
    months: Months,
    cash: _Cash,
    asset: _Asset,
    power: float,
    service: int,
    build: int,
) -> float:
    """Post the purchases and sales of one asset over the horizon; return what is spent."""
    horizon = cash.net.size
    spent, capitalised = _construct(finance, months, cash, asset, power, service, build)
    basis = spent + capitalised
    start = service
    while start < horizon:
        if start > service:
            basis = asset.price[start] * power * asset.per_mw[start]
            spent += basis
            _post(months, cash, _REPLACEMENT, start, -basis)
        end = min(start + asset.life, horizon)
        # An asset that outlives the horizon is sold in its last month.
        sold = min(end, horizon - 1)
        left = max(0.0, 1.0 - (end - start) / asset.life)
        new = asset.price[sold] * power * asset.per_mw[start]
        proceeds = new * (asset.salvage + (1.0 - asset.salvage) * left)
        _post(months, cash, _SALVAGE, sold, proceeds)
        cash.profit[asset.owner, months.year_of_month[sold]] += proceeds
        _write_off(finance, months, cash, asset, basis, start, sold)
        start = end if asset.replaced else horizon
    return spent


@compiled(error_model="numpy")
def _construct(
    finance: Finance,
    months: Months,
    cash: _Cash,
    asset: _Asset,
    power: float,
    service: int,
    build: int,
) -> tuple[float, float]:
    """Pay for construction month by month; return what is spent and the interest upon it.

    Until service begins, the interest of each month is added to the loan.
    """
    monthly = (1.0 + finance.debt_rate) ** (1.0 / 12.0) - 1.0
    order, over = service - build, max(build, 1)
    units = power * asset.per_mw[service] / over
    spent = owed = capitalised = 0.0
    for month in range(order, service + 1):
        accrued = owed * monthly
        cost = asset.price[month] * units if month < order + over else 0.0
        drawn = finance.debt_share * cost
        _post(months, cash, asset.account, month, -cost)
        _post(months, cash, _DRAW, month, drawn + accrued)
        _post(months, cash, _CAPITALISED, month, -accrued)
        spent += cost
        capitalised += accrued
        owed += accrued + drawn
    cash.owed[asset.owner, service] += owed
    return spent, capitalised


@compiled(error_model="numpy")
def _write_off(
    finance: Finance,
    months: Months,
    cash: _Cash,
    asset: _Asset,
    basis: float,
    start: int,
    sold: int,
) -> None:
    """Deduct the cost of an asset from taxable profit; what is left, in the year of the sale."""
    profit = cash.profit[asset.owner]
    first, last = months.year_of_month[start], months.year_of_month[sold]
    left, recovery, life = basis, finance.recovery, asset.written_off
    if recovery.size > 0:
        for year in range(first, min(last, first + recovery.size)):
            profit[year] -= basis * recovery[year - first]
            left -= basis * recovery[year - first]
    else:
        for year in range(first, last):
            begin = max(months.first_of_year[year] - start, 0)
            end = months.first_of_year[year + 1] - start
            part = basis * (min(life, end) - min(life, begin)) / life
            profit[year] -= part
            left -= part
    profit[last] -= left


@compiled(error_model="numpy")
def _repay(finance: Finance, months: Months, cash: _Cash) -> None:
    """Post interest and principal of all loans; interest lowers taxable profit.

    A loan is in proportion to what is owed when service begins, so one loan of one dollar is
    worked out and scaled.
    """
    horizon = cash.net.size
    owed, interest, principal = _dollar_owed(finance, horizon)
    for party in range(cash.owed.shape[0]):
        paid, returned = np.zeros(horizon), np.zeros(horizon)
        for service in range(horizon):
            debt = cash.owed[party, service]
            if debt == 0.0:
                continue
            last = horizon - 1 - service - 1
            for age in range(last + 1):
                paid[service + 1 + age] += debt * interest[age]
            for age in range(last):
                returned[service + 1 + age] += debt * principal[age]
            # What is still owed in the last month of the horizon is paid back then.
            returned[horizon - 1] += debt * (owed[last] if last >= 0 else 1.0)
        for month in range(horizon):
            _post(months, cash, _INTEREST, month, -paid[month])
            _post(months, cash, _PRINCIPAL, month, -returned[month])
            cash.profit[party, months.year_of_month[month]] -= paid[month]


@compiled(error_model="numpy")
def _dollar_owed(finance: Finance, horizon: int) -> tuple[Floats, Floats, Floats]:
    """Return what is owed before, and interest and principal of, each payment on a dollar [-]."""
    monthly = (1.0 + finance.debt_rate) ** (1.0 / 12.0) - 1.0
    owed, interest, principal = np.empty(horizon), np.empty(horizon), np.empty(horizon)
    worth, factor = 0.0, 1.0
    for _ in range(finance.debt_tenor):
        factor /= 1.0 + monthly
        worth += factor
    payment = 1.0 / (finance.debt_tenor if finance.equal_principal else worth)
    left = 1.0
    for age in range(horizon):
        owed[age], interest[age] = left, left * monthly
        repaid = payment if finance.equal_principal else payment - interest[age]
        principal[age] = left if age >= finance.debt_tenor - 1 else min(repaid, left)
        left -= principal[age]
    return owed, interest, principal


@compiled(error_model="numpy")
def _post(months: Months, cash: _Cash, account: int, month: int, amount: float) -> None:
    cash.yearly[account, months.year_of_month[month]] += amount
    cash.net[month] += amount


@compiled(error_model="numpy")
def _levy(finance: Finance, months: Months, cash: _Cash) -> None:
    """Post the tax of each owner and year, in its last month; losses are carried forward."""
    for party in range(cash.taxed.size):
        if not cash.taxed[party]:
            continue
        losses = 0.0
        for year in range(cash.profit.shape[1]):
            profit = max(cash.profit[party, year], 0.0)
            used = min(losses, profit)
            losses += max(-cash.profit[party, year], 0.0) - used
            due = finance.tax_rate * (profit - used)
            cash.yearly[_TAX, year] -= due
            cash.net[months.first_of_year[year + 1] - 1] -= due


def _check(months: Months, mines: Mines, machines: Machines, flows: Flows, parties: int) -> None:
    horizon, count, rows = len(months.year_of_month), len(mines.owner), len(flows.account)
    mine = (count, horizon)
    _same("installed power", machines.installed.shape, mine)
    _same("hashrate of machines on sale", machines.ths_per_mw.shape, mine)
    _same("price of machines on sale", machines.price.shape, mine)
    _same("operating flows", flows.amount.shape, (rows, horizon))
    _same("parties of operating flows", flows.party.shape, (rows,))
    _within("accounts of operating flows", flows.account, N_ACCOUNTS)
    _within("parties of operating flows", flows.party, parties)
    _within("owners of mines", mines.owner, parties)


def _same(what: str, found: tuple[int, ...], expected: tuple[int, ...]) -> None:
    if found != expected:
        raise InputError(
            f"accounts of a future, {what}",
            expected=f"an array of shape {expected}",
            found=f"one of shape {found}",
            mend="lay it out by mine or row, then by month",
        )


def _within(what: str, index: Integers, count: int) -> None:
    if not _all_within(index, count):
        raise InputError(
            f"accounts of a future, {what}",
            expected=f"indices from 0 to {count - 1}",
            found=f"{index.min()} to {index.max()}",
            mend="number accounts in the order of Account, parties in that of parties_of",
        )


@compiled(error_model="numpy")
def _all_within(index: Integers, count: int) -> bool:
    fits = True
    for place in index:
        fits &= 0 <= place < count
    return fits
