"""How the network answers to a fleet: difficulty, dilution, share of all hashes.

Difficulty holds the sum of all coins per day nearly constant. A fleet that joins takes its
share from everyone, itself included, once the next retarget has passed.
"""

from __future__ import annotations

from typing import Final

from baseload.bitcoin.consensus import BLOCK_SPACING_S, BLOCKS_PER_PERIOD, PERIOD_S
from baseload.bitcoin.revenue import HASHES_PER_DIFFICULTY, Number

EQUILIBRIUM_SPACING_S: Final = PERIOD_S / (BLOCKS_PER_PERIOD - 1)
"""Time between blocks that leaves the difficulty as it is [s]: 2,015 intervals are held
against two weeks (Bitcoin Core, ``pow.cpp``)."""

_LARGEST_CHANGE: Final = 4.0


def network_hashrate(difficulty: Number, spacing_s: float = BLOCK_SPACING_S) -> Number:
    """Give the hashrate of the network that finds blocks at a given pace.

    Parameters
    ----------
    difficulty : network difficulty [-].
    spacing_s : mean time between blocks [s].

    Returns
    -------
    Hashrate of the whole network [TH/s].
    """
    return difficulty * (HASHES_PER_DIFFICULTY / spacing_s / 1e12)


def equilibrium_difficulty(hashrate_ths: Number) -> Number:
    """Find the difficulty to which a constant hashrate of the network leads.

    Parameters
    ----------
    hashrate_ths : hashrate of the whole network [TH/s].

    Returns
    -------
    Difficulty that the next retarget leaves unchanged [-].
    """
    return hashrate_ths * (1e12 * EQUILIBRIUM_SPACING_S / HASHES_PER_DIFFICULTY)


def next_difficulty(difficulty: float, hashrate_ths: float) -> float:
    """Move the difficulty on by one period of a given mean hashrate.

    Parameters
    ----------
    difficulty : difficulty in force [-].
    hashrate_ths : mean hashrate of the whole network during the period [TH/s].

    Returns
    -------
    Difficulty after the retarget [-], at most four times and at least a quarter of the
    one before, and never below 1 (Bitcoin Core, ``pow.cpp``).

    Notes
    -----
    Expected value. The rule in exact integers is :func:`baseload.bitcoin.consensus.retarget`.
    """
    goal = equilibrium_difficulty(hashrate_ths)
    bounded = min(max(goal, difficulty / _LARGEST_CHANGE), difficulty * _LARGEST_CHANGE)
    return max(bounded, 1.0)


def fleet_hashrate(power_mw: Number, efficiency: float, pue: float = 1.0) -> Number:
    """Give the hashrate that a given power at the meter of the mine drives.

    Parameters
    ----------
    power_mw : power at the meter of the mine [MW].
    efficiency : energy of the machines per hash [J/TH].
    pue : energy at the meter per energy at the machines [-].

    Returns
    -------
    Hashrate [TH/s].
    """
    return power_mw * (1e6 / (efficiency * pue))


def network_share(own: Number, others: float) -> Number:
    """Give the share of all hashes, and so of all coins, that a fleet has.

    Parameters
    ----------
    own, others : hashrate of the fleet and of everyone else, in the same unit.

    Returns
    -------
    Share [-].
    """
    return own / (own + others)


def diluted_hashprice(hashprice: Number, others: float, own: Number) -> Number:
    """Lower the hashprice to what it is once the difficulty has followed a fleet that joined.

    Coins per day, fees and the price of a coin stay as they are; the same coins are split
    among more hashes, so that the revenue of each falls by H / (H + h). The others are
    taken to stay; those whom the lower hashprice drives out make this a lower bound.

    Parameters
    ----------
    hashprice : hashprice with everyone else alone [USD/PH/day].
    others : hashrate H of everyone else, in the same unit as ``own``.
    own : hashrate h of the fleet that joined.

    Returns
    -------
    Hashprice after the retarget [USD/PH/day].
    """
    return hashprice * (others / (others + own))
