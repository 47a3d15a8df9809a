"""Paths of the price of a bitcoin, day by day, around a base path that is their mean.

Every kernel writes two arrays of shape (D,): the price [USD/BTC], and the day's shock, a number
of mean 0 and variance 1 that says how far the day's log return was from its mean, so that other
drivers can move with the price. The first day is the one whose price is known: it has the base
price in every path. The mean over many paths is the base path on each day, exactly.

A day is 1/365.25 year. Besides the normals that are the shocks, values of the driver from
2**40 and 2**41 on are used, so that a shock does not depend on the model's parameters.

References
----------
.. [1] R. Merton, "Option pricing when underlying stock returns are discontinuous", Journal of
   Financial Economics 3, 1976, pp. 125-144.
.. [2] L. Scott, "Option pricing when the variance changes randomly", Journal of Financial and
   Quantitative Analysis 22(4), 1987, pp. 419-438.
.. [3] D. Politis and J. Romano, "The stationary bootstrap", Journal of the American Statistical
   Association 89, 1994, pp. 1303-1313.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from baseload.compiled import compiled
from baseload.plan.futures.random import fill_normals, normal, uniform

Floats = NDArray[np.float64]

DAY = 1.0 / 365.25
"""A day [year]."""
_SECOND, _THIRD = 1 << 40, 1 << 41


@compiled()
def as_given(
    seed: int, scenario: int, driver: int, base: Floats, price: Floats, shock: Floats
) -> None:
    """Leave the price at its base path.

    Parameters
    ----------
    seed, scenario, driver : key of the random numbers.
    base : base path, shape (D,) [USD/BTC].
    price : written, shape (D,) [USD/BTC].
    shock : written, shape (D,) [-]; normal, so that what moves with it keeps its own spread.
    """
    fill_normals(seed, scenario, driver, 0, shock)
    price[:] = base


@compiled()
def jump_diffusion(
    seed: int,
    scenario: int,
    driver: int,
    base: Floats,
    volatility: float,
    jump_rate: float,
    jump_mean: float,
    jump_deviation: float,
    price: Floats,
    shock: Floats,
) -> None:
    """Draw a path of geometric Brownian motion with jumps [1]_.

    Parameters
    ----------
    volatility : standard deviation of a year's log return without jumps [-].
    jump_rate : jumps a year [1/year].
    jump_mean, jump_deviation : mean and standard deviation of the log of a jump, normal [-].
    seed, scenario, driver, base, price, shock : as in `as_given`.

    Notes
    -----
    Jumps are compensated by ``-jump_rate * (exp(jump_mean + jump_deviation**2 / 2) - 1)``.
    """
    fill_normals(seed, scenario, driver, 0, shock)
    expected = jump_rate * DAY
    drift = -0.5 * volatility**2 * DAY - expected * math.expm1(jump_mean + 0.5 * jump_deviation**2)
    diffusion = volatility * math.sqrt(DAY)
    variance = diffusion**2 + expected * (jump_mean**2 + jump_deviation**2)
    scale = 1.0 / math.sqrt(variance) if variance > 0.0 else 0.0
    log = 0.0
    price[0] = base[0]
    for day in range(1, len(base)):
        move = diffusion * shock[day]
        jumps = _poisson(expected, uniform(seed, scenario, driver, _SECOND + day))
        if jumps:
            size = normal(seed, scenario, driver, _THIRD + day)
            move += jumps * jump_mean + math.sqrt(jumps) * jump_deviation * size
        log += drift + move
        price[day] = base[day] * math.exp(log)
        shock[day] = (move - expected * jump_mean) * scale


@compiled(inline="always")
def _poisson(mean: float, probability: float) -> int:
    """Count whose cumulated probability first reaches a given one; the mean is small."""
    count, chance = 0, math.exp(-mean)
    cumulated = chance
    while probability > cumulated and chance > 0.0:
        count += 1
        chance *= mean / count
        cumulated += chance
    return count


@compiled()
def stochastic_volatility(
    seed: int,
    scenario: int,
    driver: int,
    base: Floats,
    volatility: float,
    reversion: float,
    volatility_of_volatility: float,
    leverage: float,
    price: Floats,
    shock: Floats,
) -> None:
    """Draw a path whose log volatility reverts to its mean, an Ornstein-Uhlenbeck process [2]_.

    Parameters
    ----------
    volatility : root of the mean square volatility, the standard deviation of a year's log
        return [-].
    reversion : speed of return of the log volatility [1/year].
    volatility_of_volatility : standard deviation of a year's change of the log volatility [-].
    leverage : correlation of the day's return with the change of volatility after it [-].
    seed, scenario, driver, base, price, shock : as in `as_given`.

    Notes
    -----
    In the long run the log volatility has variance s2 = volatility_of_volatility**2 /
    (2 reversion), and starts from there. A day's volatility is known when the day begins, so
    that half its square compensates the return whatever the leverage.
    """
    fill_normals(seed, scenario, driver, 0, shock)
    s2 = volatility_of_volatility**2 / (2.0 * reversion) if reversion > 0.0 else 0.0
    kept = math.exp(-reversion * DAY)
    fresh = math.sqrt(s2 * (1.0 - kept**2))
    own = math.sqrt(1.0 - leverage**2)
    state = math.sqrt(s2) * normal(seed, scenario, driver, _SECOND)
    log = 0.0
    price[0] = base[0]
    for day in range(1, len(base)):
        variance = volatility**2 * math.exp(2.0 * (state - s2)) * DAY
        log += math.sqrt(variance) * shock[day] - 0.5 * variance
        price[day] = base[day] * math.exp(log)
        other = normal(seed, scenario, driver, _SECOND + day)
        state = kept * state + fresh * (leverage * shock[day] + own * other)


@compiled()
def bootstrap_mean(returns: Floats, mean_block: float, days: int) -> Floats:
    """Log of the mean of a bootstrapped path, which `block_bootstrap` takes off.

    Parameters
    ----------
    returns : log returns of the history, shape (N,) [-].
    mean_block : mean length of a block, from 1 day upwards [days].
    days : length of a path.

    Returns
    -------
    Shape (D,) [-], with 0 on the first day.

    Notes
    -----
    Exact: the place in the history is a Markov chain, whose vector of probabilities, each
    weighted by the mean of the path that ends there, is carried forward day by day.
    """
    n = len(returns)
    fresh = 1.0 / mean_block
    growth = np.exp(returns)
    weights = np.full(n, 1.0 / n)
    moved = np.empty(n)
    logs = np.zeros(days)
    for day in range(1, days):
        total = 0.0
        for place in range(n):
            before = weights[place - 1] if place else weights[n - 1]
            # The first day after the known one always starts a block.
            kept = before * (1.0 - fresh) if day > 1 else 0.0
            started = fresh / n if day > 1 else 1.0 / n
            moved[place] = growth[place] * (kept + started)
            total += moved[place]
        logs[day] = logs[day - 1] + math.log(total)
        weights[:] = moved / total
    return logs


@compiled()
def block_bootstrap(
    seed: int,
    scenario: int,
    driver: int,
    base: Floats,
    returns: Floats,
    mean_block: float,
    log_mean: Floats,
    price: Floats,
    shock: Floats,
) -> None:
    """Draw a path from blocks of past returns of random length, the stationary bootstrap [3]_.

    Parameters
    ----------
    returns : log returns of the history, day by day, shape (N,) [-].
    mean_block : mean length of a block, from 1 day upwards [days].
    log_mean : of `bootstrap_mean` for the same returns and block, shape (D,) [-].
    seed, scenario, driver, base, price, shock : as in `as_given`.

    Notes
    -----
    After the last day of the history comes its first. Fat tails and clusters of volatility
    are those of the history; its mean return is not, it is replaced by the base path's.
    """
    n = len(returns)
    fresh = 1.0 / mean_block
    centre, spread = returns.mean(), returns.std()
    scale = 1.0 / spread if spread > 0.0 else 0.0
    log, place = 0.0, 0
    price[0] = base[0]
    shock[0] = normal(seed, scenario, driver, 0)
    for day in range(1, len(base)):
        if day == 1 or uniform(seed, scenario, driver, _SECOND + day) < fresh:
            place = int(uniform(seed, scenario, driver, _THIRD + day) * n)
        else:
            place = place + 1 if place + 1 < n else 0
        log += returns[place]
        price[day] = base[day] * math.exp(log - log_mean[day])
        shock[day] = (returns[place] - centre) * scale
