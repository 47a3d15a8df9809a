"""What sizing finds: the best megawatts, the curve around them, and what more room is worth."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Curve:
    """Value against megawatts in all, the mix as at the optimum; shapes (n,)."""

    size: Floats
    """All candidates together [MW]."""
    mean: Floats
    """Expected value added [USD]."""
    error: Floats
    """Monte Carlo standard error of it [USD]."""
    low: Floats
    median: Floats
    high: Floats
    """5 %, 50 % and 95 % quantile of the value added [USD]."""
    behind_error: Floats = field(default_factory=lambda: np.zeros(0))
    """Standard error of the difference from the best mean, in the same futures [USD]."""


@dataclass(frozen=True)
class Limit:
    """A limit on sizes, how far it is used, and what one unit more would be worth."""

    name: str
    unit: str
    limit: float
    used: float
    shadow_price: float
    """Change of the objective by one unit more [USD per unit]; 0 where it does not bind."""


@dataclass(frozen=True)
class Margin:
    """What one more megawatt of a candidate would add at the optimum."""

    candidate: str
    mean: float
    """Mean over the futures in which it can be built [USD/MW]."""
    pays: float
    """Share of those futures in which it adds anything [-]."""
    hashprice: float
    """What a hash must earn on average, before own hashes, for it to pay: the level that tells
    the futures in which it pays best from the others [USD/PH/day]; NaN where none does."""
    told: float
    """Share of futures that this level tells rightly [-]."""


@dataclass(frozen=True)
class Sizing:
    """The size of an alternative that is worth most over all futures in which it can be built.

    Sizes are chosen when the gates have opened, so objective, mean, losses and curve are those of
    the futures in which they do. In all others the mines add nothing, whatever their size.
    """

    alternative: str
    candidates: tuple[str, ...]
    """Mine, machine and build year of each, for people."""
    size: Floats
    """Best size of each candidate [MW]."""
    risk: str
    """What is maximised: 'expected' or 'cvar:0.05:0.5'."""
    value: float
    """Objective at the optimum [USD]."""
    mean: float
    """Expected value added there [USD]."""
    error: float
    """Monte Carlo standard error of it [USD]."""
    loses: float
    """Share of futures in which the optimum loses money [-]."""
    bound: float
    """Most that any size could reach [USD]."""
    gap: float
    """Relative distance of the value from the bound [-]."""
    proven: bool
    """Whether the bound is certain: False where own hashes move the network, which bends the
    value, and the bound was only checked on a grid."""
    evaluations: int
    """How often all futures were evaluated."""
    limits: tuple[Limit, ...]
    curve: Curve
    grid_points: int = 0
    """How many further sizes were tried around the optimum and along the curve."""
    grid_value: float = float("nan")
    """Best objective found among them [USD]; above the value by more than the gap, the optimum
    is not one."""
    sought: float = 1e-3
    """Gap at which the search was to end [-]."""
    scenarios: int = 0
    """Futures drawn."""
    futures: int = 0
    """Those among them in which the mines can be built."""
    chance: float = 1.0
    """Probability of the gates where they are open in every future drawn, else 1 [-]."""
    overall: float = float("nan")
    """Expected value added, gates that stay shut counted [USD]."""
    overall_error: float = float("nan")
    """Monte Carlo standard error of it [USD]."""
    same: tuple[float, float] = (float("nan"), float("nan"))
    """Least and most megawatts on the curve whose mean is not told from the best, at twice the
    standard error of the difference in the same futures [MW]."""
    margins: tuple[Margin, ...] = ()
