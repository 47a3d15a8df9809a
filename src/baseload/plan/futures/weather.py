"""Temperature of the air: season, hour, and spells that last for days."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from baseload.compiled import compiled
from baseload.plan.futures.ornstein_uhlenbeck import fill_deviations

Floats = NDArray[np.float64]

WARMEST_DAY = 200.0
"""Day of the year on which the mean is greatest: 19 July, a month after the solstice."""
WARMEST_HOUR = 15.0
"""Hour of the day, solar time."""


def climate(
    day_of_year: Floats, hour: Floats, mean: float, yearly_swing: float, daily_swing: float
) -> Floats:
    """Mean temperature of each step.

    Parameters
    ----------
    day_of_year : days since the start of the year, shape (T,) [days].
    hour : solar hour of the day, shape (T,) [h].
    mean : mean over the year [degC].
    yearly_swing, daily_swing : half the range of daily means over a year, and over a day [K].

    Returns
    -------
    Shape (T,) [degC]; the northern hemisphere's.
    """
    year = np.cos(2.0 * np.pi * (day_of_year - WARMEST_DAY) / 365.25)
    day = np.cos(2.0 * np.pi * (hour - WARMEST_HOUR) / 24.0)
    return np.asarray(mean + yearly_swing * year + daily_swing * day)


@compiled()
def fill_temperature(
    seed: int,
    scenario: int,
    driver: int,
    step: float,
    climate: Floats,
    deviation: float,
    reversion: float,
    out: Floats,
) -> None:
    """Write the temperature of each step: the climate's and a spell that holds for the day.

    Parameters
    ----------
    seed, scenario, driver : key of the random numbers.
    step : length of a step, which divides a day [h].
    climate : mean of each step, shape (T,) [degC].
    deviation : standard deviation of a day's mean around its season [K].
    reversion : time in which a spell decays to 1/e [h].
    out : written, shape (T,) [degC].
    """
    a_day = round(24.0 / step)
    spells = np.empty(-(-len(out) // a_day))
    fill_deviations(seed, scenario, driver, 24.0, reversion, spells)
    for day in range(len(spells)):
        spell = deviation * spells[day]
        for t in range(day * a_day, min((day + 1) * a_day, len(out))):
            out[t] = climate[t] + spell
