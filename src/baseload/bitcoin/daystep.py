"""The network from one day to the next, compiled: blocks, retargets, halvings and competitors.

A network is a vector of numbers, its state, moved on by :func:`advance_day`. How the others
decide is a second vector, its terms (:meth:`baseload.bitcoin.competitors.Competitors.pack`).
Neither allocates, so that another kernel may call it once a day of every future.

References
----------
.. [1] Bitcoin Core, ``src/pow.cpp`` (``CalculateNextWorkRequired``): 2,015 intervals, from the
   first to the last block of a period, are held against the time of 2,016.
.. [2] J. Prat and B. Walter, "An equilibrium model of the market for Bitcoin mining", Journal
   of Political Economy 129 (2021): free entry with hardware that cannot be sold back puts a
   reflecting barrier on the revenue of a hash, which falls with technical progress.
"""

from __future__ import annotations

import math
from typing import Final

import numpy as np
from numpy.typing import NDArray

from baseload.bitcoin.consensus import (
    BLOCKS_PER_ERA,
    BLOCKS_PER_PERIOD,
    MAX_TIMESPAN_S,
    MIN_TIMESPAN_S,
    PERIOD_S,
    SATOSHI_PER_BTC,
)
from baseload.bitcoin.revenue import SECONDS_PER_DAY
from baseload.compiled import compiled

Floats = NDArray[np.float64]

VINTAGES: Final = 12
"""Classes of machines by age, each holding those that came within half a year."""
VINTAGE_DAYS: Final = 182.625
"""Time after which the next machines open a new class; the oldest two become one [days]."""

DIFFICULTY: Final = 0
"""Place in the state: difficulty in force [-]."""
HEIGHT: Final = 1
"""Place in the state: blocks found, which is the height of the next one [-]."""
OTHERS: Final = 2
"""Place in the state: active hashrate of all others [TH/s]."""
AVAILABLE: Final = 3
"""Place in the state: part of their running machines that nothing outside stops [-]."""
WILLING: Final = 4
"""Place in the state: hashrate of the others that is switched on [TH/s]."""
SUBSIDY: Final = 5
"""Place in the state: block subsidy [satoshi]."""
RETARGET: Final = 6
"""Place in the state: blocks found when the difficulty changes next [-]."""
HALVING: Final = 7
"""Place in the state: blocks found when the subsidy halves next [-]."""
SECONDS: Final = 8
"""Place in the state: time since the first block of the period was found [s]."""
MANTISSA: Final = 9
"""Place in the state: mantissa of the compact target [-]."""
EXPONENT: Final = 10
"""Place in the state: exponent of the compact target [-]."""
BARRIER: Final = 11
"""Place in the state: hashprice above which machines enter [USD/PH/day]."""
NEWEST: Final = 12
"""Place in the state: energy per hash of machines on sale, to the steepness [J/TH]."""
OPENED: Final = 13
"""Place in the state: time since the newest class was opened [days]."""
INSTALLED: Final = 14
"""Place in the state: installed hashrate of the newest class, older ones after it [TH/s]."""
ENERGY: Final = INSTALLED + VINTAGES
"""Place in the state: energy per hash of the newest class, to the steepness [J/TH]."""
STATE: Final = ENERGY + VINTAGES
"""Length of a state."""

STEEPNESS: Final = 0
"""Place in the terms: exponent of the log-logistic distribution of power prices [-]."""
POWER: Final = 1
"""Place in the terms: hashprice per J/TH at which half of a class runs [USD/PH/day]."""
SWITCHED: Final = 2
"""Place in the terms: part of the way to the wanted hashrate that one day goes [-]."""
BARRIER_FALL: Final = 3
"""Place in the terms: factor on the barrier from one day to the next [-]."""
ENERGY_FALL: Final = 4
"""Place in the terms: the same on the energy of machines on sale, to the steepness [-]."""
ENTRY: Final = 5
"""Place in the terms: greatest entry in a day over the installed hashrate [-]."""
DELIVERY: Final = 6
"""Place in the terms: entry in a day per excess of hashprice over the barrier [-]."""
STAY: Final = 7
"""Place in the terms: part of the installed machines that stays for another day [-]."""
RESPONSE: Final = 8
"""Place in the terms: 1 if the others answer, 0 if their hashrate stays."""
ROUNDED: Final = 9
"""Place in the terms: 1 for whole seconds and targets of 24 bits, 0 for a smooth rule."""
TERMS: Final = 10
"""Length of the terms."""

_HASHES: Final = float(2**32)
_POW_LIMIT_EXPONENT: Final = 0x1D
_POW_LIMIT_MANTISSA: Final = 0xFFFF
_SIGN_BIT: Final = 0x0080_0000
# What chance leaves of a day's blocks in the worst case: days never run backwards.
_LEAST_PACE: Final = 0.01
_SETTLED_BLOCKS: Final = SECONDS_PER_DAY * (BLOCKS_PER_PERIOD - 1) / PERIOD_S
_DAY: Final = float(SECONDS_PER_DAY)
# Small enough to be nobody, large enough to divide by [TH/s].
_NOBODY: Final = 1e-6


