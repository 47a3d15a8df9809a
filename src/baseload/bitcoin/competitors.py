"""Competitors: how all other miners answer to price, halving, progress and a new fleet.

Short run: a machine runs while its power costs less than it earns, and power prices differ
from miner to miner, so that hashrate follows hashprice along a smooth curve within days.
Long run: above a barrier of hashprice new machines enter, no faster than they can be made and
plugged in; the barrier falls with technical progress, and machines leave with age.
The day's step itself is compiled and lives in :mod:`baseload.bitcoin.daystep`.
"""

from __future__ import annotations

import math
import tomllib
from dataclasses import dataclass, replace
from datetime import date
from functools import cache
from importlib.resources import files
from typing import Any, Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from baseload.bitcoin import daystep
from baseload.bitcoin.consensus import (
    BLOCKS_PER_ERA,
    BLOCKS_PER_PERIOD,
    nbits_from_difficulty,
    subsidy,
)
from baseload.bitcoin.daystep import (
    AVAILABLE,
    DIFFICULTY,
    HEIGHT,
    OTHERS,
    STATE,
    TERMS,
    VINTAGE_DAYS,
    VINTAGES,
    advance_day,
)
from baseload.bitcoin.network import EQUILIBRIUM_SPACING_S, equilibrium_difficulty
from baseload.bitcoin.revenue import MWH_PER_JTH
from baseload.case.errors import InputError

__all__ = [
    "AVAILABLE",
    "DIFFICULTY",
    "HEIGHT",
    "OTHERS",
    "STATE",
    "TERMS",
    "Competitors",
    "Path",
    "advance_day",
    "initial_state",
    "path",
]

Floats = NDArray[np.float64]

DAYS_PER_YEAR: Final = 365.25
HOURS_PER_DAY: Final = 24.0
# Standard deviation of a standard logistic variable.
_LOGISTIC_DEVIATION: Final = math.pi / math.sqrt(3.0)
# Below this running share the idle rest would be larger than all machines ever made.
_LEAST_RUNNING: Final = 1e-3


