"""What a pool pays for work: expected coins and their variance, by scheme.

All schemes pay the same on average for the same work, less the fee and, in PPS, less the
fees of the blocks. They differ in who carries the luck of finding blocks, and in when they
pay: the window of PPLNS and TIDES goes on paying after a fleet has been switched off, and
pays a fleet that comes back only as the window fills again.

References
----------
.. [1] M. Rosenfeld, "Analysis of Bitcoin Pooled Mining Reward Systems", arXiv:1112.4980,
   sections 1.2 (solo), 2.2 (PPS), 3.3 (PPLNS) and 7.5 (shares of other difficulty).
.. [2] J. Hughes, "TIDES Technical Documentation", ocean.xyz/docs/tides, 2024-02-29; the
   eightfold window also in bitcoin.stackexchange.com question 120719.
.. [3] J. F. C. Kingman, "Poisson Processes", Oxford 1993, section 3.2 (Campbell's theorem).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from baseload.bitcoin.revenue import HASHES_PER_DIFFICULTY
from baseload.case.errors import InputError

TIDES_WINDOW: Final = 8.0
"""Window of TIDES in multiples of the network difficulty: a share is paid eight times on
average [2]_."""


@dataclass(frozen=True)
class Scheme:
    """A way in which a pool pays.

    Parameters
    ----------
    name : its usual name.
    pays_fees : whether the fees of transactions reach the miner.
    fee_reference : which blocks' fees these are, so that a statement can be recomputed.
    luck : who carries the luck of finding blocks.
    fee_low, fee_high : usual range of the pool's own fee [-].
    fee_source : where that range comes from.
    """

    name: str
    pays_fees: bool
    fee_reference: str
    luck: str
    fee_low: float
    fee_high: float
    fee_source: str


_FROM_MEMORY: Final = "general knowledge of the market in 2024 to 2026, not checked in a source"

SCHEMES: Final[dict[str, Scheme]] = {
    scheme.name: scheme
    for scheme in (
        Scheme("PPS", False, "none", "pool", 0.01, 0.04, _FROM_MEMORY),
        Scheme("FPPS", True, "mean of the network's blocks", "pool", 0.02, 0.04, _FROM_MEMORY),
        Scheme("PPLNS", True, "blocks the pool found", "miners", 0.0, 0.02, _FROM_MEMORY),
        Scheme("TIDES", True, "blocks the pool found", "miners", 0.0, 0.02, _FROM_MEMORY),
        Scheme("solo", True, "blocks the miner found", "miner", 0.0, 0.02, _FROM_MEMORY),
    )
}


@dataclass(frozen=True)
class Pay:
    """What a scheme pays over a period.

    Parameters
    ----------
    mean_btc : expected pay, the pool's fee taken off [BTC].
    variance_btc2 : its variance [BTC^2].
    """

    mean_btc: float
    variance_btc2: float

    @property
    def std_btc(self) -> float:
        """Standard deviation of the pay [BTC]."""
        return math.sqrt(self.variance_btc2)


def _kept(pool_fee: float) -> float:
    if not 0 <= pool_fee < 1:
        raise InputError(
            "pool_fee",
            expected="a share from 0 to below 1",
            found=f"{pool_fee}",
            mend="write 2 % as 0.02",
        )
    return 1 - pool_fee


def solo(blocks: float, reward: float, pool_fee: float = 0.0, reward_std: float = 0.0) -> Pay:
    """Pay for the miner's own blocks only.

    Parameters
    ----------
    blocks : expected blocks of the miner [-].
    reward : mean subsidy and fees of a block [BTC].
    pool_fee : share that the operator of the solo pool keeps [-].
    reward_std : standard deviation of the reward from block to block [BTC].

    Returns
    -------
    Mean and variance of the pay: a compound Poisson sum, with variance
    blocks * (reward^2 + reward_std^2) [1]_.
    """
    kept = _kept(pool_fee)
    return Pay(blocks * reward * kept, blocks * (reward**2 + reward_std**2) * kept**2)


def pps(blocks: float, subsidy: float, pool_fee: float = 0.0, share_work: float = 0.0) -> Pay:
    """Pay per share: each share is worth its expected subsidy, found or not.

    Parameters
    ----------
    blocks : expected blocks that the miner's work would find [-].
    subsidy : block subsidy [BTC].
    pool_fee : share that the pool keeps [-].
    share_work : difficulty of a share over that of a block [-]; the number of shares is
        Poisson distributed too, which is all the variance there is.

    Returns
    -------
    Mean and variance of the pay, blocks * share_work * subsidy^2 [1]_. With
    ``share_work=1`` every share is a block, and the pay is that of solo mining.
    """
    kept = _kept(pool_fee)
    return Pay(blocks * subsidy * kept, blocks * share_work * (subsidy * kept) ** 2)


def fpps(
    blocks: float,
    subsidy: float,
    mean_fees: float,
    pool_fee: float = 0.0,
    share_work: float = 0.0,
) -> Pay:
    """Full pay per share: PPS that adds the mean fees of the network's blocks.

    Parameters
    ----------
    blocks : expected blocks that the miner's work would find [-].
    subsidy : block subsidy [BTC].
    mean_fees : mean fees per block over the reference that the contract names [BTC].
    pool_fee : share that the pool keeps [-].
    share_work : difficulty of a share over that of a block [-].

    Returns
    -------
    Mean and variance of the pay, given the mean fees.
    """
    return pps(blocks, subsidy + mean_fees, pool_fee, share_work)


@dataclass(frozen=True)
class WindowPay:
    """What a scheme with a window pays, step by step.

    Parameters
    ----------
    mean_btc : expected pay in each step, the pool's fee taken off [BTC].
    variance_btc2 : its variance in each step [BTC^2]; steps are independent of each other.
    window_share : the fleet's share of the window at the end of each step [-].
    """

    mean_btc: NDArray[np.float64]
    variance_btc2: NDArray[np.float64]
    window_share: NDArray[np.float64]

    @property
    def total(self) -> Pay:
        """Pay of all steps together."""
        return Pay(float(self.mean_btc.sum()), float(self.variance_btc2.sum()))


def pplns(
    hours: ArrayLike,
    own_ths: ArrayLike,
    pool_ths: ArrayLike,
    difficulty: ArrayLike,
    reward: ArrayLike,
    *,
    window: float,
    pool_fee: float = 0.0,
    share_before: float | None = None,
) -> WindowPay:
    """Pay per last N shares: each block of the pool is split over its last shares.

    Parameters
    ----------
    hours : length of each step [h], shape (steps,) like all arrays here, or one number.
    own_ths : hashrate of the fleet [TH/s].
    pool_ths : hashrate of the whole pool, the fleet included [TH/s].
    difficulty : network difficulty [-].
    reward : mean subsidy and fees of the pool's blocks [BTC].
    window : N, in multiples of the work that one block takes on average [-].
    pool_fee : share that the pool keeps [-].
    share_before : the fleet's share of the window before the first step [-]; by default
        that of the first step.

    Returns
    -------
    Mean and variance of the pay in each step, and the share of the window.

    Raises
    ------
    InputError
        A length, hashrate, difficulty or window is not positive, or the fleet is larger
        than the pool.

    Notes
    -----
    A block found when the pool has done work C pays reward * w(C), where w is the fleet's
    part of the work in (C - N, C]. Blocks are a Poisson process in C with one per
    difficulty * 2^32 hashes, so that mean and variance are the integrals of reward * w and
    reward^2 * w^2 against that rate (Campbell's theorem [3]_). Hashrates stand still
    within a step, w is therefore piecewise linear in C, and Simpson's rule is exact on the
    pieces. Shares count as the work they stand for; the noise of their number is left out,
    as a window holds millions of them.
    """
    columns = np.broadcast_arrays(
        *(np.asarray(x, dtype=float) for x in (hours, own_ths, pool_ths, difficulty, reward))
    )
    lengths, own, pool, difficulties, rewards = (np.atleast_1d(column) for column in columns)
    _check_pool(lengths, own, pool, difficulties, window)
    kept = _kept(pool_fee)
    per_block = difficulties * HASHES_PER_DIFFICULTY
    reach = window * per_block
    before = own[0] / pool[0] if share_before is None else share_before
    work, own_work = _cumulated(lengths, own, pool, before, float(reach.max()))

    mean, square, last = _window_integrals(work, own_work, reach)
    paid = rewards * kept
    return WindowPay(paid * mean / per_block, paid**2 * square / per_block, last)


def _window_integrals(
    work: NDArray[np.float64], own_work: NDArray[np.float64], reach: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Integrate w and w^2 over the work of each step, and give w at its end."""

    def share(at: NDArray[np.float64], span: float) -> NDArray[np.float64]:
        within = np.interp(at, work, own_work) - np.interp(at - span, work, own_work)
        return np.asarray(within / span)

    mean, square, last = (np.empty(reach.size) for _ in range(3))
    for step, span in enumerate(reach):
        begin, end = work[step + 1], work[step + 2]
        bends = work + span
        inner = bends[(begin < bends) & (bends < end)]
        edges = np.concatenate(([begin], inner, [end]))
        left, middle, right = (
            share(at, span) for at in (edges[:-1], (edges[:-1] + edges[1:]) / 2, edges[1:])
        )
        weight = np.diff(edges) / 6
        mean[step] = weight @ (left + 4 * middle + right)
        square[step] = weight @ (left**2 + 4 * middle**2 + right**2)
        last[step] = right[-1]
    return mean, square, last


def tides(
    hours: ArrayLike,
    own_ths: ArrayLike,
    pool_ths: ArrayLike,
    difficulty: ArrayLike,
    reward: ArrayLike,
    *,
    pool_fee: float = 0.0,
    share_before: float | None = None,
) -> WindowPay:
    """TIDES of the pool OCEAN: PPLNS over eight blocks' work, fees included, no rounds.

    Parameters
    ----------
    hours, own_ths, pool_ths, difficulty, reward, pool_fee, share_before : as in
        :func:`pplns`; the reward holds the fees of the very block that is split.

    Returns
    -------
    Mean and variance of the pay in each step, and the share of the window.

    Notes
    -----
    Each block is split by work over the log of the most recent shares, whose length
    follows the network difficulty so that a share is paid eight times on average [2]_.
    """
    return pplns(
        hours,
        own_ths,
        pool_ths,
        difficulty,
        reward,
        window=TIDES_WINDOW,
        pool_fee=pool_fee,
        share_before=share_before,
    )


def _cumulated(
    hours: NDArray[np.float64],
    own: NDArray[np.float64],
    pool: NDArray[np.float64],
    share_before: float,
    reach: float,
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Add up the work of pool and fleet [hashes], beginning one window before the start."""
    seconds = hours * 3600.0 * 1e12
    work = np.concatenate(([-reach, 0.0], np.cumsum(pool * seconds)))
    own_work = np.concatenate(([-share_before * reach, 0.0], np.cumsum(own * seconds)))
    return work, own_work


def _check_pool(
    hours: NDArray[np.float64],
    own: NDArray[np.float64],
    pool: NDArray[np.float64],
    difficulty: NDArray[np.float64],
    window: float,
) -> None:
    for name, values in (
        ("hours", hours),
        ("pool_ths", pool),
        ("difficulty", difficulty),
        ("window", np.asarray(window)),
    ):
        if not np.all((values > 0) & np.isfinite(values)):
            raise InputError(
                name,
                expected="positive, finite numbers",
                found=f"{values.min()} at least",
                mend="leave out steps in which nothing runs",
            )
    if not np.all((own >= 0) & (own <= pool)):
        raise InputError(
            "own_ths",
            expected="a hashrate from 0 to that of the whole pool",
            found=f"{own.max()} TH/s in a pool of {pool.min()} TH/s",
            mend="count the fleet in the hashrate of the pool",
        )
