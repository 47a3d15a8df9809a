"""Reference workloads W1 to W5 as plain arrays (numpy only, deterministic).

W1 is a synthetic plant of six units of 950 MW net, each out once for 50 days, that must serve
885 MW, may export 2,000 MW over one link at an hourly price and may feed three fleets of
500 MW. W1t takes the outages in groups of three; W2 frees the fleet sizes; W3 redraws prices;
W4 is the first month with commitment; W5 is the hard case of this project (links that fail,
uses that compete, per-unit ramps, fuel budgets and a battery).

Units: MW, MWh, USD, h; one step is one hour.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]

UNITS = 6
UNIT_MW = 950.0
RAMP_SHARE = 0.30  # of nominal power, per hour
MINIMUM_SHARE = 0.50  # of what is available
FUEL = 6.0  # USD/MWh
OBLIGATION_MW = 600.0
HOUSE_MW = 0.05 * UNITS * UNIT_MW
MUST_SERVE_MW = OBLIGATION_MW + HOUSE_MW
UNSERVED = 3000.0  # USD/MWh
EXPORT_MW = 2000.0
FLEET_MW = np.array([500.0, 500.0, 500.0])
EFFICIENCY = np.array([15.0, 19.0, 24.0])  # J/TH
FLEET_CAPITAL = np.array([2500.0, 2200.0, 1500.0])  # USD/kW, W2
FLEET_MAXIMUM_MW = 5000.0  # W2
INTEREST, LIFE_YEARS = 0.10, 5  # W2
ANNUITY = INTEREST / (1.0 - (1.0 + INTEREST) ** -LIFE_YEARS)
CAPACITY_COST = FLEET_CAPITAL * 1e3 * ANNUITY  # USD/MW/year, W2
MINIMUM_UP_H = 72.0  # W4
YEAR_H = 8760

OBJECTIVE = {
    "W1": 1_666_886_026.2556,
    "W1nr": 1_667_188_269.9152,
    "W1t": 1_526_302_542.7363,
    "W2": 1_021_063_846.2277,
    "W3": 182_811_551_903.2220,
}
PLANT_RAMP_BOUND = {"W1": 1_666_888_306.2556}
W4_RANGE = (157.33e6, 157.43e6)


@dataclass(frozen=True)
class Workload:
    """Arrays of one workload.

    Attributes
    ----------
    name : what it is called.
    T : number of hours.
    available : upper limit of each unit, net, per unit of ``UNIT_MW``; shape (6, T) [-].
    price : price of exported energy, shape (T,) [USD/MWh].
    hashprice : shape (T,), constant over a day [USD/PH/day].
    value : worth of a megawatt-hour in each fleet, shape (3, T) [USD/MWh].
    ramps : whether each unit's ramp limit holds.
    ramp_share : that limit, per unit of ``UNIT_MW`` and hour [1/h].
    """

    name: str
    T: int
    available: Array
    price: Array
    hashprice: Array
    value: Array
    ramps: bool = True
    ramp_share: float = RAMP_SHARE

    @property
    def available_mw(self) -> Array:
        """Upper limit of each unit, shape (6, T) [MW]."""
        return self.available * UNIT_MW

    @property
    def minimum_mw(self) -> Array:
        """Lower limit of each unit, shape (6, T) [MW]."""
        return self.available * (UNIT_MW * MINIMUM_SHARE)

    @property
    def ramp_mw(self) -> float:
        """Ramp limit of a unit in one hour, infinite where there is none [MW/h]."""
        return self.ramp_share * UNIT_MW if self.ramps else float("inf")


@dataclass(frozen=True)
class HardWorkload(Workload):
    """W5: W1t's plant with failing links, fuel budgets and a battery.

    Attributes
    ----------
    link_limit : limit of each of two links, zero while it is down, shape (2, T) [MW].
    link_price : price at the far end of each link, shape (2, T) [USD/MWh].
    obligation : firm delivery through the first link, shape (T,) [MW].
    budget : rows (unit, start hour, stop hour, MWh at most).
    battery : power [MW], energy [MWh], charge and discharge efficiency, first level [MWh].
    fuel : cost of each unit [USD/MWh].
    fleet_mw : size of each of the three fleets [MW].
    """

    link_limit: Array = field(default_factory=lambda: np.zeros((2, 0)))
    link_price: Array = field(default_factory=lambda: np.zeros((2, 0)))
    obligation: Array = field(default_factory=lambda: np.zeros(0))
    budget: tuple[tuple[int, int, int, float], ...] = ()
    battery: tuple[float, float, float, float, float] = (0.0, 0.0, 1.0, 1.0, 0.0)
    fuel: Array = field(default_factory=lambda: np.full(UNITS, FUEL))
    fleet_mw: float = 500.0


def _available(hours: int, out_together: int) -> Array:
    """Availability with one 50-day outage per unit, edges of 0.3 per hour, shape (6, hours)."""
    share = np.ones((UNITS, hours))
    spacing = 348 // (UNITS // out_together)
    for unit in range(UNITS):
        start = 24 * (10 + spacing * (unit // out_together))
        stop = start + 24 * 50
        outage = np.zeros(stop - start)
        outage[:3] = 0.7, 0.4, 0.1
        outage[-3:] = 0.3, 0.6, 0.9
        if start < hours:
            share[unit, start:stop] = outage[: hours - start]
    return share


def _price(seed: int) -> Array:
    """Return a year of export prices with season, day shape and noise, mean 45, shape (8760,)."""
    t = np.arange(YEAR_H)
    day, hour = t // 24, t % 24
    season = 8.0 * np.cos(2 * np.pi * (day - 15) / 365)
    shape = 9.0 * np.sin(2 * np.pi * (hour - 9) / 24) + 6.0 * np.sin(4 * np.pi * (hour - 4) / 24)
    price = season + shape + np.random.default_rng(seed).normal(0, 16, YEAR_H)
    return price - price.mean() + 45.0


def _hashprice(seed: int) -> Array:
    """Return a year of hashprice, a daily geometric walk from 40 USD/PH/day, shape (8760,)."""
    step = np.random.default_rng(seed).normal(0, 0.02, 365)
    return np.repeat(40.0 * np.exp(np.cumsum(step)), 24)


def fleet_value(hashprice: Array, efficiency: Array) -> Array:
    """Worth of electricity in a fleet, shape (fleets, T) [USD/MWh].

    One PH/s at e J/TH draws e kW, so a day takes 0.024 e MWh.
    """
    return hashprice[None, :] / (0.024 * efficiency[:, None])


def _make(
    name: str,
    hours: int = YEAR_H,
    *,
    out_together: int = 1,
    ramps: bool = True,
    seeds: tuple[int, int] = (1, 2),
) -> Workload:
    hashprice = _hashprice(seeds[1])[:hours]
    return Workload(
        name=name,
        T=hours,
        available=_available(hours, out_together),
        price=_price(seeds[0])[:hours],
        hashprice=hashprice,
        value=fleet_value(hashprice, EFFICIENCY),
        ramps=ramps,
    )


def w1() -> Workload:
    """Return W1: 8,760 h, one outage per unit, per-unit ramps."""
    return _make("W1")


def w1nr() -> Workload:
    """Return W1 without ramps: the hours do not depend on each other."""
    return _make("W1nr", ramps=False)


def w1t() -> Workload:
    """Return W1 with outages in groups of three: export and mining compete."""
    return _make("W1t", out_together=3)


def w1tnr() -> Workload:
    """Return W1t without ramps."""
    return _make("W1tnr", out_together=3, ramps=False)


def w2() -> Workload:
    """Return the data of W2: W1 with fleet sizes free up to ``FLEET_MAXIMUM_MW`` each."""
    return _make("W2")


def w3(k: int) -> Workload:
    """Return scenario `k` of W3 (k = 0 is W1)."""
    return _make(f"W3[{k}]", seeds=(1 + 1000 * k, 2 + 1000 * k))


def w4() -> Workload:
    """Return W4: the first 744 h of W1 with commitment, minimum up time 72 h."""
    return _make("W4", 744)


def _link_up(rng: np.random.Generator, mean_up_h: float, mean_down_h: float) -> Array:
    """Return 1 where a link is up, a two-state process of mean stays, shape (8760,)."""
    up, state, t = np.zeros(YEAR_H), 1.0, 0
    while t < YEAR_H:
        stay = 1 + int(rng.exponential(mean_up_h if state else mean_down_h))
        up[t : t + stay] = state
        state, t = 1.0 - state, t + stay
    return up


def w5() -> HardWorkload:
    """Return W5: failing links, competing uses, ramps, fuel budgets and a battery, a year.

    W1t's plant with ramps of 10 % of nominal per hour and unequal fuel costs; links of
    1,500 and 900 MW that are up 88 % and 60 % of the time, a 600 MW obligation behind the
    first; three fleets of 900 MW; every unit may make 85 % of what it could in each half
    year; a battery of 300 MW and 1,200 MWh.
    """
    base = w1t()
    rng = np.random.default_rng(5)
    up = np.vstack([_link_up(rng, 220.0, 30.0), _link_up(rng, 90.0, 60.0)])
    prices = np.vstack([base.price, 0.9 * _price(3) + rng.normal(0.0, 8.0, YEAR_H)])
    half = YEAR_H // 2
    budget = tuple(
        (u, start, start + half, 0.85 * float(base.available_mw[u, start : start + half].sum()))
        for u in range(UNITS)
        for start in (0, half)
    )
    return HardWorkload(
        name="W5",
        T=YEAR_H,
        available=_follow(base.available, 0.1),
        price=base.price,
        hashprice=base.hashprice,
        value=base.value,
        link_limit=up * np.array([[1500.0], [900.0]]),
        link_price=prices,
        obligation=np.full(YEAR_H, OBLIGATION_MW),
        budget=budget,
        battery=(300.0, 1200.0, 0.95, 0.95, 600.0),
        fuel=FUEL + 0.4 * np.arange(UNITS),
        ramp_share=0.1,
        fleet_mw=900.0,
    )


def _follow(available: Array, rate: float) -> Array:
    """Cut availability so that a unit at its minimum of one half can follow `rate` per hour."""
    out = available.copy()
    for t in range(1, out.shape[1]):
        out[:, t] = np.minimum(out[:, t], out[:, t - 1] + rate)
    for t in range(out.shape[1] - 2, -1, -1):
        out[:, t] = np.minimum(out[:, t], out[:, t + 1] + rate)
    return out
