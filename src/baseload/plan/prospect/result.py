"""Energy and money of each party under one arrangement, over the same futures."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Leg:
    """One thing a party would get or do under an arrangement, and what forbids it."""

    what: str
    blocked_by: tuple[str, ...]
    """Ids of the bars in force on the first day of the horizon; empty where nothing forbids it."""
    until: str
    """Until when, for people; empty where nothing forbids it."""
    held: bool = False
    """Whether its money is kept in escrow while a bar is in force."""


@dataclass(frozen=True)
class Part:
    """What one party gets: arrays by year have shape (Y,), quantiles (3,): 5, 50 and 95 %."""

    party: str
    name: str
    left_out: bool
    """Whether the arrangement leaves it out; then everything is zero."""
    energy: Floats
    """Energy it takes or is supplied, mean over futures, by year [MWh]."""
    cash: Floats
    """Net cash, mean over futures, by year [USD]."""
    cash_low: Floats
    cash_high: Floats
    """5 % and 95 % quantile of the year's cash [USD]."""
    value: float
    """Expected present value [USD]."""
    error: float
    """Monte Carlo standard error of it [USD]."""
    quantiles: Floats
    """Of the present value [USD]."""
    coins: Floats
    """Coins, mean over futures, by year [BTC]."""
    legs: tuple[Leg, ...] = ()
    saving: Floats = field(default_factory=lambda: np.zeros(0))
    """What the energy supplied to it under an obligation would cost in the market, and damages
    received, less what is paid for it: mean by year [USD]. No part of the whole's cash."""
    saving_value: float = 0.0
    """Expected present value of that [USD]."""


@dataclass(frozen=True)
class Prospect:
    """One arrangement, under the alternative that it is studied with."""

    arrangement: str
    title: str
    alternative: str
    chance: float
    """Share of futures in which the alternative comes to pass [-]."""
    years: NDArray[np.int64]
    parts: tuple[Part, ...]
    assumed: tuple[str, ...]
    """What the proposal does not say and the case assumes, for people."""
    residual: float
    """Greatest relative amount by which the parts miss the whole's cash in a year [-]."""
    timing: float = 0.0
    """Expected amount by which the whole's net present value, discounted by the month, exceeds
    the sum of the parts, discounted by the mean factor of each year [USD]."""
