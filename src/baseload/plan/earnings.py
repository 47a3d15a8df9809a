"""What a hash earns over the horizon of a case: coins, their price, and who else hashes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from baseload.bitcoin.consensus import BLOCKS_PER_ERA, SATOSHI_PER_BTC, subsidy
from baseload.bitcoin.revenue import hashprice as hashprice_of
from baseload.case.errors import InputError
from baseload.plan.world import Setting

Floats = NDArray[np.float64]

HOURS_PER_YEAR = 8766.0


@dataclass(frozen=True)
class Earnings:
    """The base path of Bitcoin over the horizon; all arrays have shape (T,).

    Attributes
    ----------
    price : price of a bitcoin [USD/BTC].
    hashprice : revenue of a hash when only the others mine, fees included [USD/PH/day].
    subsidy_part : part of the hashprice that is subsidy and not fees [-].
    network : hashrate of the others [TH/s]; None where the hashprice is given as it is.
    """

    price: Floats
    hashprice: Floats
    subsidy_part: Floats
    network: Floats | None


def earnings(setting: Setting, factor: float = 1.0) -> Earnings:
    """Follow the case's price, network and halvings along the horizon.

    Parameters
    ----------
    setting : an alternative in a world.
    factor : multiplies the price of a bitcoin, and with it the hashprice [-].
    """
    terms = setting.tree.bitcoin
    fees = setting.over("bitcoin", "fee_share")
    years = _years(setting)
    price = factor * grown(setting.over("bitcoin", "price"), terms.price_growth, years)
    part = 1.0 / (1.0 + fees)
    if terms.hashprice is not None:
        return Earnings(price, factor * setting.over("bitcoin", "hashprice"), part, None)
    assert terms.height is not None
    network = grown(setting.over("bitcoin", "network"), terms.network_growth, years)
    reward = subsidies(terms.height, years * HOURS_PER_YEAR, terms.block_time) * (1.0 + fees)
    paid = network_hashprice(network, reward, price, terms.block_time)
    return Earnings(price, paid, part, network)


def _years(setting: Setting) -> Floats:
    """Time since the day that price, network and height hold for, shape (T,) [years]."""
    terms = setting.tree.bitcoin
    if terms.at is not None:
        return np.asarray((setting.hours - setting.hours_to(terms.at)) / HOURS_PER_YEAR)
    if terms.price_growth != 0.0:
        raise InputError(
            "bitcoin.price_growth",
            expected="a day that it grows from, 'at'",
            found=f"{100 * terms.price_growth:g} %/year and no day",
            mend="write bitcoin.at, the day that the price holds for",
        )
    return np.zeros(setting.steps)


def grown(level: Floats, rate: float, years: Floats) -> Floats:
    """Let a level grow by a rate a year, compounded.

    Parameters
    ----------
    level : level at year 0, shape (T,).
    rate : growth [1/year].
    years : time since year 0, shape (T,) [years]; negative before it.
    """
    return np.asarray(level * (1.0 + rate) ** years)


def subsidies(height: int, hours: Floats, block_time: float) -> Floats:
    """Block subsidy over time, blocks coming at their mean interval.

    Parameters
    ----------
    height : height of the chain at hour 0.
    hours : time since then, shape (T,) [h].
    block_time : mean interval of blocks [h].

    Returns
    -------
    Subsidy, shape (T,) [BTC]. It halves at its height, on whatever day that falls.
    """
    heights = np.maximum(0, height + np.floor(hours / block_time)).astype(np.int64)
    eras, place = np.unique(heights // BLOCKS_PER_ERA, return_inverse=True)
    coins = [subsidy(int(era) * BLOCKS_PER_ERA) / SATOSHI_PER_BTC for era in eras]
    return np.array(coins)[place]


def network_hashprice(network: Floats, reward: Floats, price: Floats, block_time: float) -> Floats:
    """Hashprice when difficulty has followed a network's hashrate.

    Parameters
    ----------
    network : hashrate, shape (T,) [TH/s].
    reward : subsidy and fees of a block, shape (T,) [BTC].
    price : price of a bitcoin, shape (T,) [USD/BTC].
    block_time : mean interval of blocks [h].

    Returns
    -------
    Hashprice, shape (T,) [USD/PH/day].

    Notes
    -----
    A network of H TH/s keeps the interval when the difficulty is
    ``H * 1e12 * block_time * 3600 / 2**32``.
    """
    difficulty = network * 1e12 * block_time * 3600.0 / 2**32
    return np.asarray(hashprice_of(difficulty, reward, 0.0, price))
