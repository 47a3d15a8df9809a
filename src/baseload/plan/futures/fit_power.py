"""Fit the driver of an area's power price to a history of hourly prices.

The history is taken apart as the driver puts it together: a slow level; a shape by month, kind
of day and hour, which in a case is the given series; spikes; and what is left, a deviation that
reverts to zero. Everything is measured over the mean price, so that the currency does not matter.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from baseload.case.errors import InputError
from baseload.plan.futures.fits import Fit, correlation, profile, profiles, quantity
from baseload.plan.futures.outages import HOURS_PER_YEAR
from baseload.plan.futures.power_price import mean_reverting, slow_level
from baseload.plan.futures.random import driver_key

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

LAGS = (1, 24, 168)
"""Hours between two prices whose correlation is compared."""
PATHS = 40
"""Simulated paths that a history is compared with."""
SPIKE = 5.0
"""A spike is more than so many robust standard deviations above the shape."""

_FIRST_GUESS = 0.99
"""Prices above this quantile are taken for spikes at first."""
_ROUNDS = 4
_UNIT = "price over the mean price"
_LEVEL_WINDOW = 91 * 24
_MOST_LAG = 24
_LEAST_HOURS = 8760


class Parts(NamedTuple):
    """A history taken apart; arrays have shape (T,) and are over the mean price [-]."""

    level: Floats
    """Slow level, mean 1."""
    shape: Floats
    """What season, kind of day and hour make of it."""
    deviation: Floats
    """What is left, without spikes: NaN there and where there is no price."""
    spikes: Floats
    """Height above the shape in the hours of a spike, else 0."""


def take_apart(prices: Floats, month: Integers, weekday: Integers, hour: Integers) -> Parts:
    """Take a history of prices apart.

    Parameters
    ----------
    prices : hour by hour, NaN where missing, shape (T,) [any currency/MWh].
    month, weekday, hour : of each hour in local time, from 0 (January, Monday, midnight).

    Raises
    ------
    InputError
        Less than a year, a month, kind of day and hour without any price, or a mean that is
        not above zero in the long run.
    """
    _check(prices)
    over = prices / np.nanmean(prices)
    group = (month * 2 + (weekday >= 5)) * 24 + hour
    spiky = over > np.nanquantile(over, _FIRST_GUESS)
    # A spike must not raise the level and the shape that it is measured from.
    for _ in range(_ROUNDS):
        calm = np.where(spiky, np.nan, over)
        season = _group_means(calm / _moving_mean(calm, round(HOURS_PER_YEAR)), month)[month]
        level = _moving_mean(calm / season, _LEVEL_WINDOW)
        if not np.all(level > 0.0):
            raise _refusal("prices whose mean over three months is above zero", f"{level.min():g}")
        level /= level.mean()
        shape = _group_means(calm / level, group)[group]
        left = over / level - shape
        robust = 1.4826 * float(np.nanmedian(np.abs(left)))
        spiky = left > SPIKE * max(robust, 1e-9)
    return Parts(level, shape, np.where(spiky, np.nan, left), np.where(spiky, left, 0.0))


def fit_power_price(
    prices: Floats,
    month: Integers,
    weekday: Integers,
    hour: Integers,
    area: str = "area",
    seed: int = 0,
) -> Fit:
    """Fit deviations, spikes and slow level to a history of hourly prices.

    Parameters
    ----------
    prices, month, weekday, hour : as in `take_apart`.
    area : name of the area in the case.
    seed : of the simulated paths.

    Notes
    -----
    Times of return come from correlations: of deviations over the first day, of the slow level
    over three months. A history of a few years says little of the slow level's.
    """
    parts = take_apart(prices, month, weekday, hour)
    fitted = _parameters(parts)
    key = driver_key(f"futures.power_price.{area}")
    hours = len(prices)
    bitcoin, none = np.zeros(-(-hours // 24)), np.empty(0)
    missing = np.isnan(prices)
    # A case's series holds the mean of its spikes too: the driver takes it off again.
    series = parts.shape + fitted[4] * fitted[5] * fitted[6] / HOURS_PER_YEAR

    def path(scenario: int) -> Floats:
        level, out = np.empty_like(bitcoin), np.empty(hours)
        slow_level(seed, scenario, key + 1, fitted[2], fitted[3], bitcoin, 0.0, level)
        mean_reverting(
            seed, scenario, key, 1.0, series, 1.0, level, fitted[0], fitted[1], none, 0.0,
            fitted[4], fitted[5], fitted[6], -np.inf, np.inf, out,
        )  # fmt: skip
        out[missing] = np.nan
        return out

    written: dict[str, str | float] = {
        "deviation": fitted[0],
        "reversion": quantity(fitted[1], "h"),
        "yearly_deviation": fitted[2],
        "yearly_reversion": quantity(fitted[3], "h"),
        "spike_rate": quantity(fitted[4], "1/year"),
        "spike_size": fitted[5],
        "spike_duration": quantity(fitted[6], "h"),
    }
    data = profile(prices / np.nanmean(prices), LAGS)
    drawn = profiles((path(scenario) for scenario in range(PATHS)), LAGS)
    return Fit(f"futures.power_price.{area}", "mean reverting", written, _UNIT, data, drawn)


def _parameters(parts: Parts) -> tuple[float, float, float, float, float, float, float]:
    """Deviation, its reversion, yearly ones, and rate, size and duration of spikes."""
    reversion = _decay(parts.deviation, _MOST_LAG)
    log = np.log(parts.level)
    kept = min(max(correlation(log, _LEVEL_WINDOW), 0.05), 0.99)
    yearly_reversion = -_LEVEL_WINDOW / math.log(kept)
    rate, size, duration = _spikes(parts)
    deviation = float(np.nanstd(parts.deviation))
    return deviation, reversion, float(log.std()), yearly_reversion, rate, size, duration


def _decay(values: Floats, most: int) -> float:
    """Time in which a deviation decays to 1/e, by least squares on log correlations [steps]."""
    lags = np.arange(1, most + 1)
    found = np.array([correlation(values, int(lag)) for lag in lags])
    able = found > 0.05
    if not able.any():
        return 0.5
    return float(-np.sum(lags[able] ** 2) / np.sum(lags[able] * np.log(found[able])))


def _spikes(parts: Parts) -> tuple[float, float, float]:
    """Spikes a year, mean height over the mean price [-] and mean length [h]."""
    in_spike = parts.spikes > 0.0
    begins = int(np.sum(in_spike[1:] & ~in_spike[:-1])) + int(in_spike[0])
    if not begins:
        return 0.0, 1.0, 1.0
    rate = begins / (len(in_spike) / HOURS_PER_YEAR)
    return rate, float(parts.spikes[in_spike].mean()), float(in_spike.sum() / begins)


def _moving_mean(values: Floats, window: int) -> Floats:
    """Mean over a window around each hour, shorter near the ends; NaN left out."""
    known = ~np.isnan(values)
    sums = np.concatenate(([0.0], np.cumsum(np.where(known, values, 0.0))))
    counts = np.concatenate(([0], np.cumsum(known)))
    middle = np.arange(len(values))
    first = np.clip(middle - window // 2, 0, None)
    last = np.clip(middle + window // 2 + 1, None, len(values))
    return np.asarray((sums[last] - sums[first]) / np.maximum(counts[last] - counts[first], 1))


def _group_means(values: Floats, group: Integers) -> Floats:
    """Mean of each group, by its number."""
    known = ~np.isnan(values)
    counts = np.bincount(group[known], minlength=int(group.max()) + 1)
    sums = np.bincount(group[known], weights=values[known], minlength=len(counts))
    if np.any(counts[np.unique(group)] == 0):
        raise _refusal("a price in every month, kind of day and hour", "none in some")
    return np.asarray(sums / np.maximum(counts, 1))


def _check(prices: Floats) -> None:
    known = int(np.sum(~np.isnan(prices)))
    if known < _LEAST_HOURS:
        raise _refusal("at least a year of hourly prices", f"{known} hours")
    if not np.nanmean(prices) > 0.0:
        raise _refusal("a mean price above zero", f"{np.nanmean(prices):.3g}")


def _refusal(expected: str, found: str) -> InputError:
    return InputError(
        "history of power prices", expected=expected, found=found, mend="give a longer history"
    )