@dataclass(frozen=True)
class Competitors:
    """All other miners.

    Parameters
    ----------
    power_price : median of what they pay for energy, all variable cost included [USD/MWh].
    power_price_spread : standard deviation of its log among them [-].
    switching : time constant with which machines are switched on and off [h].
    barrier : hashprice above which new machines enter, on the first day [USD/PH/day].
    progress : yearly fall of the energy per hash of new machines, and of the barrier [1/year].
    entry : greatest growth of the installed hashrate by entry [1/year].
    delivery : time in which entry would double the installed hashrate while a hash earns
        twice the barrier, if nothing limited it [h].
    life : mean time that a machine stays installed; infinite keeps all of them [h].
    newest : energy per hash of machines on sale on the first day [J/TH].
    energy : energy per hash of each class, the newest first, shape (12,) [J/TH].
    share : installed hashrate of each class over all, shape (12,) [-].
    response : whether they answer at all; otherwise their hashrate stays as it is.
    rounded : whether the difficulty follows the exact rule, whole seconds and 24 bits, or a
        smooth one, whose derivatives exist.
    """

    power_price: float
    power_price_spread: float
    switching: float
    barrier: float
    progress: float
    entry: float
    delivery: float
    life: float
    newest: float
    energy: tuple[float, ...]
    share: tuple[float, ...]
    response: bool = True
    rounded: bool = True

    def __post_init__(self) -> None:
        """Refuse what no market can be.

        Raises
        ------
        InputError
            A value is not a number within its bounds.
        """
        for name in ("power_price", "power_price_spread", "switching", "delivery", "newest"):
            _check(name, getattr(self, name), 0.0 < getattr(self, name) < math.inf, "above 0")
        _check("life", self.life, self.life > 0.0, "above 0")
        for name in ("barrier", "entry"):
            _check(name, getattr(self, name), getattr(self, name) >= 0.0, "from 0 upwards")
        _check("progress", self.progress, -1.0 < self.progress < 1.0, "between -1 and 1")
        for name in ("energy", "share"):
            values = getattr(self, name)
            count = len(values) == VINTAGES and all(value >= 0.0 for value in values)
            _check(name, values, count and sum(values) > 0.0, f"{VINTAGES} values from 0 upwards")

    @staticmethod
    def calibrated() -> Competitors:
        """Give the competitors that were fitted to the history of difficulty.

        Returns
        -------
        Parameters of ``competitors.toml``, for the day named in it.
        """
        data = package_data()
        values: dict[str, Any] = {
            name: float(entry["value"]) for name, entry in data["parameter"].items()
        }
        values |= {name: tuple(data["fleet"][name]) for name in ("energy", "share")}
        return Competitors(**values)

    @staticmethod
    def calibrated_on() -> date:
        """Give the day for which barrier and machines of `calibrated` hold."""
        day: date = package_data()["fit"]["to"]
        return day

    def moved(self, years: float) -> Competitors:
        """Carry barrier, machines on sale and fleet along with technical progress.

        Parameters
        ----------
        years : time to the new first day; negative goes back [years].
        """
        factor = (1.0 - self.progress) ** years
        return replace(
            self,
            barrier=self.barrier * factor,
            newest=self.newest * factor,
            energy=tuple(energy * factor for energy in self.energy),
        )

    @property
    def steepness(self) -> float:
        """Exponent of the log-logistic distribution of power prices [-]."""
        return _LOGISTIC_DEVIATION / self.power_price_spread

    def pack(self) -> Floats:
        """Give the terms that the compiled step reads, shape (TERMS,)."""
        days, terms = DAYS_PER_YEAR, np.empty(TERMS)
        fall = (1.0 - self.progress) ** (1.0 / days)
        terms[daystep.STEEPNESS] = self.steepness
        terms[daystep.POWER] = MWH_PER_JTH * self.power_price
        terms[daystep.SWITCHED] = -math.expm1(-HOURS_PER_DAY / self.switching)
        terms[daystep.BARRIER_FALL] = fall
        terms[daystep.ENERGY_FALL] = fall**self.steepness
        terms[daystep.ENTRY] = math.expm1(math.log1p(self.entry) / days)
        terms[daystep.DELIVERY] = HOURS_PER_DAY / self.delivery
        terms[daystep.STAY] = math.exp(-HOURS_PER_DAY / self.life)
        terms[daystep.RESPONSE] = float(self.response)
        terms[daystep.ROUNDED] = float(self.rounded)
        return terms

    def running(self, hashprice: float) -> float:
        """Give the part of the installed hashrate that a lasting hashprice keeps running.

        Parameters
        ----------
        hashprice : revenue of a hash [USD/PH/day].

        Returns
        -------
        Share of the installed hashrate [-].
        """
        energy, share = np.array(self.energy), np.array(self.share)
        cost = MWH_PER_JTH * energy * self.power_price
        runs = 1.0 / (1.0 + (cost / hashprice) ** self.steepness)
        return float(share @ runs / share.sum())


def _check(name: str, found: object, holds: bool, expected: str) -> None:
    if not holds:
        raise InputError(
            f"competitors, {name}",
            expected=f"a value {expected}",
            found=f"{found}",
            mend="check the value and its unit, or leave it out to take the calibrated one",
        )


