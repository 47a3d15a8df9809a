"""What a stream of money is worth: present value, rate of return, payback, levelised cost.

Every function takes flows by period on the last axis. Period ``p`` lies ``p /
periods_per_year`` years after the first one, and rates are yearly and effective. A month's
flow is discounted from the month itself: month 0 of a monthly stream is not discounted.
:func:`year_end` turns months into the other usual convention.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

import numpy as np
import pyxirr
from numpy.typing import ArrayLike, NDArray

from baseload.case.errors import InputError

Floats = NDArray[np.float64]

MONTHS_PER_YEAR = 12

_GROWTH = np.geomspace(0.2, 101.0, 801)
"""Yearly growth factors on which the sign of the present value is looked at [-]."""

_FLOORS = (-0.8, -0.5, 0.0)
"""Yearly rates above which a rate of return is tried to be proven the only one [-]."""


@dataclass(frozen=True)
class RateOfReturn:
    """Internal rate of return, or why there is none.

    Parameters
    ----------
    rate : yearly effective rate [-]; None where there is no rate or there are several.
    finding : "single" (proven to be the only rate above ``only_above``), "apparent" (the only
        one seen between -80 % and 10,000 %, without a proof), "none" or "several".
    between : narrow intervals of yearly rates in that range in each of which there is one
        [-], rising.
    only_above : yearly rate above which there is proven to be no other [-].
    """

    rate: float | None
    finding: Literal["single", "apparent", "none", "several"]
    between: tuple[tuple[float, float], ...] = ()
    only_above: float | None = None


def discount_factors(
    periods: int, rate: float, *, valuation: int = 0, periods_per_year: int = MONTHS_PER_YEAR
) -> Floats:
    """Return what one unit of money in each period is worth in the valuation period.

    Parameters
    ----------
    periods : number of periods.
    rate : discount rate [1/year].
    valuation : period to which money is brought.
    periods_per_year : 12 for months, 1 for years.

    Returns
    -------
    Factors [-], shape [periods].
    """
    if not np.isfinite(rate) or rate <= -1.0:
        raise InputError(
            "discount rate",
            expected="a yearly rate above -100 %",
            found=f"{100 * rate:g} %",
            mend='give it as a share: "0.08" is 8 % a year',
        )
    years = (np.arange(periods) - valuation) / periods_per_year
    factors: Floats = (1.0 + rate) ** -years
    return factors


def npv(
    flows: ArrayLike,
    rate: float,
    *,
    valuation: int = 0,
    periods_per_year: int = MONTHS_PER_YEAR,
) -> NDArray[np.float64] | np.float64:
    """Net present value.

    Parameters
    ----------
    flows : money by period [USD], shape [..., periods].
    rate : discount rate [1/year].
    valuation, periods_per_year : as in :func:`discount_factors`.

    Returns
    -------
    Present value [USD], shape [...].

    Examples
    --------
    Two yearly payments of 2,299.50 at 8 % (HERON, ``var_demand_fix_price``):

    >>> f"{npv([0.0, 2299.5, 2299.5], 0.08, periods_per_year=1):.8f}"
    '4100.61728395'
    """
    money = _flows(flows)
    factors = discount_factors(
        money.shape[-1], rate, valuation=valuation, periods_per_year=periods_per_year
    )
    worth: NDArray[np.float64] | np.float64 = (money * factors).sum(axis=-1)
    return worth


def year_end(later: ArrayLike, at_once: ArrayLike) -> Floats:
    """Collect months into years whose flows fall at the end of the year.

    Parameters
    ----------
    later : money by month that counts at the end of its year [USD], shape [..., months].
    at_once : money by month that counts at the beginning of its year: what is spent to
        build, and the loan drawn for it [USD], shape [..., months].

    Returns
    -------
    Money by year [USD], shape [..., years + 1]: index 0 is the beginning of the first year
    and index y the end of the y-th, so that ``npv(..., periods_per_year=1)`` applies.
    """
    ends, starts = _by_year(_flows(later)), _by_year(_flows(at_once))
    years = ends.shape[-1]
    result = np.zeros((*ends.shape[:-1], years + 1))
    result[..., 1:] += ends
    result[..., :-1] += starts
    return result


def irr(flows: ArrayLike, *, periods_per_year: int = MONTHS_PER_YEAR) -> RateOfReturn:
    """Find the internal rate of return of one stream.

    Parameters
    ----------
    flows : money by period [USD], shape [periods].
    periods_per_year : 12 for months, 1 for years.

    Returns
    -------
    The rate, and whether it is the only one.

    Notes
    -----
    Rates are looked for on a grid from -80 % to 10,000 % a year; below, any outlay after the
    last income (a tax, a clearance) makes a rate without meaning. One is proven to be the
    only one above a floor when the project's balance, compounded at that floor, changes sign
    once [1]_ (there for a floor of zero): the present value divided by ``1 - x``, where ``x``
    discounts one period beyond the floor, is the power series of the balances, and has no
    more zeros in ``0 < x < 1`` than its coefficients change sign.

    References
    ----------
    .. [1] C. J. Norstrom, "A sufficient condition for a unique nonnegative internal rate of
       return", Journal of Financial and Quantitative Analysis 7 (1972) 1835-1839.

    Examples
    --------
    >>> irr([-100.0, 230.0, -132.0], periods_per_year=1).finding
    'several'
    """
    money = np.trim_zeros(_flows(flows))
    between = _crossings(money, periods_per_year)
    if not between:
        return RateOfReturn(None, "none")
    rate = _root(money, between[0], periods_per_year) if len(between) == 1 else None
    if rate is None:
        return RateOfReturn(None, "several", between)
    floor = _proven_above(money, rate, periods_per_year)
    return RateOfReturn(rate, "apparent" if floor is None else "single", between, floor)


def payback(
    flows: ArrayLike, *, rate: float = 0.0, periods_per_year: int = MONTHS_PER_YEAR
) -> float | None:
    """Time after which the money put in is back for good.

    Parameters
    ----------
    flows : money by period [USD], shape [periods].
    rate : discount rate [1/year]; 0 gives the simple payback.
    periods_per_year : 12 for months, 1 for years.

    Returns
    -------
    Years from the first period that costs money to the first one from which the cumulative
    (discounted) sum stays at or above zero; None where it ends below zero. Later purchases
    of machines that take the sum below zero again put the payback off.

    Examples
    --------
    >>> payback([-100.0, 60.0, 60.0], periods_per_year=1)
    2.0
    """
    money = _flows(flows)
    factors = discount_factors(money.size, rate, periods_per_year=periods_per_year)
    sums = np.cumsum(money * factors)
    # A sum that returns to zero may miss it by rounding.
    slack = 1e-12 * float(np.abs(money * factors).sum())
    below = np.flatnonzero(sums < -slack)
    if below.size == 0:
        return 0.0
    last = int(below[-1])
    if last == money.size - 1:
        return None
    first = int(np.flatnonzero(money < 0.0)[0])
    return (last + 1 - first) / periods_per_year


def levelised_cost(
    costs: ArrayLike,
    quantity: ArrayLike,
    rate: float,
    *,
    periods_per_year: int = MONTHS_PER_YEAR,
) -> float | None:
    """Price that, paid for every unit, would just cover the costs.

    Parameters
    ----------
    costs : costs by period, positive [USD], shape [periods].
    quantity : units by period [MWh or BTC], shape [periods].
    rate : discount rate [1/year].
    periods_per_year : 12 for months, 1 for years.

    Returns
    -------
    Discounted costs over discounted units [USD/MWh or USD/BTC]; None without units.

    Examples
    --------
    >>> levelised_cost([0.0, 30.0, 30.0], [0.0, 2.0, 2.0], 0.08, periods_per_year=1)
    15.0
    """
    units = float(npv(quantity, rate, periods_per_year=periods_per_year))
    if units == 0.0:
        return None
    return float(npv(costs, rate, periods_per_year=periods_per_year)) / units


def split_by_era(months: int, eras: Mapping[int, int]) -> dict[int, slice]:
    """Cut the horizon at the halvings of the block subsidy.

    Parameters
    ----------
    months : length of the horizon [months].
    eras : month, from the start of the horizon, in which each era begins; negative for one
        that is running already. Era ``e`` holds the blocks from ``210,000 e``; a month
        belongs to the era that has begun by its first day.

    Returns
    -------
    Months of each era; what comes before the first one listed is the era before it. Empty
    where no era is given.

    Examples
    --------
    >>> split_by_era(60, {5: 4, 6: 52})
    {4: slice(0, 4, None), 5: slice(4, 52, None), 6: slice(52, 60, None)}
    """
    numbers = sorted(eras)
    if not numbers:
        return {}
    edges = [eras[number] for number in numbers]
    rising = all(early < late for early, late in pairwise(edges))
    if not rising or numbers != list(range(numbers[0], numbers[-1] + 1)):
        raise InputError(
            "halving eras",
            expected="successive eras, each beginning in a later month",
            found=", ".join(f"era {number} in month {eras[number]}" for number in numbers),
            mend="list each halving once, in months from the start of the horizon",
        )
    bounds = [0, *(min(max(edge, 0), months) for edge in edges), months]
    cut = {numbers[0] - 1 + k: slice(*pair) for k, pair in enumerate(pairwise(bounds))}
    return {era: part for era, part in cut.items() if part.start < part.stop}


def _flows(flows: ArrayLike) -> Floats:
    # Sums over the last axis are the same for every layout only when it is contiguous.
    money = np.ascontiguousarray(flows, dtype=np.float64)
    if not np.isfinite(money).all():
        raise InputError(
            "cash flows",
            expected="finite amounts",
            found=f"{np.count_nonzero(~np.isfinite(money))} values that are NaN or infinite",
            mend="mend the rows before valuing them",
        )
    return money


def _by_year(monthly: Floats) -> Floats:
    missing = -monthly.shape[-1] % MONTHS_PER_YEAR
    padded = np.concatenate([monthly, np.zeros((*monthly.shape[:-1], missing))], axis=-1)
    sums: Floats = padded.reshape(*monthly.shape[:-1], -1, MONTHS_PER_YEAR).sum(axis=-1)
    return sums


def _crossings(money: Floats, periods_per_year: int) -> tuple[tuple[float, float], ...]:
    """Return the intervals of yearly rates over which the present value changes sign."""
    if money.size == 0 or (money >= 0).all() or (money <= 0).all():
        return ()
    signs = np.sign(_worth(money, _GROWTH ** (1.0 / periods_per_year)))
    # Where the value is zero on the grid itself, the rate belongs to the next interval.
    before = np.where(signs[:-1] == 0.0, -signs[1:], signs[:-1])
    rates = _GROWTH - 1.0
    return tuple(
        (float(rates[k]), float(rates[k + 1])) for k in np.flatnonzero(before * signs[1:] < 0.0)
    )


def _worth(money: Floats, growth: Floats) -> Floats:
    """Return a number with the sign of the present value at each growth factor per period."""
    worth = np.zeros_like(growth)
    # Horner's rule from the end that does not overflow: compounding below 1, discounting above.
    high = growth >= 1.0
    for early, late in zip(money, money[::-1], strict=True):
        worth = np.where(high, worth / growth + late, worth * growth + early)
    return worth


def _root(money: Floats, between: tuple[float, float], periods_per_year: int) -> float | None:
    """Return the yearly rate in the interval; None where pyxirr finds one outside it."""
    low = (1.0 + between[0]) ** (1.0 / periods_per_year)
    # pyxirr's tolerances are absolute and it may find a rate far from its guess: on money
    # of fixed size, discounted to the interval, the wanted rate is the one near zero.
    shifted = money / low ** np.arange(money.size)
    found = pyxirr.irr(1000.0 * shifted / np.abs(shifted).sum(), guess=0.0, silent=True)
    if found is None:
        raise ArithmeticError(f"pyxirr found no rate between {between[0]} and {between[1]}")
    rate = float((low * (1.0 + found)) ** periods_per_year - 1.0)
    # Three flows are solved in closed form, of which the other rate may lie beyond the grid.
    return rate if between[0] - 1e-9 <= rate <= between[1] + 1e-9 else None


def _proven_above(money: Floats, rate: float, periods_per_year: int) -> float | None:
    """Return the lowest floor above which the rate is proven to be the only one."""
    for floor in _FLOORS:
        growth = (1.0 + floor) ** (1.0 / periods_per_year)
        if floor < rate and _sign_changes(_balances(money, growth)) == 1:
            return floor
    return None


def _balances(money: Floats, growth: float) -> Floats:
    """Return the compounded balance after each period; zero where rounding hides its sign."""
    balance = gross = 0.0
    result = np.zeros_like(money)
    for period, amount in enumerate(money.tolist()):
        balance = balance * growth + amount
        gross = gross * growth + abs(amount)
        result[period] = balance if abs(balance) > 1e-12 * gross else 0.0
    return result


def _sign_changes(values: Floats) -> int:
    signs = np.sign(values[values != 0.0])
    return int(np.count_nonzero(signs[1:] != signs[:-1]))
