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


DISCOUNT, TAX_RATE, DEBT_SHARE, DEBT_RATE, TENOR, EQUAL = range(6)
"""Places in the terms that kernels take: see `terms.Finance`."""

POSTED, LIFE, WRITTEN_OFF, REPLACED, LEFT_OVER = range(5)
"""Columns of assets, two for each mine, machines and site: account that purchases are posted to,
life in service and length of a straight line [months], 1 if bought again at the end of its life,
share of its price that is left then [-]."""

OWED_BEFORE, INTEREST_ON, REPAID = range(3)
"""Rows of a loan of one dollar: what is owed before each payment, interest and principal [-]."""


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
    horizon, years = len(months.year_of_month), len(months.first_of_year) - 1
    yearly, net = np.zeros((N_ACCOUNTS, years)), np.zeros(horizon)
    prices, per_mw, about = _assets(mines, machines)
    worth, spent = settle_into(
        _packed(finance), finance.recovery, months.year_of_month, months.first_of_year,
        mines.owner, mines.build_time, machines.installed, prices, per_mw, about,
        flows.account, flows.party, flows.amount, _TAXABLE, yearly, net,
        np.zeros((parties, years)), np.zeros((parties, horizon)), np.zeros(parties),
        np.zeros((3, horizon)), np.zeros((2, horizon)),
    )  # fmt: skip
    if not (isfinite(worth) and isfinite(spent)):
        raise InputError(
            "accounts of a future",
            expected="finite money, and installed power of 0 MW or more",
            found=f"a value of {worth} and an investment of {spent} USD",
            mend="mend the flows, the installed power or the terms of this future",
        )
    return Books(yearly, net, worth, spent)


def _packed(finance: Finance) -> Floats:
    return np.array(
        [
            *(finance.discount_rate, finance.tax_rate, finance.debt_share, finance.debt_rate),
            *(finance.debt_tenor, finance.equal_principal),
        ],
        np.float64,
    )


def _assets(mines: Mines, machines: Machines) -> tuple[Floats, Floats, Floats]:
    """Return price and units of a MW by month, shape (2 J, M), and the columns named above."""
    count, horizon = machines.installed.shape
    prices, per_mw = np.empty((2 * count, horizon)), np.empty((2 * count, horizon))
    about = np.empty((2 * count, 5))
    prices[0::2], prices[1::2] = machines.price, mines.site_price[:, np.newaxis]
    per_mw[0::2], per_mw[1::2] = machines.ths_per_mw, _KW_PER_MW
    about[0::2, POSTED], about[1::2, POSTED] = _MACHINES, _SITE
    about[0::2, LIFE], about[1::2, LIFE] = mines.life, mines.site_life
    about[0::2, WRITTEN_OFF], about[1::2, WRITTEN_OFF] = mines.written_off, mines.site_written_off
    about[0::2, REPLACED], about[1::2, REPLACED] = 1.0, 0.0
    about[0::2, LEFT_OVER], about[1::2, LEFT_OVER] = mines.salvage, 0.0
    return prices, per_mw, about


@compiled(error_model="numpy")
def settle_into(
    terms: Floats, recovery: Floats, year_of: Integers, first: Integers, owner: Integers,
    build_time: Integers, installed: Floats, prices: Floats, per_mw: Floats, about: Floats,
    account: Integers, party: Integers, amount: Floats, taxable: Booleans, yearly: Floats,
    net: Floats, profit: Floats, owed: Floats, taxed: Floats, loan: Floats, paid: Floats,
) -> tuple[float, float]:  # fmt: skip
    """Do as `settle` does, over plain arrays that are not checked.

    Parameters
    ----------
    terms, prices, per_mw, about : see the places and columns named above.
    yearly, net : zeros, shapes (N, Y) and (M,); out [USD].
    profit, owed, taxed, loan, paid : zeros to work in, shapes (P, Y), (P, M), (P,), (3, M) and
        (2, M): taxable profit, what is owed when service begins, 1 for who owns a mine.

    Returns
    -------
    Net present value, and investment [USD].
    """
    for row in range(account.size):
        code = account[row]
        for year in range(first.size - 1):
            total = 0.0
            for month in range(first[year], first[year + 1]):
                total += amount[row, month]
                net[month] += amount[row, month]
            yearly[code, year] += total
            if taxable[code]:
                profit[party[row], year] += total
    spent = 0.0
    for j in range(owner.size):
        spent += _invest(
            j, terms, recovery, year_of, first, owner[j], build_time[j], installed, prices, per_mw,
            about, yearly, net, profit, owed, taxed,
        )  # fmt: skip
    if terms[DEBT_SHARE] > 0.0:
        _lend_dollar(terms, loan)
        for one in range(owed.shape[0]):
            _repay(owed[one], year_of, loan, paid, yearly, net, profit[one])
    for one in range(taxed.size):
        if taxed[one] == 1.0:
            _levy(terms[TAX_RATE], first, profit[one], yearly, net)
    return npv_of(net, terms[DISCOUNT]), spent


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


