"""Spikes: rare times of random length in which something is far above its level."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from baseload.compiled import compiled
from baseload.plan.futures.outages import HOURS_PER_YEAR
from baseload.plan.futures.random import exponential, uniform

Floats = NDArray[np.float64]

_STREAM = 1 << 42
"""Values of a driver from here on are those of its spikes."""


@compiled()
def add_spikes(
    seed: int,
    scenario: int,
    driver: int,
    step: float,
    rate: float,
    size: float,
    mean_length: float,
    random_size: bool,
    out: Floats,
) -> None:
    """Add the height of spikes to each step, by the part of the step that they last.

    Parameters
    ----------
    seed, scenario, driver : key of the random numbers.
    step : length of a step [h].
    rate : spikes in a year of the calendar [1/year].
    size : mean height of a spike, in the unit of `out`.
    mean_length : mean length of a spike, exponential [h].
    random_size : whether heights are exponential, or all the same.
    out : added to, shape (T,).

    Raises
    ------
    ValueError
        The spikes would fill the year, so that no mean could be kept.

    Notes
    -----
    Spikes do not overlap and are as likely in the first step as later, so that the mean added
    is ``rate * mean_length / 8766 * size`` in every step.
    """
    share = rate * mean_length / HOURS_PER_YEAR
    if share <= 0.0:
        return
    if share >= 1.0:
        raise ValueError("spikes fill the year: lower their rate or their length")
    mean_calm = HOURS_PER_YEAR / rate - mean_length
    calm = uniform(seed, scenario, driver, _STREAM) >= share
    time, horizon, k = 0.0, step * len(out), 1
    while time < horizon:
        place = _STREAM + 2 * k
        length = exponential(seed, scenario, driver, place) * (mean_calm if calm else mean_length)
        if not calm:
            drawn = exponential(seed, scenario, driver, place + 1) if random_size else 1.0
            _raise_level(step, time, min(time + length, horizon), size * drawn, out)
        time += length
        calm = not calm
        k += 1


@compiled(inline="always")
def _raise_level(step: float, start: float, end: float, height: float, out: Floats) -> None:
    for t in range(int(start / step), min(int(end / step), len(out) - 1) + 1):
        part = (min(end, (t + 1) * step) - max(start, t * step)) / step
        out[t] += height * max(part, 0.0)