@cache
def package_data() -> dict[str, Any]:
    """Read the fitted parameters, the fleet and the fit report of ``competitors.toml``."""
    text = files("baseload.bitcoin").joinpath("competitors.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)


def initial_state(
    competitors: Competitors,
    *,
    network_ths: float,
    price: float,
    fee_share: float,
    height: float,
    years_since_calibration: float = 0.0,
) -> Floats:
    """Set up a network in equilibrium with its hashrate on the first day.

    Parameters
    ----------
    competitors : all other miners; barrier and machines hold for the day of calibration.
    network_ths : their active hashrate [TH/s].
    price : price of a bitcoin [USD/BTC].
    fee_share : fees of a block as a share of its subsidy [-].
    height : blocks found, which is the height of the next one [-].
    years_since_calibration : time by which barrier and machines are moved on first [years].

    Returns
    -------
    State, shape (STATE,). Installed machines are so many that, at the hashprice of the day,
    just `network_ths` of them run.

    Raises
    ------
    InputError
        A value is not positive and finite, or the hashprice is so low that next to nobody
        would run.
    """
    for name, value in (("network", network_ths), ("price", price), ("height", height + 1.0)):
        _check(name, value, 0.0 < value < math.inf, "above 0 and finite")
    others = competitors.moved(years_since_calibration)
    state = np.zeros(STATE)
    _set_chain(state, equilibrium_difficulty(network_ths), height, competitors.rounded)
    coins = state[daystep.SUBSIDY] / 1e8 * (1.0 + fee_share)
    hashprice = coins * price * 86_400.0 / EQUILIBRIUM_SPACING_S / network_ths * 1e3
    running = others.running(hashprice) if hashprice > 0.0 else 0.0
    if others.response and running < _LEAST_RUNNING:
        raise InputError(
            "competitors, power_price",
            expected=f"a price at which machines run at {hashprice:.3g} USD/PH/day",
            found=f"{others.power_price:g} USD/MWh, at which {running:.2g} of them would",
            mend="lower power_price, widen power_price_spread, or check price and network",
        )
    share = np.array(others.share) / sum(others.share)
    _set_fleet(state, others, share * (network_ths / max(running, _LEAST_RUNNING)))
    state[OTHERS] = state[daystep.WILLING] = network_ths
    return state


def _set_chain(state: Floats, difficulty: float, height: float, rounded: bool) -> None:
    """Set difficulty and place in the period as if it had run at its equilibrium so far."""
    nbits = nbits_from_difficulty(max(difficulty, 1.0))
    state[daystep.EXPONENT], state[daystep.MANTISSA] = nbits >> 24, nbits & 0x7F_FFFF
    state[DIFFICULTY] = max(difficulty, 1.0)
    if rounded:
        state[DIFFICULTY] = daystep.compact_difficulty(
            state[daystep.MANTISSA], state[daystep.EXPONENT]
        )
    whole = math.floor(height)
    state[HEIGHT] = height
    state[daystep.RETARGET] = (whole // BLOCKS_PER_PERIOD + 1) * BLOCKS_PER_PERIOD
    state[daystep.HALVING] = (whole // BLOCKS_PER_ERA + 1) * BLOCKS_PER_ERA
    state[daystep.SUBSIDY] = subsidy(whole)
    found = height % BLOCKS_PER_PERIOD
    state[daystep.SECONDS] = max(found - 1.0, 0.0) * EQUILIBRIUM_SPACING_S
    state[AVAILABLE] = 1.0


def _set_fleet(state: Floats, others: Competitors, installed: Floats) -> None:
    k = others.steepness
    state[daystep.BARRIER] = others.barrier
    state[daystep.NEWEST] = others.newest**k
    state[daystep.INSTALLED : daystep.INSTALLED + VINTAGES] = installed
    state[daystep.ENERGY : daystep.ENERGY + VINTAGES] = np.array(others.energy) ** k
    # Half way through its half year, wherever in the year the first day lies.
    state[daystep.OPENED] = math.floor(VINTAGE_DAYS / 2)


@dataclass(frozen=True)
class Path:
    """The network day by day; all arrays have shape (T,).

    Parameters
    ----------
    hashvalue : mean of the day, fees included [BTC/PH/day].
    difficulty : at the end of the day [-].
    others : active hashrate of all others on the day [TH/s].
    height : blocks found at the end of the day [-].
    state : the network after the last day.
    """

    hashvalue: Floats
    difficulty: Floats
    others: Floats
    height: Floats
    state: Floats


def path(
    competitors: Competitors,
    state: Floats,
    price: ArrayLike,
    *,
    fee_share: ArrayLike = 0.0,
    luck: ArrayLike = 0.0,
    own_ths: ArrayLike = 0.0,
    available: ArrayLike = 1.0,
) -> Path:
    """Follow the network over many days.

    Parameters
    ----------
    competitors : how the others decide.
    state : the network before the first day, from :func:`initial_state`; it is not changed.
    price : price of a bitcoin, shape (T,), above zero [USD/BTC].
    fee_share : fees of a block as a share of its subsidy, shape (T,) or one for all [-].
    luck : standard normal of each day; 0 lets blocks come at their mean [-].
    own_ths : hashrate of one's own fleet [TH/s].
    available : part of the others' running machines that nothing outside stops: a ban, a
        storm [-].

    Raises
    ------
    InputError
        A price is not above zero, or shapes do not fit.
    """
    prices = np.array(price, dtype=np.float64, ndmin=1)
    _check("price", float(prices.min(initial=1.0)), bool((prices > 0.0).all()), "above 0")

    def daily(value: ArrayLike) -> Floats:
        return np.broadcast_to(np.asarray(value, dtype=np.float64), prices.shape).copy()

    days = (prices, daily(fee_share), daily(luck), daily(own_ths), daily(available))
    hashvalue, difficulty, others, height = (np.empty(prices.size) for _ in range(4))
    after = state.copy()
    daystep.advance_days(after, competitors.pack(), days, (hashvalue, difficulty, others, height))
    return Path(hashvalue, difficulty, others, height, after)
