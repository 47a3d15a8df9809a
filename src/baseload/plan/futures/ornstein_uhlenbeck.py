"""Levels that wander and return: the Ornstein-Uhlenbeck process in exact steps.

A step of length h keeps ``exp(-h / reversion)`` of a deviation and adds a fresh one that restores
the variance, so that the process is the same whatever the step.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from baseload.compiled import compiled
from baseload.plan.futures.random import fill_normals

Floats = NDArray[np.float64]


@compiled()
def fill_deviations(
    seed: int, scenario: int, driver: int, step: float, reversion: float, out: Floats
) -> None:
    """Write a stationary process of mean 0 and variance 1.

    Parameters
    ----------
    seed, scenario, driver : key of the random numbers, values 0 to T - 1.
    step : length of a step [h].
    reversion : time in which a deviation decays to 1/e [h].
    out : written, shape (T,) [-].
    """
    fill_normals(seed, scenario, driver, 0, out)
    revert(step, reversion, out)


@compiled()
def revert(step: float, reversion: float, shocks: Floats) -> None:
    """Turn independent standard shocks into a stationary process of variance 1, in place."""
    kept = math.exp(-step / reversion)
    fresh = math.sqrt(1.0 - kept**2)
    state = shocks[0]
    for t in range(1, len(shocks)):
        state = kept * state + fresh * shocks[t]
        shocks[t] = state


@compiled()
def fill_log_level(
    seed: int,
    scenario: int,
    driver: int,
    step: float,
    deviation: float,
    reversion: float,
    out: Floats,
) -> None:
    """Write a positive level of mean 1 whose log reverts to its mean.

    Parameters
    ----------
    deviation : standard deviation of the log in the long run [-].
    seed, scenario, driver, step, reversion, out : as in `fill_deviations`.
    """
    fill_deviations(seed, scenario, driver, step, reversion, out)
    to_level(deviation, out)


@compiled()
def to_level(deviation: float, deviations: Floats) -> None:
    """Turn deviations of variance 1 into a positive level of mean 1, in place."""
    for t in range(len(deviations)):
        deviations[t] = math.exp(deviation * (deviations[t] - 0.5 * deviation))
