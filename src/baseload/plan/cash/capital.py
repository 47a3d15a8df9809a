"""Building, borrowing, wearing out: arrays by month or by tax year, without a ledger.

Money is nominal: the money of the month in which it moves. A study in constant prices sets
inflation to zero and gives real rates. Rates are yearly and effective, so a month's rate is
``(1 + r) ** (1 / 12) - 1``.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import ArrayLike, NDArray

from baseload.case.errors import InputError

Floats = NDArray[np.float64]


class Scheme(StrEnum):
    """How the cost of an asset is deducted from taxable profit."""

    NONE = "none"
    STRAIGHT_LINE = "straight line"
    MACRS = "MACRS"


class Repayment(StrEnum):
    """How a loan is paid back."""

    ANNUITY = "annuity"
    EQUAL_PRINCIPAL = "equal principal"


MACRS_PERCENT: dict[int, tuple[float, ...]] = {
    3: (33.33, 44.45, 14.81, 7.41),
    5: (20.00, 32.00, 19.20, 11.52, 11.52, 5.76),
    7: (14.29, 24.49, 17.49, 12.49, 8.93, 8.92, 8.93, 4.46),
    15: (
        *(5.00, 9.50, 8.55, 7.70, 6.93, 6.23, 5.90, 5.90),
        *(5.91, 5.90, 5.91, 5.90, 5.91, 5.90, 5.91, 2.95),
    ),
}
"""Deduction by recovery year [% of basis]: IRS Publication 946, Appendix A, Table A-1
(general depreciation system, half-year convention)."""


@dataclass(frozen=True)
class Depreciation:
    """A scheme and its length.

    Parameters
    ----------
    scheme : how the basis is deducted.
    years : years of a straight line, or the MACRS class (3, 5, 7 or 15) [years].
    """

    scheme: Scheme = Scheme.NONE
    years: float = 0.0

    def __post_init__(self) -> None:
        if self.scheme is Scheme.MACRS and self.years not in MACRS_PERCENT:
            raise InputError(
                "depreciation, years",
                expected="a MACRS class: 3, 5, 7 or 15 years",
                found=f"{self.years:g} years",
                mend="choose a class, or a straight line",
            )
        if self.scheme is Scheme.STRAIGHT_LINE and not 0.0 < self.years < np.inf:
            raise InputError(
                "depreciation, years",
                expected="a length above 0 years",
                found=f"{self.years:g} years",
                mend="give the years over which the cost is deducted",
            )


@dataclass(frozen=True)
class Loan:
    """A loan month by month; amounts are positive [USD], arrays have shape [months].

    Parameters
    ----------
    drawn : money drawn at the beginning of the month.
    capitalised : interest of the month before, added to the loan before service begins.
    interest : interest paid.
    principal : loan paid back.
    balance : what is owed after the month's movements.
    """

    drawn: Floats
    capitalised: Floats
    interest: Floats
    principal: Floats
    balance: Floats


def monthly_rate(rate: float) -> float:
    """Return the monthly rate that compounds to a yearly effective rate [1/month]."""
    return float((1.0 + rate) ** (1.0 / 12.0) - 1.0)


def annuity_factor(rate: float, payments: int) -> float:
    """Return the present value of one unit of money paid at the end of each period [-].

    Parameters
    ----------
    rate : rate of one period [-].
    payments : number of periods.
    """
    return float(((1.0 + rate) ** -np.arange(1.0, payments + 1.0)).sum())


def real_rate(nominal: float, inflation: float) -> float:
    """Return the yearly rate above inflation [1/year].

    Nominal flows at the nominal rate and deflated flows at the real rate have one value.

    Examples
    --------
    >>> round(real_rate(0.10, 0.03), 6)
    0.067961
    """
    return (1.0 + nominal) / (1.0 + inflation) - 1.0


def price_path(months: int, *, change: float = 0.0, inflation: float = 0.0) -> Floats:
    """Return the nominal price of a thing in each month, relative to month 0 [-].

    Parameters
    ----------
    months : number of months.
    change : yearly change of the price above inflation [1/year]; negative for machines that
        become cheaper.
    inflation : yearly inflation [1/year].
    """
    years = np.arange(months) / 12.0
    path: Floats = ((1.0 + change) * (1.0 + inflation)) ** years
    return path


def spread(cost: float, first: int, over: int, months: int) -> Floats:
    """Spread an overnight cost evenly over the months of construction.

    Parameters
    ----------
    cost : overnight cost [USD].
    first : first month of construction.
    over : months of construction; 0 spends all in the first month.
    months : length of the horizon [months].

    Returns
    -------
    Spending by month [USD], shape [months].
    """
    result = np.zeros(months)
    result[first : first + max(over, 1)] = cost / max(over, 1)
    return result


def loan(
    draws: ArrayLike,
    *,
    service: int,
    rate: float,
    tenor: int,
    repayment: Repayment = Repayment.ANNUITY,
) -> Loan:
    """Work out a loan: interest during construction, then interest and principal.

    Parameters
    ----------
    draws : money drawn by month, at its beginning [USD], shape [months].
    service : month in which what is built enters service; no draw may come later.
    rate : interest [1/year].
    tenor : number of monthly payments, the first one a month after service begins.
    repayment : equal payments, or equal principal with falling interest.

    Returns
    -------
    The loan. Until service the interest of each month is added to what is owed. What is
    still owed in the last month of the horizon is paid back then, so that principal always
    sums to what was drawn and capitalised.
    """
    drawn = np.asarray(draws, dtype=np.float64)
    months, monthly = drawn.size, monthly_rate(rate)
    capitalised, interest, principal, balance = (np.zeros(months) for _ in range(4))
    owed = payment = 0.0
    for month in range(months):
        accrued = owed * monthly
        if month <= service:
            capitalised[month] = accrued
            owed += accrued + drawn[month]
        else:
            interest[month] = accrued
            left = tenor - (month - service - 1)
            repaid = payment - accrued if repayment is Repayment.ANNUITY else payment
            principal[month] = owed if left <= 1 else min(repaid, owed)
        if month == service:
            worth = annuity_factor(monthly, tenor) if repayment is Repayment.ANNUITY else tenor
            payment = owed / worth
        if month == months - 1:
            principal[month] = owed
        owed -= principal[month]
        balance[month] = owed
    return Loan(drawn, capitalised, interest, principal, balance)


def depreciate(
    basis: float,
    terms: Depreciation,
    *,
    service: int,
    disposal: int,
    tax_year: NDArray[np.int64],
) -> Floats:
    """Deduct the cost of one asset from taxable profit.

    Parameters
    ----------
    basis : cost, with the interest capitalised during construction [USD].
    terms : scheme and its length.
    service : month in which the asset enters service.
    disposal : month in which it is sold or scrapped, not before service.
    tax_year : index of the tax year of each month, from 0, shape [months].

    Returns
    -------
    Deduction by tax year [USD], shape [tax years]. What is not yet deducted at disposal is
    deducted in that year (the sale itself is taxed as income), so that the deductions sum to
    the basis. A straight line runs by month from the month of service; MACRS runs by tax
    year, whatever the month.
    """
    years = int(tax_year[-1]) + 1
    result = np.zeros(years)
    if terms.scheme is Scheme.NONE:
        return result
    first, last = int(tax_year[service]), int(tax_year[disposal])
    if terms.scheme is Scheme.MACRS:
        shares = np.array(MACRS_PERCENT[int(terms.years)])[: last - first] / 100.0
        result[first : first + shares.size] = basis * shares
    else:
        life = 12.0 * terms.years
        ages = np.arange(disposal - service + 1)
        shares = np.clip(life - ages, 0.0, 1.0) / life
        np.add.at(result, tax_year[service : disposal + 1], basis * shares)
    result[last] += basis - result.sum()
    return result


def tax(
    profit: ArrayLike,
    rate: float,
    *,
    refund: bool = False,
    loss_limit: float = 1.0,
) -> Floats:
    """Tax on the profit of successive years.

    Parameters
    ----------
    profit : taxable profit by year, losses negative [USD], shape [years].
    rate : tax rate [-].
    refund : whether a loss is refunded at once, as where its owner sets it against other
        income; else it is carried forward.
    loss_limit : share of a year's profit that losses carried forward may offset [-]; 0.8 in
        the United States (26 U.S.C. 172(a)(2)).

    Returns
    -------
    Tax by year, refunds negative [USD], shape [years]. Losses are carried forward without
    limit of time, oldest year first, without interest; what is left at the end is lost.

    Examples
    --------
    >>> tax([-100.0, 60.0, 60.0], 0.25).tolist()
    [0.0, 0.0, 5.0]
    """
    profits = np.asarray(profit, dtype=np.float64)
    if refund:
        return rate * profits
    taxable, losses = np.zeros(profits.size), 0.0
    for year, amount in enumerate(profits):
        used = min(losses, loss_limit * max(amount, 0.0))
        losses += max(-amount, 0.0) - used
        taxable[year] = max(amount, 0.0) - used
    return rate * taxable


def generations(service: int, life: int, months: int, *, replaced: bool) -> list[tuple[int, int]]:
    """List the purchases of an asset: when each enters service and until when it lasts.

    Parameters
    ----------
    service : month in which the first one enters service.
    life : life of each [months].
    months : length of the horizon [months].
    replaced : whether another one is bought each time one has reached its life.

    Returns
    -------
    First month and first month after service of each; the last may be cut by the horizon.

    Examples
    --------
    >>> generations(3, 12, 30, replaced=True)
    [(3, 15), (15, 27), (27, 30)]
    """
    starts = range(service, months, life) if replaced else range(service, months)[:1]
    return [(start, min(start + life, months)) for start in starts]


def resale(price: float, *, age: float, life: float, salvage_share: float) -> float:
    """Value an asset for sale: from its price when new down a straight line to its salvage.

    Parameters
    ----------
    price : price of a new one in the month of the sale [USD].
    age, life : months in service, and months of life.
    salvage_share : share of the price of a new one that is paid at the end of life [-].

    Returns
    -------
    Proceeds [USD].
    """
    left = max(0.0, 1.0 - age / life)
    return price * (salvage_share + (1.0 - salvage_share) * left)