@compiled()
def retarget_compact(mantissa: int, exponent: int, timespan: int) -> tuple[int, int]:
    """Set the target of the next period, in compact form and 64 bits.

    Parameters
    ----------
    mantissa, exponent : compact target in force, the mantissa from 0x8000 to 0x7fffff.
    timespan : time from the first to the last block of the period [s].

    Returns
    -------
    Mantissa and exponent of the next period, bit for bit those of
    :func:`baseload.bitcoin.consensus.retarget_from_timespan` for exponents from 5 upwards.

    Notes
    -----
    Sixteen more bits than the mantissa suffice: what is cut below them can not reach the 24
    bits that are kept, and the product stays under 23 + 16 + 23 bits.
    """
    clamped = min(max(timespan, MIN_TIMESPAN_S), MAX_TIMESPAN_S)
    target = (mantissa << 16) * clamped // PERIOD_S
    size = 3
    while target >> (8 * size):
        size += 1
    kept = target >> (8 * (size - 3))
    if kept & _SIGN_BIT:
        kept >>= 8
        size += 1
    moved = exponent + size - 5
    if moved > _POW_LIMIT_EXPONENT or (moved == _POW_LIMIT_EXPONENT and kept > _POW_LIMIT_MANTISSA):
        return _POW_LIMIT_MANTISSA, _POW_LIMIT_EXPONENT
    return kept, moved


@compiled(error_model="numpy")
def compact_difficulty(mantissa: float, exponent: float) -> float:
    """Give the difficulty of a compact target, correctly rounded [-]."""
    scale: float = 256.0 ** (_POW_LIMIT_EXPONENT - exponent)
    return _POW_LIMIT_MANTISSA / mantissa * scale


@compiled(error_model="numpy")
def _change_target(state: Floats, rounded: bool) -> None:
    """Set the difficulty of the period that begins."""
    if rounded:
        mantissa, exponent = retarget_compact(
            int(state[MANTISSA]), int(state[EXPONENT]), int(state[SECONDS])
        )
        state[MANTISSA], state[EXPONENT] = mantissa, exponent
        state[DIFFICULTY] = compact_difficulty(float(mantissa), float(exponent))
    else:
        timespan = min(max(state[SECONDS], float(MIN_TIMESPAN_S)), float(MAX_TIMESPAN_S))
        state[DIFFICULTY] = max(state[DIFFICULTY] * (PERIOD_S / timespan), 1.0)
    state[RETARGET] += BLOCKS_PER_PERIOD


@compiled(error_model="numpy")
def _reach(state: Floats, first: float, rounded: bool) -> None:
    """Do what is due at a height: start the clock of a period, halve, change the target."""
    if state[HEIGHT] == first:
        state[SECONDS] = 0.0
    if state[HEIGHT] == state[HALVING]:
        state[SUBSIDY] = math.floor(state[SUBSIDY] / 2.0)
        state[HALVING] += BLOCKS_PER_ERA
    if state[HEIGHT] == state[RETARGET]:
        _change_target(state, rounded)


@compiled(error_model="numpy")
def find_blocks(state: Floats, hashrate_ths: float, luck: float, rounded: bool) -> float:
    """Let the network find the blocks of a day, crossing retargets and halvings where they fall.

    Parameters
    ----------
    state : the network; its chain is moved on, its miners stay.
    hashrate_ths : hashrate of the whole network [TH/s].
    luck : standard normal that moves the number of blocks; 0 gives the mean [-].
    rounded : whether the rule is the exact one or a smooth one.

    Returns
    -------
    Mean hashvalue of the day without fees [BTC/PH/day].
    """
    hashes = hashrate_ths * (1e12 / _HASHES)
    expected = hashes * _DAY / state[DIFFICULTY]
    hashes *= max(1.0 + luck / math.sqrt(expected), _LEAST_PACE)
    left, value = _DAY, 0.0
    while left > 0.0:
        first = state[RETARGET] - (BLOCKS_PER_PERIOD - 1)
        goal = min(state[RETARGET], state[HALVING])
        if state[HEIGHT] < first:
            goal = min(goal, first)
        pace = hashes / state[DIFFICULTY]
        wait = (goal - state[HEIGHT]) / pace
        time = min(wait, left)
        value += time * state[SUBSIDY] / state[DIFFICULTY]
        left -= time
        state[SECONDS] += time
        state[HEIGHT] += pace * time
        if time == wait:
            state[HEIGHT] = goal
            _reach(state, first, rounded)
    return value * (1e15 / _HASHES / SATOSHI_PER_BTC)


