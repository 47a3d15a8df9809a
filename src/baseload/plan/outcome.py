"""What a study finds: one outcome per alternative and world, and what they hang on."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from baseload.case.case import Case
    from baseload.plan.cash.ledger import Ledger
    from baseload.plan.ensemble.result import Ensemble
    from baseload.plan.prospect.result import Prospect
    from baseload.plan.sizing.result import Sizing
    from baseload.plan.worth.result import Worth

World = Literal["today", "opened"]
"""``today``: every gate stays as it stands on the case's day 'as_of'. ``opened``: the gates that
the alternative needs, and those before them, open on their base dates."""

Floats = NDArray[np.float64]

FLOWS = (
    "generated",
    "house",
    "imported",
    "exported",
    "obligations",
    "shortfall",
    "mined",
    "curtailed",
    "storage_loss",
)
"""Energy at the busbar [MWh]: generated + imported = house + exported + obligations + mined +
curtailed + storage_loss, year by year. ``generated`` is net of the running units' house load;
``house`` is the shutdown and site load served; ``shortfall`` (obligations and house load not
served) is not part of the sum."""


@dataclass(frozen=True)
class Metrics:
    """Money of one ledger, real, discounted to the start of the horizon.

    Attributes
    ----------
    npv : value of all parties together [USD].
    mine_value : what the mine adds: ``npv`` less that of the same world without any mine [USD].
    irr, irr_finding, payback : of that difference: rate of return [1/year]; 'single',
        'apparent', 'none' or 'several' as `baseload.plan.cash.metrics.irr` found it; years from
        the first month that costs money until it is back. None without a mine, or where they
        do not exist.
    cost_of_energy : the plant's cost of a net MWh [USD/MWh].
    cost_of_coin : the mine's cost of a coin, energy counted at what it would have earned
        elsewhere, before tax and loan [USD/BTC].
    hashprice : mean hashprice over the hours mined, after dilution [USD/PH/day].
    break_even_factor : multiple of the whole path of hashprice at which the mine adds nothing
        before tax and loan, its hours following the hashprice [-]; None above 1,000.
    break_even_hashprice : that factor times the mean hashprice of the mine's years, before
        dilution [USD/PH/day].
    break_even_power_price : what the mine could pay for power if it ran whenever it may, before
        tax and loan [USD/MWh at the meter].
    mine_value_by_era : ``mine_value`` by halving era of the subsidy [USD].
    """

    npv: float
    mine_value: float
    irr: float | None
    irr_finding: str | None
    payback: float | None
    cost_of_energy: float | None
    cost_of_coin: float | None
    hashprice: float | None
    break_even_factor: float | None
    break_even_hashprice: float | None
    break_even_power_price: float | None
    mine_value_by_era: Mapping[int, float]


@dataclass(frozen=True)
class Week:
    """One week of dispatch to look at: hourly power [MW] by name, at the busbar.

    ``supply`` stacks to the total that ``use`` stacks to. Keys are 'generation U1', 'import
    ukraine', 'house load', 'obligation supply', 'market ukraine', 'mine onsite', 'curtailed'.
    """

    times: NDArray[np.datetime64]
    time_zone: str
    supply: Mapping[str, Floats]
    use: Mapping[str, Floats]
    market_price: Mapping[str, Floats]
    """Market price by area [USD/MWh]."""
    mining_value: Floats
    """Best value of a MWh in a mine [USD/MWh at the busbar]; NaN where there is no mine."""


@dataclass(frozen=True)
class Outcome:
    """What one alternative gives in one world over the horizon."""

    name: str
    title: str
    world: World
    built: bool
    """Whether any mine runs within the horizon."""
    blocked_by: tuple[str, ...]
    """Gates (by name) and bars (by id) that keep a mine of this alternative from running, all
    through the horizon; empty where it is built or has no mine."""
    waits_for: tuple[str, ...]
    """Gates and bars that hold the mine back only for a time."""
    first_mining: dt.date | None
    first_generation: dt.date | None
    mine_mw: Mapping[str, float]
    """Greatest power at the meter by mine [MW], 0 for what is not built."""
    years: NDArray[np.int64]
    """Calendar years of the horizon, local time, shape [Y]."""
    energy: Mapping[str, Floats]
    """MWh a year by the names of FLOWS, shape [Y] each."""
    exported: Mapping[str, Floats]
    """MWh a year sold on the market, by area."""
    obligations: Mapping[str, Floats]
    """MWh a year delivered, by 'area.obligation'."""
    mined: Mapping[str, Floats]
    """MWh a year at the busbar, by mine."""
    monthly: Mapping[str, Floats]
    """As ``energy``, by month of the horizon, shape [M]."""
    months: NDArray[np.datetime64]
    """First day of each month, datetime64[M], shape [M]."""
    coins: Floats
    """BTC a year after the pool's fee, shape [Y]."""
    network_share: Floats
    """Own share of the network's hashrate, mean of a year, shape [Y]."""
    ledger: Ledger
    metrics: Metrics
    certificates: tuple[str, ...]
    """How each busbar section's dispatch was proved optimal."""
    gap: float
    """Largest relative optimality gap of them."""
    week: Week
    years_long: float
    """Length of the horizon [years of 8,766 h]."""
    house_unserved: float
    """House and shutdown load that could not be served over the horizon [MWh]."""
    balance_open: float
    """Greatest relative amount by which a month's energy does not add up [-]."""
    unsettled: float
    """Change of the hashprice in the last round between dispatch and network [-]."""

    def per_year(self, flow: str) -> float:
        """Return the mean energy a year of one of FLOWS over the horizon [MWh/year]."""
        return float(self.energy[flow].sum()) / self.years_long

    @property
    def total_mine_mw(self) -> float:
        """Power of all mines built [MW]."""
        return float(sum(self.mine_mw.values()))


@dataclass(frozen=True)
class Swing:
    """What one unknown does to one alternative, all others at base."""

    unknown: str
    """Path of the unknown."""
    label: str
    low: str
    high: str
    """The two levels as written."""
    npv: tuple[float, float]
    """NPV [USD] at low and at high."""
    mine_value: tuple[float, float]
    """Value of the mine [USD] at low and at high."""
    status: str
    source: str | None

    def width(self, metric: Literal["npv", "mine_value"]) -> float:
        """Return how far apart the two levels put the metric [USD]."""
        low, high = self.npv if metric == "npv" else self.mine_value
        return abs(high - low)


@dataclass(frozen=True)
class Study:
    """Every alternative in both worlds, with what the answer hangs on."""

    case: Case
    outcomes: Mapping[str, Mapping[World, Outcome]]
    """By name of the alternative, then by world."""
    swings: Mapping[str, tuple[Swing, ...]]
    """By name of the alternative, in the world 'opened', widest first."""
    seed: int
    times: Mapping[str, float] = field(default_factory=dict)
    """Seconds by step; not part of the result that is reproduced."""
    ensemble: Ensemble | None = None
    """Every alternative in many futures; None where none were drawn."""
    worth: Worth | None = None
    """What the decision between alternatives gains by knowing more."""
    sizings: tuple[Sizing, ...] = ()
    """Best sizes over the same futures."""
    prospects: tuple[Prospect, ...] = ()
    """Who gets what under each arrangement, over the same futures."""

    def __str__(self) -> str:
        """Return the table of alternatives, as plain text."""
        from baseload.plan.summary import as_text

        return as_text(self)

    def summary(self) -> dict[str, Any]:
        """Return the documented content of summary.json."""
        from baseload.plan.summary import as_summary

        return as_summary(self)
