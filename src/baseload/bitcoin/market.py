"""What drove the network in the past: price and fees by day, and what is known of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Days = NDArray[np.datetime64]

FEE_SHARES: Final = (
    ("2009-01-03", 0.02),
    ("2024-03-01", 0.045),
    ("2024-04-01", 0.192),
    ("2024-05-01", 0.02),
    ("2024-07-01", 0.027),
    ("2024-08-01", 0.025),
    ("2025-01-01", 0.0125),
    ("2026-01-01", 0.0055),
)
"""Fees over the subsidy from a day on: reports of miners for 2024, less than 1.5 % in 2025,
0.55 % in January 2026 (M13); 2 % is assumed where nothing is known."""

LATER_PRICES: Final = (
    ("2026-01-26", 87_700.0),
    ("2026-02-23", 64_000.0),
    ("2026-03-21", 70_400.0),
    ("2026-05-27", 75_900.0),
    ("2026-06-26", 60_800.0),
)
"""Prices after the fit [USD/BTC]: cryptocapitalnews.com, 2026-01-26; xiand.ai of 21 March, which
also has the hashprice of 23 February, 28 USD/PH/day; bt-miners.com has that of 26 June, 28.68, and
that it fell by 18.3 % in 30 days. A hashprice is turned into a price by the difficulty of its day
and fees of 0.55 %."""

# Later prices count where the first of them comes no more days after the last known one.
_LATER_GAP: Final = 31


@dataclass(frozen=True)
class Market:
    """What the network is driven by, day by day.

    Parameters
    ----------
    days : days without a gap, shape (T,).
    price : price of a bitcoin, shape (T,) [USD/BTC].
    fee_share : fees of a block as a share of its subsidy, shape (T,) [-].
    """

    days: Days
    price: Floats
    fee_share: Floats

    def place(self, day: np.datetime64) -> int:
        """Find the place of a day."""
        return int(np.searchsorted(self.days, day))


def fee_shares(days: Days) -> Floats:
    """Give the fees of each day as a share of the subsidy, see `FEE_SHARES`."""
    since = np.array([day for day, _ in FEE_SHARES], dtype="datetime64[D]")
    values = np.array([value for _, value in FEE_SHARES])
    return np.asarray(values[np.searchsorted(since, days, side="right") - 1])


def prices_after(days: Days, last: float) -> Floats:
    """Draw straight lines through the prices after the last known one, else hold it.

    Parameters
    ----------
    days : the last day with a known price, and those after it, shape (1 + T,).
    last : the last known price [USD/BTC].

    Returns
    -------
    Price of the days after the first, shape (T,) [USD/BTC]; `LATER_PRICES` count where the
    first of them comes within a month of the last known price.
    """
    points = [(np.datetime64(day), value) for day, value in LATER_PRICES]
    later = [point for point in points if point[0] > days[0]]
    gap = np.timedelta64(_LATER_GAP, "D")
    if len(later) < len(points) or later[0][0] - days[0] > gap:
        return np.full(days.size - 1, last)
    corners = np.array([days[0], *(day for day, _ in later)], dtype="datetime64[D]")
    values = [last, *(value for _, value in later)]
    line = np.interp(days.astype(np.int64), corners.astype(np.int64), values)
    return np.asarray(line[1:])
