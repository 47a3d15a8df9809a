"""What a hash earns: hashprice, the worth of a megawatt-hour, expected coins.

The formulae work on floats and on arrays alike. A hash meets the target with probability
1 / (difficulty * 2**32), neglecting the 2**-16 by which the true maximum target is
smaller, as the whole field does [1]_.

References
----------
.. [1] M. Rosenfeld, "Analysis of Bitcoin Pooled Mining Reward Systems", arXiv:1112.4980,
   section 1.1 and its footnote.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import groupby, pairwise
from typing import Final, TypeVar

import numpy as np
from numpy.typing import NDArray

from baseload.bitcoin import poisson
from baseload.bitcoin.consensus import SATOSHI_PER_BTC
from baseload.case.errors import InputError

HASHES_PER_DIFFICULTY: Final = 2**32
SECONDS_PER_DAY: Final = 86_400
MWH_PER_JTH: Final = 0.024
"""Energy of one PH/s running for a day at 1 J/TH [MWh]."""

Number = TypeVar("Number", float, NDArray[np.float64])

Steps = Sequence[tuple[float, float]]
"""A quantity over time: (time [Unix s], value) pairs, each in force until the next."""


def hashvalue(difficulty: Number, subsidy: Number | float, fees: Number | float = 0.0) -> Number:
    """Give the expected coins of one PH/s running for one day.

    Parameters
    ----------
    difficulty : network difficulty [-].
    subsidy, fees : block subsidy and mean fees per block [BTC].

    Returns
    -------
    Hashvalue [BTC/PH/day].
    """
    hashes = 1e15 * SECONDS_PER_DAY
    return hashes / (difficulty * HASHES_PER_DIFFICULTY) * (subsidy + fees)


def hashprice(
    difficulty: Number,
    subsidy: Number | float,
    fees: Number | float,
    price: Number | float,
) -> Number:
    """Give the expected revenue of one PH/s running for one day.

    Parameters
    ----------
    difficulty : network difficulty [-].
    subsidy, fees : block subsidy and mean fees per block [BTC].
    price : price of a bitcoin [USD/BTC].

    Returns
    -------
    Hashprice [USD/PH/day].

    Examples
    --------
    >>> round(hashprice(126.982e12, 3.125, 0.03125, 107_000), 1)
    53.5
    """
    return hashvalue(difficulty, subsidy, fees) * price


def value_of_energy(
    hashprice: Number,
    efficiency: Number | float,
    pue: Number | float = 1.0,
    pool_fee: Number | float = 0.0,
) -> Number:
    """Give the revenue of one megawatt-hour burnt by a miner.

    For a decision about part load the efficiency is the marginal one, that of the next
    watt, and not the average of the machine.

    Parameters
    ----------
    hashprice : revenue of one PH/s running for one day [USD/PH/day].
    efficiency : energy of the machine per hash [J/TH].
    pue : energy at the meter of the mine per energy at the machine [-].
    pool_fee : share of the revenue that the pool keeps [-].

    Returns
    -------
    Value of energy at the meter of the mine [USD/MWh].

    Examples
    --------
    >>> round(value_of_energy(35.0, 13.5))
    108
    """
    return hashprice * (1 - pool_fee) / (MWH_PER_JTH * efficiency * pue)


def break_even_power_price(
    hashprice: Number,
    efficiency: Number | float,
    pue: Number | float = 1.0,
    pool_fee: Number | float = 0.0,
    other_cost: Number | float = 0.0,
) -> Number:
    """Find the power price above which a running miner loses money.

    Parameters
    ----------
    hashprice : revenue of one PH/s running for one day [USD/PH/day].
    efficiency : energy of the machine per hash [J/TH].
    pue : energy at the meter of the mine per energy at the machine [-].
    pool_fee : share of the revenue that the pool keeps [-].
    other_cost : variable cost other than power, per energy at the meter [USD/MWh].

    Returns
    -------
    Power price at the meter of the mine [USD/MWh].
    """
    return value_of_energy(hashprice, efficiency, pue, pool_fee) - other_cost


def break_even_hashprice(
    power_price: Number,
    efficiency: Number | float,
    pue: Number | float = 1.0,
    pool_fee: Number | float = 0.0,
    other_cost: Number | float = 0.0,
) -> Number:
    """Find the hashprice below which a running miner loses money.

    Parameters
    ----------
    power_price : price of energy at the meter of the mine [USD/MWh].
    efficiency : energy of the machine per hash [J/TH].
    pue : energy at the meter of the mine per energy at the machine [-].
    pool_fee : share of the revenue that the pool keeps [-].
    other_cost : variable cost other than power, per energy at the meter [USD/MWh].

    Returns
    -------
    Hashprice [USD/PH/day].
    """
    return (power_price + other_cost) * (MWH_PER_JTH * efficiency * pue) / (1 - pool_fee)


def expected_blocks(hashrate_ths: Number, hours: Number | float, difficulty: float) -> Number:
    """Count the blocks that a hashrate finds on average.

    Parameters
    ----------
    hashrate_ths : hashrate [TH/s].
    hours : time for which it runs [h].
    difficulty : network difficulty [-].

    Returns
    -------
    Expected number of blocks [-].
    """
    hashes = hashrate_ths * 1e12 * (hours * 3600.0)
    return hashes / (difficulty * HASHES_PER_DIFFICULTY)


@dataclass(frozen=True)
class Span:
    """A stretch of time in which hashrate, difficulty and subsidy stand still.

    Parameters
    ----------
    start, end : its bounds [Unix s].
    difficulty : network difficulty [-].
    subsidy_btc : block subsidy [BTC].
    blocks : expected blocks [-].
    coins_btc : expected coins, fees included [BTC].
    """

    start: float
    end: float
    difficulty: float
    subsidy_btc: float
    blocks: float
    coins_btc: float


@dataclass(frozen=True)
class Production:
    """Expected production of a fleet over a period.

    Parameters
    ----------
    coins_btc : expected coins, fees included [BTC].
    blocks : expected blocks [-].
    blocks_p5, blocks_p95 : 5 % and 95 % quantile of the blocks found [-].
    spans : what was summed, in order of time.
    """

    coins_btc: float
    blocks: float
    blocks_p5: int
    blocks_p95: int
    spans: tuple[Span, ...]

    @property
    def sat(self) -> int:
        """Expected coins to the nearest satoshi."""
        return round(self.coins_btc * SATOSHI_PER_BTC)

    @property
    def epochs(self) -> list[Span]:
        """The production of each difficulty epoch; a halving splits an epoch."""
        return _merged(self.spans, key=lambda span: (span.difficulty, span.subsidy_btc))

    @property
    def eras(self) -> dict[float, tuple[float, float]]:
        """Expected blocks [-] and coins [BTC] of each era, by its subsidy [BTC]."""
        totals: dict[float, tuple[float, float]] = {}
        for span in self.spans:
            blocks, coins = totals.get(span.subsidy_btc, (0.0, 0.0))
            totals[span.subsidy_btc] = (blocks + span.blocks, coins + span.coins_btc)
        return totals

    def __str__(self) -> str:
        """Say coins and blocks with their interval."""
        return (
            f"{self.coins_btc:,.8g} BTC expected, from {self.blocks:,.6g} blocks "
            f"({self.blocks_p5:,} to {self.blocks_p95:,} in 90 of 100 cases)"
        )


def _merged(spans: Sequence[Span], key: Callable[[Span], object]) -> list[Span]:
    merged = []
    for _, group in groupby(spans, key):
        parts = list(group)
        merged.append(
            replace(
                parts[0],
                end=parts[-1].end,
                blocks=sum(part.blocks for part in parts),
                coins_btc=sum(part.coins_btc for part in parts),
            )
        )
    return merged


def production(
    start: float,
    end: float,
    hashrate_ths: float | Steps,
    difficulty: float | Steps,
    subsidy_btc: float | Steps,
    fee_share: float | Steps = 0.0,
) -> Production:
    """Sum the expected coins and blocks of a fleet over any period.

    Each quantity is one number or a list of (time [Unix s], value) pairs, so that the
    period may cross retargets, halvings and changes of the fleet.

    Parameters
    ----------
    start, end : bounds of the period [Unix s].
    hashrate_ths : hashrate of the fleet [TH/s].
    difficulty : network difficulty [-].
    subsidy_btc : block subsidy [BTC].
    fee_share : mean fees of a block as a share of its subsidy [-].

    Returns
    -------
    Expected production, with each stretch of time that was summed.

    Raises
    ------
    InputError
        The period is empty, a list begins after its start or is out of order, or a value
        is negative or not finite (difficulty: not positive).
    """
    if not start < end:
        raise InputError(
            "period",
            expected="an end that lies after the start",
            found=f"start {start}, end {end}",
            mend="swap the two, or move the end",
        )
    rates = _over("hashrate_ths", hashrate_ths, start)
    difficulties = _over("difficulty", difficulty, start, positive=True)
    subsidies = _over("subsidy_btc", subsidy_btc, start)
    shares = _over("fee_share", fee_share, start)
    inner = {time for series in (rates, difficulties, subsidies, shares) for time, _ in series}
    bounds = sorted({start, end} | {time for time in inner if start < time < end})
    spans = tuple(
        _span(left, right, *(_at(s, left) for s in (rates, difficulties, subsidies, shares)))
        for left, right in pairwise(bounds)
    )
    blocks = math.fsum(span.blocks for span in spans)
    return Production(
        coins_btc=math.fsum(span.coins_btc for span in spans),
        blocks=blocks,
        blocks_p5=poisson.quantile(blocks, 0.05),
        blocks_p95=poisson.quantile(blocks, 0.95),
        spans=spans,
    )


def _span(
    start: float, end: float, rate: float, difficulty: float, subsidy: float, fee_share: float
) -> Span:
    blocks = expected_blocks(rate, (end - start) / 3600.0, difficulty)
    return Span(start, end, difficulty, subsidy, blocks, blocks * subsidy * (1 + fee_share))


def _at(steps: Steps, time: float) -> float:
    return steps[bisect_right(steps, time, key=lambda step: step[0]) - 1][1]


def _over(name: str, value: float | Steps, start: float, *, positive: bool = False) -> Steps:
    """Bring a number or a list of steps into one checked form."""
    steps = [(start, float(value))] if isinstance(value, int | float) else list(value)
    if not steps or steps[0][0] > start:
        raise InputError(
            name,
            expected=f"a value in force at the start of the period, {start}",
            found="an empty list" if not steps else f"a list that begins at {steps[0][0]}",
            mend="add the step that was in force at the start",
        )
    if any(not left[0] < right[0] for left, right in pairwise(steps)):
        raise InputError(
            name,
            expected="steps in order of time, each time once",
            found="a step that does not lie after the one before it",
            mend="sort the list and drop doubles",
        )
    for time, number in steps:
        if not math.isfinite(number) or number < 0 or (positive and number == 0):
            raise InputError(
                f"{name} at {time}",
                expected="a finite number " + ("above 0" if positive else "from 0 upwards"),
                found=f"{number}",
                mend="check the value and its unit",
            )
    return steps
