"""Machines that can be bought later: how good, how dear, and how many of them stand still."""

from __future__ import annotations

from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from baseload.case.errors import InputError
from baseload.plan.futures.outages import HOURS_PER_YEAR

Value = TypeVar("Value", float, NDArray[np.float64])


def efficiency_on_sale(efficiency: float, progress: float, years: Value) -> Value:
    """Energy per hash of the best machine on sale.

    Parameters
    ----------
    efficiency : of the best machine on sale today [J/TH].
    progress : yearly fall, compounded [1/year].
    years : time from today [year].

    Returns
    -------
    Shape of years [J/TH].

    Examples
    --------
    >>> round(efficiency_on_sale(13.5, 0.10, 2.0), 3)
    10.935
    """
    return efficiency * _remaining(progress, years)


def price_on_sale(
    price: float,
    decline: float,
    years: Value,
    hashprice: Value,
    hashprice_today: float,
    elasticity: float,
) -> Value:
    """Price of machines on sale per hashrate.

    Parameters
    ----------
    price : today [USD/(TH/s)].
    decline : yearly fall at the same hashprice, compounded [1/year].
    years : time from today [year].
    hashprice, hashprice_today : of the day of purchase, and of today [USD/PH/day].
    elasticity : of the price of machines to the hashprice [-]; 0: does not follow it,
        1: in proportion.

    Returns
    -------
    Shape of years [USD/(TH/s)].
    """
    followed: Value = (hashprice / hashprice_today) ** elasticity
    return price * _remaining(decline, years) * followed


def failed_share(age: Value, failure_rate: float, failure_growth: float, repair: float) -> Value:
    """Share of a fleet that is away for repair.

    Parameters
    ----------
    age : of the machines [year].
    failure_rate : failures of a new machine in a year of running [1/year].
    failure_growth : yearly growth of that rate with age, compounded [1/year].
    repair : time that a failed machine is away [h].

    Returns
    -------
    Shape of age [-]. Of a large fleet, whose machines fail independently and in which repairs
    are short beside a year: the balance of failing and returning, ``x / (1 + x)``.

    Examples
    --------
    >>> round(failed_share(0.0, 0.1, 0.2, 336.0), 5)
    0.00382
    """
    away: Value = failure_rate * (1.0 + failure_growth) ** age * (repair / HOURS_PER_YEAR)
    return away / (1.0 + away)


def _remaining(fall: float, years: Value) -> Value:
    if not -1.0 < fall < 1.0:
        raise InputError(
            "yearly fall of machines on sale",
            expected="less than 100 % a year",
            found=f"{fall:.0%} a year",
            mend='write a fall such as "8 %/year"',
        )
    remaining: Value = (1.0 - fall) ** years
    return remaining
