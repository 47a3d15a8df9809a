"""Fit the drivers of the bitcoin price to a history of daily prices.

References
----------
.. [1] A. Harvey, E. Ruiz and N. Shephard, "Multivariate stochastic variance models", Review of
   Economic Studies 61(2), 1994, pp. 247-264.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping

import numpy as np
from numpy.typing import NDArray

from baseload.case.errors import InputError
from baseload.compiled import compiled
from baseload.plan.futures.bitcoin_price import (
    DAY,
    block_bootstrap,
    bootstrap_mean,
    jump_diffusion,
    stochastic_volatility,
)
from baseload.plan.futures.fits import Fit, profile, profiles, quantity
from baseload.plan.futures.random import driver_key

Floats = NDArray[np.float64]

LAGS = (1, 5, 20)
"""Days between two returns whose correlation is compared."""
PATHS = 200
"""Simulated paths that a history is compared with."""

_TABLE = "futures.bitcoin_price"
_UNIT = "daily log return"
_LEAST_DAYS = 250
_MOST_JUMPS = 6
_LOG_CHI2_MEAN = -1.2703628454614782
"""Mean of the log of a squared standard normal; its variance is pi**2 / 2."""
_LEVERAGE_LAGS = 20


def log_returns(prices: Floats) -> Floats:
    """Return the log returns of a history of prices, which is checked.

    Parameters
    ----------
    prices : day by day, shape (N,) [USD/BTC].

    Raises
    ------
    InputError
        Too short, or a price that is missing or not above zero.
    """
    if len(prices) <= _LEAST_DAYS:
        raise InputError(
            "history of the price of a bitcoin",
            expected=f"more than {_LEAST_DAYS} days",
            found=f"{len(prices)}",
            mend="give a longer history",
        )
    bad = np.flatnonzero(~(prices > 0.0))
    if len(bad):
        raise InputError(
            f"history of the price of a bitcoin, day {bad[0]}",
            expected="a price above zero on every day",
            found=f"{prices[bad[0]]:g}",
            mend="complete the history",
        )
    return np.diff(np.log(prices))


def fit_jump_diffusion(prices: Floats, seed: int = 0) -> Fit:
    """Fit geometric Brownian motion with jumps, by greatest likelihood.

    Parameters
    ----------
    prices : day by day, shape (N,) [USD/BTC].
    seed : of the simulated paths.
    """
    returns = log_returns(prices)
    volatility, rate, mean, deviation = _likeliest_jumps(returns)

    def draw(scenario: int, base: Floats, price: Floats, shock: Floats) -> None:
        key = driver_key(_TABLE)
        jump_diffusion(seed, scenario, key, base, volatility, rate, mean, deviation, price, shock)

    parameters: dict[str, str | float] = {
        "volatility": volatility,
        "jump_rate": quantity(rate, "1/year"),
        "jump_mean": mean,
        "jump_deviation": deviation,
    }
    return _fit("jump diffusion", parameters, returns, draw)


def fit_stochastic_volatility(prices: Floats, seed: int = 0) -> Fit:
    """Fit a log volatility that reverts to its mean, by quasi-likelihood [1]_.

    Parameters
    ----------
    prices, seed : as in `fit_jump_diffusion`.

    Notes
    -----
    The log of a squared return is the log of the squared volatility and an error of known
    variance: a linear filter gives the likelihood of persistence and spread. The volatility
    itself is that of the returns, and the leverage the mean product of the sign of a return and
    the log of the sizes of those that follow.
    """
    returns = log_returns(prices)
    centred = returns - returns.mean()
    kept, spread = _likeliest_volatility(centred)
    reversion = -math.log(kept) / DAY
    s2 = spread**2 / 4.0
    wander = math.sqrt(2.0 * reversion * s2)
    volatility = float(centred.std()) / math.sqrt(DAY)
    leverage = _leverage(centred, kept, s2)

    def draw(scenario: int, base: Floats, price: Floats, shock: Floats) -> None:
        key = driver_key(_TABLE)
        stochastic_volatility(
            seed, scenario, key, base, volatility, reversion, wander, leverage, price, shock
        )

    parameters: dict[str, str | float] = {
        "volatility": volatility,
        "reversion": quantity(reversion, "1/year"),
        "volatility_of_volatility": wander,
        "leverage": leverage,
    }
    return _fit("stochastic volatility", parameters, returns, draw)


def fit_bootstrap(prices: Floats, name: str, block: float = 30.0, seed: int = 0) -> Fit:
    """Compare blocks of a history with the history; nothing is fitted.

    Parameters
    ----------
    prices, seed : as in `fit_jump_diffusion`.
    name : of the history, as in a case: ``file.csv#column``.
    block : mean length of a block [days].
    """
    returns = log_returns(prices)
    log_mean = bootstrap_mean(returns, block, len(prices))

    def draw(scenario: int, base: Floats, price: Floats, shock: Floats) -> None:
        key = driver_key(_TABLE)
        block_bootstrap(seed, scenario, key, base, returns, block, log_mean, price, shock)

    parameters = {"history": name, "block": quantity(block, "days")}
    return _fit("bootstrap", parameters, returns, draw)


def _fit(
    model: str,
    parameters: Mapping[str, str | float],
    returns: Floats,
    draw: Callable[[int, Floats, Floats, Floats], None],
) -> Fit:
    """Compare returns, less their mean, with those of paths around a constant price."""
    days = len(returns) + 1
    base, price, shock = np.ones(days), np.empty(days), np.empty(days)

    def path(scenario: int) -> Floats:
        draw(scenario, base, price, shock)
        drawn = np.diff(np.log(price))
        return np.asarray(drawn - drawn.mean())

    drawn = profiles((path(scenario) for scenario in range(PATHS)), LAGS)
    data = profile(returns - returns.mean(), LAGS)
    return Fit(_TABLE, model, parameters, _UNIT, data, drawn)


# --- jump diffusion ---------------------------------------------------------------------------


def _likeliest_jumps(returns: Floats) -> tuple[float, float, float, float]:
    """Volatility, jump rate, jump mean and jump deviation of greatest likelihood."""
    from scipy.optimize import minimize

    spread = 1.4826 * float(np.median(np.abs(returns - np.median(returns))))
    if spread <= 0.0:
        raise InputError(
            "history of the price",
            expected="a price that moves on most days",
            found="the same price on most of them",
            mend="give daily prices of a market",
        )
    bounds = [
        (None, None),
        (math.log(spread / 20), math.log(spread * 5)),
        (math.log(0.2 * DAY), math.log(1.0)),
        (-1.0, 1.0),
        (math.log(spread / 5), 0.0),
    ]
    best = None
    # The likelihood has several tops: rare great jumps, and frequent small ones.
    for rate in (5.0, 40.0, 150.0):
        start = [0.0, math.log(spread), math.log(rate * DAY), 0.0, math.log(3 * spread)]
        found = minimize(_unlikely_jumps, start, args=(returns,), bounds=bounds, method="L-BFGS-B")
        if best is None or found.fun < best.fun:
            best = found
    assert best is not None
    _, diffusion, expected, mean, deviation = best.x
    volatility = math.exp(diffusion) / math.sqrt(DAY)
    return volatility, math.exp(expected) / DAY, float(mean), math.exp(deviation)


def _unlikely_jumps(parameters: Floats, returns: Floats) -> float:
    """Negative log likelihood of a mixture of normals by the number of jumps in a day."""
    drift, log_diffusion, log_expected, mean, log_deviation = parameters
    expected = math.exp(log_expected)
    density = np.zeros_like(returns)
    for jumps in range(_MOST_JUMPS + 1):
        variance = math.exp(2 * log_diffusion) + jumps * math.exp(2 * log_deviation)
        chance = math.exp(-expected) * expected**jumps / math.factorial(jumps)
        off = returns - drift - jumps * mean
        density += chance * np.exp(-(off**2) / (2 * variance)) / math.sqrt(2 * math.pi * variance)
    return -float(np.sum(np.log(density + 1e-300)))


# --- stochastic volatility --------------------------------------------------------------------


def _likeliest_volatility(centred: Floats) -> tuple[float, float]:
    """Share of a deviation kept by the next day, and spread of the log squared volatility."""
    from scipy.optimize import minimize

    observed = np.log(np.maximum(centred**2, 1e-12)) - _LOG_CHI2_MEAN
    observed -= observed.mean()

    def unlikely(parameters: Floats) -> float:
        kept = 1.0 / (1.0 + math.exp(-parameters[0]))
        return float(_filter_unlikely(observed, kept, math.exp(parameters[1])))

    bounds = [(0.0, 7.0), (math.log(0.05), math.log(4.0))]
    starts = [[logit, 0.0] for logit in (2.0, 4.0)]
    found = min(
        (minimize(unlikely, start, bounds=bounds, method="L-BFGS-B") for start in starts),
        key=lambda result: float(result.fun),
    )
    return 1.0 / (1.0 + math.exp(-found.x[0])), math.exp(found.x[1])


@compiled()
def _filter_unlikely(observed: Floats, kept: float, spread: float) -> float:
    """Negative log likelihood of the Kalman filter of a state seen with an error."""
    error = math.pi**2 / 2.0
    fresh = spread**2 * (1.0 - kept**2)
    state, variance, total = 0.0, spread**2, 0.0
    for t in range(len(observed)):
        seen = variance + error
        off = observed[t] - state
        total += 0.5 * (math.log(seen) + off**2 / seen)
        gain = variance / seen
        state = kept * (state + gain * off)
        variance = kept**2 * variance * (1.0 - gain) + fresh
    return total


def _leverage(centred: Floats, kept: float, s2: float) -> float:
    """Correlation of a return with the change of the log volatility after it.

    The sign of a return and the log volatility some days later have the covariance leverage *
    kept**(lag - 1) * sqrt(s2 (1 - kept**2)) * sqrt(2 / pi).
    """
    size = np.log(np.maximum(np.abs(centred), 1e-6))
    size = size - size.mean()
    sign = np.sign(centred)
    lags = range(1, _LEVERAGE_LAGS + 1)
    found = sum(float(np.mean(sign[:-lag] * size[lag:])) for lag in lags)
    whole = sum(kept ** (lag - 1) for lag in lags)
    unit = math.sqrt(s2 * (1.0 - kept**2)) * math.sqrt(2.0 / math.pi)
    return min(max(found / (whole * unit), -0.95), 0.95)