@compiled(error_model="numpy")
def switch_machines(state: Floats, terms: Floats, hashprice: float) -> None:
    """Let machines leave with age, and switch those that stay towards what the day pays.

    Parameters
    ----------
    state : the network; its classes and its running hashrate change.
    terms : how the others decide.
    hashprice : what a hash earns at the difficulty in force [USD/PH/day].

    Notes
    -----
    With power prices p log-logistic around their median m, the part of a class of energy per
    hash j that runs is P(p < hashprice / (0.024 j)) = 1 / (1 + (0.024 j m / hashprice)**k).
    """
    against = (terms[POWER] / hashprice) ** terms[STEEPNESS]
    wanted = 0.0
    for k in range(VINTAGES):
        state[INSTALLED + k] *= terms[STAY]
        wanted += state[INSTALLED + k] / (1.0 + against * state[ENERGY + k])
    state[WILLING] += terms[SWITCHED] * (wanted - state[WILLING])


@compiled(error_model="numpy")
def open_vintage(state: Floats, steepness: float) -> None:
    """Open a new class for the machines to come; the oldest two become one of equal power."""
    last = VINTAGES - 1
    older, old = state[INSTALLED + last], state[INSTALLED + last - 1]
    if older + old > 0.0:
        power = older * state[ENERGY + last] ** (1.0 / steepness)
        power += old * state[ENERGY + last - 1] ** (1.0 / steepness)
        state[ENERGY + last] = (power / (older + old)) ** steepness
    state[INSTALLED + last] = older + old
    for k in range(last - 1, 0, -1):
        state[INSTALLED + k] = state[INSTALLED + k - 1]
        state[ENERGY + k] = state[ENERGY + k - 1]
    state[INSTALLED], state[ENERGY] = 0.0, state[NEWEST]
    state[OPENED] = 0.0


@compiled(error_model="numpy")
def enter_machines(state: Floats, terms: Floats, settled: float) -> None:
    """Let new machines enter while a hash earns more than the barrier [2]_.

    Parameters
    ----------
    state : the network; its newest class grows, barrier and machines on sale move on.
    terms : how the others decide.
    settled : what a hash earns once the difficulty has followed the hashrate of today
        [USD/PH/day]; those who build look beyond the next retarget.
    """
    state[BARRIER] *= terms[BARRIER_FALL]
    state[NEWEST] *= terms[ENERGY_FALL]
    state[OPENED] += 1.0
    excess = settled / state[BARRIER] - 1.0
    if excess <= 0.0:
        return
    if state[OPENED] > VINTAGE_DAYS:
        open_vintage(state, terms[STEEPNESS])
    installed = 0.0
    for k in range(VINTAGES):
        installed += state[INSTALLED + k]
    entering = installed * min(excess * terms[DELIVERY], terms[ENTRY])
    newest = state[INSTALLED] + entering
    if newest > 0.0:
        state[ENERGY] += entering / newest * (state[NEWEST] - state[ENERGY])
        state[INSTALLED] = newest


@compiled(error_model="numpy")
def advance_day(
    state: Floats, terms: Floats, own_ths: float, price: float, fee_share: float, luck: float
) -> float:
    """Move the network on by one day.

    Parameters
    ----------
    state : the network, shape (STATE,); changed in place.
    terms : how the others decide, shape (TERMS,).
    own_ths : hashrate of one's own fleet, inside the total [TH/s].
    price : price of a bitcoin, above zero [USD/BTC].
    fee_share : fees of a block as a share of its subsidy [-].
    luck : standard normal that moves the day's number of blocks; 0 gives the mean [-].

    Returns
    -------
    Mean hashvalue of the day, fees included [BTC/PH/day]. It is what the day's hashes are
    expected to earn; luck reaches it through the days on which retargets fall.
    """
    total = max(state[OTHERS] + own_ths, _NOBODY)
    if terms[RESPONSE] != 0.0:
        paid = state[SUBSIDY] * (price * (1.0 + fee_share) / SATOSHI_PER_BTC)
        switch_machines(state, terms, paid * (_DAY * 1e15 / _HASHES) / state[DIFFICULTY])
        enter_machines(state, terms, paid * (1e3 * _SETTLED_BLOCKS) / total)
    state[OTHERS] = state[WILLING] * state[AVAILABLE]
    total = max(state[OTHERS] + own_ths, _NOBODY)
    return find_blocks(state, total, luck, terms[ROUNDED] != 0.0) * (1.0 + fee_share)


@compiled(error_model="numpy")
def advance_days(
    state: Floats,
    terms: Floats,
    days: tuple[Floats, Floats, Floats, Floats, Floats],
    out: tuple[Floats, Floats, Floats, Floats],
) -> None:
    """Move the network on by many days.

    Parameters
    ----------
    state, terms : as for :func:`advance_day`.
    days : price, fee share, luck, own hashrate and available part of every day, shape (T,).
    out : receives hashvalue [BTC/PH/day], and difficulty, others [TH/s] and height at the end
        of every day, shape (T,).
    """
    price, fee_share, luck, own, available = days
    hashvalue, difficulty, others, height = out
    for t in range(price.size):
        state[AVAILABLE] = available[t]
        hashvalue[t] = advance_day(state, terms, own[t], price[t], fee_share[t], luck[t])
        difficulty[t], others[t], height[t] = state[DIFFICULTY], state[OTHERS], state[HEIGHT]