@compiled(inner=True, error_model="numpy")
def _invest(
    j: int, terms: Floats, recovery: Floats, year_of: Integers, first: Integers, owner: int,
    build_time: int, installed: Floats, prices: Floats, per_mw: Floats, about: Floats,
    yearly: Floats, net: Floats, profit: Floats, owed: Floats, taxed: Floats,
) -> float:  # fmt: skip
    """Buy machines and site for each month in which a mine's greatest power grows.

    Returns
    -------
    Spending on purchases and replacements, not discounted [USD]; NaN if a power is negative
    or not a number.
    """
    spent, peak = 0.0, 0.0
    for month in range(net.size):
        power = installed[j, month]
        if not power >= 0.0:
            return np.nan
        if power > peak:
            for asset in range(2 * j, 2 * j + 2):
                spent += _buy(
                    terms, recovery, year_of, first, prices[asset], per_mw[asset], about[asset],
                    power - peak, month, min(month, build_time), yearly, net, profit[owner],
                    owed[owner],
                )  # fmt: skip
            taxed[owner] = 1.0
            peak = power
    return spent


@compiled(inner=True, error_model="numpy")
def _buy(
    terms: Floats, recovery: Floats, year_of: Integers, first: Integers, price: Floats,
    per_mw: Floats, about: Floats, power: float, service: int, build: int, yearly: Floats,
    net: Floats, profit: Floats, owed: Floats,
) -> float:  # fmt: skip
    """Post the purchases and sales of one asset over the horizon; return what is spent."""
    horizon, life = net.size, int(about[LIFE])
    spent, capitalised = _construct(
        terms, year_of, price, int(about[POSTED]), power * per_mw[service], service, build,
        yearly, net, owed,
    )  # fmt: skip
    basis = spent + capitalised
    start = service
    while start < horizon:
        if start > service:
            basis = price[start] * power * per_mw[start]
            spent += basis
            _post(year_of, yearly, net, _REPLACEMENT, start, -basis)
        end = min(start + life, horizon)
        # An asset that outlives the horizon is sold in its last month.
        sold = min(end, horizon - 1)
        left = max(0.0, 1.0 - (end - start) / life)
        new = price[sold] * power * per_mw[start]
        proceeds = new * (about[LEFT_OVER] + (1.0 - about[LEFT_OVER]) * left)
        _post(year_of, yearly, net, _SALVAGE, sold, proceeds)
        profit[year_of[sold]] += proceeds
        _write_off(recovery, year_of, first, about[WRITTEN_OFF], basis, start, sold, profit)
        start = end if about[REPLACED] == 1.0 else horizon
    return spent


@compiled(inner=True, error_model="numpy")
def _construct(
    terms: Floats, year_of: Integers, price: Floats, account: int, units: float, service: int,
    build: int, yearly: Floats, net: Floats, owed: Floats,
) -> tuple[float, float]:  # fmt: skip
    """Pay for construction month by month; return what is spent and the interest upon it.

    Until service begins, the interest of each month is added to the loan.
    """
    monthly = (1.0 + terms[DEBT_RATE]) ** (1.0 / 12.0) - 1.0
    order, over = service - build, max(build, 1)
    spent, due, capitalised = 0.0, 0.0, 0.0
    for month in range(order, service + 1):
        accrued = due * monthly
        cost = price[month] * (units / over) if month < order + over else 0.0
        drawn = terms[DEBT_SHARE] * cost
        _post(year_of, yearly, net, account, month, -cost)
        _post(year_of, yearly, net, _DRAW, month, drawn + accrued)
        _post(year_of, yearly, net, _CAPITALISED, month, -accrued)
        spent += cost
        capitalised += accrued
        due += accrued + drawn
    owed[service] += due
    return spent, capitalised


