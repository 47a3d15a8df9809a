"""Make prices.csv: synthetic hourly prices of PJM, March 2023 to September 2024.

Run ``python make_prices.py`` in this folder. The series is invented; only the mean of each
year is taken from a source (M11). The same seed and version of NumPy give the same file.
"""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np

SEED = 20231001
ZONE = ZoneInfo("America/New_York")
START = dt.datetime(2023, 3, 1, tzinfo=ZONE)
END = dt.datetime(2024, 10, 1, tzinfo=ZONE)

MEANS = {2023: 31.08, 2024: 33.74}  # [USD/MWh], M11; each for the part of the year studied
LIMITS = (-30.0, 1000.0)  # [USD/MWh], assumed

# By local hour, assumed: low at night, high in the late afternoon of a region that cools.
HOURS = [
    0.78, 0.73, 0.70, 0.69, 0.71, 0.79, 0.93, 1.00, 0.98, 0.97, 0.99, 1.02,
    1.05, 1.09, 1.14, 1.21, 1.32, 1.42, 1.40, 1.29, 1.19, 1.06, 0.94, 0.85,
]  # fmt: skip
WEEKEND = 0.90
SPREAD_OF_DAYS = 0.18  # standard deviation of the logarithm
SPREAD_OF_HOURS = 0.20
SPIKES = (0.004, 4.0)  # share of hours, and how many times the price
NEGATIVE = (0.002, -8.0)  # share of hours, and their mean [USD/MWh]


def local_times() -> list[dt.datetime]:
    """List every hour of the horizon, in local time; the clock changes as the zone's does."""
    first, last = START.astimezone(dt.UTC), END.astimezone(dt.UTC)
    hours = int((last - first) / dt.timedelta(hours=1))
    return [(first + dt.timedelta(hours=h)).astimezone(ZONE) for h in range(hours)]


def mean_reverting(
    random: np.random.Generator, steps: int, spread: float, persistence: float
) -> np.ndarray:
    """Draw a stationary series of order one, of a standard deviation and a correlation [-]."""
    shocks = random.standard_normal(steps) * spread
    shocks[1:] *= np.sqrt(1 - persistence**2)
    series = np.empty(steps)
    level = 0.0
    for step, shock in enumerate(shocks):
        level = persistence * level + shock
        series[step] = level
    return series


def prices(random: np.random.Generator, times: list[dt.datetime]) -> np.ndarray:
    """Make the series [USD/MWh], with the mean of each year and a few spikes and negatives."""
    year = np.array([t.year for t in times])
    day = np.array([t.toordinal() for t in times])
    day -= day[0]
    hour = np.array([t.hour for t in times])
    resting = np.array([t.weekday() >= 5 for t in times])
    of_day = mean_reverting(random, int(day[-1]) + 1, SPREAD_OF_DAYS, 0.8)
    of_hour = mean_reverting(random, len(times), SPREAD_OF_HOURS, 0.7)
    chance = random.random(len(times))
    shape = np.array(HOURS)[hour] * np.where(resting, WEEKEND, 1.0) * np.exp(of_day[day] + of_hour)
    shape *= np.where(chance < SPIKES[0], SPIKES[1], 1.0)
    negative = chance > 1 - NEGATIVE[0]
    series = np.empty(len(times))
    for number, mean in MEANS.items():
        inside = year == number
        dear = inside & ~negative
        rest = mean * inside.sum() - NEGATIVE[1] * (inside & negative).sum()
        series[dear] = shape[dear] * rest / shape[dear].sum()
    series[negative] = NEGATIVE[1]
    return np.clip(series, *LIMITS)


def table(seed: int = SEED) -> str:
    """Return the whole file as text."""
    times = local_times()
    series = prices(np.random.Generator(np.random.PCG64(seed)), times)
    rows = (
        f"{time.astimezone(dt.UTC):%Y-%m-%dT%H:%MZ},{price:.2f}\n"
        for time, price in zip(times, series, strict=True)
    )
    return "time,pjm [USD/MWh]\n" + "".join(rows)


if __name__ == "__main__":
    Path(__file__).with_name("prices.csv").write_text(table(), encoding="utf-8", newline="\n")
