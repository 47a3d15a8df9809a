"""Two natural experiments: hashrate that something outside the market stopped, and its return.

What happened is taken from reports of the time and not from the difficulty, so that the steps
of the difficulty can be held against what the model makes of it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import brentq

from baseload.bitcoin.competitors import Competitors, Path, initial_state, path
from baseload.bitcoin.consensus import BLOCK_SPACING_S, BLOCKS_PER_PERIOD
from baseload.bitcoin.market import Market
from baseload.bitcoin.network import EQUILIBRIUM_SPACING_S, network_hashrate
from baseload.bitcoin.retargets import Retarget

Floats = NDArray[np.float64]
Days = NDArray[np.datetime64]


@dataclass(frozen=True)
class Shock:
    """A part of the running machines that is stopped, and comes back.

    Parameters
    ----------
    name : what it was.
    begin : first day of the stop.
    full : day from which all of the part is stopped; linear from `begin`.
    returned : day on which all are back; linear from `full`.
    depth : part of the network that is stopped [-].
    heights : retargets that show it.
    source : where dates and depth come from.
    """

    name: str
    begin: np.datetime64
    full: np.datetime64
    returned: np.datetime64
    depth: float
    heights: tuple[int, ...]
    source: str

    def returning(self, days: float) -> Shock:
        """Let the stopped machines come back over so many days from the full stop on."""
        seconds = np.timedelta64(round(days * 86_400), "s")
        return replace(self, returned=self.full.astype("datetime64[s]") + seconds)

    def available(self, days: Days) -> Floats:
        """Give the part of the machines that is not stopped on each day, shape (T,) [-].

        Parameters
        ----------
        days : days, shape (T,).
        """
        noon = days.astype("datetime64[s]").astype(np.float64) + 43_200.0
        corners = [
            float(day.astype("datetime64[s]").astype(np.float64))
            for day in (self.begin, self.full, self.returned)
        ]
        stopped = np.interp(noon, corners, [0.0, self.depth, 0.0])
        return np.asarray(1.0 - stopped)


CHINA: Final = Shock(
    name="ban of mining in China, 2021",
    begin=np.datetime64("2021-05-21"),
    full=np.datetime64("2021-06-25"),
    returned=np.datetime64("2022-06-25"),
    depth=0.46,
    heights=(685440, 687456, 689472, 691488, 693504, 695520),
    source="announced on 21 May, mines in Sichuan to stop by 25 June (deluxe4.com, 2021-06-18); "
    "46 % of all hashes were in China in April and next to none in August (Cambridge Centre for "
    "Alternative Finance, wired.co.uk); the time of return is fitted",
)

STORM: Final = Shock(
    name="winter storm Fern, January 2026",
    begin=np.datetime64("2026-01-23"),
    full=np.datetime64("2026-01-25"),
    returned=np.datetime64("2026-02-05"),
    depth=0.30,
    heights=(935424, 937440),
    source="curtailment in the United States from Friday 23 January on, deepest on the Sunday: a "
    "fall by 30 to 40 % (kucoin.com, 2026; toptech.news, 2026-01-25), of which the lower end is "
    "taken; the time of return is fitted to the first of the two steps",
)

# Between these the return of machines is sought [days].
_SHORTEST, _LONGEST = 1.0, 60.0


@dataclass(frozen=True)
class Answer:
    """The steps of the difficulty in a natural experiment; arrays have shape (E,).

    Parameters
    ----------
    shock : what was stopped, and when it came back.
    heights : retargets.
    times : their header times.
    before : difficulty before the first of them [-].
    real, modelled : change of the difficulty at each of them [-].
    fitted : changes that went into the fit of the shock, from the first on [-].
    """

    shock: Shock
    heights: tuple[int, ...]
    times: NDArray[np.datetime64]
    before: float
    real: Floats
    modelled: Floats
    fitted: int


def answer(
    shock: Shock, competitors: Competitors, retargets: Sequence[Retarget], market: Market
) -> Answer:
    """Let the model answer to a shock, from the real difficulty before it.

    Parameters
    ----------
    shock : what is stopped.
    competitors : all other miners when it begins.
    retargets : history that holds the shock's heights.
    market : days from before the shock until the last of its heights.
    """
    known = {each.height: each for each in retargets}
    before = known[shock.heights[0] - BLOCKS_PER_PERIOD]
    heights = (before.height, *shock.heights)
    begin = market.place(first_day(before))
    found = path(
        competitors,
        start_at(competitors, before, market, begin),
        market.price[begin:],
        fee_share=market.fee_share[begin:],
        available=shock.available(market.days[begin:]),
    )
    modelled = difficulty_at(found, np.array(heights, dtype=np.float64))
    real = np.array([known[height].difficulty for height in heights])
    return Answer(
        shock=shock,
        heights=shock.heights,
        times=np.array([known[height].time for height in shock.heights], dtype="datetime64[s]"),
        before=before.difficulty,
        real=real[1:] / real[:-1] - 1.0,
        modelled=modelled[1:] / modelled[:-1] - 1.0,
        fitted=0,
    )


def answer_of_return(
    shock: Shock, competitors: Competitors, retargets: Sequence[Retarget], market: Market
) -> Answer:
    """Fit the time of return to the first step of a shock, and see what follows from it.

    Parameters
    ----------
    shock, competitors, retargets, market : as for `answer`.

    Returns
    -------
    The answer to the shock with this return. Where none reproduces the first step, the
    nearest is taken.
    """

    def missing(days: float) -> float:
        found = answer(shock.returning(days), competitors, retargets, market)
        return float(found.modelled[0] - found.real[0])

    ends = missing(_SHORTEST), missing(_LONGEST)
    if ends[0] * ends[1] < 0.0:
        days = float(brentq(missing, _SHORTEST, _LONGEST, xtol=1e-2))
    else:
        days = _SHORTEST if abs(ends[0]) < abs(ends[1]) else _LONGEST
    return replace(answer(shock.returning(days), competitors, retargets, market), fitted=1)


def first_day(epoch: Retarget) -> np.datetime64:
    """Give the first whole day of an epoch."""
    begun: np.datetime64 = np.datetime64(epoch.time, "s").astype("datetime64[D]")
    return begun + np.timedelta64(1, "D")


def start_at(competitors: Competitors, epoch: Retarget, market: Market, place: int) -> Floats:
    """Set up the network at the beginning of a day within an epoch of the past.

    Parameters
    ----------
    competitors : all other miners on that day.
    epoch : the epoch's first block.
    market : price and fees.
    place : place of the day in the market.

    Returns
    -------
    State of the network, with the epoch's difficulty as its equilibrium.
    """
    day = market.days[place].astype("datetime64[s]").astype(np.int64)
    return initial_state(
        competitors,
        network_ths=network_hashrate(epoch.difficulty, EQUILIBRIUM_SPACING_S),
        price=float(market.price[place]),
        fee_share=float(market.fee_share[place]),
        height=epoch.height + (int(day) - epoch.time) / BLOCK_SPACING_S,
    )


def difficulty_at(found: Path, heights: Floats) -> Floats:
    """Give the difficulty of a path from each retarget on.

    Parameters
    ----------
    found : the path.
    heights : heights of retargets, shape (E,); one that is not reached takes the last.
    """
    reached = np.searchsorted(found.height, heights)
    return np.asarray(found.difficulty[np.minimum(reached, found.height.size - 1)])
