"""Price of power in an area, step by step, around a given series that is its mean.

The series holds what is known: season, week and hour. A future adds what is not: a slow level,
deviations that last for hours, spikes and, in between, negative prices::

    price = level * (series + mean price * (deviation * x + spikes - mean of spikes))

clipped to a floor and a ceiling, which alone move the mean. Correlation between areas comes
from shocks that they share, correlation with bitcoin from its daily shocks.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from baseload.compiled import compiled
from baseload.plan.futures.ornstein_uhlenbeck import revert, to_level
from baseload.plan.futures.outages import HOURS_PER_YEAR
from baseload.plan.futures.random import fill_normals, uniform
from baseload.plan.futures.spikes import add_spikes

Floats = NDArray[np.float64]

SEASON = 15.0
"""Days before and after the same day of another year that count as the same season."""
_WEEK = 7.0
_TILE = 1024


@compiled()
def slow_level(
    seed: int,
    scenario: int,
    driver: int,
    deviation: float,
    reversion: float,
    bitcoin: Floats,
    with_bitcoin: float,
    out: Floats,
) -> None:
    """Write the slow level of prices, day by day: mean 1, its log reverts to its mean.

    Parameters
    ----------
    seed, scenario, driver : key of the random numbers.
    deviation : standard deviation of the log in the long run [-].
    reversion : time in which it returns to its mean [h].
    bitcoin : daily shocks of the price of a bitcoin, of mean 0 and variance 1, shape (D,) [-].
    with_bitcoin : correlation of a day's change of the level with that shock [-].
    out : written, shape (D,) [-].
    """
    fill_normals(seed, scenario, driver, 0, out)
    own = math.sqrt(1.0 - with_bitcoin**2)
    # The first day is where the past has led: no shock of bitcoin's future is in it.
    for day in range(1, len(out)):
        out[day] = with_bitcoin * bitcoin[day] + own * out[day]
    revert(24.0, reversion, out)
    to_level(deviation, out)


@compiled(error_model="numpy")
def mean_reverting(
    seed: int,
    scenario: int,
    driver: int,
    step: float,
    series: Floats,
    mean_price: float,
    level: Floats,
    deviation: float,
    reversion: float,
    shared: Floats,
    with_areas: float,
    spike_rate: float,
    spike_size: float,
    spike_duration: float,
    floor: float,
    ceiling: float,
    out: Floats,
) -> None:
    """Draw prices that deviate from the given series and return to it.

    Parameters
    ----------
    seed, scenario, driver : key of the random numbers, another driver for each area.
    step : length of a step, which divides a day [h].
    series : mean of each step, shape (T,) [USD/MWh].
    mean_price : mean of the series, the scale of deviations and spikes [USD/MWh].
    level : of `slow_level`, shape (D,) [-]; a day is 24 h counted from the first step.
    deviation : standard deviation of the step's deviation, over the mean price [-].
    reversion : time in which a deviation decays to 1/e [h].
    shared : standard normals that all areas share, shape (T,) or (0,) if none do [-].
    with_areas : part of a deviation's variance that is shared [-]; negative: moves against the
        others. Two areas are correlated by the root of the product of their parts.
    spike_rate : spikes in a year of the calendar [1/year].
    spike_size : mean height of a spike, exponential, over the mean price [-].
    spike_duration : mean length of a spike, exponential [h].
    floor, ceiling : least and greatest price; infinite if none [USD/MWh].
    out : written, shape (T,) [USD/MWh].
    """
    _deviations(seed, scenario, driver, step, deviation, reversion, shared, with_areas, out)
    add_spikes(seed, scenario, driver, step, spike_rate, spike_size, spike_duration, True, out)
    spikes = spike_rate * spike_duration / HOURS_PER_YEAR * spike_size
    a_day = round(24.0 / step)
    for day in range(-(-len(out) // a_day)):
        of_day = level[day]
        for t in range(day * a_day, min((day + 1) * a_day, len(out))):
            price = of_day * (series[t] + mean_price * (out[t] - spikes))
            out[t] = min(max(price, floor), ceiling)


@compiled(error_model="numpy")
def _deviations(
    seed: int,
    scenario: int,
    driver: int,
    step: float,
    deviation: float,
    reversion: float,
    shared: Floats,
    with_areas: float,
    out: Floats,
) -> None:
    """Write a stationary process of a given deviation, part of whose shocks is shared."""
    kept = math.exp(-step / reversion)
    fresh = deviation * math.sqrt(1.0 - kept**2)
    shares = len(shared) > 0 and with_areas != 0.0
    common = fresh * math.copysign(math.sqrt(abs(with_areas)), with_areas)
    own = fresh * math.sqrt(1.0 - abs(with_areas)) if shares else fresh
    state = 0.0
    # Tile by tile, so that each pass finds in the nearest cache what the one before left.
    for start in range(0, len(out), _TILE):
        tile = out[start : start + _TILE]
        fill_normals(seed, scenario, driver, start, tile)
        if shares:
            beside = shared[start : start + _TILE]
            for t in range(len(tile)):
                tile[t] = own * tile[t] + common * beside[t]
        else:
            for t in range(len(tile)):
                tile[t] *= own
        if start == 0 and fresh > 0.0:
            # The first value has the variance of the long run.
            tile[0] *= deviation / fresh
        for t in range(len(tile)):
            state = kept * state + tile[t]
            tile[t] = state


@compiled()
def bootstrap(
    seed: int,
    scenario: int,
    driver: int,
    step: float,
    series: Floats,
    level: Floats,
    block: float,
    floor: float,
    ceiling: float,
    out: Floats,
) -> None:
    """Draw prices from blocks of the given series of the same season, weekday and hour.

    Parameters
    ----------
    block : length of a block [h].
    seed, scenario, driver, step, series, level, floor, ceiling, out : as in `mean_reverting`.

    Notes
    -----
    A block is moved by whole weeks, to within `SEASON` days of the same day of any year of the
    series, all such places being equally likely. Hours are those of UTC.
    """
    length = max(round(block / step), 1)
    a_day = round(24.0 / step)
    for number in range(-(-len(out) // length)):
        start = number * length
        stop = min(start + length, len(out))
        chance = uniform(seed, scenario, driver, number)
        shift = _move(start, stop, len(series), a_day, chance)
        for t in range(start, stop):
            price = level[t // a_day] * series[t + shift]
            out[t] = min(max(price, floor), ceiling)


@compiled()
def _move(start: int, stop: int, steps: int, a_day: int, chance: float) -> int:
    """Steps by which a block is moved: one of the places that count, by chance."""
    years = int(steps / a_day / 365.25) + 1
    chosen, passes = 0, 0
    # First count the places, then walk to the one that chance points to.
    for walk in range(2):
        seen = 0
        for year in range(-years, years + 1):
            first = math.ceil((365.25 * year - SEASON) / _WEEK)
            last = math.floor((365.25 * year + SEASON) / _WEEK)
            for week in range(first, last + 1):
                shift = week * 7 * a_day
                if start + shift >= 0 and stop + shift <= steps:
                    if walk and seen == chosen:
                        return shift
                    seen += 1
        passes = seen
        chosen = min(int(chance * passes), passes - 1)
    return 0