@compiled(inner=True, error_model="numpy")
def _write_off(
    recovery: Floats, year_of: Integers, first: Integers, life: float, basis: float, start: int,
    sold: int, profit: Floats,
) -> None:  # fmt: skip
    """Deduct the cost of an asset from taxable profit; what is left, in the year of the sale."""
    begun, last, left = year_of[start], year_of[sold], basis
    for year in range(begun, last):
        if recovery.size > 0:
            part = basis * recovery[year - begun] if year - begun < recovery.size else 0.0
        else:
            begin = max(first[year] - start, 0)
            end = first[year + 1] - start
            part = basis * (min(life, end) - min(life, begin)) / life
        profit[year] -= part
        left -= part
    profit[last] -= left


@compiled(inner=True, error_model="numpy")
def _repay(
    owed: Floats, year_of: Integers, loan: Floats, paid: Floats, yearly: Floats, net: Floats,
    profit: Floats,
) -> None:  # fmt: skip
    """Post interest and principal of all loans of a party; interest lowers taxable profit.

    A loan is in proportion to what is owed when service begins, so one loan of one dollar is
    worked out and scaled.
    """
    horizon = net.size
    for month in range(horizon):
        paid[0, month], paid[1, month] = 0.0, 0.0
    for service in range(horizon):
        debt = owed[service]
        if debt == 0.0:
            continue
        last = horizon - 1 - service - 1
        for age in range(last + 1):
            paid[0, service + 1 + age] += debt * loan[INTEREST_ON, age]
        for age in range(last):
            paid[1, service + 1 + age] += debt * loan[REPAID, age]
        # What is still owed in the last month of the horizon is paid back then.
        paid[1, horizon - 1] += debt * (loan[OWED_BEFORE, last] if last >= 0 else 1.0)
    for month in range(horizon):
        _post(year_of, yearly, net, _INTEREST, month, -paid[0, month])
        _post(year_of, yearly, net, _PRINCIPAL, month, -paid[1, month])
        profit[year_of[month]] -= paid[0, month]


@compiled(inner=True, error_model="numpy")
def _lend_dollar(terms: Floats, loan: Floats) -> None:
    """Write what is owed before, and interest and principal of, each payment on a dollar [-]."""
    monthly = (1.0 + terms[DEBT_RATE]) ** (1.0 / 12.0) - 1.0
    tenor, equal = int(terms[TENOR]), terms[EQUAL] == 1.0
    worth, factor = 0.0, 1.0
    for _ in range(tenor):
        factor /= 1.0 + monthly
        worth += factor
    payment = 1.0 / (tenor if equal else worth)
    left = 1.0
    for age in range(loan.shape[1]):
        loan[OWED_BEFORE, age], loan[INTEREST_ON, age] = left, left * monthly
        repaid = payment if equal else payment - left * monthly
        repaid = left if age >= tenor - 1 else min(repaid, left)
        loan[REPAID, age] = repaid
        left -= repaid


@compiled(inner=True, error_model="numpy")
def _post(
    year_of: Integers, yearly: Floats, net: Floats, account: int, month: int, amount: float
) -> None:
    yearly[account, year_of[month]] += amount
    net[month] += amount


@compiled(inner=True, error_model="numpy")
def _levy(rate: float, first: Integers, profits: Floats, yearly: Floats, net: Floats) -> None:
    """Post the tax of an owner and each year, in its last month; losses are carried forward."""
    losses = 0.0
    for year in range(profits.size):
        profit = max(profits[year], 0.0)
        used = min(losses, profit)
        losses += max(-profits[year], 0.0) - used
        due = rate * (profit - used)
        yearly[_TAX, year] -= due
        net[first[year + 1] - 1] -= due


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
    if len(index) and not 0 <= index.min() <= index.max() < count:
        raise InputError(
            f"accounts of a future, {what}",
            expected=f"indices from 0 to {count - 1}",
            found=f"{index.min()} to {index.max()}",
            mend="number accounts in the order of Account, parties in that of parties_of",
        )
