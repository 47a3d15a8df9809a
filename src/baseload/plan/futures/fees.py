"""Fees of blocks as a share of the subsidy, day by day, around a base that is their mean."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from baseload.compiled import compiled
from baseload.plan.futures.ornstein_uhlenbeck import fill_log_level
from baseload.plan.futures.outages import HOURS_PER_YEAR
from baseload.plan.futures.spikes import add_spikes

Floats = NDArray[np.float64]


@compiled()
def fat_tail(
    seed: int,
    scenario: int,
    driver: int,
    base: Floats,
    deviation: float,
    reversion: float,
    spike_rate: float,
    spike_size: float,
    spike_duration: float,
    out: Floats,
) -> None:
    """Draw a path whose log reverts to its mean, with rare spikes: halving days, token mints.

    Parameters
    ----------
    seed, scenario, driver : key of the random numbers.
    base : mean of the fee share, shape (D,) [-].
    deviation : standard deviation of the log in the long run [-].
    reversion : speed of return of the log [1/year].
    spike_rate : spikes in a year of the calendar [1/year].
    spike_size : mean factor of a spike on the share [-]; above 1 it is 1 and an exponential.
    spike_duration : mean length of a spike, exponential [h].
    out : written, shape (D,) [-].

    Notes
    -----
    The mean is the base: the log is shifted by half its variance, and the whole is divided by
    the mean factor of spikes.
    """
    fill_log_level(seed, scenario, driver, 24.0, deviation, HOURS_PER_YEAR / reversion, out)
    spikes = np.zeros(len(base))
    size = spike_size - 1.0
    add_spikes(seed, scenario, driver, 24.0, spike_rate, size, spike_duration, size > 0.0, spikes)
    mean = 1.0 + size * spike_rate * spike_duration / HOURS_PER_YEAR
    for day in range(len(base)):
        out[day] *= base[day] * (1.0 + spikes[day]) / mean
